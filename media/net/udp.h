/* udp — one non-blocking UDP socket, datagrams in and out in batches. Hides recvmmsg, sendmmsg, packet-info
 * control messages and errno. Thread: owner's (one socket a worker). The caller owns all packet memory.
 * Limits: UDP_BATCH datagrams a system call; neighbours of one path and size are handed over as one
 * (UDP_SEGMENT). A full kernel buffer never blocks: see udp_send. */
#ifndef UDP_H
#define UDP_H
#include "media/net/addr.h"

enum {
    UDP_BATCH = 64,
    UDP_BUFFER_BYTES = 4 << 20,
    UDP_RUN_MAX = 64,      /* linux/udp.h: UDP_MAX_SEGMENTS of older kernels */
    UDP_RUN_BYTES = 65000, /* an IPv4 packet's 65535 with room for headers */
};

struct udp {
    int fd, family;
    struct addr local; /* as bound, the real port in it */
    bool any;          /* bound to every address: the local address of each datagram is asked of the kernel */
    bool single;       /* the kernel refused to cut a run of datagrams: they go one by one */
    uint64_t tx_errors;          /* datagrams the kernel refused one by one (no route, firewall): gone */
    uint64_t tx_blocked;         /* times the kernel's buffer was full */
    uint64_t rx_calls, tx_calls; /* system calls */
    uint64_t tx_messages;        /* walks through the stack: single datagrams, and runs taken as one */
};

struct udp_in {
    uint8_t *p; /* caller's buffer */
    size_t cap;
    size_t n;              /* filled in; 0: the datagram was larger than cap, ignore it */
    struct addr_path path; /* filled in */
};
struct udp_out {
    const uint8_t *p;
    size_t n;
    uint16_t segment; /* 0, or cut p into datagrams of this size, the last may be shorter (UDP_SEGMENT) */
    struct addr_path path; /* local with a real address chooses the source; port is always the socket's */
};

/* Binds ip:port (port 0: the kernel chooses, read u->local). -ERR_BUSY port taken, -ERR_INVALID address,
 * -ERR_IO. */
int udp_open(struct udp *u, const struct addr *bind_to);
void udp_close(struct udp *u);
/* Up to n datagrams; the number received, 0 when none wait. */
size_t udp_recv(struct udp *u, struct udp_in *v, size_t n);
/* The number dealt with, from the front: sent, or refused for their own sake and counted in tx_errors. Less
 * than n only when the kernel's buffer is full: the caller drops (and counts) or keeps the rest. */
size_t udp_send(struct udp *u, const struct udp_out *v, size_t n);
/* Datagrams that came and found the kernel's buffer full, since the socket was opened. */
uint64_t udp_lost(const struct udp *u);

#endif
