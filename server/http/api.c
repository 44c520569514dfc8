#include "server/http/api.h"

#include <stdio.h>

#include "media/base/err.h"
#include "media/base/hmac.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/http/cookie.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/store/datadir.h"

static bool is_unsafe(enum req_method m) { return m != REQ_GET && m != REQ_HEAD && m != REQ_OPTIONS; }

void api_error(struct reply *r, int err, const char *field, const char *text, int64_t retry_ms) {
    static const char *const seconds[] = {"1", "2", "5", "15", "30", "60", "300", "900"};
    static const int64_t ms[] = {1000, 2000, 5000, 15000, 30000, 60000, 300000, 900000};
    struct json *j = json_object();
    json_set_z(j, "error", err_wire(err));
    json_set_z(j, "text", text ? text : err_text(err));
    if (field)
        json_set_z(j, "field", field);
    if (retry_ms > 0)
        json_set_int(j, "retry_ms", retry_ms);
    r->status = err_http(err);
    if (r->status == 429 || r->status == 503) {
        size_t i = 0;
        while (i + 1 < countof(ms) && ms[i] < retry_ms)
            i++;
        reply_header(r, "retry-after", seconds[i]);
    }
    buf_reset(&r->body);
    r->type = "application/json";
    json_write(j, &r->body);
    json_free(j);
}

int api_open(struct api **out, const struct api_cfg *cfg) {
    char db[DATADIR_PATH_MAX + 32];
    if (snprintf(db, sizeof db, "%s/somhub.db", cfg->data_dir) >= (int)sizeof db)
        return -ERR_INVALID;
    struct api *a = mem_zalloc(sizeof *a);
    a->cfg = cfg;
    int err = store_open(&a->store, db, false);
    if (err) {
        mem_free(a);
        return err;
    }
    *out = a;
    return 0;
}

void api_close(struct api *a) {
    if (!a)
        return;
    store_close(a->store);
    mem_free(a);
}

/* A page of another site can make a browser send our cookies, but not choose Origin. RFC 6454 7. */
static bool origin_ok(const struct req *q) {
    struct str host = q->origin, scheme;
    if (!q->origin.n)
        return true;
    if (!str_until(&host, ':', &scheme) || !str_starts(host, STR("//")))
        return false; /* "null" */
    host = (struct str){host.p + 2, host.n - 2};
    return str_ieq(host, q->host);
}

static bool csrf_ok(const struct api *a, const struct req *q) {
    return q->csrf.n == SIGNIN_CSRF_CHARS && hmac_same(q->csrf.p, a->in.csrf, SIGNIN_CSRF_CHARS);
}

static bool type_ok(const struct route *route, const struct req *q) {
    struct str rest = q->content_type, type;
    return !q->body.n || (str_until(&rest, ';', &type) &&
                          str_ieq(str_trim(type), str_of(route->type ? route->type : "application/json")));
}

static int check(struct api *a, const struct route *route, const struct req *q, struct reply *r) {
    struct str token;
    if (q->body.n > route->body_max)
        return -ERR_TOO_LARGE;
    if (cookie_get(q->cookie, HANDLER_COOKIE, &token)) {
        int err = signin_find(a->store, token, q->now_ms, &a->in);
        if (err == -ERR_AUTH)
            a->in = (struct signin){.renewed =
                                        false}; /* an old cookie is no reason to refuse what is open to all */
        else if (err)
            return err;
        if (a->in.renewed)
            handler_set_cookie(r, q, a->in.token);
    }
    if (is_unsafe(q->method)) {
        if (!origin_ok(q))
            return handler_fail(a, -ERR_DENIED, "origin", "This request comes from a page of another site.");
        if (a->in.user.id && !csrf_ok(a, q))
            return handler_fail(a, -ERR_DENIED, "csrf", "X-CSRF-Token is missing or wrong.");
        if (!type_ok(route, q))
            return -ERR_MEDIA_TYPE;
    }
    static const enum user_role least[] = {[NEED_NONE] = USER_LEARNER,
                                           [NEED_USER] = USER_LEARNER,
                                           [NEED_TEACHER] = USER_TEACHER,
                                           [NEED_STAFF] = USER_STAFF};
    if (route->need == NEED_NONE)
        return 0;
    if (!a->in.user.id)
        return -ERR_AUTH;
    return a->in.user.role >= least[route->need] ? 0 : -ERR_DENIED;
}

void api_run(struct api *a, const struct route *route, const struct req *q, struct reply *r) {
    enum { BUSY_RETRY_MS = 1000 };
    a->in = (struct signin){.renewed = false};
    a->field = a->text = NULL;
    a->retry_ms = 0;
    int err = check(a, route, q, r);
    if (!err)
        err = route->run(a, q, r);
    if (err) {
        if (err == -ERR_IO)
            LOG_ERROR("request failed method=%s pattern=%s", is_unsafe(q->method) ? "unsafe" : "safe",
                      route->pattern);
        r->n_effects = 0;
        api_error(r, err, a->field, a->text,
                  a->retry_ms        ? a->retry_ms
                  : err == -ERR_BUSY ? BUSY_RETRY_MS
                                     : 0);
    }
}
