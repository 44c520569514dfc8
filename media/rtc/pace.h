/* pace — how fast one viewer's packets may leave, so that a key frame does not fall on his line at once: a
 * bucket of bytes that refills at a rate. What an ordinary picture needs is always in it: such pictures leave
 * whole, in the turn they came, for one subtraction a packet. When it is empty the rest waits in the track's
 * history, and leaves in lumps that make a batch. Pure. */
#ifndef PACE_H
#define PACE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PACE_BURST_BYTES = 10 * 1000, /* eight full packets; on a thin line what it takes in */
    PACE_BURST_US = 40 * 1000,    /* so long, which is more than a picture of it */
    PACE_BURST_MIN_BYTES = 1500,
    PACE_LUMP_BYTES = 4 * 1200,
    PACE_FREE_BPS = 8 * 1000 * 1000, /* a line of which nothing bad is known */
};

struct pace {
    int64_t bps, filled_us;
    int32_t burst;
    int32_t bytes; /* below 0: the last one let through was larger than what was there */
};

static inline void pace_init(struct pace *p, int64_t now_us) {
    *p = (struct pace){PACE_FREE_BPS, now_us, PACE_BURST_BYTES, PACE_BURST_BYTES};
}
void pace_set(struct pace *p, int64_t bps);
/* Nothing leaves for so long. */
void pace_owe(struct pace *p, int64_t us, int64_t now_us);
void pace_fill(struct pace *p, int64_t now_us);
/* May a packet leave? */
static inline bool pace_may(struct pace *p, int64_t now_us) {
    if (p->bytes <= 0)
        pace_fill(p, now_us);
    return p->bytes > 0;
}
static inline void pace_spend(struct pace *p, size_t bytes) { p->bytes -= (int32_t)bytes; }
/* What waits goes on at this time. */
int64_t pace_next_us(const struct pace *p);

#endif
