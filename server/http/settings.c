#include "server/http/settings.h"

#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/formatbook.h"
#include "server/catalogue/space.h"
#include "server/http/repeat.h"

enum { MINUTES_MIN = 5, MINUTES_DEFAULT = 60, YEARS_AHEAD = 5 };

static int read_texts(struct api *a, const struct req *q, const struct json *j, bool is_new,
                      struct meeting *m) {
    struct str title = str_of(m->title), text = str_of(m->description);
    int err = handler_str(a, j, "title", is_new, &title);
    if (!err)
        err = handler_str(a, j, "description", false, &text);
    if (err)
        return err;
    if (!meeting_title_ok(title))
        return handler_fail(a, -ERR_INVALID, "title", "A title has 1 to 200 characters.");
    if (!meeting_text_ok(text))
        return handler_fail(a, -ERR_INVALID, "description", "A description has at most 8000 characters.");
    m->title = arena_str(q->arena, str_trim(title));
    m->description = arena_str(q->arena, text);
    return m->title && m->description ? 0 : -ERR_FULL;
}

static int read_space(struct api *a, const struct json *j, struct meeting *m) {
    struct str space = str_of(m->space);
    const struct json *v = json_get(j, "space");
    if (!v)
        return 0;
    if (json_is_null(v))
        space.n = 0;
    else if (!json_str(v, &space) || (space.n && !space_has(a->store, space)))
        return handler_fail(a, -ERR_INVALID, "space", "There is no such space.");
    (void)STR_COPY(m->space, space);
    return 0;
}

/* "" = the default. */
static int find_format(struct api *a, struct str id, struct formatbook_entry *out) {
    if (id.n) {
        int err = formatbook_get(a->store, a->cfg->formats, id, out);
        return err == -ERR_MISSING ? handler_fail(a, -ERR_INVALID, "format", "There is no such format.")
                                   : err;
    }
    struct formatbook_entry *v = mem_zalloc(FORMATS_MAX * sizeof *v);
    int n = formatbook_list(a->store, a->cfg->formats, v, FORMATS_MAX), err = n < 0 ? n : -ERR_MISSING;
    for (int i = 0; i < n; i++)
        if (v[i].is_default) {
            *out = v[i];
            err = 0;
        }
    mem_free(v);
    return err;
}

static int read_format(struct api *a, const struct json *j, bool is_new, struct meeting *m) {
    struct str id = is_new ? STR("") : str_of(m->format);
    struct formatbook_entry e;
    int record = (int)m->record;
    int err = handler_str(a, j, "format", false, &id);
    if (err)
        return err;
    err = find_format(a, id, &e);
    if (err)
        return err;
    const struct format *f = &e.f;
    if (is_new || !str_is(id, m->format)) {
        if (e.is_hidden)
            return handler_fail(a, -ERR_INVALID, "format", "Events of this format are not offered.");
        record = (int)f->record;
        m->lobby = f->lobby;
    }
    err = handler_word(a, j, "record", record_policy_of, &record);
    if (err)
        return err;
    if (f->record == RECORD_NEVER && record != RECORD_NEVER)
        return handler_fail(a, -ERR_INVALID, "record", "Events of this format are never recorded.");
    char copy[sizeof m->format];
    (void)STR_COPY(copy, str_of(f->id)); /* id may be a view of m->format */
    (void)STR_COPY(m->format, str_of(copy));
    m->record = (enum record_policy)record;
    return handler_bool(a, j, "lobby", &m->lobby);
}

static int read_time(struct api *a, const struct req *q, const struct json *j, struct meeting *m) {
    int64_t far_ms = q->now_ms + YEARS_AHEAD * 366LL * 24 * 3600 * 1000;
    const struct json *v = json_get(j, "starts_at");
    if (v && json_is_null(v))
        m->starts_at = 0;
    int err = v && !json_is_null(v) ? handler_int(a, j, "starts_at", 1, far_ms, &m->starts_at) : 0;
    struct str zone = str_of(m->zone);
    if (!err)
        err = handler_str(a, j, "zone", false, &zone);
    if (!err && zone.n && !str_is(zone, m->zone) && !zone_ok(zone))
        err = handler_fail(a, -ERR_INVALID, "zone", "There is no such time zone.");
    if (!err) {
        char copy[sizeof m->zone];
        (void)STR_COPY(copy, zone); /* zone may be a view of m->zone */
        (void)STR_COPY(m->zone, str_of(copy));
    }
    return err ? err : handler_int(a, j, "duration_min", MINUTES_MIN, MEETING_MINUTES_MAX, &m->duration_min);
}

