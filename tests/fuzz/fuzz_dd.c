/* Descriptors of one stream, each behind its length: what is said of a packet stays within what there is, and
 * a structure that is not whole changes nothing. */
#include "media/base/err.h"
#include "media/base/rd.h"
#include "media/rtc/dd.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

static void check_structure(const struct dd_structure *s) {
    check(s->n && s->n <= DD_TEMPLATES_MAX && s->targets && s->targets <= DD_TARGETS_MAX);
    check(s->sids && s->sids <= DD_SIDS_MAX && s->chains <= s->targets);
    for (unsigned i = 0; i < s->n; i++) {
        check(s->t[i].sid < s->sids && s->t[i].tid < DD_TIDS_MAX && !(s->t[i].sw & ~s->t[i].in));
        check(s->targets == 32 || !(s->t[i].in >> s->targets));
    }
    for (unsigned q = 0; q < CODEC_SIDS * CODEC_TIDS; q++)
        check(s->target_of[q] >= -1 && s->target_of[q] < s->targets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct dd_structure s = {0}, before;
    struct rd r = rd_init(data, size);
    while (rd_left(&r)) {
        struct dd d;
        struct codec_layer at;
        struct bytes ext = rd_bytes(&r, rd_u8(&r));
        if (r.bad)
            break;
        before = s;
        int err = dd_parse(&d, &s, ext);
        if (err || !d.attached)
            check(!memcmp(&before, &s, sizeof s));
        if (err)
            continue;
        check_structure(&s);
        dd_layer(&d, &s, &at);
        check(at.sids <= CODEC_SIDS && !(d.sw & ~d.in) && !(at.sw & ~at.in) && !(at.in >> 12));
        uint16_t frame;
        check(dd_frame(ext, &frame) && frame == d.frame);
    }
    return 0;
}
