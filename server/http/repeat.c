#include "server/http/repeat.h"

#include "media/base/err.h"
#include "server/http/settings.h"

int repeat_part_of(struct str name) {
    static const char *const names[REPEAT_PART_COUNT] = {"this", "following", "all"};
    return str_index(name, names, REPEAT_PART_COUNT);
}

int repeat_part(struct api *a, const struct json *body, enum repeat_part *out) {
    int part = REPEAT_THIS;
    int err = handler_word(a, body, "scope", repeat_part_of, &part);
    *out = (enum repeat_part)part;
    return err;
}

int repeat_new(struct api *a, const struct req *q, const struct json *repeat, struct meeting *m) {
    struct str text;
    struct recur rule;
    struct series sr = {.id = ""};
    int64_t *at_s = arena_alloc(q->arena, RECUR_TIMES_MAX * sizeof *at_s);
    if (!at_s)
        return -ERR_FULL;
    if (!m->starts_at)
        return handler_fail(a, -ERR_INVALID, "starts_at", "A series needs the time of its first event.");
    if (!json_get_str(repeat, "rule", &text) || recur_parse(&rule, text))
        return handler_fail(a, -ERR_INVALID, "repeat", "This rule of repetition is not understood.");
    (void)STR_COPY(sr.zone, str_of(m->zone[0] ? m->zone : a->cfg->zone));
    (void)STR_COPY(m->zone, str_of(sr.zone));
    recur_write(&rule, sr.rule);
    size_t n = recur_times(&rule, sr.zone, m->starts_at / 1000, at_s, RECUR_TIMES_MAX);
    if (!n)
        return handler_fail(a, -ERR_INVALID, "repeat", "This rule gives no day.");
    return series_add(a->store, &sr, m, at_s, n);
}

static struct signup_desk desk(const struct api *a, const struct req *q) {
    return (struct signup_desk){a->store, a->cfg->mail_from[0] != 0, q->now_ms};
}

int repeat_tell(struct api *a, const struct req *q, const char *event, const char *kind) {
    struct signup_desk d = desk(a, q);
    return signup_tell(&d, event, kind);
}

int repeat_ids(struct api *a, const struct req *q, const struct meeting *m, enum repeat_part part,
               struct series_ids *out) {
    bool has_it = false;
    int err = 0;
    out->n = 0;
    if (m->series[0] && part != REPEAT_THIS)
        err = series_rest(a->store, m->series, part == REPEAT_ALL ? 0 : m->slot_at, q->now_ms, out);
    for (size_t i = 0; i < out->n; i++)
        has_it |= !strcmp(out->v[i], m->id);
    if (!err && !has_it && out->n < RECUR_TIMES_MAX)
        (void)STR_COPY(out->v[out->n++], str_of(m->id));
    return err;
}

/* The others the request is about, each read whole. */
static int read_others(struct api *a, const struct req *q, const struct meeting *old, enum repeat_part part,
                       struct meeting **out, size_t *n) {
    struct series_ids *ids = arena_alloc(q->arena, sizeof *ids);
    struct meeting *v = arena_alloc(q->arena, (RECUR_TIMES_MAX + 1) * sizeof *v);
    if (!ids || !v)
        return -ERR_FULL;
    int err = series_rest(a->store, old->series, part == REPEAT_ALL ? 0 : old->slot_at, q->now_ms, ids);
    *n = 0;
    for (size_t i = 0; !err && i < ids->n; i++)
        if (strcmp(ids->v[i], old->id) != 0)
            err = meeting_get(a->store, str_of(ids->v[i]), q->arena, &v[(*n)++]);
    *out = v;
    return err;
}

int repeat_change(struct api *a, const struct req *q, const struct json *body, enum repeat_part part,
                  const struct meeting *old, struct meeting *m) {
    struct meeting *v;
    struct series sr;
    size_t n;
    int err = series_get(a->store, old->series, &sr);
    if (!err)
        err = read_others(a, q, old, part, &v, &n);
    for (size_t i = 0; !err && i < n; i++) {
        struct meeting was = v[i];
        err = settings_read(a, q, body, SETTINGS_EDIT, &v[i]);
        v[i].starts_at = was.starts_at;
        if (was.starts_at != was.slot_at || m->starts_at == old->starts_at)
            continue;
        v[i].starts_at = v[i].slot_at =
            series_shift_s(sr.zone, was.starts_at / 1000, old->starts_at / 1000, m->starts_at / 1000) * 1000;
    }
    if (err)
        return err;
    if (m->starts_at && m->starts_at != old->starts_at)
        m->slot_at = m->starts_at;
    v[n] = *m;
    struct signup_desk d = desk(a, q);
    return series_update(&d, v, n + 1, m->starts_at != old->starts_at ? "change" : NULL);
}

int repeat_cancel(struct api *a, const struct req *q, enum repeat_part part, struct meeting *m) {
    struct meeting alone, *v = &alone;
    size_t n = 0;
    int err = m->series[0] && part != REPEAT_THIS ? read_others(a, q, m, part, &v, &n) : 0;
    if (err)
        return err;
    v[n++] = *m;
    for (size_t i = 0; i < n; i++)
        v[i].cancelled_at = v[i].changed_at = q->now_ms;
    struct signup_desk d = desk(a, q);
    return series_update(&d, v, n, "cancellation");
}
