/* agenda — a meeting as an entry of people's calendars, and the addresses both are reached by. Pure; text is
 * the arena's. Thread: any. */
#ifndef AGENDA_H
#define AGENDA_H
#include "server/calendar/ics.h"
#include "server/catalogue/meeting.h"

#define AGENDA_DOMAIN "somhub" /* of the uids: stays when the server's name changes */

struct agenda {
    const char *url;  /* of the server, without a slash at the end */
    const char *zone; /* the centre's */
    const char *mail; /* of the organizer; "" = not told */
};
/* -ERR_FULL when the arena is. `code`: of an invitation or registration, for the link; "" = none. */
int agenda_event(const struct agenda *g, const struct meeting *m, const char *code, struct arena *a,
                 struct ics_event *out);

#endif
