#include "server/http/handler.h"

#include <stdio.h>

#include "media/base/err.h"
#include "server/http/cookie.h"
#include "server/http/guest.h"
#include "server/http/ticket.h"
#include "server/http/urlquery.h"

int handler_fail(struct api *a, int err, const char *field, const char *text) {
    a->field = field;
    a->text = text;
    return err;
}

int handler_body(struct api *a, const struct req *q, struct json **out) {
    if (!q->body.n) {
        *out = json_object();
        return 0;
    }
    if (json_parse(out, (struct str){(const char *)q->body.p, q->body.n}) < 0)
        return handler_fail(a, -ERR_INVALID, NULL, "The body is not JSON.");
    if (json_is_object(*out))
        return 0;
    json_free(*out);
    *out = NULL;
    return handler_fail(a, -ERR_INVALID, NULL, "The body is not a JSON object.");
}

int handler_str(struct api *a, const struct json *j, const char *field, bool must, struct str *out) {
    if (json_get_str(j, field, out))
        return 0;
    const struct json *v = json_get(j, field);
    if (!must && (!v || json_is_null(v)))
        return 0;
    return handler_fail(a, -ERR_INVALID, field, v ? "This must be a text." : "This is missing.");
}

int handler_int(struct api *a, const struct json *j, const char *field, int64_t min, int64_t max,
                int64_t *out) {
    int64_t v;
    if (!json_get_int(j, field, &v))
        return json_get(j, field) ? handler_fail(a, -ERR_INVALID, field, "This must be a whole number.") : 0;
    if (v < min || v > max)
        return handler_fail(a, -ERR_INVALID, field, "This number is out of range.");
    *out = v;
    return 0;
}

int handler_bool(struct api *a, const struct json *j, const char *field, bool *out) {
    if (json_get_bool(j, field, out) || !json_get(j, field))
        return 0;
    return handler_fail(a, -ERR_INVALID, field, "This must be true or false.");
}

int handler_word(struct api *a, const struct json *j, const char *field, int (*of)(struct str), int *out) {
    struct str s;
    if (!json_get_str(j, field, &s))
        return json_get(j, field) ? handler_fail(a, -ERR_INVALID, field, "This must be a text.") : 0;
    int v = of(s);
    if (v < 0)
        return handler_fail(a, -ERR_INVALID, field, "This is none of the known words.");
    *out = v;
    return 0;
}

int handler_answer(struct reply *r, int status, struct json *j) {
    r->status = status;
    r->type = "application/json";
    json_write(j, &r->body);
    json_free(j);
    return r->body.over ? -ERR_TOO_LARGE : 0;
}

int handler_empty(struct reply *r, int status) {
    r->status = status;
    return 0;
}

void handler_set_cookie(struct reply *r, const struct req *q, const char *token) {
    struct cookie c = {HANDLER_COOKIE, token, "/", token[0] ? SIGNIN_LIFE_MS / 1000 : 0, q->is_tls};
    reply_header(r, "set-cookie", cookie_set(q->arena, &c));
}

const char *handler_url(const struct api *a, const struct req *q) {
    struct str own = str_of(a->cfg->public_url);
    if (own.n && own.p[own.n - 1] == '/')
        own.n--;
    return own.n ? arena_str(q->arena, own)
                 : arena_printf(q->arena, "%s://" STR_FMT, q->is_tls ? "https" : "http", STR_ARG(q->host));
}

bool handler_guest(struct api *a, const struct req *q, const char *event, char member[33]) {
    char name[64];
    struct str value;
    snprintf(name, sizeof name, GUEST_COOKIE_PREFIX "%s", event);
    return cookie_get(q->cookie, name, &value) &&
           guest_verify(member, value, event, a->cfg->key, q->now_ms) == 0;
}

bool handler_registration(struct api *a, const struct req *q, const char *event, struct registration *out) {
    struct str code;
    return urlquery_get(q->query, "reg", q->arena, &code) &&
           !signup_by_code_at(a->store, code, event, q->arena, out);
}

/* For the addresses of this event alone: the browser of a school that visits many does not send them all with
 * every request. */
