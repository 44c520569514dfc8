/* Videos of a room: who leads it brings a lesson that he himself may watch, and the room plays it for all. */
#include <stdio.h>

#include "media/base/err.h"
#include "server/catalogue/shared.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"

/* This caller's right to the lesson is that of its own page. */
static int may_watch(struct api *a, const struct req *q, struct str id, struct meeting *lesson) {
    struct access may;
    int err = meeting_get(a->store, id, q->arena, lesson);
    if (!err)
        err = handler_access(a, q, lesson, (struct str){"", 0}, &may);
    if (!err && !may.watch)
        err = -ERR_MISSING;
    if (err)
        return err == -ERR_MISSING ? handler_fail(a, err, "lesson", "There is no such lesson.") : err;
    if (lesson->rec != REC_READY || lesson->rec_duration_ms < 1)
        return handler_fail(a, -ERR_CONFLICT, "lesson", "The recording is not ready.");
    return 0;
}

static int read_lesson(struct api *a, const struct req *q, struct meeting *lesson) {
    struct json *j;
    struct str id = {"", 0};
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "lesson", true, &id);
    if (!err)
        err = may_watch(a, q, id, lesson);
    json_free(j);
    return err;
}

int api_clips_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m, lesson;
    int err = handler_leads(a, q, &m);
    if (!err && m.life == LIFE_ENDED)
        err = handler_fail(a, -ERR_EXPIRED, NULL, "The event has ended.");
    if (!err)
        err = read_lesson(a, q, &lesson);
    if (!err)
        err = shared_put(a->store, m.id, lesson.id, q->now_ms);
    if (err)
        return err;
    struct effect *e = reply_effect(r, EFFECT_CLIP, str_of(m.id), 0);
    snprintf(e->clip.file, sizeof e->clip.file, "lesson-%s", lesson.id);
    struct str title = str_of(lesson.title);
    (void)STR_COPY(e->clip.title, room_line_ok(title) ? title : str_of(lesson.id));
    e->clip.length_ms = lesson.rec_duration_ms;
    struct json *j = json_object(), *clip = json_object();
    json_set_z(clip, "file", e->clip.file);
    json_set_z(clip, "title", e->clip.title);
    json_set_int(clip, "length_ms", e->clip.length_ms);
    json_set(j, "clip", clip);
    return handler_answer(r, 202, j);
}
