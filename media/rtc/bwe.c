#include "media/rtc/bwe.h"

enum {
    BUCKET_US = BWE_RATE_US / BWE_BUCKETS,
    RATE_LEAST_US = 200 * 1000, /* a rate over less means nothing */
    WINDOW_US = 400 * 1000,     /* of counting losses */
    WINDOW_PACKETS = 20,
    OUTAGE_US =
        60 * 1000, /* nothing at all came of so long: the line was cut, a full one lets some through */
    RUNS = 3,      /* losses in a row are one; so many make a full line */
    SILENT_US = 500 * 1000, /* no feedback for so long: the line was gone, its losses tell nothing */
    HEALING = -50 * 1000,   /* a wait that falls so fast, in us a second, is on the mend */
    RISING = 150 * 1000,
    STANDING = 60 * 1000,
    CUT_PERCENT = 85,
    CUT_EVERY_US = 200 * 1000, /* and a round trip: what was cut must show first */
    CUTS_IN_VAIN = 3,
    DRAIN_US = 2500 * 1000,    /* a queue that is being emptied is given so long */
    FLAT_US = 2 * 1000 * 1000, /* a wait that neither grows nor falls for so long is the way itself */
    CALM_US = 400 * 1000,      /* clear for so long before the estimate grows */
    LINK_US = 6 * 1000 * 1000, /* what was all there is is so for so long, unless a probe finds more */
    GROW_PM_PER_S = 150,
    GROW_NEAR_PM_PER_S = 40, /* near what the line carried last */
    GROW_ROOM_BPS = 30 * 1000,
    REPORTS_CALM_PM = 20,
    REPORTS_GROW_PM_PER_S = 80,
};

#define ORIGIN_US (INT64_C(1) << 60) /* the receiver's clock may begin below zero */

void bwe_init(struct bwe *b) {
    *b = (struct bwe){.bps = BWE_START_BPS, .cut_us = INT64_MIN / 2, .probed_us = INT64_MIN / 2};
    delay_init(&b->delay);
}

static uint64_t within(uint64_t bps) {
    return bps < BWE_MIN_BPS ? BWE_MIN_BPS : bps > BWE_MAX_BPS ? BWE_MAX_BPS : bps;
}

/* ---- what arrives ---- */

static void arrived(struct bwe *b, int64_t at_us, uint64_t bytes) {
    at_us += ORIGIN_US;
    int64_t k = at_us / BUCKET_US;
    if (!b->top || k > b->top + 4 * BWE_BUCKETS || k <= b->top - BWE_BUCKETS) {
        memset(b->bucket, 0, sizeof b->bucket); /* the first, or after a silence, or the clock was set */
        b->top = b->first_top = k;
        b->last_us = at_us;
    }
    for (; b->top < k; b->top++)
        b->bucket[(b->top + 1) % BWE_BUCKETS] = 0;
    b->bucket[k % BWE_BUCKETS] += (uint32_t)bytes;
    b->last_us = at_us > b->last_us ? at_us : b->last_us;
}

static void rate(struct bwe *b, int64_t now_us) {
    int64_t oldest = b->top - BWE_BUCKETS + 1;
    oldest = oldest > b->first_top ? oldest : b->first_top;
    int64_t span_us = b->last_us - oldest * BUCKET_US;
    uint64_t bytes = 0;
    for (unsigned i = 0; i < BWE_BUCKETS; i++)
        bytes += b->bucket[i];
    if (span_us >= RATE_LEAST_US)
        b->acked_bps = bytes * 8000000 / (uint64_t)span_us;
    else if (!b->known)
        b->acked_bps = 0;
    b->probed_us = b->probed ? now_us : b->probed_us;
    if (now_us - b->probed_us > BWE_RATE_US)
        b->flow_bps = b->acked_bps;
}

/* ---- what is lost ---- */

/* More than n * pm in a thousand, by more than chance makes of it (two standard deviations). */
static bool more_than(uint64_t lost, uint64_t n, unsigned pm) {
    uint64_t allowed = n * pm / 1000, over = lost > allowed ? lost - allowed : 0;
    return over * over > 4 * (allowed + 1);
}

