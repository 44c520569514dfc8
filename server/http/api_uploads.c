/* What is brought to an event as a file, slides or a video: it is promised, comes in pieces, each at the
 * offset that is there already, and then something is made of it. Who brings it: who leads the room, by
 * account, by code, as a guest by the room's ticket, or because the room made him co-host (what the log says
 * of that is in access_facts, so it ends with the right). */
#include "media/base/err.h"
#include "server/catalogue/clip.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/http/uploaded.h"
#include "server/http/urlquery.h"

static const struct words {
    const char *one, *all, *too_large, *full;
} words[UPLOAD_KIND_COUNT] = {
    [UPLOAD_SLIDES] = {"deck", "decks", "A PDF may have 100 MB.",
                       "This event has as many slides as it may, or the disk is full."},
    [UPLOAD_VIDEO] = {"clip", "clips", "A video may have 2 GB.",
                      "This event has as many videos as it may, or the disk is full."},
};

static struct json *document(struct api *a, const struct upload *d) {
    struct json *j = json_object();
    json_set_z(j, "id", d->id);
    json_set_z(j, "title", d->title);
    json_set_int(j, "bytes", d->bytes);
    json_set_int(j, "received", d->state == UPLOAD_COMING ? upload_received(a->cfg->data_dir, d) : d->bytes);
    json_set_z(j, "state", upload_state_name(d->state));
    json_set_int(j, "percent", d->percent);
    if (d->kind == UPLOAD_VIDEO) {
        json_set_int(j, "length_ms", d->length_ms);
        json_set(j, "captions", uploaded_captions(a, d));
    } else {
        json_set_int(j, "pages", d->pages);
    }
    if (d->why)
        json_set_z(j, "why", upload_why_name(d->why));
    return j;
}

int uploaded_answer(struct api *a, const struct upload *d, struct reply *r, int status) {
    struct upload now;
    int err = upload_get(a->store, d->event, d->kind, str_of(d->id), &now);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, words[d->kind].one, document(a, &now));
    return handler_answer(r, status, j);
}

static int list(struct api *a, const struct req *q, struct reply *r, enum upload_kind kind) {
    struct meeting m;
    struct upload rows[UPLOAD_PER_EVENT_MAX];
    int err = handler_leads(a, q, &m);
    int n = err ? err : upload_list(a->store, m.id, kind, rows);
    if (n < 0)
        return n;
    struct json *j = json_object(), *all = json_array();
    for (int i = 0; i < n; i++)
        json_add(all, document(a, &rows[i]));
    json_set(j, words[kind].all, all);
    return handler_answer(r, 200, j);
}

static int read_promise(struct api *a, const struct json *j, struct upload *d) {
    struct str title = {"", 0};
    int64_t bytes = 0;
    int err = handler_str(a, j, "title", true, &title);
    if (!err &&
        (title.n > UPLOAD_TITLE_MAX || !room_line_ok(title) || room_chars(title) > UPLOAD_TITLE_CHARS))
        err = handler_fail(a, -ERR_INVALID, "title", "A title is one line of 1 to 120 characters.");
    if (!err && !json_get_int(j, "bytes", &bytes))
        err = handler_fail(a, -ERR_INVALID, "bytes", "Say how long the file is.");
    if (!err && bytes > upload_rules(d->kind)->bytes_max)
        err = handler_fail(a, -ERR_TOO_LARGE, "bytes", words[d->kind].too_large);
    if (!err && bytes < 1)
        err = handler_fail(a, -ERR_INVALID, "bytes", "The file is empty.");
    d->bytes = bytes;
    (void)STR_COPY(d->title, title);
    return err;
}

int uploaded_promise(struct api *a, const struct req *q, struct reply *r, const struct meeting *m,
                     enum upload_kind kind) {
    struct upload d = {.kind = kind};
    struct json *j;
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = read_promise(a, j, &d);
    json_free(j);
    if (err)
        return err;
    (void)STR_COPY(d.event, str_of(m->id));
    err = upload_add(a->store, a->cfg->data_dir, &d, q->now_ms);
    if (err == -ERR_FULL)
        return handler_fail(a, err, NULL, words[kind].full);
    return err ? err : uploaded_answer(a, &d, r, 201);
}

int uploaded_wanted(struct api *a, const struct req *q, enum upload_kind kind, struct upload *d) {
    struct meeting m;
    int err = handler_leads(a, q, &m);
    return err ? err : upload_get(a->store, m.id, kind, q->params[1], d);
}

static int get(struct api *a, const struct req *q, struct reply *r, enum upload_kind kind) {
    struct upload d;
    int err = uploaded_wanted(a, q, kind, &d);
    return err ? err : uploaded_answer(a, &d, r, 200);
}

static int put(struct api *a, const struct req *q, struct reply *r, enum upload_kind kind) {
    struct upload d;
    bool whole;
    int err = uploaded_wanted(a, q, kind, &d);
    if (err)
        return err;
    int64_t offset = urlquery_int(q->query, "offset", upload_rules(kind)->bytes_max, -1);
    if (offset < 0 || !q->body.n)
        return handler_fail(a, -ERR_INVALID, "offset", "A piece has bytes and the offset they are from.");
    err = upload_piece(a->store, a->cfg->data_dir, &d, offset, q->body, &whole);
    if (err == -ERR_CONFLICT)
        return handler_fail(a, err, "offset", "The file goes on elsewhere: ask how much of it is there.");
    if (err == -ERR_FULL)
        return handler_fail(a, err, NULL, "The disk is nearly full. What came so far is kept for a day.");
    if (err)
        return err;
    if (whole)
        reply_effect(r, EFFECT_UPLOADS, str_of(d.event), 0);
    return uploaded_answer(a, &d, r, 200);
}

int api_decks_get(struct api *a, const struct req *q, struct reply *r) {
    return list(a, q, r, UPLOAD_SLIDES);
}
int api_deck_get(struct api *a, const struct req *q, struct reply *r) { return get(a, q, r, UPLOAD_SLIDES); }
int api_deck_put(struct api *a, const struct req *q, struct reply *r) { return put(a, q, r, UPLOAD_SLIDES); }
int api_clips_get(struct api *a, const struct req *q, struct reply *r) { return list(a, q, r, UPLOAD_VIDEO); }
int api_clip_get(struct api *a, const struct req *q, struct reply *r) { return get(a, q, r, UPLOAD_VIDEO); }
int api_clip_put(struct api *a, const struct req *q, struct reply *r) { return put(a, q, r, UPLOAD_VIDEO); }

int api_decks_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_leads(a, q, &m);
    if (!err && m.life == LIFE_ENDED)
        err = handler_fail(a, -ERR_EXPIRED, NULL, "The event has ended.");
    return err ? err : uploaded_promise(a, q, r, &m, UPLOAD_SLIDES);
}

/* Slides that were made are part of the event, and of its lesson: the room takes them out of sight
 * (`deck_drop`). */
int api_deck_delete(struct api *a, const struct req *q, struct reply *r) {
    struct upload d;
    int err = uploaded_wanted(a, q, UPLOAD_SLIDES, &d);
    if (err)
        return err;
    if (d.state == UPLOAD_READY || d.state == UPLOAD_WORKING)
        return handler_fail(a, -ERR_CONFLICT, NULL, "Its pages are there or being made.");
    err = upload_drop(a->store, a->cfg->data_dir, &d);
    return err ? err : handler_empty(r, 204);
}
