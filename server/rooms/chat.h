/* chat — a message as a room remembers it. Pure. Ownership: the room's (chat.c). Limits: those of the rings
 * in room.h, and below. */
#ifndef CHAT_H
#define CHAT_H
#include "server/rooms/event.h"

enum { ROOM_ONCE_KEEP = 64 }; /* deleted ones that are known when they are sent again */

struct room_chat {
    uint64_t seq;
    int64_t at_ms;
    char by[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1];
    char who[ROOM_ID_MAX + 1]; /* private: whom it is for, "" = for the hosts */
    uint64_t re;               /* of the message it answers, 0 = none */
    uint64_t table;            /* private: to those at it, 0 = to none */
    uint64_t once;             /* its author's own number for it, 0 = none */
    bool is_edited;
    char *text;
};
struct room_once {
    char by[ROOM_ID_MAX + 1];
    uint64_t once;
};
struct room_pin {
    uint64_t n; /* 0 = nothing is pinned */
    char name[ROOM_NAME_MAX + 1];
    char *text;
};

#endif
