#include "server/catalogue/shared.h"

#include "media/base/err.h"
#include "server/store/query.h"

int shared_put(struct store *s, const char *event, const char *lesson, int64_t now_ms) {
    struct query *q = query_begin(s, Q_SHARED_PUT);
    query_put_z(q, event);
    query_put_z(q, lesson);
    query_put_int(q, now_ms);
    query_put_int(q, SHARED_PER_EVENT_MAX);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : -ERR_FULL;
}

int shared_check(struct store *s, const char *event, struct str lesson, int64_t now_ms) {
    struct query *q = query_begin(s, Q_SHARED_ANY);
    query_put_z(q, event);
    query_put_str(q, lesson);
    query_put_int(q, now_ms - SHARED_LIFE_MS);
    int rc = query_row(q);
    query_done(q);
    return rc > 0 ? 0 : rc == 0 ? -ERR_MISSING : rc;
}
