/* whip — members who come by HTTP: a WHIP publisher or a WHEP viewer is a member of the room like anyone
 * (joined, on stage if the role allows, `source` events as its tracks flow), with an HTTP resource in place
 * of a socket. Part of the hub; thread, time and ownership are the hub's. */
#ifndef WHIP_H
#define WHIP_H
#include "server/signaling/hub.h"

enum { WHIP_RESOURCE_MAX = 26 };

struct whip_answer {
    int err;                              /* 0 or -ERR_x → HTTP status by err_http */
    const char *text;                     /* a sentence when refused */
    char resource[WHIP_RESOURCE_MAX + 1]; /* last part of Location */
    struct str sdp;                       /* borrowed for the call, as is: */
    const char *member;
};
typedef void whip_done_fn(void *ctx, const struct whip_answer *a);

/* POST. `ticket` is the bearer token, `room` the path's id. A ticket that is over, not this server's or
 * another room's is -ERR_AUTH; -ERR_EXPIRED: the event has ended. done is called once, perhaps before this
 * returns. */
void whip_post(struct hub *h, enum media_peer_kind kind, const char *room, struct str ticket,
               struct str offer, whip_done_fn *done, void *ctx);
/* PATCH: `fragment` is a trickle-ice-sdpfrag (RFC 8840). answer gets a fragment, or stays empty: 204. The
 * ticket must be its owner's. -ERR_MISSING for an unknown resource. */
int whip_patch(struct hub *h, const char *resource, struct str ticket, struct str fragment,
               struct buf *answer, char sentence[160]);
/* Whose ticket it is; -ERR_AUTH as for a POST. */
int whip_member(const struct hub *h, const char *room, struct str ticket, char member[ROOM_ID_MAX + 1]);
int whip_delete(struct hub *h, const char *resource, struct str ticket);

#endif
