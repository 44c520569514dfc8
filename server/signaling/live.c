#include "server/signaling/live.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/rooms/discreet.h"
#include "server/rooms/image.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"
#include "server/signaling/studio.h"
#include "server/signaling/veil.h"

/* ---- when nobody is there ---- */

/* A standing room is open whether it is in memory or not; others are watched until they end. */
static bool is_unused(const struct live *l) {
    return (l->room.life != LIFE_OPEN || l->is_standing) && !l->director.is_recording &&
           !l->room.count[MEMBER_WAITING] && list_empty(&l->sessions) && list_empty(&l->queue);
}

static void on_idle(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, idle);
    if (!l->empty_since_us)
        return;
    int64_t empty_us = h->now_us - l->empty_since_us;
    director_record(l);
    if (is_unused(l) && empty_us >= (int64_t)HUB_UNLOAD_S * HUB_SECOND_US) {
        if (h->media)
            media_room_close(h->media, l->no);
        live_drop(l);
        return;
    }
    timer_set(h, t, h->now_us + (int64_t)HUB_UNLOAD_S * HUB_SECOND_US, on_idle);
    if (l->room.life == LIFE_OPEN && !l->is_standing && empty_us >= (int64_t)HUB_ABANDON_S * HUB_SECOND_US)
        live_system(l, &(struct command){.type = CMD_END});
}

/* Somebody came or went: idle deadlines anew. */
static void watch(struct live *l) {
    if (l->room.count[MEMBER_PRESENT]) {
        l->empty_since_us = 0;
        timer_drop(l->h, &l->idle);
    } else if (!l->empty_since_us) {
        l->empty_since_us = l->h->now_us ? l->h->now_us : 1;
        l->is_big = false;
        timer_set(l->h, &l->idle, l->h->now_us + (int64_t)HUB_UNLOAD_S * HUB_SECOND_US, on_idle);
    }
}

/* ---- into memory ---- */

struct live *live_open(struct hub *h, const char *room) {
    struct live *l = mem_zalloc(sizeof *l);
    if (!STR_COPY(l->id, str_of(room)) || smap_put(&h->rooms, str_of(l->id), l)) {
        mem_free(l);
        return NULL;
    }
    l->h = h;
    l->no = ++h->next_no;
    map_put(&h->rooms_no, l->no, l);
    list_init(&l->dead_link);
    list_init(&l->loading);
    list_init(&l->sessions);
    list_init(&l->seats);
    list_init(&l->queue);
    list_init(&l->wanted);
    list_init(&l->whips);
    smap_init(&l->seats_by_id, ROOM_MEMBERS_MAX + ROOM_WAITING_MAX);
    director_init(&l->director);
    tail_init(&l->tail);
    proto_cache_init(&l->cache);
    h->ops.load_room(h->ops.ctx, l->id);
    return l;
}

void live_meta(struct live *l, const struct hub_meta *meta) {
    const struct format *f = meta->rules ? meta->rules : l->h->formats;
    for (size_t i = 0; !meta->rules && i < l->h->format_count; i++)
        if (str_is(meta->format, l->h->formats[i].id))
            f = &l->h->formats[i];
    l->rules = *f;
    struct str title = meta->title;
    while (title.n > PROTO_TITLE_MAX || !str_utf8_ok(title)) /* cut between characters */
        title.n--;
    STR_COPY(l->title, title);
    l->is_standing = meta->standing;
    struct room_cfg cfg = {&l->rules, f->record == RECORD_NEVER ? RECORD_NEVER : meta->record, meta->lobby,
                           meta->members_max};
    if (!l->has_room) {
        room_init(&l->room, &cfg);
        l->has_room = true;
        return;
    }
    if (!cfg.members_max || cfg.members_max > ROOM_MEMBERS_MAX)
        cfg.members_max = ROOM_MEMBERS_MAX;
    l->room.cfg = cfg;
}

/* Nobody learns this from an attendee off stage in a big room but who moderates. Asked before evolving. */
static bool is_quiet(const struct room *r, const struct event *e) {
    if (e->type == EV_JOINED)
        return e->role == ROLE_ATTENDEE && !e->on;
    const struct member *m = room_member(r, e->who);
    return m && m->role == ROLE_ATTENDEE && !m->staged;
}

