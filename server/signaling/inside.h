/* inside — what the files of the hub share with one another; nobody outside server/signaling includes it.
 *
 *   hub.c      the public face: time, sockets opening and closing, tables, shutdown
 *   session.c  one connection: heartbeat, rates, sending, parting
 *   dispatch.c one decoded message: who handles it
 *   live.c     one room in memory: loading, applying commands, the queue that waits for commits, unloading
 *   cast.c     who is sent what: broadcast, welcome, resume, presence
 *   seat.c     one member's place: joining, taking over, grace, leaving
 *   studio.c   a seat's media: publish, view, gates, tracks
 *   director.c the room's picture and its recorder
 *   whip.c     seats without a socket
 *
 * Nothing of a live room is freed while its functions may be on the stack: it is marked dead and swept at the
 * end of the public call. */
#ifndef INSIDE_H
#define INSIDE_H
#include "media/base/err.h"
#include "media/base/heap.h"
#include "server/http/ticket.h"
#include "server/rooms/program.h"
#include "server/signaling/hub.h"
#include "server/signaling/proto.h"
#include "server/signaling/whip.h"

enum { ADDR_MAX = 63, INVALID_MAX = 50, PICKS_MAX = MEDIA_ROOM_STAGE_MAX, BUSY_RETRY_MS = 3000 };

struct timer {
    struct heap_node node;
    void (*fire)(struct hub *h, struct timer *t);
};

/* hub_command's answer on its way to the next turn. */
struct call {
    struct list link;
    hub_done_fn *done;
    void *ctx;
    int err;
    char text[160];
};

struct hub {
    struct hub_ops ops;
    struct media *media;
    const struct format *formats;
    size_t format_count;
    uint8_t key[TICKET_KEY_BYTES];
    char *ice;
    int64_t now_us, now_ms;
    struct heap timers;
    struct map sessions;   /* conn → session */
    struct smap rooms;     /* id → live */
    struct map rooms_no;   /* media number → live */
    struct map peers;      /* media peer → seat */
    struct smap resources; /* WHIP resource → seat */
    struct smap fresh;     /* address → struct fresh: connections that have not joined */
    struct list dead;      /* lives to sweep */
    struct list gone;      /* sessions to sweep */
    struct list calls;     /* to answer at the next tick */
    uint64_t next_no;
    bool is_stopping; /* nobody is called lost any more, and no op is used by hub_close */
    struct hub_stats stats;
};

enum session_state { SESSION_FRESH, SESSION_LOADING, SESSION_SEATED, SESSION_GONE };
struct session {
    struct list link; /* live->loading, live->sessions or hub->gone */
    struct hub *h;
    uint64_t conn;
    char addr[ADDR_MAX + 1];
    enum session_state state;
    struct live *live; /* LOADING, SEATED */
    struct seat *seat; /* SEATED */
    bool is_ready;     /* the welcome is sent: broadcasts are for this one too */
    bool is_waiting;   /* was told to wait: a full welcome is to follow */
    struct ticket ticket;
    uint64_t since, join_id;
    struct rate_bucket buckets[RATE_COUNT];
    unsigned invalid;
    int64_t heard_us;
    struct timer timer;
};

/* A member's place in a live room. It outlives sockets: grace, media connections. */
struct seat {
    struct list link; /* live->seats */
    struct live *live;
    char id[ROOM_ID_MAX + 1];
    struct session *session; /* NULL: in grace, or there by HTTP only */
    struct timer grace;
    uint64_t peer[2];                        /* by enum media_peer_kind; 0 = none */
    char resource[2][WHIP_RESOURCE_MAX + 1]; /* "" = that peer belongs to the socket */
    uint32_t gate;                           /* sources the media plane lets through */
    struct note *slots; /* what the view was told last, for a socket that comes back; NULL = nothing yet */
};

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

/* A committed event, kept for those who resume. */
struct tail_line {
    uint64_t seq;
    struct note *note;
    enum event_type type;
    bool is_quiet;
    char who[ROOM_ID_MAX + 1];
};

enum live_state { LIVE_LOADING, LIVE_UP, LIVE_DEAD };
struct live {
    struct list dead_link;
    struct hub *h;
    char id[ROOM_ID_MAX + 1];
    uint64_t no; /* in the media plane */
    enum live_state state;
    bool has_room, is_over; /* over: `ended` is committed */
    char title[PROTO_TITLE_MAX + 1];
    bool is_standing;
    struct room room; /* LIVE_UP */
    uint64_t committed;
    struct list loading, sessions, seats; /* session, session, seat */
    struct smap seats_by_id;
    struct list queue;  /* item */
    struct list wanted; /* struct wanted: commands that wait for loading */
    struct list whips;  /* struct whip_wait that wait for loading */
    struct tail_line *tail;
    size_t tail_first, tail_count;
    struct timer idle, presence, program_timer;
    int64_t empty_since_us; /* 0 = somebody is there */
    bool is_big, presence_due;
    /* director */
    struct program program;
    char loudest[ROOM_ID_MAX + 1], shown_program[ROOM_ID_MAX + 1], shown_screen[ROOM_ID_MAX + 1];
    char pick_ids[PICKS_MAX][ROOM_ID_MAX + 1];
    enum media_source pick_sources[PICKS_MAX];
    size_t pick_count;
    bool is_recording;     /* the recorder has been told to run */
    struct note *speaking; /* the last one, for newcomers; NULL = nobody has spoken yet */
    char *slots_text;      /* the last mapping translated, shared by the views that have the same */
    struct note *slots_note;
};
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

