/* resend — which retransmission requests of one viewer's stream are answered: repeats are ignored for a
 * while, one packet is sent again RESEND_TIMES at most, and a byte budget keeps a hostile or drowning viewer
 * from multiplying traffic. Pure. Size ~1 kB, one per view slot. Sequence numbers are those the viewer sees.
 */
#ifndef RESEND_H
#define RESEND_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RESEND_RING = 128,
    RESEND_TIMES = 4,
    RESEND_QUIET_US = 100 * 1000, /* ignore repeats within min(this, 2 RTT) */
    RESEND_QUIET_MIN_US = 10 * 1000,
    RESEND_BURST_BYTES = 96 * 1024,
    RESEND_RATE_BPS = 3 * 1000 * 1000,
};

struct resend_mark {
    uint32_t at_ms; /* low 32 bits of the clock in ms */
    uint16_t seq;
    uint8_t times; /* 0 = free */
};
struct resend {
    struct resend_mark mark[RESEND_RING];
    int64_t budget_bytes, filled_us;
    uint64_t sent, refused; /* counters */
};

void resend_init(struct resend *r);
/* A request that comes back sooner after the packet first left than a round trip (three quarters of it, for
 * it is an estimate) was made before the packet could arrive: a gap of our own source, filled meanwhile. Also
 * with RTT unknown: never in the turn that stored it, when it may not even have been sent. */
static inline bool resend_early(int64_t first_sent_us, int64_t rtt_us, int64_t now_us) {
    return now_us - first_sent_us <= rtt_us - rtt_us / 4;
}
/* True: send it now (and it is counted). False: ignore this request. */
bool resend_allow(struct resend *r, uint16_t seq, size_t bytes, int64_t rtt_us, int64_t now_us);

#endif
