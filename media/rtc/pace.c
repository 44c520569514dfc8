#include "media/rtc/pace.h"

void pace_set(struct pace *p, int64_t bps) {
    int64_t burst = bps * PACE_BURST_US / 8000000;
    burst = burst < PACE_BURST_BYTES ? burst : PACE_BURST_BYTES;
    p->bps = bps;
    p->burst = (int32_t)(burst > PACE_BURST_MIN_BYTES ? burst : PACE_BURST_MIN_BYTES);
    p->bytes = p->bytes < p->burst ? p->bytes : p->burst;
}

void pace_fill(struct pace *p, int64_t now_us) {
    int64_t us = now_us - p->filled_us;
    if (us < 0)
        return; /* owed */
    us = us < 1000000 ? us : 1000000;
    int64_t more = p->bps * us / 8000000;
    if (!more)
        return; /* time too short for a byte is not lost */
    p->filled_us = now_us;
    p->bytes = (int32_t)(p->bytes + more < p->burst ? p->bytes + more : p->burst);
}

void pace_owe(struct pace *p, int64_t us, int64_t now_us) {
    p->filled_us = now_us + us;
    p->bytes = p->bytes < 0 ? p->bytes : 0;
}

int64_t pace_next_us(const struct pace *p) {
    int64_t lump = p->burst < PACE_LUMP_BYTES ? p->burst : PACE_LUMP_BYTES, missing = lump - p->bytes;
    return missing <= 0 ? p->filled_us : p->filled_us + missing * 8000000 / p->bps + 1;
}