static void recall(struct live *l, const struct hub_line *image) {
    struct str rest = image->json, line;
    while (str_line(&rest, &line)) {
        struct event e;
        if (proto_event_parse(&e, line)) {
            LOG_ERROR("line of an image not understood, left out room=%s seq=%llu", l->id,
                      (unsigned long long)image->seq);
            continue;
        }
        room_evolve(&l->room, &e);
        event_fini(&e);
    }
    l->room.seq = l->imaged = image->seq;
}

static void replay(struct live *l, const struct hub_past *past) {
    const struct hub_line *lines = past->lines;
    size_t n = past->n;
    if (past->image.seq)
        recall(l, &past->image);
    l->tail.after = n ? lines[0].seq - 1 : l->room.seq;
    for (size_t i = 0; i < n; i++) {
        struct event e;
        if (proto_event_parse(&e, lines[i].json)) {
            LOG_ERROR("line of the journal not understood, left out room=%s seq=%llu", l->id,
                      (unsigned long long)lines[i].seq);
            continue;
        }
        bool quiet = is_quiet(&l->room, &e);
        room_evolve(&l->room, &e);
        struct note *note = note_make(lines[i].json);
        cast_tail(l, note, &e, quiet);
        note_drop(note);
        event_fini(&e);
    }
    if (n && lines[n - 1].seq > l->room.seq)
        l->room.seq = lines[n - 1].seq; /* a number is never used twice */
    l->committed = l->room.seq;
}

/* A room that had to be given up: it may be open with nobody on the way to it, and somebody must see it end.
 */
struct again {
    struct list link;
    struct timer timer;
    char room[ROOM_ID_MAX + 1];
};

static void on_again(struct hub *h, struct timer *t) {
    struct again *a = container_of(t, struct again, timer);
    list_drop(&a->link);
    if (!h->is_stopping)
        hub_live(h, a->room);
    mem_free(a);
}

static void bring_back(struct live *l, int64_t after_ms) {
    struct hub *h = l->h;
    list_each (&h->again, a, struct again, link) {
        if (!strcmp(a->room, l->id))
            return;
    }
    struct again *a = mem_zalloc(sizeof *a);
    STR_COPY(a->room, str_of(l->id));
    list_put(&h->again, &a->link);
    timer_set(h, &a->timer, h->now_us + after_ms * 1000, on_again);
}

void live_again_forget(struct hub *h) {
    list_each (&h->again, a, struct again, link) {
        timer_drop(h, &a->timer);
        list_drop(&a->link);
        mem_free(a);
    }
}

static const char *load_refusal(int err) {
    return err == -ERR_MISSING   ? "There is no such room."
           : err == -ERR_EXPIRED ? "The event has ended."
                                 : "The room cannot be read just now.";
}

static void wanted_free(struct wanted *w) {
    mem_free((char *)w->cmd.text.p);
    mem_free(w);
}

static void refuse_all(struct live *l, int err, const char *text) {
    list_each (&l->loading, s, struct session, link) {
        list_drop(&s->link);
        s->live = NULL;
        session_settle(s, SESSION_FRESH);
        session_error(s, s->join_id, err, text);
    }
    list_each (&l->wanted, w, struct wanted, link) {
        list_drop(&w->link);
        call_answer(l->h, w->call, err, text);
        wanted_free(w);
    }
    list_each (&l->whips, w, struct whip_wait, link) {
        list_drop(&w->link);
        whip_refuse(w, err, text);
    }
    live_drop(l);
}

/* Who was in the room when the server went has a while to come back. */
static void restore_seats(struct live *l) {
    for (int state = MEMBER_PRESENT; state <= MEMBER_WAITING; state++)
        list_each (&l->room.members[state], m, struct member, link) {
            struct seat *seat = seat_make(l, m->id);
            if (seat)
                seat_lost(seat, (int64_t)HUB_RESTORE_GRACE_S * HUB_SECOND_US);
        }
}

static void let_in_who_waited(struct live *l) {
    list_each (&l->wanted, w, struct wanted, link) {
        const char *why = NULL;
        int err = live_apply(l, &ACTOR_SYSTEM, &w->cmd, &why);
        list_drop(&w->link);
        if (err)
            call_answer(l->h, w->call, err, why);
        else
            live_queue(l, ITEM_CALL)->call = w->call;
        wanted_free(w);
    }
    list_each (&l->loading, s, struct session, link) {
        seat_enter(l, s);
    }
    list_each (&l->whips, w, struct whip_wait, link) {
        list_drop(&w->link);
        whip_enter(l, w);
    }
}

