/* porch — the connections of libwebsockets from their first moment to their last: who finds a place (gate),
 * and what is refused before a request is read, because libwebsockets 4.1 would hang up there or show a page
 * of its own: addresses and heads that cannot be read (head), upgrades to what we do not speak, what is no
 * HTTP, and WebSocket frames without a mask. Thread: control. Ownership: the owner of struct porch;
 * connections are libwebsockets', what is kept of each goes with it. */
#ifndef PORCH_H
#define PORCH_H
#include "server/http/gate.h"
#include "server/http/head.h"
#include "server/http/farewell.h"

enum { PORCH_CONNECTIONS_MAX = 65000 /* fewer where the system gives fewer descriptors */ };

struct lws;
struct porch {
    struct gate gate;
    struct farewell farewell;
    uint64_t refused, turned_away;
    bool (*is_last)(struct lws *wsi);
    struct head_names names;
};

/* is_last: a request of this connection is being answered; it closes afterwards, and nothing else is said. */
void porch_open(struct porch *p, struct uv_loop_s *loop, bool one_for_all, bool (*is_last)(struct lws *wsi));
void porch_close(struct porch *p); /* every connection is gone */
/* What libwebsockets asks of its first protocol about any connection; anything else is 0. */
int porch_event(struct porch *p, struct lws *wsi, int reason, void *user, void *in);
struct gate_guest *porch_guest(struct lws *wsi); /* NULL: none */
/* The last answer of this connection is written, and libwebsockets is told to close it next: what the other
 * end still sends is read away first. */
void porch_farewell(struct lws *wsi);

#endif
