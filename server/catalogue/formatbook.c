#include "server/catalogue/formatbook.h"

#include <stdio.h>
#include <stdlib.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/catalogue/formatdoc.h"
#include "server/store/query.h"

static const char *const deed_names[FORMAT_DEED_COUNT] = {"made",  "changed", "restored", "hidden",
                                                          "shown", "default", "deleted"};

const char *format_deed_name(enum format_deed d) { return d < FORMAT_DEED_COUNT ? deed_names[d] : ""; }

/* ---- reading ---- */

/* A row of format_change. Its text is valid until the query is done. */
struct row {
    int64_t n;
    char id[FORMAT_ID_MAX + 1];
    bool is_deleted, is_hidden;
    struct str text;
};

static void read_row(struct query *q, struct row *r) {
    r->n = query_get_int(q);
    (void)STR_COPY(r->id, query_get_str(q));
    r->is_deleted = str_is(query_get_str(q), deed_names[FORMAT_DELETED]);
    r->is_hidden = query_get_int(q) != 0;
    r->text = query_get_str(q);
}

/* What a row says, or what is shipped where it says nothing. */
static int read_text(const struct formats *base, const struct row *r, struct format *out,
                     char sentence[FORMATS_SENTENCE_MAX]) {
    char file[FORMAT_ID_MAX + sizeof ".json"];
    if (!r->text.n) {
        const struct format *f = formats_find(base, str_of(r->id));
        if (f)
            *out = *f;
        return f ? 0 : -ERR_MISSING;
    }
    snprintf(file, sizeof file, "%s.json", r->id);
    return formats_parse(out, r->text, file, sentence);
}

static void complain(const struct row *r, const char *sentence) {
    LOG_ERROR("stored format does not read format=%s change=%lld: %s", r->id, (long long)r->n, sentence);
}

static void default_id(struct store *s, char dst[FORMAT_ID_MAX + 1]) {
    struct query *q = query_begin(s, Q_FORMAT_DEFAULT);
    (void)str_copy(dst, FORMAT_ID_MAX + 1, query_row(q) > 0 ? query_get_str(q) : STR(FORMATBOOK_USUAL));
    query_done(q);
}

/* An entry out of what is shipped and its last row. False: there is none. */
static bool make_entry(const struct formats *base, const struct row *r, struct formatbook_entry *out) {
    char sentence[FORMATS_SENTENCE_MAX];
    const struct format *shipped = formats_find(base, str_of(r->id));
    int err = r->is_deleted ? -ERR_MISSING : read_text(base, r, &out->f, sentence);
    out->n = r->n;
    out->is_shipped = shipped != NULL;
    out->is_changed = !err && r->text.n;
    out->is_hidden = r->is_hidden;
    out->is_default = false;
    if (err == -ERR_INVALID)
        complain(r, sentence);
    if (err && shipped)
        out->f = *shipped;
    return !err || shipped;
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct formatbook_entry *)a)->f.id, ((const struct formatbook_entry *)b)->f.id);
}

/* The one the staff chose, else the usual, else the first that is offered. */
static void mark_default(struct store *s, struct formatbook_entry *v, size_t n) {
    char id[FORMAT_ID_MAX + 1];
    size_t first = n, at = n;
    default_id(s, id);
    for (size_t i = n; i-- > 0;) {
        if (v[i].is_hidden)
            continue;
        first = i;
        if (!strcmp(v[i].f.id, id))
            at = i;
    }
    if (at == n)
        at = first;
    if (at < n)
        v[at].is_default = true;
}

static size_t place_of(const struct formatbook_entry *v, size_t n, const char *id) {
    size_t i = 0;
    while (i < n && strcmp(v[i].f.id, id) != 0)
        i++;
    return i;
}

