/* modlog — who kept order in a room: of its log, the lines by which somebody decided over somebody else, with
 * the names and words they are about, which only the room as it was at that moment knows. Pure. Thread:
 * owner's. Ownership: the fold holds a room; modlog_fini frees. */
#ifndef MODLOG_H
#define MODLOG_H
#include "server/rooms/room.h"

struct modlog {
    struct format format; /* of no importance: the room only evolves */
    struct room room;
};
struct modlog_line {
    char by[ROOM_NAME_MAX + 1];                         /* the name of who did it, "" = the server */
    char who[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1]; /* whom it is about, "" = nobody in particular */
    char *text; /* what was deleted, reported, set aside; NULL: nothing. mem_free is the caller's */
};

void modlog_init(struct modlog *m);
void modlog_fini(struct modlog *m);
/* In order of seq. True: the event is one of those, and *out says about it what it does not say itself. */
bool modlog_event(struct modlog *m, const struct event *e, struct modlog_line *out);

#endif
