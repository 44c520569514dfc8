/* Any bytes as an init segment and as a segment file: views stay inside, parts are whole and follow each
 * other. */
#include <stdlib.h>
#include "media/pipeline/avc.h"
#include "media/pipeline/box.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes file = {data, size}, sps, pps;
    struct fmp4_track t;
    struct box_part p;
    struct fmp4_sample s;
    if (!box_init(&t, file) && t.config.n) {
        if (t.config.p < data || t.config.p + t.config.n > data + size)
            abort();
        if (!avc_config_parse(t.config, &sps, &pps) && (sps.p < data || pps.p + pps.n > data + size))
            abort();
    }
    size_t off = 0, last = 0;
    while (!box_part(&p, file, &off)) {
        if (off <= last || off > size || p.end != off || p.data > p.end || p.last_dur + 4 > size)
            abort();
        uint64_t bytes = 0, dur = 0;
        while (box_sample(&p, &s)) {
            bytes += s.size;
            dur += s.dur;
        }
        if (bytes != p.end - p.data || dur != p.dur)
            abort();
        last = off;
    }
    if (off != last)
        abort();
    return 0;
}
