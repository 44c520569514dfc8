/* veil — an event's text for who is not told the names of others (server/rooms/names.h). Thread: control. */
#ifndef VEIL_H
#define VEIL_H
#include "server/signaling/cast.h"

struct seat;
struct veiled { /* of one line */
    struct note *note;
    bool is_made;
};
bool veil_is_on(const struct live *l, const struct seat *seat);
/* What of `t` this seat may be told: its own note, or one with numbers for names, made once into *made; NULL:
 * nothing, for nobody can say what is in it. Borrowed. */
struct note *veil_note(const struct live *l, const struct seat *seat, const struct tail_line *t,
                       struct veiled *made);
void veil_drop(struct veiled *made);
/* Names begin or end to be hidden: what is kept for later is made anew, who may know all is told it. */
void veil_turned(struct live *l);
/* This member may have become somebody else to the others, and they to him. */
void veil_role(struct live *l, const struct event *e);
/* Before it is open a room follows its format in this, too; what somebody has said in the room itself holds
 * until the format is changed. */
void veil_as_format(struct live *l, bool is_changed);

#endif
