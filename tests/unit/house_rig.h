/* house_rig — a real data directory in /tmp with a database, four people and a clock that stands still, for
 * tests of store, catalogue and HTTP. */
#ifndef HOUSE_RIG_H
#define HOUSE_RIG_H
#include "server/catalogue/meeting.h"
#include "server/store/datadir.h"

#define HOUSE_NOW_MS 1790000000000LL
#define HOUSE_PASSWORD "korotka-vesna"

enum { HOUSE_ADMIN, HOUSE_STAFF, HOUSE_TEACHER, HOUSE_LEARNER, HOUSE_OTHER, HOUSE_PEOPLE };

struct house {
    char dir[64];
    struct datadir data;
    struct store *store;
    struct arena arena;
    struct user people[HOUSE_PEOPLE]; /* other: a second teacher */
};

void house_open(struct house *h);
void house_close(struct house *h); /* deletes the directory */
/* An event of the teacher's, with the fields of `like` that are set. Its id is in like->id. */
void house_meeting(struct house *h, struct meeting *like);
/* A line of the log, numbered by itself. */
void house_log(struct house *h, const char *id, const char *fields);
/* The event's recording is ready, with this length; writes a small program.m3u8 and lesson files. */
void house_record(struct house *h, const char *id, int64_t duration_ms);
void house_file(struct house *h, const char *id, const char *file, const char *text);

#endif
