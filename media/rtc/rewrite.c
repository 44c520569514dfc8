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

int32_t rewrite_past(const struct rewrite *w, uint32_t ts_before) {
    const struct rewrite_segment *g = &w->seg[w->cur];
    return (int32_t)(w->top_ts - (ts_before + g->ts_add - g->ts_late));
}

/* Where the first packet would like to be: on the clock of the source before when that is known, else so that
 * the source's newest timestamp falls on the outgoing clock's now. */
static uint32_t ideal_ts(const struct rewrite *w, const struct rewrite_start *s, int64_t now_us) {
    const struct rewrite_segment *g = &w->seg[w->cur];
    if (s->same_clock && g->source)
        return s->ts_before + g->ts_add - g->ts_late - s->ts;
    int64_t elapsed_us = now_us > w->top_ts_us ? now_us - w->top_ts_us : 0;
    return w->top_ts + (uint32_t)(elapsed_us * w->clock_hz / 1000000) - s->ts_now;
}

/* The first packet never goes back before what was sent, not even to the same instant. */
static uint32_t place_ts(const struct rewrite *w, const struct rewrite_start *s, int64_t now_us,
                         uint32_t *late) {
    *late = 0;
    if (!w->any)
        return w->top_ts - s->ts;
    uint32_t add = ideal_ts(w, s, now_us), least = w->top_ts + w->clock_hz / 1000;
    if (!seq_ts_newer(least, s->ts + add))
        return add;
    *late = s->same_clock ? least - (s->ts + add) : 0;
    return least - s->ts;
}

void rewrite_switch(struct rewrite *w, const struct rewrite_start *s, int64_t now_us) {
    uint32_t late, add = place_ts(w, s, now_us, &late);
    struct rewrite_segment *g = next_segment(w);
    *g = (struct rewrite_segment){
        .source = s->source,
        .serial = ++w->serial,
        .ts_add = add,
        .ts_late = late,
        .first_seq = s->seq,
        .seq_add = w->next_out - s->seq,
        .top_seq = s->seq - 1,
        .top_out = w->next_out - 1,
    };
    if (s->ids) {
        g->pid_add = (uint16_t)(w->top_pid + 1 - s->ids->pid);
        g->tl0_add = (uint8_t)(w->top_tl0 + 1 - s->ids->tl0);
    }
    w->pace_ts = s->ts + add;
    w->pace_us = now_us;
    w->live = true;
}

void rewrite_stop(struct rewrite *w) { w->live = false; }

/* ---- what is left out ---- */

static struct rewrite_drop *run_of(const struct rewrite *w, unsigned back) {
    return back < w->drops && back < REWRITE_DROPS ? &w->drop[(w->drops - 1 - back) % REWRITE_DROPS] : NULL;
}

/* How many packets and pictures were left out before `seq`. False: it was itself, or it is too long ago. */
static bool left_out(const struct rewrite *w, const struct rewrite_segment *g, uint64_t seq, uint32_t *n,
                     uint16_t *pids) {
    const struct rewrite_drop *d;
    *n = g->dropped;
    *pids = g->pids_dropped;
    if (seq >= g->drop_end)
        return true;
    for (unsigned i = 0; (d = run_of(w, i)); i++) {
        if (d->serial != g->serial)
            continue;
        if (seq >= d->first + d->n)
            return true;
        if (seq >= d->first)
            return false;
        *n = d->before;
        *pids = d->pids_before;
    }
    return !*n;
}

/* Which source number left as `n`, of a segment that has it. */
static bool source_of(const struct rewrite *w, const struct rewrite_segment *g, uint64_t n, uint64_t *seq) {
    const struct rewrite_drop *d;
    *seq = n - g->seq_add + g->dropped;
    if (*seq >= g->drop_end)
        return true;
    for (unsigned i = 0; (d = run_of(w, i)); i++) {
        if (d->serial != g->serial)
            continue;
        if (*seq >= d->first + d->n)
            return true;
        *seq -= d->n;
        if (!d->before)
            return true;
    }
    return false;
}

