#include "media/rtc/seek.h"
#include "media/base/rnd.h"

static void seek_ask(struct seek *s, struct peer *p, const struct addr_path *path, int64_t now_us) {
    struct seek_try t = {.peer = p->id, .path = *path, .at_us = now_us};
    rnd_bytes(t.tid, sizeof t.tid);
    if (peer_challenge(p, t.tid, path, now_us))
        s->tries[s->next++ % SEEK_TRIES_MAX] = t;
}

void seek_stranger(struct seek *s, const struct map *peers, struct bytes rtcp, const struct addr_path *path,
                   int64_t now_us) {
    uint8_t copy[RTP_PACKET_MAX];
    if (now_us < s->free_us || rtcp.n > sizeof copy)
        return;
    s->free_us = now_us + SEEK_EVERY_US;
    unsigned tried = 0;
    size_t it = 0;
    uint64_t id;
    for (struct peer *p; tried < SEEK_PEERS_MAX && (p = map_next(peers, &it, &id));) {
        if (!peer_may_speak(p, rtcp, now_us))
            continue;
        tried++;
        memcpy(copy, rtcp.p, rtcp.n);
        if (peer_rtcp(p, copy, rtcp.n, now_us)) {
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
