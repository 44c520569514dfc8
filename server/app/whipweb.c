#include "server/app/whipweb.h"

#include <stdio.h>

#include "media/base/err.h"
#include "media/base/map.h"
#include "media/base/mem.h"
#include "server/http/api.h"
#include "server/http/ticket.h"

enum { ETAG_MAX = 40, ANSWER_MAX = 65536 };

struct whipweb {
    struct hub *hub;
    struct http *http;
    struct turn turn;
    struct smap etags; /* resource -> heap text, the ICE session's entity tag */
};
/* A POST on its way through the hub. */
struct post {
    struct whipweb *web;
    uint64_t call;
    int64_t now_ms;
    const char *base; /* "whip" or "whep" */
    char room[ROOM_ID_MAX + 1], ticket[TICKET_MAX + 1];
};

static void etags_clear(struct whipweb *w) {
    struct str key;
    size_t it = 0;
    for (void *v; (v = smap_next(&w->etags, &it, &key)) != NULL;) {
        smap_drop(&w->etags, key);
        mem_free(v);
    }
}

/* RFC 9725 4.3.2: the tag names the ICE session, so the ufrag the server chose for it will do. */
static const char *etag_put(struct whipweb *w, const char *resource, struct str sdp) {
    struct str line, ufrag = STR("0");
    while (str_line(&sdp, &line))
        if (str_starts(line, STR("a=ice-ufrag:")))
            ufrag = (struct str){line.p + 12, line.n - 12};
    char *tag = mem_zalloc(ETAG_MAX);
    snprintf(tag, ETAG_MAX, "\"%.*s\"", ufrag.n > 32 ? 32 : (int)ufrag.n, ufrag.p);
    if (w->etags.n >= WHIPWEB_SESSIONS_MAX - 1)
        etags_clear(w);
    mem_free(smap_drop(&w->etags, str_of(resource)));
    smap_put(&w->etags, str_of(resource), tag);
    return tag;
}

static void cors(struct reply *r) {
    reply_header(r, "access-control-allow-origin", "*");
    reply_header(r, "access-control-expose-headers", "location, etag, link");
}

/* RFC 9725 4.6: the relay, for who has a ticket. */
static void add_relay(const struct whipweb *w, struct reply *r, const char *member, int64_t now_ms,
                      char links[TURN_URLS_MAX][TURN_LINK_MAX]) {
    struct str urls = str_of(w->turn.urls);
    struct turn_pass pass;
    turn_pass(&w->turn, member, now_ms, &pass);
    for (unsigned i = 0; i < TURN_URLS_MAX && turn_link(&urls, &pass, links[i]); i++)
        reply_header(r, "link", links[i]);
}

/* RFC 6750 3.1: "The access token provided is expired, revoked, malformed, or invalid for other reasons. The
 * resource SHOULD respond with the HTTP 401"; who brought none is only told the scheme. */
static void refuse(struct whipweb *w, uint64_t call, int err, int status, const char *text) {
    struct reply r;
    reply_init(&r);
    api_error(&r, err, NULL, text, err == -ERR_BUSY ? 1000 : 0);
    if (status)
        r.status = status;
    if (r.status == 401)
        reply_header(&r, "www-authenticate", "Bearer error=\"invalid_token\"");
    cors(&r);
    http_answer(w->http, call, &r);
}

static void ask_for_ticket(struct whipweb *w, uint64_t call) {
    struct reply r;
    reply_init(&r);
    api_error(&r, -ERR_AUTH, NULL, "Send the ticket as Authorization: Bearer.", 0);
    reply_header(&r, "www-authenticate", "Bearer");
    cors(&r);
    http_answer(w->http, call, &r);
}

static void on_posted(void *ctx, const struct whip_answer *a) {
    struct post *p = ctx;
    struct whipweb *w = p->web;
    if (a->err) {
        refuse(w, p->call, a->err, a->err == -ERR_FULL ? 503 : 0, a->text);
    } else if (!http_waits(w->http, p->call)) {
        whip_delete(w->hub, a->resource, str_of(p->ticket)); /* whoever asked is gone */
    } else {
        struct reply r;
        char location[128], links[TURN_URLS_MAX][TURN_LINK_MAX];
        snprintf(location, sizeof location, "/%s/%s/%s", p->base, p->room, a->resource);
        reply_init(&r);
        r.status = 201;
        r.type = "application/sdp";
        reply_header(&r, "location", location);
        reply_header(&r, "etag", etag_put(w, a->resource, a->sdp));
        reply_header(&r, "accept-patch", "application/trickle-ice-sdpfrag");
        cors(&r);
        add_relay(w, &r, a->member, p->now_ms, links);
        buf_str(&r.body, a->sdp);
        http_answer(w->http, p->call, &r);
    }
    mem_free(p);
}

static bool bearer(const struct req *req, struct str *ticket) {
    struct str s = req->authorization, scheme;
    return str_word(&s, &scheme) && str_ieq(scheme, STR("Bearer")) && str_word(&s, ticket);
}

static bool content_is(const struct req *req, const char *type) {
    struct str s = req->content_type, first;
    return str_until(&s, ';', &first) && str_ieq(str_trim(first), str_of(type));
}

