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

unsigned txstats_since(struct txstats *s, const struct rtcp_report *r, unsigned *lost) {
    int64_t sent = (uint32_t)(s->packets - s->reported_packets);
    int64_t gone = (int64_t)r->lost - s->reported_lost;
    int64_t came = (int64_t)(int32_t)(r->highest_seq - s->reported_seq) - gone;
    bool first = !s->reported;
    s->reported = true;
    s->reported_packets = s->packets;
    s->reported_seq = r->highest_seq;
    s->reported_lost = r->lost;
    *lost = 0;
    if (first || came < 0 || gone < 0)
        return 0;
    int64_t missing = sent > came ? sent - came : 0;
    missing = missing < gone ? missing : gone;
    *lost = (unsigned)(missing < sent ? missing : sent);
    return (unsigned)sent;
}
