#include "media/base/err.h"
#include "media/base/pcapng.h"
#include "media/channels.h"
#include "media/media_own.h"
#include <unistd.h>

enum {
    CAPTURE_BYTES = 16 << 20,
    ROOM_MOVED_MAX = 20000,
    ROOM_VOICES_MAX = ROUTER_VOICES_MAX,
    ROOM_EVERYWHERE = 1 << 16, /* beside the number of a member's circle */
};

void media_weigh(struct media *m) {
    for (unsigned i = 0; i < m->workers; i++) {
        struct media_burden *b = &m->burden[i];
        uint32_t looks;
        worker_busy(m->w[i], &b->busy_pm, &looks);
        /* Who came before the last look shows in it by half, and before the one before it nearly whole. */
        for (; b->looks != looks && b->charge_ppm; b->looks++)
            b->charge_ppm /= 2;
        b->looks = looks;
    }
}

static unsigned media_soon_pm(const struct media *m, unsigned w) {
    return m->burden[w].busy_pm + m->burden[w].charge_ppm / 1000;
}

static bool media_is_full(const struct media *m, unsigned w) { return media_soon_pm(m, w) >= MEDIA_FULL_PM; }

bool media_admit(struct media *m, unsigned w, enum media_peer_kind kind) {
    if (media_soon_pm(m, w) >= (kind == MEDIA_VIEW ? MEDIA_FULL_PM : MEDIA_FULL_OWN_PM))
        return false;
    m->burden[w].charge_ppm += MEDIA_VIEW_PPM;
    return true;
}

/* In peers: as many as there are, or as what they cost comes to. */
static unsigned media_weight(const struct media *m, unsigned w) {
    unsigned worth = m->burden[w].busy_pm * 1000 / MEDIA_VIEW_PPM;
    return m->load[w] > worth ? m->load[w] : worth;
}

static unsigned media_idlest(const struct media *m) {
    unsigned best = 0;
    for (unsigned i = 1; i < m->workers; i++) {
        if (media_weight(m, i) < media_weight(m, best))
            best = i;
    }
    return best;
}

struct media_room *media_room_get(struct media *m, uint64_t id) {
    struct media_room *r = map_get(&m->rooms, id);
    if (r || !id)
        return r;
    r = mem_zalloc(sizeof *r);
    r->id = id;
    r->home = media_idlest(m);
    smap_init(&r->moved, ROOM_MOVED_MAX);
    smap_init(&r->voices, ROOM_VOICES_MAX);
    if (map_put(&m->rooms, id, r)) {
        media_room_free(r);
        return NULL;
    }
    return r;
}

void media_room_free(struct media_room *r) {
    for (unsigned i = 0; i < MEDIA_CIRCLES; i++)
        mem_free(r->stage[i]);
    smap_fini(&r->moved);
    smap_fini(&r->voices);
    mem_free(r);
}

/* What it costs to put one more view of the room there: full workers last, then by load, and a worker the
 * room is not on yet only when it is clearly idler (each further one copies every packet once more). */
static uint64_t media_cost(const struct media *m, const struct media_room *r, unsigned w) {
    bool there = w == r->home || r->views[w];
    unsigned limit = m->room_peers_per_worker, weight = media_weight(m, w);
    uint64_t full = media_is_full(m, w) ? (uint64_t)UINT32_MAX << 8 : 0;
    if (!limit)
        return full + weight + (there ? 0 : MEDIA_SPREAD_SLACK);
    if (r->views[w] < limit)
        return full + (w == r->home ? 0 : there ? 1 : 2);
    return full + UINT32_MAX + (uint64_t)weight;
}

unsigned media_place(const struct media *m, const struct media_room *r, enum media_peer_kind kind) {
    unsigned best = r->home;
    for (unsigned w = 0; kind == MEDIA_VIEW && w < m->workers; w++) {
        if (media_cost(m, r, w) < media_cost(m, r, best))
            best = w;
    }
    return best;
}

static void media_post_stage(struct media *m, const struct media_room *r, unsigned circle, unsigned worker) {
    struct cmd_picks *k = mem_zalloc(sizeof *k);
    *k = *r->stage[circle];
    struct cmd c = {.type = CMD_STAGE, .room = r->id, .circle = circle, .home = worker == r->home, .p = k};
    media_post(m, worker, &c);
}

static void media_post_move(struct media *m, const struct media_room *r, struct str member, unsigned where,
                            unsigned worker) {
    struct view_pick *k = mem_zalloc(sizeof *k);
    STR_COPY(k->member, member);
    struct cmd c = {.type = CMD_MOVE,
                    .room = r->id,
                    .circle = where & (ROOM_EVERYWHERE - 1),
                    .on = where & ROOM_EVERYWHERE,
                    .home = worker == r->home,
                    .p = k};
    media_post(m, worker, &c);
}

