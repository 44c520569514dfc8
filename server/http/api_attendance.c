#include <stdio.h>

#include "media/base/err.h"
#include "server/catalogue/formatbook.h"
#include "server/catalogue/roomlog.h"
#include "server/http/csv.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/rooms/attend.h"
#include "server/signaling/proto.h"

static int fold(void *ctx, const struct roomlog_line *l) {
    struct event e;
    if (proto_event_parse(&e, l->json) < 0)
        return 0; /* of a newer version: not ours to judge */
    attend_event(ctx, &e);
    event_fini(&e);
    return 0;
}

static int read_attendance(struct api *a, const struct req *q, const struct meeting *m, struct attend *at) {
    attend_init(at);
    int err = roomlog_read(a->store, m->id, 0, fold, at);
    if (err) {
        attend_fini(at);
        return err;
    }
    attend_close(at, m->ended_at ? m->ended_at : q->now_ms);
    return 0;
}

/* Of all, for who leads it: without names where the format keeps counts only. */
static int read_report(struct api *a, const struct req *q, struct meeting *m, struct attend *at) {
    int err = handler_event_edit(a, q, m);
    if (!err)
        err = read_attendance(a, q, m, at);
    if (err)
        return err;
    if (formatbook_forgets(a->store, a->cfg->formats, m))
        attend_nameless(at);
    return 0;
}

/* When being there begins to count: a room opened ahead of its hour makes nobody late, and a standing one
 * has no hour at all (0). */
static int64_t begins_ms(const struct meeting *m) {
    if (m->standing)
        return 0;
    return m->starts_at > m->opened_at ? m->starts_at : m->opened_at;
}

static int64_t ends_ms(const struct meeting *m) { return m->standing ? 0 : m->ended_at; }

static struct json *row_doc(const struct meeting *m, const struct attend_row *row) {
    struct json *j = json_object(), *stays = json_array();
    json_set_z(j, "member", row->id);
    json_set_z(j, "name", row->name);
    json_set_z(j, "role", role_name(row->role));
    json_set_int(j, "first_in", row->first_in_ms);
    json_set_int(j, "last_out", row->last_out_ms);
    json_set_int(j, "total_ms", row->total_ms);
    json_set_int(j, "late_ms", attend_late_ms(row, begins_ms(m)));
    json_set_int(j, "early_ms", attend_early_ms(row, ends_ms(m)));
    json_set_bool(j, "here", row->here);
    for (size_t i = 0; i < row->n; i++) {
        struct json *pair = json_array();
        json_add_int(pair, row->v[i].in_ms);
        json_add_int(pair, row->v[i].out_ms);
        json_add(stays, pair);
    }
    json_set(j, "intervals", stays);
    json_set_int(j, "messages", row->messages);
    json_set_int(j, "hands", row->hands);
    json_set_int(j, "answers", row->answers);
    json_set_int(j, "questions", row->questions);
    return j;
}

static void set_moment(struct json *j, const char *name, int64_t at_ms) {
    if (at_ms)
        json_set_int(j, name, at_ms);
    else
        json_set_null(j, name);
}

/* How many were there, point by point from the first arrival to the last leaving. */
static struct json *curve_doc(const struct attend *at) {
    int64_t from = INT64_MAX, to = 0;
    for (size_t i = 0; i < at->n; i++) {
        from = at->rows[i]->first_in_ms < from ? at->rows[i]->first_in_ms : from;
        to = at->rows[i]->last_out_ms > to ? at->rows[i]->last_out_ms : to;
    }
    if (to <= from)
        return NULL;
    unsigned counts[ATTEND_CURVE_MAX];
    int64_t step = (to - from) / ATTEND_CURVE_MAX + 1;
    size_t n = (size_t)((to - from + step - 1) / step);
    attend_curve(at, from, step, counts, n);
    struct json *j = json_object(), *list = json_array();
    json_set_int(j, "from", from);
    json_set_int(j, "step_ms", step);
    for (size_t i = 0; i < n; i++)
        json_add_int(list, counts[i]);
    json_set(j, "counts", list);
    return j;
}

int api_attendance_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct attend at;
    int err = read_report(a, q, &m, &at);
    if (err)
        return err;
    struct json *j = json_object(), *rows = json_array(), *curve = curve_doc(&at);
    for (size_t i = 0; i < at.n; i++)
        json_add(rows, row_doc(&m, at.rows[i]));
    json_set(j, "rows", rows);
    if (curve)
        json_set(j, "curve", curve);
    else
        json_set_null(j, "curve");
    set_moment(j, "opened_at", m.opened_at);
    set_moment(j, "ended_at", m.ended_at);
    json_set_z(j, "title", m.title);
    attend_fini(&at);
    return handler_answer(r, 200, j);
}

int api_attendance_me(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    struct attend at;
    char member[33] = "";
    int err = handler_event(a, q, &m, &may);
    if (err)
        return err;
    if (a->in.user.id)
        snprintf(member, sizeof member, "u%lld", (long long)a->in.user.id);
    else
        (void)handler_guest(a, q, m.id, member);
    struct json *j = json_object();
    json_set_null(j, "row");
    if (member[0]) {
        err = read_attendance(a, q, &m, &at);
        if (err) {
            json_free(j);
            return err;
        }
        const struct attend_row *row = attend_of(&at, member);
        if (row)
            json_set(j, "row", row_doc(&m, row));
        attend_fini(&at);
    }
    set_moment(j, "opened_at", m.opened_at);
    set_moment(j, "ended_at", m.ended_at);
    return handler_answer(r, 200, j);
}

static long long minutes(int64_t ms) { return (long long)((ms + 30000) / 60000); }

int api_attendance_csv(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct attend at;
    int err = read_report(a, q, &m, &at);
    if (err)
        return err;
    buf_z(&r->body,
          "\xef\xbb\xbf"
          "name;role;first_in;last_out;minutes;late;early;stays;messages;hands;answers;questions;member\r\n");
    for (size_t i = 0; i < at.n; i++) {
        const struct attend_row *row = at.rows[i];
        csv_text(&r->body, row->name);
        buf_printf(&r->body, ";%s;", role_name(row->role));
        csv_time(&r->body, row->first_in_ms);
        buf_z(&r->body, ";");
        csv_time(&r->body, row->last_out_ms);
        buf_printf(&r->body, ";%lld;%lld;%lld;%zu;%u;%u;%u;%u;%s\r\n", minutes(row->total_ms),
                   minutes(attend_late_ms(row, begins_ms(&m))), minutes(attend_early_ms(row, ends_ms(&m))),
                   row->n, row->messages, row->hands, row->answers, row->questions, row->id);
    }
    attend_fini(&at);
    if (r->body.over)
        return -ERR_TOO_LARGE;
    r->type = "text/csv; charset=utf-8";
    reply_header(r, "content-disposition",
                 arena_printf(q->arena, "attachment; filename=\"attendance-%s.csv\"", m.id));
    return handler_empty(r, 200);
}
