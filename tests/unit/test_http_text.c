/* What HTTP says in text: paths, query strings, cookies, ranges, entity tags, and the table of routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/http/cookie.h"
#include "server/http/range.h"
#include "server/http/route.h"
#include "server/http/urlquery.h"

static void test_paths(void **state) {
    (void)state;
    static const struct {
        const char *raw, *path; /* NULL: refused */
    } rows[] = {
        {"/", "/"},
        {"/api/events/k3v9q2mzt7", "/api/events/k3v9q2mzt7"},
        {"/%D1%83%D1%80%D0%BE%D0%BA", "/урок"},
        {"/a+b", "/a+b"},
        {"", NULL},
        {"api", NULL},
        {"http://x/", NULL},
        {"//x", NULL},
        {"/a//b", NULL},
        {"/../x", NULL},
        {"/a/..", NULL},
        {"/a/./b", NULL},
        {"/%2e%2e/x", NULL},
        {"/a%2fb", NULL},
        {"/a%2Fb", NULL},
        {"/a%5cb", NULL},
        {"/a\\b", NULL},
        {"/a%00b", NULL},
        {"/a%0ab", NULL},
        {"/%", NULL},
        {"/%f", NULL},
        {"/%zz", NULL},
        {"/%ff", NULL},
        {"/media/x/%252e%252e", "/media/x/%2e%2e"}, /* decoded once */
    };
    for (size_t i = 0; i < countof(rows); i++) {
        char dst[REQ_PATH_MAX + 1];
        struct str out;
        int err = req_path(str_of(rows[i].raw), dst, &out);
        if ((err == 0) != (rows[i].path != NULL) || (!err && !str_is(out, rows[i].path)))
            fail_msg("%s: %d", rows[i].raw, err);
    }
    char dst[REQ_PATH_MAX + 1], big[REQ_PATH_MAX + 2];
    struct str out;
    memset(big, 'a', sizeof big);
    big[0] = '/';
    assert_int_equal(req_path((struct str){big, sizeof big - 1}, dst, &out), -ERR_TOO_LARGE);
    assert_int_equal(req_path((struct str){big, sizeof big - 2}, dst, &out), 0);
}

static void test_queries(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 16);
    static const struct {
        const char *query, *name, *value;
    } rows[] = {
        {"q=a", "q", "a"},    {"q=a+b%20c", "q", "a b c"}, {"x=1&q=%D1%97", "q", "ї"}, {"q=&x=1", "q", ""},
        {"q", "q", ""},       {"q=1&q=2", "q", "1"},       {"qq=1", "q", NULL},        {"", "q", NULL},
        {"q=%", "q", NULL},   {"q=%f", "q", NULL},         {"q=%ff", "q", NULL},       {"q=%00", "q", NULL},
        {"&&&q=1", "q", "1"}, {"q=a=b", "q", "a=b"},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct str out;
        bool got = urlquery_get(str_of(rows[i].query), rows[i].name, &a, &out);
        if (got != (rows[i].value != NULL) || (got && !str_is(out, rows[i].value)))
            fail_msg("row %zu", i);
    }
    assert_int_equal(urlquery_int(STR("page=7"), "page", 10, 1), 7);
    assert_int_equal(urlquery_int(STR("page=11"), "page", 10, 1), 1);
    assert_int_equal(urlquery_int(STR("page=-1"), "page", 10, 1), 1);
    assert_int_equal(urlquery_int(STR("page=99999999999999999999"), "page", 10, 1), 1);
    arena_fini(&a);
}

