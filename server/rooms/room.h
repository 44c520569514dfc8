/* room — a live session as a log: a command is *decided* against the state into events or an error, and each
 * event is *evolved* into the state. Nothing else changes a room. It knows no I/O, JSON, SQL, clock or
 * connection.
 *
 * Thread: owner's (control). Ownership: struct room owns its members and chat; room_fini frees. Members are
 * stable in memory until forgotten by an event; borrow them for the call only. Limits: enumerators below;
 * whatever is over one is refused with -ERR_FULL (decide) or ignored (evolve). */
#ifndef ROOM_H
#define ROOM_H
#include "media/base/buf.h"
#include "media/base/list.h"
#include "media/base/map.h"
#include "server/rooms/ask.h"
#include "server/rooms/captions.h"
#include "server/rooms/channels.h"
#include "server/rooms/chat.h"
#include "server/rooms/event.h"
#include "server/rooms/film.h"
#include "server/rooms/ink.h"
#include "server/rooms/names.h"
#include "server/rooms/notes.h"
#include "server/rooms/poll.h"
#include "server/rooms/report.h"
#include "server/rooms/slides.h"
#include "server/rooms/tables.h"
#include "server/rooms/timer.h"

enum {
    ROOM_MEMBERS_MAX = 5000, /* present */
    ROOM_ABSENT_MAX = 5000,  /* remembered after leaving: role, no second lobby, let in when locked */
    ROOM_WAITING_MAX = 500,
    ROOM_BANNED_MAX = 500,
    ROOM_HANDS_MAX = 500,
    LOBBY_TEXT_CHARS = 500,
    ROOM_REACTIONS = 6, /* kinds of them; the page says which */
    ROOM_SLOW_MAX_S = 3600,
    ROOM_DIRECT_KEEP = 400, /* the same of private ones, all together */
    ROOM_CHAT_KEEP = 200,   /* messages in memory; all of them are in the log */
};

enum life { LIFE_SCHEDULED, LIFE_OPEN, LIFE_ENDED, LIFE_COUNT };
const char *life_name(enum life l); /* "scheduled" "open" "ended" */

enum member_state { MEMBER_PRESENT, MEMBER_WAITING, MEMBER_ABSENT, MEMBER_BANNED, MEMBER_STATE_COUNT };

struct member {
    struct list link; /* room->members[state], in order of arrival there */
    struct list stage_link, hand_link;
    char id[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1];
    enum member_state state;
    enum role role;
    bool granted; /* the role was given in the room: a ticket does not change it back */
    bool staged, invited;
    uint32_t sources, muted; /* bit per enum media_source: sent now; muted by a moderator */
    uint64_t hand_seq;       /* of the event that raised it; 0 = down */
    int64_t joined_ms;
    unsigned table;              /* where his seat is, 0 = nowhere (tables.h) */
    bool table_out, table_voice; /* stepped out to the plenary; speaks to all tables */
    bool is_captioner;           /* writes captions, whatever his role */
    struct interprets interprets;
};

/* What a room is, apart from what happened in it. */
struct room_cfg {
    const struct format *format; /* borrowed: outlives the room */
    enum record_policy record;   /* the event's own choice, e.g. never in a format that could */
    bool lobby;                  /* on from the start */
    unsigned members_max;        /* 0 = ROOM_MEMBERS_MAX */
};

struct room {
    struct room_cfg cfg; /* read by decide only: replay does not depend on it */
    uint64_t seq;        /* of the last event evolved */
    enum life life;
    bool lobby, locked, recording, recorded; /* recorded: recording was on at least once */
    bool recording_fails;                    /* it is on, and nothing can be written just now */
    int64_t opened_ms, ended_ms, recording_ms;
    char spotlight[ROOM_ID_MAX + 1]; /* "" = follow who speaks */
    struct smap by_id;               /* struct member */
    struct list members[MEMBER_STATE_COUNT];
    size_t count[MEMBER_STATE_COUNT];
    struct list stage, hands; /* in order */
    size_t stage_count, hand_count;
    struct room_chat *chat, *direct; /* rings of ROOM_CHAT_KEEP and ROOM_DIRECT_KEEP */
    size_t chat_first, chat_count, direct_first, direct_count, gone_count;
    struct room_once gone[ROOM_ONCE_KEEP]; /* the oldest first */
    struct room_pin pin;
    bool chat_hosts_only, names_hidden,
        names_by_hand;    /* names.h; by hand: somebody has said so in the room */
    uint64_t chat_slow_s; /* between two messages of one person who does not moderate; 0 = none */
    struct list polls;    /* struct poll */
    size_t poll_count, answers_kept;
    struct list asks; /* struct question */
    size_t ask_count, votes_kept;
    bool ask_rule_given, ask_rule; /* asks_wait: not given, as the format says */
    struct room_timer timer;
    enum layout layout;    /* for all; LAYOUT_FREE: each begins with the format's and takes what he likes */
    bool cameras_to_hosts; /* attendees' cameras are shown to who moderates only */
    char *lobby_text;      /* what who waits is told, "" = nothing */
    struct slides slides;
    struct ink ink;
    struct tables tables;
    uint32_t off[ROLE_COUNT]; /* permissions who moderates has taken from a role for now */
    struct list reports;      /* struct room_report, the oldest first */
    size_t report_count;
    struct notes notes;
    struct captions captions;
    struct channels channels;
    struct film film;
};

/* Who asks. The server itself may do everything. A member's role is the room's knowledge, never his word.
 * What is done without a name is done by the alias: it stands in the log where the id would, begins with '.'
 * (no id does), is another one for each thing (command.n, or the next seq) so that two cannot be put
 * together, and only who holds the server's key can tell whose it is. */
struct actor {
    bool is_system;
    const char *id;    /* borrowed */
    const char *alias; /* borrowed, or NULL: nothing without a name */
};
#define ACTOR_SYSTEM ((struct actor){true, "", NULL})

void room_init(struct room *r, const struct room_cfg *cfg);
void room_fini(struct room *r);

/* Pure: the events `cmd` causes, numbered from r->seq + 1, appended to *out (events_init before). 0 with no
 * events: it is so already. -ERR_x with out->why when refused: DENIED (role), CONFLICT (state), MISSING
 * (whom?), FULL, INVALID, EXPIRED (the room has ended). */
int room_decide(const struct room *r, const struct actor *a, const struct command *cmd, int64_t now_ms,
                struct events *out);
/* Total: any event in any state; what makes no sense changes nothing but seq. */
void room_evolve(struct room *r, const struct event *e);

const struct member *room_member(const struct room *r, const char *id);  /* in any state, or NULL */
const struct member *room_present(const struct room *r, const char *id); /* or NULL */
uint32_t room_can(const struct room *r, const struct member *m);         /* bits enum can, this moment */
uint32_t room_role_can(const struct room *r, enum role role);
/* Bit per media source: what the role may ever publish; and what this member may send this moment. */
uint32_t room_may_publish(const struct room *r, const struct member *m);
uint32_t room_may_send(const struct room *r, const struct member *m);
bool room_may_view(const struct room *r, const struct member *m);     /* attendees: not before it is opened */
size_t room_place(const struct room *r, const struct member *m);      /* in the lobby's queue from 1, or 0 */
const struct room_chat *room_chat_at(const struct room *r, size_t i); /* 0 = oldest kept */
const struct room_chat *room_direct_at(const struct room *r, size_t i);
void room_dump(const struct room *r, struct buf *b); /* as text: equal states give equal text */

#endif