void live_loaded(struct live *l, int err, const struct hub_meta *meta, const struct hub_past *past) {
    if (err) {
        if (err == -ERR_BUSY || err == -ERR_IO)
            bring_back(l, HUB_RELOAD_MS);
        refuse_all(l, err, load_refusal(err));
        return;
    }
    live_meta(l, meta);
    replay(l, past);
    l->state = LIVE_UP;
    if (l->room.life == LIFE_ENDED) {
        refuse_all(l, -ERR_EXPIRED, load_refusal(-ERR_EXPIRED));
        return;
    }
    if (!l->room.seq) {
        struct command create = {.type = CMD_CREATE, .on = l->room.cfg.lobby};
        STR_COPY(create.name, str_of(l->room.cfg.format->id));
        live_system(l, &create);
    }
    veil_as_format(l, false);
    l->is_big = l->room.count[MEMBER_PRESENT] > HUB_ROSTER_MAX;
    LOG_INFO("room loaded room=%s life=%s seq=%llu present=%zu", l->id, life_name(l->room.life),
             (unsigned long long)l->room.seq, l->room.count[MEMBER_PRESENT]);
    restore_seats(l);
    circles_begin(l);
    booths_begin(l);
    director_record(l);
    director_update(l);
    let_in_who_waited(l);
    watch(l);
    live_flush(l);
}

/* ---- changing ---- */

struct item *live_queue(struct live *l, enum item_kind kind) {
    struct item *it = mem_zalloc(sizeof *it);
    it->kind = kind;
    it->seq = l->room.seq;
    list_put(&l->queue, &it->link);
    l->queue_n++;
    return it;
}

static void keep(struct live *l, const struct event *e, struct str text) {
    const struct hub_ops *ops = &l->h->ops;
    struct event less;
    struct buf b;
    if (l->room.cfg.format->keep == KEEP_ALL) {
        ops->journal(ops->ctx, l->id, l->no, &(struct hub_line){e->seq, e->at_ms, text});
        return;
    }
    less = discreet_event(e);
    buf_init(&b, NOTE_MAX_BYTES);
    proto_event(&b, &less);
    ops->journal(ops->ctx, l->id, l->no, &(struct hub_line){e->seq, e->at_ms, buf_view(&b)});
    buf_fini(&b);
}

static void change(struct live *l, const struct event *e) {
    struct hub *h = l->h;
    struct buf b;
    bool quiet = is_quiet(&l->room, e);
    room_evolve(&l->room, e);
    cast_changed(l, e, quiet);
    h->stats.events++;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_event(&b, e);
    keep(l, e, buf_view(&b));
    struct item *it = live_queue(l, ITEM_EVENT);
    it->note = note_of(&b);
    it->ev = *e;
    it->ev.text = it->ev.list = (struct str){NULL, 0};
    it->is_quiet = quiet;
    struct seat *seat = e->who[0] ? seat_get(l, e->who) : NULL;
    if (seat && e->type == EV_REMOVED) {
        studio_close(seat, MEDIA_PUBLISH);
        studio_close(seat, MEDIA_VIEW);
    } else if (seat) {
        studio_gate(seat, false);
    }
}

struct picture {
    struct buf b;
    enum keep keep;
};

static void put_line(void *ctx, const struct event *e) {
    struct picture *p = ctx;
    struct event less = p->keep == KEEP_ALL ? *e : discreet_event(e);
    proto_event(&p->b, &less); /* borrows what e owns */
    buf_z(&p->b, "\n");
}

/* So that a log may be long, and reading it is not. */
static void take_image(struct live *l) {
    struct picture p = {.keep = l->room.cfg.format->keep};
    buf_init(&p.b, HUB_IMAGE_BYTES);
    room_image(&l->room, put_line, &p);
    l->imaged = l->room.seq;
    if (p.b.over)
        LOG_ERROR("room too big for an image room=%s", l->id);
    else
        l->h->ops.image(l->h->ops.ctx, l->id, l->no,
                        &(struct hub_line){l->room.seq, l->h->now_ms, buf_view(&p.b)});
    buf_fini(&p.b);
}

