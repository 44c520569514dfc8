/* whipweb — WHIP (RFC 9725) and WHEP as HTTP resources: checks methods, types and credentials, hands offers
 * to the hub, and turns its answers into 201 with Location, ETag and the relay's Link, 204, or the right 4xx.
 * Thread: control.
 * Limits: WHIPWEB_SESSIONS_MAX entity tags are kept; past it all are forgotten, and any If-Match of theirs
 * passes. */
#ifndef WHIPWEB_H
#define WHIPWEB_H
#include "server/http/http.h"
#include "server/signaling/whip.h"

enum { WHIPWEB_SESSIONS_MAX = 20000 };

struct whipweb;
/* hub and http are borrowed, and the relay's texts. */
int whipweb_open(struct whipweb **out, struct hub *hub, struct http *http, const struct turn *turn);
void whipweb_close(struct whipweb *w);
void whipweb_on_request(struct whipweb *w, uint64_t call, const struct route *route, const struct req *req);

#endif
