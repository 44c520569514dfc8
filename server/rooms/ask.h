/* ask — questions from the room: asked with a name or without, voted for, answered in words or live, set
 * aside, merged. Where the format or who moderates wants it, a question is seen by those who moderate and by
 * who asked it alone, until they let it through. A question's number is that of the event that asked it; what
 * is asked without a name is by an alias (struct actor). Votes are in the log one by one, told in sum only.
 * Pure. Ownership: the room's. Limits: enumerators below. */
#ifndef ASK_H
#define ASK_H
#include "media/base/list.h"
#include "media/base/map.h"
#include "server/rooms/event.h"

enum {
    ASKS_MAX = 500,
    ASK_CHARS = 500, /* code points */
    ASK_VOTES_KEPT = 40000,
};

struct vote {
    struct list link; /* question->votes */
    char by[ROOM_ID_MAX + 1];
};
struct question {
    struct list link; /* room->asks, in order */
    uint64_t n;
    int64_t at_ms;
    char by[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1]; /* name "": without one */
    enum ask_state state;
    bool is_unseen;      /* never let through: open it waits, dismissed it was turned down */
    char *text, *answer; /* heap; answer "" : none in words */
    struct list votes;
    struct smap by_voter; /* struct vote */
    size_t vote_count;
};

struct room;
const struct question *ask_find(const struct room *r, uint64_t n); /* or NULL */
bool asks_wait(const struct room *r);

#endif
