#include "server/store/query.h"

#include <assert.h>

#include "media/base/err.h"
#include "server/store/conn.h"

const char *const conn_sql[Q_COUNT] = {
#define X(name, sql) sql,
#include "server/store/queries.def"
#undef X
};

struct query *query_begin(struct store *s, enum query_name name) {
    struct query *q = &s->queries[name];
    assert(!q->busy);
    q->store = s;
    q->put = 1;
    q->get = 0;
    q->busy = true;
    q->bad = false;
    if (!q->stmt && sqlite3_prepare_v3(s->db, conn_sql[name], -1, SQLITE_PREPARE_PERSISTENT, &q->stmt,
                                       NULL) != SQLITE_OK) {
        (void)conn_error(s, conn_sql[name]);
        q->bad = true;
    }
    return q;
}

static void bound(struct query *q, int rc) {
    if (rc != SQLITE_OK)
        q->bad = true;
    q->put++;
}

void query_put_int(struct query *q, int64_t v) { bound(q, sqlite3_bind_int64(q->stmt, q->put, v)); }

void query_put_opt(struct query *q, int64_t v) {
    bound(q, v ? sqlite3_bind_int64(q->stmt, q->put, v) : sqlite3_bind_null(q->stmt, q->put));
}

void query_put_str(struct query *q, struct str v) {
    bound(q, sqlite3_bind_text64(q->stmt, q->put, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void query_put_z(struct query *q, const char *v) {
    if (v)
        query_put_str(q, str_of(v));
    else
        bound(q, sqlite3_bind_null(q->stmt, q->put));
}

void query_put_bytes(struct query *q, struct bytes v) {
    bound(q, sqlite3_bind_blob64(q->stmt, q->put, v.p ? (const void *)v.p : "", v.n, SQLITE_STATIC));
}

int query_row(struct query *q) {
    /* Every parameter must be given: a forgotten one would silently be NULL. */
    if (q->bad || q->put - 1 != sqlite3_bind_parameter_count(q->stmt))
        return -ERR_IO;
    q->get = 0;
    int rc = sqlite3_step(q->stmt);
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : conn_error(q->store, sqlite3_sql(q->stmt));
}

void query_done(struct query *q) {
    if (q->stmt) {
        sqlite3_reset(q->stmt);
        sqlite3_clear_bindings(q->stmt);
    }
    q->busy = false;
}

int query_run(struct query *q) {
    int rc;
    do
        rc = query_row(q);
    while (rc > 0);
    int changed = rc == 0 ? sqlite3_changes(q->store->db) : rc;
    query_done(q);
    return changed;
}

int query_exec(struct query *q) {
    int n = query_run(q);
    return n < 0 ? n : 0;
}

int64_t query_get_int(struct query *q) { return sqlite3_column_int64(q->stmt, q->get++); }

struct str query_get_str(struct query *q) {
    const char *p = (const char *)sqlite3_column_text(q->stmt, q->get);
    int n = sqlite3_column_bytes(q->stmt, q->get++);
    return (struct str){p ? p : "", p ? (size_t)n : 0};
}

bool query_is_null(const struct query *q) { return sqlite3_column_type(q->stmt, q->get) == SQLITE_NULL; }

void query_skip(struct query *q) { q->get++; }
