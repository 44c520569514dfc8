#include "media/rtc/relay.h"
#include "media/base/mem.h"

struct relay_sink {
    struct sink sink;
    struct list in_relay;
    struct relay *relay;
    uint8_t wanted; /* bits of the layers the mirror's views follow, as far as is known */
    bool lost;      /* something was dropped since the last key frame request */
};

static void relay_head(struct relay_msg *m, enum relay_kind kind, const struct relay *y,
                       const struct track *t) {
    m->kind = (uint8_t)kind;
    m->source = (uint8_t)t->source;
    m->codec = (uint8_t)t->codec;
    m->track = t->id;
    m->feed = t->feed->id;
    m->layer = (uint8_t)t->layer;
    m->layers = (uint8_t)t->layers;
    m->sid = (uint8_t)t->layer;
    m->room = y->room->id;
    m->n = 0;
    memcpy(m->member, t->member, sizeof m->member);
}

static void relay_on_packet(struct sink *sink, const struct history_pkt *p, int64_t now_us) {
    struct relay_sink *s = container_of(sink, struct relay_sink, sink);
    struct env *env = s->relay->room->env;
    struct relay_msg m;
    struct bytes payload = history_payload(p);
    relay_head(&m, RELAY_PACKET, s->relay, sink->track);
    m.pt = p->pt;
    m.marker = p->marker;
    m.level = (struct track_level){.has = p->has_level, .voice = p->voice, .dbov = p->level_dbov};
    m.ts = p->ts;
    m.seq = p->seq;
    m.at_us = p->arrival_us;
    m.n = (uint16_t)payload.n;
    m.dd_n = p->dd_n;
    memcpy(m.payload, payload.p, payload.n + p->dd_n); /* they lie together, and both fit */
    if (!mailbox_put(s->relay->to, &m)) {
        env->n.relay_packets++;
        s->lost = s->lost && !p->info.keyframe;
        return;
    }
    env->n.relay_dropped++;
    if (!s->lost)
        track_ask(sink->track, now_us);
    s->lost = true;
}

static void relay_on_sr(struct sink *sink, uint64_t ntp, uint32_t ts, int64_t now_us) {
    struct relay_sink *s = container_of(sink, struct relay_sink, sink);
    struct relay_msg m;
    relay_head(&m, RELAY_SR, s->relay, sink->track);
    m.ntp = ntp;
    m.ts = ts;
    m.ts_now = sink->track->clk_ts;
    m.at_us = now_us;
    mailbox_put(s->relay->to, &m); /* the next report says the same */
}

static void relay_tell(struct relay_sink *s, enum relay_kind kind, const struct track *t) {
    struct relay_msg m;
    relay_head(&m, kind, s->relay, t);
    mailbox_put(s->relay->to, &m); /* lost: the mirror finds out by itself, it idles */
}

static void relay_on_off(struct sink *sink, int64_t now_us) {
    (void)now_us;
    relay_tell(container_of(sink, struct relay_sink, sink), RELAY_OFF, sink->track);
}

/* Bits of the layers one track carries. */
static uint8_t relay_carries(const struct track *t) {
    return t->feed->svc ? (1u << FEED_LAYERS_MAX) - 1 : (uint8_t)(1u << t->layer);
}

static void relay_want(struct relay_sink *s, const struct track *t, uint8_t bits) {
    bits &= relay_carries(t);
    for (unsigned i = 0; i < FEED_LAYERS_MAX; i++)
        t->feed->layer[i].remotes += (bits >> i & 1u) - (s->wanted >> i & 1u);
    s->wanted = bits;
}

static void relay_sink_free(struct relay_sink *s, const struct track *t) {
    relay_want(s, t, 0);
    track_detach(&s->sink);
    list_drop(&s->in_relay);
    mem_free(s);
}

static void relay_on_gone(struct sink *sink, const struct track *t, int64_t now_us) {
    (void)now_us;
    struct relay_sink *s = container_of(sink, struct relay_sink, sink);
    relay_tell(s, RELAY_GONE, t);
    relay_sink_free(s, t);
}

static const struct sink_ops relay_ops = {
    .on_packet = relay_on_packet, .on_sr = relay_on_sr, .on_off = relay_on_off, .on_gone = relay_on_gone};

static void relay_hello(const struct relay *y, const struct track *t) {
    const struct feed *d = t->feed;
    for (unsigned i = 0; i < d->n && d->n > 1; i++) {
        struct relay_msg m;
        if (!(relay_carries(t) & 1u << i))
            continue;
        relay_head(&m, RELAY_HELLO, y, t);
        m.sid = (uint8_t)i;
        m.wish = (uint8_t)d->doze.told;
        m.height = d->layer[i].height;
        mailbox_put(y->to, &m); /* lost: the layer is known when it flows */
    }
}

