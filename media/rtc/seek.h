/* seek — people whose address changed on the way (a router forgets, Wi-Fi becomes mobile). Their reports
 * arrive from an address nobody has proven, and their browser would prove it by a check only every few
 * seconds: so the peer a report authenticates for is asked for a proof at once, and followed when it answers,
 * within a round trip. Nothing is believed but SRTCP and STUN integrity. Sans-IO. Thread: the worker's.
 * Owner: plane. Limits: one search in SEEK_EVERY_US whatever strangers send, SEEK_PEERS_MAX packets tried in
 * each, SEEK_TRIES_MAX answers awaited. */
#ifndef SEEK_H
#define SEEK_H
#include "media/rtc/peer.h"

enum {
    SEEK_EVERY_US = 5 * 1000,
    SEEK_PEERS_MAX = 8,
    SEEK_TRIES_MAX = 32,
    SEEK_ANSWER_US = 2 * 1000 * 1000,
};

struct seek {
    struct seek_try {
        uint8_t tid[STUN_TID_BYTES];
        uint64_t peer; /* 0: free */
        struct addr_path path;
        int64_t at_us;
    } tries[SEEK_TRIES_MAX]; /* a ring: the oldest gives way */
    unsigned next;
    int64_t free_us; /* when it may search again */
};

/* SRTCP from an address of nobody's. `peers`: id -> peer. */
void seek_stranger(struct seek *s, const struct map *peers, struct bytes rtcp, const struct addr_path *path,
                   int64_t now_us);
/* The peer whose challenge this response answers, once; NULL: nobody's, or along another path. */
struct peer *seek_answered(struct seek *s, const struct map *peers, const struct stun *m,
                           const struct addr_path *path, int64_t now_us);

#endif
