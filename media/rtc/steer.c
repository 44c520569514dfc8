#include "media/rtc/steer.h"

_Static_assert(offsetof(struct steer, tx.reference) <= WARM_LINE, "what every packet touches is one line");

enum { FREE_PERCENT = 250, TIGHT_PERCENT = 115, PAST_NEED_PERCENT = 120, OWE_PERCENT = 60 };

void steer_init(struct steer *s, bool feedback, uint16_t first_seq, int64_t now_us) {
    memset(s, 0, sizeof *s);
    twcc_tx_init(&s->tx, first_seq);
    s->feedback = feedback;
    bwe_init(&s->bwe);
    probe_init(&s->probe, now_us);
    pace_init(&s->pace, now_us);
    pace_init(&s->repeats, now_us);
    allot_init(&s->allot);
    s->choose_us = now_us;
}

void steer_warm_report(const struct steer *s) {
    enum { REPORTED = 20 }; /* packets of a tenth of a second */
    const struct twcc_sent *sent = &s->tx.sent[s->tx.told % TWCC_TX_RING];
    warm_range_rw(sent, sent + REPORTED);
    warm_range_rw(&s->tx.reference, s->tx.sent);
    warm_range_rw(&s->repeats, &s->allot);
}

/* A line that was full lately is sent little more at once than it lets through; any other is given the
 * benefit. Never less than what was chosen for it comes to: that would only wait here instead of there. */
static void set_pace(struct steer *s, int64_t now_us) {
    int64_t bps = (int64_t)s->bwe.bps, audio = (int64_t)s->audio_bps;
    bool tight = steer_tight(s, now_us);
    pace_set(&s->repeats, tight ? bps * STEER_REPEAT_PERCENT / 100 : PACE_FREE_BPS);
    if (tight) {
        int64_t left = bps > 2 * audio ? bps - audio : bps / 2, used = (int64_t)s->out.used_bps;
        pace_set(&s->pace, (left > used ? left : used) * TIGHT_PERCENT / 100);
    } else
        pace_set(&s->pace,
                 bps * FREE_PERCENT / 100 > PACE_FREE_BPS ? bps * FREE_PERCENT / 100 : PACE_FREE_BPS);
}

/* What waits in the queue was sent too early: most of that time is given back before more is sent. It would
 * come no sooner, and into a queue that is full it would not get. */
static void drain(struct steer *s, int64_t now_us) {
    int64_t us = s->bwe.by == BWE_BY_FEEDBACK ? delay_wait_us(&s->bwe.delay) * OWE_PERCENT / 100 : 0;
    pace_owe(&s->pace, us < STEER_OWE_US ? us : STEER_OWE_US, now_us);
}

static bool heard(struct steer *s, bool cut, int64_t now_us) {
    set_pace(s, now_us);
    if (!cut)
        return false;
    probe_renew(&s->probe, now_us);
    s->choose_us = now_us;
    drain(s, now_us);
    return true;
}

/* What repeats take of a line in a thousand. */
static uint64_t repeats_pm(const struct bwe *b) {
    return b->loss_pm < BWE_LOSS_CHANCE_PM ? b->loss_pm : BWE_LOSS_CHANCE_PM;
}

/* A line that was full is tried gently at first: what is too much for it is heard in the sound. */
static uint64_t step_percent(const struct probe *p) {
    static const uint8_t percent[] = {125, 133, 160, 200};
    return percent[p->carried < 3 ? p->carried : 3];
}

