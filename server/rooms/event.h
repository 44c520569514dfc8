/* event — the two flat values rooms speak in: a command (what somebody asks) and an event (what happened).
 * Their kinds and fields are rows of commands.def, events.def and fields.def; the codec and the documents
 * follow the rows. Pure. An event owns its text; a command borrows it. Limits: enumerators below. */
#ifndef EVENT_H
#define EVENT_H
#include "media/media.h"
#include "server/rooms/format.h"

enum {
    ROOM_ID_MAX = 32,                    /* bytes of a room's or a member's id: [A-Za-z0-9_.-] */
    ROOM_NAME_CHARS = 80,                /* code points of a person's name */
    ROOM_NAME_MAX = 2 * ROOM_NAME_CHARS, /* bytes: two a letter, as in Ukrainian */
    ROOM_TEXT_CHARS = 2000,              /* code points of a chat message */
    ROOM_TEXT_MAX = 4 * ROOM_TEXT_CHARS,
    ROOM_DATA_MAX = 64000, /* characters of base64: 48,000 bytes, and their message is one of 64 KiB */
    ROOM_LINE_CHARS = 200, /* code points of one of several lines: an option, an answer in words */
    ROOM_LINES_MAX = 20,
    ROOM_EVENTS_MAX = 2048, /* one command never causes more */
};

enum field_bit {
#define X(bit, wire, kind, member) FIELD_BIT_##bit,
#include "server/rooms/fields.def"
#undef X
    FIELD_COUNT
};
enum field { /* sets of them are uint64_t */
#define X(bit, wire, kind, member) FIELD_##bit = 1LL << FIELD_BIT_##bit,
#include "server/rooms/fields.def"
#undef X
};

/* left: by own will; lost: the line broke; gap: the recorder died and came back, something is missing;
 * cancelled: the event was called off; failed: nothing can be written now, it is being tried again. */
enum reason {
    REASON_NONE,
    REASON_LEFT,
    REASON_LOST,
    REASON_GAP,
    REASON_CANCELLED,
    REASON_FAILED,
    REASON_COUNT
};
const char *reason_name(enum reason r); /* "" "left" "lost" "gap" "cancelled" "failed" */
int reason_of(struct str name);

/* How a poll is answered: one option, several, in words, a step of a scale, options in order of preference.
 */
enum poll_kind { POLL_SINGLE, POLL_MULTIPLE, POLL_WORDS, POLL_SCALE, POLL_RANK, POLL_KIND_COUNT };
const char *poll_kind_name(enum poll_kind k); /* "single" "multiple" "words" "scale" "rank" */
int poll_kind_of(struct str name);

/* Of a question: being answered aloud, answered, set aside. */
enum ask_state { ASK_OPEN, ASK_LIVE, ASK_ANSWERED, ASK_DISMISSED, ASK_STATE_COUNT };
const char *ask_state_name(enum ask_state s); /* "open" "live" "answered" "dismissed" */
int ask_state_of(struct str name);

/* Small numbers in order: [2,0,1]. */
struct numbers {
    unsigned n;
    uint32_t v[ROOM_LINES_MAX];
};

enum command_type {
#define X(name, wire, required, optional, can, rate) CMD_##name,
#include "server/rooms/commands.def"
#undef X
    CMD_COUNT
};
struct command {
    enum command_type type;
    char who[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1];
    enum role role;
    enum media_source source;
    enum reason reason;
    bool on;
    uint64_t n, amount, size;
    enum poll_kind kind;
    enum ask_state ask;
    enum layout layout;
    struct numbers numbers;
    uint32_t set;          /* bits */
    struct str text, list; /* borrowed; list: lines, each ended by '\n' */
};

enum event_type {
#define X(name, wire, fields, optional, audience, lesson) EV_##name,
#include "server/rooms/events.def"
#undef X
    EV_COUNT
};
struct event {
    uint64_t seq; /* 1, 2, … within the room */
    int64_t at_ms;
    enum event_type type;
    char by[ROOM_ID_MAX + 1]; /* member, "" = the server */
    char who[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1];
    enum role role;
    enum media_source source;
    enum reason reason;
    bool on;
    uint64_t n, amount, size;
    enum poll_kind kind;
    enum ask_state ask;
    enum layout layout;
    struct numbers numbers;
    uint32_t set;          /* bits */
    struct str text, list; /* owned: heap, event_fini frees; list: lines, each ended by '\n' */
};
void event_fini(struct event *e);

/* What one command causes, in order; `why` is an English sentence when it was refused. */
struct events {
    struct event *v;
    size_t n, cap;
    const char *why; /* static text */
};
void events_init(struct events *es);
void events_fini(struct events *es);
/* The new last event, zeroed, or NULL past ROOM_EVENTS_MAX. */
struct event *events_add(struct events *es);

bool room_id_ok(struct str id); /* 1..ROOM_ID_MAX of [A-Za-z0-9_.-] */
bool room_name_ok(
    struct str name); /* 1..ROOM_NAME_CHARS characters with something to see, no control characters */
bool room_text_ok(struct str text);   /* the same for chat; line breaks and tabs are fine */
bool room_line_ok(struct str line);   /* 1..ROOM_LINE_CHARS like a name */
bool room_lines_ok(struct str list);  /* at most ROOM_LINES_MAX of them, each ended */
bool room_data_ok(struct str data);   /* 1..ROOM_DATA_MAX of base64 (RFC 4648, 4), padded */
size_t room_chars(struct str text);   /* code points */
struct str room_dup(struct str text); /* on the heap, for an event's text or list */

#endif
