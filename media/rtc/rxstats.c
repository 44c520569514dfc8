#include "media/rtc/rxstats.h"

enum {
    CLOCK_STEP_US = 5 * 1000 * 1000, /* a sender's clock that jumps more than this was set anew */
    CLOCK_DRIFT_SHIFT = 6,           /* a slower path or a slower clock is followed by 1/64 a report */
};

void rxstats_init(struct rxstats *s, uint32_t clock_hz) {
    memset(s, 0, sizeof *s);
    s->clock_hz = clock_hz;
}

static uint32_t to_ts(const struct rxstats *s, int64_t us) {
    return (uint32_t)(us / 1000000 * s->clock_hz + us % 1000000 * s->clock_hz / 1000000);
}

/* RFC 3550 A.8, once a timestamp: the packets of one picture leave in a burst, which is not the network's
 * doing. */
static void jitter(struct rxstats *s, uint32_t ts, int64_t now_us) {
    if (s->any && ts == s->last_ts)
        return;
    uint32_t transit = to_ts(s, now_us) - ts;
    int32_t d = s->any ? (int32_t)(transit - s->transit) : 0;
    s->transit = transit;
    int64_t abs_d = d < 0 ? -(int64_t)d : d;
    s->jitter_q4 = (uint32_t)(s->jitter_q4 + abs_d - ((s->jitter_q4 + 8) >> 4));
}

void rxstats_on(struct rxstats *s, uint64_t seq, uint32_t ts, size_t bytes, bool late, int64_t now_us) {
    s->packets++;
    s->bytes += bytes;
    if (!s->any)
        s->first = s->top = seq;
    if (seq > s->top)
        s->top = seq;
    if (!late) {
        jitter(s, ts, now_us);
        s->last_ts = ts;
        s->last_us = now_us;
    }
    s->any = true;
}

void rxstats_on_sr(struct rxstats *s, const struct rtcp_sr *sr, int64_t now_us) {
    s->sr = true;
    s->sr_ts = sr->ts;
    s->sr_lsr = (uint32_t)(sr->ntp >> 16);
    s->sr_ntp_us = ntp_to_us(sr->ntp);
    s->sr_at_us = now_us;
}

/* RFC 3550 6.4.1: "a fixed point number with the binary point at the left edge", negative loss is zero. */
static uint8_t fraction(int64_t lost, int64_t expected) {
    if (expected <= 0 || lost <= 0)
        return 0;
    int64_t f = lost * 256 / expected;
    return f > 255 ? 255 : (uint8_t)f;
}

/* RFC 3550 A.3. */
bool rxstats_report(struct rxstats *s, uint32_t ssrc, int64_t now_us, struct rtcp_report *out) {
    if (!s->any)
        return false;
    uint64_t expected = s->top - s->first + 1;
    int64_t lost = (int64_t)(expected - s->packets);
    int64_t interval = (int64_t)(expected - s->expected_prior);
    int64_t lost_now = interval - (int64_t)(s->packets - s->packets_prior);
    s->expected_prior = expected;
    s->packets_prior = s->packets;
    *out = (struct rtcp_report){
        .ssrc = ssrc,
        .fraction_lost = fraction(lost_now, interval),
        .lost = (int32_t)(lost > 0x7fffff    ? 0x7fffff
                          : lost < -0x800000 ? -0x800000
                                             : lost),
        .highest_seq = (uint32_t)(s->top - 0x10000), /* seq_unwrap counts from the second cycle */
        .jitter = s->jitter_q4 >> 4,
        .lsr = s->sr ? s->sr_lsr : 0,
        .dlsr = s->sr ? (uint32_t)((now_us - s->sr_at_us) * 65536 / 1000000) : 0,
    };
    return true;
}

/* The offset between the clocks looks smaller by however long a report travelled, so the largest seen is
 * nearest. */
void sr_clock_on(struct sr_clock *c, uint64_t ntp, int64_t now_us) {
    int64_t seen = ntp_to_us(ntp) - now_us, d = seen - c->ntp_minus_local_us;
    if (!c->any || d > 0 || d < -CLOCK_STEP_US)
        c->ntp_minus_local_us = seen;
    else
        c->ntp_minus_local_us += d >> CLOCK_DRIFT_SHIFT;
    c->any = true;
}

bool rxstats_ts_at(const struct rxstats *s, const struct sr_clock *c, int64_t now_us, uint32_t *ts) {
    if (s->sr && c->any) {
        *ts = s->sr_ts + to_ts(s, now_us + c->ntp_minus_local_us - s->sr_ntp_us);
        return true;
    }
    *ts = s->last_ts + to_ts(s, now_us - s->last_us);
    return s->any;
}

int64_t ntp_to_us(uint64_t ntp) {
    return (int64_t)(ntp >> 32) * 1000000 + (int64_t)(((ntp & 0xffffffff) * 1000000 + 0x80000000) >> 32);
}

uint64_t ntp_from_us(int64_t ntp_us) {
    uint64_t s = (uint64_t)ntp_us / 1000000, us = (uint64_t)ntp_us % 1000000;
    return s << 32 | (us << 32) / 1000000;
}
