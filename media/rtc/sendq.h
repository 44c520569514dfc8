/* sendq — datagrams on their way out of one worker: written in place and end to end, so that the kernel can
 * take neighbours as one piece, and handed to the socket in batches. It hides when a batch goes. Thread: the
 * worker's. Size: about 110 kB, one a worker: it stays in the processor's cache. Limits: SENDQ_MAX datagrams
 * of SENDQ_BYTES. What the kernel refuses (its buffer is full) is dropped, counted, and its owner
 * told: see sendq_dropped_fn. */
#ifndef SENDQ_H
#define SENDQ_H
#include "media/base/ctrmac.h"
#include "media/net/udp.h"

enum { SENDQ_MAX = UDP_BATCH, SENDQ_BYTES = 1600 };

/* Sends from the front; how many were dealt with (udp_send's contract). */
typedef size_t (*sendq_send_fn)(void *ctx, const struct udp_out *v, size_t n);
/* A datagram with this owner was dropped. Called from within sendq_flush (of a connection's: sendq_put): it
 * may change state, not send. */
typedef void (*sendq_dropped_fn)(void *owner);

/* What carries datagrams whose path names a connection (media/net/tcp.h); send NULL: there are none. */
struct sendq_streams {
    bool (*send)(void *ctx, uint32_t stream, const uint8_t *p, size_t n); /* false: refused, and dropped */
    void (*keep)(void *ctx, uint32_t stream);                             /* its far end has proven itself */
    void (*drop)(void *ctx, uint32_t stream); /* nothing will be sent to it any more */
    void *ctx;
};

struct sendq {
    unsigned n;
    struct udp_out v[SENDQ_MAX];
    void *owner[SENDQ_MAX]; /* borrowed: flushed before the owner is freed (hub_turn) */
    size_t used;            /* of bytes */
    uint8_t bytes[SENDQ_MAX * SENDQ_BYTES];
    struct ctrmac_batch sealing; /* what of it is sealed at the last moment, together */
    sendq_send_fn send;
    void *ctx;
    sendq_dropped_fn on_drop;
    struct sendq_streams streams;
    uint64_t sent, sent_bytes, dropped; /* counters */
};

void sendq_init(struct sendq *q, sendq_send_fn send, void *ctx, sendq_dropped_fn on_drop);
void sendq_fini(struct sendq *q);
/* Room for the next datagram, SENDQ_BYTES long. May flush. Without a sendq_put it is simply not sent. */
uint8_t *sendq_next(struct sendq *q);
/* The datagram written to the last sendq_next is complete. owner may be NULL. */
void sendq_put(struct sendq *q, size_t n, const struct addr_path *path, void *owner);
void sendq_flush(struct sendq *q);

#endif
