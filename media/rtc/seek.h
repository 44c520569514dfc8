/* seek — asking at an address whether a peer is there. People's addresses change on the way (a router
 * forgets, Wi-Fi becomes mobile): what they send arrives from an address nobody has proven, and their browser
 * would prove it by a check only every few seconds, so the peer a packet authenticates for is asked for a
 * proof at once, and followed when it answers, within a round trip. And whoever nominates an address is asked
 * there too, before media goes to it (peer_awaits): a check may name anybody's. Nothing is believed but SRTP,
 * SRTCP and STUN integrity. Sans-IO. Thread: the worker's. Owner: plane. Limits: one search in SEEK_EVERY_US
 * whatever strangers send, SEEK_PEERS_MAX packets tried in each, SEEK_TRIES_MAX answers awaited, a question
 * asked SEEK_ASKS times at the most. */
#ifndef SEEK_H
#define SEEK_H
#include "media/rtc/peer.h"

enum {
    SEEK_EVERY_US = 5 * 1000,
    SEEK_PEERS_MAX = 8,
    SEEK_TRIES_MAX = 32,
    SEEK_ANSWER_US = 2 * 1000 * 1000,
    SEEK_AGAIN_US =
        100 * 1000, /* a lost question for a nominated address is asked again, twice as late each time */
    SEEK_ASKS = 4,
};

struct seek {
    struct seek_try {
        uint8_t tid[STUN_TID_BYTES];
        uint64_t peer; /* 0: free */
        struct addr_path path;
        int64_t at_us, again_us; /* again_us: INT64_MAX it is not asked again */
        unsigned asks;
    } tries[SEEK_TRIES_MAX]; /* a ring: the oldest gives way */
    unsigned next;
    int64_t due_us;  /* the earliest again_us, or before */
    int64_t free_us; /* when it may search again */
};

/* SRTP or SRTCP from an address of nobody's. `peers`: id -> peer. */
void seek_stranger(struct seek *s, const struct map *peers, struct bytes pkt, const struct addr_path *path,
                   int64_t now_us);
/* The peer waits for a proof (peer_awaits): asks, and again until it has one. */
void seek_nominated(struct seek *s, struct peer *p, int64_t now_us);
void seek_timer(struct seek *s, const struct map *peers, int64_t now_us);
/* The peer whose challenge this response answers, once; NULL: nobody's, or along another path. */
struct peer *seek_answered(struct seek *s, const struct map *peers, const struct stun *m,
                           const struct addr_path *path, int64_t now_us);

#endif
