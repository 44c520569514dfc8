#include "media/rtc/seek.h"
#include "media/base/rnd.h"
#include "media/rtc/demux.h"

static struct seek_try *seek_ask(struct seek *s, struct peer *p, const struct addr_path *path,
                                 int64_t now_us) {
    struct seek_try t = {.peer = p->id, .path = *path, .at_us = now_us, .again_us = INT64_MAX, .asks = 1};
    rnd_bytes(t.tid, sizeof t.tid);
    if (!peer_challenge(p, t.tid, path, now_us))
        return NULL;
    s->tries[s->next++ % SEEK_TRIES_MAX] = t;
    return &s->tries[(s->next - 1) % SEEK_TRIES_MAX];
}

void seek_nominated(struct seek *s, struct peer *p, int64_t now_us) {
    const struct addr_path *path = peer_awaits(p);
    for (unsigned i = 0; i < SEEK_TRIES_MAX; i++) {
        const struct seek_try *open = &s->tries[i];
        if (open->peer == p->id && addr_same_end(&open->path, path) && now_us - open->at_us < SEEK_ANSWER_US)
            return; /* one peer takes one place */
    }
    struct seek_try *t = seek_ask(s, p, path, now_us);
    if (!t)
        return;
    t->again_us = now_us + SEEK_AGAIN_US;
    s->due_us = t->again_us < s->due_us ? t->again_us : s->due_us;
}

/* Is this question still open, and for the path its peer waits for? */
static struct peer *seek_open(const struct seek_try *t, const struct map *peers) {
    struct peer *p = t->peer && t->asks < SEEK_ASKS ? map_get(peers, t->peer) : NULL;
    const struct addr_path *path = p ? peer_awaits(p) : NULL;
    return path && addr_same_end(path, &t->path) ? p : NULL;
}

void seek_timer(struct seek *s, const struct map *peers, int64_t now_us) {
    if (now_us < s->due_us)
        return;
    s->due_us = INT64_MAX;
    for (unsigned i = 0; i < SEEK_TRIES_MAX; i++) {
        struct seek_try *t = &s->tries[i];
        if (t->peer && t->again_us <= now_us) {
            struct peer *p = seek_open(t, peers);
            bool asked = p && peer_challenge(p, t->tid, &t->path, now_us);
            t->asks += asked;
            t->again_us = p ? now_us + ((int64_t)SEEK_AGAIN_US << (asked ? t->asks - 1 : 0)) : INT64_MAX;
        }
        if (t->peer && t->again_us < s->due_us)
            s->due_us = t->again_us;
    }
}

void seek_stranger(struct seek *s, const struct map *peers, struct bytes pkt, const struct addr_path *path,
                   int64_t now_us) {
    uint8_t copy[RTP_PACKET_MAX];
    if (now_us < s->free_us || pkt.n > sizeof copy)
        return;
    s->free_us = now_us + SEEK_EVERY_US;
    bool rtcp = demux_kind(pkt) == DEMUX_RTCP;
    unsigned tried = 0;
    size_t it = 0;
    uint64_t id;
    for (struct peer *p; tried < SEEK_PEERS_MAX && (p = map_next(peers, &it, &id));) {
        if (!(rtcp ? peer_may_speak : peer_may_send)(p, pkt, now_us))
            continue;
        tried++;
        memcpy(copy, pkt.p, pkt.n);
        if ((rtcp ? peer_rtcp : peer_rtp)(p, copy, pkt.n, now_us)) {
            seek_ask(s, p, path, now_us);
            return;
        }
    }
}

struct peer *seek_answered(struct seek *s, const struct map *peers, const struct stun *m,
                           const struct addr_path *path, int64_t now_us) {
    for (unsigned i = 0; i < SEEK_TRIES_MAX; i++) {
        struct seek_try *t = &s->tries[i];
        if (!t->peer || memcmp(t->tid, m->tid, sizeof t->tid) != 0)
            continue;
        struct peer *p = map_get(peers, t->peer);
        t->peer = 0;
        return addr_same_end(&t->path, path) && now_us - t->at_us < SEEK_ANSWER_US ? p : NULL;
    }
    return NULL;
}
