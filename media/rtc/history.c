#include "media/rtc/history.h"
#include <assert.h>
#include "media/base/mem.h"
#include "media/base/wr.h"

enum { HISTORY_SLOTS_MAX = 4096 };

static struct history_pkt *slot_of(const struct history *h, uint64_t seq) {
    return &h->slots[seq & (h->cap - 1)];
}

void history_open(struct history *h, unsigned slots) {
    assert(slots <= HISTORY_SLOTS_MAX);
    memset(h, 0, sizeof *h);
    for (h->cap = 1; h->cap < slots;)
        h->cap *= 2;
    h->slots = mem_zalloc(h->cap * sizeof *h->slots);
}

void history_close(struct history *h) {
    mem_free(h->slots);
    memset(h, 0, sizeof *h);
}

static void fill(struct history_pkt *s, const struct rtp *p) {
    struct wr w = wr_init(s->data, sizeof s->data);
    wr_u8(&w, 0x80);
    wr_u8(&w, (uint8_t)((p->marker ? 0x80 : 0) | p->pt));
    wr_u16(&w, p->seq);
    wr_u32(&w, p->ts);
    wr_u32(&w, p->ssrc);
    wr_put(&w, p->payload.p, p->payload.n);
    s->n = (uint16_t)wr_len(&w);
    s->ts = p->ts;
    s->pt = p->pt;
    s->marker = p->marker;
}

/* The parts of one key frame (parameter sets, slices) share a timestamp and may come in any order: decoding
 * begins at the first of them. */
static void note_keyframe(struct history *h, const struct history_pkt *s) {
    bool same = h->gop && s->ts == h->gop_ts;
    if (same ? s->seq < h->gop : s->seq > h->gop) {
        h->gop = s->seq;
        h->gop_ts = s->ts;
    }
}

struct history_pkt *history_put(struct history *h, uint64_t seq, const struct rtp *p,
                                const struct codec_info *info, int64_t now_us) {
    if (!h->cap || !seq || p->payload.n > RTP_PACKET_MAX - RTP_HEAD || seq + h->cap <= h->top)
        return NULL;
    struct history_pkt *s = slot_of(h, seq);
    if (s->seq == seq)
        return NULL;
    fill(s, p);
    s->seq = seq;
    s->arrival_us = now_us;
    s->late = seq < h->top;
    s->has_level = s->voice = false;
    s->level_dbov = RTP_LEVEL_SILENT;
    s->dd_n = 0;
    s->info = info ? *info : (struct codec_info){0};
    if (seq > h->top)
        h->top = seq;
    if (s->info.keyframe)
        note_keyframe(h, s);
    return s;
}

void history_dd(struct history_pkt *p, struct bytes dd) {
    if (dd.n > UINT8_MAX || dd.n > sizeof p->data - p->n)
        return;
    p->dd_n = (uint8_t)dd.n;
    if (dd.n)
        memcpy(p->data + p->n, dd.p, dd.n);
}

const struct history_pkt *history_get(const struct history *h, uint64_t seq) {
    if (!h->cap || !seq)
        return NULL;
    const struct history_pkt *s = slot_of(h, seq);
    return s->seq == seq ? s : NULL;
}

unsigned history_gop(const struct history *h, uint64_t *first, uint64_t *last) {
    if (!history_get(h, h->gop))
        return 0;
    *first = h->gop;
    *last = h->top;
    return (unsigned)(h->top - h->gop) + 1;
}

unsigned history_replay(const struct history *h, uint64_t *first, uint64_t *last) {
    unsigned n = history_gop(h, first, last);
    if (!n || n > HISTORY_GOP_REPLAY_MAX)
        return 0;
    for (uint64_t seq = *first; seq <= *last; seq++) {
        const struct history_pkt *s = history_get(h, seq);
        if (!s)
            return 0; /* a hole before the end of the key frame */
        if (s->ts != h->gop_ts || s->marker)
            break;
    }
    return n;
}
