/* Any text as a trickle-ice-sdpfrag: credentials it yields are whole and of legal length. */
#include <stdlib.h>

#include "media/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char err[SDP_ERR_MAX];
    struct sdp_fragment f;
    if (sdp_parse_fragment(&f, (struct str){(const char *)data, size}, err)) {
        if (!err[0])
            abort();
        return 0;
    }
    if (!f.ufrag.n != !f.pwd.n || f.ufrag.n > 256 || f.pwd.n > 256 || f.mid.n > SDP_MID_MAX)
        abort();
    return 0;
}
