/* limit — how often one address may ask, by class of route: token buckets in a bounded table.
 * Pure (now is passed in). Thread: owner's. Limits: LIMIT_ADDRS_MAX addresses are remembered; when full, the
 * table is swept of those that are full again, and a stranger who still finds no place is let through: a
 * flood of addresses must not shut the door on people. */
#ifndef LIMIT_H
#define LIMIT_H
#include "media/base/map.h"

enum { LIMIT_CLASSES_MAX = 8, LIMIT_ADDRS_MAX = 20000 };

struct limit_class {
    double per_s;
    double burst;
};
struct limit {
    struct smap by_addr; /* struct limit_entry, owned */
    struct limit_class classes[LIMIT_CLASSES_MAX];
    unsigned n;
};

void limit_init(struct limit *l, const struct limit_class *classes, unsigned n);
void limit_fini(struct limit *l);
/* 0 when it may go on, else milliseconds until it may try again. */
int64_t limit_take(struct limit *l, struct str addr, unsigned cls, int64_t now_us);

#endif
