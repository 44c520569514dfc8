/* rxstats — reception statistics of one source stream (RFC 3550 A.1, A.3, A.8) and its sender's clock. Pure.
 * sr_clock is shared by the tracks of one peer, so that their timestamps meet on one clock (lip sync). */
#ifndef RXSTATS_H
#define RXSTATS_H
#include "media/rtc/rtcp.h"

struct rxstats {
    uint32_t clock_hz;
    uint64_t first, top; /* unwrapped */
    uint64_t packets, bytes;
    uint64_t expected_prior, packets_prior;
    uint32_t jitter_q4; /* timestamp units * 16, as in A.8 */
    uint32_t transit;
    bool any;
    uint32_t last_ts;
    int64_t last_us;
    bool sr;
    uint32_t sr_ts, sr_lsr;
    int64_t sr_ntp_us, sr_at_us;
};
struct sr_clock {
    bool any;
    int64_t ntp_minus_local_us;
};

void rxstats_init(struct rxstats *s, uint32_t clock_hz);
/* A packet arrived (unwrapped seq; retransmissions too, with `late` so that they do not count as jitter). */
void rxstats_on(struct rxstats *s, uint64_t seq, uint32_t ts, size_t bytes, bool late, int64_t now_us);
void rxstats_on_sr(struct rxstats *s, const struct rtcp_sr *sr, int64_t now_us);
/* The report block about this stream; starts the next interval. False before the first packet. */
bool rxstats_report(struct rxstats *s, uint32_t ssrc, int64_t now_us, struct rtcp_report *out);

void sr_clock_on(struct sr_clock *c, uint64_t ntp, int64_t now_us);
/* The source's timestamp at local time now_us: by its sender reports once there is one, by its last packet
 * before. False before the first packet. */
bool rxstats_ts_at(const struct rxstats *s, const struct sr_clock *c, int64_t now_us, uint32_t *ts);

int64_t ntp_to_us(uint64_t ntp); /* 32.32 since 1900 -> microseconds since 1900 */
uint64_t ntp_from_us(int64_t ntp_us);

#endif
