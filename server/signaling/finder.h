/* finder — looking for something in a room's chat: asked over a socket, read from the log on disk by an api
 * thread, answered to whoever may read it at the moment of the answer. A room that keeps no words is looked
 * through in memory. Thread: control. Limits: one search at a time a connection, its rate class;
 * server/rooms/find.h. */
#ifndef FINDER_H
#define FINDER_H
#include "server/rooms/find.h"
#include "server/signaling/hub.h"

struct hub_finding {
    char room[ROOM_ID_MAX + 1];
    uint64_t conn, id;
    struct find_query query;
};
/* What ops.find was asked for: newest first; borrowed. err: nothing was read. */
void hub_on_found(struct hub *h, const struct hub_finding *f, int err, const struct found *v, size_t n,
                  uint64_t next);

struct session;
struct msg;
void finder_find(struct session *s, const struct msg *m);
void finder_around(struct session *s, const struct msg *m);

#endif