static void media_post_voice(struct media *m, const struct media_room *r, struct str member, unsigned channel,
                             unsigned worker) {
    struct view_pick *k = mem_zalloc(sizeof *k);
    STR_COPY(k->member, member);
    struct cmd c = {.type = CMD_VOICE, .room = r->id, .channel = channel, .home = worker == r->home, .p = k};
    media_post(m, worker, &c);
}

/* All a worker must know of a room it did not have. */
static void media_acquaint(struct media *m, struct media_room *r, unsigned worker) {
    size_t it = 0;
    struct str member;
    for (unsigned i = 0; i < MEDIA_CIRCLES; i++)
        if (r->stage[i])
            media_post_stage(m, r, i, worker);
    for (void *where; (where = smap_next(&r->moved, &it, &member));)
        media_post_move(m, r, member, (unsigned)(uintptr_t)where, worker);
    it = 0;
    for (void *channel; (channel = smap_next(&r->voices, &it, &member));)
        media_post_voice(m, r, member, (unsigned)(uintptr_t)channel, worker);
}

void media_room_view_in(struct media *m, struct media_room *r, unsigned worker) {
    if (r->views[worker]++ || worker == r->home)
        return;
    media_acquaint(m, r, worker);
    struct cmd c = {.type = CMD_RELAY_OPEN, .room = r->id, .worker = worker, .home = true};
    media_post(m, r->home, &c);
}

void media_room_view_out(struct media *m, struct media_room *r, unsigned worker) {
    if (--r->views[worker] || worker == r->home)
        return;
    struct cmd c = {.type = CMD_RELAY_CLOSE, .room = r->id, .worker = worker, .home = true};
    media_post(m, r->home, &c);
    struct cmd gone = {.type = CMD_ROOM_CLOSE, .room = r->id};
    media_post(m, worker, &gone);
}

static void media_picks(struct cmd_picks *k, const struct media_pick *v, unsigned n, unsigned max) {
    k->n = n > max ? max : n;
    for (unsigned i = 0; i < k->n; i++) {
        k->pick[i].source = v[i].source;
        if (!v[i].member || !STR_COPY(k->pick[i].member, str_of(v[i].member)))
            k->pick[i].member[0] = 0;
    }
}

void media_circle_stage(struct media *m, uint64_t room, unsigned circle, const struct media_pick *stage,
                        unsigned n) {
    struct media_room *r = circle < MEDIA_CIRCLES ? media_room_get(m, room) : NULL;
    if (!r)
        return;
    if (!r->stage[circle])
        r->stage[circle] = mem_zalloc(sizeof *r->stage[circle]);
    media_picks(r->stage[circle], stage, n, MEDIA_ROOM_STAGE_MAX);
    for (unsigned w = 0; w < m->workers; w++) {
        if (w == r->home || r->views[w])
            media_post_stage(m, r, circle, w);
    }
}

void media_room_stage(struct media *m, uint64_t room, const struct media_pick *stage, unsigned n) {
    media_circle_stage(m, room, 0, stage, n);
}

void media_member_move(struct media *m, uint64_t room, const char *member, unsigned circle, bool everywhere) {
    struct media_room *r = media_member_ok(member) && circle < MEDIA_CIRCLES ? media_room_get(m, room) : NULL;
    uintptr_t where = circle | (everywhere ? ROOM_EVERYWHERE : 0u);
    if (!r)
        return;
    if (where)
        smap_put(&r->moved, str_of(member), (void *)where);
    else
        smap_drop(&r->moved, str_of(member));
    for (unsigned w = 0; w < m->workers; w++) {
        if (w == r->home || r->views[w])
            media_post_move(m, r, str_of(member), (unsigned)where, w);
    }
}

void media_member_channel(struct media *m, uint64_t room, const char *member, unsigned channel) {
    bool known = channel <= MEDIA_CHANNELS || channel == MEDIA_CHANNEL_NONE;
    struct media_room *r = media_member_ok(member) && known ? media_room_get(m, room) : NULL;
    if (!r)
        return;
    if (channel)
        smap_put(&r->voices, str_of(member), (void *)(uintptr_t)channel);
    else
        smap_drop(&r->voices, str_of(member));
    for (unsigned w = 0; w < m->workers; w++) {
        if (w == r->home || r->views[w])
            media_post_voice(m, r, str_of(member), channel, w);
    }
}