static void count(struct bwe *b, const struct twcc_tx *t, int64_t now_us) {
    b->acked = t->acked;
    b->lost = t->lost;
    b->runs = 0;
    b->window_us = now_us;
}

/* Losses lie between arrivals: feedback ends with what came last. A run of them that is long in time is an
 * outage and not held against the line; the others are counted, for a full line loses again and again. */
static void runs(struct bwe *b, const struct twcc_result *r, unsigned n) {
    unsigned run = 0;
    int64_t since_us = 0;
    for (unsigned i = 0; i < n; i++) {
        if (r[i].sent_us < b->cut_us) { /* at the old rate */
            b->acked += r[i].got;
            b->lost += !r[i].got;
            continue;
        }
        if (!r[i].got && !run++)
            since_us = r[i].sent_us;
        if (!r[i].got || !run)
            continue;
        if (r[i].sent_us - since_us >= OUTAGE_US)
            b->lost += run;
        else
            b->runs++;
        run = 0;
    }
}

/* Judges a window of packets when it is full; earlier when it is plain what it will say. */
static void losses(struct bwe *b, const struct twcc_tx *t, int64_t now_us) {
    uint64_t lost = t->lost > b->lost ? t->lost - b->lost : 0, n = t->acked - b->acked + lost;
    bool heavy = b->runs >= RUNS && more_than(lost, n, b->chance_pm + BWE_LOSS_CONGESTED_PM);
    if (n < WINDOW_PACKETS || (now_us - b->window_us < WINDOW_US && !heavy))
        return;
    bool some = more_than(lost, n, b->chance_pm + BWE_LOSS_WARN_PM);
    b->by_loss = heavy ? BWE_CONGESTED : some ? BWE_WARNED : BWE_CLEAR;
    int pm = (int)(lost * 1000 / n), chance = (int)b->chance_pm;
    b->loss_pm = (b->loss_pm + (unsigned)pm) / 2;
    if (delay_wait_us(&b->delay) < BWE_WARN_US) {
        chance += (pm - chance) / (pm < chance ? 2 : 4);
        b->chance_pm = (unsigned)(chance < BWE_LOSS_CHANCE_PM ? chance : BWE_LOSS_CHANCE_PM);
    }
    count(b, t, now_us);
}

/* ---- the estimate ---- */

static enum bwe_line waits(const struct bwe *b) {
    int64_t wait_us = delay_wait_us(&b->delay), slope = delay_slope(&b->delay);
    if ((wait_us > BWE_CONGESTED_US && slope > HEALING) || (wait_us > BWE_RISING_US && slope > RISING))
        return BWE_CONGESTED;
    return wait_us > BWE_WARN_US ? BWE_WARNED : BWE_CLEAR;
}

/* What was cut again and again, and the queue stands as it stood: it is somebody else's, who will not give
 * way. Theirs is taken for the line as it is, or nothing would ever flow beside them. */
static bool in_vain(const struct bwe *b) {
    int64_t wait_us = delay_wait_us(&b->delay), slope = delay_slope(&b->delay);
    return b->cuts >= CUTS_IN_VAIN && wait_us * 10 > b->cut_wait_us * 8 && slope < STANDING &&
           slope > -STANDING && b->loss_pm < b->chance_pm + BWE_LOSS_WARN_PM;
}

static void prove(struct bwe *b, uint64_t bps, int64_t now_us) {
    uint64_t before = bwe_proven(b, now_us);
    b->proven_us = bps * 10 >= before * 9 ? now_us : b->proven_us;
    b->proven_bps = bps > before ? bps : before;
}

uint64_t bwe_proven(const struct bwe *b, int64_t now_us) {
    bool fresh = now_us - b->proven_us < BWE_PROOF_US && b->proven_bps > b->flow_bps;
    return fresh ? b->proven_bps : b->flow_bps;
}

/* Cut again it is still some part of what the line carries, of which it may be the less already. */
static uint64_t cut_to(const struct bwe *b, uint64_t from) {
    uint64_t to = within((b->acked_bps ? b->acked_bps : from) * CUT_PERCENT / 100);
    return to < b->bps ? to : b->bps;
}

