#include "server/http/http.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/map.h"
#include "media/base/mem.h"
#include "server/http/pool.h"
#include "server/http/api.h"
#include "server/http/gate.h"
#include "server/http/limit.h"
#include "server/http/porch.h"
#include "server/http/static.h"

/* One request from its headers to its last byte. While `with_pool` it belongs to an api thread. */
struct call {
    struct pool_task task; /* runs the handler, later reads chunks of the file */
    struct http *http;
    struct lws *wsi; /* NULL: the connection went while an api thread had the call */
    uint64_t id;
    const struct route *route;
    struct arena arena;
    struct req req;
    struct buf body;
    struct reply reply;
    char path[REQ_PATH_MAX + 1];
    bool with_pool, dispatched, answered, head_sent, close_after, body_over, reading;
    const struct static_file *file; /* a file of the web client instead of reply.body */
    struct static_form form;        /* what of it is sent */
    size_t sent;                    /* of a body in memory */
    uint8_t *chunk;                 /* of a file: LWS_PRE + HTTP_CHUNK_BYTES */
    ssize_t chunk_n;
};
struct connection {
    struct call *call;
};
struct http {
    struct http_cfg cfg;
    struct map calls;
    uint64_t next_id;
    struct limit limit;
    struct porch porch;
    struct http_counts counts;
    uint8_t head[LWS_PRE + HTTP_HEAD_MAX], piece[LWS_PRE + HTTP_CHUNK_BYTES];
};

enum { BUSY_RETRY_MS = 1000 };

/* By enum route_rate. A school behind one address joins at once, so joins and media have a long burst. */
static const struct limit_class rates[] = {
    [PACE_READ] = {200, 2000}, [PACE_WRITE] = {20, 200},   [PACE_LOGIN] = {2, 40},
    [PACE_JOIN] = {50, 1000},  [PACE_MEDIA] = {100, 1000}, [PACE_PROBE] = {5, 240},
};

static const char csp[] =
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; "
    "worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'self'";

/* ---- life of a call ---- */

static void call_free(struct call *c) {
    map_drop(&c->http->calls, c->id);
    reply_fini(&c->reply);
    buf_fini(&c->body);
    arena_fini(&c->arena);
    mem_free(c->chunk);
    mem_free(c);
}

static struct call *call_make(struct http *h, struct lws *wsi) {
    struct call *c = mem_zalloc(sizeof *c);
    c->http = h;
    c->wsi = wsi;
    c->id = ++h->next_id;
    if (map_put(&h->calls, c->id, c)) {
        mem_free(c);
        return NULL;
    }
    arena_init(&c->arena, REQ_ARENA_MAX);
    buf_init(&c->body, REQ_BODY_MAX);
    reply_init(&c->reply);
    c->req.arena = &c->arena;
    c->req.now_ms = clock_wall_ms();
    h->counts.requests++;
    return c;
}

static void connection_gone(struct connection *k) {
    struct call *c = k->call;
    k->call = NULL;
    if (!c)
        return;
    c->wsi = NULL;
    if (!c->with_pool)
        call_free(c);
}

static void answered(struct call *c) {
    c->answered = true;
    for (unsigned i = 0; i < c->reply.n_effects; i++)
        c->http->cfg.ops.on_effect(c->http->cfg.ops.arg, &c->reply.effects[i]);
    if (c->wsi)
        lws_callback_on_writable(c->wsi);
}

static void refuse(struct call *c, int err, const char *text, int64_t retry_ms) {
    c->http->counts.refused++;
    api_error(&c->reply, err, NULL, text, retry_ms);
    answered(c);
}

/* ---- reading a request ---- */

static struct str header(struct call *c, enum lws_token_indexes token) {
    int n = lws_hdr_total_length(c->wsi, token);
    char *p = n > 0 && n < HTTP_HEAD_MAX ? arena_alloc(&c->arena, (size_t)n + 1) : NULL;
    if (!p || lws_hdr_copy(c->wsi, p, n + 1, token) < 0)
        return STR("");
    return str_of(p);
}

