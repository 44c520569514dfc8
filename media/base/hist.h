/* hist — how values spread: counts in buckets whose bounds are powers of two, so that adding costs a count of
 * leading zeros and two histograms add up. Pure. Thread: owner's. Limits: values past the last bound share
 * one bucket; the sum wraps after 2^64. */
#ifndef HIST_H
#define HIST_H
#include <stddef.h>
#include <stdint.h>

enum { HIST_BUCKETS = 24 }; /* the last but one ends at 2^22: four seconds in microseconds */

/* Only uint64_t, so that it can be handed over number by number. */
struct hist {
    uint64_t
        n[HIST_BUCKETS]; /* [i]: values up to 2^i that are in no bucket before it; the last: all others */
    uint64_t sum;
};

static inline unsigned hist_bucket(uint64_t v) {
    unsigned i = v <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(v - 1);
    return i < HIST_BUCKETS ? i : HIST_BUCKETS - 1;
}
static inline void hist_add(struct hist *h, uint64_t v, uint64_t times) {
    h->n[hist_bucket(v)] += times;
    h->sum += v * times;
}
static inline uint64_t hist_bound(unsigned bucket) { return UINT64_C(1) << bucket; }

void hist_merge(struct hist *to, const struct hist *from);
uint64_t hist_count(const struct hist *h);
/* A value that `permille` of all do not exceed, as near as buckets tell (between their bounds, evenly
 * spread); 0 when there are none. */
double hist_quantile(const struct hist *h, unsigned permille);

#endif
