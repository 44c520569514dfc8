#include "server/catalogue/roomlog.h"

#include "media/base/err.h"
#include "media/base/json.h"
#include "server/store/query.h"

enum fact { FACT_OPENED, FACT_ENDED, FACT_JOINED, FACT_REMOVED };

static int life_fact(struct store *s, enum query_name name, const struct roomlog_line *l) {
    struct query *q = query_begin(s, name);
    query_put_str(q, l->room);
    query_put_int(q, l->at_ms);
    return query_exec(q);
}

static int member_fact(struct store *s, enum query_name name, const struct roomlog_line *l, struct str who) {
    struct query *q = query_begin(s, name);
    query_put_str(q, l->room);
    query_put_str(q, who);
    return query_exec(q);
}

/* A role somebody gave him in the room; "" when he is removed, for then the room has forgotten it. */
static int granted(struct store *s, const struct roomlog_line *l, struct str who, struct str role) {
    struct query *q = query_begin(s, Q_CAME_GRANT);
    query_put_str(q, l->room);
    query_put_str(q, who);
    query_put_str(q, role);
    return query_exec(q);
}

static int forget(struct store *s, struct str room) {
    static const enum query_name steps[] = {Q_FORGET_LINES, Q_FORGET_WHO,     Q_FORGET_BY,    Q_FORGET_IMAGES,
                                            Q_FORGET_CAME,  Q_FORGET_UPLOADS, Q_FORGET_SHARED};
    int err = 0;
    for (size_t i = 0; !err && i < countof(steps); i++) {
        struct query *q = query_begin(s, steps[i]);
        query_put_str(q, room);
        err = query_exec(q);
    }
    return err;
}

/* Most lines are of no interest: looking for the type's text first spares parsing them. What only looks like
 * it (in a chat message) is told apart by the parser. */
static bool mentions(struct str json, struct str what) {
    return memmem(json.p, json.n, what.p, what.n) != NULL;
}

static int project(struct store *s, const struct roomlog_line *l, bool *forgot) {
    if (!mentions(l->json, STR("\"opened\"")) && !mentions(l->json, STR("\"ended\"")) &&
        !mentions(l->json, STR("\"joined\"")) && !mentions(l->json, STR("\"removed\"")) &&
        !mentions(l->json, STR("\"unbanned\"")) && !mentions(l->json, STR("\"type\":\"role\"")))
        return 0;
    struct json *j = NULL;
    if (json_parse(&j, l->json) < 0)
        return -ERR_INVALID;
    struct str type = {"", 0}, who = {"", 0}, by = {"", 0}, role = {"", 0};
    bool ban = false, forgets = false;
    (void)json_get_str(j, "type", &type);
    (void)json_get_str(j, "who", &who);
    (void)json_get_str(j, "by", &by);
    (void)json_get_str(j, "role", &role);
    (void)json_get_bool(j, "ban", &ban);
    (void)json_get_bool(j, "forget", &forgets);
    int err = 0;
    if (str_is(type, "opened"))
        err = life_fact(s, Q_EVENT_OPENED, l);
    else if (str_is(type, "ended"))
        err = life_fact(s, Q_EVENT_ENDED, l);
    else if (str_is(type, "joined") && who.n)
        err = member_fact(s, Q_CAME_PUT, l, who);
    else if (str_is(type, "removed") && who.n && ban)
        err = member_fact(s, Q_CAME_BAN, l, who);
    else if (str_is(type, "removed") && who.n)
        err = granted(s, l, who, STR(""));
    else if (str_is(type, "role") && who.n && by.n)
        err = granted(s, l, who, role);
    else if (str_is(type, "unbanned") && who.n)
        err = member_fact(s, Q_CAME_FREE, l, who);
    if (!err && str_is(type, "ended") && forgets) {
        err = forget(s, l->room);
        *forgot = true;
    }
    json_free(j);
    return err;
}

static int put_line(struct store *s, enum query_name name, const struct roomlog_line *l) {
    struct query *q = query_begin(s, name);
    query_put_str(q, l->room);
    query_put_int(q, (int64_t)l->seq);
    query_put_int(q, l->at_ms);
    query_put_str(q, l->json);
    int n = query_run(q);
    return n < 0 ? n : n == 0 ? -ERR_CONFLICT : 0;
}

static int put_late(struct store *s, const struct roomlog_line *l) {
    struct query *q = query_begin(s, Q_JOURNAL_LATE);
    query_put_str(q, l->room);
    query_put_int(q, l->at_ms);
    query_put_str(q, l->json);
    return query_exec(q);
}

