#include "server/app/board.h"

#include <pthread.h>

#include "media/base/mem.h"
#include "server/signaling/hub.h"

struct board {
    pthread_mutex_t lock;
    size_t n;
    struct {
        char room[ROOM_ID_MAX + 1];
        int count;
    } rows[HUB_ROOMS_MAX];
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

void board_clear(struct board *b) {
    pthread_mutex_lock(&b->lock);
    b->n = 0;
    pthread_mutex_unlock(&b->lock);
}

void board_put(struct board *b, const char *room, int count) {
    pthread_mutex_lock(&b->lock);
    if (b->n < HUB_ROOMS_MAX && STR_COPY(b->rows[b->n].room, str_of(room)))
        b->rows[b->n++].count = count;
    pthread_mutex_unlock(&b->lock);
}

int board_count(void *board, const char *room) {
    struct board *b = board;
    int count = -1;
    pthread_mutex_lock(&b->lock);
    for (size_t i = 0; i < b->n && count < 0; i++)
        if (!strcmp(b->rows[i].room, room))
            count = b->rows[i].count;
    pthread_mutex_unlock(&b->lock);
    return count;
}
