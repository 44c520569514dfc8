/* req — what one HTTP request says and what is answered, as values without sockets: the web glue fills `req`,
 * a handler fills `reply`, the glue sends it. Owner of a request: the thread that handles it; text in it
 * lives as long as its arena. Limits: the enumerators below. */
#ifndef REQ_H
#define REQ_H
#include "media/base/arena.h"
#include "media/base/buf.h"

enum {
    REQ_BODY_MAX = 1 << 20, /* what the glue takes in at all; a route's row says less */
    REQ_PATH_MAX = 512,
    REQ_PARAMS_MAX = 3,
    REQ_ARENA_MAX = 8 << 20,
    REPLY_BODY_MAX = 8 << 20,
    REPLY_HEADERS_MAX = 16,
    REPLY_EFFECTS_MAX = 4
};

enum req_method { REQ_GET, REQ_HEAD, REQ_POST, REQ_PUT, REQ_PATCH, REQ_DELETE, REQ_OPTIONS, REQ_OTHER };

struct req {
    enum req_method method;
    bool is_tls;
    struct str path;  /* decoded by req_path */
    struct str query; /* raw, behind '?' */
    struct str host, origin, cookie, authorization, csrf, content_type, accept_language, user_agent;
    struct str range, if_range, if_match, if_none_match;
    struct str addr; /* of the peer, without port; an IPv6 host's is its /64 */
    bool is_local;   /* asked on this machine itself, through no proxy */
    struct bytes body;
    struct str params[REQ_PARAMS_MAX]; /* set by route_find */
    struct arena *arena;               /* borrowed: outlived by the glue */
    int64_t now_ms;
};

/* What the control thread does after the answer: rooms live there. */
enum effect_kind {
    EFFECT_ROOM_END = 1, /* room: the system ends it */
    EFFECT_ROOM_META,    /* room: title, format, lobby … of the event changed: load them anew */
    EFFECT_FORMAT,       /* room: a format's id: rooms of it that are not open load it anew */
    EFFECT_ROOM_GONE,    /* room: the event is deleted: forget it, close who is there */
    EFFECT_USER_GONE,    /* user: his sessions are over: close his sockets */
    EFFECT_JOBS,         /* wake the job thread */
    EFFECT_UPLOADS,      /* something is to be made of an upload */
    EFFECT_CLIP,         /* room, clip: a video is brought there */
    EFFECT_CLIP_GONE,    /* room, clip.file: there is no such video any more */
    EFFECT_MAIL,         /* wake the thread that sends letters */
    EFFECT_CAPTURE       /* room, user (who asks), capture: keep what a member's connection carries */
};
enum { EFFECT_TITLE_MAX = 800 }; /* bytes: 200 characters */
struct effect {
    enum effect_kind kind;
    char room[33];
    int64_t user;
    struct effect_clip {
        char file[33], title[EFFECT_TITLE_MAX + 1];
        int64_t length_ms;
    } clip;
    struct effect_capture {
        char member[33];
        bool is_view;
        unsigned ms;
        int64_t at_ms; /* names its file */
    } capture;
};

enum { EFFECT_CAPTURE_FILE = 160 };
/* Below the data directory. */
void effect_capture_file(const struct effect *e, char dst[EFFECT_CAPTURE_FILE]);

struct reply_header {
    const char *name;  /* lower case, static */
    const char *value; /* in the request's arena, or static */
};
struct reply {
    int status;
    const char *type; /* Content-Type; NULL = none */
    struct reply_header headers[REPLY_HEADERS_MAX];
    unsigned n_headers;
    struct buf body;
    int file_fd; /* -1, or a file to send file_length bytes of from file_offset (instead of body); the glue
                    closes it */
    int64_t file_offset, file_length;
    struct effect effects[REPLY_EFFECTS_MAX];
    unsigned n_effects;
};

enum req_method req_method_of(struct str name);
/* Percent-decodes a request path. -ERR_INVALID for anything but absolute paths of valid UTF-8 without control
 * characters, backslashes, encoded slashes, empty, "." or ".." parts (RFC 3986 2.1, 3.3); -ERR_TOO_LARGE. */
int req_path(struct str raw, char dst[REQ_PATH_MAX + 1], struct str *out);

void reply_init(struct reply *r);
void reply_fini(struct reply *r); /* frees the body, closes a file that was not taken over */
/* Both silently drop what is over their maximum: the numbers of calls are fixed in code. */
void reply_header(struct reply *r, const char *name, const char *value);
struct effect *reply_effect(struct reply *r, enum effect_kind kind, struct str room, int64_t user);

#endif