static void relay_on_track(struct router_fan *f, struct track *t, int64_t now_us) {
    struct relay *y = container_of(f, struct relay, fan);
    struct relay_sink *s = mem_zalloc(sizeof *s);
    s->relay = y;
    s->sink.ops = &relay_ops;
    list_put(&y->sinks, &s->in_relay);
    track_attach(t, &s->sink);
    relay_want(s, t, UINT8_MAX);
    relay_hello(y, t);
    uint64_t first, last;
    if (!t->video || !history_replay(&t->history, &first, &last))
        return; /* the mirror asks for a key frame itself when it shows somebody the track */
    for (uint64_t q = first; q <= last; q++) {
        const struct history_pkt *p = history_get(&t->history, q);
        if (p)
            relay_on_packet(&s->sink, p, now_us);
    }
}

struct relay *relay_open(struct router *r, unsigned worker, int64_t now_us) {
    struct relay *y = mem_zalloc(sizeof *y);
    y->fan.on_track = relay_on_track;
    y->room = r;
    y->worker = worker;
    y->to = r->env->relay[worker];
    list_init(&y->sinks);
    router_fan_add(r, &y->fan, now_us);
    return y;
}

void relay_close(struct relay *y) {
    list_each (&y->sinks, s, struct relay_sink, in_relay)
        relay_sink_free(s, s->sink.track);
    list_drop(&y->fan.in_room);
    mem_free(y);
}

/* A mirror asks its home for a key frame. */
static void relay_pli(struct track *t, void *owner, int64_t now_us) {
    (void)now_us;
    struct router *r = owner;
    struct relay_msg m = {.kind = RELAY_KEYFRAME, .track = t->id, .room = r->id};
    mailbox_put(r->env->relay[env_track_home(t->id)], &m); /* lost: the mirror's budget asks again */
}

/* A mirror tells its home what its views follow. */
static void relay_wish(struct feed *d, struct env *env) {
    struct router *r = d->owner;
    struct relay_msg m = {.kind = RELAY_WISH,
                          .feed = d->id,
                          .wish = (uint8_t)d->doze.told,
                          .worker = (uint8_t)env->worker,
                          .room = r->id};
    mailbox_put(env->relay[env_track_home(d->id)], &m); /* lost: told again while it is not so */
}

static void relay_on_wish(struct router *r, const struct relay_msg *m, int64_t now_us) {
    struct feed *d = router_feed(r, m->feed);
    for (unsigned i = 0; d && i < FEED_LAYERS_MAX; i++) {
        struct track *t = d->layer[i].track;
        if (!t)
            continue;
        list_each (&t->sinks, s, struct sink, in_track) {
            struct relay_sink *y = container_of(s, struct relay_sink, sink);
            if (s->ops == &relay_ops && y->relay->worker == m->worker)
                relay_want(y, t, m->wish);
        }
    }
    if (d)
        feed_doze(d, r->env, now_us);
}

static void relay_on_hello(const struct track *t, const struct relay_msg *m, int64_t now_us) {
    feed_know(t->feed, m->sid, m->height, now_us);
    t->feed->doze.told &= m->wish;
}

static struct track *relay_mirror(struct router *r, const struct relay_msg *m, int64_t now_us) {
    struct track_cfg c = {.id = m->track,
                          .source = m->source,
                          .codec = m->codec,
                          .mirror = true,
                          .member = m->member,
                          .feed = m->feed,
                          .layer = m->layer,
                          .layers = m->layers,
                          .pli = relay_pli,
                          .wish = m->layers > 1 || codec_has_layers(m->codec) ? relay_wish : NULL,
                          .owner = r,
                          .env = r->env,
                          .timer = &r->timer};
    struct track *t = track_open(&c);
    if (router_track_add(r, t, now_us)) {
        track_close(t, now_us);
        return NULL;
    }
    return t;
}

void relay_apply(struct router *r, const struct relay_msg *m, int64_t now_us) {
    if (m->kind == RELAY_WISH) {
        relay_on_wish(r, m, now_us);
        return;
    }
    struct track *t = router_track(r, m->track);
    if (!t && (m->kind == RELAY_PACKET || m->kind == RELAY_HELLO))
        t = relay_mirror(r, m, now_us);
    if (!t)
        return;
    switch ((enum relay_kind)m->kind) {
    case RELAY_PACKET: {
        struct rtp p = {.marker = m->marker,
                        .pt = m->pt,
                        .seq = (uint16_t)m->seq,
                        .ts = m->ts,
                        .payload = {m->payload, m->n}};
        struct track_level level = m->level;
        level.dd = (struct bytes){m->payload + m->n, m->dd_n}; /* m->level's was the sender's memory */
        router_put(r, t, m->seq, &p, &level, now_us);
        break;
    }
    case RELAY_SR:
        track_sr(t, m->ntp, m->ts, m->ts_now, m->at_us);
        break;
    case RELAY_OFF:
        router_track_off(r, t, now_us);
        break;
    case RELAY_GONE:
        router_track_drop(r, t, now_us);
        break;
    case RELAY_HELLO:
        relay_on_hello(t, m, now_us);
        break;
    case RELAY_KEYFRAME:
        track_ask(t, now_us);
        break;
    case RELAY_WISH:
        break;
    }
}