static int read_host(struct api *a, const struct json *j, struct meeting *m) {
    struct str text = {"", 0};
    struct user host;
    int err = handler_str(a, j, "host", false, &text);
    if (err || !text.n)
        return err;
    int64_t id = user_id_of(text);
    if (id == m->host)
        return 0;
    if (a->in.user.role < USER_STAFF)
        return handler_fail(a, -ERR_DENIED, "host", "Only the staff gives an event to somebody else.");
    if (user_get(a->store, id, &host) < 0 || host.blocked || host.role < USER_TEACHER)
        return handler_fail(a, -ERR_INVALID, "host", "There is no such teacher.");
    m->host = id;
    return 0;
}

static int read_who(struct api *a, const struct json *j, bool with_access, struct meeting *m) {
    int join = (int)m->join, watch = (int)m->watch;
    int err = with_access ? handler_word(a, j, "access", access_join_of, &join) : 0;
    if (!err)
        err = handler_word(a, j, "visibility", access_watch_of, &watch);
    if (err)
        return err;
    m->join = (enum access_join)join;
    m->watch = (enum access_watch)watch;
    return 0;
}

/* After the opening these are the room's own business. */
static int refuse_late(struct api *a, const struct json *j) {
    static const char *const early[] = {"format", "starts_at", "duration_min", "zone",
                                        "record", "lobby",     "host"};
    for (size_t i = 0; i < countof(early); i++)
        if (json_get(j, early[i]))
            return handler_fail(a, -ERR_CONFLICT, early[i], "This cannot be changed after the opening.");
    return 0;
}

int settings_read(struct api *a, const struct req *q, const struct json *j, enum settings_scope scope,
                  struct meeting *m) {
    struct meeting next = *m;
    bool is_new = scope == SETTINGS_NEW, rotate = false;
    if (is_new) {
        next.title = next.description = "";
        next.duration_min = MINUTES_DEFAULT;
        next.join = JOIN_LINK;
        next.watch = WATCH_PRIVATE;
        next.host = a->in.user.id;
        next.created_at = q->now_ms;
    }
    int err = read_texts(a, q, j, is_new, &next);
    if (!err)
        err = read_space(a, j, &next);
    if (!err)
        err = read_who(a, j, scope != SETTINGS_LESSON, &next);
    if (!err && scope == SETTINGS_EDIT && next.life != LIFE_SCHEDULED) {
        err = refuse_late(a, j);
    } else if (!err && scope != SETTINGS_LESSON) {
        err = read_format(a, j, is_new, &next);
        if (!err)
            err = read_time(a, q, j, &next);
        if (!err)
            err = read_host(a, j, &next);
    }
    if (!err && scope == SETTINGS_EDIT)
        err = handler_bool(a, j, "rotate_codes", &rotate);
    if (err)
        return err;
    if (rotate)
        meeting_new_codes(&next);
    next.changed_at = q->now_ms;
    *m = next;
    return 0;
}

int settings_save(struct api *a, const struct req *q, enum settings_scope scope, struct meeting *m) {
    struct json *j;
    struct meeting old = *m;
    enum repeat_part part = REPEAT_THIS;
    int err = handler_body(a, q, &j);
    if (err)
        return err;
    err = settings_read(a, q, j, scope, m);
    if (!err && scope == SETTINGS_EDIT)
        err = repeat_part(a, j, &part);
    if (!err && scope == SETTINGS_NEW && json_is_object(json_get(j, "repeat")))
        err = repeat_new(a, q, json_get(j, "repeat"), m);
    else if (!err && scope == SETTINGS_NEW)
        err = meeting_add(a->store, m);
    else if (!err && part != REPEAT_THIS && m->series[0])
        err = repeat_change(a, q, j, part, &old, m);
    else if (!err) {
        err = meeting_update(a->store, m);
        if (!err && m->starts_at != old.starts_at && old.starts_at)
            err = repeat_tell(a, q, m->id, "change");
    }
    json_free(j);
    return err;
}
