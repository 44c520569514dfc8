/* Payloads in a row (first byte: codec; then flags, length, bytes): what is given out is well formed. */
#include <stdlib.h>
#include "media/pipeline/depay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct depay *d, const struct picture *p) {
    struct bytes nal, sps, pps;
    if (!p->data.n)
        abort();
    if (d->codec != DEPAY_H264)
        return;
    struct rd r = rd_init(p->data.p, p->data.n);
    while (avc_next(&r, &nal))
        ;
    if (r.bad || (p->key && (avc_config_parse(p->config, &sps, &pps) || !p->width || !p->height)))
        abort();
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { MARKER = 1, LOST = 2, NEW_TS = 4 };
    static const enum depay_codec codecs[] = {DEPAY_H264, DEPAY_VP8, DEPAY_VP9, DEPAY_AV1};
    struct rd r = rd_init(data, size);
    struct depay d;
    struct picture p;
    uint32_t ts = 0;
    depay_init(&d, codecs[rd_u8(&r) % countof(codecs)]);
    while (rd_left(&r) > 1) {
        uint8_t flags = rd_u8(&r), n = rd_u8(&r);
        struct bytes payload = rd_bytes(&r, n < rd_left(&r) ? n : rd_left(&r));
        ts += flags & NEW_TS ? 3000 : 0;
        if (flags & LOST)
            depay_lost(&d);
        if (depay_turn(&d, ts, &p))
            check(&d, &p);
        if (depay_push(&d, ts, flags & MARKER, payload, &p))
            check(&d, &p);
    }
    if (depay_annexb(&d, (struct bytes){data, size}, &p))
        check(&d, &p);
    depay_fini(&d);
    return 0;
}
