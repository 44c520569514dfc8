/* Videos of a room: who leads it brings a lesson that he himself may watch, or uploads one (api_uploads.c),
 * and the room plays it for all. What is special to those uploaded is here: captions, and that they are
 * deleted. */
#include <stdio.h>

#include "media/base/err.h"
#include "server/catalogue/clip.h"
#include "server/catalogue/shared.h"
#include "server/catalogue/transcript.h"
#include "server/http/endpoints.h"
#include "server/http/range.h"
#include "server/http/uploaded.h"
#include "server/http/urlquery.h"
#include "server/rooms/captions.h"

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

static int answer_clip(struct reply *r, const struct effect *e) {
    struct json *j = json_object(), *clip = json_object();
    json_set_z(clip, "file", e->clip.file);
    json_set_z(clip, "title", e->clip.title);
    json_set_int(clip, "length_ms", e->clip.length_ms);
    json_set(j, "clip", clip);
    return handler_answer(r, 202, j);
}

static int bring_lesson(struct api *a, const struct req *q, struct reply *r, const struct meeting *m) {
    struct meeting lesson;
    int err = read_lesson(a, q, &lesson);
    if (!err)
        err = shared_put(a->store, m->id, lesson.id, q->now_ms);
    if (err)
        return err;
    struct effect *e = reply_effect(r, EFFECT_CLIP, str_of(m->id), 0);
    snprintf(e->clip.file, sizeof e->clip.file, "lesson-%s", lesson.id);
    struct str title = str_of(lesson.title);
    (void)STR_COPY(e->clip.title, room_line_ok(title) ? title : str_of(lesson.id));
    e->clip.length_ms = lesson.rec_duration_ms;
    return answer_clip(r, e);
}

/* One that was uploaded here, and is not in the room any more. */
static int bring_upload(struct api *a, struct reply *r, const struct meeting *m, struct str id) {
    struct upload d;
    int err = upload_get(a->store, m->id, UPLOAD_VIDEO, id, &d);
    if (err)
        return err == -ERR_MISSING ? handler_fail(a, err, "clip", "There is no such video.") : err;
    if (d.state != UPLOAD_READY)
        return handler_fail(a, -ERR_CONFLICT, "clip", "The video is not ready.");
    struct effect *e = reply_effect(r, EFFECT_CLIP, str_of(m->id), 0);
    snprintf(e->clip.file, sizeof e->clip.file, FILM_UPLOADED "%s", d.id);
    (void)STR_COPY(e->clip.title, str_of(d.title));
    e->clip.length_ms = d.length_ms;
    return answer_clip(r, e);
}

/* A file that is promised says how long it is; else it is an upload or a lesson. */
int api_clips_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    struct str id = {"", 0};
    int err = handler_leads(a, q, &m);
    if (!err && m.life == LIFE_ENDED)
        err = handler_fail(a, -ERR_EXPIRED, NULL, "The event has ended.");
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    if (json_get(j, "bytes"))
        err = uploaded_promise(a, q, r, &m, UPLOAD_VIDEO);
    else if (json_get_str(j, "clip", &id))
        err = bring_upload(a, r, &m, id);
    else
        err = bring_lesson(a, q, r, &m);
    json_free(j);
    return err;
}

/* The room's copy goes with it; a lesson that showed it says so (web/src/views/lessonfilm.tsx). */
int api_clip_delete(struct api *a, const struct req *q, struct reply *r) {
    struct upload d;
    int err = uploaded_wanted(a, q, UPLOAD_VIDEO, &d);
    if (err)
        return err;
    err = upload_drop(a->store, a->cfg->data_dir, &d);
    if (err == -ERR_CONFLICT)
        return handler_fail(a, err, NULL, "It is being made ready to play.");
    if (err)
        return err;
    if (d.state == UPLOAD_READY) {
        struct effect *e = reply_effect(r, EFFECT_CLIP_GONE, str_of(d.event), 0);
        snprintf(e->clip.file, sizeof e->clip.file, FILM_UPLOADED "%s", d.id);
    }
    return handler_empty(r, 204);
}

