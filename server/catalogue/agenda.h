/* agenda — a meeting as an entry of people's calendars, and the addresses both are reached by. Pure; text is
 * the arena's. Thread: any. */
#ifndef AGENDA_H
#define AGENDA_H
#include "server/calendar/ics.h"
#include "server/catalogue/pass.h"

#define AGENDA_DOMAIN "somhub" /* of the uids: stays when the server's name changes */

struct agenda {
    const char *url;  /* of the server, without a slash at the end */
    const char *zone; /* the centre's */
    const char *mail; /* of the organizer; "" = not told */
    int64_t now_ms;   /* for agenda_pass */
};
/* -ERR_FULL when the arena is. `code`: of an invitation or registration, for the link; "" = none. */
int agenda_event(const struct agenda *g, const struct meeting *m, const char *code, struct arena *a,
                 struct ics_event *out);

enum { AGENDA_PASS_MAX = PASS_DATES_MAX + 1 };
/* A pass as one entry that repeats, its uid the series': what takes place of it, moved dates as exceptions of
 * the rule; `m` is any of its dates, for the words that are the same. With `cancel`, what does not take place
 * (any more): those dates, or the whole when there is no other. out of AGENDA_PASS_MAX; the number, or
 * -ERR_FULL. Dates the host gave another rhythm meanwhile are exceptions too. */
int agenda_pass(const struct agenda *g, const struct meeting *m, const struct pass *p, bool cancel,
                struct arena *a, struct ics_event *out);

#endif
