#include "server/catalogue/outbox.h"

#include "media/base/err.h"
#include "server/store/query.h"

static const int64_t hour_ms = 3600000;

int64_t outbox_retry_ms(int64_t attempts) {
    int64_t ms = OUTBOX_RETRY_FIRST_MS;
    for (int64_t i = 1; i < attempts && i < OUTBOX_TRIES_MAX; i++)
        ms *= 4;
    return ms;
}

int outbox_lease(struct store *s, int64_t now_ms, struct outbox_mail *out) {
    struct query *q = query_begin(s, Q_MAIL_LEASE);
    query_put_int(q, now_ms);
    int rc = query_row(q);
    if (rc > 0) {
        *out = (struct outbox_mail){.id = query_get_int(q)};
        out->registration = query_get_int(q);
        (void)STR_COPY(out->kind, query_get_str(q));
        out->attempts = query_get_int(q);
        out->created_at = query_get_int(q);
    }
    query_done(q);
    return rc;
}

int64_t outbox_next_ms(struct store *s) {
    struct query *q = query_begin(s, Q_MAIL_NEXT);
    int64_t at = query_row(q) > 0 && !query_is_null(q) ? query_get_int(q) : INT64_MAX;
    query_done(q);
    return at;
}

int outbox_sent(struct store *s, int64_t id) {
    struct query *q = query_begin(s, Q_MAIL_SENT);
    query_put_int(q, id);
    return query_exec(q);
}

int outbox_failed(struct store *s, const struct outbox_mail *m, struct str why, bool final, int64_t now_ms) {
    while (why.n > OUTBOX_TEXT_MAX || !str_utf8_ok(why))
        why.n = why.n > OUTBOX_TEXT_MAX ? OUTBOX_TEXT_MAX : why.n - 1;
    struct query *q = query_begin(s, Q_MAIL_FAILED);
    query_put_int(q, m->id);
    query_put_z(q, final || m->attempts >= OUTBOX_TRIES_MAX ? "failed" : "waiting");
    query_put_int(q, now_ms + outbox_retry_ms(m->attempts));
    query_put_str(q, why);
    return query_exec(q);
}

int outbox_return(struct store *s, int64_t now_ms) {
    struct query *q = query_begin(s, Q_MAIL_RETURN);
    query_put_int(q, now_ms);
    return query_exec(q);
}

static int remind(struct store *s, int64_t now_ms, const char *kind, int64_t ahead_ms, int64_t least_ms) {
    struct query *q = query_begin(s, Q_MAIL_REMIND);
    query_put_int(q, now_ms);
    query_put_z(q, kind);
    query_put_int(q, ahead_ms);
    query_put_int(q, least_ms);
    return query_exec(q);
}

int outbox_remind(struct store *s, int64_t now_ms) {
    int err = remind(s, now_ms, "reminder_day", 24 * hour_ms, 2 * hour_ms);
    return err ? err : remind(s, now_ms, "reminder_hour", hour_ms, 0);
}

int outbox_sweep(struct store *s, int64_t now_ms) {
    struct query *q = query_begin(s, Q_MAIL_SWEEP);
    query_put_int(q, now_ms - OUTBOX_KEEP_DAYS * 24 * hour_ms);
    return query_exec(q);
}
