/* tcp — a listener and its connections that carry datagrams (RFC 6544 ICE-TCP, passive; RFC 4571 framing) for
 * people whose network lets no UDP through. Hides sockets, framing, queues and an epoll set of its own: the
 * owner watches one fd. Thread: owner's (one a worker). Ownership: tcp owns its connections; outside they are
 * numbers (struct addr_path.stream), a stale one finds nothing. A connection is a stranger until tcp_keep: it
 * has TCP_STRANGER_US and TCP_STRANGER_BYTES to prove itself, and is the first to go when there are too many:
 * the oldest of the newcomer's own address when that holds TCP_STRANGERS_ADDR, so that one address shuts
 * nobody else out, else the oldest of all. Limits: TCP_CONNS_MAX, TCP_STRANGERS_MAX of them strangers,
 * TCP_QUEUE_BYTES waiting for each. */
#ifndef TCP_H
#define TCP_H
#include "media/net/addr.h"

enum {
    TCP_CONNS_MAX = 4096, /* 12 bits of the number */
    TCP_STRANGERS_MAX = 512,
    TCP_STRANGERS_ADDR =
        128, /* of one address, an IPv6 line's whole /64: a school behind one comes in by TCP */
    TCP_STRANGER_BYTES = 4096,
    TCP_STRANGER_US = 10 * 1000 * 1000,
    TCP_QUEUE_BYTES =
        256 << 10, /* a key frame of a large picture; its memory is touched only when it is used */
    TCP_RESERVE_BYTES = 32 << 10, /* of it for what is small: sound, reports, checks */
    TCP_SMALL_BYTES = 400,
    TCP_LATE_US = 300 * 1000, /* what waits longer: large packets are refused until it has gone */
    TCP_STALE_US =
        2 * 1000 * 1000, /* and this long: all that waits is thrown away, late sound is worse than none */
};

struct tcp;
struct tcp_ops {
    void (*on_datagram)(void *ctx, uint8_t *p, size_t n, const struct addr_path *path); /* may write to p */
    void (*on_gone)(void *ctx, const struct addr_path *path); /* a kept connection ended by itself */
    void *ctx;
};
struct tcp_stats {
    uint64_t accepted, turned_away, refused; /* strangers closed; datagrams not taken */
    unsigned connections;
};

/* Binds ip:port. -ERR_BUSY port taken, -ERR_INVALID address, -ERR_IO. */
int tcp_open(struct tcp **out, const struct addr *bind_to, const struct tcp_ops *ops);
void tcp_close(struct tcp *t); /* NULL is fine; tells nobody */
int tcp_fd(const struct tcp *t);
uint16_t tcp_port(const struct tcp *t);
/* What is due: newcomers, datagrams, room to write. Calls on_datagram, on_gone. */
void tcp_receive(struct tcp *t, int64_t now_us);
/* Queues one datagram. False: refused (slow receiver, or the connection is gone). */
bool tcp_send(struct tcp *t, uint32_t stream, const uint8_t *p, size_t n);
/* Writes what was queued this turn, closes what is over. Calls on_gone. */
void tcp_flush(struct tcp *t, int64_t now_us);
int64_t tcp_next_us(const struct tcp *t); /* when tcp_flush has something to do by itself; INT64_MAX never */
void tcp_keep(struct tcp *t, uint32_t stream); /* it is no stranger any more */
void tcp_drop(struct tcp *t, uint32_t stream); /* closes it once what is queued is written */
void tcp_stats(const struct tcp *t, struct tcp_stats *out);

#endif
