#include "media/rtc/plane_cmd.h"
#include <unistd.h>

static struct router *plane_room(struct plane *pl, uint64_t id, bool home) {
    struct router *r = map_get(&pl->rooms, id);
    if (r)
        return r;
    r = router_open(id, &pl->env, home);
    if (map_put(&pl->rooms, id, r)) {
        router_close(r, 0);
        return NULL;
    }
    return r;
}

static void plane_peer_open(struct plane *pl, const struct peer_cfg *c, int64_t now_us) {
    struct router *r = plane_room(pl, c->room, c->home);
    if (r) {
        struct peer *p = peer_open(c, &pl->env, r, &pl->doomed, now_us);
        if (!map_put(&pl->peers, p->id, p) && !smap_put(&pl->ufrags, str_of(c->creds.ufrag), p))
            return;
        plane_peer_close(pl, p, now_us);
    }
    struct media_event e = {
        .type = MEDIA_EV_PEER_DOWN, .room = c->room, .peer = c->id, .text = mem_strdup("full")};
    pl->env.emit(pl->env.emit_ctx, &e);
}

void plane_peer_close(struct plane *pl, struct peer *p, int64_t now_us) {
    map_drop(&pl->peers, p->id);
    smap_drop(&pl->ufrags, str_of(p->ice.now.ufrag));
    if (p->ice.next.ufrag[0])
        smap_drop(&pl->ufrags, str_of(p->ice.next.ufrag));
    peer_goodbye(p);
    for (unsigned i = 0; i < ICE_ADDRS_MAX; i++)
        if (p->ice.proven[i].seen_us)
            plane_unlearn(pl, p, &p->ice.proven[i].path);
    peer_close(p, now_us);
}

static void plane_peer_restart(struct plane *pl, struct peer *p, const struct ice_creds *c) {
    if (p->ice.next.ufrag[0])
        smap_drop(&pl->ufrags, str_of(p->ice.next.ufrag));
    peer_restart(p, c);
    smap_put(&pl->ufrags, str_of(c->ufrag), p);
}

void plane_tap_close(struct plane *pl, struct tap *t) {
    map_drop(&pl->taps, t->id);
    pl->watch(pl->watch_ctx, t->fd, t->id, false);
    tap_close(t);
}

static void plane_tap_open(struct plane *pl, const struct cmd *c, int64_t now_us) {
    struct router *r = plane_room(pl, c->room, true);
    if (!r || pl->taps.n >= PLANE_TAPS_MAX) {
        close(c->fd);
        struct media_event e = {.type = MEDIA_EV_TAP_GONE, .room = c->room, .tap = c->id};
        pl->env.emit(pl->env.emit_ctx, &e);
        return;
    }
    struct tap *t = tap_open(r, c->id, c->fd, now_us);
    map_put(&pl->taps, c->id, t);
    pl->watch(pl->watch_ctx, c->fd, c->id, true);
}

static uint64_t plane_relay_key(uint64_t room, unsigned worker) { return room * MEDIA_WORKERS_MAX + worker; }

static void plane_relay_close(struct plane *pl, uint64_t room, unsigned worker) {
    struct relay *y = map_drop(&pl->relays, plane_relay_key(room, worker));
    if (y)
        relay_close(y);
}

static void plane_relay_open(struct plane *pl, const struct cmd *c, int64_t now_us) {
    struct router *r = plane_room(pl, c->room, true);
    uint64_t key = plane_relay_key(c->room, c->worker);
    if (!r || map_get(&pl->relays, key))
        return;
    struct relay *y = relay_open(r, c->worker, now_us);
    if (map_put(&pl->relays, key, y))
        relay_close(y);
}

void plane_room_close(struct plane *pl, struct router *r, int64_t now_us) {
    size_t it = 0;
    uint64_t id;
    for (struct peer *p; (p = map_next(&pl->peers, &it, &id));) {
        if (p->room == r)
            plane_peer_close(pl, p, now_us);
    }
    it = 0;
    for (struct tap *t; (t = map_next(&pl->taps, &it, &id));) {
        if (t->room == r)
            plane_tap_close(pl, t);
    }
    for (unsigned w = 0; w < MEDIA_WORKERS_MAX; w++)
        plane_relay_close(pl, r->id, w);
    map_drop(&pl->rooms, r->id);
    router_close(r, now_us);
}