/* What to ask the line for; 0 when there is no reason to. */
static uint64_t goal(const struct steer *s, int64_t now_us) {
    const struct bwe *b = &s->bwe;
    if (!s->out.less || s->spared || !b->known || b->by < BWE_BY_REMB || b->line != BWE_CLEAR ||
        now_us - b->cut_us < STEER_QUIET_US || now_us - b->waited_us < STEER_SURE_US ||
        delay_slope(&b->delay) > STEER_RISING || !probe_ready(&s->probe, now_us))
        return 0;
    /* What the estimate must come to, so that the allocator raises the last picture to full. */
    uint64_t need = s->out.full_bps * 100 / ALLOT_RAISE_PERCENT + s->audio_bps;
    need += need * repeats_pm(b) / 1000;
    if (need <= b->bps)
        return 0;
    uint64_t bps = 2 * b->bps, most = need * PAST_NEED_PERCENT / 100;
    if (b->by == BWE_BY_FEEDBACK) { /* who has shown little may be very thin, whatever was hoped for */
        bool full_once = b->cut_us > INT64_MIN / 2 || s->probe.every_us > PROBE_EVERY_US;
        if (full_once && now_us - s->raised_us < STEER_SETTLE_US)
            return 0;
        uint64_t proven = bwe_proven(b, now_us);
        bps = full_once ? b->bps * step_percent(&s->probe) / 100 : proven * STEER_LEAP;
        bps = bps < STEER_LEAP_TIGHT * proven || !full_once ? bps : STEER_LEAP_TIGHT * proven;
        bps = bps > STEER_GOAL_MIN_BPS ? bps : STEER_GOAL_MIN_BPS;
        bps = bps < most ? bps : most;
        return bps > proven && bps * 8 > b->flow_bps * 9 ? bps : 0;
    }
    bps = bps > STEER_GOAL_MIN_BPS ? bps : STEER_GOAL_MIN_BPS;
    return bps < most ? bps : most;
}

/* Its packets come late, or not at all: more of them would only do harm. */
static void look_after_probe(struct steer *s, int64_t now_us) {
    struct probe *p = &s->probe;
    if (!p->sending)
        return;
    bool fills = delay_slope(&s->bwe.delay) > STEER_RISING;
    bool late = p->told && delay_wait_us(&s->bwe.delay) > (fills ? STEER_LATE_US / 2 : STEER_LATE_US),
         lost = p->got * 10 + 20 < p->told * 9;
    if (late || lost)
        probe_stop(p, (uint16_t)(s->tx.next - s->probe_seq));
    else if (!p->told && now_us - p->began_us > s->tx.rtt_us + STEER_DEAF_US)
        probe_failed(p, now_us);
    s->tx.probe = p->sending ? p->mark : 0;
}

bool steer_feedback(struct steer *s, struct bytes fci, int64_t now_us) {
    struct twcc_result r[TWCC_TX_RING];
    int n = twcc_tx_feedback(&s->tx, fci, now_us, r, TWCC_TX_RING);
    if (n <= 0)
        return false;
    for (int i = 0; i < n; i++)
        probe_on_result(&s->probe, &r[i]);
    s->bwe.probed = s->probe.sending || s->probe.waiting;
    bool cut = bwe_on_feedback(&s->bwe, &s->tx, r, (unsigned)n, now_us);
    look_after_probe(s, now_us);
    bool full;
    uint64_t carried = cut ? 0 : probe_answer(&s->probe, &full, now_us);
    if (carried) {
        bwe_on_probe(&s->bwe, carried, full, now_us);
        if (s->bwe.cut_us == INT64_MIN / 2) /* never full: what was lowered was by a first guess */
            allot_proven(&s->allot, carried);
        s->choose_us = now_us;
    }
    bool said = heard(s, cut, now_us);
    if (goal(s, now_us))
        s->choose_us = now_us;
    return said;
}

bool steer_remb(struct steer *s, uint64_t bps, int64_t now_us) {
    return heard(s, bwe_on_remb(&s->bwe, bps, now_us), now_us);
}

bool steer_reports(struct steer *s, unsigned lost, unsigned expected, int64_t now_us) {
    return heard(s, bwe_on_reports(&s->bwe, lost, expected, s->sent_bps, now_us), now_us);
}

void steer_meter(struct steer *s, uint64_t sent_bytes, uint64_t audio_bytes, int64_t now_us) {
    int64_t us = now_us - s->metered_us;
    if (us < STEER_METER_US)
        return;
    if (s->metered_us) {
        s->sent_bps = (sent_bytes - s->metered_bytes) * 8000000 / (uint64_t)us;
        s->audio_bps = (audio_bytes - s->metered_audio) * 8000000 / (uint64_t)us;
    }
    s->metered_us = now_us;
    s->metered_bytes = sent_bytes;
    s->metered_audio = audio_bytes;
}

bool steer_roomy(const struct steer *s, int64_t now_us) {
    const struct bwe *b = &s->bwe;
    return b->by < BWE_BY_REMB ||
           (b->line == BWE_CLEAR && now_us - b->cut_us > STEER_ROOMY_US && b->bps >= STEER_ROOMY_BPS);
}

