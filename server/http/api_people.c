#include "server/catalogue/people.h"

#include <stdio.h>
#include <time.h>

#include "media/base/err.h"
#include "server/catalogue/roomlog.h"
#include "server/http/docs.h"
#include "server/http/endpoints.h"
#include "server/rooms/attend.h"
#include "server/signaling/proto.h"

static struct json *person_doc(const struct person *p) {
    struct json *j = json_object();
    json_set(j, "user", docs_user(&p->user, false));
    json_set_z(j, "role", role_name(p->role));
    json_set_bool(j, "came", p->came);
    return j;
}

int api_people_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_event_edit(a, q, &m);
    if (err)
        return err;
    struct person *v = arena_alloc(q->arena, MEETING_PEOPLE_MAX * sizeof *v);
    int n = v ? people_list(a->store, m.id, v, MEETING_PEOPLE_MAX) : -ERR_FULL;
    if (n < 0)
        return n;
    struct json *j = json_object(), *list = json_array();
    for (int i = 0; i < n; i++)
        json_add(list, person_doc(&v[i]));
    json_set(j, "people", list);
    return handler_answer(r, 200, j);
}

static int named_role_of(struct str name) {
    int role = role_of(name);
    return role == ROLE_HOST ? -ERR_INVALID : role; /* there is one host: the event's */
}

int api_people_post(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct person p = {.role = ROLE_ATTENDEE};
    struct json *j;
    struct str email;
    int role = ROLE_ATTENDEE;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = handler_body(a, q, &j);
    if (err)
        return err;
    err = handler_str(a, j, "email", true, &email);
    if (!err)
        err = handler_word(a, j, "role", named_role_of, &role);
    if (!err) {
        err = user_by_email(a->store, email, &p.user);
        if (err == -ERR_MISSING)
            err = handler_fail(a, err, "email", "There is no account with this e-mail.");
    }
    json_free(j);
    if (!err)
        err = people_put(a->store, m.id, p.user.id, (enum role)role);
    if (err)
        return err;
    p.role = (enum role)role;
    struct json *out = json_object();
    json_set(out, "person", person_doc(&p));
    return handler_answer(r, 201, out);
}

int api_person_delete(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    int err = handler_event_edit(a, q, &m);
    if (!err)
        err = people_drop(a->store, m.id, user_id_of(q->params[1]));
    return err ? err : handler_empty(r, 204);
}

static int fold(void *ctx, const struct roomlog_line *l) {
    struct event e;
    if (proto_event_parse(&e, l->json) < 0)
        return 0; /* of a newer version: not ours to judge */
    attend_event(ctx, &e);
    event_fini(&e);
    return 0;
}

static int read_attendance(struct api *a, const struct req *q, struct meeting *m, struct attend *at) {
    int err = handler_event_edit(a, q, m);
    if (err)
        return err;
    attend_init(at);
    err = roomlog_read(a->store, m->id, 0, fold, at);
    if (err) {
        attend_fini(at);
        return err;
    }
    attend_close(at, m->ended_at ? m->ended_at : q->now_ms);
    return 0;
}

static struct json *row_doc(const struct attend_row *row) {
    struct json *j = json_object(), *stays = json_array();
    json_set_z(j, "member", row->id);
    json_set_z(j, "name", row->name);
    json_set_z(j, "role", role_name(row->role));
    json_set_int(j, "first_in", row->first_in_ms);
    json_set_int(j, "last_out", row->last_out_ms);
    json_set_int(j, "total_ms", row->total_ms);
    for (size_t i = 0; i < row->n; i++) {
        struct json *pair = json_array();
        json_add_int(pair, row->v[i].in_ms);
        json_add_int(pair, row->v[i].out_ms);
        json_add(stays, pair);
    }
    json_set(j, "intervals", stays);
    json_set_int(j, "messages", row->messages);
    json_set_int(j, "hands", row->hands);
    return j;
}

int api_attendance_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct attend at;
    int err = read_attendance(a, q, &m, &at);
    if (err)
        return err;
    struct json *j = json_object(), *rows = json_array();
    for (size_t i = 0; i < at.n; i++)
        json_add(rows, row_doc(at.rows[i]));
    json_set(j, "rows", rows);
    if (m.opened_at)
        json_set_int(j, "opened_at", m.opened_at);
    else
        json_set_null(j, "opened_at");
    if (m.ended_at)
        json_set_int(j, "ended_at", m.ended_at);
    else
        json_set_null(j, "ended_at");
    attend_fini(&at);
    return handler_answer(r, 200, j);
}

/* RFC 4180 quoting; and a leading apostrophe where a spreadsheet would take a name for a formula. */
static void csv_text(struct buf *b, const char *z) {
    buf_z(b, "\"");
    if (z[0] && strchr("=+-@\t\r", z[0]))
        buf_z(b, "'");
    for (; *z; z++) {
        if (*z == '"')
            buf_z(b, "\"");
        buf_put(b, z, 1);
    }
    buf_z(b, "\"");
}

static void csv_time(struct buf *b, int64_t at_ms) {
    time_t t = (time_t)(at_ms / 1000);
    struct tm tm;
    char text[32] = "";
    if (at_ms && localtime_r(&t, &tm))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    buf_z(b, text);
}

int api_attendance_csv(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct attend at;
    int err = read_attendance(a, q, &m, &at);
    if (err)
        return err;
    buf_z(&r->body, "\xef\xbb\xbf"
                    "name;role;first_in;last_out;minutes;stays;messages;hands;member\r\n");
    for (size_t i = 0; i < at.n; i++) {
        const struct attend_row *row = at.rows[i];
        csv_text(&r->body, row->name);
        buf_printf(&r->body, ";%s;", role_name(row->role));
        csv_time(&r->body, row->first_in_ms);
        buf_z(&r->body, ";");
        csv_time(&r->body, row->last_out_ms);
        buf_printf(&r->body, ";%lld;%zu;%u;%u;%s\r\n", (long long)((row->total_ms + 30000) / 60000), row->n,
                   row->messages, row->hands, row->id);
    }
    attend_fini(&at);
    if (r->body.over)
        return -ERR_TOO_LARGE;
    r->type = "text/csv; charset=utf-8";
    reply_header(r, "content-disposition",
                 arena_printf(q->arena, "attachment; filename=\"attendance-%s.csv\"", m.id));
    return handler_empty(r, 200);
}
