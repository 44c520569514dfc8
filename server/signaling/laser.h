/* laser — where somebody points on a page just now, told to all who are in and kept nowhere: no line of the
 * log, nothing to resume from, nothing in the lesson. The newest place of each hand goes out at once, and
 * then ten times a second at most, however often it moves. Thread: control. Ownership: the room's (struct
 * live). Limits: enumerators below; a hand too many is not told of. */
#ifndef LASER_H
#define LASER_H
#include "server/signaling/inside.h"

enum {
    LASER_EVERY_MS = 100,
    LASER_HANDS_MAX = 8,  /* that move within LASER_EVERY_MS */
    LASER_DOT_CHARS = 16, /* of a mark of one point */
};

struct laser_hand {
    char who[ROOM_ID_MAX + 1];
    uint64_t n, page;
    char dot[LASER_DOT_CHARS + 1]; /* "" = put away */
};
struct laser {
    struct timer timer;
    struct laser_hand hands[LASER_HANDS_MAX]; /* not told yet */
    unsigned count;
};

struct live;
struct session;
struct msg;
void laser_point(struct session *s, const struct msg *m);
void laser_stop(struct live *l); /* no timer of it is set any more */

#endif
