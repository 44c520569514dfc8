#include "media/rtc/talk.h"

enum {
    TOC_ONE_FRAME = 0xfc, /* RFC 6716 3.1: the two lowest bits are the count code, 0 is one frame */
    TOC_DEFAULT = 0xf8,   /* CELT, full band, 20 ms, mono */
};

bool talk_has_sound(const struct history_pkt *p) {
    return p->has_level ? p->level_dbov < TALK_SILENT_DB : p->n - RTP_HEAD > CODEC_OPUS_DTX_BYTES;
}

static const struct history_pkt *within(const struct history *h, uint64_t seq, uint32_t ts) {
    const uint32_t reach = (uint32_t)((int64_t)TALK_OPUS_HZ * TALK_BREATH_US / 1000000);
    const struct history_pkt *p = history_get(h, seq);
    return p && ts - p->ts <= reach ? p : NULL;
}

uint64_t talk_first(const struct history *h, const struct history_pkt *at) {
    uint64_t first = at->seq;
    for (uint64_t k = 1; k <= TALK_PACKETS_MAX && k < at->seq; k++) {
        const struct history_pkt *p = within(h, at->seq - k, at->ts);
        if (p && talk_has_sound(p))
            first = p->seq;
    }
    return within(h, first - 1, at->ts) ? first - 1 : first;
}

void talk_silence(struct bytes last, uint8_t out[TALK_SILENCE_BYTES]) {
    out[0] = last.n ? last.p[0] & TOC_ONE_FRAME : TOC_DEFAULT;
}
