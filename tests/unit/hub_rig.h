/* hub_rig — the outside of a hub for tests: sockets whose notes are kept, a journal in memory that commits
 * when told to, rooms loaded from it, the recorder's orders written down. Time is a number. */
#ifndef HUB_RIG_H
#define HUB_RIG_H
#include "media/base/json.h"
#include "server/http/ticket.h"
#include "server/signaling/finder.h"
#include "server/signaling/hub.h"

enum { RIG_CONNS = 4096, RIG_ORDERS = 64 };

struct rig_inbox {
    char **v;
    size_t n, cap;
    bool is_full;    /* ops.send answers -ERR_FULL */
    char closed[32]; /* reason, "" = open */
};
struct rig_log_line {
    char room[ROOM_ID_MAX + 1];
    uint64_t load;
    bool is_image;
    uint64_t seq;
    int64_t at_ms;
    char *json;
};
struct rig {
    struct hub *hub;
    struct media *media;
    uint8_t key[TICKET_KEY_BYTES];
    int64_t now_us;
    struct rig_inbox inbox[RIG_CONNS]; /* by conn */
    bool keeps_notes;                  /* false: only count them */
    struct rig_log_line *log;
    size_t log_n, log_cap, committed; /* lines on "disk" */
    bool is_manual;                   /* commits wait for rig_commit */
    char loads[16][ROOM_ID_MAX + 1];
    size_t load_n, loaded_lines; /* of the last room loaded, besides its image */
    struct hub_meta meta;
    const struct format *formats; /* those of room_rig unless given */
    size_t format_count;
    struct hub_finding findings[8]; /* not answered yet */
    size_t finding_n;
    char orders[RIG_ORDERS][80]; /* "start r", "stop r final", "program u1", "life r open" … */
    size_t order_n;
    bool no_recorder; /* as many rooms are recorded as can be */
};

void rig_open(struct rig *r, struct media *media); /* everything else zeroed before */
void rig_close(struct rig *r);                     /* forgets the journal too */
void rig_crash(struct rig *r); /* the hub is gone, what is committed stays; a new hub starts */

/* Let the outside answer: loads are read, lines committed, until nothing moves. */
void rig_settle(struct rig *r);
void rig_commit(struct rig *r, size_t lines); /* only so many more lines reach the disk */
void rig_pass(struct rig *r, int64_t us);     /* time goes on, in steps as the hub wants to be woken */

void rig_ticket(struct rig *r, char out[TICKET_MAX + 1], const char *id, const char *room, const char *role);
/* Connect and send `join`; settles. */
void rig_enter(struct rig *r, uint64_t conn, const char *id, const char *role);
void rig_enter_since(struct rig *r, uint64_t conn, const char *id, const char *role, uint64_t since);
/* "host", "ann" and "bob" at connections 1, 2, 3 in an open room, their inboxes empty. */
void rig_class(struct rig *r);
void rig_say(struct rig *r, uint64_t conn, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The last note of this type, or NULL; one that contains `part` if that is given. */
const char *rig_last(const struct rig *r, uint64_t conn, const char *type, const char *part);
size_t rig_count(const struct rig *r, uint64_t conn, const char *type);
void rig_clear(struct rig *r, uint64_t conn);
#define assert_says(r, conn, type, part) assert_non_null(rig_last(r, conn, type, part))
#define assert_silent(r, conn, type, part) assert_null(rig_last(r, conn, type, part))
uint64_t rig_seq(const char *note);
bool rig_ordered(const struct rig *r, const char *order);

#endif
