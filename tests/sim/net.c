#include "tests/sim/net.h"
#include "media/base/mem.h"

struct net {
    struct net_cfg cfg;
    uint64_t random, order;
    int64_t last_us, busy_until_us;
    unsigned burst_left;
    struct net_stats stats;
    unsigned flying;
    struct net_packet *heap[NET_FLYING]; /* by arrival, then by order of sending */
};

/* splitmix64 */
static uint64_t rnd(struct net *n) {
    uint64_t z = n->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static bool chance(struct net *n, unsigned ppm) { return rnd(n) % NET_PPM < ppm; }

struct net *net_open(const struct net_cfg *cfg, uint64_t seed) {
    struct net *n = mem_zalloc(sizeof *n);
    n->cfg = *cfg;
    n->random = seed;
    return n;
}

void net_close(struct net *n) {
    if (!n)
        return;
    while (n->flying)
        mem_free(n->heap[--n->flying]);
    mem_free(n);
}

void net_set(struct net *n, const struct net_cfg *cfg) { n->cfg = *cfg; }

static bool before(const struct net_packet *a, const struct net_packet *b) {
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void push(struct net *n, struct net_packet *p) {
    unsigned i = n->flying++;
    for (; i && before(p, n->heap[(i - 1) / 2]); i = (i - 1) / 2)
        n->heap[i] = n->heap[(i - 1) / 2];
    n->heap[i] = p;
}

static struct net_packet *pop(struct net *n) {
    struct net_packet *top = n->heap[0], *last = n->heap[--n->flying];
    unsigned i = 0;
    for (unsigned c; (c = 2 * i + 1) < n->flying; i = c) {
        if (c + 1 < n->flying && before(n->heap[c + 1], n->heap[c]))
            c++;
        if (!before(n->heap[c], last))
            break;
        n->heap[i] = n->heap[c];
    }
    if (n->flying)
        n->heap[i] = last;
    return top;
}

/* When the bottleneck has let these bytes out, or -1 when they do not fit before it. What it could have let
 * through while nothing came it makes up for, as far as its bucket goes. */
static int64_t through(struct net *n, size_t bytes, int64_t now_us) {
    if (!n->cfg.rate_bps)
        return now_us;
    int64_t full_us = now_us - (int64_t)(n->cfg.bucket_bytes * UINT64_C(8000000) / n->cfg.rate_bps);
    int64_t start_us = n->busy_until_us > full_us ? n->busy_until_us : full_us;
    uint64_t waiting = start_us > now_us ? (uint64_t)(start_us - now_us) * n->cfg.rate_bps / 8000000 : 0;
    if (waiting + bytes > n->cfg.queue_bytes)
        return -1;
    n->busy_until_us = start_us + (int64_t)(bytes * 8000000 / n->cfg.rate_bps);
    return n->busy_until_us > now_us ? n->busy_until_us : now_us;
}

static void fly(struct net *n, uint64_t tag, const void *data, size_t bytes, int64_t sent_us, int64_t at_us) {
    struct net_packet *p = mem_zalloc(sizeof *p);
    p->sent_us = sent_us;
    p->at_us = at_us;
    p->tag = tag;
    p->order = n->order++;
    p->n = bytes;
    memcpy(p->data, data, bytes);
    push(n, p);
}

void net_send(struct net *n, uint64_t tag, const void *data, size_t bytes, int64_t now_us) {
    n->stats.sent++;
    int64_t out_us = bytes <= NET_BYTES && n->flying + 2 <= NET_FLYING ? through(n, bytes, now_us) : -1;
    if (out_us < 0) {
        n->stats.dropped++;
        return;
    }
    if (!n->burst_left && chance(n, n->cfg.loss_ppm))
        n->burst_left = n->cfg.burst ? n->cfg.burst : 1;
    if (n->burst_left) {
        n->burst_left--;
        n->stats.lost++;
        return;
    }
    int64_t at_us =
        out_us + n->cfg.delay_us + (n->cfg.jitter_us ? (int64_t)(rnd(n) % (uint64_t)n->cfg.jitter_us) : 0);
    if (at_us < n->last_us)
        at_us = n->last_us;
    n->last_us = at_us;
    if (chance(n, n->cfg.reorder_ppm))
        at_us += n->cfg.reorder_us;
    fly(n, tag, data, bytes, now_us, at_us);
    if (chance(n, n->cfg.repeat_ppm))
        fly(n, tag, data, bytes, now_us, at_us);
}

int64_t net_next_us(const struct net *n) { return n->flying ? n->heap[0]->at_us : INT64_MAX; }

bool net_recv(struct net *n, int64_t now_us, struct net_packet *out) {
    if (net_next_us(n) > now_us)
        return false;
    struct net_packet *p = pop(n);
    *out = *p;
    mem_free(p);
    n->stats.delivered++;
    return true;
}

struct net_stats net_stats(const struct net *n) {
    return n->stats;
}
