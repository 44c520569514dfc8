/* pass — registration for a whole series: one person, one address, one letter, and a row of `registration`
 * for each date, so capacity, waiting list and approval stay each date's own (signup.h). Thread: the
 * connection's. Limits: PASS_DATES_MAX dates. */
#ifndef PASS_H
#define PASS_H
#include "server/catalogue/series.h"
#include "server/catalogue/signup.h"

enum { PASS_DATES_MAX = RECUR_TIMES_MAX };

struct pass_date {
    int64_t registration;
    char event[MEETING_ID_CHARS + 1];
    const char *title; /* the arena's */
    enum reg_state state;
    int64_t starts_at, slot_at, duration_min, changed_at, capacity;
    bool cancelled, over; /* over: it ended, or its time went by and nobody opened it */
};
struct pass {
    struct series series;
    char code[SIGNUP_CODE_CHARS + 1];
    int64_t sequence; /* of the series as one entry of a calendar: grows with every change of a date */
    struct pass_date v[PASS_DATES_MAX]; /* by the time the series gives them */
    size_t n;
};

/* Who he is and what he answered is in *r, as for signup_add, and the account's pass if he has one: rows for
 * all dates of the series that are to come, are registered for at once and are for him: nobody comes to one
 * he could not register for by itself (but who is invited). His own for single dates become
 * the pass's. *r is that of r->event. -ERR_MISSING: no such date; -ERR_FULL. */
int pass_add(const struct signup_desk *d, const char *series, struct registration *r);
int pass_get(struct store *s, int64_t id, int64_t now_ms, struct arena *a,
             struct pass *out); /* -ERR_MISSING */
/* How many dates this account (0: a guest) would register for now, at this one. */
int pass_open(const struct signup_desk *d, const char *series, const char *event, int64_t user);
/* His dates that are neither over nor called off, from this slot to that (INT64_MAX = all that are), each
 * where its terms allow; he does not give back what he was refused, and is not put back where he gave his
 * place back himself, but with given_back. */
struct pass_part {
    int64_t from_ms, to_ms;
    bool given_back;
};
int pass_set(const struct signup_desk *d, int64_t id, struct pass_part part, enum reg_state to);
int pass_accept(const struct signup_desk *d, int64_t id); /* of what he is invited to */
int pass_remind(struct store *s, int64_t id, bool remind);
bool pass_is_his(const struct pass_date *p); /* it takes place, and he has a place or is invited */

#endif