static struct str custom_header(struct call *c, const char *name) {
    int n = lws_hdr_custom_length(c->wsi, name, (int)strlen(name));
    char *p = n > 0 && n < HTTP_HEAD_MAX ? arena_alloc(&c->arena, (size_t)n + 1) : NULL;
    if (!p || lws_hdr_custom_copy(c->wsi, p, n + 1, name, (int)strlen(name)) < 0)
        return STR("");
    return str_of(p);
}

/* libwebsockets hands out the query decoded and cut at '&'; handlers want it as it came. */
static struct str query(struct call *c) {
    struct buf b;
    char piece[HTTP_HEAD_MAX]; /* no part of it is longer than all headers */
    buf_init(&b, 3 * HTTP_HEAD_MAX);
    for (int i = 0, n;
         (n = lws_hdr_copy_fragment(c->wsi, piece, sizeof piece, WSI_TOKEN_HTTP_URI_ARGS, i)) >= 0; i++) {
        if (i)
            buf_z(&b, "&");
        for (int k = 0; k < n; k++) {
            unsigned char ch = (unsigned char)piece[k];
            if (ch <= ' ' || ch >= 0x7f || strchr("&%+#", ch))
                buf_printf(&b, "%%%02X", ch);
            else
                buf_put(&b, &ch, 1);
        }
    }
    char *p = arena_str(&c->arena, buf_view(&b));
    buf_fini(&b);
    return str_of(p);
}

