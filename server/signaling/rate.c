#include "server/signaling/rate.h"

static const struct {
    const char *name;
    int64_t burst_milli, milli_per_s;
    size_t bytes;
} rows[RATE_COUNT] = {
#define X(name, wire, burst, milli_per_s, bytes) {wire, 1000 * (burst), milli_per_s, bytes},
#include "server/signaling/rates.def"
#undef X
};

const char *rate_name(enum rate class) { return rows[class].name; }
size_t rate_bytes(enum rate class) { return rows[class].bytes; }

int64_t rate_take(struct rate_bucket *b, enum rate class, int64_t now_us) {
    int64_t burst = rows[class].burst_milli, speed = rows[class].milli_per_s;
    int64_t past_us = b->at_us && now_us > b->at_us ? now_us - b->at_us : 0;
    int64_t full_us = burst * 1000000 / speed;
    if (!b->at_us || past_us >= full_us) {
        b->milli = burst;
        b->at_us = now_us ? now_us : 1;
    } else {
        int64_t gain = past_us * speed / 1000000;
        b->milli = b->milli + gain > burst ? burst : b->milli + gain;
        b->at_us +=
            gain * 1000000 / speed; /* what is too little for a whole thousandth stays for the next time */
    }
    if (b->milli >= 1000) {
        b->milli -= 1000;
        return 0;
    }
    return (1000 - b->milli) * 1000 / speed + 1;
}
