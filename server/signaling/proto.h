/* proto — the wire of signalling as values: a client's frame into struct msg, and everything the server says
 * into JSON text. Driven by the rows of messages.def and server/rooms/{commands,events,fields}.def; described
 * for people in PROTOCOL.md. Pure. Thread: any. Ownership: a msg's views live until proto_fini. Texts are
 * appended to the caller's buf, bounded by its maximum. */
#ifndef PROTO_H
#define PROTO_H
#include "media/base/json.h"
#include "server/rooms/room.h"
#include "server/signaling/rate.h"

enum {
    PROTO_MESSAGE_MAX = 65536, /* bytes of a client's frame */
    PROTO_ID_MAX = 2147483647, /* of a request */
    PROTO_TICKET_MAX = 1024,
    PROTO_CLIENT_MAX = 64,
    PROTO_TITLE_MAX = 400,        /* bytes: an event's whole title in Ukrainian */
    PROTO_HEIGHT_MAX = 16384,     /* pixels */
    PROTO_CHAT_BYTES = 128 << 10, /* of text in a snapshot */
    PROTO_FREEZE_MS_MAX = 60000,
};

/* Fields of messages beyond those of commands; the low 48 bits are enum field. */
enum proto_field {
    PROTO_TICKET = 1LL << 48,
    PROTO_SINCE = 1LL << 49,
    PROTO_CLIENT = 1LL << 50,
    PROTO_SDP = 1LL << 51,
    PROTO_KIND = 1LL << 52,
    PROTO_SOURCES = 1LL << 53,
    PROTO_PICKS = 1LL << 54,
    PROTO_FREEZE = 1LL << 56,
    PROTO_SLOTS = 1LL << 55,
};

enum msg_type {
    MSG_COMMAND, /* msg.cmd is for the room */
#define X(name, wire, required, optional, rate) MSG_##name,
#include "server/signaling/messages.def"
#undef X
    MSG_COUNT
};

struct msg_pick {
    char who[ROOM_ID_MAX + 1]; /* "" = nothing in this slot */
    enum media_source source;
};
struct msg {
    enum msg_type type;
    enum rate rate;
    uint64_t id; /* 0 = no answer wanted */
    struct command cmd;
    struct str ticket, client, sdp; /* views into doc */
    uint64_t since;
    enum media_peer_kind kind;
    struct media_source_map sources[MEDIA_TRACKS_PER_PEER_MAX];
    unsigned source_count;
    struct msg_pick picks[MEDIA_VIDEO_SLOTS_MAX];
    unsigned pick_count;
    uint64_t freeze_ms;
    struct media_draw draw[MEDIA_VIDEO_SLOTS_MAX];
    unsigned draw_count;
    struct json *doc;
};

/* 0, or -ERR_INVALID (*field: whose fault, or NULL), -ERR_UNSUPPORTED (unknown type), -ERR_TOO_LARGE. id is
 * read even then, if it can be. Always proto_fini. */
int proto_decode(struct msg *out, struct str text, const char **field);
void proto_fini(struct msg *m);

/* An event as broadcast and as journalled: the same text. */
void proto_event(struct buf *b, const struct event *e);
/* -ERR_INVALID; event_fini when 0. */
int proto_event_parse(struct event *out, struct str text);

/* The parts of a snapshot that are the same for whoever comes next, as text, made once until they change: the
 * chat, the polls, the notes, and who is to be seen in a big room. The owner says when: what has changed is
 * made again by the next welcome. */
struct proto_cache {
    struct buf chat, people, polls, asks, ink, notes;
    bool has_chat, has_people, has_polls, has_asks, has_ink, has_notes;
};
void proto_cache_init(struct proto_cache *c);
void proto_cache_fini(struct proto_cache *c);

struct proto_welcome {
    uint64_t id;               /* 0 = not an answer */
    struct proto_cache *cache; /* of this room */
    const struct room *room;
    const struct member *you;
    const char *room_id;
    struct str title, ice;
    /* What this member is called where he did something without a name (server/signaling/alias.h). */
    void (*alias)(void *ctx, uint64_t n, const char *member, char out[ROOM_ID_MAX + 1]);
    void *alias_ctx;
    uint64_t seq;
    int64_t now_ms;
    int ping_s;
    bool is_resumed, is_partial, has_publish, has_view;
};
void proto_welcome(struct buf *b, const struct proto_welcome *w);

void proto_ok(struct buf *b, uint64_t id, uint64_t seq);
/* field, retry_ms: NULL and 0 when there is none. */
void proto_error(struct buf *b, uint64_t id, int err, const char *text, const char *field, int64_t retry_ms);
void proto_bye(struct buf *b, const char *reason, int64_t retry_ms);
unsigned proto_close_code(const char *reason); /* of the close frame after that bye (RFC 6455 7.4) */
void proto_pong(struct buf *b, int64_t now_ms, uint64_t seq);
void proto_presence(struct buf *b, size_t count, uint64_t seq);
void proto_can(struct buf *b, const struct room *r, enum role role);
void proto_queue(struct buf *b, size_t place, size_t count, const char *text); /* to who waits */
void proto_answer(struct buf *b, uint64_t id, enum media_peer_kind kind, struct str sdp);
/* dot: a mark of one point, or "": no longer. */
void proto_pointing(struct buf *b, const char *who, uint64_t n, uint64_t page, const char *dot);
/* text: "" = it became a line, or will not. */
void proto_captioning(struct buf *b, const char *who, const char *lang, struct str text);
void proto_speaking(struct buf *b, struct str ids); /* comma-separated */
void proto_media_up(struct buf *b, enum media_peer_kind kind);
void proto_media_down(struct buf *b, enum media_peer_kind kind, const char *reason);
/* The media plane's own JSON with what it does not know added. False: it was no object. */
bool proto_slots(struct buf *b, const struct room *r, struct str media_json);
void proto_thrift(struct buf *b, bool on);
/* How many hear the room as it is, and each channel. */
void proto_listening(struct buf *b, const struct room *r, const unsigned *counts);
/* off: comma-separated names of layers. */
void proto_layers(struct buf *b, enum media_source source, struct str off);
bool proto_quality(struct buf *b, enum media_peer_kind kind, struct str media_json);
/* The same in numbers; 0 for what it does not say. */
void proto_link(struct str media_json, unsigned *loss_permille, unsigned *rtt_ms);
enum line_word { LINE_GOOD, LINE_WEAK, LINE_BAD };
struct proto_line {
    const char *who;
    enum line_word word;
    unsigned loss_permille, rtt_ms, freeze_ms;
};
void proto_stalls(struct buf *b, size_t count);
void proto_lines(struct buf *b, const struct proto_line *v, size_t n);

#endif
