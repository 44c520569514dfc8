#include "server/rooms/names.h"

#include "server/rooms/parts.h"

bool names_hidden(const struct room *r) { return r->names_hidden; }

const struct member *names_blind(const struct room *r, const struct member *m) {
    return m && names_hidden(r) && !(room_can(r, m) & CAN_MODERATE) ? m : NULL;
}

bool names_known(const struct room *r, const char *id) {
    const struct member *m = room_member(r, id);
    return m && m->role != ROLE_ATTENDEE;
}

bool names_listed(const struct room *r, const char *id) {
    const struct member *m = room_member(r, id);
    return m && (m->role != ROLE_ATTENDEE || m->staged || m->table);
}

const char *names_subject(const struct room *r, const struct event *e) {
    const struct question *q;
    const struct room_chat *c;
    switch (e->type) {
    case EV_WAITING:
    case EV_JOINED:
    case EV_STAGED:
    case EV_ROLE:
    case EV_TIMER:
    case EV_INTERPRETS:
    case EV_UNBANNED:
    case EV_REPORTED:
    case EV_SEATED:
        return e->who;
    case EV_CHAT:
    case EV_DIRECT:
    case EV_ASKED:
    case EV_ASK_WAITS:
        return e->by;
    case EV_ASK_PASSED:
        q = r ? ask_find(r, e->n) : NULL;
        return q ? q->by : "";
    case EV_CHAT_PIN:
        c = r ? chat_find(r, e->n) : NULL;
        return c ? c->by : "";
    case EV_SCORES:
        return "";
    default:
        return NULL;
    }
}

/* Six digits out of the id alone (FNV-1a), so that they are the same after a crash, in a search on disk and
 * in the lesson. Two alike: in one class of 40 out of a thousand, of 100 in one out of 180; with four digits
 * it would be in one out of 12, and in two out of five. */
void names_number(const char *id, char out[ROOM_NAME_MAX + 1]) {
    uint32_t h = 2166136261u;
    for (; *id; id++)
        h = (h ^ (uint8_t)*id) * 16777619u;
    unsigned n = 100000 + (h ^ h >> 16) % 900000;
    size_t at = str_copy(out, ROOM_NAME_MAX + 1, STR("№ 000-000")) ? strlen(out) : 0;
    for (; n && at; n /= 10) {
        at -= out[at - 1] == '-' ? 2 : 1;
        out[at] = (char)('0' + n % 10);
    }
}

void names_told(const struct room *r, const struct member *blind, const char *id, const char *name,
                char out[ROOM_NAME_MAX + 1]) {
    if (!blind || !name[0] || !strcmp(blind->id, id) || names_known(r, id))
        str_copy(out, ROOM_NAME_MAX + 1, str_of(name));
    else
        names_number(id, out);
}

int names_hide(struct decision *d) {
    if (d->cmd->on != names_hidden(d->r))
        decision_put(d, EV_NAMES_HIDDEN, "")->on = d->cmd->on;
    return 0;
}

void names_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    r->names_hidden = e->on;
    r->names_by_hand = e->by[0] != 0;
}

/* ---- as every feature ---- */

void names_init(struct room *r) { (void)r; }
void names_fini(struct room *r) { (void)r; }

void names_dump(const struct room *r, struct buf *b) {
    if (r->names_hidden)
        buf_z(b, "names hidden\n");
    if (r->names_by_hand)
        buf_z(b, "names by hand\n");
}

void names_image(const struct image *i, const struct room *r) {
    struct event e = {.seq = 1, .type = EV_NAMES_HIDDEN, .on = r->names_hidden};
    if (r->names_by_hand)
        STR_COPY(e.by, STR("."));
    if (r->names_hidden || r->names_by_hand)
        image_put(i, &e);
}
