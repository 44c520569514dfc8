/* alias — who does something without a name, as the log knows him: a word only the holder of the server's key
 * can make of a member's id, another one for each room and each thing in it (server/rooms/room.h, struct
 * actor). Thread: control. */
#ifndef ALIAS_H
#define ALIAS_H
#include "server/signaling/inside.h"

struct live;

/* n: the number of the poll or question it is about. */
void alias_of(const struct live *l, uint64_t n, const char *member, char out[ROOM_ID_MAX + 1]);
void alias_init(struct hub *h); /* once h->key is there */

#endif
