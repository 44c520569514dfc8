/* series — meetings that repeat: each time is a meeting of its own (own room, own lesson, own registrations)
 * that knows its series. Thread: the connection's. Limits: those of server/calendar/recur.h; a series is laid
 * out in full when it is made. */
#ifndef SERIES_H
#define SERIES_H
#include "server/calendar/recur.h"
#include "server/catalogue/signup.h"

struct series {
    char id[MEETING_ID_CHARS + 1];
    char rule[RECUR_TEXT_MAX + 1], zone[ZONE_NAME_MAX + 1];
};
struct series_ids {
    char v[RECUR_TIMES_MAX][MEETING_ID_CHARS + 1];
    size_t n;
};

/* One meeting like `like` at each of the n moments (seconds), in one transaction; ids of sr and of the first
 * one, which `like` becomes, are filled. */
int series_add(struct store *s, struct series *sr, struct meeting *like, const int64_t *at_s, size_t n);
int series_get(struct store *s, const char *id, struct series *out); /* -ERR_MISSING */
/* What is to come of it from now_ms on, from the slot given on: planned, not called off. */
int series_rest(struct store *s, const char *id, int64_t slot_ms, int64_t now_ms, struct series_ids *out);
/* All or none of them, and with them a letter of this kind (NULL: none) to whoever is registered. */
int series_update(const struct signup_desk *d, const struct meeting *v, size_t n, const char *kind);
/* Pure: where a meeting at at_s goes when another of its series goes from old_s to new_s: as many days on, at
 * the new one's time of day, by the wall clock of the zone. */
int64_t series_shift_s(const char *zone, int64_t at_s, int64_t old_s, int64_t new_s);

#endif
