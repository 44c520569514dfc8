#include "server/signaling/cast.h"
#include "media/base/mem.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

enum audience { AUDIENCE_ALL, AUDIENCE_MODS, AUDIENCE_ROSTER };

static const enum audience audiences[EV_COUNT] = {
#define X(name, wire, fields, optional, audience) AUDIENCE_##audience,
#include "server/rooms/events.def"
#undef X
};

struct note *note_of(struct buf *b) {
    struct note *n = note_make(buf_view(b));
    buf_fini(b);
    return n;
}

static bool is_mod(const struct live *l, const struct seat *seat) {
    const struct member *m = room_present(&l->room, seat->id);
    return m && (room_can(&l->room, m) & CAN_MODERATE);
}

static bool may_see(const struct live *l, const struct seat *seat, enum event_type type, bool quiet,
                    const char *who) {
    if (audiences[type] == AUDIENCE_ALL || (audiences[type] == AUDIENCE_ROSTER && !(l->is_big && quiet)))
        return true;
    return !strcmp(seat->id, who) || is_mod(l, seat);
}

static void on_presence(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, presence);
    (void)h;
    if (l->presence_due && l->is_big)
        cast_presence(l);
}

/* At most once a second, whatever comes and goes. */
void cast_presence(struct live *l) {
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_presence(&b, l->room.count[MEMBER_PRESENT], l->committed);
    struct note *note = note_of(&b);
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready && !is_mod(l, s->seat))
            session_send(s, note);
    }
    note_drop(note);
    l->presence_due = false;
    timer_set(l->h, &l->presence, l->h->now_us + HUB_SECOND_US, on_presence);
}

static void count_people(struct live *l) {
    l->is_big = l->is_big || l->room.count[MEMBER_PRESENT] > HUB_ROSTER_MAX;
    if (!l->is_big)
        return;
    l->presence_due = true;
    if (!timer_is_set(&l->presence))
        cast_presence(l);
}

void cast_event(struct live *l, const struct item *it) {
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready && may_see(l, s->seat, it->ev.type, it->is_quiet, it->ev.who))
            session_send(s, it->note);
    }
    if (it->ev.type == EV_JOINED || it->ev.type == EV_LEFT || it->ev.type == EV_REMOVED)
        count_people(l);
}

void cast_changed(struct live *l, const struct event *e, bool is_quiet) {
    if (e->type == EV_CHAT || e->type == EV_UNCHAT)
        l->cache.has_chat = false;
    else if (!is_quiet || audiences[e->type] == AUDIENCE_ALL)
        l->cache.has_people = false;
}

void cast_note(struct live *l, struct note *note) {
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready)
            session_send(s, note);
    }
}

void cast_mods(struct live *l, struct note *note) {
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready && is_mod(l, s->seat))
            session_send(s, note);
    }
}

/* ---- the tail ---- */

void tail_init(struct tail *t) {
    *t = (struct tail){.v = mem_zalloc(HUB_TAIL_MAX * sizeof(struct tail_line))};
}

static struct tail_line *tail_at(const struct tail *t, size_t i) {
    return &t->v[(t->first + i) % HUB_TAIL_MAX];
}

void tail_fini(struct tail *t) {
    for (size_t i = 0; i < t->n; i++)
        note_drop(tail_at(t, i)->note);
    mem_free(t->v);
}

void cast_tail(struct live *l, struct note *note, const struct event *e, bool is_quiet) {
    struct tail *t = &l->tail;
    if (t->n == HUB_TAIL_MAX) {
        note_drop(tail_at(t, 0)->note);
        t->first = (t->first + 1) % HUB_TAIL_MAX;
        t->n--;
    }
    struct tail_line *line = tail_at(t, t->n++);
    *line = (struct tail_line){.seq = e->seq, .note = note_hold(note), .type = e->type, .is_quiet = is_quiet};
    STR_COPY(line->who, str_of(e->who));
}

/* Whether everything after `since` is in the tail, or will be when what is queued is committed. */
static bool tail_covers(const struct live *l, uint64_t since) {
    uint64_t first = l->tail.n ? tail_at(&l->tail, 0)->seq : l->committed + 1;
    return since && since <= l->room.seq && since + 1 >= first;
}

/* ---- the welcome ---- */

static void encode(struct live *l, struct session *s, struct buf *b, uint64_t id, uint64_t seq,
                   bool is_resumed) {
    struct buf ice;
    buf_init(&ice, NOTE_MAX_BYTES);
    turn_ice(&l->h->turn, s->seat->id, l->h->now_ms, &ice);
    struct proto_welcome w = {
        .id = id,
        .cache = &l->cache,
        .room = &l->room,
        .you = room_member(&l->room, s->seat->id),
        .room_id = l->id,
        .title = str_of(l->title),
        .ice = buf_view(&ice),
        .seq = seq,
        .now_ms = l->h->now_ms,
        .ping_s = HUB_PING_S,
        .is_resumed = is_resumed,
        .is_partial = l->is_big,
        .has_publish = s->seat->peer[MEDIA_PUBLISH] && !s->seat->resource[MEDIA_PUBLISH][0],
        .has_view = s->seat->peer[MEDIA_VIEW] && !s->seat->resource[MEDIA_VIEW][0],
    };
    buf_init(b, NOTE_MAX_BYTES);
    proto_welcome(b, &w);
    buf_fini(&ice);
}

void cast_welcome(struct live *l, struct session *s, uint64_t since, uint64_t id) {
    const struct member *m = room_member(&l->room, s->seat->id);
    struct buf b;
    bool is_in = m->state == MEMBER_PRESENT;
    struct item *it = live_queue(l, ITEM_WELCOME);
    it->conn = s->conn;
    it->id = id;
    it->is_entry = is_in;
    s->is_waiting = !is_in;
    /* The tail must still hold it all when this is sent; events of one turn are fewer than half of it. */
    if (is_in && tail_covers(l, since) && l->room.seq - since < HUB_TAIL_MAX / 2) {
        it->since = since;
        return;
    }
    encode(l, s, &b, id, l->room.seq, false);
    it->note = note_of(&b);
}

static void send_missed(struct live *l, struct session *s, uint64_t since) {
    for (size_t i = 0; i < l->tail.n && s->state != SESSION_GONE; i++) {
        const struct tail_line *t = tail_at(&l->tail, i);
        if (t->seq > since && may_see(l, s->seat, t->type, t->is_quiet, t->who))
            session_send(s, t->note);
    }
}

void cast_send_welcome(struct live *l, struct item *it) {
    struct session *s = map_get(&l->h->sessions, it->conn);
    if (!s || s->live != l || !s->seat)
        return;
    if (it->note) {
        session_send(s, it->note);
    } else if (!room_present(&l->room, s->seat->id) || !tail_covers(l, it->since)) {
        session_bye(s, "slow", 1); /* by now it takes a snapshot */
    } else {
        struct buf b;
        encode(l, s, &b, it->id, it->seq, true);
        session_tell(s, &b);
        send_missed(l, s, it->since);
    }
    if (s->state == SESSION_GONE || !it->is_entry)
        return;
    s->is_ready = true;
    if (l->director.speaking)
        session_send(s, l->director.speaking);
    if (s->state != SESSION_GONE && s->seat->slots)
        session_send(s, s->seat->slots);
}
