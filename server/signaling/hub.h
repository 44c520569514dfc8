/* hub — every live room and every signalling session: text in, text out. It decodes, checks rates and roles,
 * lets rooms decide, has their events journalled, and tells people, media and recorder only after the commit
 * (muting and removing act on media at once). It knows no socket, SQL or child: the outside is struct
 * hub_ops.
 *
 * Thread: control, all of it. Time: hub_clock() once per loop turn, before anything else; nothing here reads
 * a clock. Re-entrance: an op must not call back into the hub before it returns (answers come from a later
 * loop turn). Ownership: the hub owns sessions, rooms, notes in its queues; ops borrow what they are given
 * for the call, except a note, which they may keep with note_hold. Limits: enumerators below. */
#ifndef HUB_H
#define HUB_H
#include "media/media.h"
#include "server/rooms/event.h"
#include "server/rooms/format.h"
#include "server/rooms/room.h"
#include "server/signaling/note.h"
#include "server/signaling/turn.h"

enum {
    HUB_SESSIONS_MAX = 20000,
    HUB_ROOMS_MAX = 1000,
    HUB_VOID_USERS_MAX = 4096,
    HUB_FRESH_PER_ADDR_MAX = 64,   /* connections of one address that have not joined yet */
    HUB_MESSAGE_MAX_BYTES = 65536, /* one frame from a client */
    HUB_TAIL_MAX = 1024,           /* events a room keeps for `since` */
    HUB_IMAGE_LINES = 4096,        /* of a room's log between two images */
    HUB_IMAGE_BYTES = 12 << 20,
    HUB_ROSTER_MAX = 150,     /* more people than this make a room big */
    HUB_QUEUE_MAX = 20000,    /* events and answers of a room that wait for the disk */
    HUB_JOIN_S = 10,          /* to present a ticket */
    HUB_PING_S = 15,          /* what clients are told */
    HUB_SILENCE_S = 45,       /* then the socket is given up */
    HUB_GRACE_S = 15,         /* between a lost socket and `left` */
    HUB_RESTORE_GRACE_S = 30, /* the same after the server was restarted */
    HUB_UNLOAD_S = 60,        /* an empty room that is not open leaves memory */
    HUB_RECORD_IDLE_S = 60,   /* an empty room's recording pauses */
    HUB_RECORD_RETRY_S = 10,  /* while too many rooms are recorded */
    HUB_ABANDON_S = 2 * 3600, /* an open room empty for so long is ended */
};

/* What the database knows about a room; given when it is loaded, and again when it is edited. */
struct hub_meta {
    struct str title;  /* ≤ 200 bytes are shown */
    struct str format; /* id of a format; an unknown one reads as the first of the formats given at open */
    const struct format *rules; /* what it says, copied; NULL: as given at open */
    enum record_policy record;  /* ≤ what the format allows */
    bool lobby;
    bool standing;        /* opens by itself when the first person joins (rooms made on the command line) */
    unsigned members_max; /* 0 = ROOM_MEMBERS_MAX */
};
/* One line of a room's journal. */
struct hub_line {
    uint64_t seq;
    int64_t at_ms;
    struct str json; /* as given to ops.journal */
};
/* Where a room is restored from: an image of it, as given to ops.image, and every line since. */
struct hub_past {
    struct hub_line image; /* seq 0: there is none */
    const struct hub_line *lines;
    size_t n;
};

struct hub_finding;
struct hub_ops {
    void *ctx;
    /* 0, or -ERR_FULL when the connection's outgoing queue is at its limit: the hub closes it ("slow"). */
    int (*send)(void *ctx, uint64_t conn, struct note *note);
    /* What is queued, then `bye`, for which there is always a place, then the close frame whose code goes by
     * the reason (proto_close_code). The hub has forgotten the connection already. */
    void (*close)(void *ctx, uint64_t conn, struct note *bye, const char *reason);
    /* Asynchronous: hub_on_committed(room, load, seq) follows for this or a later seq, or
     * hub_on_journal_failed(room, load); `load` tells this time in memory from others. Every line follows the
     * one before it. */
    void (*journal)(void *ctx, const char *room, uint64_t load, const struct hub_line *line);
    /* Every HUB_IMAGE_LINES or so: what the lines up to line->seq, given before, have come to. To be kept so
     * long that the last HUB_TAIL_MAX lines are always given with it or after it. */
    void (*image)(void *ctx, const char *room, uint64_t load, const struct hub_line *line);
    void (*load_room)(void *ctx, const char *room);       /* asynchronous: hub_on_room_loaded follows */
    void (*find)(void *ctx, const struct hub_finding *f); /* asynchronous: hub_on_found (finder.h) follows */
    void (*room_life)(void *ctx, const char *room, enum life life, int64_t at_ms); /* after commit */
    /* The recorder. media_room is the room's number in the media plane. Start may repeat; an error: no place,
     * it is asked again. Stop with final: over for good. Program and screen: a member's id, "" = none. */
    int (*record_start)(void *ctx, const char *room, uint64_t media_room);
    void (*record_stop)(void *ctx, const char *room, bool final);
    void (*record_program)(void *ctx, const char *room, const char *member);
    void (*record_channels)(void *ctx, const char *room, const struct channels *channels);
    void (*record_screen)(void *ctx, const char *room, const char *member, enum media_source source);
};