int formatbook_list(struct store *s, const struct formats *base, struct formatbook_entry *v, size_t max) {
    enum { ROWS_MAX = 10000 };
    size_t n = 0;
    int rc;
    for (; n < base->n && n < max; n++)
        v[n] = (struct formatbook_entry){.f = base->v[n], .is_shipped = true};
    struct query *q = query_begin(s, Q_FORMAT_NOW);
    query_put_int(q, ROWS_MAX);
    while ((rc = query_row(q)) > 0) {
        struct row r;
        read_row(q, &r);
        size_t i = place_of(v, n, r.id);
        if (i < max && make_entry(base, &r, &v[i]) && i == n)
            n++;
    }
    query_done(q);
    if (rc < 0)
        return rc;
    qsort(v, n, sizeof *v, by_id);
    mark_default(s, v, n);
    return (int)n;
}

int formatbook_get(struct store *s, const struct formats *base, struct str id, struct formatbook_entry *out) {
    struct formatbook_entry *v = mem_zalloc((FORMATS_MAX + 1) * sizeof *v);
    int n = formatbook_list(s, base, v, FORMATS_MAX + 1), err = n < 0 ? n : -ERR_MISSING;
    *out = (struct formatbook_entry){.n = 0};
    for (int i = 0; i < n && err; i++)
        if (str_is(id, v[i].f.id)) {
            *out = v[i];
            err = 0;
        }
    mem_free(v);
    if (err != -ERR_MISSING)
        return err;
    struct query *q = query_begin(s, Q_FORMAT_LAST);
    query_put_str(q, id);
    int rc = query_row(q);
    if (rc > 0)
        out->n = query_get_int(q);
    query_done(q);
    return rc < 0 ? rc : err;
}

int formatbook_of(struct store *s, const struct formats *base, const struct meeting *m, struct format *out) {
    char sentence[FORMATS_SENTENCE_MAX];
    struct row r = {.n = 0};
    bool is_frozen = m->format_n >= 0;
    (void)STR_COPY(r.id, str_of(m->format));
    if (is_frozen && !m->format_n)
        return read_text(base, &r, out, sentence); /* as shipped */
    struct query *q = query_begin(s, is_frozen ? Q_FORMAT_AT : Q_FORMAT_LAST);
    query_put_z(q, m->format);
    if (is_frozen)
        query_put_int(q, m->format_n);
    int rc = query_row(q);
    if (rc > 0)
        read_row(q, &r); /* a deleted one's, too: an event made that moment has it */
    int err = rc < 0 ? rc : read_text(base, &r, out, sentence);
    if (err == -ERR_INVALID) {
        complain(&r, sentence);
        err = -ERR_IO;
    }
    query_done(q);
    return err;
}

bool formatbook_forgets(struct store *s, const struct formats *base, const struct meeting *m) {
    struct format f;
    int err = formatbook_of(s, base, m, &f);
    return err == -ERR_MISSING ? false : err || f.keep == KEEP_COUNTS;
}

/* ---- changing ---- */

static int may_be(struct store *s, const struct formats *base, const struct formatbook_change *c) {
    const struct formatbook_entry *was = c->was;
    struct formatbook_entry *v;
    int n;
    switch (c->deed) {
    case FORMAT_HIDDEN:
        return was->is_default ? -ERR_CONFLICT : 0;
    case FORMAT_DEFAULT:
        return was->is_hidden ? -ERR_CONFLICT : 0;
    case FORMAT_RESTORED:
        return was->is_shipped ? 0 : -ERR_CONFLICT;
    case FORMAT_DELETED:
        return was->is_shipped || was->is_default || formatbook_events(s, str_of(was->f.id)) != 0
                   ? -ERR_CONFLICT
                   : 0;
    case FORMAT_MADE:
        v = mem_zalloc(FORMATS_MAX * sizeof *v);
        n = formatbook_list(s, base, v, FORMATS_MAX);
        mem_free(v);
        return n < 0 ? n : n == FORMATS_MAX ? -ERR_FULL : 0;
    default:
        return 0;
    }
}

/* The text a row holds: the new one, nothing for "as shipped", else the one there was. */
static void put_text(struct buf *b, const struct formatbook_change *c) {
    const struct format *f = c->to                                               ? c->to
                             : c->deed == FORMAT_RESTORED || !c->was->is_changed ? NULL
                                                                                 : &c->was->f;
    if (!f)
        return;
    struct json *j = formatdoc_json(f);
    json_write(j, b);
    json_free(j);
}

