/* notes — what people of a room write together: updates of a document that replicates itself (Yjs), which the
 * room keeps, gives to whoever comes, and does not read. Somebody who has all of it may put the whole in the
 * place of the updates up to a number; those after it stay. An update's number is that of its event. Pure.
 * Ownership: the room's. Limits: enumerators below, and ROOM_DATA_MAX for one of them. */
#ifndef NOTES_H
#define NOTES_H
#include "media/base/list.h"
#include "server/rooms/event.h"

enum {
    NOTES_UPDATES_MAX = 512,    /* kept beside the whole */
    NOTES_DATA_MAX = 128 << 10, /* of base64, all together: what a newcomer is told */
};

struct note_update {
    struct list link; /* room->notes.updates, in order */
    uint64_t n;
    char *data; /* base64, heap */
};
struct notes {
    struct list updates;
    size_t count, bytes; /* bytes: of base64, whole and updates */
    uint64_t whole_n,
        whole_at; /* the newest update in it, and the event that brought it; 0 = there is none */
    char *whole;  /* base64, heap, "" = none */
};

#endif