int live_apply(struct live *l, const struct actor *by, const struct command *cmd, const char **why) {
    struct events es;
    /* Who leaves, leaves; but nobody adds to what the disk cannot keep up with. */
    if (l->queue_n >= HUB_QUEUE_MAX && (!by->is_system || cmd->type == CMD_JOIN)) {
        if (why)
            *why = "The disk is behind: try again in a moment.";
        return -ERR_BUSY;
    }
    events_init(&es);
    int err = room_decide(&l->room, by, cmd, l->h->now_ms, &es);
    if (why)
        *why = es.why;
    for (size_t i = 0; i < es.n; i++)
        change(l, &es.v[i]);
    for (size_t i = 0; i < es.n; i++) { /* out of the lobby: the socket is there already */
        struct seat *seat = es.v[i].type == EV_JOINED ? seat_get(l, es.v[i].who) : NULL;
        if (seat && seat->session && seat->session->is_waiting)
            cast_welcome(l, seat->session, 0, 0);
    }
    if (es.n)
        watch(l);
    if (l->room.seq - l->imaged >= HUB_IMAGE_LINES && l->room.life != LIFE_ENDED)
        take_image(l);
    events_fini(&es);
    return err;
}

void live_system(struct live *l, const struct command *cmd) {
    const char *why = NULL;
    int err = live_apply(l, &ACTOR_SYSTEM, cmd, &why);
    if (err)
        LOG_DEBUG("own command refused room=%s type=%d err=%s", l->id, (int)cmd->type, err_wire(err));
    live_flush(l);
}

/* ---- after the commit ---- */

static void tell_can(struct live *l, const struct event *e) {
    struct seat *seat = seat_get(l, e->who);
    if (!seat || !seat->session || !seat->session->is_ready)
        return;
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_can(&b, &l->room, e->role);
    session_tell(seat->session, &b);
}

/* Everybody of the role. */
static void tell_limits(struct live *l, enum role role) {
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_can(&b, &l->room, role);
    struct note *note = note_of(&b);
    list_each (&l->sessions, s, struct session, link) {
        const struct member *m = s->is_ready ? room_present(&l->room, s->seat->id) : NULL;
        if (m && m->role == role)
            session_send(s, note);
    }
    note_drop(note);
    studio_gate_all(l);
}

void live_change(struct live *l, const struct hub_meta *meta) {
    struct format was = l->rules;
    live_meta(l, meta);
    for (int role = 0; role < ROLE_COUNT; role++)
        if (was.can[role] != l->rules.can[role])
            tell_limits(l, (enum role)role);
    if (was.names != l->rules.names)
        veil_as_format(l, true);
}

static void happened(struct live *l, struct item *it) {
    const struct event *e = &it->ev;
    cast_event(l, it);
    cast_tail(l, it->note, e, it->is_quiet);
    tally_happened(l, e);
    door_happened(l, e);
    circles_happened(l, e);
    booths_happened(l, e);
    struct seat *seat = e->who[0] ? seat_get(l, e->who) : NULL;
    if (seat)
        studio_gate(seat, true);
    if (e->type == EV_ROLE) {
        tell_can(l, e);
        veil_role(l, e);
    }
    if (e->type == EV_NAMES_HIDDEN)
        veil_turned(l);
    if (e->type == EV_LIMITED)
        tell_limits(l, e->role);
    if (e->type == EV_LEFT || e->type == EV_REMOVED || e->type == EV_DENIED)
        seat_gone(l, e);
    if (e->type == EV_OPENED)
        studio_gate_all(l);
    if (e->type == EV_OPENED || e->type == EV_ENDED)
        l->h->ops.room_life(l->h->ops.ctx, l->id, e->type == EV_OPENED ? LIFE_OPEN : LIFE_ENDED, e->at_ms);
    director_on_event(l, e);
    l->is_over = l->is_over || e->type == EV_ENDED;
    l->is_called_off = l->is_called_off || e->reason == REASON_CANCELLED;
}

static void item_free(struct item *it) {
    list_drop(&it->link);
    note_drop(it->note);
    mem_free(it->call);
    if (it->whip) {
        mem_free(it->whip->offer);
        mem_free(it->whip);
    }
    mem_free(it);
}

