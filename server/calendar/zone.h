/* zone — time zones by their IANA names: what a wall clock shows there, and what moment it means. Hides
 * libical and the system's tzdata. A wall time is seconds as if it were UTC. Thread: any (libical's tables
 * are under a lock of this module). Limits: ZONE_NAME_MAX; years 1970 to 2100. */
#ifndef ZONE_H
#define ZONE_H
#include "media/base/str.h"

enum { ZONE_NAME_MAX = 48, ZONE_CHANGES_MAX = 64 };

struct zone_change { /* from this moment on the offset is another */
    int64_t at_s;
    int from_s, to_s; /* seconds east of Greenwich, before and after */
    bool is_dst;      /* after it */
};

bool zone_ok(struct str name); /* known here; "UTC" is */
/* Seconds east of Greenwich at a moment; 0 of an unknown zone. */
int zone_offset_s(const char *name, int64_t at_s, bool *is_dst);
int64_t zone_wall_s(const char *name, int64_t at_s);
/* RFC 5545 3.3.5: a time that is there twice means the first; one that is left out is taken with the offset
 * before the gap. */
int64_t zone_moment_s(const char *name, int64_t wall_s);
/* The change in force at from_s (or a made-up one there, when none is known) and those until to_s; at most
 * ZONE_CHANGES_MAX. */
size_t zone_changes(const char *name, int64_t from_s, int64_t to_s, struct zone_change out[ZONE_CHANGES_MAX]);

/* Civil days since 1970 and back (proleptic Gregorian). */
struct zone_date {
    int year, month, day; /* month and day from 1 */
};
int64_t zone_days(struct zone_date d);
struct zone_date zone_date(int64_t days);

#endif
