/* seat — a member's place in a live room. It outlives sockets: within the grace a person comes back to it,
 * and its media connections go on. Thread: control. Ownership: the live room's; limits: ROOM_MEMBERS_MAX +
 * ROOM_WAITING_MAX. */
#ifndef SEAT_H
#define SEAT_H
#include "server/signaling/inside.h"
#include "server/signaling/lines.h"
#include "server/signaling/whip.h"

struct seat {
    struct list link; /* live->seats */
    struct live *live;
    char id[ROOM_ID_MAX + 1];
    struct session *session; /* NULL: in grace, or there by HTTP only */
    struct timer grace;
    uint64_t peer[2];                        /* by enum media_peer_kind; 0 = none */
    char resource[2][WHIP_RESOURCE_MAX + 1]; /* "" = that peer belongs to the socket */
    uint32_t gate;                           /* sources the media plane lets through */
    uint32_t fresh;  /* WHIP: sources nobody has said anything about but its packets, which thus may come */
    bool chose;      /* his view shows what he wants, not what all see */
    bool stalls;     /* he waits for the video all watch */
    bool saves;      /* his view is sent stills; while there is one, voices go in fewer bits */
    unsigned circle; /* the table his media is at, 0 = the plenary; and whether it is for all (circles.h) */
    bool everywhere;
    char lang[CHANNEL_LANG_MAX + 1]; /* he would hear interpreted, "" = none */
    unsigned listens, channel;       /* the channel his view has; his microphone is in (booths.h) */
    struct line line;
    struct note *slots; /* what the view was told last, for a socket that comes back; NULL = nothing yet */
};

struct seat *seat_get(struct live *l, const char *id);
struct seat *seat_make(struct live *l, const char *id); /* the present one or a new one; NULL: limit */
void seat_free(struct seat *seat);

void seat_enter(struct live *l, struct session *s); /* the ticket is good and the room is loaded */
int seat_join(struct live *l, const struct ticket *t, const char **why); /* the command alone: no socket */
void seat_lost(struct seat *seat, int64_t grace_us); /* its socket went: grace, unless HTTP holds the seat */
void seat_unhold(struct seat *seat,
                 enum reason why); /* its WHIP resource went: leaves if nothing else holds it */
void seat_gone(struct live *l, const struct event *e); /* left, removed, denied: committed */

#endif
