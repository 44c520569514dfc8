#include "media/base/err.h"
#include "server/catalogue/lesson.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"
#include "server/http/settings.h"

int api_catalogue_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting_filter f = handler_filter(a, q);
    f.lessons = true;
    struct meeting_list *found = arena_alloc(q->arena, sizeof *found);
    int err = found ? meeting_find(a->store, &f, q->arena, found) : -ERR_FULL;
    if (err)
        return err;
    struct json *j = json_object(), *list = json_array();
    for (size_t i = 0; i < found->n; i++)
        json_add(list, docs_card(&found->v[i], a->in.user.id != 0));
    json_set(j, "lessons", list);
    handler_pages(j, f.page, found->total, MEETING_PAGE);
    return handler_answer(r, 200, j);
}

static int answer_lesson(struct api *a, struct reply *r, const struct meeting *m, const struct access *may) {
    struct json *j = docs_lesson(a, m, may);
    return j ? handler_answer(r, 200, j) : -ERR_IO;
}

int api_lesson_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    int err = handler_lesson(a, q, &m, &may);
    return err ? err : answer_lesson(a, r, &m, &may);
}

int api_lesson_patch(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    int err = handler_lesson(a, q, &m, &may);
    if (!err && !may.edit)
        err = -ERR_DENIED;
    if (!err)
        err = settings_save(a, q, SETTINGS_LESSON, &m);
    if (err)
        return err;
    reply_effect(r, EFFECT_ROOM_META, str_of(m.id), 0);
    return answer_lesson(a, r, &m, &may);
}

int api_position_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    int err = handler_lesson(a, q, &m, &may);
    int64_t ms = err ? err : lesson_position(a->store, m.id, a->in.user.id);
    if (ms < 0)
        return (int)ms;
    struct json *j = json_object();
    json_set_int(j, "position_ms", ms);
    return handler_answer(r, 200, j);
}

int api_position_put(struct api *a, const struct req *q, struct reply *r) {
    static const int64_t week_ms = 7LL * 24 * 3600 * 1000;
    struct meeting m;
    struct access may;
    struct json *j;
    int64_t ms = -1;
    int err = handler_lesson(a, q, &m, &may);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_int(a, j, "position_ms", 0, week_ms, &ms);
    json_free(j);
    if (!err && ms < 0)
        err = handler_fail(a, -ERR_INVALID, "position_ms", "This is missing.");
    if (!err)
        err = lesson_put_position(a->store, m.id, a->in.user.id, ms, q->now_ms);
    return err ? err : handler_empty(r, 204);
}

static int read_kind(struct api *a, const struct req *q, int *kind) {
    struct json *j;
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_word(a, j, "kind", job_kind_of, kind);
    json_free(j);
    return err || *kind >= 0 ? err : handler_fail(a, -ERR_INVALID, "kind", "This is missing.");
}

int api_lesson_job(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    int kind = -1;
    int err = handler_lesson(a, q, &m, &may);
    if (!err && !may.edit)
        err = -ERR_DENIED;
    if (!err)
        err = read_kind(a, q, &kind);
    if (err)
        return err;
    if (kind == JOB_FINISH && m.rec != REC_FAILED)
        return handler_fail(a, -ERR_CONFLICT, NULL, "The recording has not failed.");
    if (kind != JOB_FINISH && m.rec != REC_READY)
        return handler_fail(a, -ERR_CONFLICT, NULL, "The recording is not ready.");
    err = job_put(a->store, m.id, (enum job_kind)kind, q->now_ms);
    if (err)
        return err;
    reply_effect(r, EFFECT_JOBS, (struct str){"", 0}, 0);
    struct job jobs[JOB_LIST_MAX];
    struct json *j = json_object();
    int n = job_list(a->store, m.id, jobs);
    for (int i = 0; i < n; i++)
        if (jobs[i].kind == (enum job_kind)kind)
            json_set(j, "job", docs_job(&jobs[i], true));
    return handler_answer(r, 202, j);
}
