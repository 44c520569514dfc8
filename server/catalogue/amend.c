#include "server/catalogue/amend.h"

#include <stdlib.h>

#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "server/catalogue/roomlog.h"
#include "server/store/query.h"

struct amend {
    uint64_t n;
    size_t place; /* in order of making */
    char *text;
};

static void put(struct amends *a, uint64_t n, struct str text) {
    a->v = mem_realloc(a->v, (a->n + 1) * sizeof *a->v);
    a->v[a->n] = (struct amend){n, a->n, mem_strndup(text.n ? text.p : "", text.n)};
    a->n++;
}

static int on_line(void *ctx, const struct roomlog_line *l) {
    struct amends *a = ctx;
    struct json *j = NULL;
    struct str type = {"", 0}, text = {"", 0};
    int64_t n = 0;
    if (str_starts(l->json, STR("{\"type\":\"caption\"")) || json_parse(&j, l->json) < 0)
        return 0; /* most are lines, which change none */
    (void)json_get_str(j, "type", &type);
    (void)json_get_str(j, "text", &text);
    (void)json_get_int(j, "n", &n);
    bool is_one = (str_is(type, "caption_edit") && text.n) || str_is(type, "caption_dropped");
    if (is_one && a->n < AMENDS_MAX)
        put(a, (uint64_t)n, text);
    json_free(j);
    return 0;
}

static int read_rows(struct store *s, const char *event, const char *lang, struct amends *out) {
    struct query *q = query_begin(s, Q_CAPTION_CHANGES);
    query_put_z(q, event);
    query_put_z(q, lang);
    int rc;
    while ((rc = query_row(q)) > 0) {
        uint64_t n = (uint64_t)query_get_int(q);
        put(out, n, query_get_str(q));
    }
    query_done(q);
    return rc;
}

static int in_order(const void *a, const void *b) {
    const struct amend *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static void sort(struct amends *a) {
    if (a->n)
        qsort(a->v, a->n, sizeof *a->v, in_order);
}

int amend_typed(struct store *s, const char *event, struct amends *out) {
    *out = (struct amends){NULL, 0};
    int err = roomlog_captions(s, event, on_line, out);
    if (!err)
        err = read_rows(s, event, "", out);
    sort(out);
    return err;
}

int amend_file(struct store *s, const char *event, const char *lang, struct amends *out) {
    *out = (struct amends){NULL, 0};
    int err = read_rows(s, event, lang, out);
    sort(out);
    return err;
}

void amend_free(struct amends *a) {
    for (size_t i = 0; i < a->n; i++)
        mem_free(a->v[i].text);
    mem_free(a->v);
    *a = (struct amends){NULL, 0};
}

/* The last of those with this number. */
const char *amend_of(const struct amends *a, uint64_t n) {
    size_t lo = 0, hi = a->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (a->v[mid].n <= n)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo && a->v[lo - 1].n == n ? a->v[lo - 1].text : NULL;
}

int amend_put(struct store *s, const char *event, const char *lang, uint64_t n, struct str text,
              struct amend_by by) {
    struct query *q = query_begin(s, Q_CAPTION_CHANGE_COUNT);
    query_put_z(q, event);
    query_put_z(q, lang);
    query_put_int(q, (int64_t)n);
    int rc = query_row(q);
    int64_t count = rc > 0 ? query_get_int(q) : 0;
    query_done(q);
    if (rc < 0)
        return rc;
    if (count >= AMENDS_MAX)
        return -ERR_FULL;
    q = query_begin(s, Q_CAPTION_CHANGE_PUT);
    query_put_z(q, event);
    query_put_z(q, lang);
    query_put_int(q, (int64_t)n);
    query_put_str(q, text);
    query_put_opt(q, by.user);
    query_put_int(q, by.now_ms);
    return query_exec(q);
}
