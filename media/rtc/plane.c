#include "media/rtc/plane.h"
#include "media/rtc/demux.h"
#include "media/rtc/plane_cmd.h"

static void plane_dropped(void *owner) { slot_dropped(owner); }

void plane_init(struct plane *pl, const struct plane_cfg *c) {
    sendq_init(&pl->out, c->send, c->send_ctx, plane_dropped);
    pl->out.streams = c->streams;
    pl->env = (struct env){.out = &pl->out,
                           .worker = c->worker,
                           .relay = c->relay,
                           .emit = c->emit,
                           .emit_ctx = c->emit_ctx,
                           .ntp_minus_mono_us = c->ntp_minus_mono_us};
    heap_init(&pl->env.timers);
    list_init(&pl->env.dirty);
    list_init(&pl->env.fresh);
    list_init(&pl->doomed);
    pl->seek.due_us = INT64_MAX;
    shake_init(&pl->shake);
    map_init(&pl->peers, MEDIA_PEERS_MAX);
    map_init(&pl->rooms, MEDIA_PEERS_MAX);
    map_init(&pl->addrs, (size_t)MEDIA_PEERS_MAX * ICE_ADDRS_MAX);
    map_init(&pl->taps, PLANE_TAPS_MAX);
    map_init(&pl->relays, (size_t)MEDIA_PEERS_MAX * MEDIA_WORKERS_MAX);
    smap_init(&pl->ufrags, (size_t)MEDIA_PEERS_MAX * 2); /* two while ICE restarts */
    pl->watch = c->watch;
    pl->watch_ctx = c->watch_ctx;
}

void plane_fini(struct plane *pl, int64_t now_us) {
    size_t it = 0;
    uint64_t id;
    for (struct router *r; (r = map_next(&pl->rooms, &it, &id)); it = 0)
        plane_room_close(pl, r, now_us);
    sendq_flush(&pl->out);
    sendq_fini(&pl->out);
    map_fini(&pl->peers);
    map_fini(&pl->rooms);
    map_fini(&pl->addrs);
    map_fini(&pl->taps);
    map_fini(&pl->relays);
    smap_fini(&pl->ufrags);
    heap_fini(&pl->env.timers);
    shake_fini(&pl->shake);
}

static struct peer *plane_by_addr(const struct plane *pl, const struct addr_path *from) {
    struct peer *p = map_get(&pl->addrs, addr_path_key(from));
    return p && ice_is_proven(&p->ice, from) ? p : NULL; /* the key of an IPv6 address is a hash */
}

/* The addresses of peers, as ICE tells: out->did. */
static void plane_learn(struct plane *pl, struct peer *p, const struct ice_out *out,
                        const struct addr_path *path) {
    if (out->did & ICE_DID_EVICT)
        plane_unlearn(pl, p, &out->evicted);
    if (out->did & ICE_DID_PROVE) {
        map_put(&pl->addrs, addr_path_key(path), p);
        if (path->stream)
            pl->out.streams.keep(pl->out.streams.ctx, path->stream);
    }
}

void plane_unlearn(struct plane *pl, const struct peer *p, const struct addr_path *path) {
    if (map_get(&pl->addrs, addr_path_key(path)) != p)
        return; /* another's by now */
    map_drop(&pl->addrs, addr_path_key(path));
    if (path->stream)
        pl->out.streams.drop(pl->out.streams.ctx, path->stream);
}

void plane_stream_gone(struct plane *pl, const struct addr_path *path) {
    struct peer *p = map_drop(&pl->addrs, addr_path_key(path));
    if (p)
        peer_path_gone(p, path);
}

static void plane_await(struct plane *pl, struct peer *p, int64_t now_us) {
    if (peer_awaits(p))
        seek_nominated(&pl->seek, p, now_us);
}

static void plane_stun(struct plane *pl, struct bytes d, const struct addr_path *path, int64_t now_us) {
    struct stun m;
    struct str ufrag;
    struct peer *p = NULL;
    bool parsed = !stun_parse(&m, d), answer = parsed && m.cls == STUN_SUCCESS;
    if (answer)
        p = seek_answered(&pl->seek, &pl->peers, &m, path, now_us);
    else if (parsed && ice_ufrag_of(&m, &ufrag))
        p = smap_get(&pl->ufrags, ufrag);
    if (!p) {
        pl->env.n.unknown_datagrams++;
        return;
    }
    const struct peer *holder = answer ? NULL : map_get(&pl->addrs, addr_path_key(path));
    if (holder && holder != p && peer_holds(holder, path, now_us)) {
        pl->env.n.rx_refused++; /* his packets would be taken for another's */
        return;
    }
    struct ice_out out;
    if ((answer ? peer_answer : peer_stun)(p, &m, path, now_us, &out))
        pl->env.n.bad_auth++;
    plane_learn(pl, p, &out, path);
    plane_await(pl, p, now_us);
    if (out.did & ICE_DID_RESTARTED)
        smap_drop(&pl->ufrags, str_of(out.retired_ufrag));
    if (out.did & ICE_DID_REPLY) {
        memcpy(sendq_next(&pl->out), out.reply, out.reply_n);
        sendq_put(&pl->out, out.reply_n, path, NULL);
    }
}

/* What a peer says that is up costs little. */
static void plane_dtls(struct plane *pl, struct peer *p, struct bytes d, const struct addr_path *path,
                       int64_t now_us) {
    if (p->up)
        peer_dtls(p, d, path, now_us);
    else if (p->shaking < SHAKE_PEER_MAX)
        p->shaking += shake_put(&pl->shake, p->id, d, path);
}

