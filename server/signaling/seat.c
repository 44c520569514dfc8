#include "server/signaling/seat.h"
#include "server/signaling/live.h"
#include "server/signaling/session.h"
#include "server/signaling/studio.h"
#include "media/base/mem.h"

static bool is_held_by_http(const struct seat *seat) {
    return seat->resource[MEDIA_PUBLISH][0] || seat->resource[MEDIA_VIEW][0];
}

struct seat *seat_get(struct live *l, const char *id) {
    return smap_get(&l->seats_by_id, str_of(id));
}

struct seat *seat_make(struct live *l, const char *id) {
    struct seat *seat = seat_get(l, id);
    if (seat)
        return seat;
    seat = mem_zalloc(sizeof *seat);
    seat->live = l;
    STR_COPY(seat->id, str_of(id));
    list_init(&seat->link);
    if (smap_put(&l->seats_by_id, str_of(id), seat)) {
        mem_free(seat);
        return NULL;
    }
    list_put(&l->seats, &seat->link);
    return seat;
}

void seat_free(struct seat *seat) {
    struct live *l = seat->live;
    struct session *s = seat->session;
    seat->session = NULL;
    if (s)
        session_part(s);
    studio_close(seat, MEDIA_PUBLISH);
    studio_close(seat, MEDIA_VIEW);
    timer_drop(l->h, &seat->grace);
    smap_drop(&l->seats_by_id, str_of(seat->id));
    list_drop(&seat->link);
    note_drop(seat->slots);
    mem_free(seat);
}

/* ---- leaving ---- */

static void leave(struct seat *seat, enum reason why) {
    struct command c = {.type = CMD_LEAVE, .reason = why};
    STR_COPY(c.who, str_of(seat->id));
    live_system(seat->live, &c);
}

static void on_grace_over(struct hub *h, struct timer *t) {
    struct seat *seat = container_of(t, struct seat, grace);
    (void)h;
    if (!seat->session && !is_held_by_http(seat))
        leave(seat, REASON_LOST);
}

void seat_lost(struct seat *seat, int64_t grace_us) {
    struct hub *h = seat->live->h;
    if (seat->live->state == LIVE_UP && !h->is_stopping && !is_held_by_http(seat))
        timer_set(h, &seat->grace, h->now_us + grace_us, on_grace_over);
}

void seat_unhold(struct seat *seat, enum reason why) {
    if (!seat->session && !is_held_by_http(seat) && !timer_is_set(&seat->grace))
        leave(seat, why);
}

void seat_gone(struct live *l, const struct event *e) {
    struct seat *seat = seat_get(l, e->who);
    const struct member *m = room_member(&l->room, e->who);
    if (!seat || (m && (m->state == MEMBER_PRESENT || m->state == MEMBER_WAITING)))
        return; /* came back before this was committed */
    struct session *s = seat->session;
    seat->session = NULL;
    if (s) {
        s->seat = NULL;
        session_bye(s, e->type == EV_LEFT ? "left" : e->type == EV_REMOVED ? "removed" : "denied", 0);
    }
    seat_free(seat);
}

/* ---- joining ---- */

int seat_join(struct live *l, const struct ticket *t, const char **why) {
    struct command c = {.type = CMD_JOIN};
    STR_COPY(c.who, str_of(t->sub));
    STR_COPY(c.name, str_of(t->name));
    c.list = str_of(t->langs);
    int role = role_of(str_of(t->role));
    c.role = role < 0 ? ROLE_ATTENDEE : (enum role)role;
    int err = live_apply(l, &ACTOR_SYSTEM, &c, why);
    if (!err && l->is_standing && l->room.life == LIFE_SCHEDULED)
        live_apply(l, &ACTOR_SYSTEM, &(struct command){.type = CMD_OPEN}, NULL);
    return err;
}

/* The page is a new one: what its older self sent is over. */
static void forget_page(struct seat *seat) {
    for (int kind = MEDIA_PUBLISH; kind <= MEDIA_VIEW; kind++)
        if (!seat->resource[kind][0])
            studio_close(seat, (enum media_peer_kind)kind);
    if (!seat->resource[MEDIA_PUBLISH][0])
        studio_sources_off(seat);
}

static void refuse(struct session *s, int err, const char *why) {
    list_drop(&s->link);
    s->live = NULL;
    session_settle(s, SESSION_FRESH);
    session_error(s, s->join_id, err, why);
}

void seat_enter(struct live *l, struct session *s) {
    const char *why = NULL;
    int err = seat_join(l, &s->ticket, &why);
    struct seat *seat = err ? NULL : seat_make(l, s->ticket.sub);
    if (!seat) {
        refuse(s, err ? err : -ERR_FULL, why ? why : "The room is full.");
        live_flush(l);
        return;
    }
    struct session *older = seat->session;
    if (older) {
        seat->session = NULL;
        older->seat = NULL;
        session_bye(older, "replaced", 0);
    }
    list_drop(&s->link);
    list_put(&l->sessions, &s->link);
    session_settle(s, SESSION_SEATED);
    seat->session = s;
    s->seat = seat;
    timer_drop(l->h, &seat->grace);
    seat->stalls = false; /* an "off" may be lost with a line; the page says it anew */
    if (!s->since)
        forget_page(seat);
    cast_welcome(l, s, s->since, s->join_id);
    live_flush(l);
}