void rewrite_drop(struct rewrite *w, uint32_t source, uint64_t seq, const struct codec_ids *ids) {
    struct rewrite_segment *g = &w->seg[w->cur];
    if (!w->drop || !w->live || g->source != source || seq <= g->top_seq || seq < g->first_seq)
        return;
    struct rewrite_drop *d = run_of(w, 0);
    bool last = d && d->serial == g->serial && g->drop_end == g->top_seq + 1; /* nothing came since */
    bool same = last && ids->pid_bits &&
                ids->pid == g->drop_pid; /* then what is missing between was of that picture too */
    uint32_t n = same ? (uint32_t)(seq - g->top_seq) : 1;
    if (!last || (!same && seq != g->top_seq + 1)) {
        d = &w->drop[w->drops++ % REWRITE_DROPS];
        *d = (struct rewrite_drop){
            .first = seq, .serial = g->serial, .before = g->dropped, .pids_before = g->pids_dropped};
    }
    d->n += n;
    d->pids += !same;
    g->dropped += n;
    g->pids_dropped += !same;
    g->drop_pid = ids->pid;
    g->top_seq = seq;
    g->drop_end = seq + 1;
}

/* ---- numbers ---- */

static void apply(const struct rewrite_segment *g, uint64_t out_seq, uint32_t ts, uint16_t pids,
                  const struct codec_ids *ids, struct rewrite_out *out) {
    out->empty = false;
    out->seq = (uint16_t)out_seq;
    out->ts = ts + g->ts_add;
    out->pid = ids ? (uint16_t)(ids->pid + g->pid_add - (ids->relative ? 0 : pids)) : 0;
    if (ids && ids->pid_bits < 16)
        out->pid &= ids->pid_bits == 7 ? 0x7f : 0x7fff;
    out->tl0 = ids ? (uint8_t)(ids->tl0 + g->tl0_add) : 0;
}

/* A timestamp newer than all of the segment: does it go with the time? */
static bool in_pace(struct rewrite *w, uint32_t ts, int64_t now_us) {
    int64_t hz = w->clock_hz, past_us = now_us - w->pace_us;
    int64_t ahead = (int32_t)(ts - w->pace_ts) - past_us * hz / 1000000;
    if (past_us > REWRITE_PACE_S * INT64_C(1000000) && ahead < hz) {
        w->pace_ts = ts;
        w->pace_us = now_us;
    }
    return ahead < REWRITE_LEAD_S * hz;
}

bool rewrite_map(struct rewrite *w, uint32_t source, uint64_t seq, uint32_t ts, const struct codec_ids *ids,
                 int64_t now_us, struct rewrite_out *out) {
    struct rewrite_segment *g = &w->seg[w->cur];
    uint32_t dropped;
    uint16_t pids;
    if (!w->live || g->source != source || seq < g->first_seq || !left_out(w, g, seq, &dropped, &pids))
        return false;
    uint64_t n = seq + g->seq_add - dropped;
    if (n + REWRITE_OLD_MAX < w->next_out)
        return false;
    int32_t ahead = (int32_t)(ts + g->ts_add - w->top_ts);
    bool back = n >= w->next_out && ahead < -REWRITE_LEAD_S * (int32_t)w->clock_hz;
    if (n >= w->next_out + REWRITE_GAP_MAX || back || (ahead > 0 && !in_pace(w, ts + g->ts_add, now_us))) {
        w->live = false;
        return false;
    }
    apply(g, n, ts, pids, ids, out);
    g->top_seq = seq > g->top_seq ? seq : g->top_seq;
    if (n >= w->next_out) {
        w->next_out = n + 1;
        g->top_out = n;
        if (ids && ids->pid_bits)
            w->top_pid = out->pid;
        if (ids && ids->has_tl0)
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
            *at = (struct rewrite_at){.source = g->source, .segment = i};
            return source_of(w, g, n, &at->seq);
        }
    }
    return false;
}

bool rewrite_again(const struct rewrite *w, const struct rewrite_at *at, uint32_t ts,
                   const struct codec_ids *ids, struct rewrite_out *out) {
    const struct rewrite_segment *g = &w->seg[at->segment % REWRITE_SEGMENTS];
    uint32_t dropped;
    uint16_t pids;
    if (!left_out(w, g, at->seq, &dropped, &pids))
        return false;
    apply(g, at->seq + g->seq_add - dropped, ts, pids, ids, out);
    return true;
}

bool rewrite_ts(const struct rewrite *w, uint32_t source_ts, uint32_t *out_ts) {
    if (!w->live)
        return false;
    *out_ts = source_ts + w->seg[w->cur].ts_add;
    return true;
}