void media_view_listen(struct media *m, uint64_t peer, unsigned channel) {
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p || p->kind != MEDIA_VIEW || channel > MEDIA_CHANNELS)
        return;
    struct cmd c = {.type = CMD_LISTEN, .id = peer, .channel = channel};
    media_post(m, p->worker, &c);
}

void media_view_want(struct media *m, uint64_t peer, const struct media_pick *want, unsigned n) {
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p || p->kind != MEDIA_VIEW)
        return;
    struct cmd_picks *k = mem_zalloc(sizeof *k);
    media_picks(k, want, n, MEDIA_VIDEO_SLOTS_MAX);
    struct cmd c = {.type = CMD_WANT, .id = peer, .p = k};
    media_post(m, p->worker, &c);
}

void media_view_draw(struct media *m, uint64_t peer, const struct media_draw *draw, unsigned n) {
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p || p->kind != MEDIA_VIEW)
        return;
    struct cmd_draw *k = mem_zalloc(sizeof *k);
    k->n = n > MEDIA_VIDEO_SLOTS_MAX ? MEDIA_VIDEO_SLOTS_MAX : n;
    memcpy(k->draw, draw, k->n * sizeof *draw);
    struct cmd c = {.type = CMD_DRAW, .id = peer, .p = k};
    media_post(m, p->worker, &c);
}

int media_peer_capture(struct media *m, uint64_t peer, unsigned ms) {
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p)
        return -ERR_MISSING;
    struct cmd c = {.type = CMD_PEER_CAPTURE,
                    .id = peer,
                    .ms = ms < MEDIA_CAPTURE_MS_MAX ? ms : MEDIA_CAPTURE_MS_MAX,
                    .p = pcapng_open(CAPTURE_BYTES)};
    media_post(m, p->worker, &c);
    return 0;
}

static void media_view_switch(struct media *m, uint64_t peer, enum cmd_type type, bool on) {
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p || p->kind != MEDIA_VIEW)
        return;
    struct cmd c = {.type = type, .id = peer, .on = on};
    media_post(m, p->worker, &c);
}

void media_view_audio_only(struct media *m, uint64_t peer, bool on) {
    media_view_switch(m, peer, CMD_AUDIO_ONLY, on);
}

void media_view_save(struct media *m, uint64_t peer, bool on) { media_view_switch(m, peer, CMD_SAVE, on); }

void media_source_block(struct media *m, uint64_t room, const char *member, enum media_source source,
                        bool blocked) {
    struct media_room *r =
        media_member_ok(member) && source < MEDIA_SOURCE_COUNT ? media_room_get(m, room) : NULL;
    if (!r)
        return;
    struct view_pick *k = mem_zalloc(sizeof *k);
    STR_COPY(k->member, str_of(member));
    k->source = source;
    struct cmd c = {.type = CMD_BLOCK, .room = room, .on = blocked, .home = true, .p = k};
    media_post(m, r->home, &c); /* tracks exist where the publishers are */
}

void media_room_close(struct media *m, uint64_t room) {
    struct media_room *r = map_get(&m->rooms, room);
    if (!r)
        return;
    struct cmd c = {.type = CMD_ROOM_CLOSE, .room = room};
    for (unsigned w = 0; w < m->workers; w++) {
        if (w == r->home || r->views[w])
            media_post(m, w, &c);
    }
    size_t it = 0;
    uint64_t id;
    for (struct media_peer *p; (p = map_next(&m->peers, &it, &id));) {
        if (p->room != r)
            continue;
        m->load[p->worker]--;
        mem_free(map_drop(&m->peers, id));
    }
    it = 0;
    for (struct media_tap *t; (t = map_next(&m->taps, &it, &id));) {
        if (t->room == r)
            mem_free(map_drop(&m->taps, id));
    }
    map_drop(&m->rooms, room);
    media_room_free(r);
}

int media_tap_open(struct media *m, uint64_t room, int fd, uint64_t *tap) {
    struct media_room *r = media_room_get(m, room);
    if (!r || m->taps.n >= MEDIA_TAPS_MAX) {
        close(fd);
        return -ERR_FULL;
    }
    struct media_tap *t = mem_zalloc(sizeof *t);
    t->id = ++m->last_id;
    t->room = r;
    map_put(&m->taps, t->id, t);
    struct cmd c = {.type = CMD_TAP_OPEN, .room = room, .id = t->id, .fd = fd, .home = true};
    media_post(m, r->home, &c);
    *tap = t->id;
    return 0;
}

void media_tap_close(struct media *m, uint64_t tap) {
    struct media_tap *t = map_drop(&m->taps, tap);
    if (!t)
        return;
    struct cmd c = {.type = CMD_TAP_CLOSE, .id = tap};
    media_post(m, t->room->home, &c);
    mem_free(t);
}
