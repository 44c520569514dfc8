#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/catalogue/signin.h"
#include "server/http/handler.h"

static void must(int err) {
    if (err) {
        fprintf(stderr, "web_rig: error %d\n", err);
        abort();
    }
}

void web_open(struct web_rig *w) {
    char sentence[FORMATS_SENTENCE_MAX];
    memset(w, 0, sizeof *w);
    house_open(&w->house);
    must(formats_load(&w->formats, "config/formats", sentence));
    w->now_ms = HOUSE_NOW_MS;
    w->cfg = (struct api_cfg){.data_dir = w->house.dir,
                              .server_name = "",
                              .key = {w->house.data.key, sizeof w->house.data.key},
                              .registration = true,
                              .zone = "Europe/Kyiv",
                              .public_url = "",
                              .mail_from = "",
                              .formats = &w->formats};
    must(api_open(&w->api, &w->cfg));
    arena_init(&w->arena, REQ_ARENA_MAX);
    reply_init(&w->reply);
    for (int i = 0; i < HOUSE_PEOPLE; i++) {
        struct signin in;
        must(signin_open(w->house.store, &w->house.people[i], w->now_ms, &in));
        snprintf(w->cookies[i], sizeof w->cookies[i], HANDLER_COOKIE "=%s", in.token);
        snprintf(w->csrf[i], sizeof w->csrf[i], "%s", in.csrf);
    }
}

void web_close(struct web_rig *w) {
    json_free(w->json);
    reply_fini(&w->reply);
    arena_fini(&w->arena);
    api_close(w->api);
    house_close(&w->house);
}

/* As a browser: a cookie of the same name is replaced, Max-Age=0 deletes it. */
static void keep_cookie(char jar[1024], const char *set) {
    char next[1024] = "";
    size_t name = strcspn(set, "="), value = strcspn(set, ";");
    struct str rest = str_of(jar), one;
    while (str_until(&rest, ';', &one)) {
        one = str_trim(one);
        if (one.n > name && !memcmp(one.p, set, name + 1))
            continue;
        snprintf(next + strlen(next), sizeof next - strlen(next), "%s" STR_FMT, next[0] ? "; " : "",
                 STR_ARG(one));
    }
    if (!strstr(set, "Max-Age=0"))
        snprintf(next + strlen(next), sizeof next - strlen(next), "%s%.*s", next[0] ? "; " : "", (int)value,
                 set);
    memcpy(jar, next, sizeof next);
}

static void read_answer(struct web_rig *w, int person) {
    for (unsigned i = 0; i < w->reply.n_headers; i++)
        if (!strcmp(w->reply.headers[i].name, "set-cookie"))
            keep_cookie(w->cookies[person], w->reply.headers[i].value);
    json_free(w->json);
    w->json = NULL;
    if (w->reply.type && !strcmp(w->reply.type, "application/json") && w->reply.body.n)
        must(json_parse(&w->json, buf_view(&w->reply.body)));
    struct str csrf;
    if (json_get_str(w->json, "csrf", &csrf))
        (void)STR_COPY(w->csrf[person], csrf);
}

static void clear_once(struct web_rig *w) {
    w->range = w->if_none_match = w->if_range = w->if_match = w->origin = w->content_type = w->bearer = NULL;
    w->without_csrf = w->tls = false;
}

int web_ask(struct web_rig *w, int person, const char *line, const char *body) {
    char path[REQ_PATH_MAX + 1], allow[64];
    struct str rest = str_of(line), method, raw, decoded;
    int err;
    reply_fini(&w->reply);
    reply_init(&w->reply);
    arena_fini(&w->arena);
    arena_init(&w->arena, REQ_ARENA_MAX);
    (void)str_until(&rest, ' ', &method);
    (void)str_until(&rest, '?', &raw);
    struct req q = {.method = req_method_of(method),
                    .query = rest,
                    .host = STR("live.example.org"),
                    .cookie = str_of(w->cookies[person]),
                    .csrf = w->without_csrf ? STR("") : str_of(w->csrf[person]),
                    .content_type = str_of(w->content_type ? w->content_type
                                           : body          ? "application/json"
                                                           : NULL),
                    .authorization = str_of(w->bearer),
                    .origin = str_of(w->origin),
                    .range = str_of(w->range),
                    .if_none_match = str_of(w->if_none_match),
                    .if_range = str_of(w->if_range),
                    .if_match = str_of(w->if_match),
                    .body = {(const uint8_t *)body, body ? strlen(body) : 0},
                    .addr = STR("192.0.2.1"),
                    .is_tls = w->tls,
                    .arena = &w->arena,
                    .now_ms = w->now_ms};
    if (req_path(raw, path, &decoded) < 0) {
        api_error(&w->reply, -ERR_INVALID, NULL, NULL, 0);
    } else {
        q.path = decoded;
        const struct route *route = route_find(&q, &err, allow);
        if (route)
            api_run(w->api, route, &q, &w->reply);
        else
            api_error(&w->reply, err, NULL, NULL, 0);
    }
    read_answer(w, person);
    clear_once(w);
    return w->reply.status;
}

const char *web_header(const struct web_rig *w, const char *name) {
    for (unsigned i = 0; i < w->reply.n_headers; i++)
        if (!strcmp(w->reply.headers[i].name, name))
            return w->reply.headers[i].value;
    return NULL;
}

const char *web_str(const struct json *j, const char *key) {
    static char ring[4][2048];
    static int at;
    struct str s = {"", 0};
    at = (at + 1) % 4;
    (void)json_get_str(j, key, &s);
    (void)STR_COPY(ring[at], s);
    return ring[at];
}

const char *web_error(const struct web_rig *w) { return web_str(w->json, "error"); }

void web_expect(struct web_rig *w, int person, int status, const char *line, const char *body) {
    int got = web_ask(w, person, line, body);
    if (got != status)
        fail_msg("%s: status %d, not %d: " STR_FMT, line, got, status, STR_ARG(buf_view(&w->reply.body)));
}

const char *web_line(const char *fmt, ...) {
    static char text[4][256];
    static int at;
    va_list ap;
    at = (at + 1) % 4;
    va_start(ap, fmt);
    vsnprintf(text[at], sizeof text[at], fmt, ap);
    va_end(ap);
    return text[at];
}

bool web_flag(const struct json *j, const char *key) {
    bool v = false;
    (void)json_get_bool(j, key, &v);
    return v;
}

int64_t web_number(const struct json *j, const char *key) {
    int64_t v = -12345;
    (void)json_get_int(j, key, &v);
    return v;
}
