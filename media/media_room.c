#include "media/base/err.h"
#include "media/base/pcapng.h"
#include "media/media_own.h"
#include <unistd.h>

enum { CAPTURE_BYTES = 16 << 20 };

static unsigned media_idlest(const struct media *m) {
    unsigned best = 0;
    for (unsigned i = 1; i < m->workers; i++) {
        if (m->load[i] < m->load[best])
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
    if (map_put(&m->rooms, id, r)) {
        mem_free(r);
        return NULL;
    }
    return r;
}

/* What it costs to put one more view of the room there: full workers last, then by load, and a worker the
 * room is not on yet only when it is clearly idler (each further one copies every packet once more). */
static uint64_t media_cost(const struct media *m, const struct media_room *r, unsigned w) {
    bool there = w == r->home || r->views[w];
    unsigned limit = m->room_peers_per_worker;
    if (!limit)
        return m->load[w] + (there ? 0 : MEDIA_SPREAD_SLACK);
    if (r->views[w] < limit)
        return w == r->home ? 0 : there ? 1 : 2;
    return UINT32_MAX + (uint64_t)m->load[w];
}

unsigned media_place(const struct media *m, const struct media_room *r, enum media_peer_kind kind) {
    unsigned best = r->home;
    for (unsigned w = 0; kind == MEDIA_VIEW && w < m->workers; w++) {
        if (media_cost(m, r, w) < media_cost(m, r, best))
            best = w;
    }
    return best;
}

static void media_post_stage(struct media *m, const struct media_room *r, unsigned worker) {
    struct cmd_picks *k = mem_zalloc(sizeof *k);
    *k = r->stage;
    struct cmd c = {.type = CMD_STAGE, .room = r->id, .home = worker == r->home, .p = k};
    media_post(m, worker, &c);
}

void media_room_view_in(struct media *m, struct media_room *r, unsigned worker) {
    if (r->views[worker]++ || worker == r->home)
        return;
    media_post_stage(m, r, worker);
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

void media_room_stage(struct media *m, uint64_t room, const struct media_pick *stage, unsigned n) {
    struct media_room *r = media_room_get(m, room);
    if (!r)
        return;
    media_picks(&r->stage, stage, n, MEDIA_ROOM_STAGE_MAX);
    for (unsigned w = 0; w < m->workers; w++) {
        if (w == r->home || r->views[w])
            media_post_stage(m, r, w);
    }
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

void media_view_audio_only(struct media *m, uint64_t peer, bool on) {
    struct media_peer *p = map_get(&m->peers, peer);
    if (!p || p->kind != MEDIA_VIEW)
        return;
    struct cmd c = {.type = CMD_AUDIO_ONLY, .id = peer, .on = on};
    media_post(m, p->worker, &c);
}

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
    mem_free(map_drop(&m->rooms, room));
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
