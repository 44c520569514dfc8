/* api_moderation — who kept order in an event, by what, over whom: its room's log, read by modlog. */
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/formatbook.h"
#include "server/catalogue/roomlog.h"
#include "server/http/csv.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/rooms/modlog.h"
#include "server/signaling/proto.h"

enum { ROWS_MAX = 5000 }; /* the last ones */

struct row {
    struct json *event; /* its line of the log */
    struct modlog_line line;
};
struct report {
    struct modlog log;
    struct row *v; /* ring of ROWS_MAX */
    size_t first, n;
    bool is_kept;
};

static struct row *row_at(const struct report *rep, size_t i) { return &rep->v[(rep->first + i) % ROWS_MAX]; }

static void drop(struct row *row) {
    json_free(row->event);
    mem_free(row->line.text);
}

static void report_fini(struct report *rep) {
    for (size_t i = 0; i < rep->n; i++)
        drop(row_at(rep, i));
    mem_free(rep->v);
    modlog_fini(&rep->log);
}

static void put(struct report *rep, const struct row *row) {
    if (rep->n == ROWS_MAX) {
        drop(row_at(rep, 0));
        rep->first = (rep->first + 1) % ROWS_MAX;
        rep->n--;
    }
    *row_at(rep, rep->n++) = *row;
}

static int fold(void *ctx, const struct roomlog_line *l) {
    struct report *rep = ctx;
    struct event e;
    struct row row = {NULL, {.by = ""}};
    if (proto_event_parse(&e, l->json) < 0)
        return 0; /* of a newer version: not ours to judge */
    if (modlog_event(&rep->log, &e, &row.line)) {
        if (json_parse(&row.event, l->json) == 0)
            put(rep, &row);
        else
            mem_free(row.line.text);
    }
    event_fini(&e);
    return 0;
}

/* For who leads the event. A format that keeps counts only keeps nothing of this. */
static int read_report(struct api *a, const struct req *q, struct meeting *m, struct report *rep) {
    int err = handler_event_edit(a, q, m);
    if (err)
        return err;
    *rep = (struct report){.is_kept = !formatbook_forgets(a->store, a->cfg->formats, m)};
    modlog_init(&rep->log);
    if (!rep->is_kept)
        return 0;
    rep->v = mem_zalloc(ROWS_MAX * sizeof *rep->v);
    err = roomlog_read(a->store, m->id, 0, fold, rep);
    if (err)
        report_fini(rep);
    return err;
}

int api_moderation_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct report rep;
    int err = read_report(a, q, &m, &rep);
    if (err)
        return err;
    struct json *j = json_object(), *rows = json_array();
    for (size_t i = 0; i < rep.n; i++) {
        struct row *row = row_at(&rep, i);
        json_set_z(row->event, "by_name", row->line.by);
        json_set_z(row->event, "who", row->line.who);
        json_set_z(row->event, "name", row->line.name);
        if (row->line.text)
            json_set_z(row->event, "text", row->line.text);
        json_add(rows, row->event);
        row->event = NULL;
    }
    json_set(j, "rows", rows);
    json_set_bool(j, "kept", rep.is_kept);
    json_set_z(j, "title", m.title);
    report_fini(&rep);
    return handler_answer(r, 200, j);
}

/* What the columns do not say: {"on":true,…}, as in the log. */
static void put_details(struct buf *b, const struct json *event) {
    static const char *const known[] = {"type", "seq", "at", "by", "who", "name", "text"};
    struct json *rest = json_object();
    struct buf text;
    void *it = NULL;
    struct str key;
    struct json *v;
    while (json_each(event, &it, &key, &v)) {
        bool is_column = false;
        char name[32];
        for (size_t i = 0; i < countof(known); i++)
            is_column |= str_is(key, known[i]);
        if (!is_column && STR_COPY(name, key))
            json_set(rest, name, json_clone(v));
    }
    buf_init(&text, 4096);
    json_write(rest, &text);
    if (!text.over)
        csv_text(b, (const char *)text.p);
    buf_fini(&text);
    json_free(rest);
}

int api_moderation_csv(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct report rep;
    int err = read_report(a, q, &m, &rep);
    if (err)
        return err;
    buf_z(&r->body, "\xef\xbb\xbf"
                    "time;what;by;whom;text;details\r\n");
    for (size_t i = 0; i < rep.n; i++) {
        const struct row *row = row_at(&rep, i);
        struct str type = {"", 0};
        int64_t at_ms = 0;
        (void)(json_get_str(row->event, "type", &type) && json_get_int(row->event, "at", &at_ms));
        csv_time(&r->body, at_ms);
        buf_z(&r->body, ";");
        buf_str(&r->body, type);
        buf_z(&r->body, ";");
        csv_text(&r->body, row->line.by);
        buf_z(&r->body, ";");
        csv_text(&r->body, row->line.name);
        buf_z(&r->body, ";");
        csv_text(&r->body, row->line.text ? row->line.text : "");
        buf_z(&r->body, ";");
        put_details(&r->body, row->event);
        buf_z(&r->body, "\r\n");
    }
    report_fini(&rep);
    if (r->body.over)
        return -ERR_TOO_LARGE;
    r->type = "text/csv; charset=utf-8";
    reply_header(r, "content-disposition",
                 arena_printf(q->arena, "attachment; filename=\"moderation-%s.csv\"", m.id));
    return handler_empty(r, 200);
}
