#include "media/rtc/resend.h"
#include <string.h>

enum { RESEND_STALE_MS = 10000 }; /* an older mark is of an earlier turn of the 16-bit circle */

void resend_init(struct resend *r) {
    memset(r, 0, sizeof *r);
    r->budget_bytes = RESEND_BURST_BYTES;
    r->filled_us = INT64_MIN;
}

static void refill(struct resend *r, int64_t now_us) {
    enum { FULL_US = (int)((int64_t)RESEND_BURST_BYTES * 8 * 1000000 / RESEND_RATE_BPS) };
    if (r->filled_us == INT64_MIN || now_us - r->filled_us >= FULL_US) {
        r->budget_bytes = RESEND_BURST_BYTES;
    } else {
        r->budget_bytes += (now_us - r->filled_us) * RESEND_RATE_BPS / 8 / 1000000;
        if (r->budget_bytes > RESEND_BURST_BYTES)
            r->budget_bytes = RESEND_BURST_BYTES;
    }
    r->filled_us = now_us;
}

static int64_t quiet_ms(int64_t rtt_us) {
    int64_t us = rtt_us > 0 && 2 * rtt_us < RESEND_QUIET_US ? 2 * rtt_us : RESEND_QUIET_US;
    return (us < RESEND_QUIET_MIN_US ? RESEND_QUIET_MIN_US : us) / 1000;
}

bool resend_allow(struct resend *r, uint16_t seq, size_t bytes, int64_t rtt_us, int64_t now_us) {
    struct resend_mark *m = &r->mark[seq % RESEND_RING];
    uint32_t now_ms = (uint32_t)(now_us / 1000), age_ms = now_ms - m->at_ms;
    bool known = m->times && m->seq == seq && age_ms < RESEND_STALE_MS;
    /* Refilling less than once a millisecond would round small shares of the budget away. */
    if (r->filled_us == INT64_MIN || now_us - r->filled_us >= 1000)
        refill(r, now_us);
    if ((known && (age_ms < quiet_ms(rtt_us) || m->times >= RESEND_TIMES)) ||
        r->budget_bytes < (int64_t)bytes) {
        r->refused++;
        return false;
    }
    r->budget_bytes -= (int64_t)bytes;
    *m = (struct resend_mark){now_ms, seq, (uint8_t)(known ? m->times + 1 : 1)};
    r->sent++;
    return true;
}
