#include <stdio.h>
#include "media/base/mem.h"
#include "server/signaling/alias.h"
#include "server/signaling/captioning.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"
#include "server/signaling/studio.h"

/* Connections of one address that have not joined: a flood of them costs others nothing. */
struct fresh {
    unsigned n;
};

/* An account whose tickets of this second and before let nobody in any more. */
struct void_user {
    struct list link;
    int64_t user, until_s;
};

int hub_open(struct hub **out, const struct hub_cfg *cfg) {
    if (!cfg->format_count || cfg->ticket_key.n != TICKET_KEY_BYTES)
        return -ERR_INVALID;
    struct hub *h = mem_zalloc(sizeof *h);
    h->ops = cfg->ops;
    h->media = cfg->media;
    h->formats = cfg->formats;
    h->format_count = cfg->format_count;
    memcpy(h->key, cfg->ticket_key.p, sizeof h->key);
    alias_init(h);
    h->turn = cfg->turn;
    heap_init(&h->timers);
    map_init(&h->sessions, HUB_SESSIONS_MAX);
    smap_init(&h->rooms, HUB_ROOMS_MAX);
    map_init(&h->rooms_no, HUB_ROOMS_MAX);
    map_init(&h->peers, MEDIA_PEERS_MAX);
    smap_init(&h->resources, MEDIA_PEERS_MAX);
    smap_init(&h->fresh, HUB_SESSIONS_MAX);
    map_init(&h->voids, HUB_VOID_USERS_MAX);
    list_init(&h->voids_old);
    list_init(&h->dead);
    list_init(&h->gone);
    list_init(&h->calls);
    list_init(&h->again);
    *out = h;
    return 0;
}

void hub_close(struct hub *h) {
    if (!h)
        return;
    struct str key;
    size_t it = 0;
    h->is_stopping = true;
    for (struct live *l; (l = smap_next(&h->rooms, &it, &key));)
        live_drop(l);
    it = 0;
    for (struct session *s; (s = map_next(&h->sessions, &it, NULL));)
        session_part(s);
    hub_sweep(h);
    list_each (&h->calls, c, struct call, link) {
        list_drop(&c->link);
        c->done(c->ctx, c->err, c->text);
        mem_free(c);
    }
    live_again_forget(h);
    smap_fini(&h->rooms);
    map_fini(&h->rooms_no);
    map_fini(&h->peers);
    smap_fini(&h->resources);
    smap_fini(&h->fresh);
    map_fini(&h->sessions);
    list_each (&h->voids_old, v, struct void_user, link) {
        mem_free(v);
    }
    map_fini(&h->voids);
    heap_fini(&h->timers);
    mem_free(h);
}

/* ---- time ---- */

void hub_clock(struct hub *h, int64_t now_us, int64_t now_ms) {
    h->now_us = now_us;
    h->now_ms = now_ms;
}

void timer_set(struct hub *h, struct timer *t, int64_t at_us, void (*fire)(struct hub *, struct timer *)) {
    t->fire = fire;
    heap_set(&h->timers, &t->node, at_us);
}

void timer_drop(struct hub *h, struct timer *t) { heap_drop(&h->timers, &t->node); }
bool timer_is_set(const struct timer *t) { return t->node.idx != 0; }

void hub_tick(struct hub *h) {
    for (struct heap_node *n; (n = heap_top(&h->timers)) && n->at_us <= h->now_us;) {
        struct timer *t = container_of(n, struct timer, node);
        heap_drop(&h->timers, n);
        t->fire(h, t);
    }
    while (!list_empty(&h->calls)) {
        struct call *c = list_entry(h->calls.next, struct call, link);
        list_drop(&c->link);
        c->done(c->ctx, c->err, c->text);
        mem_free(c);
    }
    hub_sweep(h);
}

int64_t hub_next_us(const struct hub *h) {
    const struct heap_node *n = heap_top(&h->timers);
    if (!list_empty(&h->calls))
        return h->now_us;
    return n ? n->at_us : INT64_MAX;
}

void hub_sweep(struct hub *h) {
    list_each (&h->gone, s, struct session, link) {
        list_drop(&s->link);
        mem_free(s);
    }
    list_each (&h->dead, l, struct live, dead_link) {
        live_free(l);
    }
}

void call_answer(struct hub *h, struct call *c, int err, const char *text) {
    c->err = err;
    STR_COPY(c->text, str_of(text ? text : ""));
    list_put(&h->calls, &c->link);
}

/* ---- accounts that are welcome no more ---- */