static int put_image(struct store *s, const struct roomlog_line *l) {
    int err = put_line(s, Q_IMAGE_PUT, l);
    if (err)
        return err;
    struct query *q = query_begin(s, Q_IMAGE_TRIM);
    query_put_str(q, l->room);
    err = query_exec(q);
    if (err || l->seq <= ROOMLOG_STANDING_LINES)
        return err;
    q = query_begin(s, Q_JOURNAL_TRIM);
    query_put_str(q, l->room);
    query_put_int(q, (int64_t)l->seq - ROOMLOG_STANDING_LINES);
    return query_exec(q);
}

int roomlog_append(struct store *s, const struct roomlog_line *lines, size_t n) {
    bool forgot = false;
    int err = store_begin(s);
    if (err)
        return err;
    for (size_t i = 0; !err && i < n; i++) {
        bool is_late = !lines[i].seq && !lines[i].is_image;
        err = is_late             ? put_late(s, &lines[i])
              : lines[i].is_image ? put_image(s, &lines[i])
                                  : put_line(s, Q_JOURNAL_ADD, &lines[i]);
        if (!err && !is_late && !lines[i].is_image)
            err = project(s, &lines[i], &forgot);
    }
    if (err) {
        store_rollback(s);
        return err;
    }
    err = store_commit(s);
    if (!err && forgot)
        store_wipe(s);
    return err ? err : forgot;
}

static int read_rows(struct query *q, const char *room, bool is_image, roomlog_fn *line, void *ctx) {
    int rc, stop = 0;
    while (!stop && (rc = query_row(q)) > 0) {
        struct roomlog_line l = {.room = str_of(room), .is_image = is_image};
        l.seq = (uint64_t)query_get_int(q);
        l.at_ms = query_get_int(q);
        l.json = query_get_str(q);
        stop = line(ctx, &l);
    }
    query_done(q);
    return stop ? stop : rc < 0 ? rc : 0;
}

int roomlog_read(struct store *s, const char *room, uint64_t since, roomlog_fn *line, void *ctx) {
    struct query *q = query_begin(s, Q_JOURNAL_READ);
    query_put_z(q, room);
    query_put_int(q, (int64_t)since);
    return read_rows(q, room, false, line, ctx);
}

struct beginning {
    roomlog_fn *line;
    void *ctx;
    uint64_t seq; /* of the image, 0 = none */
};

static int begin_with(void *ctx, const struct roomlog_line *l) {
    struct beginning *b = ctx;
    b->seq = l->seq;
    return b->line(b->ctx, l);
}

int roomlog_state(struct store *s, const char *room, roomlog_fn *line, void *ctx) {
    struct beginning b = {line, ctx, 0};
    struct query *q = query_begin(s, Q_IMAGE_GET);
    query_put_z(q, room);
    query_put_int(q, ROOMLOG_TAIL);
    int rc = read_rows(q, room, true, begin_with, &b);
    if (rc)
        return rc;
    q = query_begin(s, Q_JOURNAL_CHAT);
    query_put_z(q, room);
    query_put_int(q, (int64_t)b.seq);
    query_put_int(q, ROOMLOG_CHATS_MAX - 1);
    rc = query_row(q);
    int64_t from = rc > 0 ? query_get_int(q) : 0; /* fewer: all of them */
    query_done(q);
    if (rc < 0)
        return rc;
    q = query_begin(s, Q_JOURNAL_STATE);
    query_put_z(q, room);
    query_put_int(q, (int64_t)b.seq);
    query_put_int(q, from);
    return read_rows(q, room, false, line, ctx);
}

int roomlog_talk(struct store *s, const char *room, roomlog_fn *line, void *ctx) {
    struct query *q = query_begin(s, Q_JOURNAL_TALK);
    query_put_z(q, room);
    return read_rows(q, room, false, line, ctx);
}

int roomlog_captions(struct store *s, const char *room, roomlog_fn *line, void *ctx) {
    struct query *q = query_begin(s, Q_JOURNAL_CAPTIONS);
    query_put_z(q, room);
    return read_rows(q, room, false, line, ctx);
}

int roomlog_caption(struct store *s, const char *room, uint64_t seq, roomlog_fn *line, void *ctx) {
    struct query *q = query_begin(s, Q_JOURNAL_CAPTION);
    query_put_z(q, room);
    query_put_int(q, (int64_t)seq);
    return read_rows(q, room, false, line, ctx);
}

int64_t roomlog_captioned(struct store *s, const char *room) {
    struct query *q = query_begin(s, Q_JOURNAL_CAPTIONED);
    query_put_z(q, room);
    int rc = query_row(q);
    int64_t seq = rc > 0 ? query_get_int(q) : rc;
    query_done(q);
    return seq;
}

int64_t roomlog_last(struct store *s, const char *room) {
    struct query *q = query_begin(s, Q_JOURNAL_LAST);
    query_put_z(q, room);
    int rc = query_row(q);
    int64_t seq = rc > 0 ? query_get_int(q) : rc;
    query_done(q);
    return seq;
}