static void test_cookies(void **state) {
    (void)state;
    static const struct {
        const char *header, *value;
    } rows[] = {
        {"s=1", "1"},       {"a=b; s=1", "1"}, {"a=b;s=1; c=d", "1"}, {"s=\"1\"", "1"}, {"ss=1", NULL},
        {"as=1; s=2", "2"}, {"s=1; s=2", "1"}, {"s", NULL},           {"", NULL},       {"s=", ""},
        {"; ; s=1", "1"},   {"S=1", NULL},     {"s=a=b", "a=b"},      {"s=\"", "\""},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct str out;
        bool got = cookie_get(str_of(rows[i].header), "s", &out);
        if (got != (rows[i].value != NULL) || (got && !str_is(out, rows[i].value)))
            fail_msg("%s", rows[i].header);
    }
    struct arena a;
    arena_init(&a, 4096);
    struct cookie c = {"s", "v", "/x", 60, true};
    assert_string_equal(cookie_set(&a, &c), "s=v; Path=/x; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    c.secure = false;
    assert_null(strstr(cookie_set(&a, &c), "Secure"));
    arena_fini(&a);
}

static void test_ranges(void **state) {
    (void)state;
    enum { WHOLE = 0, PART = 206, OUTSIDE = 416 };
    static const struct {
        const char *header;
        int64_t total;
        int what;
        int64_t offset, length;
    } rows[] = {
        {"", 100, WHOLE, 0, 100},
        {"bytes=0-0", 100, PART, 0, 1},
        {"bytes=0-99", 100, PART, 0, 100},
        {"bytes=0-100", 100, PART, 0, 100},
        {"bytes=99-", 100, PART, 99, 1},
        {"bytes=0-", 100, PART, 0, 100},
        {"bytes=100-", 100, OUTSIDE, 0, 0},
        {"bytes=100-200", 100, OUTSIDE, 0, 0},
        {"bytes=-1", 100, PART, 99, 1},
        {"bytes=-100", 100, PART, 0, 100},
        {"bytes=-101", 100, PART, 0, 100},
        {"bytes=-0", 100, OUTSIDE, 0, 0},
        {"bytes=0-0", 0, OUTSIDE, 0, 0},
        {"bytes=-5", 0, OUTSIDE, 0, 0},
        {"BYTES=5-6", 100, PART, 5, 2},
        {"bytes= 5-6 ", 100, PART, 5, 2},
        {"bytes=6-5", 100, WHOLE, 0, 100},
        {"bytes=1-2,4-5", 100, WHOLE, 0, 100},
        {"bytes=", 100, WHOLE, 0, 100},
        {"bytes=-", 100, WHOLE, 0, 100},
        {"bytes=a-b", 100, WHOLE, 0, 100},
        {"bytes=1", 100, WHOLE, 0, 100},
        {"bytes=1-2-3", 100, WHOLE, 0, 100},
        {"bytes=+1-2", 100, WHOLE, 0, 100},
        {"seconds=1-2", 100, WHOLE, 0, 100},
        {"bytes=9223372036854775807-", 100, OUTSIDE, 0, 0},
        {"bytes=0-9223372036854775807", 100, PART, 0, 100},
        {"bytes=99999999999999999999-", 100, WHOLE, 0, 100},
        {"bytes=0-5", INT64_MAX, PART, 0, 6},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct range r;
        int err = range_parse(&r, str_of(rows[i].header), rows[i].total);
        bool ok = rows[i].what == OUTSIDE ? err == -ERR_RANGE
                                          : err == 0 && r.partial == (rows[i].what == PART) &&
                                                r.offset == rows[i].offset && r.length == rows[i].length;
        if (!ok)
            fail_msg("%s of %lld", rows[i].header, (long long)rows[i].total);
    }
}

static void test_validators(void **state) {
    (void)state;
    static const char etag[] = "\"a,1\"";
    static const struct {
        const char *list;
        bool weak, strong;
    } rows[] = {
        {"\"a,1\"", true, true},
        {"*", true, true},
        {"W/\"a,1\"", true, false},
        {"\"x\", \"a,1\"", true, true},
        {"\"x\" , W/\"a,1\"", true, false},
        {"\"x\"", false, false},
        {"a,1", false, false},
        {"\"a,1", false, false},
        {"", false, false},
        {"\"x\", a", false, false},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        assert_int_equal(range_etag_in(str_of(rows[i].list), str_of(etag), true), rows[i].weak);
        assert_int_equal(range_etag_in(str_of(rows[i].list), str_of(etag), false), rows[i].strong);
    }
    struct str range;
    struct range_headers h = {{"", 0}, {"", 0}, {"", 0}, STR("bytes=0-1")};
    assert_int_equal(range_evaluate(&h, str_of(etag), &range), RANGE_SEND);
    assert_true(str_is(range, "bytes=0-1"));
    h.if_range = str_of(etag);
    assert_int_equal(range_evaluate(&h, str_of(etag), &range), RANGE_SEND);
    assert_true(str_is(range, "bytes=0-1"));
    static const char *const others[] = {"\"b\"", "W/\"a,1\"", "Sun, 06 Nov 1994 08:49:37 GMT"};
    for (size_t i = 0; i < countof(others); i++) {
        h.if_range = str_of(others[i]);
        assert_int_equal(range_evaluate(&h, str_of(etag), &range), RANGE_SEND);
        assert_int_equal(range.n, 0);
    }
    h.if_none_match = STR("W/\"a,1\"");
    assert_int_equal(range_evaluate(&h, str_of(etag), &range), RANGE_NOT_MODIFIED);
    h.if_match = STR("\"b\"");
    assert_int_equal(range_evaluate(&h, str_of(etag), &range), RANGE_PRECONDITION);
}

static void test_routes(void **state) {
    (void)state;
    static const struct {
        enum req_method method;
        const char *path;
        const char *pattern; /* NULL: none */
        int err;
        const char *allow;
    } rows[] = {
        {REQ_GET, "/api/session", "/api/session", 0, ""},
        {REQ_HEAD, "/api/session", "/api/session", 0, ""},
        {REQ_GET, "/api/events/abc", "/api/events/:id", 0, ""},
        {REQ_POST, "/api/events/abc/join", "/api/events/:id/join", 0, ""},
        {REQ_DELETE, "/api/events/abc/people/u5", "/api/events/:id/people/:user", 0, ""},
        {REQ_GET, "/media/abc/p1-0001.m4s", "/media/:id/:file", 0, ""},
        {REQ_GET, "/media/abc/x/y", NULL, -ERR_MISSING, ""},
        {REQ_GET, "/api/events/", NULL, -ERR_MISSING, ""},
        {REQ_GET, "/api", NULL, -ERR_MISSING, ""},
        {REQ_GET, "/", NULL, -ERR_MISSING, ""},
        {REQ_PUT, "/api/events/abc", NULL, -ERR_METHOD, "GET, HEAD, PATCH, DELETE"},
        {REQ_OTHER, "/healthz", NULL, -ERR_METHOD, "GET, HEAD"},
        {REQ_POST, "/whip/abc", "/whip/:room", 0, ""},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct req q = {.method = rows[i].method, .path = str_of(rows[i].path)};
        char allow[64];
        int err;
        const struct route *r = route_find(&q, &err, allow);
        if (err != rows[i].err || strcmp(allow, rows[i].allow) != 0 ||
            (r != NULL) != (rows[i].pattern != NULL) || (r && strcmp(r->pattern, rows[i].pattern) != 0))
            fail_msg("%s: %d %s", rows[i].path, err, allow);
    }
    struct req q = {.method = REQ_DELETE, .path = STR("/api/events/abc/people/u5")};
    char allow[64];
    int err;
    assert_non_null(route_find(&q, &err, allow));
    assert_true(str_is(q.params[0], "abc") && str_is(q.params[1], "u5"));
}

/* "GET" at the front of `GET /api/users?q=`; its path ends where the query or the span does. */
static bool a_method(const char *at, const char **method, struct str *path) {
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < countof(names); i++) {
        size_t n = strlen(names[i]);
        if (strncmp(at, names[i], n) != 0 || at[n] != ' ' || at[n + 1] != '/')
            continue;
        *method = names[i];
        *path = (struct str){at + n + 1, strcspn(at + n + 1, "?` \n")};
        return true;
    }
    return false;
}

