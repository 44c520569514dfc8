#include "server/signaling/ws.h"

#include <libwebsockets.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/map.h"
#include "media/base/mem.h"
#include "server/http/gate.h"
#include "server/http/porch.h"
#include "server/http/refusal.h"
#include "server/signaling/proto.h"

_Static_assert(NOTE_HEAD_BYTES >= LWS_PRE, "a note's scratch must hold the frame header");

/* LEAVES: what waits is written yet. PARTS: his last message is. PARTED: the close frame is the library's. */
enum stage { STAYS, LEAVES, PARTS, PARTED };

struct connection {
    struct ws *ws;
    struct lws *wsi;
    uint64_t id;
    char addr[GATE_ADDR_MAX];
    struct note **queue; /* ring of WS_QUEUE_NOTES, allocated when first needed, grown by doubling */
    size_t head, n, cap, bytes;
    struct buf in;
    bool told;
    enum stage stage;
    struct note *bye; /* the last message, behind the queue; NULL: none */
    unsigned code;    /* of the close frame */
    char reason[24];
};
struct ws {
    struct hub *hub;
    bool trust_proxy;
    struct map by_id;
    uint64_t next_id;
};

static void queue_clear(struct connection *k) {
    while (k->n) {
        note_drop(k->queue[k->head]);
        k->head = (k->head + 1) % k->cap;
        k->n--;
    }
    mem_free(k->queue);
    k->queue = NULL;
    k->cap = k->bytes = k->head = 0;
}

static void queue_grow(struct connection *k) {
    size_t cap = k->cap ? 2 * k->cap : 8;
    struct note **q = mem_zalloc(cap * sizeof(struct note *));
    for (size_t i = 0; i < k->n; i++)
        q[i] = k->queue[(k->head + i) % k->cap];
    mem_free(k->queue);
    k->queue = q;
    k->cap = cap;
    k->head = 0;
}

int ws_send(struct ws *w, uint64_t conn, struct note *note) {
    struct connection *k = map_get(&w->by_id, conn);
    if (!k || k->stage != STAYS)
        return 0;
    if (k->n >= WS_QUEUE_NOTES || k->bytes + note->n > WS_QUEUE_BYTES)
        return -ERR_FULL;
    if (k->n == k->cap)
        queue_grow(k);
    k->queue[(k->head + k->n++) % k->cap] = note_hold(note);
    k->bytes += note->n;
    lws_callback_on_writable(k->wsi);
    return 0;
}

/* From here on nothing is heard, and nothing more is taken in for sending. */
static void leave(struct connection *k, unsigned code, const char *reason) {
    k->stage = LEAVES;
    k->code = code;
    STR_COPY(k->reason, str_of(reason));
    lws_set_timer_usecs(k->wsi, WS_FLUSH_S * LWS_USEC_PER_SEC);
    lws_set_timeout(k->wsi, PENDING_TIMEOUT_USER_REASON_BASE, WS_PART_S);
    lws_callback_on_writable(k->wsi);
}

void ws_close(struct ws *w, uint64_t conn, struct note *bye, const char *reason) {
    struct connection *k = map_get(&w->by_id, conn);
    if (!k || k->stage != STAYS)
        return;
    k->told = false; /* the hub has forgotten it */
    k->bye = note_hold(bye);
    leave(k, proto_close_code(reason), reason);
}

/* What waited is written. The close frame comes from the timer: a reason prepared for the -1 of a writable
 * callback never leaves, for Debian's libwebsockets is built with _DEBUG and closes such a connection twice.
 */
static int part(struct connection *k) {
    struct note *bye = k->bye;
    if (k->stage == PARTED)
        return 0;
    k->stage = PARTS;
    k->bye = NULL;
    bool ok = !bye || lws_write(k->wsi, note_text(bye), bye->n, LWS_WRITE_TEXT) >= (int)bye->n;
    note_drop(bye);
    lws_set_timer_usecs(k->wsi, 1);
    return ok ? 0 : -1;
}

static int writable(struct connection *k) {
    while (k->n) {
        struct note *note = k->queue[k->head];
        if (lws_write(k->wsi, note_text(note), note->n, LWS_WRITE_TEXT) < (int)note->n)
            return -1;
        k->head = (k->head + 1) % k->cap;
        k->n--;
        k->bytes -= note->n;
        note_drop(note);
        if (k->n && lws_send_pipe_choked(k->wsi)) {
            lws_callback_on_writable(k->wsi);
            return 0;
        }
    }
    queue_clear(k);
    return k->stage == STAYS ? 0 : part(k);
}

static int on_timer(struct connection *k) {
    if (k->stage == LEAVES) { /* reads too slowly: for what he misses he may come back, with `since` */
        queue_clear(k);
        lws_callback_on_writable(k->wsi);
        return 0;
    }
    if (k->stage != PARTS || lws_partial_buffered(k->wsi)) /* then writable() comes again */
        return 0;
    k->stage = PARTED;
    lws_close_reason(k->wsi, k->code, (unsigned char *)k->reason, strlen(k->reason));
    return -1;
}