/* hub.c */
void timer_set(struct hub *h, struct timer *t, int64_t at_us, void (*fire)(struct hub *, struct timer *));
void hub_sweep(struct hub *h);
void call_answer(struct hub *h, struct call *c, int err, const char *text); /* at the next tick; takes c */
struct live *hub_live(struct hub *h,
                      const char *room); /* loaded, loading, or being loaded from now; NULL: limit */
/* Encode with `b` as scratch, then this: a note of its text; b is finished. */
struct note *note_of(struct buf *b);

/* session.c */
struct session *session_open(struct hub *h, uint64_t conn, struct str addr);
void session_send(struct session *s, struct note *note); /* a full queue parts it; harmless when it is gone */
void session_tell(struct session *s, struct buf *b);     /* the same with a text; finishes b */
void session_error(struct session *s, uint64_t id, int err, const char *text);
void session_bye(struct session *s, const char *reason, int64_t retry_ms); /* says so and parts */
/* Out of every table and list; its seat falls into grace. The memory stays until the sweep. */
void session_part(struct session *s);
void session_settle(struct session *s, enum session_state state); /* no stranger any more, or one again */

/* dispatch.c */
void dispatch_text(struct session *s, struct str text);

/* live.c */
struct live *live_open(struct hub *h, const char *room);
void live_loaded(struct live *l, int err, const struct hub_meta *meta, const struct hub_line *lines,
                 size_t n);
void live_meta(struct live *l, const struct hub_meta *meta);
/* Decide, evolve, journal, queue. 0 or -ERR_x with *why a sentence. */
int live_apply(struct live *l, const struct actor *by, const struct command *cmd, const char **why);
void live_system(struct live *l,
                 const struct command *cmd); /* the same by the server, who need not know why */
struct item *live_queue(struct live *l, enum item_kind kind); /* at the end, for the present seq */
void live_flush(struct live *l);                              /* what is committed goes out */
void live_fail(struct live *l,
               const char *reason); /* everybody out, to come back; not a line more is written */
void live_drop(struct live *l);     /* out of the tables, for the sweep */
void live_free(struct live *l);
void live_refuse_whips(struct live *l, const char *text);
void live_watch(struct live *l); /* somebody came or went: idle deadlines anew */

/* cast.c */
void cast_event(struct live *l, const struct item *it);
void cast_note(struct live *l, struct note *note); /* to everybody ready; drops note */
void cast_welcome(struct live *l, struct session *s, uint64_t since, uint64_t id); /* queues it */
void cast_send_welcome(struct live *l, struct item *it);
void cast_tail(struct live *l, struct note *note, const struct event *e, bool is_quiet); /* holds note */
void cast_presence(struct live *l);

/* seat.c */
struct seat *seat_get(struct live *l, const char *id);
struct seat *seat_make(struct live *l, const char *id);
void seat_free(struct seat *seat);
void seat_enter(struct live *l, struct session *s); /* the ticket is good and the room is loaded */
int seat_join(struct live *l, const struct ticket *t, const char **why); /* the command; no socket */
void seat_lost(struct seat *seat); /* its socket went: grace, unless something else holds it */
void seat_unhold(struct seat *seat,
                 enum reason why); /* its WHIP resource went: leaves if nothing else holds it */
void seat_gone(struct live *l, const struct event *e); /* left, removed, denied: committed */

/* studio.c */
void studio_publish(struct session *s, const struct msg *m);
void studio_view(struct session *s, const struct msg *m);
void studio_restart(struct session *s, const struct msg *m);
void studio_unpublish(struct session *s, const struct msg *m);
void studio_want(struct session *s, const struct msg *m);
void studio_audio_only(struct session *s, const struct msg *m);
int studio_open(struct seat *seat, const struct media_peer_spec *spec, struct buf *answer,
                char sentence[160]);
void studio_close(struct seat *seat, enum media_peer_kind kind);
void studio_sources_off(struct seat *seat); /* the log says what the closed connection means */
void studio_unmute(struct seat *seat);      /* starting anew without a socket is to turn oneself on again */
void studio_gate_all(struct live *l);
void studio_gate(struct seat *seat, bool may_open); /* may_open false: only shuts what must be shut at once */
void studio_on_media(struct hub *h, const struct media_event *e);

/* director.c */
void director_on_event(struct live *l, const struct event *e); /* committed */
void director_update(struct live *l);
void director_record(struct live *l); /* starts or stops the recorder as the room and its people want */
void director_speaking(struct live *l, struct str ids);

/* whip.c */
void whip_enter(struct live *l, struct whip_wait *w);             /* the room is loaded; takes w */
void whip_arrive(struct live *l, struct whip_wait *w);            /* joined and committed; takes w */
void whip_refuse(struct whip_wait *w, int err, const char *text); /* takes w */

#endif
