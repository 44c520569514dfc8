/* live — one room in memory: loaded from its journal, changed by commands, and a queue of everything that may
 * be told or done only when the journal has committed what it follows from. Thread: control. Ownership: the
 * hub's. Limits: those of struct room; the queue is as long as the disk is behind. */
#ifndef LIVE_H
#define LIVE_H
#include "server/signaling/cast.h"
#include "server/signaling/booths.h"
#include "server/signaling/circles.h"
#include "server/signaling/director.h"
#include "server/signaling/proto.h"
#include "server/signaling/door.h"
#include "server/signaling/laser.h"
#include "server/signaling/tally.h"
#include "server/signaling/whip.h"

enum item_kind { ITEM_EVENT, ITEM_SEND, ITEM_WELCOME, ITEM_CALL, ITEM_WHIP };
/* Something that waits until everything before it, and seq itself, is committed. */
struct item {
    struct list link;
    enum item_kind kind;
    uint64_t seq;
    struct note *note; /* EVENT, SEND; WELCOME: with a snapshot, NULL = resume from since */
    uint64_t conn;     /* SEND, WELCOME */
    uint64_t since, id;
    struct event ev; /* EVENT, without text */
    bool is_quiet;   /* EVENT: about an attendee off stage */
    bool is_entry;   /* WELCOME: into the room, not into the lobby */
    struct call *call;
    struct whip_wait *whip;
};
/* A command of the server, or a WHIP client, that waits for the room to be loaded. */
struct wanted {
    struct list link;
    struct command cmd;
    struct call *call;
};
struct whip_wait {
    struct list link;
    enum media_peer_kind kind;
    struct ticket ticket;
    char *offer;
    size_t offer_n;
    whip_done_fn *done;
    void *ctx;
};

enum live_state { LIVE_LOADING, LIVE_UP, LIVE_DEAD };
struct live {
    struct list dead_link;
    struct hub *h;
    char id[ROOM_ID_MAX + 1];
    uint64_t no; /* in the media plane, and of its loads */
    enum live_state state;
    bool has_room, is_over, is_called_off; /* over: `ended` is committed */
    char title[PROTO_TITLE_MAX + 1];
    bool is_standing;
    struct format rules;                  /* what the room's cfg points to */
    struct room room;                     /* has_room */
    uint64_t committed, imaged;           /* the last line committed; of the last image */
    struct list loading, sessions, seats; /* session, session, seat */
    struct smap seats_by_id;
    struct list queue, wanted, whips; /* item; while loading: wanted, whip_wait */
    size_t queue_n;
    struct tail tail;
    struct proto_cache cache;
    struct director director;
    struct circles circles;
    struct timer idle, presence, lines, stalls, record;
    struct tally tally;
    struct laser laser;
    struct booths booths;
    struct door door;
    int64_t empty_since_us; /* 0 = somebody is there */
    unsigned savers;        /* seats that save data */
    bool is_big, presence_due;
    char *slots_text; /* the last mapping translated, shared by the views that have the same */
    struct note *slots_note;
};

struct live *live_open(struct hub *h, const char *room);
void live_loaded(struct live *l, int err, const struct hub_meta *meta, const struct hub_past *past);
void live_meta(struct live *l, const struct hub_meta *meta);
void live_change(struct live *l,
                 const struct hub_meta *meta); /* and those in it are told what they may now */
/* Decide, evolve, journal, queue. 0 or -ERR_x with *why a sentence (why may be NULL). Flush afterwards. */
int live_apply(struct live *l, const struct actor *by, const struct command *cmd, const char **why);
void live_system(struct live *l, const struct command *cmd);  /* the same by the server, and flushed */
struct item *live_queue(struct live *l, enum item_kind kind); /* at the end, for the present seq */
void live_flush(struct live *l);                              /* what is committed goes out */
void live_fail(struct live *l,
               const char *reason); /* everybody out, to come back; not a line more is written; loaded anew */
void live_drop(struct live *l);     /* out of the tables, for the sweep */
void live_free(struct live *l);
void live_refuse_whips(struct live *l, const char *text);
void live_again_forget(struct hub *h); /* no given-up room is brought back any more */

/* whip.c, each takes w: the room is loaded; joined and committed; no. */
void whip_enter(struct live *l, struct whip_wait *w);
void whip_arrive(struct live *l, struct whip_wait *w);
void whip_refuse(struct whip_wait *w, int err, const char *text);

#endif