static enum req_method method_of(struct lws *wsi) {
    static const struct {
        enum lws_token_indexes token;
        enum req_method method;
    } rows[] = {
        {WSI_TOKEN_GET_URI, REQ_GET},         {WSI_TOKEN_POST_URI, REQ_POST},
        {WSI_TOKEN_HEAD_URI, REQ_HEAD},       {WSI_TOKEN_PUT_URI, REQ_PUT},
        {WSI_TOKEN_PATCH_URI, REQ_PATCH},     {WSI_TOKEN_DELETE_URI, REQ_DELETE},
        {WSI_TOKEN_OPTIONS_URI, REQ_OPTIONS},
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (lws_hdr_total_length(wsi, rows[i].token))
            return rows[i].method;
    return REQ_OTHER;
}

static void read_address(struct call *c) {
    char ip[64] = "";
    lws_get_peer_simple(c->wsi, ip, sizeof ip);
    struct str addr = str_of(ip), forwarded = header(c, WSI_TOKEN_X_FORWARDED_FOR), first;
    c->req.is_local = gate_is_local(ip, forwarded);
    if (c->http->cfg.trust_proxy && str_until(&forwarded, ',', &first))
        addr = str_trim(first);
    char name[GATE_ADDR_MAX];
    gate_name_text(name, addr);
    c->req.addr = str_of(arena_str(&c->arena, str_of(name)));
}

static int read_head(struct call *c, const char *uri, size_t uri_n) {
    struct req *q = &c->req;
    q->method = method_of(c->wsi);
    /* The path comes decoded; a percent sign in it was "%25". */
    struct buf raw;
    buf_init(&raw, 3 * REQ_PATH_MAX);
    for (size_t i = 0; i < uri_n; i++)
        buf_put(&raw, uri[i] == '%' ? "%25" : &uri[i], uri[i] == '%' ? 3 : 1);
    int rc = raw.over ? -ERR_TOO_LARGE : req_path(buf_view(&raw), c->path, &q->path);
    buf_fini(&raw);
    q->query = query(c);
    q->host = header(c, WSI_TOKEN_HOST);
    q->origin = header(c, WSI_TOKEN_ORIGIN);
    q->cookie = header(c, WSI_TOKEN_HTTP_COOKIE);
    q->authorization = header(c, WSI_TOKEN_HTTP_AUTHORIZATION);
    q->content_type = header(c, WSI_TOKEN_HTTP_CONTENT_TYPE);
    q->accept_language = header(c, WSI_TOKEN_HTTP_ACCEPT_LANGUAGE);
    q->user_agent = header(c, WSI_TOKEN_HTTP_USER_AGENT);
    q->range = header(c, WSI_TOKEN_HTTP_RANGE);
    q->if_range = header(c, WSI_TOKEN_HTTP_IF_RANGE);
    q->if_match = header(c, WSI_TOKEN_HTTP_IF_MATCH);
    q->if_none_match = header(c, WSI_TOKEN_HTTP_IF_NONE_MATCH);
    q->csrf = custom_header(c, "x-csrf-token:");
    read_address(c);
    q->is_tls = lws_is_ssl(c->wsi) ||
                (c->http->cfg.trust_proxy && str_ieq(custom_header(c, "x-forwarded-proto:"), STR("https")));
    return rc;
}

/* ---- who answers ---- */

static void run_handler(struct pool_task *t, void *ctx) {
    struct call *c = container_of(t, struct call, task);
    struct http_ctx *own = ctx;
    api_run(own->api, c->route, &c->req, &c->reply);
}

static void handler_done(struct pool_task *t) {
    struct call *c = container_of(t, struct call, task);
    c->with_pool = false;
    answered(c);
    if (!c->wsi)
        call_free(c);
}

static bool serve_static(struct call *c) {
    const struct req *q = &c->req;
    if ((q->method != REQ_GET && q->method != REQ_HEAD) || str_starts(q->path, STR("/api/")) ||
        str_starts(q->path, STR("/media/")))
        return false;
    const struct static_file *f = static_find(c->http->cfg.files, q->path);
    if (!f)
        return false;
    char ae[256] = "";
    lws_hdr_copy(c->wsi, ae, sizeof ae, WSI_TOKEN_HTTP_ACCEPT_ENCODING);
    c->form = static_form(f, str_of(ae));
    char *tag = arena_printf(&c->arena, "%.*s%s\"", (int)strlen(f->etag) - 1, f->etag, c->form.mark);
    bool same = q->if_none_match.n && strstr(q->if_none_match.p, tag);
    c->reply.status = same ? 304 : 200;
    c->reply.type = same ? NULL : f->type;
    c->file = same ? NULL : f;
    reply_header(&c->reply, "etag", tag);
    reply_header(&c->reply, "vary", "accept-encoding");
    reply_header(&c->reply, "cache-control",
                 f->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (c->form.coding && !same)
        reply_header(&c->reply, "content-encoding", c->form.coding);
    if (f->type && strstr(f->type, "html"))
        reply_header(&c->reply, "content-security-policy", csp);
    answered(c);
    return true;
}

static void dispatch(struct call *c) {
    struct http *h = c->http;
    struct req *q = &c->req;
    q->body = (struct bytes){c->body.p, c->body.n};
    c->dispatched = true;
    if (c->body_over) {
        c->close_after = true;
        refuse(c, -ERR_TOO_LARGE, "The request is larger than this address takes.", 0);
        return;
    }
    int64_t wait_ms = limit_take(&h->limit, q->addr, c->route->rate, clock_mono_us());
    if (wait_ms) {
        refuse(c, -ERR_RATE, "Too many requests from this address; wait a little.", wait_ms);
    } else if (c->route->where == ROUTE_CONTROL) {
        h->cfg.ops.on_control(h->cfg.ops.arg, c->id, c->route, q);
    } else {
        c->task.run = run_handler;
        c->task.done = handler_done;
        c->with_pool = true;
        bool at_door = c->route->where == ROUTE_DOOR;
        if (pool_put(at_door ? h->cfg.door : h->cfg.pool, &c->task)) {
            c->with_pool = false;
            refuse(c, -ERR_BUSY,
                   at_door ? "Very many people are signing in; try again in a moment."
                           : "The server is busy; try again in a moment.",
                   BUSY_RETRY_MS);
        }
    }
}

static void answer_options(struct call *c, const char *allow) {
    c->reply.status = 204;
    reply_header(&c->reply, "allow", arena_str(&c->arena, str_of(allow)));
    answered(c);
}

/* One number and nothing else may say where a body ends (RFC 9112 6.3): what two readers could understand in
 * two ways is how requests are smuggled past a proxy. */
static int body_length(struct lws *wsi, uint64_t *n) {
    char text[24] = "";
    *n = 0;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING))
        return -ERR_INVALID;
    if (!lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH))
        return 0;
    if (lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
        return -ERR_INVALID;
    return str_u64(str_of(text), INT64_MAX, n);
}

