#include "server/catalogue/revision.h"

#include <stdio.h>
#include <string.h>

#include "media/base/err.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/roomlog.h"
#include "server/store/query.h"

int revision_read(struct store *s, const char *data_dir, const char *event, struct revision *out) {
    *out = (struct revision){.changes = 0};
    struct query *q = query_begin(s, Q_CAPTION_STATE);
    query_put_z(q, event);
    int rc = query_row(q);
    if (rc > 0) {
        out->is_marked = true;
        out->changes = query_get_int(q);
        for (int i = 0; i < REVISION_PARTS; i++)
            (void)STR_COPY(out->made[i], query_get_str(q));
    }
    query_done(q);
    int64_t seq = rc < 0 ? rc : roomlog_captioned(s, event);
    if (seq < 0)
        return (int)seq;
    snprintf(out->now, sizeof out->now, "%lld-%lld-%lld", (long long)seq,
             (long long)recdir_size(data_dir, event, "takes.jsonl"), (long long)out->changes);
    const char *last = strrchr(out->made[REVISION_CUES], '-');
    uint64_t n = 0;
    if (last && !str_u64(str_of(last + 1), INT64_MAX, &n))
        out->changes_made = (int64_t)n;
    return 0;
}

bool revision_is_made(const struct revision *r, enum revision_part part) {
    return !strcmp(r->made[part], r->now);
}

int revision_mark(struct store *s, const char *event, enum revision_part part, const char *now) {
    struct query *q = query_begin(s, part == REVISION_CUES ? Q_CAPTION_STATE_CUES : Q_CAPTION_STATE_TIMELINE);
    query_put_z(q, event);
    query_put_z(q, now);
    return query_exec(q);
}

int revision_changed(struct store *s, const char *event) {
    struct query *q = query_begin(s, Q_CAPTION_STATE_CHANGED);
    query_put_z(q, event);
    return query_exec(q);
}
