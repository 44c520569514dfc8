#include "media/base/err.h"
#include "server/catalogue/recdir.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"
#include "server/http/settings.h"
#include "server/http/urlquery.h"

static int answer_event(struct api *a, const struct req *q, struct reply *r, int status, const char *id) {
    struct meeting m;
    struct access may;
    int err = meeting_get(a->store, str_of(id), q->arena, &m);
    if (!err)
        err = handler_access(a, q, &m, (struct str){"", 0}, &may);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "event", docs_event(a, &m, &may));
    return handler_answer(r, status, j);
}

static int when_of(struct str name) {
    static const char *const names[WHEN_COUNT] = {"live", "upcoming", "past", "all"};
    for (int i = 0; i < WHEN_COUNT; i++)
        if (str_is(name, names[i]))
            return i;
    return -ERR_INVALID;
}

int api_events_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting_filter f = {.user = a->in.user.id,
                               .user_role = a->in.user.role,
                               .mine = urlquery_int(q->query, "mine", 1, 0) == 1,
                               .space = {"", 0},
                               .format = {"", 0},
                               .typed = {"", 0},
                               .page = handler_page(q),
                               .now_ms = q->now_ms};
    struct str when = STR("upcoming");
    (void)urlquery_get(q->query, "when", q->arena, &when);
    (void)urlquery_get(q->query, "space", q->arena, &f.space);
    (void)urlquery_get(q->query, "q", q->arena, &f.typed);
    int w = when_of(when);
    if (w < 0)
        return handler_fail(a, w, "when", "This is live, upcoming, past or all.");
    f.when = (enum meeting_when)w;
    struct meeting_list *found = arena_alloc(q->arena, sizeof *found);
    int err = found ? meeting_find(a->store, &f, q->arena, found) : -ERR_FULL;
    struct json *j = json_object(), *list = json_array();
    for (size_t i = 0; !err && i < found->n; i++) {
        struct access may;
        err = handler_access(a, q, &found->v[i], (struct str){"", 0}, &may);
        if (!err)
            json_add(list, docs_event(a, &found->v[i], &may));
    }
    json_set(j, "events", list);
    if (err) {
        json_free(j);
        return err;
    }
    handler_pages(j, f.page, found->total, MEETING_PAGE);
    return handler_answer(r, 200, j);
}

int api_events_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m = {.life = LIFE_SCHEDULED};
    struct json *j;
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = settings_read(a, q, j, SETTINGS_NEW, &m);
    json_free(j);
    if (!err)
        err = meeting_add(a->store, &m);
    return err ? err : answer_event(a, q, r, 201, m.id);
}

int api_event_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    int err = handler_event(a, q, &m, &may);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "event", docs_event(a, &m, &may));
    return handler_answer(r, 200, j);
}

int api_event_patch(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    err = settings_read(a, q, j, SETTINGS_EDIT, &m);
    json_free(j);
    if (!err)
        err = meeting_update(a->store, &m);
    if (err)
        return err;
    reply_effect(r, EFFECT_ROOM_META, str_of(m.id), 0);
    return answer_event(a, q, r, 200, m.id);
}

int api_event_delete(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_event_edit(a, q, &m);
    if (err)
        return err;
    if (m.life == LIFE_OPEN)
        return handler_fail(a, -ERR_CONFLICT, NULL, "The event is live: end it first.");
    err = meeting_delete(a->store, m.id);
    if (err)
        return err;
    /* The row is gone, so nobody reads the files any more; what cannot be deleted now is only space. */
    (void)recdir_remove(a->cfg->data_dir, m.id);
    reply_effect(r, EFFECT_ROOM_GONE, str_of(m.id), 0);
    return handler_empty(r, 204);
}

int api_event_end(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_event_edit(a, q, &m);
    if (err)
        return err;
    if (m.life != LIFE_OPEN)
        return handler_fail(a, -ERR_CONFLICT, NULL, "The event is not live.");
    err = meeting_ask_end(a->store, m.id, q->now_ms);
    if (err)
        return err;
    reply_effect(r, EFFECT_ROOM_END, str_of(m.id), 0);
    return handler_answer(r, 202, json_object());
}
