#include "server/signaling/cast.h"
#include "media/base/mem.h"
#include "server/signaling/alias.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"
#include "server/signaling/tally.h"
#include "server/signaling/veil.h"

enum audience {
    AUDIENCE_ALL,
    AUDIENCE_MODS,
    AUDIENCE_LEADERS,
    AUDIENCE_ROSTER,
    AUDIENCE_POLLERS,
    AUDIENCE_PARTIES,
    AUDIENCE_ASKER,
    AUDIENCE_NOBODY
};

static const enum audience audiences[EV_COUNT] = {
#define X(name, wire, fields, optional, audience, lesson) AUDIENCE_##audience,
#include "server/rooms/events.def"
#undef X
};

struct note *note_of(struct buf *b) {
    struct note *n = note_make(buf_view(b));
    buf_fini(b);
    return n;
}

static bool may(const struct live *l, const struct seat *seat, enum can can) {
    const struct member *m = room_present(&l->room, seat->id);
    return m && (room_can(&l->room, m) & can);
}

static bool is_mod(const struct live *l, const struct seat *seat) { return may(l, seat, CAN_MODERATE); }

static struct tail_line line_of(const struct event *e, struct note *note, bool is_quiet) {
    struct tail_line t = {.seq = e->seq,
                          .note = note,
                          .type = e->type,
                          .is_quiet = is_quiet,
                          .is_for_hosts = e->on,
                          .table = e->size,
                          .n = e->n};
    STR_COPY(t.who, str_of(e->who));
    STR_COPY(t.by, str_of(e->by));
    return t;
}

/* Whose question it is: told by the member's id, or by what he is called where he has no name. */
static bool is_asker(const struct live *l, const struct seat *seat, const struct tail_line *t) {
    const char *asker = t->type == EV_ASK_TURNED ? t->who : t->by;
    char alias[ROOM_ID_MAX + 1];
    if (asker[0] != '.')
        return !strcmp(seat->id, asker);
    alias_of(l, t->type == EV_ASK_TURNED ? t->n : t->seq, seat->id, alias);
    return !strcmp(alias, asker);
}

/* Where names are hidden from him: of whom he has in his list, and what takes somebody out of it or into it.
 */
static bool may_know(const struct live *l, const struct seat *seat, const struct tail_line *t) {
    return !veil_is_on(l, seat) || names_listed(&l->room, t->who) || t->type == EV_SEATED ||
           t->type == EV_LEFT;
}

static bool may_see(const struct live *l, const struct seat *seat, const struct tail_line *t) {
    switch (audiences[t->type]) {
    case AUDIENCE_ALL:
        return true;
    case AUDIENCE_ROSTER:
        return (!(l->is_big && t->is_quiet) && may_know(l, seat, t)) || !strcmp(seat->id, t->who) ||
               is_mod(l, seat);
    case AUDIENCE_MODS:
        return !strcmp(seat->id, t->who) || is_mod(l, seat);
    case AUDIENCE_LEADERS:
        return is_mod(l, seat);
    case AUDIENCE_POLLERS:
        return may(l, seat, CAN_POLL);
    case AUDIENCE_PARTIES:
        if (t->table)
            return room_table_hears(&l->room, room_member(&l->room, seat->id), t->table, t->seq);
        return !strcmp(seat->id, t->by) || !strcmp(seat->id, t->who) || (t->is_for_hosts && is_mod(l, seat));
    case AUDIENCE_ASKER:
        return is_mod(l, seat) || is_asker(l, seat, t);
    case AUDIENCE_NOBODY:
        break;
    }
    return false;
}

static void on_presence(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, presence);
    (void)h;
    if (l->presence_due && (l->is_big || names_hidden(&l->room)))
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
    if (!l->is_big && !names_hidden(&l->room))
        return;
    l->presence_due = true;
    if (!timer_is_set(&l->presence))
        cast_presence(l);
}

void cast_event(struct live *l, const struct item *it) {
    if (audiences[it->ev.type] == AUDIENCE_NOBODY)
        return;
    struct tail_line t = line_of(&it->ev, it->note, it->is_quiet);
    struct veiled made = {0};
    list_each (&l->sessions, s, struct session, link) {
        struct note *note = s->is_ready && may_see(l, s->seat, &t) ? veil_note(l, s->seat, &t, &made) : NULL;
        if (note)
            session_send(s, note);
    }
    veil_drop(&made);
    if (it->ev.type == EV_JOINED || it->ev.type == EV_LEFT || it->ev.type == EV_REMOVED)
        count_people(l);
}

