/* tally — what many people do at once, told in sum: answers to open polls, to those who run them; votes for
 * questions and reactions, to all. However many come, a sum goes out at once and then every so often at most.
 * Reactions go through the log, a second of them a line. Thread: control. Ownership: the room's (struct
 * live). */
#ifndef TALLY_H
#define TALLY_H
#include "server/signaling/inside.h"

enum { TALLY_POLLS_MS = 500, TALLY_VOTES_MS = 1000, TALLY_REACTIONS_MS = 1000, TALLY_VOTED_MAX = 64 };

struct tally {
    struct timer polls, votes, reactions;
    bool polls_due;
    uint64_t voted[TALLY_VOTED_MAX]; /* questions whose votes have changed; past that they wait for the next
                                        vote */
    size_t voted_n;
    uint32_t reacted[ROOM_REACTIONS];
};

struct live;
struct session;
void tally_stop(struct live *l);                            /* no timer of it is set any more */
void tally_happened(struct live *l, const struct event *e); /* a committed event */
void tally_react(struct live *l, uint64_t which);           /* the room let it be */
void tally_welcome(struct live *l, struct session *s); /* who has just come in: the sums of this moment */

#endif