struct hub;
struct hub_cfg {
    struct hub_ops ops;
    struct media *media;          /* borrowed; NULL: media requests answer busy */
    const struct format *formats; /* borrowed, at least one */
    size_t format_count;
    struct bytes ticket_key; /* copied */
    struct turn turn;        /* the relay clients are told of; its texts outlive the hub */
};
int hub_open(struct hub **out, const struct hub_cfg *cfg);
void hub_close(struct hub *h);

/* ---- time ---- */
void hub_clock(struct hub *h, int64_t now_us, int64_t now_ms); /* monotonic, Unix */
void hub_tick(struct hub *h);                                  /* runs what is due */
int64_t hub_next_us(const struct hub *h);                      /* INT64_MAX when nothing waits */

/* ---- sockets (subprotocol somhub.v1) ---- */
/* `conn` is the caller's number, never reused. False: refuse the connection (limits). */
bool hub_on_open(struct hub *h, uint64_t conn, struct str peer_addr);
void hub_on_message(struct hub *h, uint64_t conn, struct str text);
void hub_on_close(struct hub *h, uint64_t conn); /* unknown conn is fine */

/* ---- answers to ops ---- */
void hub_on_committed(struct hub *h, const char *room, uint64_t load, uint64_t seq);
void hub_on_journal_failed(struct hub *h, const char *room, uint64_t load); /* 0: the present one */
/* err 0 with meta and the room's past in order, or -ERR_MISSING / -ERR_IO. */
void hub_on_room_loaded(struct hub *h, const char *room, int err, const struct hub_meta *meta,
                        const struct hub_past *past);
void hub_on_media(struct hub *h, const struct media_event *e);
/* REASON_GAP: it died, comes back. REASON_FAILED: it cannot write, tries again. REASON_NONE: it writes. */
void hub_on_recorder(struct hub *h, const char *room, enum reason word);

/* ---- asked by the rest of the server ---- */
/* Bring a room into memory, e.g. every open one at start: those who were in it have HUB_RESTORE_GRACE_S. */
void hub_restore(struct hub *h, const char *room);
void hub_meta_changed(struct hub *h, const char *room, const struct hub_meta *meta); /* no-op unless live */
/* A format was changed: `each` is called for every room of it in memory that is not open yet. */
void hub_each_unopened(struct hub *h, struct str format, void (*each)(void *ctx, const char *room),
                       void *ctx);
/* An account is blocked or given another password: it is out of every room, and its tickets minted until then
 * (Unix seconds) are void. The last HUB_VOID_USERS_MAX such accounts are remembered; at start the caller
 * tells them again. */
void hub_user_gone(struct hub *h, int64_t user, int64_t until_s);
/* A command of the server itself; loads the room if need be. done once, after commit or refusal (text: a
 * sentence for the person); never before this returns. */
typedef void hub_done_fn(void *ctx, int err, const char *text);
void hub_command(struct hub *h, const char *room, const struct command *cmd, hub_done_fn *done, void *ctx);
struct hub_brief {
    enum life life;
    size_t present;
    bool recording; /* this moment: not while it pauses */
};
bool hub_room_brief(const struct hub *h, const char *room, struct hub_brief *out); /* false: not in memory */
/* The media peer of this member's connection, 0 when there is none. */
uint64_t hub_peer(const struct hub *h, const char *room, const char *member, enum media_peer_kind kind);
/* Ids of the rooms in memory, at most max; the number written. */
size_t hub_room_ids(const struct hub *h, char (*out)[ROOM_ID_MAX + 1], size_t max);
struct hub_stats {
    size_t sessions, rooms, present;
    uint64_t messages_in, notes_out, refused_rate, refused_invalid, closed_slow, events;
};
void hub_stats_get(const struct hub *h, struct hub_stats *out);
/* Everybody is told to come back in retry_ms and closed; media of all rooms is closed. The log is left as it
 * is. */
void hub_shutdown(struct hub *h, int64_t retry_ms);

/* ---- WHIP and WHEP (RFC 9725): see server/signaling/whip.h ---- */

#endif
