#include "server/signaling/stalls.h"

#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

static size_t waiting(const struct live *l) {
    size_t n = 0;
    if (!l->room.film.shown) /* who went in between has not said so */
        return 0;
    list_each (&l->seats, seat, struct seat, link) {
        n += seat->stalls && seat->session;
    }
    return n;
}

static void on_due(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, stalls);
    size_t n = waiting(l);
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_stalls(&b, n);
    struct note *note = note_of(&b);
    cast_mods(l, note);
    note_drop(note);
    if (n) /* and once more when nobody waits any longer */
        timer_set(h, t, h->now_us + STALLS_EVERY_MS * 1000LL, on_due);
}

void stalls_on_page(struct session *s, const struct msg *m) {
    struct live *l = s->live;
    s->seat->stalls = m->cmd.on;
    if (m->cmd.on && !timer_is_set(&l->stalls))
        on_due(s->h, &l->stalls);
}
