/* people — who is named for an event beforehand, and with which role. Thread: the connection's. */
#ifndef PEOPLE_H
#define PEOPLE_H
#include "server/catalogue/meeting.h"

struct person {
    struct user user;
    enum role role;
    bool came;
};

/* Adds, or changes the role of one already named. -ERR_FULL past MEETING_PEOPLE_MAX. */
int people_put(struct store *s, const char *meeting, int64_t user, enum role role);
int people_drop(struct store *s, const char *meeting, int64_t user); /* -ERR_MISSING */
/* By name; max at most. The number, or -ERR_x. */
int people_list(struct store *s, const char *meeting, struct person *out, size_t max);

#endif
