/* circles — where each person's media is, as the room's tables say: whom he hears and sees, what each table
 * is shown, and when the tables' time is over. Told by the log, after its commit; tells the media plane what
 * changed. Thread: control. */
#ifndef CIRCLES_H
#define CIRCLES_H
#include "server/rooms/tables.h"
#include "server/signaling/inside.h"

struct circles {
    struct timer due;               /* the tables' time */
    uint64_t shown[TABLES_MAX + 1]; /* digest of each table's picture as told; 0 = nothing */
};

struct live;
void circles_begin(struct live *l); /* the room was loaded */
void circles_end(struct live *l);
void circles_happened(struct live *l, const struct event *e); /* committed */
void circles_show(struct live *l);                            /* what is shown may have changed */
/* FNV-1a; never 0. */
uint64_t circles_digest(const struct media_pick *picks, size_t n);

#endif