static int append(struct store *s, const struct formatbook_change *c, struct str text) {
    const struct formatbook_entry *was = c->was;
    bool hidden =
        c->deed == FORMAT_HIDDEN || (was->is_hidden && c->deed != FORMAT_SHOWN && c->deed != FORMAT_MADE);
    struct query *q = query_begin(s, Q_FORMAT_PUT);
    query_put_z(q, c->to ? c->to->id : was->f.id);
    query_put_int(q, was->n);
    query_put_z(q, deed_names[c->deed]);
    query_put_str(q, text.n ? text : STR("")); /* no bytes would be NULL */
    query_put_int(q, hidden);
    query_put_int(q, c->by->id);
    query_put_z(q, c->by->name);
    query_put_int(q, c->at_ms);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : -ERR_PRECONDITION;
}

/* Planned events of what is never recorded from now on say so themselves, too; old changes go. */
static int settle(struct store *s, const struct format *f) {
    int err = 0;
    if (f->record == RECORD_NEVER) {
        struct query *q = query_begin(s, Q_FORMAT_NO_RECORD);
        query_put_z(q, f->id);
        err = query_exec(q);
    }
    if (err)
        return err;
    struct query *q = query_begin(s, Q_FORMAT_PRUNE);
    query_put_int(q, FORMATBOOK_CHANGES_MAX);
    return query_exec(q);
}

int formatbook_put(struct store *s, const struct formats *base, const struct formatbook_change *c) {
    struct buf text;
    const struct format *f = c->to                        ? c->to
                             : c->deed == FORMAT_RESTORED ? formats_find(base, str_of(c->was->f.id))
                                                          : &c->was->f;
    int err = store_begin(s);
    if (err)
        return err;
    buf_init(&text, FORMATS_FILE_MAX);
    put_text(&text, c);
    err = text.over ? -ERR_TOO_LARGE : may_be(s, base, c);
    if (!err)
        err = append(s, c, buf_view(&text));
    if (!err)
        err = settle(s, f);
    buf_fini(&text);
    if (!err)
        return store_commit(s);
    store_rollback(s);
    return err;
}

/* ---- asking ---- */

int formatbook_log(struct store *s, struct str id, struct arena *a, struct formatbook_line *v, size_t max) {
    struct query *q = query_begin(s, Q_FORMAT_LOG);
    size_t n = 0;
    int rc;
    query_put_str(q, id);
    query_put_int(q, (int64_t)max);
    while ((rc = query_row(q)) > 0 && n < max) {
        struct formatbook_line *l = &v[n++];
        l->n = query_get_int(q);
        (void)STR_COPY(l->format, query_get_str(q));
        l->did = arena_str(a, query_get_str(q));
        l->by = arena_str(a, query_get_str(q));
        l->at_ms = query_get_int(q);
        if (!l->did || !l->by)
            rc = -ERR_FULL;
        if (rc < 0)
            break;
    }
    query_done(q);
    return rc < 0 ? rc : (int)n;
}

int64_t formatbook_events(struct store *s, struct str id) {
    struct query *q = query_begin(s, Q_FORMAT_EVENTS);
    query_put_str(q, id);
    int rc = query_row(q);
    int64_t n = rc > 0 ? query_get_int(q) : rc < 0 ? rc : 0;
    query_done(q);
    return n;
}

int formatbook_check(struct store *s, const struct formats *base, char sentence[FORMATS_SENTENCE_MAX]) {
    enum { ROWS_MAX = 10000 };
    struct format f;
    struct row r;
    int rc, err = 0;
    struct query *q = query_begin(s, Q_FORMAT_NOW);
    query_put_int(q, ROWS_MAX);
    while (!err && (rc = query_row(q)) > 0) {
        read_row(q, &r);
        if (!r.is_deleted && r.text.n)
            err = read_text(base, &r, &f, sentence);
    }
    query_done(q);
    return err;
}
