/* rate — token buckets, one per class of request and connection (rates.def); and how large a
 * request of a class may be. Pure values. Thread: owner's. */
#ifndef RATE_H
#define RATE_H
#include <stddef.h>
#include <stdint.h>

enum rate {
#define X(name, wire, burst, milli_per_s, bytes) RATE_##name,
#include "server/signaling/rates.def"
#undef X
    RATE_COUNT
};

struct rate_bucket {
    int64_t at_us; /* of the last look; 0 = full */
    int64_t milli; /* thousandths of a request left */
};

const char *rate_name(enum rate class);
size_t rate_bytes(enum rate class); /* a request of the class has at most */
/* Takes one request. 0 if there was one, else how many ms to wait until there is. */
int64_t rate_take(struct rate_bucket *b, enum rate class, int64_t now_us);

#endif
