/* delay — how long packets wait in queues on the way to one viewer, out of when each left and arrived. Only
 * differences count, so the two clocks need not agree; they may drift. Packets that left within one burst are
 * one observation, the quickest of them: what a burst does to itself is not congestion. The quickest way of
 * the last seconds is taken for the empty line. Pure. Size about 0.2 kB. */
#ifndef DELAY_H
#define DELAY_H
#include <stdbool.h>
#include <stdint.h>

enum {
    DELAY_BURST_US = 5 * 1000,        /* libwebrtc's burst: packets so near belong together */
    DELAY_POINTS = 16,                /* observations the slope is taken over */
    DELAY_LOOK_US = 120 * 1000,       /* the wait is the least of so long: one late packet means nothing */
    DELAY_LOOK_POINTS = 3,            /* and of so many at least */
    DELAY_BASE_US = 10 * 1000 * 1000, /* the empty line is that of the last one to two of these */
    DELAY_JUMP_US = 5 * 1000 * 1000,  /* a clock that jumps so far was set: everything begins anew */
};

struct delay { /* private */
    struct delay_point {
        uint32_t sent_us; /* low bits: only differences count */
        int32_t way_us;   /* from leaving to arrival, less `zero_us` */
    } point[DELAY_POINTS];
    unsigned n, at; /* points there are, the next one's place */
    bool open;      /* a burst is being observed: */
    int64_t burst_us, zero_us, based_us;
    int32_t burst_way_us, base_us, base_next_us;
};

void delay_init(struct delay *d);
/* One packet arrived, in the order of sending. The receiver's clock may have any origin. */
void delay_on(struct delay *d, int64_t sent_us, int64_t arrived_us);
int64_t delay_wait_us(const struct delay *d); /* 0 until known */
/* How the wait grows, in microseconds a second; 0 until known. */
int64_t delay_slope(const struct delay *d);
/* The wait there is now is not ours to cure: it is taken for the empty line. */
void delay_rebase(struct delay *d);

#endif
