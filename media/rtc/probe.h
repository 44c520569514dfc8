/* probe — asking one viewer's line for more than flows on it: for a while it is loaded with a higher rate, by
 * packets that do no harm (repeats, padding), and what arrives, and how fast, tells whether it carries that.
 * Shapers let some kilobytes through at once, whatever their rate: so a probe lasts until it was larger than
 * such a bucket, and its second half is judged, when that is empty. It decides when, how much and how often,
 * and reads the answer; the caller makes the packets, and ends it when the line is seen to fill. Nothing is
 * probed while nothing more is wanted: most viewers cost nothing. Pure. Size 0.3 kB. Thread: the worker's.
 * Owner: the view's steering. */
#ifndef PROBE_H
#define PROBE_H
#include "media/rtc/twcc.h"

enum {
    PROBE_US = 100 * 1000, /* at least, and */
    PROBE_MAX_US = 1000 * 1000,
    PROBE_BUCKET_BYTES = 10 * 1000, /* beyond what flows anyway: twice what shapers commonly let through */
    PROBE_TICK_US = 5 * 1000,       /* the load comes in pieces so far apart */
    PROBE_PACKETS_MIN = 5,          /* fewer say nothing about a rate */
    PROBE_PACKETS_TAIL = 8,         /* nor do so few at its end */
    PROBE_BYTES_MIN = 800,
    PROBE_ANSWER_US = 1500 * 1000, /* no answer by then: it got lost */
    PROBE_SOON_US = 100 * 1000,    /* after one that was carried */
    PROBE_EVERY_US = 1000 * 1000,  /* after one that was not; then half as long again each time, up to */
    PROBE_EVERY_MAX_US = 3000 * 1000,
    PROBE_PARTS = 8, /* of its time, told apart */
};

struct probe_part { /* times since the probe began; of the receiver since the first arrival */
    uint32_t bytes;
    uint16_t first_bytes, n;
    int32_t first_sent_us, last_sent_us, first_us, last_us;
};

struct probe {
    uint8_t mark; /* of the cluster now: 1..TWCC_PROBE_MAX; twcc_tx.probe while it is sent, 0 then */
    bool sending, waiting;
    bool late;       /* ended before its time, for the line filled */
    uint8_t carried; /* how many in a row were: the line is wider than was thought, nobody knows how much */
    uint64_t bps;    /* asked for */
    int64_t began_us, tick_us, next_us, every_us;
    int64_t long_us;
    uint32_t bytes; /* that are to leave */
    uint32_t left;  /* that have */
    /* the answer */
    unsigned got, told, sent;
    int64_t first_us; /* of all arrivals, by the receiver's clock */
    struct probe_part part[PROBE_PARTS];
};

void probe_init(struct probe *p, int64_t now_us);
/* May one begin? The line must be clear. */
static inline bool probe_ready(const struct probe *p, int64_t now_us) {
    return !p->sending && !p->waiting && now_us >= p->next_us;
}
/* bps: the rate all this viewer's packets together shall have; flow_bps: what they have now. */
void probe_begin(struct probe *p, uint64_t bps, uint64_t flow_bps, int64_t now_us);
/* How many bytes should leave now, besides what does anyway; `left`: all that has since probe_begin. 0: none
 * now. Call it again at probe_next_us. */
uint32_t probe_due(struct probe *p, uint32_t left, unsigned packets, int64_t now_us);
int64_t probe_next_us(const struct probe *p); /* INT64_MAX when it does not send */
void probe_on_result(struct probe *p, const struct twcc_result *r);
/* After the results of a feedback: the rate that was carried, once; 0 not yet, or nothing can be
 * said. *full: more was sent than came in that time. */
uint64_t probe_answer(struct probe *p, bool *full, int64_t now_us);
/* The line fills: nothing more is sent for it, what was sent is the answer. */
void probe_stop(struct probe *p, unsigned packets);
/* Gives up waiting for an answer that takes too long. */
void probe_expire(struct probe *p, int64_t now_us);
/* The line turned out to be full: no more of this for a while. */
void probe_failed(struct probe *p, int64_t now_us);
/* The line turned out to be another: what was learned of it in vain is forgotten. */
void probe_renew(struct probe *p, int64_t now_us);

#endif