/* Of these libwebsockets waits for a body that nobody announced, and takes the next request for it. */
static bool awaits_more(const struct call *c, struct lws *wsi) {
    bool has_body = c->req.method == REQ_POST || c->req.method == REQ_PUT || c->req.method == REQ_PATCH;
    return has_body && !lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
}

static int begin(struct http *h, struct connection *k, struct lws *wsi, const char *uri, size_t uri_n) {
    struct gate_guest *guest = porch_guest(wsi);
    connection_gone(k);
    struct call *c = k->call = call_make(h, wsi);
    if (!c)
        return -1;
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_IDLE_S);
    int err = read_head(c, uri, uri_n);
    char allow[64] = "";
    uint64_t body_n;
    gate_spoke(guest);
    if (!gate_work(&h->porch.gate, guest)) {
        c->close_after = true;
        refuse(c, -ERR_BUSY, "Too many requests of this address are under way.", BUSY_RETRY_MS);
        return 0;
    }
    if (body_length(wsi, &body_n)) { /* first of all: else what follows could be taken for a request */
        c->close_after = true;
        refuse(c, -ERR_INVALID, "Send the body with a Content-Length.", 0);
        return 0;
    }
    c->close_after = awaits_more(c, wsi);
    if (err) {
        c->close_after |= body_n > 0;
        if (err == -ERR_TOO_LARGE)
            refuse(c, -ERR_ADDRESS_LONG, "The address of this request is too long.", 0);
        else
            refuse(c, err, "The address of this request cannot be read.", 0);
        return 0;
    }
    c->route = route_find(&c->req, &err, allow);
    if (!c->route) {
        c->close_after |= body_n > 0;
        if (err == -ERR_MISSING && serve_static(c))
            return 0;
        if (err == -ERR_METHOD && c->req.method == REQ_OPTIONS) {
            answer_options(c, allow);
            return 0;
        }
        if (err == -ERR_METHOD)
            reply_header(&c->reply, "allow", arena_str(&c->arena, str_of(allow)));
        refuse(c, err,
               err == -ERR_METHOD ? "This address does not take that method."
                                  : "There is nothing at this address.",
               0);
        return 0;
    }
    if (body_n > c->route->body_max) {
        c->body_over = true;
        dispatch(c);
        return 0;
    }
    if (!body_n)
        dispatch(c);
    return 0;
}

/* ---- sending a reply ---- */

static int64_t reply_length(const struct call *c) {
    if (c->file)
        return (int64_t)c->form.n;
    return c->reply.file_fd >= 0 ? c->reply.file_length : (int64_t)c->reply.body.n;
}

static int add_header(struct lws *wsi, const char *name, const char *value, uint8_t **p, uint8_t *end) {
    char colon[64];
    snprintf(colon, sizeof colon, "%s:", name);
    return lws_add_http_header_by_name(wsi, (const uint8_t *)colon, (const uint8_t *)value,
                                       (int)strlen(value), p, end);
}

