#include "server/signaling/door.h"

#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

static void on_due(struct hub *h, struct timer *t);

static void tell(struct live *l) {
    const struct room *r = &l->room;
    size_t place = 0;
    list_each (&r->members[MEMBER_WAITING], m, struct member, link) {
        struct seat *seat = seat_get(l, m->id);
        struct buf b;
        place++;
        if (!seat || !seat->session || !seat->session->is_waiting)
            continue;
        buf_init(&b, NOTE_MAX_BYTES);
        proto_queue(&b, place, r->count[MEMBER_WAITING], r->lobby_text);
        session_tell(seat->session, &b);
    }
    l->door.due = false;
    timer_set(l->h, &l->door.timer, l->h->now_us + DOOR_MS * 1000LL, on_due);
}

static void on_due(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, door.timer);
    (void)h;
    if (l->door.due)
        tell(l);
}

void door_changed(struct live *l) {
    l->door.due = true;
    if (!timer_is_set(&l->door.timer))
        tell(l);
}

void door_happened(struct live *l, const struct event *e) {
    bool moves = e->type == EV_WAITING || e->type == EV_ADMITTED || e->type == EV_DENIED ||
                 e->type == EV_LEFT || e->type == EV_LOBBY_TEXT;
    if (moves && l->room.count[MEMBER_WAITING])
        door_changed(l);
}

void door_stop(struct live *l) { timer_drop(l->h, &l->door.timer); }
