#include "media/rtc/follow.h"

const struct codec_ids *follow_ids(const struct follow *f, const struct history_pkt *p) {
    return f->feed->codec >= CODEC_VP8 ? &p->info.ids : NULL;
}

struct track *follow_source(const struct follow *f, uint32_t track) {
    for (unsigned i = 0; f->feed && i < f->feed->n; i++) {
        struct track *t = f->feed->layer[i].track;
        if (t && t->id == track)
            return t;
    }
    return NULL;
}

/* ---- packets of the layer shown ---- */

/* A lower temporal layer holds from the next picture on, a higher one from a picture that needs only the
 * base (RFC 7741 4.2: Y "is 1, the frame depends only on the base layer frame with TL0PICIDX"). */
static void follow_tid(struct follow *f, const struct codec_info *c) {
    if (!c->layer.start || f->tid == f->tid_target)
        return;
    if (c->keyframe || f->tid_target < f->tid)
        f->tid = f->tid_target;
    else if (c->layer.sync && c->layer.tid > f->tid && c->layer.tid <= f->tid_target)
        f->tid = c->layer.tid;
}

/* ---- spatial layers of one track ---- */

static bool follow_needs(const struct follow *f, const struct history_pkt *p) {
    return !f->feed->svc || p->info.layer.in & codec_step(f->sid, f->tid);
}

static bool follow_marks(const struct follow *f, const struct history_pkt *p) {
    return p->marker || (f->feed->svc && p->info.layer.end && p->info.layer.sid == f->sid);
}

/* The layer waited for was switched off at its source, and on again just now. */
static bool follow_wakes(const struct follow *f) {
    return f->target >= 0 && doze_wakes(&f->feed->doze, (unsigned)f->target, follow_track(f)->last_us);
}

/* Between two pictures: what is wanted, if it can be decoded from here, else only its temporal layer. */
static void follow_turn(struct follow *f, const struct codec_info *c) {
    if (c->keyframe) {
        f->whole = CODEC_STEPS_ALL;
        if (follow_wakes(f)) /* with this picture comes what was asked for */
            f->sid_target = (uint8_t)f->target;
        if (c->layer.sids && f->sid_target >= c->layer.sids)
            f->sid_target = c->layer.sids - 1; /* until its owner, who sees more come, picks anew */
    }
    if (f->whole & codec_step(f->sid_target, f->tid_target)) {
        f->sid = f->sid_target;
        f->tid = f->tid_target;
    } else if (f->whole & codec_step(f->sid, f->tid_target)) {
        f->tid = f->tid_target;
    }
}

/* False: this packet is of no quality that is shown. */
static bool follow_takes(struct follow *f, const struct history_pkt *p) {
    const struct codec_layer *at = &p->info.layer;
    if (p->late)
        return follow_needs(f, p);
    if (p->ts != f->picture_ts) {
        f->picture_ts = p->ts;
        follow_turn(f, &p->info);
    }
    bool takes = follow_needs(f, p);
    f->whole = takes ? f->whole | at->sw : f->whole & ~at->in;
    return takes;
}

/* VP8's temporal layers are chosen picture by picture. */
static bool follow_takes_vp8(struct follow *f, const struct history_pkt *p) {
    if (!p->late)
        follow_tid(f, &p->info);
    return p->info.layer.tid <= f->tid;
}

/* True: it is of no use here and leaves no gap. What came too late for that leaves its number. */
static bool follow_leaves(struct follow *f, const struct history_pkt *p, bool *empty) {
    *empty = false;
    if (!f->rewrite.drop || !(f->feed->svc || f->feed->codec == CODEC_VP8) ||
        (f->feed->svc ? follow_takes(f, p) : follow_takes_vp8(f, p)))
        return false;
    rewrite_drop(&f->rewrite, follow_track(f)->id, p->seq, &p->info.ids);
    *empty = f->feed->svc && p->late;
    return !*empty;
}

void follow_again(const struct follow *f, const struct history_pkt *p, struct rewrite_out *r) {
    r->marker = follow_marks(f, p);
    r->empty = !follow_needs(f, p);
}

/* Past what may leave at once a packet waits in the history, and all after it. */
static bool follow_holds(struct follow *f, const struct history_pkt *p, int64_t now_us) {
    if (f->behind)
        return p->seq >= f->behind;
    if (p->late || !f->ops->hold || !f->ops->hold(f, now_us))
        return false;
    f->behind = p->seq;
    return true;
}

/* What comes after a key picture needs what is left out, so the next one begins a new segment. */
static void follow_rest(struct follow *f) {
    f->behind = 0;
    rewrite_stop(&f->rewrite);
    f->state = FOLLOW_REST;
}

