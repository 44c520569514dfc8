/* attend — who was there, from when to when: a fold over a room's log. Pure. Thread: owner's.
 * Ownership: rows and intervals are the fold's; attend_fini frees. Limits: ATTEND_ROWS_MAX people,
 * ATTEND_INTERVALS_MAX stays of each are listed (all of them are summed). */
#ifndef ATTEND_H
#define ATTEND_H
#include "media/base/map.h"
#include "server/rooms/event.h"

enum {
    ATTEND_ROWS_MAX = 20000,
    ATTEND_INTERVALS_MAX = 64,
    ATTEND_CURVE_MAX = 240,
    ATTEND_GRACE_MS =
        5 * 60 * 1000 /* this much after the beginning is in time, this much before the end is till it */
};

struct attend_interval {
    int64_t in_ms, out_ms;
};
struct attend_row {
    char id[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1];
    enum role role; /* the highest held */
    int64_t first_in_ms, last_out_ms, total_ms;
    int64_t in_ms; /* of the stay under way; 0 = out */
    bool here;     /* was there when attend_close was called */
    unsigned messages, hands, answers,
        questions; /* written, raised, given to polls under his name (a change counts again) */
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

/* Of a closed fold: */
const struct attend_row *attend_of(const struct attend *a, const char *id); /* NULL: never there */
/* By how much somebody came after `begins`, or went before `ends`; 0 within the grace, or when that is 0
 * (unknown). */
int64_t attend_late_ms(const struct attend_row *row, int64_t begins_ms);
int64_t attend_early_ms(const struct attend_row *row, int64_t ends_ms);
/* How many of the stays listed cover each of n moments, step_ms > 0 apart from from_ms on. */
void attend_curve(const struct attend *a, int64_t from_ms, int64_t step_ms, unsigned *out, size_t n);
/* People become "p1", "p2", … "№ 1", "№ 2", … in order of first arrival: what a report may say of a room
 * whose format keeps counts only. */
void attend_nameless(struct attend *a);

#endif
