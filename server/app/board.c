#include "server/app/board.h"

#include <pthread.h>

#include "media/base/mem.h"
#include "server/signaling/hub.h"

struct table {
    size_t n;
    struct {
        char room[ROOM_ID_MAX + 1];
        struct api_live live;
    } rows[HUB_ROOMS_MAX];
};
struct board {
    pthread_mutex_t lock; /* guards shown: readers never see a half */
    struct table shown, next;
};

int board_open(struct board **out) {
    *out = mem_zalloc(sizeof **out);
    pthread_mutex_init(&(*out)->lock, NULL);
    return 0;
}

void board_close(struct board *b) {
    if (b)
        pthread_mutex_destroy(&b->lock);
    mem_free(b);
}

void board_put(struct board *b, const char *room, struct api_live live) {
    struct table *t = &b->next;
    if (t->n < HUB_ROOMS_MAX && STR_COPY(t->rows[t->n].room, str_of(room)))
        t->rows[t->n++].live = live;
}

void board_show(struct board *b) {
    pthread_mutex_lock(&b->lock);
    b->shown.n = b->next.n;
    memcpy(b->shown.rows, b->next.rows, b->next.n * sizeof b->next.rows[0]);
    pthread_mutex_unlock(&b->lock);
    b->next.n = 0;
}

bool board_live(void *board, const char *room, struct api_live *out) {
    struct board *b = board;
    const struct table *t = &b->shown;
    bool found = false;
    pthread_mutex_lock(&b->lock);
    for (size_t i = 0; i < t->n && !found; i++) {
        found = !strcmp(t->rows[i].room, room);
        if (found)
            *out = t->rows[i].live;
    }
    pthread_mutex_unlock(&b->lock);
    return found;
}
