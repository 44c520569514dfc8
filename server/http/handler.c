#include "server/http/handler.h"

#include <stdio.h>

#include "media/base/err.h"
#include "server/http/cookie.h"
#include "server/http/guest.h"
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

bool handler_guest(struct api *a, const struct req *q, const char *event, char member[33]) {
    char name[64];
    struct str value;
    snprintf(name, sizeof name, GUEST_COOKIE_PREFIX "%s", event);
    return cookie_get(q->cookie, name, &value) &&
           guest_verify(member, value, event, a->cfg->key, q->now_ms) == 0;
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

int handler_lesson(struct api *a, const struct req *q, struct meeting *m, struct access *may) {
    int err = handler_event(a, q, m, may);
    if (err == -ERR_AUTH)
        return -ERR_MISSING; /* a lesson's existence is no announcement */
    return err ? err : may->watch ? 0 : -ERR_MISSING;
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
