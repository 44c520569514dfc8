/* nack — decides which lost packets to ask for again, and when to stop asking.
 * Pure: no clock, no allocation. Thread: owner's. Size: one per source stream, ~10 kB.
 * Limits: remembers NACK_MAX gaps; a packet asked NACK_TRIES times, older than NACK_AGE_US, or a jump of more
 * than NACK_MAX becomes a key frame request (video; audio owners ignore that flag). */
#ifndef NACK_H
#define NACK_H
#include <stdbool.h>
#include <stdint.h>

enum {
    NACK_MAX = 256,
    NACK_TRIES = 10,
    NACK_BATCH = 32,
    NACK_REORDER_US = 10 * 1000,   /* a gap younger than this may be mere reordering */
    NACK_RETRY_MIN_US = 20 * 1000, /* of the first repeat; later ones wait longer */
    NACK_RETRY_MAX_US = 300 * 1000,
    NACK_RTT_US = 100 * 1000,      /* assumed until measured */
    NACK_AGE_US = 3 * 1000 * 1000, /* senders keep about this much */
};

struct nack_gap {
    uint64_t seq;
    int64_t due_us, born_us, asked_us;
    uint8_t tries;
};
struct nack {                      /* private to nack.c; visible so a track can embed it */
    struct nack_gap gap[NACK_MAX]; /* ascending by seq */
    unsigned n;
    uint64_t top; /* highest seen */
    int64_t rtt_us;
    bool measured;                       /* rtt_us is known, not assumed */
    bool keyframe;                       /* gave up on something since the last nack_due */
    uint64_t asked, recovered, given_up; /* counters */
};

void nack_init(struct nack *n);
/* Tell it what arrived (unwrapped). Returns true if `seq` filled a gap (a recovered packet). */
bool nack_seen(struct nack *n, uint64_t seq, int64_t now_us);
/* A round trip known from elsewhere. It also measures its own: from asking once to the answer. */
void nack_rtt(struct nack *n, int64_t rtt_us);
/* A key frame starts at `seq`: nothing before it is worth asking for. */
void nack_keyframe(struct nack *n, uint64_t seq);
/* Sequence numbers due to be asked for, ascending; at most NACK_BATCH (call again while it returns that
 * many). *keyframe is set when it gave up on one. */
unsigned nack_due(struct nack *n, int64_t now_us, uint16_t out[NACK_BATCH], bool *keyframe);
int64_t nack_next_us(const struct nack *n); /* when nack_due has work; INT64_MAX if never */

#endif