bool follow_forward(struct follow *f, const struct history_pkt *p, int64_t now_us) {
    struct rewrite_out r;
    bool empty;
    if (follow_holds(f, p, now_us) || follow_leaves(f, p, &empty))
        return true;
    if (!rewrite_map(&f->rewrite, follow_track(f)->id, p->seq, p->ts, follow_ids(f, p), now_us, &r))
        return false;
    r.marker = follow_marks(f, p);
    r.empty = empty;
    if (!p->late)
        f->half = !r.marker;
    f->ops->packet(f, p, &r, now_us);
    if (f->still && !p->late && r.marker && follow_track(f)->video)
        follow_rest(f);
    return true;
}

/* ---- where a segment begins ---- */

static uint32_t follow_ntp_units(uint64_t a, uint64_t b, uint32_t hz) { /* a - b in units of the clock */
    uint64_t d = a - b;
    return (uint32_t)(d >> 32) * hz + (uint32_t)(((d & 0xffffffff) * hz) >> 32);
}

/* The instant of t's timestamp on the clock of the track that was sent before; false when either has not been
 * reported. */
static bool follow_same_clock(const struct follow *f, const struct track *t, uint32_t ts, uint32_t *before) {
    const struct rewrite *w = &f->rewrite;
    const struct track *was = follow_source(f, w->seg[w->cur].source);
    if (!was || (was != t && !(was->clk_sr && t->clk_sr)))
        return false;
    *before = was->sr_ts + (ts - t->sr_ts) + follow_ntp_units(t->sr_ntp, was->sr_ntp, w->clock_hz);
    return true;
}

/* A stream is not set back, nor ahead of the time that passed: who would do so has set his clock anew. */
static bool follow_plausible(const struct follow *f, uint32_t ts_before, int64_t silent_us) {
    int64_t past_us = (int64_t)rewrite_past(&f->rewrite, ts_before) * 1000000 / f->rewrite.clock_hz;
    return past_us <= FOLLOW_PAST_US && past_us >= -FOLLOW_AHEAD_US - silent_us;
}

void follow_begin(struct follow *f, uint64_t first, uint64_t last, int64_t now_us) {
    struct track *t = follow_track(f);
    const struct history_pkt *p = history_get(&t->history, first);
    struct rewrite_start st = {.source = t->id,
                               .seq = first,
                               .ts = p->ts,
                               .ts_now = history_get(&t->history, last)->ts,
                               .ids = follow_ids(f, p)};
    f->half_us = 0;
    st.same_clock = follow_same_clock(f, t, p->ts, &st.ts_before) &&
                    follow_plausible(f, st.ts_before, now_us - f->rewrite.top_ts_us);
    rewrite_switch(&f->rewrite, &st, now_us);
    f->state = FOLLOW_FLOW;
    f->behind = 0;
    f->tid = f->tid_target;
    f->sid = f->sid_target;
    f->whole = CODEC_STEPS_ALL;
    f->picture_ts = p->ts - 1; /* of none yet */
    for (uint64_t q = first; q <= last && f->state == FOLLOW_FLOW; q++) {
        p = history_get(&t->history, q);
        if (p)
            follow_forward(f, p, now_us);
    }
}

/* Is what is cached from this key frame on worth its place on the line? */
static bool follow_worth(const struct follow *f, const struct track *t, uint64_t key, int64_t now_us) {
    bool soon = t->pli.last_us == INT64_MIN || now_us - t->pli.last_us > PLI_EVERY_US - FOLLOW_KEY_SOON_US,
         flows = f->state == FOLLOW_FLOW;
    int64_t old_us = now_us - history_get(&t->history, key)->arrival_us;
    return !f->frugal || old_us <= (flows || soon ? FOLLOW_FRESH_US : FOLLOW_STALE_US);
}

/* Begins on the layer shown with what is cached. False when that is nothing, or too much to be worth it. */
static bool follow_replay(struct follow *f, int64_t now_us) {
    uint64_t first, last;
    const struct track *t = follow_track(f);
    if (!f->ops->ready(f) || !history_replay(&t->history, &first, &last) ||
        !follow_worth(f, t, first, now_us))
        return false;
    follow_begin(f, first, last, now_us);
    f->end[f->now].sink.ahead = true; /* what waits in the track's batch was in its history */
    return true;
}

static void follow_start(struct follow *f, int64_t now_us) {
    struct track *t = follow_track(f);
    f->state = FOLLOW_WAIT;
    if (t->video && t->history.top && !follow_replay(f, now_us)) /* a stream begins with a key frame anyway */
        track_ask(t, now_us);
    const struct history_pkt *top = t->video ? NULL : history_get(&t->history, t->history.top);
    if (top && f->ops->sound)
        f->ops->sound(f, top, now_us);
}