static void on_post(struct whipweb *w, uint64_t call, const struct route *route, const struct req *req,
                    struct str ticket) {
    if (!content_is(req, "application/sdp")) {
        refuse(w, call, -ERR_MEDIA_TYPE, 0, "Send the offer as application/sdp.");
        return;
    }
    struct post *p = mem_zalloc(sizeof *p);
    p->web = w;
    p->call = call;
    p->now_ms = req->now_ms;
    p->base = route->name == ROUTE_WHIP ? "whip" : "whep";
    if (!STR_COPY(p->room, req->params[0]) || !STR_COPY(p->ticket, ticket)) {
        mem_free(p);
        refuse(w, call, -ERR_AUTH, 0, "The ticket or the room is not one of this server's.");
        return;
    }
    struct str offer = {(const char *)req->body.p, req->body.n};
    whip_post(w->hub, route->name == ROUTE_WHIP ? MEDIA_PUBLISH : MEDIA_VIEW, p->room, ticket, offer,
              on_posted, p);
}

static const char not_yours[] = "There is no such session, or it is not this ticket's.";

static void on_patch(struct whipweb *w, uint64_t call, const struct req *req, const char *resource,
                     struct str ticket) {
    const char *tag = smap_get(&w->etags, str_of(resource));
    if (!content_is(req, "application/trickle-ice-sdpfrag")) {
        refuse(w, call, -ERR_MEDIA_TYPE, 0, "Send the fragment as application/trickle-ice-sdpfrag.");
        return;
    }
    if (!req->if_match.n) { /* RFC 9725 4.3.2, RFC 6585 3 */
        refuse(w, call, -ERR_PRECONDITION, 428,
               "Name the ICE session in If-Match (or * for an ICE restart).");
        return;
    }
    if (tag && !str_is(req->if_match, "*") && !str_is(req->if_match, tag)) {
        refuse(w, call, -ERR_PRECONDITION, 0, "If-Match names an ICE session that is over.");
        return;
    }
    struct buf answer;
    char sentence[160] = "";
    buf_init(&answer, ANSWER_MAX);
    struct str fragment = {(const char *)req->body.p, req->body.n};
    int rc = whip_patch(w->hub, resource, ticket, fragment, &answer, sentence);
    if (rc) {
        refuse(w, call, rc, 0, sentence[0] ? sentence : not_yours);
    } else {
        struct reply r;
        reply_init(&r);
        r.status = answer.n ? 200 : 204;
        if (answer.n) {
            r.type = "application/trickle-ice-sdpfrag";
            reply_header(&r, "etag", etag_put(w, resource, buf_view(&answer)));
            buf_str(&r.body, buf_view(&answer));
        }
        cors(&r);
        http_answer(w->http, call, &r);
    }
    buf_fini(&answer);
}

static void on_delete(struct whipweb *w, uint64_t call, const char *resource, struct str ticket) {
    int rc = whip_delete(w->hub, resource, ticket);
    if (rc) {
        refuse(w, call, rc, 0, not_yours);
        return;
    }
    mem_free(smap_drop(&w->etags, str_of(resource)));
    struct reply r;
    reply_init(&r);
    r.status = 200;
    cors(&r);
    http_answer(w->http, call, &r);
}

/* CORS here and nowhere else: these are asked with a bearer ticket, never with a cookie (RFC 9725 4.2). A
 * preflight has no ticket, so it is not told of the relay; who asks with one is (RFC 9725 4.6). */
static void on_options(struct whipweb *w, uint64_t call, const struct route *route, const struct req *req) {
    bool endpoint = route->name == ROUTE_WHIP || route->name == ROUTE_WHEP;
    char room[ROOM_ID_MAX + 1], member[ROOM_ID_MAX + 1], links[TURN_URLS_MAX][TURN_LINK_MAX];
    struct str ticket;
    struct reply r;
    reply_init(&r);
    r.status = 204;
    reply_header(&r, "allow", endpoint ? "POST, OPTIONS" : "PATCH, DELETE, OPTIONS");
    if (endpoint)
        reply_header(&r, "accept-post", "application/sdp");
    reply_header(&r, "access-control-allow-methods", "POST, PATCH, DELETE, OPTIONS");
    reply_header(&r, "access-control-allow-headers", "authorization, content-type, if-match");
    cors(&r);
    if (endpoint && bearer(req, &ticket) && STR_COPY(room, req->params[0]) &&
        !whip_member(w->hub, room, ticket, member))
        add_relay(w, &r, member, req->now_ms, links);
    http_answer(w->http, call, &r);
}

void whipweb_on_request(struct whipweb *w, uint64_t call, const struct route *route, const struct req *req) {
    struct str ticket;
    char resource[WHIP_RESOURCE_MAX + 1];
    if (req->method == REQ_OPTIONS) {
        on_options(w, call, route, req);
    } else if (!bearer(req, &ticket)) {
        ask_for_ticket(w, call);
    } else if (req->method == REQ_POST) {
        on_post(w, call, route, req, ticket);
    } else if (!STR_COPY(resource, req->params[1])) {
        refuse(w, call, -ERR_MISSING, 0, "There is no such session.");
    } else if (req->method == REQ_PATCH) {
        on_patch(w, call, req, resource, ticket);
    } else {
        on_delete(w, call, resource, ticket);
    }
}

int whipweb_open(struct whipweb **out, struct hub *hub, struct http *http, const struct turn *turn) {
    struct whipweb *w = mem_zalloc(sizeof *w);
    w->hub = hub;
    w->http = http;
    w->turn = *turn;
    smap_init(&w->etags, WHIPWEB_SESSIONS_MAX);
    *out = w;
    return 0;
}

void whipweb_close(struct whipweb *w) {
    if (!w)
        return;
    etags_clear(w);
    smap_fini(&w->etags);
    mem_free(w);
}