static int send_head(struct call *c) {
    struct http *h = c->http;
    uint8_t *start = h->head + LWS_PRE, *p = start, *end = h->head + sizeof h->head - 1;
    struct reply *r = &c->reply;
    int bad = lws_add_http_header_status(c->wsi, (unsigned)r->status, &p, end);
    if (r->type)
        bad |= add_header(c->wsi, "content-type", r->type, &p, end);
    bool cached = false;
    for (unsigned i = 0; i < r->n_headers; i++) {
        bad |= add_header(c->wsi, r->headers[i].name, r->headers[i].value, &p, end);
        cached |= !strcmp(r->headers[i].name, "cache-control");
    }
    if (!cached)
        bad |= add_header(c->wsi, "cache-control", "no-store", &p, end);
    bad |= add_header(c->wsi, "x-content-type-options", "nosniff", &p, end);
    bad |= add_header(c->wsi, "referrer-policy", "same-origin", &p, end);
    if (c->close_after)
        bad |= add_header(c->wsi, "connection", "close", &p, end);
    if (r->status != 204 && r->status != 304)
        bad |= lws_add_http_header_content_length(c->wsi, (lws_filepos_t)reply_length(c), &p, end);
    bad |= lws_finalize_http_header(c->wsi, &p, end);
    if (bad)
        return -1;
    c->head_sent = true;
    size_t n = (size_t)(p - start);
    return lws_write(c->wsi, start, n, LWS_WRITE_HTTP_HEADERS) < (int)n ? -1 : 0;
}

static int finish(struct connection *k) {
    struct call *c = k->call;
    struct lws *wsi = c->wsi;
    bool close_it = c->close_after;
    k->call = NULL;
    call_free(c);
    gate_rest(porch_guest(wsi));
    if (close_it)
        porch_farewell(wsi);
    return close_it || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static void read_chunk(struct pool_task *t, void *ctx) {
    (void)ctx;
    struct call *c = container_of(t, struct call, task);
    size_t n = (size_t)(c->reply.file_length < HTTP_CHUNK_BYTES ? c->reply.file_length : HTTP_CHUNK_BYTES);
    c->chunk_n = pread(c->reply.file_fd, c->chunk + LWS_PRE, n, c->reply.file_offset);
}

static void chunk_done(struct pool_task *t) {
    struct call *c = container_of(t, struct call, task);
    c->with_pool = false;
    if (!c->wsi)
        call_free(c);
    else
        lws_callback_on_writable(c->wsi);
}

/* A file goes chunk by chunk: an api thread reads one, the connection takes it, then the next is read. */
static int send_file(struct connection *k) {
    struct call *c = k->call;
    if (c->with_pool)
        return 0;
    if (c->reading) {
        c->reading = false;
        if (c->chunk_n <= 0) /* shorter than promised: the reader must not take it for whole */
            return -1;
        c->reply.file_offset += c->chunk_n;
        c->reply.file_length -= c->chunk_n;
        c->http->counts.bytes_out += (uint64_t)c->chunk_n;
        bool last = c->reply.file_length == 0;
        if (lws_write(c->wsi, c->chunk + LWS_PRE, (size_t)c->chunk_n,
                      last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)c->chunk_n)
            return -1;
        if (last)
            return finish(k);
    }
    if (!c->chunk)
        c->chunk = mem_zalloc(LWS_PRE + HTTP_CHUNK_BYTES);
    c->task.run = read_chunk;
    c->task.done = chunk_done;
    c->with_pool = c->reading = true;
    if (pool_put_owed(c->http->cfg.pool, &c->task)) {
        c->with_pool = c->reading = false;
        return -1;
    }
    return 0;
}

static int send_memory(struct connection *k) {
    struct call *c = k->call;
    const uint8_t *p = c->file ? c->form.p : c->reply.body.p;
    size_t total = (size_t)reply_length(c), n = total - c->sent;
    if (n > HTTP_CHUNK_BYTES)
        n = HTTP_CHUNK_BYTES;
    memcpy(c->http->piece + LWS_PRE, p + c->sent, n);
    c->sent += n;
    c->http->counts.bytes_out += n;
    bool last = c->sent == total;
    if (lws_write(c->wsi, c->http->piece + LWS_PRE, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < (int)n)
        return -1;
    if (last)
        return finish(k);
    lws_callback_on_writable(c->wsi);
    return 0;
}

static int writable(struct connection *k) {
    struct call *c = k->call;
    if (!c || !c->answered)
        return 0;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_IDLE_S);
    if (!c->head_sent) {
        if (send_head(c))
            return -1;
        if (c->req.method == REQ_HEAD || reply_length(c) == 0)
            return finish(k);
        lws_callback_on_writable(c->wsi);
        return 0;
    }
    return c->reply.file_fd >= 0 ? send_file(k) : send_memory(k);
}

static void take_body(struct connection *k, const void *p, size_t n) {
    struct call *c = k->call;
    if (!c || c->answered || !c->route)
        return;
    if (c->body.n + n > c->route->body_max)
        c->body_over = true;
    else
        buf_put(&c->body, p, n);
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    const struct lws_protocols *row = lws_get_protocol(wsi);
    struct http *h = row ? row->user : NULL;
    struct connection *k = user;
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return begin(h, k, wsi, in, len);
    case LWS_CALLBACK_HTTP_BODY:
        take_body(k, in, len);
        return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        /* It comes again for bytes that nobody asked for. */
        if (k->call && !k->call->dispatched && !k->call->answered)
            dispatch(k->call);
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return writable(k);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (k)
            connection_gone(k);
        return 0;
    default:
        return porch_event(&((struct http *)lws_context_user(lws_get_context(wsi)))->porch, wsi, reason, user,
                           in);
    }
}

