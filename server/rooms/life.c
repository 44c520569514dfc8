/* life — a room is scheduled, then open, then ended; nothing happens after the end. */
#include "server/rooms/parts.h"

int life_create(struct decision *d) {
    if (d->r->seq)
        return decision_refuse(d, -ERR_CONFLICT, "The room exists already.");
    struct event *e = decision_put(d, EV_CREATED, "");
    STR_COPY(e->name, str_of(d->cmd->name));
    e->on = d->cmd->on;
    if (d->r->cfg.format->names == NAMES_HIDDEN) /* in the log, for whoever reads it knows no formats */
        decision_put(d, EV_NAMES_HIDDEN, "")->on = true;
    return 0;
}

int life_open(struct decision *d) {
    if (d->r->life == LIFE_OPEN)
        return 0;
    decision_put(d, EV_OPENED, "");
    if (d->r->cfg.record == RECORD_AUTO)
        decision_put(d, EV_RECORDING, "")->on = true;
    return 0;
}

int life_end(struct decision *d) {
    if (d->r->recording)
        decision_put(d, EV_RECORDING, "");
    struct event *e = decision_put(d, EV_ENDED, "");
    e->on = d->r->cfg.format->keep == KEEP_COUNTS;
    e->reason = !d->me && d->cmd->reason == REASON_CANCELLED ? REASON_CANCELLED : REASON_NONE;
    return 0;
}

void life_evolve_created(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    r->lobby = e->on;
}

void life_evolve_opened(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (r->life != LIFE_SCHEDULED)
        return;
    r->life = LIFE_OPEN;
    r->opened_ms = e->at_ms;
}

void life_evolve_ended(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    list_each (&r->members[MEMBER_WAITING], w, struct member, link)
        member_forget(r, w);
    list_each (&r->members[MEMBER_PRESENT], p, struct member, link)
        member_move(r, p, MEMBER_ABSENT);
    r->life = LIFE_ENDED;
    r->ended_ms = e->at_ms;
    r->recording = r->recording_fails = false;
    r->spotlight[0] = 0;
}
