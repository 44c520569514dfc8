#include "server/catalogue/job.h"

#include "media/base/err.h"
#include "server/store/query.h"

static const char *const kind_names[JOB_KIND_COUNT] = {"finish", "poster", "mp4"};
static const char *const state_names[JOB_STATE_COUNT] = {"waiting", "running", "done", "failed"};

const char *job_kind_name(enum job_kind k) { return kind_names[k]; }
const char *job_state_name(enum job_state st) { return state_names[st]; }

int job_kind_of(struct str name) { return str_index(name, kind_names, JOB_KIND_COUNT); }

int64_t job_retry_ms(int64_t attempts) {
    int64_t ms = JOB_RETRY_FIRST_MS;
    for (int64_t i = 1; i < attempts && i < JOB_TRIES_MAX; i++)
        ms *= 4;
    return ms;
}

int job_put(struct store *s, const char *event, enum job_kind kind, int64_t now_ms) {
    struct query *q = query_begin(s, Q_JOB_PUT);
    query_put_z(q, event);
    query_put_z(q, kind_names[kind]);
    query_put_int(q, now_ms);
    int rc = query_row(q);
    query_done(q);
    return rc > 0 ? 0 : rc == 0 ? -ERR_CONFLICT : rc;
}

static void read_job(struct query *q, struct job *out) {
    *out = (struct job){.id = query_get_int(q)};
    (void)STR_COPY(out->event, query_get_str(q));
    int kind = job_kind_of(query_get_str(q));
    int state = str_index(query_get_str(q), state_names, JOB_STATE_COUNT);
    out->kind =
        kind < 0 ? JOB_KIND_COUNT : (enum job_kind)kind; /* of a newer version: fails, is not guessed */
    out->state = state < 0 ? JOB_FAILED : (enum job_state)state;
    out->percent = query_get_int(q);
    out->attempts = query_get_int(q);
    (void)STR_COPY(out->text, query_get_str(q));
    out->run_at = query_get_int(q);
}

int job_list(struct store *s, const char *event, struct job out[JOB_LIST_MAX]) {
    struct query *q = query_begin(s, Q_JOB_LIST);
    query_put_z(q, event);
    query_put_int(q, JOB_LIST_MAX);
    int n = 0, rc;
    while ((rc = query_row(q)) > 0 && n < JOB_LIST_MAX)
        read_job(q, &out[n++]);
    query_done(q);
    return rc < 0 ? rc : n;
}

int job_lease(struct store *s, int64_t now_ms, struct job *out) {
    struct query *q = query_begin(s, Q_JOB_LEASE);
    query_put_int(q, now_ms);
    int rc = query_row(q);
    if (rc > 0)
        read_job(q, out);
    query_done(q);
    return rc;
}

int64_t job_next_ms(struct store *s) {
    struct query *q = query_begin(s, Q_JOB_NEXT);
    int64_t at = query_row(q) > 0 && !query_is_null(q) ? query_get_int(q) : INT64_MAX;
    query_done(q);
    return at;
}

int job_progress(struct store *s, int64_t id, int64_t percent) {
    struct query *q = query_begin(s, Q_JOB_PROGRESS);
    query_put_int(q, id);
    query_put_int(q, percent < 0 ? 0 : percent > 99 ? 99 : percent);
    return query_exec(q);
}

int job_done(struct store *s, int64_t id) {
    struct query *q = query_begin(s, Q_JOB_DONE);
    query_put_int(q, id);
    return query_exec(q);
}

int job_failed(struct store *s, const struct job *j, struct str why, int64_t now_ms, bool *final) {
    char text[JOB_TEXT_MAX + 1];
    while (why.n > JOB_TEXT_MAX || !str_utf8_ok(why))
        why.n = why.n > JOB_TEXT_MAX ? JOB_TEXT_MAX : why.n - 1;
    (void)STR_COPY(text, why);
    *final = j->attempts >= JOB_TRIES_MAX || j->kind == JOB_KIND_COUNT;
    struct query *q = query_begin(s, *final ? Q_JOB_FAILED : Q_JOB_RETRY);
    query_put_int(q, j->id);
    if (!*final)
        query_put_int(q, now_ms + job_retry_ms(j->attempts));
    query_put_z(q, text);
    return query_exec(q);
}

int job_return(struct store *s, int64_t now_ms) {
    struct query *q = query_begin(s, Q_JOB_RETURN);
    query_put_int(q, now_ms);
    return query_exec(q);
}