int hub_ticket(const struct hub *h, struct ticket *out, struct str text) {
    int err = ticket_verify(out, text, (struct bytes){h->key, sizeof h->key}, h->now_ms);
    const struct void_user *v = !err && out->user ? map_get(&h->voids, (uint64_t)out->user) : NULL;
    return v && out->iat_s <= v->until_s ? -ERR_AUTH : err;
}

static void void_tickets(struct hub *h, int64_t user, int64_t until_s) {
    struct void_user *v = map_drop(&h->voids, (uint64_t)user);
    if (!v && h->voids.n == HUB_VOID_USERS_MAX) {
        v = list_entry(h->voids_old.next, struct void_user, link);
        map_drop(&h->voids, (uint64_t)v->user);
    }
    if (v)
        list_drop(&v->link);
    else
        v = mem_zalloc(sizeof *v);
    v->user = user;
    v->until_s = until_s;
    list_put(&h->voids_old, &v->link);
    map_put(&h->voids, (uint64_t)user, v);
}

void hub_user_gone(struct hub *h, int64_t user, int64_t until_s) {
    struct command out = {.type = CMD_REMOVE};
    struct str key;
    size_t it = 0;
    void_tickets(h, user, until_s);
    snprintf(out.who, sizeof out.who, "u%lld", (long long)user);
    for (struct session *s; (s = map_next(&h->sessions, &it, NULL));)
        if (s->state == SESSION_LOADING && s->ticket.user == user)
            session_bye(s, "removed", 0);
    it = 0;
    for (struct live *l; (l = smap_next(&h->rooms, &it, &key));) {
        const struct member *m = l->state == LIVE_UP ? room_member(&l->room, out.who) : NULL;
        out.type = m && m->state == MEMBER_WAITING ? CMD_DENY : CMD_REMOVE;
        if (m && (m->state == MEMBER_WAITING || m->state == MEMBER_PRESENT))
            live_system(l, &out);
    }
    hub_sweep(h);
}

/* ---- sockets ---- */

static bool fresh_put(struct hub *h, const char *addr) {
    struct fresh *f = smap_get(&h->fresh, str_of(addr));
    if (!f) {
        f = mem_zalloc(sizeof *f);
        if (smap_put(&h->fresh, str_of(addr), f)) {
            mem_free(f);
            return false;
        }
    }
    if (f->n >= HUB_FRESH_PER_ADDR_MAX)
        return false;
    f->n++;
    return true;
}

void hub_fresh_drop(struct hub *h, const char *addr) {
    struct fresh *f = smap_get(&h->fresh, str_of(addr));
    if (f && --f->n == 0)
        mem_free(smap_drop(&h->fresh, str_of(addr)));
}

bool hub_on_open(struct hub *h, uint64_t conn, struct str peer_addr) {
    char addr[SESSION_ADDR_MAX + 1];
    if (peer_addr.n > SESSION_ADDR_MAX)
        peer_addr.n = SESSION_ADDR_MAX;
    STR_COPY(addr, peer_addr);
    if (h->sessions.n >= HUB_SESSIONS_MAX || !fresh_put(h, addr))
        return false;
    session_open(h, conn, str_of(addr));
    return true;
}

void hub_on_message(struct hub *h, uint64_t conn, struct str text) {
    struct session *s = map_get(&h->sessions, conn);
    if (!s)
        return;
    h->stats.messages_in++;
    s->heard_us = h->now_us;
    dispatch_text(s, text);
    hub_sweep(h);
}

void hub_on_close(struct hub *h, uint64_t conn) {
    struct session *s = map_get(&h->sessions, conn);
    if (s)
        session_part(s);
    hub_sweep(h);
}

/* ---- rooms ---- */

struct live *hub_live(struct hub *h, const char *room) {
    struct live *l = smap_get(&h->rooms, str_of(room));
    return l ? l : live_open(h, room);
}

static struct live *known(const struct hub *h, const char *room) {
    struct live *l = smap_get(&h->rooms, str_of(room));
    return l && l->state == LIVE_UP ? l : NULL;
}

void hub_on_committed(struct hub *h, const char *room, uint64_t load, uint64_t seq) {
    struct live *l = known(h, room);
    if (l && load == l->no && seq > l->committed) {
        l->committed = seq;
        live_flush(l);
    }
    hub_sweep(h);
}

void hub_on_journal_failed(struct hub *h, const char *room, uint64_t load) {
    struct live *l = known(h, room);
    if (l && (!load || load == l->no))
        live_fail(l, "busy");
    hub_sweep(h);
}

