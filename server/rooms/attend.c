#include "server/rooms/attend.h"
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
    struct attend_row *row = row_of(a, e->type == EV_CHAT ? e->by : e->who);
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
    case EV_HAND:
        if (row && e->on)
            row->hands++;
        break;
    default: /* the rest says nothing about who was there */
        break;
    }
}

void attend_close(struct attend *a, int64_t now_ms) { all_go(a, now_ms > a->last_ms ? now_ms : a->last_ms); }
