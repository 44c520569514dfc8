/* door — what those who wait in the lobby are told: their place, how many wait, and the host's message; at
 * once when they come, then at most once in DOOR_MS however many are let in. Thread: control. Ownership: the
 * live room's. */
#ifndef DOOR_H
#define DOOR_H
#include "server/signaling/inside.h"

enum { DOOR_MS = 500 };

struct door {
    struct timer timer;
    bool due;
};

struct live;
void door_stop(struct live *l);
void door_happened(struct live *l, const struct event *e); /* a committed event */
void door_changed(struct live *l);                         /* somebody's socket has just begun to wait */

#endif
