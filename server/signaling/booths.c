#include "server/signaling/booths.h"
#include "media/channels.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

/* ---- how many listen ---- */

static bool is_told(const struct live *l, const struct seat *seat) {
    const struct member *m = room_present(&l->room, seat->id);
    return m && (member_interprets(m) || (room_can(&l->room, m) & CAN_CHANNELS));
}

static void count(const struct live *l, unsigned n[CHANNELS_MAX + 1]) {
    memset(n, 0, (CHANNELS_MAX + 1) * sizeof *n);
    list_each (&l->seats, seat, struct seat, link) {
        if (seat->peer[MEDIA_VIEW])
            n[seat->listens]++;
    }
}

static void on_due(struct hub *h, struct timer *t);

static void tell(struct live *l) {
    struct buf b;
    count(l, l->booths.told);
    l->booths.due = false;
    timer_set(l->h, &l->booths.timer, l->h->now_us + BOOTHS_EVERY_MS * 1000LL, on_due);
    buf_init(&b, NOTE_MAX_BYTES);
    proto_listening(&b, &l->room, l->booths.told);
    struct note *note = note_of(&b);
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready && is_told(l, s->seat))
            session_send(s, note);
    }
    note_drop(note);
}

static void on_due(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, booths.timer);
    (void)h;
    if (l->booths.due)
        tell(l);
}

static void changed(struct live *l) {
    if (!l->room.channels.count)
        return;
    l->booths.due = true;
    if (!timer_is_set(&l->booths.timer))
        tell(l);
}

/* ---- where sound goes ---- */

static unsigned channel_of(const struct live *l, const struct seat *seat) {
    const struct member *m = room_present(&l->room, seat->id);
    unsigned no = m && member_interprets(m) ? room_on_air(&l->room, m) : 0;
    return no ? no : m && member_interprets(m) ? MEDIA_CHANNEL_NONE : 0;
}

static void place(struct seat *seat) {
    struct live *l = seat->live;
    unsigned channel = channel_of(l, seat), listens = room_channel(&l->room, seat->lang);
    if (channel != seat->channel && l->h->media)
        media_member_channel(l->h->media, l->no, seat->id, channel);
    seat->channel = channel;
    if (listens != seat->listens && l->h->media && seat->peer[MEDIA_VIEW])
        media_view_listen(l->h->media, seat->peer[MEDIA_VIEW], listens);
    seat->listens = listens;
}

/* Who goes off the air first: two voices are never in one channel. */
static void place_all(struct live *l) {
    for (int pass = 0; pass < 2; pass++)
        list_each (&l->seats, seat, struct seat, link)
            if (pass || (seat->channel && channel_of(l, seat) != seat->channel))
                place(seat);
}

void booths_begin(struct live *l) { place_all(l); }
void booths_end(struct live *l) { timer_drop(l->h, &l->booths.timer); }

void booths_happened(struct live *l, const struct event *e) {
    bool comes = e->type == EV_JOINED || e->type == EV_LEFT || e->type == EV_REMOVED;
    if (e->type == EV_CHANNELS || e->type == EV_INTERPRETS || e->type == EV_AIR) {
        place_all(l);
        director_channels(l);
        changed(l);
    } else if (comes) {
        struct seat *seat = seat_get(l, e->who);
        if (seat)
            place(seat);
        director_channels(l);
        changed(l);
    }
}

void booths_view(struct seat *seat) {
    struct live *l = seat->live;
    if (seat->listens && seat->peer[MEDIA_VIEW] && l->h->media)
        media_view_listen(l->h->media, seat->peer[MEDIA_VIEW], seat->listens);
    if (l->state == LIVE_UP)
        changed(l);
}

/* A language that is no channel yet is kept: it may become one. */
void booths_listen(struct session *s, const struct msg *m) {
    struct live *l = s->live;
    struct str lang = str_of(m->cmd.name);
    if (lang.n && !channel_lang_ok(lang)) {
        session_error(s, m->id, -ERR_INVALID, "This is no code of a language.");
        return;
    }
    STR_COPY(s->seat->lang, lang);
    place(s->seat);
    changed(l);
    if (!m->id)
        return;
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_ok(&b, m->id, l->committed);
    session_tell(s, &b);
}

void booths_welcome(struct live *l, struct session *s) {
    unsigned n[CHANNELS_MAX + 1];
    struct buf b;
    if (!l->room.channels.count || !is_told(l, s->seat))
        return;
    count(l, n);
    buf_init(&b, NOTE_MAX_BYTES);
    proto_listening(&b, &l->room, n);
    session_tell(s, &b);
}
