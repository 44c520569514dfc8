/* Slides of an event: a PDF is promised, comes in pieces, each at the offset that is there already, and then
 * its pages are made. Who brings them: who leads the room, by account, by code, as a guest by the room's
 * ticket, or because the room made him co-host (what the log says of that is in access_facts, so it ends with
 * the right). */
#include "media/base/err.h"
#include "server/catalogue/deck.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/http/urlquery.h"

static struct json *document(const struct api *a, const struct deck_row *d) {
    struct json *j = json_object();
    json_set_z(j, "id", d->id);
    json_set_z(j, "title", d->title);
    json_set_int(j, "bytes", d->bytes);
    json_set_int(j, "received", d->state == DECK_UPLOADING ? deck_received(a->cfg->data_dir, d) : d->bytes);
    json_set_z(j, "state", deck_state_name(d->state));
    json_set_int(j, "percent", d->percent);
    json_set_int(j, "pages", d->pages);
    if (d->why)
        json_set_z(j, "why", deck_why_name(d->why));
    return j;
}

static int answer(struct api *a, const struct meeting *m, const char *id, struct reply *r, int status) {
    struct deck_row d;
    int err = deck_get(a->store, m->id, str_of(id), &d);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "deck", document(a, &d));
    return handler_answer(r, status, j);
}

int api_decks_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct deck_row rows[DECK_PER_EVENT_MAX];
    int err = handler_leads(a, q, &m);
    int n = err ? err : deck_list(a->store, m.id, rows);
    if (n < 0)
        return n;
    struct json *j = json_object(), *list = json_array();
    for (int i = 0; i < n; i++)
        json_add(list, document(a, &rows[i]));
    json_set(j, "decks", list);
    return handler_answer(r, 200, j);
}

static int read_promise(struct api *a, const struct req *q, struct deck_row *d) {
    struct json *j;
    struct str title = {"", 0};
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "title", true, &title);
    if (!err && (title.n > DECK_TITLE_MAX || !room_line_ok(title) || room_chars(title) > DECK_TITLE_CHARS))
        err = handler_fail(a, -ERR_INVALID, "title", "A title is one line of 1 to 120 characters.");
    int64_t bytes = 0;
    if (!err && !json_get_int(j, "bytes", &bytes))
        err = handler_fail(a, -ERR_INVALID, "bytes", "Say how long the file is.");
    if (!err && bytes > DECK_BYTES_MAX)
        err = handler_fail(a, -ERR_TOO_LARGE, "bytes", "A PDF may have 100 MB.");
    if (!err && bytes < 1)
        err = handler_fail(a, -ERR_INVALID, "bytes", "The file is empty.");
    d->bytes = bytes;
    (void)STR_COPY(d->title, title);
    json_free(j);
    return err;
}

int api_decks_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct deck_row d = {.bytes = 0};
    int err = handler_leads(a, q, &m);
    if (!err && m.life == LIFE_ENDED)
        err = handler_fail(a, -ERR_EXPIRED, NULL, "The event has ended.");
    if (!err)
        err = read_promise(a, q, &d);
    if (err)
        return err;
    (void)STR_COPY(d.event, str_of(m.id));
    err = deck_add(a->store, a->cfg->data_dir, &d, q->now_ms);
    if (err == -ERR_FULL)
        return handler_fail(a, err, NULL, "This event has as many slides as it may, or the disk is full.");
    return err ? err : answer(a, &m, d.id, r, 201);
}

static int wanted(struct api *a, const struct req *q, struct meeting *m, struct deck_row *d) {
    int err = handler_leads(a, q, m);
    return err ? err : deck_get(a->store, m->id, q->params[1], d);
}

int api_deck_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct deck_row d;
    int err = wanted(a, q, &m, &d);
    return err ? err : answer(a, &m, d.id, r, 200);
}

int api_deck_put(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct deck_row d;
    bool whole;
    int err = wanted(a, q, &m, &d);
    if (err)
        return err;
    int64_t offset = urlquery_int(q->query, "offset", DECK_BYTES_MAX, -1);
    if (offset < 0 || !q->body.n)
        return handler_fail(a, -ERR_INVALID, "offset", "A piece has bytes and the offset they are from.");
    err = deck_piece(a->store, a->cfg->data_dir, &d, offset, q->body, &whole);
    if (err == -ERR_CONFLICT)
        return handler_fail(a, err, "offset", "The file goes on elsewhere: ask how much of it is there.");
    if (err)
        return err;
    if (whole)
        reply_effect(r, EFFECT_DECKS, str_of(m.id), 0);
    return answer(a, &m, d.id, r, 200);
}

/* Slides that were made are part of the event, and of its lesson: the room takes them out of sight
 * (`deck_drop`). */
int api_deck_delete(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct deck_row d;
    int err = wanted(a, q, &m, &d);
    if (err)
        return err;
    if (d.state == DECK_READY || d.state == DECK_WORKING)
        return handler_fail(a, -ERR_CONFLICT, NULL, "Its pages are there or being made.");
    err = deck_drop(a->store, a->cfg->data_dir, &d);
    return err ? err : handler_empty(r, 204);
}
