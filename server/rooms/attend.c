#include "server/rooms/attend.h"
#include "media/base/buf.h"
#include "media/base/mem.h"

void attend_init(struct attend *a) {
    *a = (struct attend){0};
    smap_init(&a->by_id, ATTEND_ROWS_MAX);
}

void attend_fini(struct attend *a) {
    for (size_t i = 0; i < a->n; i++) {
        mem_free(a->rows[i]->v);
        mem_free(a->rows[i]);
    }
    mem_free(a->rows);
    smap_fini(&a->by_id);
}

static struct attend_row *row_of(struct attend *a, const char *id) { return smap_get(&a->by_id, str_of(id)); }

static struct attend_row *row_make(struct attend *a, const struct event *e) {
    struct attend_row *row = row_of(a, e->who);
    if (row || !e->who[0] || a->n == ATTEND_ROWS_MAX)
        return row;
    if (a->n == a->cap) {
        a->cap = a->cap ? a->cap * 2 : 16;
        a->rows = mem_realloc(a->rows, a->cap * sizeof(struct attend_row *));
    }
    row = mem_zalloc(sizeof *row);
    STR_COPY(row->id, str_of(e->who));
    row->first_in_ms = e->at_ms;
    a->rows[a->n++] = row;
    smap_put(&a->by_id, str_of(row->id), row);
    return row;
}

static void come(struct attend *a, const struct event *e) {
    struct attend_row *row = row_make(a, e);
    if (!row)
        return;
    STR_COPY(row->name, str_of(e->name));
    if (e->role > row->role)
        row->role = e->role;
    if (!row->in_ms)
        row->in_ms = e->at_ms;
}

static void go(struct attend_row *row, int64_t at_ms) {
    if (!row || !row->in_ms)
        return;
    int64_t out_ms = at_ms > row->in_ms ? at_ms : row->in_ms; /* the wall clock may have been set back */
    row->total_ms += out_ms - row->in_ms;
    row->last_out_ms = out_ms;
    if (row->n < ATTEND_INTERVALS_MAX) {
        row->v = mem_realloc(row->v, (row->n + 1) * sizeof *row->v);
        row->v[row->n++] = (struct attend_interval){row->in_ms, out_ms};
    }
    row->in_ms = 0;
}

static void all_go(struct attend *a, int64_t at_ms) {
    for (size_t i = 0; i < a->n; i++)
        go(a->rows[i], at_ms);
}

void attend_event(struct attend *a, const struct event *e) {
    struct attend_row *row = row_of(a, e->who[0] ? e->who : e->by);
    if (e->at_ms > a->last_ms)
        a->last_ms = e->at_ms;
    switch (e->type) {
    case EV_JOINED:
        come(a, e);
        break;
    case EV_LEFT:
    case EV_REMOVED:
        go(row, e->at_ms);
        break;
    case EV_ENDED:
        all_go(a, e->at_ms);
        break;
    case EV_ROLE:
        if (row && e->role > row->role)
            row->role = e->role;
        break;
    case EV_CHAT:
        if (row)
            row->messages++;
        break;
    case EV_POLL_ANSWER:
        if (row)
            row->answers++;
        break;
    case EV_ASKED:
    case EV_ASK_WAITS:
        if (row)
            row->questions++;
        break;
    case EV_HAND:
        if (row && e->on)
            row->hands++;
        break;
    default: /* the rest says nothing about who was there */
        break;
    }
}

void attend_close(struct attend *a, int64_t now_ms) {
    for (size_t i = 0; i < a->n; i++)
        a->rows[i]->here = a->rows[i]->in_ms != 0;
    all_go(a, now_ms > a->last_ms ? now_ms : a->last_ms);
}

const struct attend_row *attend_of(const struct attend *a, const char *id) {
    return smap_get(&a->by_id, str_of(id));
}

int64_t attend_late_ms(const struct attend_row *row, int64_t begins_ms) {
    int64_t late = begins_ms ? row->first_in_ms - begins_ms : 0;
    return late > ATTEND_GRACE_MS ? late : 0;
}

int64_t attend_early_ms(const struct attend_row *row, int64_t ends_ms) {
    int64_t early = ends_ms ? ends_ms - row->last_out_ms : 0;
    return early > ATTEND_GRACE_MS ? early : 0;
}

void attend_curve(const struct attend *a, int64_t from_ms, int64_t step_ms, unsigned *out, size_t n) {
    memset(out, 0, n * sizeof *out);
    for (size_t r = 0; r < a->n; r++) {
        for (size_t k = 0; k < a->rows[r]->n; k++) {
            const struct attend_interval *v = &a->rows[r]->v[k];
            int64_t past = v->in_ms - from_ms;
            size_t i = past <= 0 ? 0 : (size_t)((past + step_ms - 1) / step_ms);
            for (; i < n && from_ms + (int64_t)i * step_ms < v->out_ms; i++)
                out[i]++;
        }
    }
}

void attend_nameless(struct attend *a) {
    struct buf id, name;
    smap_fini(&a->by_id); /* nobody is looked up any more */
    smap_init(&a->by_id, ATTEND_ROWS_MAX);
    for (size_t i = 0; i < a->n; i++) {
        buf_init(&id, ROOM_ID_MAX);
        buf_init(&name, ROOM_NAME_MAX);
        buf_printf(&id, "p%zu", i + 1);
        buf_printf(&name, "№ %zu", i + 1);
        STR_COPY(a->rows[i]->id, buf_view(&id));
        STR_COPY(a->rows[i]->name, buf_view(&name));
        buf_fini(&id);
        buf_fini(&name);
    }
}
