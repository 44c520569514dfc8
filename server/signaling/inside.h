/* inside — the hub's own state and what its files share. Nobody outside server/signaling includes this, nor
 * the headers beside it, which hold one file each:
 *
 *   hub.c      the public face: time, sockets opening and closing, tables, shutdown
 *   session.c  one connection: heartbeat, sending, parting
 *   dispatch.c one decoded message: its rate, and who handles its type
 *   live.c     one room in memory: loading, applying commands, the queue that waits for commits, unloading
 *   cast.c     who is sent what: broadcast, welcome, resume, presence
 *   seat.c     one member's place: joining, taking over, grace, leaving
 *   studio.c   a seat's media: publish, view, gates, tracks
 *   lines.c    whose line is weak
 *   stalls.c   for how many the video all watch has to wait
 *   tally.c    what many do at once, in sum
 *   laser.c    who points where
 *   finder.c   looking for something in the chat
 *   captioning.c  a caption while it is being typed
 *   door.c     what those who wait are told
 *   alias.c    who does something without a name
 *   circles.c  who is at which table
 *   booths.c   who interprets, and who listens to it
 *   director.c the room's picture and its recorder
 *   whip.c     seats without a socket
 *
 * Nothing of a live room, nor a session, is freed while its functions may be on the stack: it is taken out of
 * the tables at once and swept at the end of the public call. */
#ifndef INSIDE_H
#define INSIDE_H
#include "media/base/err.h"
#include "media/base/heap.h"
#include "media/base/hmac.h"
#include "media/base/list.h"
#include "media/base/map.h"
#include "server/http/ticket.h"
#include "server/signaling/hub.h"

enum { HUB_SECOND_US = 1000000, HUB_BUSY_RETRY_MS = 3000, HUB_RELOAD_MS = 30000, HUB_SENTENCE_MAX = 160 };

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
    char text[HUB_SENTENCE_MAX];
};

struct hub {
    struct hub_ops ops;
    struct media *media; /* borrowed; NULL: none */
    const struct format *formats;
    size_t format_count;
    uint8_t key[TICKET_KEY_BYTES], alias_key[HMAC_SHA1_BYTES];
    struct turn turn;
    int64_t now_us, now_ms;
    struct heap timers;
    struct map sessions;   /* conn → session */
    struct smap rooms;     /* id → live */
    struct map rooms_no;   /* media number → live */
    struct map peers;      /* media peer → seat */
    struct smap resources; /* WHIP resource → seat */
    struct smap fresh;     /* address → struct fresh: connections that have not joined */
    struct map voids;      /* account → struct void_user */
    struct list voids_old; /* the same, oldest first */
    struct list dead;      /* lives to sweep */
    struct list gone;      /* sessions to sweep */
    struct list calls;     /* to answer at the next tick */
    struct list again;     /* rooms to bring back by and by (live.c) */
    uint64_t next_no;
    bool is_stopping; /* nobody is called lost any more, and no op is used by hub_close */
    struct hub_stats stats;
};

void timer_set(struct hub *h, struct timer *t, int64_t at_us, void (*fire)(struct hub *, struct timer *));
void timer_drop(struct hub *h, struct timer *t); /* harmless when it is not set */
bool timer_is_set(const struct timer *t);

/* Whose ticket this is: ticket_verify, and that the account is still welcome. */
int hub_ticket(const struct hub *h, struct ticket *out, struct str text);
void hub_sweep(struct hub *h);
struct live *hub_live(struct hub *h,
                      const char *room); /* loaded, loading, or being loaded from now; NULL: limit */
void hub_fresh_drop(struct hub *h,
                    const char *addr); /* one connection of this address is no stranger any more */
void call_answer(struct hub *h, struct call *c, int err, const char *text); /* at the next tick; takes c */

#endif
