#include "media/rtc/track.h"
#include "media/base/mem.h"

struct track *track_open(const struct track_cfg *c) {
    struct track *t = mem_zalloc(sizeof *t);
    t->id = c->id;
    t->source = c->source;
    t->codec = c->codec;
    t->mirror = c->mirror;
    t->video = codec_is_video(c->codec);
    t->send_pli = c->pli;
    t->send_wish = c->wish;
    t->owner = c->owner;
    t->peer = c->peer;
    t->feed_id = c->feed;
    t->layer = c->layer;
    t->layers = c->layers;
    if (c->rid)
        STR_COPY(t->rid, str_of(c->rid));
    t->env = c->env;
    t->timer = c->timer;
    STR_COPY(t->member, str_of(c->member));
    list_init(&t->in_room);
    list_init(&t->sinks);
    list_init(&t->in_fresh);
    history_open(&t->history, t->video ? HISTORY_VIDEO : HISTORY_AUDIO);
    t->red = t->video ? NULL : mem_zalloc(sizeof *t->red);
    t->dd = t->codec == CODEC_AV1 ? mem_zalloc(sizeof *t->dd) : NULL;
    pli_init(&t->pli);
    return t;
}

void track_close(struct track *t, int64_t now_us) {
    track_flush(t, now_us);
    /* on_gone may remap the sink's owner, never another sink of this track: pop until empty. */
    while (!list_empty(&t->sinks)) {
        struct sink *s = list_entry(t->sinks.next, struct sink, in_track);
        track_detach(s);
        s->ops->on_gone(s, t, now_us);
    }
    list_drop(&t->in_room);
    history_close(&t->history);
    mem_free(t->red);
    mem_free(t->dd);
    mem_free(t);
}

void track_attach(struct track *t, struct sink *s) {
    track_flush(t, t->last_us); /* a newcomer is told the past by its owner, and only the future from here */
    list_put(&t->sinks, &s->in_track);
    s->track = t;
}

void track_detach(struct sink *s) {
    if (!s->track)
        return;
    list_drop(&s->in_track);
    s->track = NULL;
}

/* AV1's layers stand beside the payload. A descriptor that cannot be read is of a structure that was lost:
 * its packet is forwarded to everybody, and they ask for a key frame. */
static void track_look_dd(struct track *t, struct bytes ext, struct codec_info *info) {
    struct dd dd;
    if (!t->dd || !dd_frame(ext, &info->ids.pid))
        return;
    info->ids.pid_bits = 16;
    info->ids.relative = true;
    if (dd_parse(&dd, t->dd, ext))
        return;
    dd_layer(&dd, t->dd, &info->layer);
    if (info->keyframe && t->dd->sized) {
        info->width = t->dd->width[t->dd->sids - 1];
        info->height = t->dd->height[t->dd->sids - 1];
    }
}

const struct history_pkt *track_store(struct track *t, uint64_t seq, const struct rtp *p,
                                      const struct track_level *level, int64_t now_us) {
    struct codec_info info;
    if (t->video) {
        codec_look(t->codec, p->payload,
                   &info); /* unreadable payloads are forwarded too: info is all false */
        track_look_dd(t, level->dd, &info);
    }
    struct history_pkt *h = history_put(&t->history, seq, p, t->video ? &info : NULL, now_us);
    if (!h)
        return NULL;
    h->has_level = level->has;
    h->level_dbov = level->dbov;
    h->voice = level->voice;
    if (t->dd)
        history_dd(h, level->dd);
    if (!h->late) {
        t->last_us = now_us;
        if (!t->clk_sr) {
            t->clk_ts = p->ts;
            t->clk_us = now_us;
        }
    }
    if (h->info.keyframe)
        pli_on_keyframe(&t->pli, now_us);
    return h;
}

