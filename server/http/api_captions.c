/* Captions of a lesson: what its editors correct and take back, files they bring; and what there is so far
 * while it is being recorded. */
#include <stdio.h>

#include "media/base/err.h"
#include "server/catalogue/amend.h"
#include "server/catalogue/transcript.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"
#include "server/http/range.h"
#include "server/http/urlquery.h"
#include "server/rooms/captions.h"

#define NONE_TAG "\"cc-none\""

/* ---- while it is being recorded ---- */

/* Of a language nothing was said in yet there is no file. */
int api_captions_none(const struct req *q, struct reply *r, const struct meeting *m) {
    char lang[VTT_LANG_MAX + 1];
    struct str rest;
    if (m->rec != REC_LIVE || !transcript_lang(q->params[1], lang))
        return -ERR_MISSING;
    reply_header(r, "etag", NONE_TAG);
    reply_header(r, "cache-control", "private, no-cache");
    struct range_headers h = {q->if_match, q->if_none_match, {"", 0}, {"", 0}};
    if (range_evaluate(&h, str_of(NONE_TAG), &rest) == RANGE_NOT_MODIFIED)
        return handler_empty(r, 304);
    r->type = "text/vtt; charset=utf-8";
    buf_z(&r->body, "WEBVTT\n");
    return handler_empty(r, 200);
}

/* ---- of a lesson ---- */

/* A lesson whose captions this caller may change, and the language of the path. */
static int begin(struct api *a, const struct req *q, struct meeting *m, char lang[VTT_LANG_MAX + 1]) {
    struct access may;
    int err = handler_lesson(a, q, m, &may);
    if (!err && !may.edit)
        err = -ERR_DENIED;
    if (!err && !(captions_lang_ok(q->params[1]) && str_copy(lang, VTT_LANG_MAX + 1, q->params[1])))
        err = -ERR_MISSING;
    if (!err && m->rec != REC_READY)
        err = handler_fail(a, -ERR_CONFLICT, NULL, "The recording is not ready.");
    return err;
}

static int fresh(struct api *a, const struct meeting *m) {
    return transcript_fresh(a->store, a->cfg->data_dir, m->id, REVISION_CUES, false);
}

static int finish(struct api *a, struct reply *r, const struct meeting *m, int err) {
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "captions", docs_captions(a, m));
    return handler_answer(r, 200, j);
}

static struct amend_by editor(const struct api *a, const struct req *q) {
    return (struct amend_by){a->in.user.id, q->now_ms, NULL};
}

struct place {
    struct meeting m;
    char lang[VTT_LANG_MAX + 1];
    uint64_t n;
};

static int place_of(struct api *a, const struct req *q, struct place *p) {
    int err = begin(a, q, &p->m, p->lang);
    return err ? err : str_u64(q->params[2], INT64_MAX, &p->n) ? -ERR_MISSING : 0;
}

/* A cue, which its tag tells from what it may be later. */
static struct json *cue_doc(const struct req *q, struct reply *r, const struct place *p, struct str text) {
    char tag[TRANSCRIPT_TAG_MAX];
    struct json *j = json_object();
    transcript_tag(text, tag);
    const char *kept = arena_str(q->arena, str_of(tag));
    if (kept)
        reply_header(r, "etag", kept);
    json_set_int(j, "n", (int64_t)p->n);
    json_set_str(j, "text", text);
    json_set_z(j, "etag", tag);
    return j;
}

int api_caption_get(struct api *a, const struct req *q, struct reply *r) {
    struct place p;
    struct transcript_cue c;
    int err = place_of(a, q, &p);
    if (!err)
        err = transcript_cue(a->store, p.m.id, p.lang, p.n, &c);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "cue", cue_doc(q, r, &p, str_of(c.text)));
    return handler_answer(r, 200, j);
}

