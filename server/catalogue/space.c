#include "server/catalogue/space.h"

#include "media/base/err.h"
#include "server/store/query.h"

bool space_id_ok(struct str id) {
    for (size_t i = 0; i < id.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", id.p[i]))
            return false;
    return id.n && id.n <= SPACE_ID_MAX;
}

int space_put(struct store *s, const struct space *sp) {
    struct query *q = query_begin(s, Q_SPACE_PUT);
    query_put_z(q, sp->id);
    query_put_z(q, sp->name_uk);
    query_put_z(q, sp->name_en);
    query_put_z(q, sp->about_uk);
    query_put_z(q, sp->about_en);
    query_put_int(q, sp->place);
    query_put_int(q, SPACES_MAX);
    int n = query_run(q);
    return n < 0 ? n : n == 0 ? -ERR_FULL : 0;
}

int space_drop(struct store *s, struct str id) {
    struct query *q = query_begin(s, Q_SPACE_DROP);
    query_put_str(q, id);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : space_has(s, id) ? -ERR_CONFLICT : -ERR_MISSING;
}

int space_list(struct store *s, struct arena *a, struct space *out, size_t max) {
    struct query *q = query_begin(s, Q_SPACE_LIST);
    query_put_int(q, (int64_t)max);
    size_t n = 0;
    int rc;
    while ((rc = query_row(q)) > 0 && n < max) {
        struct space *sp = &out[n++];
        sp->id = arena_str(a, query_get_str(q));
        sp->name_uk = arena_str(a, query_get_str(q));
        sp->name_en = arena_str(a, query_get_str(q));
        sp->about_uk = arena_str(a, query_get_str(q));
        sp->about_en = arena_str(a, query_get_str(q));
        sp->place = (int64_t)n;
        sp->events = query_get_int(q);
        sp->lessons = query_get_int(q);
    }
    query_done(q);
    return rc < 0 ? rc : (int)n;
}

int space_names(struct store *s, struct str id, struct arena *a, const char **uk, const char **en) {
    struct query *q = query_begin(s, Q_SPACE_NAMES);
    query_put_str(q, id);
    int rc = query_row(q);
    if (rc > 0) {
        *uk = arena_str(a, query_get_str(q));
        *en = arena_str(a, query_get_str(q));
    }
    query_done(q);
    return rc < 0 ? rc : rc == 0 ? -ERR_MISSING : *uk && *en ? 0 : -ERR_FULL;
}

bool space_has(struct store *s, struct str id) {
    struct query *q = query_begin(s, Q_SPACE_HAS);
    query_put_str(q, id);
    bool has = query_row(q) > 0;
    query_done(q);
    return has;
}