void plane_datagram(struct plane *pl, uint8_t *d, size_t n, const struct addr_path *path, int64_t now_us) {
    pl->env.now_us = now_us;
    pl->env.n.rx_packets++;
    pl->env.n.rx_bytes += n;
    enum demux kind = n <= RTP_PACKET_MAX ? demux_kind((struct bytes){d, n}) : DEMUX_DROP;
    if (kind == DEMUX_STUN) {
        plane_stun(pl, (struct bytes){d, n}, path, now_us);
        return;
    }
    struct peer *p = kind == DEMUX_DROP ? NULL : plane_by_addr(pl, path);
    if (!p) {
        pl->env.n.unknown_datagrams++;
        if ((kind == DEMUX_RTCP || kind == DEMUX_RTP) && !path->stream)
            seek_stranger(&pl->seek, &pl->peers, (struct bytes){d, n}, path, now_us);
        return;
    }
    if (kind == DEMUX_DTLS)
        plane_dtls(pl, p, (struct bytes){d, n}, path, now_us);
    else if ((kind == DEMUX_RTP ? peer_rtp : peer_rtcp)(p, d, n, now_us) && peer_heard(p, path, now_us))
        plane_await(pl, p, now_us);
}

/* A report comes from each viewer in turn, and his state was last touched a hundred others ago. */
void plane_warm(const struct plane *pl, const struct udp_in *v, size_t n) {
    const struct peer *from[UDP_BATCH];
    if (n < 2 || n > UDP_BATCH)
        return; /* nothing to do meanwhile */
    for (size_t i = 0; i < n; i++)
        from[i] = map_get(&pl->addrs, addr_path_key(&v[i].path));
    for (unsigned step = 0; step < PEER_WARM; step++) {
        for (size_t i = 0; i < n; i++)
            if (from[i])
                peer_warm(from[i], step);
    }
}

bool plane_relay(struct plane *pl, int64_t now_us) {
    size_t n = mailbox_get(pl->env.relay[pl->env.worker], pl->batch, RELAY_BATCH);
    for (size_t i = 0; i < n; i++) {
        struct router *r = map_get(&pl->rooms, pl->batch[i].room);
        if (r)
            relay_apply(r, &pl->batch[i], now_us);
    }
    return n == RELAY_BATCH;
}

void plane_tap_readable(struct plane *pl, uint64_t tap, int64_t now_us) {
    struct tap *t = map_get(&pl->taps, tap);
    if (t)
        tap_on_readable(t, now_us);
}

static void plane_reap(struct plane *pl, int64_t now_us) {
    list_each (&pl->doomed, p, struct peer, in_doom)
        plane_peer_close(pl, p, now_us);
    size_t it = 0;
    uint64_t id;
    for (struct tap *t; (t = map_next(&pl->taps, &it, &id));) {
        if (!t->gone)
            continue;
        struct media_event e = {.type = MEDIA_EV_TAP_GONE, .room = t->room->id, .tap = id};
        plane_tap_close(pl, t);
        pl->env.emit(pl->env.emit_ctx, &e);
    }
}

static void plane_settle(struct plane *pl, int64_t now_us) {
    while (!list_empty(&pl->env.dirty))
        router_settle(list_entry(pl->env.dirty.next, struct router, in_dirty), now_us);
}

static void plane_fan(struct plane *pl, int64_t now_us) {
    /* A flush may bring about the flush of others: after each one from the beginning. */
    for (struct list *l = pl->env.fresh.next; l != &pl->env.fresh;) {
        struct track *t = list_entry(l, struct track, in_fresh);
        bool due = t->due_us <= now_us;
        if (due)
            track_flush(t, now_us);
        l = due ? pl->env.fresh.next : l->next;
    }
}

/* Whoever was given up goes, and what that brings about. */
static void plane_end(struct plane *pl, int64_t now_us) {
    plane_reap(pl, now_us);
    plane_settle(pl, now_us);
    sendq_flush(&pl->out);
}

void plane_turn(struct plane *pl, int64_t now_us) {
    pl->env.now_us = now_us;
    plane_fan(pl, now_us);
    seek_timer(&pl->seek, &pl->peers, now_us);
    for (struct heap_node *h; (h = heap_top(&pl->env.timers)) && h->at_us <= now_us;) {
        struct env_timer *t = container_of(h, struct env_timer, node);
        heap_drop(&pl->env.timers, h);
        t->fire(t, now_us);
        if (t->node.idx && h->at_us <= now_us) /* work left over waits for the next turn */
            heap_set(&pl->env.timers, h, now_us + PLANE_TICK_US);
    }
    plane_settle(pl, now_us);
    sendq_flush(&pl->out);
    plane_end(pl, now_us);
}

void plane_shake(struct plane *pl, int64_t now_us) {
    struct shake_datagram *g = shake_get(&pl->shake);
    struct peer *p = g ? map_get(&pl->peers, g->peer) : NULL;
    if (p) {
        p->shaking--;
        peer_dtls(p, (struct bytes){g->p, g->n}, &g->path, now_us);
        plane_await(pl, p, now_us);
        plane_end(pl, now_us);
    }
    mem_free(g);
}

int64_t plane_next_us(const struct plane *pl) {
    const struct heap_node *h = heap_top(&pl->env.timers);
    int64_t at_us = pl->shake.n ? pl->env.now_us : env_min(h ? h->at_us : INT64_MAX, pl->seek.due_us);
    list_each (&pl->env.fresh, t, struct track, in_fresh)
        at_us = env_min(at_us, t->due_us);
    return at_us;
}

void plane_stats(const struct plane *pl, struct media_stats *out) {
    *out = pl->env.n;
    out->tx_packets = pl->out.sent;
    out->tx_bytes = pl->out.sent_bytes;
    out->tx_dropped = pl->out.dropped;
}
