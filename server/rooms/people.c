/* people — joining, leaving, the lock, removing, roles. */
#include "server/rooms/discreet.h"
#include "server/rooms/parts.h"

void people_put_joined(struct decision *d, const char *id, const char *name, enum role role) {
    bool staged = (d->r->cfg.format->can[role] & CAN_STAGE_AUTO) && stage_has_room(d);
    struct event *e = decision_put(d, EV_JOINED, id);
    STR_COPY(e->name, str_of(name));
    e->role = role;
    e->on = staged;
    d->staged += staged;
    const struct member *m = room_member(d->r, id);
    if (m && m->table) { /* who comes back comes back to his seat, and all are told of it */
        e = decision_put(d, EV_SEATED, id);
        STR_COPY(e->name, str_of(name));
        e->n = m->table;
        e->on = m->table_out;
    }
    if (m)
        channels_come_back(d, m, name);
}

/* `known` has been in before, or waits in the lobby; NULL: a stranger. */
static int enter_new(struct decision *d, const struct member *known) {
    const struct room *r = d->r;
    const struct command *c = d->cmd;
    bool waits = known && known->state == MEMBER_WAITING, was_in = known && !waits;
    enum role role = was_in && known->granted ? known->role : c->role;
    if (r->count[MEMBER_PRESENT] >= r->cfg.members_max)
        return decision_refuse(d, -ERR_FULL, "The room is full.");
    if (r->locked && !was_in && role < ROLE_COHOST)
        return decision_refuse(d, -ERR_DENIED, "The room is locked.");
    if (!r->lobby || was_in || role != ROLE_ATTENDEE || c->list.n) {
        if (waits)
            decision_put(d, EV_ADMITTED, c->who);
        people_put_joined(d, c->who, c->name, role);
        if (!was_in)
            channels_arrive(d, c->who, c->name, c->list);
        return 0;
    }
    if (r->count[MEMBER_WAITING] >= ROOM_WAITING_MAX)
        return decision_refuse(d, -ERR_FULL, "The lobby is full.");
    struct event *e = decision_put(d, EV_WAITING, c->who);
    STR_COPY(e->name, str_of(c->name));
    e->role = role;
    return 0;
}

static void put_role(struct decision *d, const struct member *m, enum role role) {
    uint32_t can = d->r->cfg.format->can[role];
    struct event *e = decision_put(d, EV_ROLE, m->id);
    STR_COPY(e->name, str_of(m->name));
    e->role = role;
    bool comes = !m->staged && (can & CAN_STAGE_AUTO) && stage_has_room(d);
    bool goes = m->staged && role == ROLE_ATTENDEE && !(can & CAN_STAGE_AUTO);
    uint32_t keep = member_may_send(d->r, m, role, (m->staged || comes) && !goes);
    if (comes)
        stage_put_staged(d, m);
    if (goes)
        stage_put_unstaged(d, m, keep);
    else
        source_put_off(d, m, m->sources & ~keep);
}

/* The log the room was restored from has no names. */
static void put_name(struct decision *d, const struct member *m, const char *name) {
    struct event *e = decision_put(d, m->state == MEMBER_WAITING ? EV_WAITING : EV_JOINED, m->id);
    STR_COPY(e->name, str_of(name));
    e->role = m->role;
    e->on = m->staged;
}

int people_join(struct decision *d) {
    const struct command *c = d->cmd;
    if (!room_id_ok(str_of(c->who)) || !room_name_ok(str_of(c->name)) || (unsigned)c->role >= ROLE_COUNT)
        return decision_refuse(d, -ERR_INVALID, "The ticket names nobody.");
    const struct member *m = room_member(d->r, c->who);
    if (m && m->state == MEMBER_BANNED)
        return decision_refuse(d, -ERR_DENIED, "You were removed from this event.");
    /* Who waits and comes again as somebody who need not, is let in. */
    if (!m || m->state == MEMBER_ABSENT ||
        (m->state == MEMBER_WAITING && (c->role != ROLE_ATTENDEE || c->list.n)))
        return enter_new(d, m);
    if (!strcmp(m->name, DISCREET_NAME) && strcmp(c->name, DISCREET_NAME) != 0)
        put_name(d, m, c->name);
    if (m->state == MEMBER_PRESENT && !m->granted && m->role != c->role)
        put_role(d, m, c->role); /* a newer ticket says otherwise */
    return 0;
}

