/* ics — iCalendar text (RFC 5545): one calendar with events and the zones they need. Hides folding, escaping
 * and VTIMEZONE. Pure but for the zones' tables. Thread: any. Limits: ICS_ZONES_MAX zones a calendar, further
 * ones are written in UTC; what the buffer holds. Text may be anything: control characters are left out. */
#ifndef ICS_H
#define ICS_H
#include "media/base/buf.h"

enum { ICS_ZONES_MAX = 16, ICS_LINE_BYTES = 75 };
enum ics_method { ICS_PUBLISH, ICS_REQUEST, ICS_CANCEL };

struct ics_event {
    const char *uid; /* the part before the @ */
    const char *title, *text, *url, *zone;
    int64_t starts_ms, ends_ms, stamp_ms; /* stamp: when it was changed last */
    int64_t sequence;
    bool cancelled;
    /* Of an entry that repeats: its rule (NULL: none), the moments of it that are none, the last one's end.
     * Of one of its times that differs (the same uid): which moment of the rule it stands for; 0: for itself.
     */
    const char *rule;
    const int64_t *except_ms;
    size_t n_except;
    int64_t last_ms, instance_ms;
    const char *organizer, *organizer_mail; /* mail "": none is told */
    const char *attendee, *attendee_mail;   /* NULL: nobody in particular */
};
struct ics {
    struct buf *out; /* borrowed */
    enum ics_method method;
    const struct ics_event *events;
    size_t n;
    const char *name;   /* of a calendar to subscribe to; NULL: none */
    const char *domain; /* of the uids */
};

void ics_write(const struct ics *c);
/* One content line, folded (3.1): what stands before the colon, and the value escaped (3.3.11) or as it is.
 */
void ics_line(struct buf *out, const char *head, struct str value, bool is_text);

#endif