static int refuse_message(struct connection *k, enum lws_close_status status, const char *why) {
    if (k->told && k->ws->hub)
        hub_on_close(k->ws->hub, k->id);
    k->told = false;
    queue_clear(k);
    leave(k, status, why);
    return 0;
}

static int receive(struct connection *k, const void *p, size_t n) {
    if (k->stage != STAYS)
        return 0;
    if (lws_frame_is_binary(k->wsi))
        return refuse_message(k, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text only");
    buf_put(&k->in, p, n);
    if (k->in.over)
        return refuse_message(k, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
    if (!lws_is_final_fragment(k->wsi) || lws_remaining_packet_payload(k->wsi))
        return 0;
    if (k->told && k->ws->hub)
        hub_on_message(k->ws->hub, k->id, buf_view(&k->in));
    buf_reset(&k->in);
    return 0;
}

/* False: there is such a header and it does not fit. */
static bool header(struct lws *wsi, char *dst, int cap, enum lws_token_indexes token) {
    dst[0] = 0;
    return !lws_hdr_total_length(wsi, token) || lws_hdr_copy(wsi, dst, cap, token) >= 0;
}

/* The handshake: only /ws, and only pages of this very host (browsers always send Origin). */
static int handshake(struct ws *w, struct connection *k, struct lws *wsi) {
    char uri[32], host[256], origin[300], forwarded[128];
    if (!header(wsi, uri, sizeof uri, WSI_TOKEN_GET_URI) || !header(wsi, host, sizeof host, WSI_TOKEN_HOST) ||
        !header(wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN) || strcmp(uri, "/ws") != 0)
        return -1;
    (void)header(wsi, forwarded, sizeof forwarded, WSI_TOKEN_X_FORWARDED_FOR);
    const char *origin_host = strstr(origin, "://");
    if (origin[0] && (!origin_host || strcmp(origin_host + 3, host) != 0))
        return -1;
    char peer[64] = "";
    lws_get_peer_simple(wsi, peer, sizeof peer);
    struct str list = str_of(forwarded), first;
    bool is_forwarded = w->trust_proxy && str_until(&list, ',', &first);
    gate_name_text(k->addr, is_forwarded ? str_trim(first) : str_of(peer));
    return 0;
}

static int established(struct ws *w, struct connection *k, struct lws *wsi) {
    k->ws = w;
    k->wsi = wsi;
    k->id = ++w->next_id;
    buf_init(&k->in, HUB_MESSAGE_MAX_BYTES);
    if (!w->hub || map_put(&w->by_id, k->id, k))
        return -1;
    k->told = hub_on_open(w->hub, k->id, str_of(k->addr));
    return k->told ? 0 : -1;
}

static void closed(struct connection *k) {
    if (!k->ws)
        return;
    map_drop(&k->ws->by_id, k->id);
    if (k->told && k->ws->hub)
        hub_on_close(k->ws->hub, k->id);
    queue_clear(k);
    note_drop(k->bye);
    buf_fini(&k->in);
    k->ws = NULL;
}

static int on_ws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    const struct lws_protocols *row = lws_get_protocol(wsi);
    struct ws *w = row ? row->user : NULL;
    struct connection *k = user;
    if (w && w->hub)
        hub_clock(w->hub, clock_mono_us(), clock_wall_ms());
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        if (!handshake(w, k, wsi))
            return 0;
        (void)refusal_send(wsi, -ERR_DENIED, "A socket of a room is at /ws, for pages of this very host.");
        porch_farewell(wsi);
        return -1;
    case LWS_CALLBACK_ESTABLISHED:
        return established(w, k, wsi);
    case LWS_CALLBACK_RECEIVE:
        return receive(k, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return writable(k);
    case LWS_CALLBACK_TIMER:
        return on_timer(k);
    case LWS_CALLBACK_CLOSED:
        closed(k);
        return 0;
    default:
        return 0;
    }
}

bool ws_unmasked(struct lws *wsi) {
    const struct lws_protocols *row = lws_get_protocol(wsi);
    struct connection *k = row && row->callback == on_ws ? lws_wsi_user(wsi) : NULL;
    if (!k || !k->ws)
        return false;
    if (k->stage == STAYS)
        refuse_message(k, LWS_CLOSE_STATUS_PROTOCOL_ERR, "no mask");
    return true;
}

int ws_open(struct ws **out, bool trust_proxy) {
    struct ws *w = mem_zalloc(sizeof *w);
    w->trust_proxy = trust_proxy;
    map_init(&w->by_id, WS_CONNECTIONS_MAX);
    *out = w;
    return 0;
}

void ws_set_hub(struct ws *w, struct hub *hub) { w->hub = hub; }

void ws_close_all(struct ws *w) {
    if (!w)
        return;
    map_fini(&w->by_id);
    mem_free(w);
}

void ws_protocol(struct ws *w, struct lws_protocols *row) {
    *row = (struct lws_protocols){.name = "somhub.v1",
                                  .callback = on_ws,
                                  .per_session_data_size = sizeof(struct connection),
                                  .rx_buffer_size = 16384,
                                  .user = w};
}

size_t ws_count(const struct ws *w) { return w->by_id.n; }