void handler_set_guest(struct api *a, const struct req *q, struct reply *r, const char *event,
                       const char *member) {
    static const char *const places[] = {"/api/events/", "/api/lessons/", "/media/"};
    char name[64], value[GUEST_COOKIE_MAX + 1];
    snprintf(name, sizeof name, GUEST_COOKIE_PREFIX "%s", event);
    guest_sign(value, member, event, q->now_ms / 1000 + GUEST_LIFE_S, a->cfg->key);
    for (size_t i = 0; i < countof(places); i++) {
        struct cookie c = {name, value, arena_printf(q->arena, "%s%s", places[i], event), GUEST_LIFE_S,
                           q->is_tls};
        if (c.path)
            reply_header(r, "set-cookie", cookie_set(q->arena, &c));
    }
}

int handler_access(struct api *a, const struct req *q, const struct meeting *m, struct str code,
                   struct access *may) {
    char guest[GUEST_MEMBER_MAX + 1] = "";
    struct access_facts f;
    (void)handler_guest(a, q, m->id, guest);
    int err = meeting_facts(a->store, m, &a->in.user, guest, &f);
    if (err)
        return err;
    if (code.n)
        f.code = meeting_code_role(m, code);
    struct registration reg;
    if (handler_registration(a, q, m->id, &reg))
        f.reg = reg.state;
    *may = access_of(&f);
    return 0;
}

int handler_event(struct api *a, const struct req *q, struct meeting *m, struct access *may) {
    struct str code = {"", 0};
    (void)urlquery_get(q->query, "code", q->arena, &code);
    int err = meeting_get(a->store, q->params[0], q->arena, m);
    if (!err)
        err = handler_access(a, q, m, code, may);
    if (err)
        return err;
    if (!may->see)
        return may->needs_signin ? -ERR_AUTH : -ERR_MISSING;
    return 0;
}

int handler_event_edit(struct api *a, const struct req *q, struct meeting *m) {
    struct access may;
    int err = handler_event(a, q, m, &may);
    return err ? err : may.edit ? 0 : a->in.user.id ? -ERR_DENIED : -ERR_AUTH;
}

/* A guest who leads by an invitation code has it no more on the room's page, but he has his ticket. */
static int guest_leads(struct api *a, const struct req *q, const struct meeting *m, bool *leads) {
    struct ticket t;
    struct access_facts f;
    struct str jwt = q->authorization;
    *leads = false;
    if (a->in.user.id || !str_starts(jwt, STR("Bearer ")))
        return 0;
    jwt = (struct str){jwt.p + 7, jwt.n - 7};
    if (ticket_verify(&t, jwt, a->cfg->key, q->now_ms) || t.user || strcmp(t.room, m->id) != 0)
        return 0;
    int err = meeting_facts(a->store, m, &a->in.user, t.sub, &f);
    if (err)
        return err;
    f.code = role_of(str_of(t.role));
    *leads = access_of(&f).decks;
    return 0;
}

int handler_leads(struct api *a, const struct req *q, struct meeting *m) {
    struct access may;
    bool leads = false;
    int err = meeting_get(a->store, q->params[0], q->arena, m);
    if (!err)
        err = guest_leads(a, q, m, &leads);
    if (err || leads)
        return err;
    err = handler_event(a, q, m, &may);
    return err ? err : may.decks ? 0 : a->in.user.id ? -ERR_DENIED : -ERR_AUTH;
}

int handler_lesson(struct api *a, const struct req *q, struct meeting *m, struct access *may) {
    int err = handler_event(a, q, m, may);
    if (err == -ERR_AUTH)
        return -ERR_MISSING; /* a lesson's existence is no announcement */
    return err ? err : may->watch ? 0 : -ERR_MISSING;
}

struct meeting_filter handler_filter(struct api *a, const struct req *q) {
    struct meeting_filter f = {.user = a->in.user.id,
                               .user_role = a->in.user.role,
                               .mine = urlquery_int(q->query, "mine", 1, 0) == 1,
                               .space = {"", 0},
                               .format = {"", 0},
                               .typed = {"", 0},
                               .page = handler_page(q),
                               .now_ms = q->now_ms};
    (void)urlquery_get(q->query, "space", q->arena, &f.space);
    (void)urlquery_get(q->query, "format", q->arena, &f.format);
    (void)urlquery_get(q->query, "q", q->arena, &f.typed);
    return f;
}

int64_t handler_page(const struct req *q) {
    enum { PAGES_MAX = 1000000 };
    int64_t page = urlquery_int(q->query, "page", PAGES_MAX, 1);
    return page > 0 ? page - 1 : 0;
}

void handler_pages(struct json *j, int64_t page, int64_t total, int64_t per_page) {
    json_set_int(j, "page", page + 1);
    json_set_int(j, "pages", (total + per_page - 1) / per_page);
    json_set_int(j, "total", total);
}
