#include "server/http/req.h"

#include <stdio.h>

#include <unistd.h>

#include "media/base/err.h"
#include "server/http/urlquery.h"

enum req_method req_method_of(struct str name) {
    static const struct {
        const char *name;
        enum req_method method;
    } known[] = {{"GET", REQ_GET},     {"HEAD", REQ_HEAD},     {"POST", REQ_POST},      {"PUT", REQ_PUT},
                 {"PATCH", REQ_PATCH}, {"DELETE", REQ_DELETE}, {"OPTIONS", REQ_OPTIONS}};
    for (size_t i = 0; i < countof(known); i++)
        if (str_is(name, known[i].name))
            return known[i].method;
    return REQ_OTHER;
}

/* An encoded slash would make two different addresses of what the table sees as one. */
static bool has_hidden_slash(struct str raw) {
    for (size_t i = 0; i + 2 < raw.n; i++)
        if (raw.p[i] == '%' && ((raw.p[i + 1] == '2' && (raw.p[i + 2] | 0x20) == 'f') ||
                                (raw.p[i + 1] == '5' && (raw.p[i + 2] | 0x20) == 'c')))
            return true;
    return false;
}

static bool parts_ok(struct str path) {
    struct str rest = {path.p + 1, path.n - 1}, part;
    while (str_until(&rest, '/', &part))
        if (!part.n || str_is(part, ".") || str_is(part, ".."))
            return false;
    return true;
}

int req_path(struct str raw, char dst[REQ_PATH_MAX + 1], struct str *out) {
    if (raw.n > REQ_PATH_MAX)
        return -ERR_TOO_LARGE;
    if (!raw.n || raw.p[0] != '/' || has_hidden_slash(raw))
        return -ERR_INVALID;
    int n = urlquery_decode(dst, raw, false);
    if (n < 0)
        return n;
    dst[n] = 0;
    struct str path = {dst, (size_t)n};
    if (!str_utf8_ok(path) || !parts_ok(path))
        return -ERR_INVALID;
    for (size_t i = 0; i < path.n; i++)
        if ((uint8_t)path.p[i] < 0x20 || path.p[i] == 0x7f || path.p[i] == '\\')
            return -ERR_INVALID;
    *out = path;
    return 0;
}

void reply_init(struct reply *r) {
    *r = (struct reply){.status = 200, .file_fd = -1};
    buf_init(&r->body, REPLY_BODY_MAX);
}

void reply_fini(struct reply *r) {
    buf_fini(&r->body);
    if (r->file_fd >= 0)
        close(r->file_fd);
    r->file_fd = -1;
}

void reply_header(struct reply *r, const char *name, const char *value) {
    if (r->n_headers < REPLY_HEADERS_MAX && value)
        r->headers[r->n_headers++] = (struct reply_header){name, value};
}

struct effect *reply_effect(struct reply *r, enum effect_kind kind, struct str room, int64_t user) {
    static _Thread_local struct effect none;
    if (r->n_effects >= REPLY_EFFECTS_MAX)
        return &none;
    struct effect *e = &r->effects[r->n_effects++];
    *e = (struct effect){.kind = kind, .user = user};
    (void)STR_COPY(e->room, room);
    return e;
}

void effect_capture_file(const struct effect *e, char dst[EFFECT_CAPTURE_FILE]) {
    snprintf(dst, EFFECT_CAPTURE_FILE, "captures/%lld-%s-%s-%s.pcapng", (long long)e->capture.at_ms, e->room,
             e->capture.member, e->capture.is_view ? "view" : "publish");
}