/* He says by If-Match what he saw: two who correct one line at a time do not overwrite each other unseen. */
static int check_seen(struct api *a, const struct req *q, const struct place *p, struct transcript_cue *c,
                      struct amend_by *by) {
    if (!q->if_match.n)
        return 0;
    int err = transcript_cue(a->store, p->m.id, p->lang, p->n, c);
    if (!err && !range_etag_in(q->if_match, str_of(c->tag), false))
        err = -ERR_PRECONDITION;
    by->seen = c->tag;
    return err;
}

static int correct(struct api *a, const struct req *q, struct reply *r, struct str text) {
    struct place p;
    struct transcript_cue c;
    struct amend_by by = editor(a, q);
    int err = place_of(a, q, &p);
    if (!err)
        err = check_seen(a, q, &p, &c, &by);
    if (!err)
        err = transcript_correct(a->store, p.m.id, p.lang, p.n, text, &by);
    if (err == -ERR_PRECONDITION)
        return handler_fail(a, err, NULL,
                            "Somebody else has changed this caption meanwhile: read it again, and send what "
                            "it should be with the ETag it has now.");
    if (err == -ERR_FULL)
        return handler_fail(a, err, NULL, "Too many captions of this lesson were changed.");
    if (!err)
        err = transcript_settle(a->store, a->cfg->data_dir, p.m.id, p.lang, !text.n);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "captions", docs_captions(a, &p.m));
    json_set(j, "cue", cue_doc(q, r, &p, text));
    return handler_answer(r, 200, j);
}

int api_caption_patch(struct api *a, const struct req *q, struct reply *r) {
    struct json *j;
    struct str text = {"", 0};
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "text", true, &text);
    if (!err && (!room_text_ok(text) || room_chars(text) > AMEND_TEXT_CHARS))
        err = handler_fail(a, -ERR_INVALID, "text", "A caption has 1 to 500 characters of text.");
    if (!err)
        err = correct(a, q, r, text);
    json_free(j);
    return err;
}

int api_caption_delete(struct api *a, const struct req *q, struct reply *r) {
    return correct(a, q, r, (struct str){"", 0});
}

/* What is wrong with a file, and in which line. */
int api_captions_fault(struct reply *r, const struct subs *p) {
    char text[160];
    struct json *j = json_object(), *list = json_array(), *one = json_object();
    snprintf(text, sizeof text, "Line %zu: %s", p->line, subs_fault_text(p->fault));
    json_set_z(j, "error", err_wire(-ERR_INVALID));
    json_set_z(j, "text", text);
    json_set_int(one, "line", (int64_t)p->line);
    json_set_z(one, "fault", subs_fault_name(p->fault));
    json_add(list, one);
    json_set(j, "errors", list);
    return handler_answer(r, err_http(-ERR_INVALID), j);
}

int api_captions_put(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct subs p = {.fault = SUBS_OK};
    struct str typed = {"", 0}, file = {(const char *)q->body.p, q->body.n};
    char lang[VTT_LANG_MAX + 1], name[ROOM_NAME_MAX + 1];
    struct amend_by by = editor(a, q);
    (void)urlquery_get(q->query, "name", q->arena, &typed);
    int err = begin(a, q, &m, lang);
    if (err)
        return err;
    if (!room_name_ok(typed) || !STR_COPY(name, typed))
        return handler_fail(a, -ERR_INVALID, "name", "A file's name has 1 to 80 characters.");
    err = transcript_bring(a->store, m.id, lang, name, file, &by, &p);
    if (err == -ERR_INVALID && p.fault != SUBS_OK)
        return api_captions_fault(r, &p);
    if (err == -ERR_FULL)
        return handler_fail(a, err, NULL, "A lesson has captions in at most eight languages.");
    if (!err)
        err = fresh(a, &m);
    return finish(a, r, &m, err);
}

int api_captions_delete(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    char lang[VTT_LANG_MAX + 1];
    int err = begin(a, q, &m, lang);
    if (!err)
        err = transcript_drop(a->store, m.id, lang);
    return finish(a, r, &m, err ? err : fresh(a, &m));
}
