#include "server/signaling/circles.h"
#include "server/rooms/program.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

uint64_t circles_digest(const struct media_pick *picks, size_t n) {
    uint64_t h = 1469598103934665603ULL;
    for (size_t i = 0; i < n; i++) {
        for (const char *c = picks[i].member; *c; c++)
            h = (h ^ (uint8_t)*c) * 1099511628211ULL;
        h = (h ^ (0x80U + picks[i].source)) * 1099511628211ULL;
    }
    return h ? h : 1;
}

/* Who speaks here, for one who came from elsewhere: there others spoke. */
static void tell_speaking(struct seat *seat) {
    struct note *now = seat->live->director.speaking[seat->circle];
    struct buf b;
    if (!seat->session || !seat->session->is_ready)
        return;
    if (now) {
        session_send(seat->session, now);
        return;
    }
    buf_init(&b, NOTE_MAX_BYTES);
    proto_speaking(&b, (struct str){"", 0});
    session_tell(seat->session, &b);
}

static void place(struct seat *seat) {
    struct live *l = seat->live;
    const struct member *m = room_present(&l->room, seat->id);
    unsigned circle = m ? room_table(&l->room, m) : 0;
    bool everywhere = m && m->table_voice, goes = circle != seat->circle;
    if (!goes && everywhere == seat->everywhere)
        return;
    seat->circle = circle;
    seat->everywhere = everywhere;
    if (l->h->media)
        media_member_move(l->h->media, l->no, seat->id, circle, everywhere);
    if (goes)
        tell_speaking(seat);
}

static void place_all(struct live *l) {
    list_each (&l->seats, seat, struct seat, link) {
        place(seat);
    }
}

static void on_due(struct hub *h, struct timer *t) {
    (void)h;
    live_system(container_of(t, struct live, circles.due), &(struct command){.type = CMD_TABLES_OPEN});
}

static void set_due(struct live *l) {
    const struct tables *t = &l->room.tables;
    int64_t left_ms = t->opened_ms + (int64_t)t->seconds * 1000 - l->h->now_ms;
    if (t->is_open && t->seconds)
        timer_set(l->h, &l->circles.due, l->h->now_us + (left_ms > 0 ? left_ms : 0) * 1000, on_due);
    else
        timer_drop(l->h, &l->circles.due);
}

void circles_begin(struct live *l) {
    place_all(l);
    set_due(l);
}

void circles_end(struct live *l) { timer_drop(l->h, &l->circles.due); }

void circles_happened(struct live *l, const struct event *e) {
    struct seat *seat = e->who[0] ? seat_get(l, e->who) : NULL;
    if (seat)
        place(seat);
    if (e->type != EV_TABLES && e->type != EV_TABLES_OPEN)
        return;
    place_all(l);
    set_due(l);
}

void circles_show(struct live *l) {
    struct media_pick picks[MEDIA_ROOM_STAGE_MAX];
    if (!l->h->media)
        return;
    for (unsigned n = 1; n <= l->room.tables.count && l->room.tables.is_open; n++) {
        size_t k = program_table_picks(&l->room, n, false, picks, countof(picks));
        uint64_t now = circles_digest(picks, k);
        if (now == l->circles.shown[n])
            continue;
        l->circles.shown[n] = now;
        media_circle_stage(l->h->media, l->no, n, picks, (unsigned)k);
    }
}
