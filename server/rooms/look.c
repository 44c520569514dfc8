/* look — how the room is shown: one layout for all or to each his own, and whether attendees' cameras are for
 * hosts only. */
#include "server/rooms/parts.h"

int look_layout(struct decision *d) {
    if ((unsigned)d->cmd->layout >= LAYOUT_COUNT)
        return decision_refuse(d, -ERR_INVALID, "There is no such layout.");
    if (d->cmd->layout != d->r->layout)
        decision_put(d, EV_LAYOUT, "")->layout = d->cmd->layout;
    return 0;
}

int look_cameras(struct decision *d) {
    if (d->cmd->on != d->r->cameras_to_hosts)
        decision_put(d, EV_CAMERAS, "")->on = d->cmd->on;
    return 0;
}

void look_evolve_layout(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if ((unsigned)e->layout < LAYOUT_COUNT)
        r->layout = e->layout;
}

void look_evolve_cameras(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    r->cameras_to_hosts = e->on;
}

void look_init(struct room *r) { r->layout = LAYOUT_FREE; }
void look_fini(struct room *r) { (void)r; }

void look_dump(const struct room *r, struct buf *b) {
    buf_printf(b, "look layout=%s cameras_to_hosts=%d\n", layout_name(r->layout), r->cameras_to_hosts);
}

void look_image(const struct image *i, const struct room *r) {
    if (r->layout != LAYOUT_FREE)
        image_put(i, &(struct event){.seq = 1, .type = EV_LAYOUT, .layout = r->layout});
    if (r->cameras_to_hosts)
        image_put(i, &(struct event){.seq = 1, .type = EV_CAMERAS, .on = true});
}
