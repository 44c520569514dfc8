/* twcc — transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01): the
 * arrival log of a receiver and its feedback packets; the send record of a sender; the reader of feedback.
 * Pure, no allocation. Sizes: receiver ~8 kB (publishing peers), sender ~4 kB (viewing peers).
 * Limits: TWCC_STATUS_MAX packets a feedback; older arrivals than TWCC_RX_RING packets are forgotten. */
#ifndef TWCC_H
#define TWCC_H
#include "media/base/str.h"
#include "media/rtc/seq.h"

enum {
    TWCC_EVERY_US = 100 * 1000,
    TWCC_RX_RING = 1024,
    TWCC_TX_RING = 512,
    TWCC_STATUS_MAX =
        2048, /* statuses taken from one feedback: more is refused, it could not have been asked */
    TWCC_WRITE_MAX = 400,   /* statuses put in one feedback, so that it stays within a datagram */
    TWCC_PACKET_MAX = 1200, /* bytes; a buffer of this size never overflows */
    TWCC_PROBE_MAX = 7,
};

/* ---- receiver (now_us is positive) ---- */
struct twcc_rx {
    int64_t at_us[TWCC_RX_RING]; /* by seq; 0 = not arrived */
    struct seq_unwrap unwrap;
    uint64_t next, top; /* first not reported yet, highest arrived */
    int64_t due_us;
    uint8_t count; /* feedback packet number */
};
void twcc_rx_init(struct twcc_rx *r);
void twcc_rx_on(struct twcc_rx *r, uint16_t seq, int64_t now_us);
int64_t twcc_rx_next_us(const struct twcc_rx *r); /* INT64_MAX when nothing waits */
/* A whole RTCP packet when due (call again until 0), else 0. -ERR_TOO_LARGE when cap < TWCC_PACKET_MAX. */
int twcc_rx_write(struct twcc_rx *r, uint32_t ssrc, uint32_t media_ssrc, int64_t now_us, uint8_t *dst,
                  size_t cap);

/* ---- reading feedback ---- */
struct twcc_fb { /* an iterator; fields public to read, private to set */
    uint16_t base, count;
    uint8_t number;
    int32_t reference; /* units of 64 ms, signed 24 bits */
    struct bytes chunks, deltas;
    unsigned i, run; /* statuses given; statuses left in the current chunk */
    uint16_t chunk;
    int64_t clock_us;
};
int twcc_fb_open(struct twcc_fb *f, struct bytes fci); /* -ERR_SHORT, -ERR_INVALID, -ERR_TOO_LARGE */
/* The next status: false at the end. *at_us is on the receiver's clock (modulo 2^24 * 64 ms); *got false =
 * lost. */
bool twcc_fb_next(struct twcc_fb *f, uint16_t *seq, bool *got, int64_t *at_us);

/* ---- sender ---- */
struct twcc_sent {  /* private */
    uint32_t at_us; /* low bits of the time it left */
    uint16_t seq;
    uint16_t bytes : 11, state : 2, probe : 3;
};
struct twcc_tx {
    uint16_t next;         /* the number to stamp on the next packet */
    uint8_t probe;         /* the caller's mark of what leaves now: 0 none, at most TWCC_PROBE_MAX */
    bool any;              /* a feedback was read */
    uint16_t told;         /* first number no feedback has spoken of yet */
    int64_t reference;     /* of the last feedback, unwrapped */
    int64_t rtt_us;        /* smoothed, 0 until known; includes the receiver's wait before feedback */
    uint64_t acked, lost;  /* totals out of feedback; a loss that only came late is taken back */
    uint64_t missed_bytes; /* sent, and never spoken of: that feedback was lost itself */
    struct twcc_sent sent[TWCC_TX_RING];
};
struct twcc_result {
    uint16_t seq, bytes;
    bool got;
    uint8_t probe;
    int64_t sent_us, arrived_us; /* arrived on the receiver's clock, unwrapped */
};
void twcc_tx_init(struct twcc_tx *t, uint16_t first);
/* Where the next packet is recorded will be needed soon. */
static inline void twcc_tx_warm(const struct twcc_tx *t) {
    __builtin_prefetch(&t->sent[t->next % TWCC_TX_RING], 1);
}
void twcc_tx_on(struct twcc_tx *t, size_t bytes, int64_t now_us); /* the packet stamped t->next left */
/* Applies a feedback. Writes what it newly says of packets we sent (each arrival once) to out, at most max,
 * in the order of sending; returns how many, or the error of twcc_fb_open. */
int twcc_tx_feedback(struct twcc_tx *t, struct bytes fci, int64_t now_us, struct twcc_result *out,
                     unsigned max);

#endif
