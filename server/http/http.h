/* http — HTTP/1.1 on libwebsockets: takes a request whole, finds its row, has it answered (an api thread, the
 * web client in memory, or the owner's control routes) and sends the reply with backpressure, files in chunks
 * that an api thread reads. Thread: control. Ownership: a call lives until it is answered and sent or its
 * connection goes; outside, it is only a number. Limits: REQ_BODY_MAX, HTTP_CALLS_MAX at once, HTTP_IDLE_S
 * without progress, what one address may hold in server/http/gate.h. */
#ifndef HTTP_H
#define HTTP_H
#include "server/http/porch.h"
#include "server/http/route.h"

enum {
    HTTP_CONNECTIONS_MAX = PORCH_CONNECTIONS_MAX,
    HTTP_CALLS_MAX = 8000,
    HTTP_CHUNK_BYTES = 64 << 10,
    HTTP_IDLE_S = 60,
    HTTP_HEAD_MAX = HEAD_MAX
};

struct lws_protocols;
struct uv_loop_s;
struct pool;
struct static_files;
struct store;
struct http;

/* What every api thread has of its own: pool_ctx_ops.open makes one. */
struct http_ctx {
    struct api *api;
    struct store *store;
};

struct http_ops {
    /* A ROUTE_CONTROL row: answer now or later with http_answer(call). req is valid during this call only. */
    void (*on_control)(void *arg, uint64_t call, const struct route *route, const struct req *req);
    void (*on_effect)(void *arg, const struct effect *e);
    void *arg;
};
struct http_cfg {
    struct uv_loop_s *loop;           /* borrowed */
    struct pool *pool, *door;         /* borrowed; their ctx is struct http_ctx */
    const struct static_files *files; /* borrowed */
    bool trust_proxy;
    struct http_ops ops;
};
struct http_counts {
    uint64_t requests, refused, turned_away, bytes_out;
    size_t open_calls, open_connections;
};

int http_open(struct http **out, const struct http_cfg *cfg);
void http_close(struct http *h); /* after the libwebsockets context is gone */
/* Fills the protocol row libwebsockets wants (name "http"): the first one, and h the context's user, since it
 * minds the door for all connections. */
void http_protocol(struct http *h, struct lws_protocols *row);
/* Takes the reply over (reply_fini is its business then); a call that went away is fine. */
void http_answer(struct http *h, uint64_t call, struct reply *reply);
bool http_waits(const struct http *h, uint64_t call); /* somebody still waits for this answer */
void http_counts(const struct http *h, struct http_counts *out);

#endif
