/* studio — a seat's media connections: opening, closing, and the gates that say what of it is let through
 * this moment. Thread: control. */
#ifndef STUDIO_H
#define STUDIO_H
#include "server/signaling/proto.h"
#include "server/signaling/seat.h"

struct session;
void studio_publish(struct session *s, const struct msg *m);
void studio_view(struct session *s, const struct msg *m);
void studio_restart(struct session *s, const struct msg *m);
void studio_unpublish(struct session *s, const struct msg *m);
void studio_want(struct session *s, const struct msg *m);
void studio_draw(struct session *s, const struct msg *m);
void studio_audio_only(struct session *s, const struct msg *m);
void studio_save(struct session *s, const struct msg *m);

int studio_open(struct seat *seat, const struct media_peer_spec *spec, struct buf *answer,
                char sentence[HUB_SENTENCE_MAX]);
void studio_close(struct seat *seat, enum media_peer_kind kind);
void studio_sources_off(struct seat *seat); /* the log says what the closed connection means */
void studio_unmute(struct seat *seat);      /* starting anew without a socket is to turn oneself on again */
void studio_gate(struct seat *seat, bool may_open); /* may_open false: only shuts what must be shut at once */
void studio_gate_all(struct live *l);
void studio_on_media(struct hub *h, const struct media_event *e);

#endif
