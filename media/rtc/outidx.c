#include "media/rtc/outidx.h"

#include "media/base/err.h"
#include "media/base/mem.h"

enum { RTP_FIXED = 12 };

void outidx_fini(struct outidx *o) {
    mem_free(o->more);
    *o = (struct outidx){0};
}

size_t outidx_head(const uint8_t *pkt, size_t n) {
    if (n < RTP_FIXED || pkt[0] >> 6 != 2)
        return 0;
    size_t head = RTP_FIXED + 4u * (pkt[0] & 15u);
    if (pkt[0] & 0x10) {
        if (head + 4 > n)
            return 0;
        head += 4 + 4u * ((unsigned)pkt[head + 2] << 8 | pkt[head + 3]);
    }
    return head <= n ? head : 0;
}

uint64_t outidx_nearest(uint64_t top, uint16_t seq) {
    int16_t ahead = (int16_t)(uint16_t)(seq - (uint16_t)top);
    if (ahead < 0 && top < (uint64_t)-ahead)
        return UINT64_MAX;
    return top + (uint64_t)(int64_t)ahead;
}

static struct outidx_stream *at(struct outidx *o, unsigned i) {
    return i < OUTIDX_OWN ? &o->own[i] : &o->more[i - OUTIDX_OWN];
}

static struct outidx_stream *stream_of(struct outidx *o, uint32_t ssrc, uint16_t seq) {
    if (o->last < o->count && at(o, o->last)->ssrc == ssrc)
        return at(o, o->last);
    for (o->last = 0; o->last < o->count; o->last++)
        if (at(o, o->last)->ssrc == ssrc)
            return at(o, o->last);
    if (o->count == OUTIDX_MAX)
        return NULL;
    if (o->count >= OUTIDX_OWN && o->count - OUTIDX_OWN == o->cap) {
        o->cap = o->cap ? o->cap * 2 : 2;
        o->more = mem_realloc(o->more, o->cap * sizeof *o->more);
    }
    struct outidx_stream *st = at(o, o->count++);
    *st = (struct outidx_stream){.top = seq, .ssrc = ssrc};
    return st;
}

int outidx_next(struct outidx *o, uint32_t ssrc, uint16_t seq, uint64_t *index) {
    struct outidx_stream *st = stream_of(o, ssrc, seq);
    if (!st)
        return -ERR_FULL;
    *index = outidx_nearest(st->top, seq);
    if (*index >= OUTIDX_END)
        return *index == UINT64_MAX ? -ERR_INVALID : -ERR_EXPIRED;
    if (*index > st->top)
        st->top = *index;
    return 0;
}