/* The least the most important picture there is can be shown for. */
static uint64_t first_rung(const struct allot_slot *v, unsigned n) {
    const struct allot_slot *first = NULL;
    for (unsigned i = 0; i < n; i++) {
        if (v[i].rung_n && (!first || v[i].kind < first->kind))
            first = &v[i];
    }
    return first ? first->rung[0].bps : 0;
}

static uint64_t budget(const struct steer *s, const struct allot_slot *v, unsigned n, int64_t now_us) {
    const struct bwe *b = &s->bwe;
    if (s->spared)
        return 0;
    if (b->by == BWE_BY_REPORTS && !b->known)
        return ALLOT_UNLIMITED; /* nothing is said of this line but that it loses nothing */
    uint64_t bps = b->bps - b->bps * repeats_pm(b) / 1000;
    bool drowned = b->line != BWE_CLEAR && delay_wait_us(&b->delay) > BWE_DROWNED_US;
    if (drowned)
        bps /= 2;
    bps = bps > s->audio_bps ? bps - s->audio_bps : 0;
    uint64_t floor = 0;
    if (!b->known || (b->by == BWE_BY_FEEDBACK && b->cut_us == INT64_MIN / 2 && !b->link_bps))
        floor = first_rung(v, n) * 100 / ALLOT_RAISE_PERCENT + 1; /* how it goes will show what it carries */
    else if (b->line == BWE_CLEAR && now_us - b->cut_us >= STEER_DOUBT_US)
        floor = s->out.used_bps; /* it flows, and nothing speaks against it */
    else if (b->by == BWE_BY_FEEDBACK && b->cuts < 2 && s->out.used_bps && !drowned) {
        floor = first_rung(v, n);               /* one bad moment does not take the last picture away, */
        floor = floor < 2 * b->bps ? floor : 0; /* unless it is far too much */
    }
    return bps > floor ? bps : floor;
}

void steer_choose(struct steer *s, const struct allot_slot *v, unsigned n, int64_t now_us) {
    struct allot_out out;
    allot_run(&s->allot, v, n, budget(s, v, n, now_us), now_us, &out);
    s->raised_us = out.used_bps > s->out.used_bps * 5 / 4 ? now_us : s->raised_us;
    s->out = out;
    bool calm = s->bwe.line == BWE_CLEAR && !out.less && (s->bwe.known || s->bwe.by < BWE_BY_FEEDBACK);
    s->choose_us = now_us + (calm ? STEER_CALM_US : STEER_EVERY_US);
}

/* What leaves just now, for the estimate to know whether a queue is being emptied. */
static void steer_gauge(struct steer *s, uint64_t sent_bytes, int64_t now_us) {
    int64_t us = now_us - s->gauged_us;
    if (us < STEER_GAUGE_US)
        return;
    s->bwe.sent_bps = (sent_bytes - s->gauged_bytes) * 8000000 / (uint64_t)us;
    s->gauged_us = now_us;
    s->gauged_bytes = sent_bytes;
}

uint32_t steer_probe(struct steer *s, uint64_t sent_bytes, int64_t now_us) {
    steer_gauge(s, sent_bytes, now_us);
    look_after_probe(s, now_us);
    probe_expire(&s->probe, now_us);
    uint64_t bps = goal(s, now_us);
    if (bps) {
        probe_begin(&s->probe, bps, s->bwe.flow_bps, now_us);
        s->tx.probe = s->probe.mark;
        s->probe_bytes = sent_bytes;
        s->probe_seq = s->tx.next;
    }
    unsigned packets = (uint16_t)(s->tx.next - s->probe_seq);
    uint32_t due = probe_due(&s->probe, (uint32_t)(sent_bytes - s->probe_bytes), packets, now_us);
    if (!s->probe.sending)
        s->tx.probe = 0;
    return due;
}

int64_t steer_next_us(const struct steer *s) {
    int64_t at = probe_next_us(&s->probe), pace_us = s->behind ? pace_next_us(&s->pace) : INT64_MAX;
    at = at < pace_us ? at : pace_us;
    return at < s->choose_us ? at : s->choose_us;
}
