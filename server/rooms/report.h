/* report — a message, or a question, of which somebody says that it does not belong here, until who moderates
 * has looked at it. A value of the room's. Limits: enumerator below. */
#ifndef REPORT_H
#define REPORT_H
#include "media/base/list.h"
#include "server/rooms/event.h"

enum { ROOM_REPORTS_MAX = 100 };

struct room_report {
    struct list link;
    uint64_t n; /* of the message */
    int64_t at_ms;
    char by[ROOM_ID_MAX + 1];                           /* who says so */
    char who[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1]; /* whose it is, "" = it had no name */
    char *text;                                         /* as it was then */
};

#endif
