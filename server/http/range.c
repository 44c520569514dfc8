#include "server/http/range.h"

#include "media/base/err.h"

int range_parse(struct range *out, struct str header, int64_t total) {
    *out = (struct range){.offset = 0, .length = total};
    struct str spec = header, unit, first;
    uint64_t a = 0, b = 0;
    /* RFC 9110 14.1: "Range units are case-insensitive." */
    if (!str_until(&spec, '=', &unit) || !str_ieq(str_trim(unit), STR("bytes")))
        return 0;
    spec = str_trim(spec);
    if (memchr(spec.p, ',', spec.n) || !memchr(spec.p, '-', spec.n) || !str_until(&spec, '-', &first))
        return 0;
    if (!first.n) { /* "-n": the last n bytes */
        if (str_u64(spec, INT64_MAX, &b) < 0)
            return 0;
        if (b == 0 || total == 0)
            return -ERR_RANGE;
        int64_t n = (int64_t)b < total ? (int64_t)b : total;
        *out = (struct range){.offset = total - n, .length = n, .partial = true};
        return 0;
    }
    if (str_u64(first, INT64_MAX, &a) < 0 || (spec.n && str_u64(spec, INT64_MAX, &b) < 0) ||
        (spec.n && b < a))
        return 0;
    if ((int64_t)a >= total)
        return -ERR_RANGE;
    int64_t last = spec.n && (int64_t)b < total ? (int64_t)b : total - 1;
    *out = (struct range){.offset = (int64_t)a, .length = last - (int64_t)a + 1, .partial = true};
    return 0;
}

bool range_etag_in(struct str list, struct str etag, bool weak) {
    list = str_trim(list);
    if (str_is(list, "*"))
        return true;
    while (list.n) {
        /* entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE: a comma may stand inside the quotes */
        bool is_weak = str_starts(list, STR("W/"));
        struct str tag = is_weak ? (struct str){list.p + 2, list.n - 2} : list;
        const char *end = tag.n > 1 && tag.p[0] == '"' ? memchr(tag.p + 1, '"', tag.n - 1) : NULL;
        if (!end)
            return false;
        tag.n = (size_t)(end + 1 - tag.p);
        if ((weak || !is_weak) && str_eq(tag, etag))
            return true;
        list.n -= (size_t)(end + 1 - list.p);
        list.p = end + 1;
        while (list.n && (list.p[0] == ',' || list.p[0] == ' ' || list.p[0] == '\t')) {
            list.p++;
            list.n--;
        }
    }
    return false;
}

enum range_status range_evaluate(const struct range_headers *h, struct str etag, struct str *range) {
    *range = h->range;
    if (h->if_match.n && !range_etag_in(h->if_match, etag, false))
        return RANGE_PRECONDITION;
    if (h->if_none_match.n && range_etag_in(h->if_none_match, etag, true))
        return RANGE_NOT_MODIFIED;
    /* A date in If-Range is no strong validator here: the whole file then. */
    if (h->if_range.n && !str_eq(str_trim(h->if_range), etag))
        *range = (struct str){"", 0};
    return RANGE_SEND;
}
