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
    ROOM_EVENTS_MAX = 2048, /* one command never causes more */
};

enum field_bit {
#define X(bit, wire, kind, member) FIELD_BIT_##bit,
#include "server/rooms/fields.def"
#undef X
    FIELD_COUNT
};
enum field {
#define X(bit, wire, kind, member) FIELD_##bit = 1 << FIELD_BIT_##bit,
#include "server/rooms/fields.def"
#undef X
};

/* left: by own will; lost: the line broke; gap: the recorder died and came back, something is missing. */
enum reason { REASON_NONE, REASON_LEFT, REASON_LOST, REASON_GAP, REASON_COUNT };
const char *reason_name(enum reason r); /* "" "left" "lost" "gap" */
int reason_of(struct str name);

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
    uint64_t n;
    struct str text; /* borrowed */
};

enum event_type {
#define X(name, wire, fields, optional, audience) EV_##name,
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
    uint64_t n;
    struct str text; /* owned: heap, event_fini frees */
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
bool room_text_ok(struct str text); /* the same for chat; line breaks and tabs are fine */

#endif