static void run_item(struct live *l, struct item *it) {
    struct session *s;
    switch (it->kind) {
    case ITEM_EVENT:
        happened(l, it);
        break;
    case ITEM_SEND:
        s = map_get(&l->h->sessions, it->conn);
        if (s)
            session_send(s, it->note);
        break;
    case ITEM_WELCOME:
        cast_send_welcome(l, it);
        break;
    case ITEM_CALL:
        call_answer(l->h, it->call, 0, NULL);
        it->call = NULL;
        break;
    case ITEM_WHIP:
        whip_arrive(l, it->whip);
        it->whip = NULL;
        break;
    }
}

static void close_ended(struct live *l) {
    list_each (&l->sessions, s, struct session, link) {
        session_bye(s, l->is_called_off ? "cancelled" : "ended", 0);
    }
    live_drop(l);
    if (l->h->media && !l->h->is_stopping)
        media_room_close(l->h->media, l->no);
}

void live_flush(struct live *l) {
    while (l->state == LIVE_UP && !list_empty(&l->queue)) {
        struct item *it = list_entry(l->queue.next, struct item, link);
        if (it->seq > l->committed)
            return;
        list_drop(&it->link); /* first, since what runs may flush too */
        l->queue_n--;
        run_item(l, it);
        item_free(it);
    }
    if (l->state == LIVE_UP && l->is_over)
        close_ended(l);
}

/* ---- out of memory ---- */

void live_refuse_whips(struct live *l, const char *text) {
    list_each (&l->whips, w, struct whip_wait, link) {
        list_drop(&w->link);
        whip_refuse(w, -ERR_BUSY, text);
    }
    list_each (&l->queue, it, struct item, link) {
        if (it->kind != ITEM_WHIP)
            continue;
        whip_refuse(it->whip, -ERR_BUSY, text);
        it->whip = NULL;
        l->queue_n--;
        item_free(it);
    }
}

void live_fail(struct live *l, const char *reason) {
    LOG_ERROR("room given up, people are told to come back room=%s", l->id);
    list_each (&l->sessions, s, struct session, link) {
        session_bye(s, reason, HUB_BUSY_RETRY_MS);
    }
    live_refuse_whips(l, "The room cannot be written to just now.");
    if (l->director.is_recording)
        l->h->ops.record_stop(l->h->ops.ctx, l->id, false);
    if (l->h->media)
        media_room_close(l->h->media, l->no);
    bring_back(l, HUB_BUSY_RETRY_MS);
    live_drop(l);
}

void live_drop(struct live *l) {
    if (l->state == LIVE_DEAD)
        return;
    l->state = LIVE_DEAD;
    smap_drop(&l->h->rooms, str_of(l->id));
    map_drop(&l->h->rooms_no, l->no);
    list_put(&l->h->dead, &l->dead_link);
    timer_drop(l->h, &l->idle);
    timer_drop(l->h, &l->presence);
    timer_drop(l->h, &l->lines);
    timer_drop(l->h, &l->stalls);
    timer_drop(l->h, &l->record);
    tally_stop(l);
    laser_stop(l);
    booths_end(l);
    door_stop(l);
    circles_end(l);
    timer_drop(l->h, &l->director.timer);
    list_each (&l->seats, seat, struct seat, link) {
        timer_drop(l->h, &seat->grace);
    }
}

void live_free(struct live *l) {
    list_drop(&l->dead_link);
    list_each (&l->loading, s, struct session, link) {
        session_part(s);
    }
    list_each (&l->seats, seat, struct seat, link) {
        seat_free(seat);
    }
    list_each (&l->queue, it, struct item, link) {
        if (it->call)
            call_answer(l->h, it->call, -ERR_BUSY, "The room cannot be written to just now.");
        it->call = NULL;
        item_free(it);
    }
    list_each (&l->wanted, w, struct wanted, link) {
        call_answer(l->h, w->call, -ERR_BUSY, "The server is stopping.");
        wanted_free(w);
    }
    list_each (&l->whips, w, struct whip_wait, link) {
        mem_free(w->offer);
        mem_free(w);
    }
    tail_fini(&l->tail);
    proto_cache_fini(&l->cache);
    director_fini(&l->director);
    smap_fini(&l->seats_by_id);
    note_drop(l->slots_note);
    mem_free(l->slots_text);
    if (l->has_room)
        room_fini(&l->room);
    mem_free(l);
}
