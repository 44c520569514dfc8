/* limits — what attendees or speakers may not do for now, though the format lets them: chat, hands,
 * microphones, … What is on and may no longer be goes off with it. */
#include "server/rooms/parts.h"

enum {
    LIMITABLE = CAN_PUBLISH_MIC | CAN_PUBLISH_CAMERA | CAN_PUBLISH_SCREEN | CAN_TALK | CAN_CHAT | CAN_HAND |
                CAN_STAGE_SELF | CAN_VOTE | CAN_ASK | CAN_DIRECT | CAN_DIRECT_ALL | CAN_REACT | CAN_SLIDES |
                CAN_NOTES | CAN_VIDEO
};

static bool is_limitable(enum role role) { return role == ROLE_ATTENDEE || role == ROLE_SPEAKER; }

int limits_limit(struct decision *d) {
    const struct command *c = d->cmd;
    if (!is_limitable(c->role) || (c->set & ~(uint32_t)LIMITABLE))
        return decision_refuse(d, -ERR_INVALID, "Attendees and speakers can be kept from such things only.");
    if (d->r->off[c->role] == c->set)
        return 0;
    struct event *e = decision_put(d, EV_LIMITED, "");
    e->role = c->role;
    e->set = c->set;
    uint32_t can = d->r->cfg.format->can[c->role] & ~c->set;
    list_each (&d->r->members[MEMBER_PRESENT], m, struct member, link) {
        if (m->role == c->role)
            source_put_off(d, m,
                           m->sources & ~(can_send(can, m->staged || room_table(d->r, m)) |
                                          (member_interprets(m) ? 1U << MEDIA_MIC : 0)));
    }
    return 0;
}

void limits_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (is_limitable(e->role))
        r->off[e->role] = e->set & (uint32_t)LIMITABLE;
}

/* ---- as every feature ---- */

void limits_init(struct room *r) { (void)r; }
void limits_fini(struct room *r) { (void)r; }

void limits_dump(const struct room *r, struct buf *b) {
    for (int role = 0; role < ROLE_COUNT; role++)
        if (r->off[role])
            buf_printf(b, "limit %s %x\n", role_name((enum role)role), r->off[role]);
}

void limits_image(const struct image *i, const struct room *r) {
    for (int role = 0; role < ROLE_COUNT; role++)
        if (r->off[role])
            image_put(i, &(struct event){
                             .seq = 1, .type = EV_LIMITED, .role = (enum role)role, .set = r->off[role]});
}
