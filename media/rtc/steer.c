#include "media/rtc/steer.h"

enum { FREE_PERCENT = 250, TIGHT_PERCENT = 150, PAST_NEED_PERCENT = 120 };

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

/* A line that was full lately is sent little more at once than it lets through; any other is given the
 * benefit. Never less than what was chosen for it comes to: that would only wait here instead of there. */
static void set_pace(struct steer *s, int64_t now_us) {
    int64_t bps = (int64_t)s->bwe.bps, audio = (int64_t)s->audio_bps;
    bool tight = now_us - s->bwe.cut_us < STEER_TIGHT_US;
    pace_set(&s->repeats, tight ? bps * STEER_REPEAT_PERCENT / 100 : PACE_FREE_BPS);
    if (tight) {
        int64_t left = bps > 2 * audio ? bps - audio : bps / 2, used = (int64_t)s->out.used_bps;
        pace_set(&s->pace, (left > used ? left : used) * TIGHT_PERCENT / 100);
    } else
        pace_set(&s->pace,
                 bps * FREE_PERCENT / 100 > PACE_FREE_BPS ? bps * FREE_PERCENT / 100 : PACE_FREE_BPS);
}

static bool heard(struct steer *s, bool cut, int64_t now_us) {
    set_pace(s, now_us);
    if (!cut)
        return false;
    if (s->probe.sending || s->probe.waiting)
        probe_failed(&s->probe, now_us);
    s->choose_us = now_us;
    return true;
}

bool steer_feedback(struct steer *s, struct bytes fci, int64_t now_us) {
    struct twcc_result r[TWCC_TX_RING];
    int n = twcc_tx_feedback(&s->tx, fci, now_us, r, TWCC_TX_RING);
    if (n <= 0)
        return false;
    for (int i = 0; i < n; i++)
        probe_on_result(&s->probe, &r[i]);
    bool cut = bwe_on_feedback(&s->bwe, &s->tx, r, (unsigned)n, now_us);
    bool full;
    uint64_t carried = cut ? 0 : probe_answer(&s->probe, &full, now_us);
    if (carried) {
        bwe_on_probe(&s->bwe, carried, full, now_us);
        s->choose_us = now_us;
    }
    return heard(s, cut, now_us);
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

/* What repeats take of a line in a thousand. */
static uint64_t repeats_pm(const struct bwe *b) {
    return b->loss_pm < BWE_LOSS_CHANCE_PM ? b->loss_pm : BWE_LOSS_CHANCE_PM;
}

static uint64_t budget(const struct steer *s, const struct allot_slot *v, unsigned n, int64_t now_us) {
    const struct bwe *b = &s->bwe;
    if (b->by == BWE_BY_REPORTS && !b->known)
        return ALLOT_UNLIMITED; /* nothing is said of this line but that it loses nothing */
    uint64_t bps = b->bps - b->bps * repeats_pm(b) / 1000;
    bps = bps > s->audio_bps ? bps - s->audio_bps : 0;
    uint64_t floor = 0;
    if (!b->known)
        floor = first_rung(v, n); /* how it goes will show what the line carries */
    else if (b->line == BWE_CLEAR && now_us - b->cut_us >= STEER_DOUBT_US)
        floor = s->out.used_bps; /* it flows, and nothing speaks against it */
    else if (b->by == BWE_BY_FEEDBACK && b->cuts < 2 && s->out.used_bps)
        floor = first_rung(v, n); /* one bad moment does not take the last picture away */
    return bps > floor ? bps : floor;
}

void steer_choose(struct steer *s, const struct allot_slot *v, unsigned n, int64_t now_us) {
    struct allot_out out;
    allot_run(&s->allot, v, n, budget(s, v, n, now_us), now_us, &out);
    s->out = out;
    bool calm = s->bwe.line == BWE_CLEAR && !out.less && (s->bwe.known || s->bwe.by < BWE_BY_FEEDBACK);
    s->choose_us = now_us + (calm ? STEER_CALM_US : STEER_EVERY_US);
}

/* What to ask the line for; 0 when there is no reason to. */
static uint64_t goal(const struct steer *s, int64_t now_us) {
    const struct bwe *b = &s->bwe;
    if (!s->out.less || !b->known || b->by < BWE_BY_REMB || b->line != BWE_CLEAR ||
        now_us - b->cut_us < STEER_QUIET_US || !probe_ready(&s->probe, now_us))
        return 0;
    /* What the estimate must come to, so that the allocator raises the last picture to full. */
    uint64_t need = s->out.full_bps * 100 / ALLOT_RAISE_PERCENT + s->audio_bps;
    need += need * repeats_pm(b) / 1000;
    if (need <= b->bps)
        return 0;
    uint64_t bps = 2 * b->bps > STEER_GOAL_MIN_BPS ? 2 * b->bps : STEER_GOAL_MIN_BPS,
             most = need * PAST_NEED_PERCENT / 100;
    bps = bps < most ? bps : most;
    if (b->by != BWE_BY_FEEDBACK)
        return bps;
    /* Who has shown little may be very thin, whatever was hoped for at the start. */
    uint64_t leap = STEER_LEAP * b->proven_bps;
    bps = bps < leap ? bps : leap;
    return bps > b->proven_bps ? bps : 0;
}

uint32_t steer_probe(struct steer *s, uint64_t sent_bytes, int64_t now_us) {
    probe_expire(&s->probe, now_us);
    uint64_t bps = goal(s, now_us);
    if (bps) {
        probe_begin(&s->probe, bps, now_us);
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
