/* probe — asking one viewer's line for more than flows on it: for some 60 ms it is loaded with a higher rate,
 * by packets that do no harm (repeats, padding), and what arrives, and how fast, tells whether it carries
 * that. It decides when, how much and how often, and reads the answer; the caller makes the packets. Nothing
 * is probed while nothing more is wanted: most viewers cost nothing. Pure. Size 0.1 kB. Thread: the worker's.
 * Owner: the view's steering. */
#ifndef PROBE_H
#define PROBE_H
#include "media/rtc/twcc.h"

enum {
    PROBE_US = 60 * 1000,
    PROBE_TICK_US = 5 * 1000, /* the load comes in pieces so far apart */
    PROBE_PACKETS_MIN = 5,    /* fewer say nothing about a rate */
    PROBE_BYTES_MIN = 800,
    PROBE_ANSWER_US = 1500 * 1000, /* no answer by then: it got lost */
    PROBE_SOON_US = 100 * 1000,    /* after one that was carried */
    PROBE_EVERY_US = 1000 * 1000,  /* after one that was not; then half as long again each time, up to */
    PROBE_EVERY_MAX_US = 4000 * 1000,
};

struct probe {
    uint8_t mark; /* of the cluster now: 1..TWCC_PROBE_MAX; twcc_tx.probe while it is sent, 0 then */
    bool sending, waiting;
    uint64_t bps; /* asked for */
    int64_t began_us, tick_us, next_us, every_us;
    uint32_t bytes; /* that are to leave */
    uint32_t left;  /* that have */
    /* the answer */
    unsigned got, told, sent;
    uint32_t got_bytes, first_bytes, last_bytes;
    int64_t first_sent_us, last_sent_us, first_us, last_us;
};

void probe_init(struct probe *p, int64_t now_us);
/* May one begin? The line must be clear. */
static inline bool probe_ready(const struct probe *p, int64_t now_us) {
    return !p->sending && !p->waiting && now_us >= p->next_us;
}
void probe_begin(struct probe *p, uint64_t bps, int64_t now_us);
/* How many bytes should leave now, besides what does anyway; `left`: all that has since probe_begin. 0: none
 * now. Call it again at probe_next_us. */
uint32_t probe_due(struct probe *p, uint32_t left, unsigned packets, int64_t now_us);
int64_t probe_next_us(const struct probe *p); /* INT64_MAX when it does not send */
void probe_on_result(struct probe *p, const struct twcc_result *r);
/* After the results of a feedback: the rate that was carried, once; 0 not yet, or nothing can be
 * said. *full: more was sent than came in that time. */
uint64_t probe_answer(struct probe *p, bool *full, int64_t now_us);
/* Gives up waiting for an answer that takes too long. */
void probe_expire(struct probe *p, int64_t now_us);
/* The line turned out to be full: no more of this for a while. */
void probe_failed(struct probe *p, int64_t now_us);

#endif
