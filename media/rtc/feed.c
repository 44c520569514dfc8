#include "media/rtc/feed.h"
#include "media/base/mem.h"
#include "media/rtc/follow.h"

enum {
    FEED_RATE_US = 500 * 1000,
    FEED_YOUNG_US = 2 * 1000 * 1000,
    FEED_WIRE_MORE = 56, /* what a packet of the history grows by: extensions, tag, UDP and IP headers */
};

struct feed *feed_open(const struct track *t) {
    struct feed *d = mem_zalloc(sizeof *d);
    d->id = t->feed_id ? t->feed_id : t->id;
    d->source = t->source;
    d->codec = t->codec;
    d->video = t->video;
    d->mirror = t->mirror;
    d->peer = t->peer;
    d->n = t->layers ? t->layers : 1;
    d->svc = d->n == 1 && codec_has_layers(t->codec);
    STR_COPY(d->member, str_of(t->member));
    list_init(&d->in_room);
    list_init(&d->followers);
    doze_init(&d->doze, d->n, t->mirror, t->last_us);
    d->send_wish = t->send_wish;
    d->owner = t->owner;
    d->rated_us = t->last_us;
    return d;
}

void feed_close(struct feed *d, int64_t now_us) {
    while (!list_empty(&d->followers))
        follow_on_close(list_entry(d->followers.next, struct follow, in_feed), now_us);
    list_drop(&d->in_room);
    mem_free(d);
}

void feed_add(struct feed *d, struct track *t) {
    struct feed_layer *l = &d->layer[t->layer];
    l->track = t;
    STR_COPY(l->rid, str_of(t->rid));
    d->tracks++;
    t->feed = d;
}

void feed_remove(struct feed *d, struct track *t) {
    d->layer[t->layer].track = NULL;
    d->tracks--;
}

static void feed_count(struct feed_layer *l, unsigned tid, size_t bytes) {
    l->bytes[tid] += bytes + FEED_WIRE_MORE;
    l->tids = tid >= l->tids ? (uint8_t)(tid + 1) : l->tids;
}

void feed_know(struct feed *d, unsigned layer, uint16_t height, int64_t now_us) {
    if (layer >= FEED_LAYERS_MAX)
        return;
    if (layer >= d->n) {
        d->n = layer + 1;
        doze_grow(&d->doze, d->n, now_us);
    }
    d->layer[layer].height = height ? height : d->layer[layer].height;
}

/* A packet counts for every spatial layer that needs it: of key pictures all below. */
static void feed_on_svc(struct feed *d, const struct history_pkt *p) {
    const struct codec_layer *at = &p->info.layer;
    if (at->sid >= FEED_LAYERS_MAX || at->tid >= FEED_TIDS)
        return;
    struct feed_layer *own = &d->layer[at->sid];
    if (p->arrival_us - own->seen_us > FEED_STALE_US)
        own->on_us = p->arrival_us;
    own->seen_us = p->arrival_us;
    feed_know(d, at->sid, 0, p->arrival_us);
    for (unsigned i = 0; i < FEED_LAYERS_MAX; i++) {
        if (at->in & codec_step(i, FEED_TIDS - 1))
            feed_count(&d->layer[i], at->tid, p->n);
        if (at->height[i])
            d->layer[i].height = at->height[i];
    }
}

struct track *feed_on_packet(struct feed *d, const struct track *t, const struct history_pkt *p) {
    struct feed_layer *l = &d->layer[t->layer];
    if (d->svc) {
        feed_on_svc(d, p);
        return NULL;
    }
    feed_count(l, p->info.layer.tid % FEED_TIDS, p->n);
    if (p->info.keyframe && p->info.height)
        l->height = p->info.height;
    for (unsigned i = 0; i < d->n; i++) {
        struct track *other = d->layer[i].track;
        if (other && other->on && p->arrival_us - other->last_us > FEED_STALE_US)
            return other;
    }
    return NULL;
}

