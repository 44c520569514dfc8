/* gate — how many connections one address may hold, so that a stranger cannot take the places of all: at all,
 * of those that have not said yet what they want (half-open ones, preconnections), and of those that are
 * being answered. Hides the table of addresses; an IPv6 host counts with its whole /64, which is what one
 * line gets. Pure. Thread: owner's. Ownership: a guest is the gate's, from gate_enter to gate_leave. */
#ifndef GATE_H
#define GATE_H
#include "media/base/map.h"

struct sockaddr;
enum {
    GATE_FRESH_MAX = 1024, /* a school behind one address arrives at once, browsers with a spare each */
    GATE_BUSY_MAX = 1000,  /* requests under way, slow readers of files among them */
    GATE_OPEN_MAX = 10000,
    GATE_SHARE = 4,    /* where there are few places, an address has one in so many at the most */
    GATE_ADDR_MAX = 48 /* bytes of an address in words */
};

struct gate_addr;
struct gate_guest;
struct gate {
    struct smap by_addr; /* struct gate_addr, owned */
    size_t open, open_max;
    size_t addr_open_max, addr_fresh_max, addr_busy_max;
    bool
        one_for_all; /* everybody comes through one proxy, which has limits of its own: only open_max holds */
};

void gate_init(struct gate *g, size_t open_max, bool one_for_all);
void gate_fini(struct gate *g); /* every guest has left */
/* Who calls, in words. NUL-terminated; "?" for what is neither IPv4 nor IPv6. */
void gate_name(char name[GATE_ADDR_MAX], const struct sockaddr *from);
/* The same from text, as a proxy or libwebsockets gives it; what is no address stays as it is, cut. */
void gate_name_text(char name[GATE_ADDR_MAX], struct str addr);
/* Asked on this machine itself: from a loopback address, and nobody's proxy says that it was another
 * (X-Forwarded-For: whose first words anybody may write). */
bool gate_is_local(const char *ip, struct str forwarded);
bool gate_has_place(const struct gate *g, const char *name);
/* NULL: no place, all the same. */
struct gate_guest *gate_enter(struct gate *g, const char *name);
void gate_leave(struct gate *g, struct gate_guest *guest); /* NULL is fine */
void gate_spoke(struct gate_guest *guest); /* said what it wants: fresh no more; NULL is fine */
/* A request begins; false: too many of this address are under way. Ends by gate_rest, or by leaving. */
bool gate_work(const struct gate *g, struct gate_guest *guest);
void gate_rest(struct gate_guest *guest); /* NULL is fine */

#endif
