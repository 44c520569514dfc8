/* booths — interpreters and who listens to them: whose microphone is in which channel, as the room's log says
 * after its commit, and which channel each view has chosen, which is nobody's business but a number for those
 * who speak. Thread: control. Owner: the room (struct live). Limits: BOOTHS_EVERY_MS between two tellings. */
#ifndef BOOTHS_H
#define BOOTHS_H
#include "server/rooms/channels.h"
#include "server/signaling/inside.h"

enum { BOOTHS_EVERY_MS = 1000 };

struct booths {
    struct timer timer;
    bool due; /* numbers have changed since they were told */
    unsigned told[CHANNELS_MAX + 1];
};

struct live;
struct seat;
struct session;
struct msg;
void booths_begin(struct live *l); /* the room was loaded */
void booths_end(struct live *l);
void booths_happened(struct live *l, const struct event *e); /* committed */
void booths_listen(struct session *s, const struct msg *m);
void booths_view(struct seat *seat); /* its view was opened, or closed */
void booths_welcome(struct live *l, struct session *s);

#endif
