#include "server/catalogue/lesson.h"

#include "media/base/err.h"
#include "server/catalogue/job.h"
#include "server/catalogue/transcript.h"
#include "server/store/query.h"

int lesson_started(struct store *s, const char *id, int64_t now_ms) {
    struct query *q = query_begin(s, Q_RECORDING_START);
    query_put_z(q, id);
    query_put_int(q, now_ms);
    return query_exec(q);
}

int lesson_progress(struct store *s, const char *id, int64_t duration_ms) {
    struct query *q = query_begin(s, Q_RECORDING_PROGRESS);
    query_put_z(q, id);
    query_put_int(q, duration_ms);
    return query_exec(q);
}

int lesson_failed(struct store *s, const char *id) {
    struct query *q = query_begin(s, Q_RECORDING_FAILED);
    query_put_z(q, id);
    return query_exec(q);
}

/* What of manifest.json the catalogue asks for. */
struct facts {
    int64_t duration_ms, bytes, started_ms;
};

/* Also when nobody noted the start: what is on disk is the recording. */
static int put_ready(struct store *s, const char *id, const struct facts *f, struct str manifest) {
    struct query *q = query_begin(s, Q_RECORDING_READY);
    query_put_z(q, id);
    query_put_int(q, f->duration_ms);
    query_put_int(q, f->bytes);
    query_put_str(q, manifest);
    query_put_int(q, f->started_ms);
    int n = query_run(q);
    return n < 0 ? n : n == 0 ? -ERR_MISSING : 0;
}

static int put_ended(struct store *s, const char *id, int64_t now_ms) {
    struct query *q = query_begin(s, Q_EVENT_ENDED);
    query_put_z(q, id);
    query_put_int(q, now_ms);
    return query_exec(q);
}

int lesson_publish(struct store *s, const char *data_dir, const char *id, struct str manifest,
                   int64_t now_ms) {
    struct json *j = NULL;
    struct facts f = {.started_ms = now_ms};
    if (manifest.n > LESSON_MANIFEST_MAX || json_parse(&j, manifest) < 0 || !json_is_object(j)) {
        json_free(j);
        return -ERR_INVALID;
    }
    (void)json_get_int(j, "duration_ms", &f.duration_ms);
    (void)json_get_int(j, "bytes", &f.bytes);
    (void)json_get_int(j, "started_at_ms", &f.started_ms);
    json_free(j);
    int err = transcript_publish(s, data_dir, id);
    if (!err)
        err = store_begin(s);
    if (err)
        return err;
    err = put_ended(s, id, now_ms);
    if (!err)
        err = put_ready(s, id, &f, manifest);
    if (!err && f.duration_ms > 0) {
        static const enum job_kind kinds[] = {JOB_POSTER, JOB_MP4};
        for (size_t i = 0; !err && i < countof(kinds); i++) {
            err = job_put(s, id, kinds[i], now_ms);
            if (err == -ERR_CONFLICT)
                err = 0; /* published before: they wait already */
        }
    } else if (!err) {
        /* Nobody sent anything: there is no lesson to show. */
        struct query *q = query_begin(s, Q_RECORDING_EMPTY);
        query_put_z(q, id);
        err = query_exec(q);
    }
    if (err) {
        store_rollback(s);
        return err;
    }
    return store_commit(s);
}

int lesson_recover(struct store *s, int64_t now_ms) {
    struct query *q = query_begin(s, Q_RECORDING_TORN);
    query_put_int(q, now_ms);
    return query_exec(q);
}

struct json *lesson_manifest(struct store *s, const char *id) {
    struct query *q = query_begin(s, Q_RECORDING_MANIFEST);
    struct json *j = NULL;
    query_put_z(q, id);
    int rc = query_row(q);
    if (rc > 0 && json_parse(&j, query_get_str(q)) < 0)
        rc = 0;
    query_done(q);
    return rc < 0 ? NULL : j ? j : json_object();
}

int lesson_downloads(struct store *s, const char *id, struct lesson_download out[LESSON_DOWNLOADS_MAX]) {
    struct query *q = query_begin(s, Q_DOWNLOAD_LIST);
    query_put_z(q, id);
    int n = 0, rc;
    while ((rc = query_row(q)) > 0 && n < LESSON_DOWNLOADS_MAX) {
        (void)STR_COPY(out[n].kind, query_get_str(q));
        (void)STR_COPY(out[n].file, query_get_str(q));
        out[n++].bytes = query_get_int(q);
    }
    query_done(q);
    return rc < 0 ? rc : n;
}

int lesson_add_download(struct store *s, const char *id, const struct lesson_download *d) {
    struct query *q = query_begin(s, Q_DOWNLOAD_PUT);
    query_put_z(q, id);
    query_put_z(q, d->kind);
    query_put_z(q, d->file);
    query_put_int(q, d->bytes);
    return query_exec(q);
}

int lesson_put_position(struct store *s, const char *id, int64_t user, int64_t ms, int64_t now_ms) {
    struct query *q = query_begin(s, Q_POSITION_PUT);
    query_put_int(q, user);
    query_put_z(q, id);
    query_put_int(q, ms);
    query_put_int(q, now_ms);
    return query_exec(q);
}

int64_t lesson_position(struct store *s, const char *id, int64_t user) {
    struct query *q = query_begin(s, Q_POSITION_GET);
    query_put_int(q, user);
    query_put_z(q, id);
    int rc = query_row(q);
    int64_t ms = rc > 0 ? query_get_int(q) : rc;
    query_done(q);
    return ms;
}