static bool cut(struct bwe *b, int64_t rtt_us, int64_t now_us) {
    int64_t wait_us = delay_wait_us(&b->delay);
    int64_t shows_us = wait_us < BWE_DEEP_US ? wait_us : BWE_DEEP_US;
    if (now_us - b->cut_us < CUT_EVERY_US + rtt_us + shows_us)
        return false;
    uint64_t from = b->acked_bps && b->acked_bps < b->bps ? b->acked_bps : b->bps, to = cut_to(b, from);
    /* What there is to be cut was, and the queue takes its time: what is sent now is less than what arrives,
     * or chosen to be. */
    bool drains = (b->sent_bps && b->sent_bps * 10 < b->acked_bps * 9) || to * 10 > b->bps * 9;
    if (b->cuts && drains && wait_us < BWE_DROWNED_US && now_us - b->cut_us < DRAIN_US)
        return false;
    if (in_vain(b)) {
        delay_rebase(&b->delay);
        b->cuts = 0;
        return false;
    }
    bool moved = b->link_bps > from * 13 / 10 || from > b->link_bps * 13 / 10;
    b->link_bps = moved ? from : (b->link_bps * 3 + from) / 4;
    b->uncut_bps = b->cuts ? b->uncut_bps : b->bps;
    b->bps = to;
    b->cut_wait_us = b->cuts++ ? b->cut_wait_us : wait_us;
    b->cut_us = b->link_us = b->proven_us = now_us;
    b->proven_bps = b->bps;
    return true;
}

static void grow(struct bwe *b, int64_t now_us) {
    int64_t us = now_us - b->grown_us;
    us = us < 1000000 ? us : 1000000;
    if (b->flow_bps > b->bps)
        b->bps = within(b->flow_bps); /* it is being carried */
    prove(b, b->flow_bps, now_us);
    bool full = b->link_bps && now_us - b->link_us < LINK_US && b->bps >= b->link_bps;
    if (b->bps >= b->acked_bps * 3 / 2 + GROW_ROOM_BPS || full)
        return;
    bool near = b->bps * 10 > b->link_bps * 8 && b->bps * 10 < b->link_bps * 11;
    b->bps =
        within(b->bps + b->bps * (near ? GROW_NEAR_PM_PER_S : GROW_PM_PER_S) / 1000 * (uint64_t)us / 1000000);
}

/* A small wait that stands still is no queue: ours would grow or fall. The way became longer. */
static void flat(struct bwe *b, enum bwe_line line, int64_t now_us) {
    int64_t slope = delay_slope(&b->delay);
    if (line != BWE_WARNED || slope > STANDING || slope < -STANDING || b->by_loss != BWE_CLEAR)
        b->flat_us = now_us;
    if (now_us - b->flat_us < FLAT_US)
        return;
    delay_rebase(&b->delay);
    b->flat_us = now_us;
    b->bps = b->cuts && b->uncut_bps > b->bps ? b->uncut_bps : b->bps; /* that was all it was cut for */
}

/* Is the queue a probe's? It may have left one, which does not grow after it. */
static bool own_queue(struct bwe *b, int64_t now_us) {
    int64_t wait_us = delay_wait_us(&b->delay);
    if (b->probed) {
        b->left_us = wait_us;
        return wait_us < BWE_OWN_US;
    }
    return now_us - b->probed_us < BWE_RATE_US && wait_us < b->left_us + BWE_RISING_US;
}

static bool judge(struct bwe *b, enum bwe_line line, int64_t rtt_us, int64_t now_us) {
    bool was_cut = false;
    flat(b, line, now_us);
    if (line == BWE_CONGESTED && own_queue(b, now_us))
        line = BWE_WARNED; /* the probe's answer says what there is */
    if (line != BWE_CLEAR)
        b->clear_us = now_us;
    if (delay_wait_us(&b->delay) > BWE_WARN_US)
        b->waited_us = now_us;
    if (line == BWE_CONGESTED)
        was_cut = cut(b, rtt_us, now_us);
    else if (line == BWE_CLEAR && now_us - b->clear_us >= CALM_US) {
        b->cuts = 0;
        grow(b, now_us);
    }
    b->grown_us = now_us;
    b->line = line;
    return was_cut;
}

