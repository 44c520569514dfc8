#include "server/http/porch.h"

#include <libwebsockets.h>
#include <strings.h>
#include <sys/resource.h>

#include "media/base/err.h"
#include "media/base/intake.h"
#include "media/base/mem.h"
#include "server/http/refusal.h"
#include "server/signaling/ws.h"

enum { FDS_KEPT = 512 /* for files, children and media */ };

/* Whoever is connected: libwebsockets' opaque user data. */
struct caller {
    struct porch *porch;
    struct gate_guest *guest;
    struct lws *wsi;
    int fd;
    bool is_refused;
    size_t refused_bytes; /* read since */
    struct head head;
};

struct gate_guest *porch_guest(struct lws *wsi) {
    const struct caller *v = lws_get_opaque_user_data(wsi);
    return v ? v->guest : NULL;
}

void porch_farewell(struct lws *wsi) {
    struct caller *v = lws_get_opaque_user_data(wsi);
    if (!v)
        return;
    v->is_refused = true;
    farewell_copy(&v->porch->farewell, v->fd);
    if (!lws_is_ssl(wsi) && !lws_partial_buffered(wsi))
        shutdown(v->fd, SHUT_WR);
}

static void let_in(struct porch *h, struct lws *wsi) {
    struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
    socklen_t n = sizeof from;
    char name[GATE_ADDR_MAX];
    getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&from, &n);
    gate_name(name, (const struct sockaddr *)&from);
    struct caller *v = mem_zalloc(sizeof *v);
    *v = (struct caller){
        .porch = h, .guest = gate_enter(&h->gate, name), .wsi = wsi, .fd = lws_get_socket_fd(wsi)};
    head_init(&v->head, &h->names);
    (void)intake_add(v->fd, v);
    lws_set_opaque_user_data(wsi, v);
}

static void let_out(struct porch *h, struct lws *wsi) {
    struct caller *v = lws_get_opaque_user_data(wsi);
    lws_set_opaque_user_data(wsi, NULL);
    if (!v)
        return;
    intake_drop(v->fd);
    gate_leave(&h->gate, v->guest);
    mem_free(v);
}

static int refuse_at_once(struct lws *wsi, int err, const char *text) {
    struct caller *v = lws_get_opaque_user_data(wsi);
    if (v) {
        v->porch->refused++;
        v->is_refused = true;
        gate_spoke(v->guest);
    }
    return refusal_send(wsi, err, text);
}

