/* lobby — attendees who have not been in before wait until somebody lets them in. */
#include "media/base/mem.h"
#include "server/rooms/parts.h"

static void let_in(struct decision *d, const struct member *m) {
    decision_put(d, EV_ADMITTED, m->id);
    people_put_joined(d, m->id, m->name, m->role);
}

/* Everybody who waits, as far as the room has places. */
static int let_all_in(struct decision *d) {
    size_t places = d->r->cfg.members_max - d->r->count[MEMBER_PRESENT];
    if (d->r->count[MEMBER_PRESENT] >= d->r->cfg.members_max)
        places = 0;
    list_each (&d->r->members[MEMBER_WAITING], m, struct member, link) {
        if (!places--)
            break;
        let_in(d, m);
    }
    return 0;
}

static const struct member *waiting(struct decision *d) {
    const struct member *m = room_member(d->r, d->cmd->who);
    return m && m->state == MEMBER_WAITING ? m : NULL;
}

int lobby_switch(struct decision *d) {
    if (d->r->lobby == d->cmd->on)
        return 0;
    decision_put(d, EV_LOBBY, "")->on = d->cmd->on;
    return d->cmd->on ? 0 : let_all_in(d);
}

int lobby_admit(struct decision *d) {
    if (!strcmp(d->cmd->who, "*"))
        return let_all_in(d);
    const struct member *m = waiting(d);
    if (!m)
        return decision_refuse(d, -ERR_MISSING, "This person is not waiting.");
    if (d->r->count[MEMBER_PRESENT] >= d->r->cfg.members_max)
        return decision_refuse(d, -ERR_FULL, "The room is full.");
    let_in(d, m);
    return 0;
}

int lobby_deny(struct decision *d) {
    if (!strcmp(d->cmd->who, "*")) {
        list_each (&d->r->members[MEMBER_WAITING], w, struct member, link)
            decision_put(d, EV_DENIED, w->id);
        return 0;
    }
    const struct member *m = waiting(d);
    if (!m)
        return decision_refuse(d, -ERR_MISSING, "This person is not waiting.");
    decision_put(d, EV_DENIED, m->id);
    return 0;
}

void lobby_evolve_switched(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    r->lobby = e->on;
}

void lobby_evolve_waiting(struct room *r, struct member *m, const struct event *e) {
    if (!m)
        m = member_make(r, e, MEMBER_WAITING);
    if (!m || m->state != MEMBER_WAITING)
        return;
    STR_COPY(m->name, str_of(e->name));
    m->role = (unsigned)e->role < ROLE_COUNT ? e->role : ROLE_ATTENDEE;
    m->joined_ms = e->at_ms;
}

/* `joined` follows and moves the person; until then nothing changes. */
void lobby_evolve_admitted(struct room *r, struct member *m, const struct event *e) {
    (void)r;
    (void)m;
    (void)e;
}

void lobby_evolve_denied(struct room *r, struct member *m, const struct event *e) {
    (void)e;
    if (m && m->state == MEMBER_WAITING)
        member_forget(r, m);
}

/* ---- the message to those who wait ---- */

int lobby_text(struct decision *d) {
    struct str text = d->cmd->text;
    if (text.n && (!room_text_ok(text) || room_chars(text) > LOBBY_TEXT_CHARS))
        return decision_refuse(d, -ERR_INVALID, "The message to those who wait has at most 500 characters.");
    if (!str_is(text, d->r->lobby_text))
        decision_put(d, EV_LOBBY_TEXT, "")->text = room_dup(text);
    return 0;
}

void lobby_evolve_text(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    mem_free(r->lobby_text);
    r->lobby_text = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
}

size_t room_place(const struct room *r, const struct member *m) {
    size_t place = 0;
    list_each (&r->members[MEMBER_WAITING], w, struct member, link) {
        place++;
        if (w == m)
            return place;
    }
    return 0;
}

void lobby_init(struct room *r) { r->lobby_text = mem_strdup(""); }
void lobby_fini(struct room *r) { mem_free(r->lobby_text); }

void lobby_dump(const struct room *r, struct buf *b) {
    if (r->lobby_text[0])
        buf_printf(b, "lobby_text \"%s\"\n", r->lobby_text);
}

void lobby_image(const struct image *i, const struct room *r) {
    if (r->lobby_text[0])
        image_put(i, &(struct event){.seq = 1, .type = EV_LOBBY_TEXT, .text = str_of(r->lobby_text)});
}
