/* The calendar: its page, .ics of one event, what a person or a space subscribes to, the link as a QR code.
 */
#include <stdio.h>

#include "media/base/err.h"
#include "server/catalogue/agenda.h"
#include "server/catalogue/space.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"
#include "server/http/feed.h"
#include "server/http/qr.h"
#include "server/http/urlquery.h"

enum { SPAN_MAX_DAYS = 62, FEED_BACK_DAYS = 30, FEED_AHEAD_DAYS = 366 };
static const int64_t day_ms = 86400000;

int api_calendar_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting_span f = {.from_ms = urlquery_int(q->query, "from", INT64_MAX / 2, 0),
                             .to_ms = urlquery_int(q->query, "to", INT64_MAX / 2, 0),
                             .space = {"", 0},
                             .mine = urlquery_int(q->query, "mine", 1, 0) == 1,
                             .user = a->in.user.id,
                             .user_role = a->in.user.role};
    (void)urlquery_get(q->query, "space", q->arena, &f.space);
    if (f.to_ms <= f.from_ms || f.to_ms - f.from_ms > SPAN_MAX_DAYS * day_ms)
        return handler_fail(a, -ERR_INVALID, "to",
                            "A calendar is asked for from a time to a later one, 62 days at most.");
    struct meeting *v = arena_alloc(q->arena, MEETING_CALENDAR_MAX * sizeof *v);
    int n = v ? meeting_calendar(a->store, &f, q->arena, v, MEETING_CALENDAR_MAX) : -ERR_FULL;
    if (n < 0)
        return n;
    struct json *j = json_object(), *list = json_array();
    for (int i = 0; i < n; i++)
        json_add(list, docs_calendar(a, &v[i]));
    json_set(j, "events", list);
    json_set_bool(j, "more", n == MEETING_CALENDAR_MAX);
    return handler_answer(r, 200, j);
}

static int agenda_of(struct api *a, const struct req *q, struct agenda *out) {
    const char *url = handler_url(a, q);
    *out = (struct agenda){url, a->cfg->zone, a->cfg->mail_from, q->now_ms};
    return url ? 0 : -ERR_FULL;
}

static int answer_ics(const struct req *q, struct reply *r, struct ics *c, const char *file) {
    c->out = &r->body;
    c->domain = AGENDA_DOMAIN;
    ics_write(c);
    if (r->body.over)
        return -ERR_TOO_LARGE;
    r->type = "text/calendar; charset=utf-8";
    if (file)
        reply_header(r, "content-disposition",
                     arena_printf(q->arena, "attachment; filename=\"%s.ics\"", file));
    return handler_empty(r, 200);
}

int api_event_ics(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    struct agenda g;
    struct ics_event e;
    int err = handler_event(a, q, &m, &may);
    if (!err)
        err = agenda_of(a, q, &g);
    if (!err)
        err = agenda_event(&g, &m, "", q->arena, &e);
    if (err)
        return err;
    return answer_ics(q, r, &(struct ics){.events = &e, .n = 1}, arena_printf(q->arena, "event-%s", m.id));
}

static int answer_feed(struct api *a, const struct req *q, struct reply *r, struct meeting_span *f,
                       const char *name) {
    struct agenda g;
    f->from_ms = q->now_ms - FEED_BACK_DAYS * day_ms;
    f->to_ms = q->now_ms + FEED_AHEAD_DAYS * day_ms;
    struct meeting *v = arena_alloc(q->arena, MEETING_CALENDAR_MAX * sizeof *v);
    struct ics_event *e = arena_alloc(q->arena, MEETING_CALENDAR_MAX * sizeof *e);
    int n = v && e ? meeting_calendar(a->store, f, q->arena, v, MEETING_CALENDAR_MAX) : -ERR_FULL;
    int err = n < 0 ? n : agenda_of(a, q, &g);
    for (int i = 0; !err && i < n; i++)
        err = agenda_event(&g, &v[i], "", q->arena, &e[i]);
    return err ? err : answer_ics(q, r, &(struct ics){.events = e, .n = (size_t)n, .name = name}, NULL);
}

int api_space_ics(struct api *a, const struct req *q, struct reply *r) {
    const char *uk, *en;
    struct meeting_span f = {.space = q->params[0]};
    int err = space_names(a->store, q->params[0], q->arena, &uk, &en);
    return err ? err : answer_feed(a, q, r, &f, uk);
}

int api_person_ics(struct api *a, const struct req *q, struct reply *r) {
    int64_t user, number, good = 0;
    if (feed_read(q->params[0], a->cfg->key, &user, &number))
        return -ERR_MISSING;
    int err = user_feed(a->store, user, &good);
    if (err || number != good || number % 2 == 0)
        return err && err != -ERR_MISSING ? err : -ERR_MISSING;
    struct meeting_span f = {.space = {"", 0}, .mine = true, .user = user};
    return answer_feed(a, q, r, &f,
                       a->cfg->server_name && a->cfg->server_name[0] ? a->cfg->server_name : "SOM-hub Live");
}

static int answer_address(struct api *a, const struct req *q, struct reply *r, int64_t number) {
    char name[FEED_NAME_MAX];
    const char *url = handler_url(a, q);
    struct json *j = json_object();
    feed_name(name, a->in.user.id, number, a->cfg->key);
    if (number % 2 && url)
        json_set_z(j, "url", arena_printf(q->arena, "%s/ical/%s", url, name));
    else
        json_set_null(j, "url");
    return handler_answer(r, 200, j);
}

int api_feed_get(struct api *a, const struct req *q, struct reply *r) {
    int64_t number = 0;
    int err = user_feed(a->store, a->in.user.id, &number);
    return err ? err : answer_address(a, q, r, number);
}

int api_feed_post(struct api *a, const struct req *q, struct reply *r) {
    int64_t number = 0;
    int err = user_feed(a->store, a->in.user.id, &number);
    number += number % 2 ? 2 : 1; /* what was given out before is good no more */
    if (!err)
        err = user_feed_put(a->store, a->in.user.id, number);
    return err ? err : answer_address(a, q, r, number);
}

int api_feed_delete(struct api *a, const struct req *q, struct reply *r) {
    int64_t number = 0;
    (void)q;
    int err = user_feed(a->store, a->in.user.id, &number);
    if (!err && number % 2)
        err = user_feed_put(a->store, a->in.user.id, number + 1);
    return err ? err : handler_empty(r, 204);
}

int api_event_qr(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    struct str code = {"", 0};
    int err = handler_event(a, q, &m, &may);
    if (err)
        return err;
    const char *url = handler_url(a, q);
    if (url && urlquery_get(q->query, "code", q->arena, &code) &&
        meeting_code_role(&m, code) != ACCESS_NOBODY)
        url = arena_printf(q->arena, "%s/e/%s?code=" STR_FMT, url, m.id, STR_ARG(code));
    else if (url)
        url = arena_printf(q->arena, "%s/e/%s", url, m.id);
    err = url ? qr_svg(&r->body, url) : -ERR_FULL;
    if (err)
        return err;
    r->type = "image/svg+xml";
    return handler_empty(r, 200);
}
