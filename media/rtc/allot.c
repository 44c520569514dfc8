#include "media/rtc/allot.h"
#include <string.h>

enum { BPS_MAX_SHIFT = 40 }; /* budgets are capped, so that a percentage of one never overflows */

/* One call at work. */
struct pass {
    const struct allot_slot *s;
    unsigned n;
    int8_t was[ALLOT_SLOTS_MAX]; /* the rung that flows now, ALLOT_PAUSED nothing */
    bool fresh[ALLOT_SLOTS_MAX]; /* a source not seen in the call before */
    int8_t cap[ALLOT_SLOTS_MAX]; /* the best rung worth having as it is drawn */
    uint64_t budget, used;
    bool may_raise, audio_only;
    struct allot_out *out;
};

void allot_init(struct allot *a) {
    memset(a, 0, sizeof *a);
    a->raised_us = INT64_MIN / 2;
    a->raise_from_us = INT64_MIN;
    a->hold_us = ALLOT_HOLD_US;
}

/* The last rung of the first layer that is high enough for what is drawn. */
static int8_t cap_of(const struct allot_slot *s) {
    int8_t k = (int8_t)(s->rung_n - 1);
    for (int8_t i = 0; i < k && s->want; i++) {
        const struct allot_rung *r = &s->rung[i];
        bool last = r[1].layer != r->layer;
        if (last && r->height && (uint32_t)r->height * 100 >= (uint32_t)s->want * ALLOT_ENOUGH_PERCENT)
            return i;
    }
    return k;
}

/* What flowed from this source, as an index of its ladder today: rungs come and go with its layers. */
static int8_t was_of(const struct allot *a, const struct allot_slot *s, bool *fresh) {
    for (unsigned i = 0; i < a->kept_n; i++) {
        const struct allot_kept *k = &a->kept[i];
        if (k->source != s->source)
            continue;
        *fresh = false;
        if (k->layer == ALLOT_PAUSED || !s->rung_n)
            return ALLOT_PAUSED;
        int8_t at = 0;
        for (int8_t r = 1; r < s->rung_n; r++) {
            if (s->rung[r].layer < k->layer || (s->rung[r].layer == k->layer && s->rung[r].tid <= k->tid))
                at = r;
        }
        return at;
    }
    *fresh = true;
    return ALLOT_PAUSED;
}

/* Whether slot i may have rung r, `used` being what all the others have. */
static bool fits(const struct pass *p, unsigned i, int8_t r, uint64_t used) {
    uint64_t cost = used + p->s[i].rung[r].bps;
    if (r < p->was[i])
        return cost <= p->budget;
    if (r == p->was[i])
        return cost <= p->budget / 100 * ALLOT_KEEP_PERCENT;
    if (p->fresh[i] && !p->audio_only)
        return cost <= p->budget;
    return p->may_raise && cost <= p->budget / 100 * ALLOT_RAISE_PERCENT;
}

/* Gives slot i the best rung up to `top` that fits, never less than it has in this call. */
static void give(struct pass *p, unsigned i, int8_t top) {
    int8_t has = p->out->pick[i];
    uint64_t others = p->used - (has >= 0 ? p->s[i].rung[has].bps : 0);
    top = top < p->cap[i] ? top : p->cap[i];
    for (int8_t r = top; r > has; r--) {
        if (!fits(p, i, r, others))
            continue;
        p->out->pick[i] = r;
        p->used = others + p->s[i].rung[r].bps;
        return;
    }
}

/* How far a slot goes in the first round. */
static int8_t first_goal(const struct allot_slot *s) {
    int8_t k = 0;
    if (s->kind == ALLOT_SCREEN)
        return (int8_t)(s->rung_n - 1);
    for (int8_t r = 1; s->kind == ALLOT_STAGE && r < s->rung_n; r++) {
        if (s->rung[r].height && s->rung[r].height <= ALLOT_DECENT_HEIGHT)
            k = r;
    }
    return k;
}

static void give_all(struct pass *p, bool first) {
    for (unsigned kind = ALLOT_SCREEN; kind <= ALLOT_OTHER; kind++) {
        for (unsigned i = 0; i < p->n; i++) {
            if (p->s[i].kind == kind && p->s[i].rung_n)
                give(p, i, first ? first_goal(&p->s[i]) : p->cap[i]);
        }
    }
}

/* What the picks mean for the next call: what flows, and when something may be raised again. */
static void keep(struct allot *a, const struct pass *p, int64_t now_us) {
    bool raised = false, lowered = false;
    for (unsigned i = 0; i < p->n; i++) {
        int8_t pick = p->out->pick[i], was = p->was[i] > p->cap[i] ? p->cap[i] : p->was[i];
        raised = raised || (pick > was && !p->fresh[i]);
        lowered = lowered || pick < was;
        const struct allot_rung *r = pick >= 0 ? &p->s[i].rung[pick] : NULL;
        a->kept[i] =
            (struct allot_kept){p->s[i].source, r ? (int8_t)r->layer : ALLOT_PAUSED, r ? (int8_t)r->tid : 0};
    }
    a->kept_n = p->n;
    a->audio_only = p->out->audio_only;
    if (lowered) {
        bool undone = now_us - a->raised_us < ALLOT_UNDONE_US;
        a->hold_us = !undone                              ? ALLOT_HOLD_US
                     : a->hold_us * 2 < ALLOT_HOLD_MAX_US ? a->hold_us * 2
                                                          : ALLOT_HOLD_MAX_US;
        a->raise_from_us = now_us + a->hold_us;
        a->lowered_bps = p->budget;
    } else if (raised) {
        a->raised_us = now_us;
    }
}

void allot_proven(struct allot *a, uint64_t bps) {
    if (bps / ALLOT_WIDER >= a->lowered_bps)
        a->raise_from_us = INT64_MIN;
}

void allot_run(struct allot *a, const struct allot_slot *s, unsigned n, uint64_t budget_bps, int64_t now_us,
               struct allot_out *out) {
    struct pass p = {.s = s, .n = n < ALLOT_SLOTS_MAX ? n : ALLOT_SLOTS_MAX, .out = out};
    *out = (struct allot_out){0};
    p.budget = budget_bps < UINT64_C(1) << BPS_MAX_SHIFT ? budget_bps : UINT64_C(1) << BPS_MAX_SHIFT;
    p.may_raise = now_us >= a->raise_from_us;
    p.audio_only = a->audio_only;
    bool any = false, one = false;
    for (unsigned i = 0; i < p.n; i++) {
        p.was[i] = was_of(a, &s[i], &p.fresh[i]);
        p.cap[i] = cap_of(&s[i]);
        out->pick[i] = ALLOT_PAUSED;
        any = any || s[i].rung_n;
        out->full_bps += s[i].rung_n ? s[i].rung[p.cap[i]].bps : 0;
    }
    give_all(&p, true);
    give_all(&p, false);
    for (unsigned i = 0; i < p.n; i++) {
        one = one || out->pick[i] >= 0;
        out->less = out->less || (s[i].rung_n && out->pick[i] < p.cap[i]);
    }
    out->audio_only = any && !one;
    out->used_bps = p.used;
    keep(a, &p, now_us);
}
