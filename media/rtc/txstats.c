#include "media/rtc/txstats.h"
#include "media/rtc/rxstats.h"

void txstats_init(struct txstats *s) { memset(s, 0, sizeof *s); }

void txstats_on(struct txstats *s, size_t payload_bytes, size_t packet_bytes, uint32_t ts, int64_t now_us) {
    s->packets++;
    s->octets += (uint32_t)payload_bytes;
    s->bytes += packet_bytes;
    s->last_ts = ts;
    s->last_us = now_us;
}

void txstats_sr(const struct txstats *s, uint32_t ts, int64_t ntp_us, struct rtcp_sr *out) {
    *out = (struct rtcp_sr){ntp_from_us(ntp_us), ts, s->packets, s->octets};
}

void txstats_on_report(struct txstats *s, const struct rtcp_report *r, int64_t ntp_us) {
    s->fraction_lost = r->fraction_lost;
    s->lost = r->lost;
    s->jitter = r->jitter;
    if (!r->lsr)
        return; /* it has not seen a sender report of ours yet */
    /* RFC 3550 6.4.1: "round-trip propagation delay as A - LSR - DLSR", in units of 1/65536 s. */
    uint32_t a = (uint32_t)(ntp_from_us(ntp_us) >> 16), d = a - r->lsr - r->dlsr;
    int64_t rtt_us = (int64_t)(int32_t)d * 1000000 / 65536;
    if (rtt_us < 0 || rtt_us > TXSTATS_RTT_MAX_US)
        return;
    s->rtt_us = s->rtt_us ? s->rtt_us + (rtt_us - s->rtt_us) / 8 : rtt_us + !rtt_us;
}