/* The source jumped: a new segment, at once for audio, at a key frame for video. */
static void follow_jump(struct follow *f, const struct history_pkt *p, int64_t now_us) {
    struct track *t = follow_track(f);
    f->state = FOLLOW_WAIT;
    f->behind = 0;
    if (t->video && !p->info.keyframe)
        track_ask(t, now_us);
}

void follow_go_on(struct follow *f, int64_t now_us) {
    while (f->behind && !f->ops->hold(f, now_us)) {
        const struct history *h = &follow_track(f)->history;
        uint64_t seq = f->behind;
        const struct history_pkt *p = history_get(h, seq);
        f->behind = 0;
        if (p && !follow_forward(f, p, now_us)) {
            follow_jump(f, p, now_us);
            return;
        }
        if (f->state != FOLLOW_FLOW)
            return;
        f->behind = seq < h->top ? seq + 1 : 0;
    }
    const struct history_pkt *p = f->behind ? history_get(&follow_track(f)->history, f->behind) : NULL;
    if (p && now_us - p->arrival_us > FOLLOW_BEHIND_US)
        follow_starve(f);
}

void follow_wake(struct follow *f, int64_t now_us) {
    if (f->state == FOLLOW_REST)
        follow_start(f, now_us);
}

/* Another spatial layer that waits for a key picture keeps an ask open; so does one that is shown and that
 * its publisher left out of the picture that ends here. */
static void follow_press(struct follow *f, const struct history_pkt *p, int64_t now_us) {
    struct track *t = follow_track(f);
    bool waits = f->sid != f->sid_target || p->info.layer.sid < f->sid;
    if (f->feed->svc && f->state == FOLLOW_FLOW && waits && p->marker && !p->late && !pli_waiting(&t->pli))
        track_ask(t, now_us);
}

static void follow_on_shown(struct follow *f, const struct history_pkt *p, int64_t now_us) {
    struct track *t = follow_track(f);
    if (!t->video && f->ops->sound) {
        f->ops->sound(f, p, now_us);
        return;
    }
    if (f->state == FOLLOW_FLOW) {
        if (follow_forward(f, p, now_us) || p->late) {
            follow_press(f, p, now_us);
            return;
        }
        follow_jump(f, p, now_us);
    }
    if (f->state != FOLLOW_WAIT || !f->ops->ready(f))
        return;
    if (t->video && (!p->info.keyframe || p->late)) {
        /* late: a key frame's first packet that came after its others. Whatever went wrong before (the
         * budget's tries are used up, the key frame came with a hole), who waits keeps an ask open. */
        if (!(p->info.keyframe && follow_replay(f, now_us)) && !pli_waiting(&t->pli))
            track_ask(t, now_us);
        return;
    }
    if (!p->late)
        follow_begin(f, p->seq, p->seq, now_us);
}

/* ---- going over ---- */

static bool follow_fresh(const struct follow *f, const struct history_pkt *key, const struct track *t) {
    uint32_t before;
    return follow_same_clock(f, t, key->ts, &before) && follow_plausible(f, before, 0);
}

/* To the layer waited for, if this is the moment. While the old one flows there is no hurry: without reports
 * of both nobody knows where on the clock the new one is, and a half picture would be seen. */
static void follow_go(struct follow *f, int64_t now_us) {
    struct sink *old = &f->end[f->now].sink, *next = &f->end[!f->now].sink;
    struct track *t = next->track;
    bool flows = f->state == FOLLOW_FLOW && old->track && old->track->on;
    uint64_t first, last;
    if (!f->ops->ready(f) || (flows && !(t->clk_sr && old->track->clk_sr)))
        return;
    unsigned n = history_gop(&t->history, &first, &last);
    if (!n || n > HISTORY_GOP_REPLAY_MAX || !follow_worth(f, t, first, now_us) ||
        (flows && !follow_fresh(f, history_get(&t->history, first), t))) {
        f->half_us = 0;
        if (!pli_waiting(&t->pli))
            track_ask(t, now_us);
        return;
    }
    if (flows && f->half) {
        f->half_us = f->half_us ? f->half_us : now_us;
        if (now_us - f->half_us < FOLLOW_HALF_US)
            return;
    }
    track_detach(old);
    f->now = !f->now;
    follow_begin(f, first, last, now_us);
    next->ahead = true;
}

static void follow_on_packet(struct sink *s, const struct history_pkt *p, int64_t now_us) {
    struct follow_end *e = container_of(s, struct follow_end, sink);
    struct follow *f = e->follow;
    if (e == &f->end[f->now])
        follow_on_shown(f, p, now_us);
    else
        follow_go(f, now_us);
}

static void follow_on_sr(struct sink *s, uint64_t ntp, uint32_t ts, int64_t now_us) {
    struct follow_end *e = container_of(s, struct follow_end, sink);
    struct follow *f = e->follow;
    uint32_t out;
    if (f->ops->sr && e == &f->end[f->now] && f->state == FOLLOW_FLOW && rewrite_ts(&f->rewrite, ts, &out))
        f->ops->sr(f, ntp, out, now_us);
}