static void plane_want(struct peer *p, const struct cmd_picks *picks) {
    p->view->want_n = picks->n;
    memcpy(p->view->want, picks->pick, sizeof p->view->want);
    router_view_changed(p->room, p->view);
}

static void plane_room_command(struct plane *pl, const struct cmd *c, int64_t now_us) {
    struct router *r = map_get(&pl->rooms, c->room);
    if (c->type == CMD_ROOM_CLOSE) {
        if (r)
            plane_room_close(pl, r, now_us);
        return;
    }
    /* What is shown and what is blocked may be said before anybody came. */
    if (!r)
        r = plane_room(pl, c->room, c->home);
    if (!r)
        return;
    if (c->type == CMD_STAGE) {
        const struct cmd_picks *k = c->p;
        router_stage(r, c->circle, k->pick, k->n);
    } else if (c->type == CMD_MOVE) {
        const struct view_pick *k = c->p;
        router_move(r, k->member, c->circle, c->on, now_us);
    } else if (c->type == CMD_VOICE) {
        const struct view_pick *k = c->p;
        router_voice(r, k->member, c->channel, now_us);
    } else {
        const struct view_pick *k = c->p;
        router_block(r, k->member, k->source, c->on, now_us);
    }
}

/* The command's block is the peer's from now, or freed with the command. */
static bool plane_capture(struct plane *pl, const struct cmd *c, int64_t now_us) {
    struct peer *p = map_get(&pl->peers, c->id);
    return p && !p->doomed && peer_capture(p, c->p, now_us + (int64_t)c->ms * 1000);
}

static void plane_peer_command(struct plane *pl, const struct cmd *c, int64_t now_us) {
    struct peer *p = map_get(&pl->peers, c->id);
    if (!p || p->doomed)
        return; /* it went down meanwhile; control will hear */
    if (c->type == CMD_PEER_CLOSE) {
        plane_peer_close(pl, p, now_us);
    } else if (c->type == CMD_PEER_RESTART) {
        plane_peer_restart(pl, p, c->p);
    } else if (p->view && c->type == CMD_WANT) {
        plane_want(p, c->p);
    } else if (p->view && c->type == CMD_DRAW) {
        const struct cmd_draw *k = c->p;
        for (unsigned i = 0; i < k->n; i++)
            view_draw(p->view, k->draw[i].mid, k->draw[i].height);
        router_view_changed(p->room, p->view);
    } else if (p->view && c->type == CMD_LISTEN) {
        p->view->channel = (uint8_t)c->channel;
        router_view_changed(p->room, p->view);
    } else if (p->view && c->type == CMD_AUDIO_ONLY) {
        p->view->audio_only = c->on;
        router_view_changed(p->room, p->view);
    } else if (p->view && c->type == CMD_SAVE) {
        view_save(p->view, c->on);
        router_view_changed(p->room, p->view);
    }
}

void plane_command(struct plane *pl, const struct cmd *c, int64_t now_us) {
    switch (c->type) {
    case CMD_PEER_OPEN:
        plane_peer_open(pl, c->p, now_us);
        break;
    case CMD_PEER_CAPTURE:
        if (plane_capture(pl, c, now_us))
            return;
        break;
    case CMD_PEER_RESTART:
    case CMD_PEER_CLOSE:
    case CMD_LISTEN:
    case CMD_WANT:
    case CMD_AUDIO_ONLY:
    case CMD_SAVE:
    case CMD_DRAW:
        plane_peer_command(pl, c, now_us);
        break;
    case CMD_STAGE:
    case CMD_MOVE:
    case CMD_VOICE:
    case CMD_BLOCK:
    case CMD_ROOM_CLOSE:
        plane_room_command(pl, c, now_us);
        break;
    case CMD_TAP_OPEN:
        plane_tap_open(pl, c, now_us);
        break;
    case CMD_TAP_CLOSE: {
        struct tap *t = map_get(&pl->taps, c->id);
        if (t)
            plane_tap_close(pl, t);
        break;
    }
    case CMD_RELAY_OPEN:
        plane_relay_open(pl, c, now_us);
        break;
    case CMD_RELAY_CLOSE:
        plane_relay_close(pl, c->room, c->worker);
        break;
    case CMD_STOP:
        break; /* the worker's own */
    }
    mem_free(c->p);
}