void cast_changed(struct live *l, const struct event *e, bool is_quiet) {
    if (e->type >= EV_CAPTION && e->type <= EV_CAPTION_DROPPED)
        return; /* no part of it is kept */
    if (e->type == EV_CHAT || e->type == EV_UNCHAT || e->type == EV_CHAT_EDIT)
        l->cache.has_chat = false;
    else if (e->type >= EV_POLL && e->type <= EV_SCORES)
        l->cache.has_polls = false;
    else if (e->type == EV_DECK_DROPPED || (e->type >= EV_INK && e->type <= EV_INK_CLEARED))
        l->cache.has_ink = false; /* marks go with their deck */
    else if (e->type == EV_NOTE || e->type == EV_NOTE_WHOLE)
        l->cache.has_notes = false;
    else if (e->type >= EV_ASKED && e->type < EV_TABLES)
        l->cache.has_asks = false;
    else if (e->type >= EV_TABLES && e->type <= EV_TABLES_OPEN) /* they say of others where they sit */
        l->cache.has_people = false;
    else if (!is_quiet || audiences[e->type] == AUDIENCE_ALL)
        l->cache.has_people = false;
}

void cast_note(struct live *l, struct note *note) {
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready)
            session_send(s, note);
    }
}

void cast_circle(struct live *l, unsigned circle, struct note *note) {
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready && s->seat->circle == circle)
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
    if (audiences[e->type] == AUDIENCE_NOBODY)
        return;
    if (t->n == HUB_TAIL_MAX) {
        t->after = tail_at(t, 0)->seq;
        note_drop(tail_at(t, 0)->note);
        t->first = (t->first + 1) % HUB_TAIL_MAX;
        t->n--;
    }
    *tail_at(t, t->n++) = line_of(e, note_hold(note), is_quiet);
}

/* It made of his page another one (veil_turned, veil_role): what he has from before is no good any more. */
static bool turns(const struct live *l, const struct seat *seat, enum event_type type, const char *who) {
    return type == EV_NAMES_HIDDEN || (type == EV_ROLE && names_hidden(&l->room) && !strcmp(who, seat->id));
}

static bool has_turned(const struct live *l, const struct seat *seat, uint64_t since) {
    for (size_t i = 0; i < l->tail.n; i++) {
        const struct tail_line *t = tail_at(&l->tail, i);
        if (t->seq > since && turns(l, seat, t->type, t->who))
            return true;
    }
    list_each (&l->queue, it, struct item, link) {
        if (it->kind == ITEM_EVENT && it->ev.seq > since && turns(l, seat, it->ev.type, it->ev.who))
            return true;
    }
    return false;
}

/* Whether everything after `since` is in the tail, or will be when what is queued is committed; and whether
 * he who was told of all before it may go on from there. */
static bool tail_covers(const struct live *l, const struct seat *seat, uint64_t since) {
    return since && since <= l->room.seq && since >= l->tail.after && !has_turned(l, seat, since);
}

/* ---- the welcome ---- */

static void alias_for(void *ctx, uint64_t n, const char *member, char out[ROOM_ID_MAX + 1]) {
    alias_of(ctx, n, member, out);
}

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
        .alias = alias_for,
        .alias_ctx = l,
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
    if (is_in && tail_covers(l, s->seat, since) && l->room.seq - since < HUB_TAIL_MAX / 2) {
        it->since = since;
        return;
    }
    encode(l, s, &b, id, l->room.seq, false);
    it->note = note_of(&b);
}

static void send_missed(struct live *l, struct session *s, uint64_t since) {
    for (size_t i = 0; i < l->tail.n && s->state != SESSION_GONE; i++) {
        const struct tail_line *t = tail_at(&l->tail, i);
        struct veiled made = {0};
        struct note *note = t->seq > since && may_see(l, s->seat, t) ? veil_note(l, s->seat, t, &made) : NULL;
        if (note)
            session_send(s, note);
        veil_drop(&made);
    }
}

void cast_send_welcome(struct live *l, struct item *it) {
    struct session *s = map_get(&l->h->sessions, it->conn);
    if (!s || s->live != l || !s->seat)
        return;
    if (it->note) {
        session_send(s, it->note);
        if (s->is_waiting)
            door_changed(l);
    } else if (!room_present(&l->room, s->seat->id) || !tail_covers(l, s->seat, it->since)) {
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
    if (l->director.speaking[s->seat->circle])
        session_send(s, l->director.speaking[s->seat->circle]);
    if (s->state != SESSION_GONE && s->seat->slots)
        session_send(s, s->seat->slots);
    if (s->state != SESSION_GONE)
        tally_welcome(l, s);
    if (s->state != SESSION_GONE)
        booths_welcome(l, s);
}
