#include "server/catalogue/series.h"

#include "media/base/err.h"
#include "media/base/rnd.h"
#include "server/store/query.h"

enum { DAY_S = 86400 };

static int finish(struct store *s, int err) {
    if (!err)
        return store_commit(s);
    store_rollback(s);
    return err;
}

static int add_all(struct store *s, struct series *sr, struct meeting *like, const int64_t *at_s, size_t n) {
    struct query *q = query_begin(s, Q_SERIES_ADD);
    query_put_z(q, sr->id);
    query_put_z(q, sr->rule);
    query_put_z(q, sr->zone);
    query_put_int(q, like->created_at);
    int err = query_exec(q);
    struct meeting first = *like;
    (void)STR_COPY(first.series, str_of(sr->id));
    for (size_t i = 0; !err && i < n; i++) {
        struct meeting m = first;
        m.starts_at = m.slot_at = at_s[i] * 1000;
        err = meeting_add_within(s, &m);
        if (i == 0)
            *like = m;
    }
    return err;
}

int series_add(struct store *s, struct series *sr, struct meeting *like, const int64_t *at_s, size_t n) {
    rnd_id(sr->id, MEETING_ID_CHARS);
    int err = store_begin(s);
    return err ? err : finish(s, add_all(s, sr, like, at_s, n));
}

int series_get(struct store *s, const char *id, struct series *out) {
    struct query *q = query_begin(s, Q_SERIES_GET);
    query_put_z(q, id);
    int rc = query_row(q);
    if (rc > 0) {
        (void)STR_COPY(out->id, str_of(id));
        (void)STR_COPY(out->rule, query_get_str(q));
        (void)STR_COPY(out->zone, query_get_str(q));
    }
    query_done(q);
    return rc > 0 ? 0 : rc == 0 ? -ERR_MISSING : rc;
}

int series_rest(struct store *s, const char *id, int64_t slot_ms, int64_t now_ms, struct series_ids *out) {
    struct query *q = query_begin(s, Q_SERIES_REST);
    query_put_z(q, id);
    query_put_int(q, slot_ms);
    query_put_int(q, now_ms);
    query_put_int(q, RECUR_TIMES_MAX);
    int rc;
    out->n = 0;
    while ((rc = query_row(q)) > 0 && out->n < RECUR_TIMES_MAX)
        out->n += STR_COPY(out->v[out->n], query_get_str(q));
    query_done(q);
    return rc < 0 ? rc : 0;
}

int series_update(const struct signup_desk *d, const struct meeting *v, size_t n, const char *kind) {
    int err = store_begin(d->store);
    if (err)
        return err;
    for (size_t i = 0; !err && i < n; i++)
        err = meeting_update_within(d->store, &v[i]);
    for (size_t i = 0; !err && kind && i < n; i++)
        err = signup_tell(d, v[i].id, kind);
    return finish(d->store, err);
}

int64_t series_shift_s(const char *zone, int64_t at_s, int64_t old_s, int64_t new_s) {
    int64_t at = zone_wall_s(zone, at_s), from = zone_wall_s(zone, old_s), to = zone_wall_s(zone, new_s);
    int64_t days = to / DAY_S - from / DAY_S;
    return zone_moment_s(zone, (at / DAY_S + days) * DAY_S + to % DAY_S);
}
