/* ws — the sockets of signalling on libwebsockets: whole text messages in to the hub, notes out with a
 * bounded queue each. Nothing here knows what a message says. Thread: control. Ownership: a connection lives
 * from the handshake to its close; outside it is only a number. Limits: WS_QUEUE_BYTES or WS_QUEUE_NOTES
 * waiting for one reader, then ws_send answers -ERR_FULL; who is closed has WS_FLUSH_S for his queue and
 * WS_PART_S for his last message and the close frame; messages over HUB_MESSAGE_MAX_BYTES close with 1009;
 * paths other than /ws and foreign origins are refused. */
#ifndef WS_H
#define WS_H
#include "server/signaling/hub.h"

enum {
    WS_QUEUE_NOTES = 4096,
    WS_QUEUE_BYTES = 2 << 20,
    WS_CONNECTIONS_MAX = HUB_SESSIONS_MAX,
    WS_FLUSH_S = 5,
    WS_PART_S = 30
};

struct lws;
struct lws_protocols;
struct ws;
int ws_open(struct ws **out, bool trust_proxy);
void ws_set_hub(struct ws *w, struct hub *hub); /* before the first connection; NULL: stop telling it */
void ws_close_all(struct ws *w);                /* after the libwebsockets context is gone */
void ws_protocol(struct ws *w, struct lws_protocols *row); /* the row "somhub.v1" */

/* A frame came without its mask (RFC 6455 5.1: close with 1002); false: this is no socket of ours. */
bool ws_unmasked(struct lws *wsi);

/* The hub's ops. */
int ws_send(struct ws *w, uint64_t conn, struct note *note);
void ws_close(struct ws *w, uint64_t conn, struct note *bye, const char *reason);
size_t ws_count(const struct ws *w);

#endif