/* A quarter of what is new, for an encoder's rate wavers with its key frames; half in the beginning. */
void feed_rate(struct feed *d, int64_t now_us) {
    int64_t us = now_us - d->rated_us;
    if (us < FEED_RATE_US)
        return;
    d->rated_us = now_us;
    for (unsigned i = 0; i < d->n; i++) {
        struct feed_layer *l = &d->layer[i];
        uint64_t sum = 0;
        for (unsigned tid = 0; tid < FEED_TIDS; tid++) {
            sum += l->bytes[tid];
            l->bytes[tid] = 0;
            uint64_t bps = sum * 8000000 / (uint64_t)us;
            uint64_t part = now_us - l->on_us < FEED_YOUNG_US ? 2 : 4;
            if (feed_flows(d, (int)i)) /* one that sleeps is remembered by what it cost */
                l->bps[tid] = (uint32_t)(l->bps[tid] ? (l->bps[tid] * (part - 1) + bps) / part : bps);
        }
    }
}

bool feed_can(const struct feed *d, int layer, int64_t now_us) {
    return feed_flows(d, layer) || (feed_track(d, layer) && doze_can(&d->doze, (unsigned)layer, now_us));
}

bool feed_larger(const struct feed *d, int a, int b) {
    unsigned ha = d->layer[a].height, hb = d->layer[b].height;
    return ha != hb ? ha > hb : a > b;
}

int feed_ranked(const struct feed *d, unsigned rank) {
    for (int i = 0; i < (int)d->n; i++) {
        unsigned smaller = 0;
        for (int k = 0; k < (int)d->n; k++)
            smaller += feed_larger(d, i, k);
        if (smaller == rank)
            return i;
    }
    return 0;
}

int feed_best(const struct feed *d, int now, int64_t hold_us, int64_t now_us) {
    int steady = -1, any = -1;
    for (int i = 0; i < (int)d->n; i++) {
        if (!feed_flows(d, i))
            continue;
        if (any < 0 || feed_larger(d, i, any))
            any = i;
        if ((i == now || now_us - d->layer[i].on_us >= hold_us) && (steady < 0 || feed_larger(d, i, steady)))
            steady = i;
    }
    return steady >= 0 ? steady : any;
}

int feed_near(const struct feed *d, int layer) {
    int below = -1, above = -1;
    if (feed_flows(d, layer))
        return layer;
    for (int i = 0; i < (int)d->n; i++) {
        if (!feed_flows(d, i))
            continue;
        bool larger = layer < 0 || feed_larger(d, i, layer);
        if (larger && (above < 0 || feed_larger(d, above, i)))
            above = i;
        if (!larger && (below < 0 || feed_larger(d, i, below)))
            below = i;
    }
    return below >= 0 ? below : above;
}

unsigned feed_needed(const struct feed *d) {
    unsigned bits = 0;
    for (unsigned i = d->n; i--;) {
        bool above = d->svc && bits; /* spatial layers stand on those below */
        bits |= above || d->layer[i].followers || d->layer[i].remotes ? 1u << i : 0;
    }
    return bits;
}

bool feed_unsettled(const struct feed *d, int64_t now_us) {
    for (unsigned i = 0; i < d->n && d->n > 1; i++) {
        if (now_us - d->layer[i].on_us < FEED_SETTLE_US || now_us - d->doze.woken_us[i] < FEED_SETTLE_US)
            return true;
    }
    return false;
}

static unsigned feed_flowing(const struct feed *d) {
    unsigned bits = 0;
    for (unsigned i = 0; i < d->n; i++)
        bits |= feed_flows(d, (int)i) ? 1u << i : 0;
    return bits;
}

bool feed_shifted(struct feed *d) {
    uint8_t was = d->flowed;
    d->flowed = d->svc ? (uint8_t)feed_flowing(d) : 0;
    return d->flowed != was;
}

void feed_doze(struct feed *d, struct env *env, int64_t now_us) {
    if (d->send_wish && doze_step(&d->doze, feed_needed(d), feed_flowing(d), now_us))
        d->send_wish(d, env);
}
