/* react — applause and the like, in sum: who may, and what a second of it was. One person's is no event; the
 * server puts what has come together into the log (server/signaling/tally). */
#include "server/rooms/parts.h"

int react_react(struct decision *d) {
    if (!d->me || d->cmd->n >= ROOM_REACTIONS)
        return decision_refuse(d, -ERR_INVALID, "There is no such reaction.");
    return 0;
}

int react_sum(struct decision *d) {
    uint32_t any = 0;
    for (unsigned i = 0; i < d->cmd->numbers.n; i++)
        any |= d->cmd->numbers.v[i];
    if (any)
        decision_put(d, EV_REACTIONS, "")->numbers = d->cmd->numbers;
    return 0;
}

void react_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)r, (void)m, (void)e; /* of the moment */
}
