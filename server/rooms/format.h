/* format — what a room lets each role do, as data: webinar, lesson, master class, …
 * (config/formats/<id>.json, and what the staff made of it: server/catalogue/formatbook.h). Pure values.
 * Thread: any; immutable once loaded. */
#ifndef FORMAT_H
#define FORMAT_H
#include "media/base/video.h"

enum {
    FORMAT_ID_MAX = 32,
    FORMAT_NAME_CHARS = 60,
    FORMAT_NAME_MAX = 4 * FORMAT_NAME_CHARS, /* bytes */
    FORMAT_ABOUT_CHARS = 300,
    FORMAT_ABOUT_MAX = 4 * FORMAT_ABOUT_CHARS,
    FORMAT_STAGE_MAX = 100,
    FORMAT_VIDEO_SLOTS_MAX = 12
};

enum role { ROLE_ATTENDEE, ROLE_SPEAKER, ROLE_COHOST, ROLE_HOST, ROLE_COUNT }; /* by rank */

enum can_bit {
#define X(name, wire, meaning) CAN_BIT_##name,
#include "server/rooms/can.def"
#undef X
    CAN_COUNT
};
enum can {
#define X(name, wire, meaning) CAN_##name = 1 << CAN_BIT_##name,
#include "server/rooms/can.def"
#undef X
};

enum record_policy { RECORD_NEVER, RECORD_MANUAL, RECORD_AUTO, RECORD_POLICY_COUNT };

/* How the stage is laid out: who speaks large, all alike, the screen with who speaks beside it, the screen
 * alone, screen and speaker alike; in a room also: as each likes. */
enum layout {
    LAYOUT_SPEAKER,
    LAYOUT_GRID,
    LAYOUT_SLIDES,
    LAYOUT_SCREEN,
    LAYOUT_SIDE,
    LAYOUT_FREE,
    LAYOUT_COUNT
};
/* Where people ask: in the chat, or in the list of questions, which are voted for, answered and set aside; or
 * in that list once who moderates has let the question through. */
enum questions { QUESTIONS_CHAT, QUESTIONS_MODERATED, QUESTIONS_APPROVED, QUESTIONS_COUNT };
/* What stays of a room after its end: its log, or only how many were there and for how long. */
enum keep { KEEP_ALL, KEEP_COUNTS, KEEP_COUNT };

/* Whether people are told who the others are, or who moderates alone knows. */
enum names { NAMES_SHOWN, NAMES_HIDDEN, NAMES_COUNT };

struct format {
    char id[FORMAT_ID_MAX + 1];
    char name_uk[FORMAT_NAME_MAX + 1], name_en[FORMAT_NAME_MAX + 1];
    char about_uk[FORMAT_ABOUT_MAX + 1], about_en[FORMAT_ABOUT_MAX + 1]; /* "" = nothing is said */
    uint32_t can[ROLE_COUNT];                                            /* bits enum can */
    bool lobby; /* whether the lobby is on when a room is created */
    enum record_policy record;
    enum layout layout; /* it opens with */
    enum questions questions;
    enum keep keep;
    enum names names;
    bool tables;            /* people may be seated at tables */
    unsigned stage_max;     /* 1..FORMAT_STAGE_MAX people */
    unsigned video_slots;   /* 1..FORMAT_VIDEO_SLOTS_MAX pictures a view gets at most */
    enum media_video video; /* the first of codecs */
};

const char *role_name(enum role r); /* "attendee" "speaker" "cohost" "host" */
int role_of(struct str name);       /* enum value or -ERR_INVALID */
const char *can_name(enum can_bit b);
int can_of(struct str name);                          /* enum can_bit or -ERR_INVALID */
const char *record_policy_name(enum record_policy p); /* "never" "manual" "auto" */
int record_policy_of(struct str name);
const char *layout_name(enum layout l); /* "speaker" "grid" "slides" "screen" "side" "free" */
int layout_of(struct str name);
const char *questions_name(enum questions q); /* "chat" "moderated" "approved" */
int questions_of(struct str name);
const char *keep_name(enum keep k); /* "all" "counts" */
int keep_of(struct str name);
const char *names_name(enum names n); /* "shown" "hidden" */
int names_of(struct str name);

#endif
