/* score — who knows most: the points of named answers to closed polls that have right ones. */
#include <stdlib.h>

#include "media/base/mem.h"
#include "server/rooms/room.h"

struct score {
    const char *id;
    uint64_t points;
    size_t place; /* of the first right answer: earlier first among equals */
};
struct board {
    struct score *v;
    size_t n, cap;
    struct smap by_id; /* index + 1 */
};

bool poll_is_right(const struct poll *p, const struct poll_answer *a) {
    uint32_t picked = 0;
    for (unsigned i = 0; i < a->picks.n; i++)
        picked |= 1U << a->picks.v[i];
    if (!p->right)
        return false;
    return p->kind == POLL_SINGLE ? (picked & p->right) != 0 : picked == p->right;
}

static void give(struct board *b, const char *id, uint64_t points) {
    size_t at = (size_t)(uintptr_t)smap_get(&b->by_id, str_of(id));
    if (at) {
        b->v[at - 1].points += points;
        return;
    }
    if (b->n == POLL_SCORED_MAX)
        return;
    if (b->n == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 64;
        b->v = mem_realloc(b->v, b->cap * sizeof *b->v);
    }
    b->v[b->n] = (struct score){id, points, b->n};
    smap_put(&b->by_id, str_of(id), (void *)(uintptr_t)++b->n);
}

static int by_points(const void *x, const void *y) {
    const struct score *a = x, *b = y;
    if (a->points != b->points)
        return a->points < b->points ? 1 : -1;
    return a->place < b->place ? -1 : 1;
}

void poll_scores(const struct room *r, struct poll_tally *out) {
    struct board board = {0};
    struct buf names;
    smap_init(&board.by_id, POLL_SCORED_MAX);
    buf_init(&names, POLL_SCORES_MAX * (ROOM_NAME_MAX + 1));
    list_each (&r->polls, p, struct poll, link) {
        if (p->state != POLL_CLOSED || p->is_anonymous)
            continue;
        list_each (&p->answers, a, struct poll_answer, link) {
            if (poll_is_right(p, a))
                give(&board, a->by, p->points);
        }
    }
    if (board.n)
        qsort(board.v, board.n, sizeof *board.v, by_points);
    *out = (struct poll_tally){.answers = board.n};
    for (size_t i = 0; i < board.n && out->counts.n < POLL_SCORES_MAX; i++) {
        const struct member *m = room_member(r, board.v[i].id);
        buf_z(&names, m ? m->name : board.v[i].id);
        buf_z(&names, "\n");
        out->counts.v[out->counts.n++] = (uint32_t)board.v[i].points;
    }
    out->groups = room_dup(buf_view(&names));
    buf_fini(&names);
    smap_fini(&board.by_id);
    mem_free(board.v);
}