void hub_on_room_loaded(struct hub *h, const char *room, int err, const struct hub_meta *meta,
                        const struct hub_past *past) {
    struct live *l = smap_get(&h->rooms, str_of(room));
    if (l && l->state == LIVE_LOADING)
        live_loaded(l, err, meta, past);
    hub_sweep(h);
}

void hub_on_media(struct hub *h, const struct media_event *e) {
    studio_on_media(h, e);
    hub_sweep(h);
}

void hub_on_recorder(struct hub *h, const char *room, enum reason word) {
    struct live *l = known(h, room);
    if (l)
        live_system(l, &(struct command){.type = CMD_RECORD, .on = true, .reason = word});
    hub_sweep(h);
}

void hub_restore(struct hub *h, const char *room) { hub_live(h, room); }

void hub_meta_changed(struct hub *h, const char *room, const struct hub_meta *meta) {
    struct live *l = known(h, room);
    if (l)
        live_change(l, meta);
    hub_sweep(h);
}

void hub_each_unopened(struct hub *h, struct str format, void (*each)(void *ctx, const char *room),
                       void *ctx) {
    struct str key;
    size_t it = 0;
    for (struct live *l; (l = smap_next(&h->rooms, &it, &key));)
        if (l->has_room && l->room.life == LIFE_SCHEDULED && str_is(format, l->rules.id))
            each(ctx, l->id);
}

void hub_command(struct hub *h, const char *room, const struct command *cmd, hub_done_fn *done, void *ctx) {
    struct call *c = mem_zalloc(sizeof *c);
    c->done = done;
    c->ctx = ctx;
    struct live *l = hub_live(h, room);
    if (!l) {
        call_answer(h, c, -ERR_FULL, "Too many rooms are live.");
        return;
    }
    if (l->state == LIVE_LOADING) {
        struct wanted *w = mem_zalloc(sizeof *w);
        w->cmd = *cmd;
        w->cmd.text = room_dup(cmd->text); /* its owner's turn is over by then */
        w->cmd.list = (struct str){NULL, 0};
        w->call = c;
        list_put(&l->wanted, &w->link);
        return;
    }
    const char *why = NULL;
    int err = live_apply(l, &ACTOR_SYSTEM, cmd, &why);
    if (err)
        call_answer(h, c, err, why);
    else
        live_queue(l, ITEM_CALL)->call = c;
    live_flush(l);
    hub_sweep(h);
}

void hub_captioning(struct hub *h, const char *room, const char *lang, struct str text) {
    struct live *l = known(h, room);
    if (l)
        captioning_guess(l, lang, text);
    hub_sweep(h);
}

bool hub_room_brief(const struct hub *h, const char *room, struct hub_brief *out) {
    const struct live *l = known(h, room);
    if (!l)
        return false;
    *out = (struct hub_brief){l->room.life, l->room.count[MEMBER_PRESENT], l->director.is_recording};
    return true;
}

uint64_t hub_peer(const struct hub *h, const char *room, const char *member, enum media_peer_kind kind) {
    struct live *l = known(h, room);
    const struct seat *seat = l ? seat_get(l, member) : NULL;
    return seat ? seat->peer[kind] : 0;
}

size_t hub_room_ids(const struct hub *h, char (*out)[ROOM_ID_MAX + 1], size_t max) {
    struct str key;
    size_t it = 0, n = 0;
    while (n < max && smap_next(&h->rooms, &it, &key))
        n += str_copy(out[n], sizeof out[n], key);
    return n;
}

void hub_stats_get(const struct hub *h, struct hub_stats *out) {
    *out = h->stats;
    out->sessions = h->sessions.n;
    out->rooms = h->rooms.n;
    struct str key;
    size_t it = 0;
    for (const struct live *l; (l = smap_next(&h->rooms, &it, &key));)
        out->present += l->state == LIVE_UP ? l->room.count[MEMBER_PRESENT] : 0;
}

void hub_shutdown(struct hub *h, int64_t retry_ms) {
    size_t it = 0;
    h->is_stopping = true;
    for (struct session *s; (s = map_next(&h->sessions, &it, NULL));)
        session_bye(s, "shutdown", retry_ms);
    struct str key;
    it = 0;
    for (struct live *l; (l = smap_next(&h->rooms, &it, &key));) {
        live_refuse_whips(l, "The server is stopping.");
        if (l->state == LIVE_UP && h->media)
            media_room_close(h->media, l->no);
    }
    hub_sweep(h);
}
