/* txstats — what one outgoing stream has sent, its sender report contents, and the round trip and loss its
 * receiver reports (RFC 3550 6.4.1). Pure. NTP numbers are on our own clock: `now_us` plus a constant of the
 * caller. */
#ifndef TXSTATS_H
#define TXSTATS_H
#include "media/rtc/rtcp.h"

enum { TXSTATS_RTT_MAX_US = 10 * 1000 * 1000 }; /* a larger answer is nonsense or hostile */

struct txstats {
    uint32_t packets, octets; /* octets of payload, as an SR counts them (both wrap) */
    uint64_t bytes;
    int64_t last_us;
    uint32_t last_ts; /* of the last packet sent. What every packet changes ends here */
    uint32_t jitter;
    int64_t rtt_us;        /* smoothed; 0 until known */
    uint8_t fraction_lost; /* of the last report, /256 */
    bool reported;         /* and by the last report: */
    int32_t lost;
    uint32_t reported_seq, reported_packets;
    int32_t reported_lost;
};

void txstats_init(struct txstats *s);
void txstats_on(struct txstats *s, size_t payload_bytes, size_t packet_bytes, uint32_t ts, int64_t now_us);
/* Contents of an SR now: `ts` is the stream's timestamp at now_us (rewrite_ts of rxstats_ts_at), ntp_us our
 * clock in microseconds since 1900. */
void txstats_sr(const struct txstats *s, uint32_t ts, int64_t ntp_us, struct rtcp_sr *out);
/* A report block about this stream; ntp_us: our clock now. Updates rtt_us and loss. */
void txstats_on_report(struct txstats *s, const struct rtcp_report *r, int64_t ntp_us);
/* The same block: how many packets were sent since the one before it, *lost how many of them did not arrive.
 * Numbers nothing was sent under (gaps of the source) are not the line's losses. 0 at the first report. */
unsigned txstats_since(struct txstats *s, const struct rtcp_report *r, unsigned *lost);

#endif