/* API.md names each row, method and all, and nothing that is no row; what runs on api threads has a handler.
 */
static void test_table_is_documented(void **state) {
    static const char *const words[] = {
        [REQ_GET] = "GET",     [REQ_POST] = "POST",     [REQ_PUT] = "PUT",
        [REQ_PATCH] = "PATCH", [REQ_DELETE] = "DELETE", [REQ_OPTIONS] = "OPTIONS"};
    static char text[1 << 17];
    (void)state;
    FILE *f = fopen("server/http/API.md", "re");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    assert_true(feof(f));
    fclose(f);
    size_t n;
    const struct route *rows = route_table(&n);
    bool told[256] = {false};
    assert_true(n <= countof(told));
    for (const char *at = text, *method; (at = strchr(at, '`')) != NULL; at++) {
        struct str path;
        if (!a_method(at + 1, &method, &path) || str_is(path, "/ws")) /* which libwebsockets tells apart */
            continue;
        bool known = false;
        for (size_t i = 0; i < n; i++)
            if (!strcmp(words[rows[i].method], method) && str_is(path, rows[i].pattern))
                known = told[i] = true;
        if (!known)
            fail_msg("API.md tells of %s %.*s, which is no route", method, (int)path.n, path.p);
    }
    for (size_t i = 0; i < n; i++) {
        if (!told[i])
            fail_msg("API.md does not tell of %s %s", words[rows[i].method], rows[i].pattern);
        assert_int_equal(rows[i].where != ROUTE_CONTROL, rows[i].run != NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_validators),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_table_is_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
