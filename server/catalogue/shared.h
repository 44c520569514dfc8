/* shared — lessons a room may play: who may watch one and leads the room brings it, and for some hours
 * everybody in that room may read its files through it, whatever the lesson's own visibility. Rows of
 * `shared`. Thread: the connection's. Limits: enumerators. */
#ifndef SHARED_H
#define SHARED_H
#include "server/rooms/film.h"
#include "server/store/store.h"

enum {
    SHARED_LIFE_MS = 12 * 3600 * 1000,    /* then it is brought anew */
    SHARED_PER_EVENT_MAX = 2 * CLIPS_MAX, /* those taken out of the room among them */
};

int shared_put(struct store *s, const char *event, const char *lesson, int64_t now_ms); /* -ERR_FULL */
/* 0, or -ERR_MISSING: never, or too long ago. */
int shared_check(struct store *s, const char *event, struct str lesson, int64_t now_ms);

#endif