/* What comes on this connection is refused: the request under way is answered yet, and then it closes. */
static bool is_last(struct lws *wsi) {
    const struct lws_protocols *row = lws_get_protocol(wsi);
    const struct connection *k = row && row->callback == on_http ? lws_wsi_user(wsi) : NULL;
    if (!k || !k->call)
        return false;
    k->call->close_after = true;
    return true;
}

int http_open(struct http **out, const struct http_cfg *cfg) {
    struct http *h = mem_zalloc(sizeof *h);
    h->cfg = *cfg;
    porch_open(&h->porch, cfg->loop, cfg->trust_proxy, is_last);
    map_init(&h->calls, HTTP_CALLS_MAX);
    limit_init(&h->limit, rates, countof(rates));
    *out = h;
    return 0;
}

void http_close(struct http *h) {
    if (!h)
        return;
    map_fini(&h->calls);
    limit_fini(&h->limit);
    porch_close(&h->porch);
    mem_free(h);
}

void http_protocol(struct http *h, struct lws_protocols *row) {
    *row = (struct lws_protocols){.name = "http",
                                  .callback = on_http,
                                  .per_session_data_size = sizeof(struct connection),
                                  .rx_buffer_size = 0,
                                  .user = h};
}

void http_answer(struct http *h, uint64_t call, struct reply *reply) {
    struct call *c = map_get(&h->calls, call);
    if (!c || c->answered) {
        reply_fini(reply);
        return;
    }
    reply_fini(&c->reply);
    c->reply = *reply;
    for (unsigned i = 0; i < c->reply.n_headers; i++) /* the caller's text may go when it returns */
        c->reply.headers[i].value = arena_str(&c->arena, str_of(c->reply.headers[i].value));
    answered(c);
}

bool http_waits(const struct http *h, uint64_t call) {
    const struct call *c = map_get(&h->calls, call);
    return c && c->wsi && !c->answered;
}

void http_counts(const struct http *h, struct http_counts *out) {
    *out = h->counts;
    out->open_calls = h->calls.n;
    out->refused += h->porch.refused;
    out->turned_away = h->porch.turned_away;
    out->open_connections = h->porch.gate.open;
}
