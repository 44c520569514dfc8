#include "media/rtc/rewrite.h"
#include <string.h>

/* Outgoing numbers are kept in 64 bits from here on, so that a step back is never negative. */
#define REWRITE_ORIGIN 0x10000u

void rewrite_init(struct rewrite *w, uint32_t clock_hz, uint64_t random) {
    memset(w, 0, sizeof *w);
    w->clock_hz = clock_hz;
    w->next_out = REWRITE_ORIGIN + REWRITE_FIRST_MIN + random % (REWRITE_FIRST_MAX - REWRITE_FIRST_MIN + 1);
    w->top_ts = (uint32_t)(random >> 32);
    w->top_pid = (uint16_t)(random >> 17 & 0x7fff);
    w->top_tl0 = (uint8_t)(random >> 9);
}

static uint64_t first_out(const struct rewrite_segment *g) { return g->first_seq + g->seq_add; }

static struct rewrite_segment *next_segment(struct rewrite *w) {
    struct rewrite_segment *g = &w->seg[w->cur];
    if (g->source && g->top_out >= first_out(g)) { /* it was used: keep it for NACKs */
        w->cur = (w->cur + 1) % REWRITE_SEGMENTS;
        g = &w->seg[w->cur];
    }
    return g;
}

/* The source's newest timestamp falls on the outgoing clock's now; but the first packet never goes back
 * before what was sent, not even to the same instant. */
static uint32_t place_ts(const struct rewrite *w, const struct rewrite_start *s, int64_t now_us) {
    if (!w->any)
        return w->top_ts - s->ts;
    int64_t elapsed_us = now_us > w->top_ts_us ? now_us - w->top_ts_us : 0;
    uint32_t out_now = w->top_ts + (uint32_t)(elapsed_us * w->clock_hz / 1000000);
    uint32_t add = out_now - s->ts_now, least = w->top_ts + w->clock_hz / 1000;
    return seq_ts_newer(least, s->ts + add) ? least - s->ts : add;
}

void rewrite_switch(struct rewrite *w, const struct rewrite_start *s, int64_t now_us) {
    struct rewrite_segment *g = next_segment(w);
    *g = (struct rewrite_segment){
        .source = s->source,
        .ts_add = place_ts(w, s, now_us),
        .first_seq = s->seq,
        .seq_add = w->next_out - s->seq,
        .top_out = w->next_out - 1,
    };
    if (s->vp8) {
        g->pid_add = (uint16_t)(w->top_pid + 1 - s->vp8->pid);
        g->tl0_add = (uint8_t)(w->top_tl0 + 1 - s->vp8->tl0);
    }
    w->live = true;
}

void rewrite_stop(struct rewrite *w) { w->live = false; }

static void apply(const struct rewrite_segment *g, uint64_t seq, uint32_t ts, const struct codec_vp8 *vp8,
                  struct rewrite_out *out) {
    out->seq = (uint16_t)(seq + g->seq_add);
    out->ts = ts + g->ts_add;
    out->pid = vp8 ? (uint16_t)((vp8->pid + g->pid_add) & (vp8->pid_bits == 7 ? 0x7f : 0x7fff)) : 0;
    out->tl0 = vp8 ? (uint8_t)(vp8->tl0 + g->tl0_add) : 0;
}

bool rewrite_map(struct rewrite *w, uint32_t source, uint64_t seq, uint32_t ts, const struct codec_vp8 *vp8,
                 int64_t now_us, struct rewrite_out *out) {
    struct rewrite_segment *g = &w->seg[w->cur];
    if (!w->live || g->source != source || seq < g->first_seq)
        return false;
    uint64_t n = seq + g->seq_add;
    if (n >= w->next_out + REWRITE_GAP_MAX) {
        w->live = false;
        return false;
    }
    if (n + REWRITE_OLD_MAX < w->next_out)
        return false;
    apply(g, seq, ts, vp8, out);
    if (n >= w->next_out) {
        w->next_out = n + 1;
        g->top_out = n;
        if (vp8 && vp8->pid_bits)
            w->top_pid = out->pid;
        if (vp8 && vp8->has_tl0)
            w->top_tl0 = out->tl0;
    }
    if (!w->any || seq_ts_newer(out->ts, w->top_ts)) {
        w->top_ts = out->ts;
        w->top_ts_us = now_us;
    }
    w->any = true;
    return true;
}

bool rewrite_find(const struct rewrite *w, uint16_t out_seq, struct rewrite_at *at) {
    uint64_t top = w->next_out - 1;
    uint16_t back = (uint16_t)((uint16_t)top - out_seq);
    if (back >= REWRITE_OLD_MAX)
        return false;
    uint64_t n = top - back;
    for (unsigned i = 0; i < REWRITE_SEGMENTS; i++) {
        const struct rewrite_segment *g = &w->seg[i];
        if (g->source && n >= first_out(g) && n <= g->top_out) {
            *at = (struct rewrite_at){g->source, n - g->seq_add, i};
            return true;
        }
    }
    return false;
}

void rewrite_again(const struct rewrite *w, const struct rewrite_at *at, uint32_t ts,
                   const struct codec_vp8 *vp8, struct rewrite_out *out) {
    apply(&w->seg[at->segment % REWRITE_SEGMENTS], at->seq, ts, vp8, out);
}

bool rewrite_ts(const struct rewrite *w, uint32_t source_ts, uint32_t *out_ts) {
    if (!w->live)
        return false;
    *out_ts = source_ts + w->seg[w->cur].ts_add;
    return true;
}
