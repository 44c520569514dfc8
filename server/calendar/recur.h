/* recur — the repetition of a series: the part of RFC 5545's RRULE a timetable needs, read strictly, and the
 * days it gives. Hides libical's iterator; nothing but what was understood here is handed to it. Pure.
 * Thread: any. Takes FREQ=DAILY|WEEKLY|MONTHLY|YEARLY, INTERVAL 1..RECUR_INTERVAL_MAX,
 * COUNT 1..RECUR_TIMES_MAX or UNTIL (a date; of a date and time the date counts), BYDAY (with an ordinal when
 * MONTHLY), BYMONTHDAY (MONTHLY), WKST. A series has at most RECUR_TIMES_MAX times within RECUR_DAYS_MAX
 * days, whatever its rule says. */
#ifndef RECUR_H
#define RECUR_H
#include "server/calendar/zone.h"

enum {
    RECUR_TEXT_MAX = 160,
    RECUR_TIMES_MAX = 200,
    RECUR_DAYS_MAX = 731,
    RECUR_INTERVAL_MAX = 52,
    RECUR_BY_MAX = 14
};
enum recur_freq { RECUR_DAILY, RECUR_WEEKLY, RECUR_MONTHLY, RECUR_YEARLY, RECUR_FREQ_COUNT };

struct recur {
    enum recur_freq freq;
    int interval, count;    /* count 0: none */
    struct zone_date until; /* year 0: none */
    struct recur_day {
        int day, nth; /* 0 = Monday; nth 0: every, -1: the last */
    } days[RECUR_BY_MAX];
    int n_days, month_day; /* month_day 0: none; -1: the last */
    int week_start;
};

int recur_parse(struct recur *out, struct str text); /* -ERR_INVALID */
/* The rule in one spelling; dst of RECUR_TEXT_MAX + 1. */
void recur_write(const struct recur *r, char dst[RECUR_TEXT_MAX + 1]);
/* The moments (Unix seconds) of a series whose first wall time is that of start_s in `zone`; max at most, and
 * RECUR_TIMES_MAX. The number; 0 when the rule never holds. */
size_t recur_times(const struct recur *r, const char *zone, int64_t start_s, int64_t *out, size_t max);

#endif