int people_leave(struct decision *d) {
    const struct member *m = d->me ? d->me : room_member(d->r, d->cmd->who);
    if (!m || (m->state != MEMBER_PRESENT && m->state != MEMBER_WAITING))
        return decision_refuse(d, -ERR_MISSING, "This person is not in the room.");
    decision_put(d, EV_LEFT, m->id)->reason =
        !d->me && d->cmd->reason == REASON_LOST ? REASON_LOST : REASON_LEFT;
    return 0;
}

int people_lock(struct decision *d) {
    if (d->r->locked != d->cmd->on)
        decision_put(d, EV_LOCKED, "")->on = d->cmd->on;
    return 0;
}

int people_remove(struct decision *d) {
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if (d->me && m->role >= d->me->role)
        return decision_refuse(d, -ERR_DENIED, "Only people of a lower role can be removed.");
    decision_put(d, EV_REMOVED, m->id)->on = d->cmd->on;
    return 0;
}

int people_unban(struct decision *d) {
    const struct member *m = room_member(d->r, d->cmd->who);
    if (!m || m->state != MEMBER_BANNED)
        return decision_refuse(d, -ERR_MISSING, "This person is not banned.");
    STR_COPY(decision_put(d, EV_UNBANNED, m->id)->name, str_of(m->name));
    return 0;
}

int people_role(struct decision *d) {
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if ((unsigned)d->cmd->role >= ROLE_COUNT)
        return decision_refuse(d, -ERR_INVALID, "There is no such role.");
    if (d->me && (m->role >= d->me->role || d->cmd->role >= d->me->role))
        return decision_refuse(d, -ERR_DENIED, "Only lower roles than your own can be given and taken.");
    if (m->role != d->cmd->role)
        put_role(d, m, d->cmd->role);
    return 0;
}

void people_evolve_joined(struct room *r, struct member *m, const struct event *e) {
    bool was_here = m && m->state == MEMBER_PRESENT;
    if (!m)
        m = member_make(r, e, MEMBER_PRESENT);
    else if (m->state != MEMBER_PRESENT && r->count[MEMBER_PRESENT] < ROOM_MEMBERS_MAX)
        member_move(r, m, MEMBER_PRESENT);
    if (!m || m->state != MEMBER_PRESENT)
        return;
    STR_COPY(m->name, str_of(e->name));
    m->role = (unsigned)e->role < ROLE_COUNT ? e->role : ROLE_ATTENDEE;
    m->joined_ms = was_here ? m->joined_ms : e->at_ms;
    if (e->on)
        stage_evolve_staged(r, m, e);
}

void people_evolve_left(struct room *r, struct member *m, const struct event *e) {
    (void)e;
    if (m && m->state == MEMBER_PRESENT)
        member_move(r, m, MEMBER_ABSENT);
    else if (m && m->state == MEMBER_WAITING)
        member_forget(r, m);
}

void people_evolve_locked(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    r->locked = e->on;
}

void people_evolve_removed(struct room *r, struct member *m, const struct event *e) {
    if (!m || m->state != MEMBER_PRESENT)
        return;
    if (e->on)
        member_move(r, m, MEMBER_BANNED);
    else
        member_forget(r, m); /* comes back as a stranger: through the lobby, not past the lock */
}

void people_evolve_unbanned(struct room *r, struct member *m, const struct event *e) {
    (void)e;
    if (m && m->state == MEMBER_BANNED)
        member_forget(r, m); /* a stranger again */
}

void people_evolve_role(struct room *r, struct member *m, const struct event *e) {
    (void)r;
    if (!m || m->state != MEMBER_PRESENT || (unsigned)e->role >= ROLE_COUNT)
        return;
    m->role = e->role;
    m->granted = m->granted || e->by[0];
}
