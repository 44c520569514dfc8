/* settled — what remains of a DTLS 1.2 association when its handshake is over: the keys of epoch 1, the last
 * flight in case the peer missed it, and the numbers of records. Enough to answer, to say close_notify and to
 * understand the peer's alerts, in 0.3 kB where OpenSSL keeps 41. Nothing else is accepted: no renegotiation,
 * no new keys, no application data. Cipher suites: *_WITH_AES_128_GCM_SHA256 (RFC 5288). Pure but for what
 * media/base asks of OpenSSL. Thread: owner's. Embedded value, no heap. Every record is authenticated before
 * it counts, and counts once. Limits: SETTLED_FLIGHT_MAX, SETTLED_TEXT_MAX bytes within a record. */
#ifndef SETTLED_H
#define SETTLED_H
#include "media/base/str.h"

enum {
    SETTLED_SECRET_BYTES = 48, /* RFC 5246 8.1: the master secret */
    SETTLED_RANDOM_BYTES = 32,
    SETTLED_KEY_BYTES = 16,
    SETTLED_SALT_BYTES = 4,
    SETTLED_WINDOW = 64,      /* RFC 6347 4.1.2.6: "at least 32 ... 64 is preferred" */
    SETTLED_FLIGHT_MAX = 128, /* ChangeCipherSpec and Finished: 75 */
    SETTLED_TEXT_MAX = 64,    /* Finished: 24, alert: 2 */
    SETTLED_ALERT_BYTES = 13 + 8 + 2 + 16,
};

enum settled_said {
    SETTLED_NOTHING, /* or nothing that matters */
    SETTLED_AGAIN,   /* the peer missed our last flight: send it once more */
    SETTLED_CLOSED,  /* close_notify */
    SETTLED_ALERT,   /* a fatal alert */
};

struct settled_way {
    uint8_t key[SETTLED_KEY_BYTES], salt[SETTLED_SALT_BYTES];
};
struct settled { /* private but for `flight` */
    struct settled_way tx, rx;
    uint64_t tx_seq, tx_nonce; /* of the last record of epoch 1 that was sent */
    uint64_t rx_top, rx_seen;  /* bit i: the record i before the top was seen */
    bool sent, heard;          /* any record yet */
    uint8_t flight_n;          /* 0: the last flight was the peer's */
    uint8_t flight[SETTLED_FLIGHT_MAX];
};

/* While the handshake goes on: every datagram that is sent. The last flight is the last of them. */
void settled_sent(struct settled *s, struct bytes datagram);
/* It is over. `server`: we were, and the last flight was ours. -ERR_CONFLICT: nothing of epoch 1 was sent, or
 * the last flight is not what it must be. */
int settled_open(struct settled *s, bool server, const uint8_t secret[SETTLED_SECRET_BYTES],
                 const uint8_t client_random[SETTLED_RANDOM_BYTES],
                 const uint8_t server_random[SETTLED_RANDOM_BYTES]);
/* A datagram that came. */
enum settled_said settled_feed(struct settled *s, struct bytes datagram);
/* Writes close_notify. */
void settled_close_notify(struct settled *s, uint8_t out[SETTLED_ALERT_BYTES]);
void settled_fini(struct settled *s); /* the keys are wiped */

#endif
