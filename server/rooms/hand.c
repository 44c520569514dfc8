/* hand — raised hands, a queue in the order they went up. */
#include "server/rooms/parts.h"

int hand_hand(struct decision *d) {
    const struct member *m = d->me;
    if (!m)
        return decision_refuse(d, -ERR_INVALID, "The server has no hands.");
    if (d->cmd->on == (m->hand_seq != 0))
        return 0;
    if (d->cmd->on && !decision_may(d, CAN_HAND))
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this.");
    if (d->cmd->on && d->r->hand_count >= ROOM_HANDS_MAX)
        return decision_refuse(d, -ERR_FULL, "Too many hands are up.");
    decision_put(d, EV_HAND, m->id)->on = d->cmd->on;
    return 0;
}

int hand_lower(struct decision *d) {
    if (!strcmp(d->cmd->who, "*")) {
        list_each (&d->r->hands, h, struct member, hand_link)
            decision_put(d, EV_HAND, h->id);
        return 0;
    }
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if (m->hand_seq)
        decision_put(d, EV_HAND, m->id);
    return 0;
}

void hand_drop(struct room *r, struct member *m) {
    if (!m->hand_seq)
        return;
    m->hand_seq = 0;
    list_drop(&m->hand_link);
    r->hand_count--;
}

void hand_evolve(struct room *r, struct member *m, const struct event *e) {
    if (!m || m->state != MEMBER_PRESENT)
        return;
    if (!e->on) {
        hand_drop(r, m);
    } else if (!m->hand_seq && e->seq && r->hand_count < ROOM_HANDS_MAX) {
        m->hand_seq = e->seq;
        list_put(&r->hands, &m->hand_link);
        r->hand_count++;
    }
}
