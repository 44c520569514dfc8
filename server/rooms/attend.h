/* attend — who was there, from when to when: a fold over a room's log. Pure. Thread: owner's.
 * Ownership: rows and intervals are the fold's; attend_fini frees. Limits: ATTEND_ROWS_MAX people,
 * ATTEND_INTERVALS_MAX stays of each are listed (all of them are summed). */
#ifndef ATTEND_H
#define ATTEND_H
#include "media/base/map.h"
#include "server/rooms/event.h"

enum { ATTEND_ROWS_MAX = 20000, ATTEND_INTERVALS_MAX = 64 };

struct attend_interval {
    int64_t in_ms, out_ms;
};
struct attend_row {
    char id[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1];
    enum role role; /* the highest held */
    int64_t first_in_ms, last_out_ms, total_ms;
    int64_t in_ms;            /* of the stay under way; 0 = out */
    unsigned messages, hands; /* written, raised */
    struct attend_interval *v;
    size_t n; /* stays listed */
};
struct attend {
    struct attend_row **rows; /* in order of first arrival */
    size_t n, cap;
    struct smap by_id;
    int64_t last_ms; /* of the last event */
};

void attend_init(struct attend *a);
void attend_fini(struct attend *a);
void attend_event(struct attend *a, const struct event *e); /* in order of seq; total */
/* Closes the stays under way at now_ms (a class that still goes on), or at the last event if that is later.
 */
void attend_close(struct attend *a, int64_t now_ms);

#endif
