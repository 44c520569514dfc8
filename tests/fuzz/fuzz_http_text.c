/* Any bytes as path, query string, cookies and search words. */
#include <stdlib.h>

#include "media/base/err.h"
#include "server/catalogue/search.h"
#include "server/http/cookie.h"
#include "server/http/route.h"
#include "server/http/urlquery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(struct str raw) {
    char dst[REQ_PATH_MAX + 1], allow[64];
    struct req q = {.method = REQ_GET};
    int err;
    if (req_path(raw, dst, &q.path))
        return;
    if (q.path.p[0] != '/' || memchr(q.path.p, 0, q.path.n) || memmem(q.path.p, q.path.n, "/../", 4) ||
        memmem(q.path.p, q.path.n, "//", 2) || !str_utf8_ok(q.path))
        abort();
    const struct route *r = route_find(&q, &err, allow);
    if (!r != (err != 0))
        abort();
}

/* Only quoted words and stars: never syntax of the index. */
static void check_search(struct str typed) {
    char query[SEARCH_QUERY_MAX + 1];
    search_query(query, typed);
    struct str s = str_of(query);
    if (!str_utf8_ok(s))
        abort();
    for (size_t i = 0, quotes = 0; i < s.n; i++) {
        quotes += s.p[i] == '"';
        if (quotes % 2 == 0 && s.p[i] != '"' && s.p[i] != '*' && s.p[i] != ' ')
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str text = {(const char *)data, size}, value;
    struct arena a;
    if (size > 4096)
        return 0;
    arena_init(&a, 1 << 16);
    check_path(text);
    check_search(text);
    if (urlquery_get(text, "q", &a, &value) && !str_utf8_ok(value))
        abort();
    if (urlquery_int(text, "page", 100, 1) > 100)
        abort();
    if (cookie_get(text, "s", &value) && memchr(value.p, ';', value.n))
        abort();
    arena_fini(&a);
    return 0;
}
