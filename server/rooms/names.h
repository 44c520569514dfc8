/* names — whether people know who the others are. Where names are hidden, who does not moderate is told of
 * hosts, co-hosts and speakers by name and of nobody else but himself: an attendee is a number to other
 * attendees, the same all the time, in the list not at all. As the format says from the beginning, or by a
 * switch while live. Pure. Owner: the room. */
#ifndef NAMES_H
#define NAMES_H
#include "server/rooms/event.h"

struct room;
struct member;
bool names_hidden(const struct room *r);
/* Who is not told the names of others: NULL when this one is. */
const struct member *names_blind(const struct room *r, const struct member *m);
bool names_known(const struct room *r, const char *id);         /* one whose name nobody hides */
void names_number(const char *id, char out[ROOM_NAME_MAX + 1]); /* what he is called where he is not known */
/* Who does not know a person has him in his list all the same (by his number): he is on stage or at a table.
 */
bool names_listed(const struct room *r, const char *id);
/* Whose name an event of this type has, out of its fields; NULL: nobody's, "": somebody it does not say (r
 * may be NULL: then more of those). The one rule, for the wire and for the lesson. */
const char *names_subject(const struct room *r, const struct event *e);
/* What this one is told that person is called; blind NULL: the name. */
void names_told(const struct room *r, const struct member *blind, const char *id, const char *name,
                char out[ROOM_NAME_MAX + 1]);

#endif
