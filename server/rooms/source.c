/* source — microphones, cameras and screens going on and off, and a moderator's mute. */
#include "server/rooms/parts.h"

enum { SCREENS = 1 << MEDIA_SCREEN | 1 << MEDIA_SCREEN_AUDIO };

void source_put_off(struct decision *d, const struct member *m, uint32_t which) {
    for (unsigned s = 0; s < MEDIA_SOURCE_COUNT; s++)
        if (which & 1U << s)
            decision_put(d, EV_SOURCE, m->id)->source = (enum media_source)s;
}

static void put_muted(struct decision *d, const struct member *m, enum media_source source) {
    decision_put(d, EV_MUTED, m->id)->source = source;
}

/* One screen at a time in the plenary and at each table: a moderator takes over, anybody else waits. */
static int clear_screens(struct decision *d, const struct member *who) {
    unsigned place = room_table(d->r, who);
    list_each (&d->r->members[MEMBER_PRESENT], m, struct member, link) {
        if (!(m->sources & SCREENS) || m == d->me || room_table(d->r, m) != place)
            continue;
        if (!decision_may(d, CAN_MODERATE) || (d->me && m->role > d->me->role))
            return decision_refuse(d, -ERR_CONFLICT, "Somebody else is sharing a screen.");
        for (unsigned s = MEDIA_SCREEN; s <= MEDIA_SCREEN_AUDIO; s++)
            if (m->sources & 1U << s)
                put_muted(d, m, (enum media_source)s);
    }
    return 0;
}

int source_switch(struct decision *d) {
    /* The server itself speaks for a publisher without a socket (WHIP). */
    const struct member *m = d->me ? d->me : decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if ((unsigned)d->cmd->source >= MEDIA_SOURCE_COUNT)
        return decision_refuse(d, -ERR_INVALID, "There is no such source.");
    uint32_t bit = 1U << d->cmd->source;
    if (d->cmd->on && !(room_may_publish(d->r, m) & bit))
        return decision_refuse(d, -ERR_DENIED, "Your role may not send this.");
    bool interprets = member_interprets(m) && d->cmd->source == MEDIA_MIC;
    if (d->cmd->on && !interprets && !(can_send(room_can(d->r, m), true) & bit))
        return decision_refuse(d, -ERR_DENIED, "This is switched off for your role just now.");
    if (d->cmd->on && !(room_may_send(d->r, m) & bit))
        return decision_refuse(d, -ERR_CONFLICT,
                               m->staged ? "The event is not open yet." : "You are not on stage.");
    if (d->cmd->on && (bit & SCREENS)) {
        int err = clear_screens(d, m);
        if (err)
            return err;
    }
    if (!(m->sources & bit) == d->cmd->on || (d->cmd->on && (m->muted & bit))) {
        struct event *e = decision_put(d, EV_SOURCE, m->id);
        e->source = d->cmd->source;
        e->on = d->cmd->on;
    }
    return 0;
}

int source_mute(struct decision *d) {
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if ((unsigned)d->cmd->source >= MEDIA_SOURCE_COUNT)
        return decision_refuse(d, -ERR_INVALID, "There is no such source.");
    if (d->me && m->role > d->me->role)
        return decision_refuse(d, -ERR_DENIED, "This person has a higher role than yours.");
    if (!(m->muted & 1U << d->cmd->source))
        put_muted(d, m, d->cmd->source);
    return 0;
}

int source_mute_all(struct decision *d) {
    list_each (&d->r->members[MEMBER_PRESENT], m, struct member, link) {
        if (m->role < ROLE_COHOST && !member_interprets(m) && (m->sources & 1U << MEDIA_MIC))
            put_muted(d, m, MEDIA_MIC);
    }
    return 0;
}

/* Asked, not done: his microphone is his own to turn off. */
int source_mute_ask(struct decision *d) {
    const struct member *one = NULL;
    if (strcmp(d->cmd->who, "*") != 0 && !(one = decision_target(d)))
        return -ERR_MISSING;
    list_each (&d->r->members[MEMBER_PRESENT], m, struct member, link) {
        bool is_meant = one ? m == one : m->role < ROLE_COHOST && !member_interprets(m);
        if (is_meant && m != d->me && (m->sources & 1U << MEDIA_MIC))
            decision_put(d, EV_MUTE_ASKED, m->id);
    }
    return 0;
}

void source_evolve_mute_asked(struct room *r, struct member *m, const struct event *e) {
    (void)r, (void)m, (void)e; /* of the moment */
}

void source_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)r;
    if (!m || m->state != MEMBER_PRESENT || (unsigned)e->source >= MEDIA_SOURCE_COUNT)
        return;
    uint32_t bit = 1U << e->source;
    if (e->on) {
        m->sources |= bit;
        m->muted &= ~bit;
    } else {
        m->sources &= ~bit;
    }
}

void source_evolve_muted(struct room *r, struct member *m, const struct event *e) {
    (void)r;
    if (!m || m->state != MEMBER_PRESENT || (unsigned)e->source >= MEDIA_SOURCE_COUNT)
        return;
    m->sources &= ~(1U << e->source);
    m->muted |= 1U << e->source;
}
