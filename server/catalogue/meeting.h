/* meeting — what people call an event: planned, then a live room, then a lesson, under one id. (The word
 * `event` is the room log's in this code.) Hides its tables, search index and invitation codes. Thread: the
 * connection's. Limits: enumerators; text is in the arena given. */
#ifndef MEETING_H
#define MEETING_H
#include "server/calendar/zone.h"
#include "server/catalogue/access.h"

enum {
    MEETING_ID_CHARS = 10,
    MEETING_TITLE_CHARS = 200,
    MEETING_TEXT_CHARS = 8000,
    MEETING_MINUTES_MAX = 1440,
    MEETING_CODE_CHARS = 12,
    MEETING_PAGE = 24,
    MEETING_PEOPLE_MAX = 1000
};
enum rec_state { REC_NONE, REC_LIVE, REC_READY, REC_FAILED, REC_STATE_COUNT };

struct meeting {
    char id[MEETING_ID_CHARS + 1];
    const char *title, *description; /* borrowed: the arena's */
    char space[33], format[33];      /* space "" = none */
    int64_t starts_at;               /* 0 = now */
    int64_t duration_min;
    enum record_policy record;
    enum access_join join;
    enum access_watch watch;
    bool lobby, standing;
    enum life life;
    int64_t host;
    char host_name[USER_NAME_MAX + 1];
    char codes[ROLE_HOST][MEETING_CODE_CHARS + 1]; /* by role: attendee, speaker, cohost */
    int64_t created_at, opened_at, ended_at;
    enum rec_state rec;
    int64_t rec_started_at, rec_duration_ms, rec_bytes;
    bool has_poster;
    char zone[ZONE_NAME_MAX + 1];      /* "" = the centre's */
    char series[MEETING_ID_CHARS + 1]; /* "" = happens once */
    int64_t slot_at;                   /* when its series would have it; another starts_at: moved alone */
    int64_t sequence, changed_at;      /* RFC 5545 3.8.7.4: counted by meeting_update */
    int64_t cancelled_at;              /* 0 = it takes place */
    bool has_signup, signup_required;  /* server/catalogue/signup.h */
    int64_t format_n;                  /* the format's change it was opened with; -1 = not opened yet */
    int64_t position_ms;               /* lists for a user: where he stopped; -1 = never watched */
};

/* Fills id and codes. -ERR_CONFLICT for an unknown space or host. */
int meeting_add(struct store *s, struct meeting *m);
/* The same two in the caller's transaction. */
int meeting_add_within(struct store *s, struct meeting *m);
int meeting_update_within(struct store *s, const struct meeting *m);
int meeting_get(struct store *s, struct str id, struct arena *a, struct meeting *out); /* -ERR_MISSING */
int meeting_update(struct store *s, const struct meeting *m); /* the settings, not life and recording */
int meeting_delete(struct store *s, const char *id);
void meeting_new_codes(struct meeting *m);
int meeting_code_role(const struct meeting *m, struct str code); /* enum role or ACCESS_NOBODY */
/* Of people: at most so many characters, none that controls; line breaks and tabs where `lines`. */
bool meeting_chars_ok(struct str s, size_t max_chars, bool lines);
bool meeting_title_ok(struct str title);
bool meeting_text_ok(struct str text);

enum meeting_when { WHEN_LIVE, WHEN_UPCOMING, WHEN_PAST, WHEN_ALL, WHEN_COUNT };
struct meeting_filter {
    enum meeting_when when; /* events */
    bool lessons;           /* only finished recordings the caller may watch; `when` is ignored */
    bool mine;
    struct str space, format;
    struct str typed; /* search words */
    int64_t user;     /* the caller; 0 = nobody */
    enum user_role user_role;
    int64_t page; /* from 0 */
    int64_t now_ms;
};
struct meeting_list {
    struct meeting v[MEETING_PAGE];
    size_t n;
    int64_t total;
};
int meeting_find(struct store *s, const struct meeting_filter *f, struct arena *a, struct meeting_list *out);
/* What begins in [from_ms, to_ms), by time; called-off events too. */
struct meeting_span {
    int64_t from_ms, to_ms;
    struct str space; /* "" = any */
    bool mine;
    int64_t user;
    enum user_role user_role;
};
enum { MEETING_CALENDAR_MAX = 1000, MEETING_BRIEF_CHARS = 500 /* of a description in it */ };
int meeting_calendar(struct store *s, const struct meeting_span *f, struct arena *a, struct meeting *out,
                     size_t max); /* the number, or -ERR_x */
/* Ids of the rooms that are open, for restoring them at start; at most max. The number, or -ERR_x. */
int meeting_open_ids(struct store *s, char (*out)[MEETING_ID_CHARS + 1], size_t max);
/* Its host wants it ended: kept until the room's log says `ended`, whatever happens to the server meanwhile.
 */
int meeting_ask_end(struct store *s, const char *id, int64_t now_ms);
bool meeting_end_asked(struct store *s, const char *id); /* and it is open still */

/* Facts about a caller: `guest` is his member id from a verified cookie ("" = none). */
int meeting_facts(struct store *s, const struct meeting *m, const struct user *u, const char *guest,
                  struct access_facts *out);

#endif