/* ---- captions ---- */

struct json *uploaded_captions(struct api *a, const struct upload *d) {
    struct clip_caption rows[VTT_LANGS_MAX];
    struct json *list = json_array();
    char url[128];
    int n = clip_captions(a->store, d->id, rows);
    for (int i = 0; i < n; i++) {
        struct json *j = json_object();
        json_set_z(j, "lang", rows[i].lang);
        snprintf(url, sizeof url, "/media/%.32s/clips/%.10s/captions-%.3s.vtt", d->event, d->id,
                 rows[i].lang);
        json_set_z(j, "url", url);
        json_set_z(j, "file", rows[i].name);
        json_add(list, j);
    }
    return list;
}

static int wanted_lang(struct api *a, const struct req *q, struct upload *d, char lang[VTT_LANG_MAX + 1]) {
    int err = uploaded_wanted(a, q, UPLOAD_VIDEO, d);
    bool ok = captions_lang_ok(q->params[2]) && str_copy(lang, VTT_LANG_MAX + 1, q->params[2]);
    return err ? err : ok ? 0 : -ERR_MISSING;
}

int api_clip_captions_put(struct api *a, const struct req *q, struct reply *r) {
    struct upload d;
    struct clip_caption c = {.at_ms = q->now_ms};
    struct subs p = {.fault = SUBS_OK};
    struct str typed = {"", 0}, file = {(const char *)q->body.p, q->body.n};
    (void)urlquery_get(q->query, "name", q->arena, &typed);
    int err = wanted_lang(a, q, &d, c.lang);
    if (err)
        return err;
    if (!room_name_ok(typed) || !STR_COPY(c.name, typed))
        return handler_fail(a, -ERR_INVALID, "name", "A file's name has 1 to 80 characters.");
    err = clip_caption_put(a->store, d.id, &c, file, &p);
    if (err == -ERR_INVALID && p.fault != SUBS_OK)
        return api_captions_fault(r, &p);
    if (err == -ERR_FULL)
        return handler_fail(a, err, NULL, "A video has captions in at most eight languages.");
    return err ? err : uploaded_answer(a, &d, r, 200);
}

int api_clip_captions_delete(struct api *a, const struct req *q, struct reply *r) {
    struct upload d;
    char lang[VTT_LANG_MAX + 1];
    int err = wanted_lang(a, q, &d, lang);
    if (!err)
        err = clip_caption_drop(a->store, d.id, lang);
    return err ? err : uploaded_answer(a, &d, r, 200);
}

static int send_captions(struct api *a, const struct req *q, struct reply *r, const struct upload *d,
                         const char *lang) {
    struct range_headers h = {q->if_match, q->if_none_match, {"", 0}, {"", 0}};
    struct str rest;
    int64_t at_ms = 0;
    int err = clip_caption_get(a->store, d->id, lang, &r->body, &at_ms);
    const char *etag = err ? NULL : arena_printf(q->arena, "\"cc-%lld\"", (long long)at_ms);
    if (!etag)
        return err ? err : -ERR_FULL;
    reply_header(r, "etag", etag);
    reply_header(r, "cache-control", "private, no-cache");
    if (range_evaluate(&h, str_of(etag), &rest) == RANGE_NOT_MODIFIED) {
        buf_reset(&r->body);
        return handler_empty(r, 304);
    }
    r->type = "text/vtt; charset=utf-8";
    return handler_empty(r, 200);
}

int api_clip_told(struct api *a, const struct req *q, struct reply *r, const struct upload *d) {
    char lang[VTT_LANG_MAX + 1];
    if (transcript_lang(q->params[2], lang))
        return send_captions(a, q, r, d, lang);
    if (!str_is(q->params[2], "clip.json"))
        return -ERR_MISSING;
    struct json *j = json_object();
    json_set_z(j, "title", d->title);
    json_set_int(j, "length_ms", d->length_ms);
    json_set(j, "captions", uploaded_captions(a, d));
    return handler_answer(r, 200, j);
}
