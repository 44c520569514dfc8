/* captioning — a caption while it is being typed, told to all who are in and kept nowhere: the whole of it,
 * as often as its rate class lets. Thread: control. Owns nothing. Limits: ROOM_LINE_CHARS. */
#ifndef CAPTIONING_H
#define CAPTIONING_H
#include "media/base/str.h"

struct session;
struct msg;
struct live;
struct hub;
void captioning_tell(struct session *s, const struct msg *m);
/* Of a program that hears the room: it has no name. */
void captioning_guess(struct live *l, const char *lang, struct str text);
/* The same for who knows the room by its name (hub.c). */
void hub_captioning(struct hub *h, const char *room, const char *lang, struct str text);

#endif