/* Of a connection that closes when the other end does: not for ever. */
static bool swallow(struct caller *v, size_t n) {
    v->refused_bytes += n;
    if (v->refused_bytes > FAREWELL_BYTES)
        lws_set_timeout(v->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    return false;
}

/* Seen before libwebsockets reads it (media/base/intake.h), which would hang up, or show a page of its own.
 */
static bool pass(void *who, const uint8_t *p, size_t n) {
    static const struct {
        int err;
        const char *text;
    } rows[] = {
        [HEAD_REQUEST] = {-ERR_INVALID, "This is not a request of HTTP/1.1."},
        [HEAD_VERSION] = {-ERR_VERSION, "This server speaks HTTP/1.1."},
        [HEAD_ADDRESS] = {-ERR_INVALID, "The address of this request cannot be read: it begins with a slash, "
                                        "and two hexadecimal digits follow each percent sign."},
        [HEAD_ADDRESS_LONG] = {-ERR_ADDRESS_LONG, "The address of this request is too long."},
        [HEAD_FIELD] = {-ERR_INVALID, "A header of this request cannot be read."},
        [HEAD_LENGTH] = {-ERR_INVALID, "Send the body with a Content-Length."},
        [HEAD_FIELDS_LONG] = {-ERR_FIELDS_LONG, "The headers of this request are too many or too long."},
        [HEAD_UPGRADE] = {-ERR_INVALID, "Upgrade to a WebSocket or not at all."},
    };
    struct caller *v = who;
    if (v->is_refused)
        return swallow(v, n);
    bool is_new = !v->head.fault;
    enum head_fault f = head_feed(&v->head, p, n);
    if (!f || !is_new)
        return !f || !v->is_refused;
    if (f == HEAD_UNMASKED) {
        v->is_refused = ws_unmasked(v->wsi);
        return !v->is_refused;
    }
    v->is_refused = true;
    if (!v->porch->is_last(v->wsi) && refuse_at_once(v->wsi, rows[f].err, rows[f].text))
        lws_set_timeout(v->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    return false;
}

/* What libwebsockets does not look at, or hangs up without (RFC 6455 4.2.1). */
static bool is_handshake(struct lws *wsi) {
    enum { KEY_CHARS = 24 };
    char version[8] = "";
    lws_hdr_copy(wsi, version, sizeof version, WSI_TOKEN_VERSION);
    return lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) && lws_hdr_total_length(wsi, WSI_TOKEN_HOST) &&
           lws_hdr_total_length(wsi, WSI_TOKEN_CONNECTION) &&
           lws_hdr_total_length(wsi, WSI_TOKEN_KEY) == KEY_CHARS && !strcmp(version, "13");
}

/* Of a handshake nothing else can be made: libwebsockets closes. */
static int hang_up(struct lws *wsi, const char *text) {
    (void)refuse_at_once(wsi, -ERR_INVALID, text);
    porch_farewell(wsi);
    return -1;
}

/* A WebSocket of ours. Other upgrades are refused before they come here (pass): HTTP/2 would be one without
 * TLS too, see server/app/web.c. */
static int upgrade(struct lws *wsi, const char *to) {
    char names[256] = "";
    struct str list, name;
    if (strcasecmp(to, "websocket") != 0)
        return -1;
    if (!is_handshake(wsi))
        return hang_up(wsi, "This is not the handshake of a WebSocket of version 13.");
    lws_hdr_copy(wsi, names, sizeof names, WSI_TOKEN_PROTOCOL);
    list = str_of(names);
    while (str_until(&list, ',', &name))
        if (str_is(str_trim(name), "somhub.v1")) {
            gate_spoke(porch_guest(wsi));
            return 0;
        }
    return hang_up(wsi, "Ask for the subprotocol somhub.v1.");
}

/* What has a method that libwebsockets does not know comes as a stream of bytes; so does what is no HTTP/1.
 */
static int no_request(struct lws *wsi) {
    const struct caller *v = lws_get_opaque_user_data(wsi);
    bool is_http = v && head_has_request(&v->head);
    return refuse_at_once(wsi, is_http ? -ERR_UNSUPPORTED : -ERR_INVALID,
                          is_http ? "There is no such method here." : "This is not a request of HTTP/1.1.");
}

int porch_event(struct porch *h, struct lws *wsi, int reason, void *user, void *in) {
    const struct lws_filter_network_conn_args *call = user;
    char name[GATE_ADDR_MAX];
    switch ((enum lws_callback_reasons)reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        gate_name(name, (const struct sockaddr *)&call->cli_addr);
        h->turned_away += !gate_has_place(&h->gate, name);
        return gate_has_place(&h->gate, name) ? 0 : -1;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        let_in(h, wsi);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        let_out(h, wsi);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return upgrade(wsi, in);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: /* a WebSocket of this protocol: HTTP is none */
        return hang_up(wsi, "Ask for the subprotocol somhub.v1.");
    case LWS_CALLBACK_RAW_ADOPT:
        return no_request(wsi);
    default:
        return 0;
    }
}

static size_t places(void) {
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur > PORCH_CONNECTIONS_MAX + FDS_KEPT)
        return PORCH_CONNECTIONS_MAX;
    return r.rlim_cur > 2 * FDS_KEPT ? r.rlim_cur - FDS_KEPT : r.rlim_cur / 2;
}

void porch_open(struct porch *h, struct uv_loop_s *loop, bool one_for_all, bool (*is_last)(struct lws *wsi)) {
    *h = (struct porch){.is_last = is_last};
    for (int i = 0; i < WSI_TOKEN_COUNT && h->names.n < HEAD_NAMES_MAX; i++) {
        const char *word = (const char *)lws_token_to_string((enum lws_token_indexes)i);
        if (word && word[0])
            h->names.v[h->names.n++] = word;
    }
    gate_init(&h->gate, places(), one_for_all);
    farewell_init(&h->farewell, loop);
    intake_open(pass, PORCH_CONNECTIONS_MAX);
}

void porch_close(struct porch *h) {
    intake_close();
    farewell_fini(&h->farewell);
    gate_fini(&h->gate);
}
