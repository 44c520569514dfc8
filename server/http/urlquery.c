#include "server/http/urlquery.h"

#include "media/base/err.h"

static int hex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int urlquery_decode(char *dst, struct str src, bool plus) {
    int n = 0;
    for (size_t i = 0; i < src.n; i++) {
        char c = src.p[i];
        if (c == '%') {
            if (src.n - i < 3 || hex(src.p[i + 1]) < 0 || hex(src.p[i + 2]) < 0)
                return -ERR_INVALID;
            c = (char)(hex(src.p[i + 1]) << 4 | hex(src.p[i + 2]));
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        dst[n++] = c;
    }
    return n;
}

bool urlquery_get(struct str query, const char *name, struct arena *a, struct str *out) {
    struct str pair, key;
    while (str_until(&query, '&', &pair)) {
        if (!str_until(&pair, '=', &key) || !str_is(key, name))
            continue;
        if (pair.n > URLQUERY_VALUE_MAX)
            return false;
        char *dst = arena_alloc(a, pair.n + 1);
        int n = dst ? urlquery_decode(dst, pair, true) : -ERR_FULL;
        if (n < 0 || !str_utf8_ok((struct str){dst, (size_t)n}))
            return false;
        *out = (struct str){dst, (size_t)n};
        return true;
    }
    return false;
}

int64_t urlquery_int(struct str query, const char *name, int64_t max, int64_t fallback) {
    struct str pair, key;
    uint64_t v;
    while (str_until(&query, '&', &pair))
        if (str_until(&pair, '=', &key) && str_is(key, name))
            return str_u64(pair, (uint64_t)max, &v) < 0 ? fallback : (int64_t)v;
    return fallback;
}
