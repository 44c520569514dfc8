/* addr — a transport address (IP and port) as a plain value. IPv4 is kept v4-mapped (::ffff:a.b.c.d), so one
 * address has one form and equality is equality of bytes. Hides sockaddr. Pure. Thread: any. Scope ids are
 * not kept: link-local IPv6 is not announced. */
#ifndef ADDR_H
#define ADDR_H
#include "media/base/str.h"

enum { ADDR_TEXT_MAX = 64 }; /* "[" 45 "]:" 5 NUL */

struct addr {
    uint8_t ip[16]; /* network order; v4 in the last four after ::ffff: */
    uint16_t port;  /* host order */
};

/* Where a datagram travels: the far end, and our own address it came to (port 0 and any-address when
 * unknown). */
struct addr_path {
    struct addr remote, local;
    uint32_t stream; /* 0: UDP. Else the TCP connection it is framed in (media/net/tcp.h); never used again */
};

int addr_parse(struct addr *out, struct str ip, uint16_t port); /* literal IPv4 or IPv6; -ERR_INVALID */
/* "1.2.3.4:5" or "[2001:db8::1]:5". */
void addr_print(const struct addr *a, char dst[ADDR_TEXT_MAX]);
void addr_print_ip(const struct addr *a, char dst[ADDR_TEXT_MAX]); /* without port and brackets */

static inline bool addr_eq(const struct addr *a, const struct addr *b) {
    return a->port == b->port && !memcmp(a->ip, b->ip, 16);
}
bool addr_is_v4(const struct addr *a);
bool addr_is_any(const struct addr *a); /* 0.0.0.0 or :: */
bool addr_is_loopback(const struct addr *a);
bool addr_is_link_local(const struct addr *a); /* 169.254/16, fe80::/10 */
/* A table key. Exact for IPv4; for IPv6 a keyed hash (per-process secret): confirm a hit with addr_eq. */
uint64_t addr_key(const struct addr *a);
/* The same far end by the same transport: UDP and TCP have ports of their own behind one NAT. */
static inline bool addr_same_end(const struct addr_path *a, const struct addr_path *b) {
    return a->stream == b->stream && addr_eq(&a->remote, &b->remote);
}
uint64_t addr_path_key(const struct addr_path *p); /* as addr_key; of a TCP connection exact */

struct sockaddr_storage;
/* `family` AF_INET or AF_INET6 of the socket it is for; AF_INET6 takes IPv4 as v4-mapped. The length; 0 when
 * an IPv6 address is asked of an AF_INET socket. */
unsigned addr_to_sockaddr(const struct addr *a, int family, struct sockaddr_storage *out);
int addr_from_sockaddr(struct addr *out, const void *sockaddr,
                       size_t n); /* -ERR_UNSUPPORTED other families */

/* Addresses of this machine that are up, in the order to announce them: global first, loopback last;
 * link-local left out. Port 0. The number written. */
size_t addr_of_machine(struct addr *out, size_t max);

#endif
