/* stage — who is seen and heard: invited, on it, off it; and whose picture is pinned for all. */
#include "server/rooms/parts.h"

bool stage_has_room(const struct decision *d) {
    return d->r->stage_count + d->staged < d->r->cfg.format->stage_max;
}

void stage_put_staged(struct decision *d, const struct member *m) {
    struct event *e = decision_put(d, EV_STAGED, m->id);
    STR_COPY(e->name, str_of(m->name));
    d->staged++;
}

void stage_put_unstaged(struct decision *d, const struct member *m, uint32_t keep) {
    source_put_off(d, m, m->sources & ~keep);
    decision_put(d, EV_UNSTAGED, m->id);
}

static int take_place(struct decision *d, const struct member *m) {
    if (m->staged)
        return 0;
    if (!stage_has_room(d))
        return decision_refuse(d, -ERR_FULL, "The stage is full.");
    stage_put_staged(d, m);
    return 0;
}

int stage_invite(struct decision *d) {
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if (m->staged || m->invited)
        return 0;
    if (!stage_has_room(d))
        return decision_refuse(d, -ERR_FULL, "The stage is full.");
    decision_put(d, EV_INVITED, m->id);
    return 0;
}

int stage_accept(struct decision *d) {
    if (!d->me || !d->me->invited)
        return decision_refuse(d, -ERR_CONFLICT, "You are not invited to the stage.");
    return take_place(d, d->me);
}

int stage_decline(struct decision *d) {
    if (!d->me || !d->me->invited)
        return decision_refuse(d, -ERR_CONFLICT, "You are not invited to the stage.");
    decision_put(d, EV_DECLINED, d->me->id);
    return 0;
}

int stage_stage(struct decision *d) {
    if (!d->cmd->who[0] || decision_is_self(d, d->cmd->who)) {
        if (!d->me || !decision_may(d, CAN_STAGE_SELF))
            return decision_refuse(d, -ERR_DENIED, "Raise your hand to be asked to the stage.");
        return take_place(d, d->me);
    }
    if (!decision_may(d, CAN_MODERATE))
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this.");
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    /* Nobody is put before the class who has not shown that he wants to be. */
    if (m->role == ROLE_ATTENDEE && !m->staged && !m->hand_seq && !m->invited)
        return decision_refuse(d, -ERR_CONFLICT, "This person has not raised a hand: invite first.");
    return take_place(d, m);
}

int stage_unstage(struct decision *d) {
    const struct member *m = d->me;
    if (d->cmd->who[0] && !decision_is_self(d, d->cmd->who)) {
        if (!decision_may(d, CAN_MODERATE))
            return decision_refuse(d, -ERR_DENIED, "Your role may not do this.");
        m = decision_target(d);
        if (m && d->me && m->role > d->me->role)
            return decision_refuse(d, -ERR_DENIED, "This person has a higher role than yours.");
    }
    if (!m)
        return decision_refuse(d, -ERR_MISSING, "This person is not in the room.");
    if (m->staged)
        stage_put_unstaged(d, m, member_may_send(d->r, m, m->role, false));
    return 0;
}

int stage_spotlight(struct decision *d) {
    const char *who = d->cmd->who;
    if (who[0]) {
        const struct member *m = decision_target(d);
        if (!m)
            return -ERR_MISSING;
        if (!m->staged)
            return decision_refuse(d, -ERR_CONFLICT, "This person is not on stage.");
    }
    if (strcmp(who, d->r->spotlight) != 0)
        decision_put(d, EV_SPOTLIGHT, who);
    return 0;
}

void stage_drop(struct room *r, struct member *m) {
    if (!m->staged)
        return;
    m->staged = false;
    list_drop(&m->stage_link);
    r->stage_count--;
}

void stage_evolve_invited(struct room *r, struct member *m, const struct event *e) {
    (void)r;
    (void)e;
    if (m && m->state == MEMBER_PRESENT && !m->staged)
        m->invited = true;
}

void stage_evolve_declined(struct room *r, struct member *m, const struct event *e) {
    (void)r;
    (void)e;
    if (m)
        m->invited = false;
}

void stage_evolve_staged(struct room *r, struct member *m, const struct event *e) {
    (void)e;
    if (!m || m->state != MEMBER_PRESENT || m->staged || r->stage_count >= FORMAT_STAGE_MAX)
        return;
    m->staged = true;
    m->invited = false;
    list_put(&r->stage, &m->stage_link);
    r->stage_count++;
    hand_drop(r, m);
}

void stage_evolve_unstaged(struct room *r, struct member *m, const struct event *e) {
    (void)e;
    if (!m || !m->staged)
        return;
    stage_drop(r, m);
    m->sources &= 1U << MEDIA_MIC; /* whether talking goes on without the stage was decided with the event */
}

void stage_evolve_spotlight(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    STR_COPY(r->spotlight, str_of(e->who));
}