static void follow_on_gone(struct sink *s, const struct track *t, int64_t now_us) {
    (void)t;
    (void)now_us;
    struct follow_end *e = container_of(s, struct follow_end, sink);
    struct follow *f = e->follow;
    if (e != &f->end[f->now])
        return;
    f->behind = 0;
    rewrite_stop(&f->rewrite);
    f->state = FOLLOW_EMPTY;
}

/* What is named is not read before the next step: it is not there yet. */
static void follow_warm(const struct sink *s, unsigned step) {
    const struct follow *f = container_of(s, struct follow_end, sink)->follow;
    if (step == 0) {
        __builtin_prefetch(&f->feed);
        __builtin_prefetch(&f->rewrite.drop);
        __builtin_prefetch(&f->ops); /* of a slot these two lines are all of it (slot.h) */
        return;
    }
    if (step == 1) {
        const struct rewrite_segment *g = &f->rewrite.seg[f->rewrite.cur];
        __builtin_prefetch(g);
        __builtin_prefetch((const char *)(g + 1) - 1);
    }
    if (f->ops->warm)
        f->ops->warm(f, step - 1);
}

static const struct sink_ops follow_sink = {
    .warm = follow_warm, .on_packet = follow_on_packet, .on_sr = follow_on_sr, .on_gone = follow_on_gone};

/* ---- which layer ---- */

static void follow_aim(struct follow *f, int layer) {
    if (f->target >= 0)
        f->feed->layer[f->target].followers--;
    f->target = (int8_t)layer;
    if (layer >= 0)
        f->feed->layer[layer].followers++;
}

static void follow_leave(struct follow *f) {
    track_detach(&f->end[0].sink);
    track_detach(&f->end[1].sink);
    f->behind = 0;
    rewrite_stop(&f->rewrite);
    f->state = FOLLOW_EMPTY;
}

void follow_pick(struct follow *f, int layer, unsigned tid, int64_t now_us) {
    struct sink *shown = &f->end[f->now].sink, *next = &f->end[!f->now].sink;
    struct feed *d = f->feed;
    if (f->target != layer)
        follow_aim(f, layer);
    f->tid_target = (uint8_t)tid;
    struct track *t = feed_track(d, layer);
    int near = t && !feed_flows(d, layer) ? feed_near(d, layer) : layer; /* meanwhile */
    t = t && near >= 0 ? feed_track(d, near) : t;
    f->sid_target = t && d->svc && near >= 0 ? (uint8_t)near : 0;
    if (!t) {
        follow_leave(f);
        return;
    }
    if (shown->track == t || next->track == t) {
        if (shown->track == t)
            track_detach(next);
        return;
    }
    track_detach(next);
    if (f->state == FOLLOW_FLOW) {
        track_attach(t, next);
        follow_go(f, now_us);
        return;
    }
    track_detach(shown);
    track_attach(t, shown);
    follow_start(f, now_us);
}

void follow_to(struct follow *f, struct feed *d) {
    if (f->feed) {
        follow_aim(f, -1);
        follow_leave(f);
        list_drop(&f->in_feed);
    }
    f->feed = d;
    if (d)
        list_put(&d->followers, &f->in_feed);
}

void follow_on_close(struct follow *f, int64_t now_us) {
    follow_to(f, NULL);
    f->ops->closed(f, now_us);
}

void follow_starve(struct follow *f) {
    if (f->state != FOLLOW_FLOW)
        return;
    /* Half a picture is worth nothing: the rest of it is not sent, and sending goes on at a key frame. The
     * request is made here too; the source's budget keeps a thousand slow viewers to one a second. */
    struct track *t = follow_track(f);
    f->behind = 0;
    rewrite_stop(&f->rewrite);
    f->state = FOLLOW_WAIT;
    if (!t->video)
        return;
    pli_ask(&t->pli, t->last_us);
    env_arm(t->env, t->timer, pli_next_us(&t->pli));
}

void follow_init(struct follow *f, const struct follow_ops *ops, uint32_t clock_hz, uint64_t random) {
    *f = (struct follow){.ops = ops, .target = -1, .tid = FOLLOW_TID_ALL, .tid_target = FOLLOW_TID_ALL};
    for (unsigned i = 0; i < 2; i++) {
        f->end[i].follow = f;
        f->end[i].sink.ops = &follow_sink;
        list_init(&f->end[i].sink.in_track);
    }
    list_init(&f->in_feed);
    rewrite_init(&f->rewrite, clock_hz, random);
}

void follow_fini(struct follow *f) { follow_to(f, NULL); }
