/* timer — a countdown everybody sees, as the room holds it. Pure. Ownership: the room's. */
#ifndef TIMER_H
#define TIMER_H
#include "server/rooms/event.h"

/* Who and text may be "". */
struct room_timer {
    bool is_on;
    int64_t at_ms;
    uint64_t seconds;
    char who[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1];
    char *text;
};

#endif