bool bwe_on_feedback(struct bwe *b, const struct twcc_tx *t, const struct twcc_result *r, unsigned n,
                     int64_t now_us) {
    if (b->by != BWE_BY_FEEDBACK || now_us - b->heard_us > SILENT_US) {
        count(b, t, now_us);
        b->grown_us = b->clear_us = b->waited_us = now_us;
    }
    if (b->by != BWE_BY_FEEDBACK)
        b->missed_bytes = t->missed_bytes;
    b->by = BWE_BY_FEEDBACK;
    b->heard_us = now_us;
    uint64_t missed = (t->missed_bytes - b->missed_bytes) * (1000 - b->loss_pm) / 1000;
    b->missed_bytes = t->missed_bytes;
    for (unsigned i = 0; i < n; i++) {
        if (!r[i].got)
            continue;
        delay_on(&b->delay, r[i].sent_us, r[i].arrived_us);
        arrived(b, r[i].arrived_us, r[i].bytes + missed);
        missed = 0;
    }
    rate(b, now_us);
    b->known = b->known || b->acked_bps;
    runs(b, r, n);
    losses(b, t, now_us);
    enum bwe_line by_wait = waits(b);
    if (!judge(b, by_wait > b->by_loss ? by_wait : b->by_loss, t->rtt_us, now_us))
        return false;
    count(b, t, now_us); /* what was lost until now was lost at the old rate */
    b->by_loss = b->by_loss == BWE_CLEAR ? BWE_CLEAR : BWE_WARNED;
    return true;
}

void bwe_on_probe(struct bwe *b, uint64_t bps, bool full, int64_t now_us) {
    if (b->line == BWE_CONGESTED)
        return;
    if (full) { /* what was taken for proven before went into a bucket somewhere; what flows is carried */
        b->proven_bps = bps > b->flow_bps ? bps : b->flow_bps;
        b->proven_us = now_us;
        b->bps = b->bps < b->proven_bps ? b->bps : b->proven_bps;
    }
    prove(b, bps, now_us);
    b->bps = within(b->bps > bps ? b->bps : bps);
    b->link_bps = full ? bps : b->bps > b->link_bps * 11 / 10 ? 0 : b->link_bps;
    b->link_us = full ? now_us : b->link_us;
}

bool bwe_on_remb(struct bwe *b, uint64_t bps, int64_t now_us) {
    if (b->by > BWE_BY_REMB)
        return false;
    uint64_t was = b->bps;
    b->by = BWE_BY_REMB;
    b->known = true;
    b->bps = within(bps);
    b->line = BWE_CLEAR;
    if (b->bps >= was * 9 / 10)
        return false;
    b->cut_us = now_us;
    return true;
}

bool bwe_on_reports(struct bwe *b, unsigned lost, unsigned expected, uint64_t sent_bps, int64_t now_us) {
    if (!expected || lost > expected)
        return false;
    b->loss_pm = lost * 1000 / expected;
    if (b->by > BWE_BY_REPORTS)
        return false;
    b->by = BWE_BY_REPORTS;
    b->line = more_than(lost, expected, BWE_LOSS_CONGESTED_PM) ? BWE_CONGESTED
              : b->loss_pm > REPORTS_CALM_PM                   ? BWE_WARNED
                                                               : BWE_CLEAR;
    int64_t us = now_us - b->grown_us < 4000000 ? now_us - b->grown_us : 4000000;
    b->grown_us = now_us;
    if (b->line == BWE_CLEAR && b->known)
        b->bps = within(b->bps + b->bps * REPORTS_GROW_PM_PER_S / 1000 * (uint64_t)us / 1000000);
    if (b->line != BWE_CONGESTED)
        return false;
    uint64_t from = b->known && b->bps < sent_bps ? b->bps : sent_bps;
    b->bps = within(from - from * b->loss_pm / 2000);
    b->known = true;
    b->cut_us = now_us;
    return true;
}
