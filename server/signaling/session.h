/* session — one connection from its opening to its parting: who it turned out to be, when it was heard last,
 * how fast it may ask. Thread: control. Ownership: the hub's; session_part takes it out of everything, the
 * sweep frees it. */
#ifndef SESSION_H
#define SESSION_H
#include "server/signaling/inside.h"
#include "server/signaling/rate.h"

enum { SESSION_ADDR_MAX = 63, SESSION_INVALID_MAX = 50 /* malformed messages, then it is closed */ };

enum session_state { SESSION_FRESH, SESSION_LOADING, SESSION_SEATED, SESSION_GONE };
struct session {
    struct list link; /* live->loading, live->sessions or hub->gone */
    struct hub *h;
    uint64_t conn;
    char addr[SESSION_ADDR_MAX + 1];
    enum session_state state;
    struct live *live; /* LOADING, SEATED */
    struct seat *seat; /* SEATED */
    bool is_ready;     /* the welcome is sent: broadcasts are for this one too */
    bool is_waiting;   /* was told to wait: a full welcome is to follow */
    struct ticket ticket;
    uint64_t since, join_id;
    struct rate_bucket buckets[RATE_COUNT];
    bool is_finding; /* an answer is on its way from the disk */
    unsigned invalid;
    int64_t heard_us;
    struct timer timer;
};

struct session *session_open(struct hub *h, uint64_t conn, struct str addr);
void session_send(struct session *s, struct note *note); /* a full queue parts it; harmless when it is gone */
void session_tell(struct session *s, struct buf *b);     /* the same with a text; finishes b */
void session_error(struct session *s, uint64_t id, int err, const char *text);
void session_bye(struct session *s, const char *reason, int64_t retry_ms); /* says so and parts */
/* Out of every table and list; its seat falls into grace. */
void session_part(struct session *s);
void session_settle(struct session *s, enum session_state state); /* no stranger any more, or one again */

/* dispatch.c: one text from it. */
void dispatch_text(struct session *s, struct str text);

#endif
