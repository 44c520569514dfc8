/* Datagrams into a DTLS server that waits, as a peer with a proven address may send: each is a length byte
 * times eight and that many bytes. Nothing of it may make keys, for nobody here has the right certificate. */
#include <stdlib.h>

#include "media/base/rd.h"
#include "media/rtc/demux.h"
#include "media/rtc/dtls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char err[256];
    uint8_t nobody[DTLS_FP_BYTES] = {0}, out[DTLS_MTU];
    struct secure_keys keys;
    struct dtls *d;
    if (dtls_global_init(NULL, NULL, err) || dtls_open(&d, DTLS_SERVER, nobody, 0))
        abort();
    struct rd r = rd_init(data, size);
    for (int64_t now = 1; rd_left(&r); now += 1000) {
        size_t want = (size_t)rd_u8(&r) * 8;
        struct bytes in = rd_bytes(&r, want < rd_left(&r) ? want : rd_left(&r));
        if (demux_kind(in) == DEMUX_DTLS)
            dtls_feed(d, in, now);
        unsigned drained = 0;
        while (dtls_next_out(d, out, sizeof out))
            if (++drained > DTLS_OUT_MAX)
                abort();
    }
    if (dtls_export_keys(d, &keys) == 0)
        abort();
    dtls_close(d);
    return 0;
}
