#include "media/base/hist.h"

void hist_merge(struct hist *to, const struct hist *from) {
    for (unsigned i = 0; i < HIST_BUCKETS; i++)
        to->n[i] += from->n[i];
    to->sum += from->sum;
}

uint64_t hist_count(const struct hist *h) {
    uint64_t n = 0;
    for (unsigned i = 0; i < HIST_BUCKETS; i++)
        n += h->n[i];
    return n;
}

double hist_quantile(const struct hist *h, unsigned permille) {
    double rank = (double)hist_count(h) * permille / 1000, before = 0;
    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        double n = (double)h->n[i], low = i ? (double)hist_bound(i - 1) : 0;
        if (n > 0 && before + n >= rank) {
            double share = rank > before ? (rank - before) / n : 0;
            return low + ((double)hist_bound(i) - low) * share;
        }
        before += n;
    }
    return 0;
}
