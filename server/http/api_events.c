#include "media/base/err.h"
#include "server/catalogue/upload.h"
#include "server/catalogue/recdir.h"
#include "server/http/docs.h"
#include "server/http/docs_signup.h"
#include "server/http/endpoints.h"
#include "server/http/repeat.h"
#include "server/http/settings.h"
#include "server/http/urlquery.h"

/* One event has the terms of its registration, and the caller's own, with it. */
static struct json *whole_event(struct api *a, const struct req *q, const struct meeting *m,
                                const struct access *may) {
    struct json *j = docs_event(a, m, may);
    json_set(j, "registration", docs_signup(a, q, m, may));
    return j;
}

static int answer_event(struct api *a, const struct req *q, struct reply *r, int status, const char *id) {
    struct meeting m;
    struct access may;
    int err = meeting_get(a->store, str_of(id), q->arena, &m);
    if (!err)
        err = handler_access(a, q, &m, (struct str){"", 0}, &may);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "event", whole_event(a, q, &m, &may));
    return handler_answer(r, status, j);
}

static int when_of(struct str name) {
    static const char *const names[WHEN_COUNT] = {"live", "upcoming", "past", "all"};
    return str_index(name, names, WHEN_COUNT);
}

int api_events_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting_filter f = handler_filter(a, q);
    struct str when = STR("upcoming");
    (void)urlquery_get(q->query, "when", q->arena, &when);
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
    int err = settings_save(a, q, SETTINGS_NEW, &m);
    return err ? err : answer_event(a, q, r, 201, m.id);
}

int api_event_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    int err = handler_event(a, q, &m, &may);
    if (err)
        return err;
    struct json *j = json_object();
    json_set(j, "event", whole_event(a, q, &m, &may));
    return handler_answer(r, 200, j);
}

int api_event_patch(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = settings_save(a, q, SETTINGS_EDIT, &m);
    if (err)
        return err;
    reply_effect(r, EFFECT_ROOM_META, str_of(m.id), 0);
    reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
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
    upload_drop_event(a->cfg->data_dir, m.id);
    reply_effect(r, EFFECT_ROOM_GONE, str_of(m.id), 0);
    return handler_empty(r, 204);
}

int api_event_cancel(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct json *j;
    enum repeat_part part = REPEAT_THIS;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    err = repeat_part(a, j, &part);
    json_free(j);
    if (!err && (m.life != LIFE_SCHEDULED || m.cancelled_at))
        err = handler_fail(a, -ERR_CONFLICT, NULL, "Only an event that is planned can be called off.");
    if (!err)
        err = repeat_cancel(a, q, part, &m);
    if (err)
        return err;
    reply_effect(r, EFFECT_ROOM_GONE, str_of(m.id), 0);
    reply_effect(r, EFFECT_MAIL, str_of(m.id), 0);
    return answer_event(a, q, r, 200, m.id);
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