void track_fan(struct track *t, const struct history_pkt *p, int64_t now_us) {
    if (t->fresh_n == TRACK_FRESH_MAX)
        track_flush(t, now_us);
    if (!t->fresh_n) {
        list_put(&t->env->fresh, &t->in_fresh);
        t->due_us = now_us + TRACK_HOLD_US;
    }
    t->fresh[t->fresh_n++] = p;
    /* Sound is whole in itself; a picture is with its marked packet; nothing more is known to come with a
     * late one. */
    if (!t->video || p->marker || p->late)
        t->due_us = now_us;
}

bool track_holds(const struct track *t, const struct history_pkt *p) {
    for (unsigned i = 0; i < t->fresh_n; i++) {
        if (t->fresh[i] == p)
            return true;
    }
    return false;
}

/* Goes ahead of the sinks being served. Each of a thousand viewers has his state elsewhere in memory, and
 * since the last packet others were there: fetched while those before are served, it costs no waiting. */
struct scout {
    const struct list *at, *end;
    const struct sink *ahead[SINK_WARM]; /* the farthest first; NULL: past the end, or not begun */
};

static void scout_step(struct scout *c) {
    const struct sink *s = NULL;
    if (c->at != c->end) {
        s = list_entry(c->at, struct sink, in_track);
        c->at = c->at->next;
        __builtin_prefetch(c->at);
        __builtin_prefetch((const char *)c->at + sizeof(struct sink)); /* it may lie across two lines */
    }
    memmove(c->ahead + 1, c->ahead, sizeof c->ahead - sizeof *c->ahead);
    c->ahead[0] = s;
    for (unsigned step = 0; step < SINK_WARM; step++) {
        const struct sink *x = c->ahead[step];
        if (x && x->ops->warm)
            x->ops->warm(x, step);
    }
}

void track_flush(struct track *t, int64_t now_us) {
    unsigned n = t->fresh_n;
    if (n && (!t->env->oldest_us || t->fresh[0]->arrival_us < t->env->oldest_us))
        t->env->oldest_us = t->fresh[0]->arrival_us;
    t->fresh_n = 0;
    list_drop(&t->in_fresh);
    if (!n)
        return;
    struct scout c = {.at = t->sinks.next, .end = &t->sinks};
    for (unsigned i = 0; i < SINK_WARM; i++)
        scout_step(&c);
    list_each (&t->sinks, s, struct sink, in_track) {
        scout_step(&c);
        s->ahead = false;
        for (unsigned i = 0; i < n && s->track == t && !s->ahead; i++)
            s->ops->on_packet(s, t->fresh[i], now_us);
    }
}

void track_sr(struct track *t, uint64_t ntp, uint32_t ts, uint32_t ts_now, int64_t now_us) {
    t->clk_sr = true;
    t->sr_ntp = ntp;
    t->sr_ts = ts;
    t->clk_ts = ts_now;
    t->clk_us = now_us;
    list_each (&t->sinks, s, struct sink, in_track) {
        if (s->ops->on_sr)
            s->ops->on_sr(s, ntp, ts, now_us);
    }
}

uint32_t track_ts_at(const struct track *t, int64_t now_us) {
    int64_t units = (now_us - t->clk_us) * (int64_t)codec_clock_hz(t->codec) / 1000000;
    return t->clk_ts + (uint32_t)units;
}

void track_off(struct track *t, int64_t now_us) {
    track_flush(t, now_us);
    t->on = false;
    list_each (&t->sinks, s, struct sink, in_track) {
        if (s->ops->on_off)
            s->ops->on_off(s, now_us);
    }
}

void track_ask(struct track *t, int64_t now_us) {
    if (!t->video)
        return;
    pli_ask(&t->pli, now_us);
    track_timer(t, now_us);
    env_arm(t->env, t->timer, pli_next_us(&t->pli));
}

int64_t track_next_us(const struct track *t) { return pli_next_us(&t->pli); }

void track_timer(struct track *t, int64_t now_us) {
    if (pli_due(&t->pli, now_us))
        t->send_pli(t, t->owner, now_us);
}
