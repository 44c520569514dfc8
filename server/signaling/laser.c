#include "server/signaling/laser.h"

#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

static void on_due(struct hub *h, struct timer *t);

static void tell(struct live *l) {
    for (unsigned i = 0; i < l->laser.count; i++) {
        const struct laser_hand *hand = &l->laser.hands[i];
        struct buf b;
        buf_init(&b, NOTE_MAX_BYTES);
        proto_pointing(&b, hand->who, hand->n, hand->page, hand->dot);
        struct note *note = note_of(&b);
        cast_note(l, note);
        note_drop(note);
    }
    l->laser.count = 0;
    timer_set(l->h, &l->laser.timer, l->h->now_us + LASER_EVERY_MS * 1000LL, on_due);
}

static void on_due(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, laser.timer);
    (void)h;
    if (l->laser.count)
        tell(l);
}

static struct laser_hand *hand_of(struct laser *z, const char *who) {
    for (unsigned i = 0; i < z->count; i++)
        if (!strcmp(z->hands[i].who, who))
            return &z->hands[i];
    return z->count < LASER_HANDS_MAX ? &z->hands[z->count++] : NULL;
}

void laser_point(struct session *s, const struct msg *m) {
    struct live *l = s->live;
    const struct member *me = room_present(&l->room, s->seat->id);
    const struct deck *deck = slides_find(&l->room, m->cmd.n);
    struct str dot = m->cmd.list;
    if (!me || (deck ? !slides_may_draw(&l->room, me, deck) : !(room_can(&l->room, me) & CAN_SLIDES))) {
        session_error(s, m->id, -ERR_DENIED, "Your role may not do this here.");
        return;
    }
    if (!deck || !m->cmd.amount || m->cmd.amount > deck->pages) {
        session_error(s, m->id, -ERR_MISSING, "There is no such page.");
        return;
    }
    if (dot.n > LASER_DOT_CHARS ||
        (dot.n && (ink_tool_of(dot) != INK_PEN || ink_is_on_board(dot) != deck_is_board(deck)))) {
        session_error(s, m->id, -ERR_INVALID, "One points with one dot.");
        return;
    }
    if (m->id) {
        struct buf b;
        buf_init(&b, NOTE_MAX_BYTES);
        proto_ok(&b, m->id, l->committed);
        session_tell(s, &b);
    }
    struct laser_hand *hand = hand_of(&l->laser, s->seat->id);
    if (!hand)
        return;
    *hand = (struct laser_hand){.n = m->cmd.n, .page = m->cmd.amount};
    STR_COPY(hand->who, str_of(s->seat->id));
    STR_COPY(hand->dot, dot);
    if (!timer_is_set(&l->laser.timer))
        tell(l);
}

void laser_stop(struct live *l) { timer_drop(l->h, &l->laser.timer); }
