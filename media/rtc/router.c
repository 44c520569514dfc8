#include "media/rtc/router.h"
#include "media/rtc/talk.h"
#include "media/base/err.h"
#include "media/base/mem.h"

static void router_mark(struct router *r) {
    if (r->dirty)
        return;
    r->dirty = true;
    list_put(&r->env->dirty, &r->in_dirty);
}

/* Something all views may have to follow. */
static void router_touch(struct router *r) {
    r->all = true;
    router_mark(r);
}

static void router_emit(struct router *r, enum media_event_type type, const struct feed *d) {
    struct media_event e = {
        .type = type, .room = r->id, .peer = d->peer, .track = d->id, .source = d->source};
    STR_COPY(e.member, str_of(d->member));
    r->env->emit(r->env->emit_ctx, &e);
}

static void router_rank(struct router *r, int64_t now_us);
static void router_place(const struct router *r, struct feed *d);
static struct circle *router_circle(struct router *r, unsigned no);
static unsigned router_where(const struct router *r, const char *member);

/* A track that stopped without a word is off after MEDIA_TRACK_IDLE_MS; the speaker's holds end; key frame
 * requests are repeated. One sweep over a bounded list every ROUTER_SWEEP_US while the room has tracks. */
static void router_fire(struct env_timer *timer, int64_t now_us) {
    struct router *r = container_of(timer, struct router, timer);
    int64_t next = INT64_MAX;
    list_each (&r->tracks, t, struct track, in_room) {
        if (t->on && now_us - t->last_us >= MEDIA_TRACK_IDLE_MS * 1000)
            router_track_off(r, t, now_us);
        if (t->mirror && !t->feed->on && now_us - t->last_us >= ROUTER_MIRROR_IDLE_US) {
            router_track_drop(r, t, now_us);
            continue;
        }
        if (now_us - t->last_us < MEDIA_TRACK_IDLE_MS * 1000) { /* a source that is gone is not asked */
            track_timer(t, now_us);
            next = env_min(next, track_next_us(t));
        }
        next = env_min(next, now_us + ROUTER_SWEEP_US);
    }
    list_each (&r->feeds, d, struct feed, in_room) {
        feed_rate(d, now_us);
        feed_doze(d, r->env, now_us);
        if (feed_shifted(d) || feed_unsettled(d, now_us))
            router_touch(r);
    }
    router_rank(r, now_us);
    for (unsigned i = 0; i < r->circle_n; i++) {
        int64_t speaker = r->circle[i] ? speaker_next_us(&r->circle[i]->speaker) : INT64_MAX;
        if (speaker != INT64_MAX)
            next = env_min(next, speaker > now_us ? speaker : now_us + ROUTER_SWEEP_US);
    }
    env_arm(r->env, &r->timer, next);
}

struct router *router_open(uint64_t id, struct env *env, bool home) {
    struct router *r = mem_zalloc(sizeof *r);
    r->id = id;
    r->env = env;
    r->home = home;
    list_init(&r->tracks);
    list_init(&r->feeds);
    list_init(&r->views);
    list_init(&r->changed);
    list_init(&r->fans);
    list_init(&r->in_dirty);
    smap_init(&r->blocked, ROUTER_BLOCKS_MAX);
    smap_init(&r->circles, ROUTER_BLOCKS_MAX);
    smap_init(&r->voices, ROUTER_VOICES_MAX);
    router_circle(r, 0);
    r->timer.fire = router_fire;
    return r;
}

void router_close(struct router *r, int64_t now_us) {
    list_each (&r->tracks, t, struct track, in_room)
        router_track_drop(r, t, now_us);
    smap_fini(&r->blocked);
    smap_fini(&r->circles);
    smap_fini(&r->voices);
    for (unsigned i = 0; i < r->circle_n; i++)
        mem_free(r->circle[i]);
    heap_drop(&r->env->timers, &r->timer.node);
    list_drop(&r->in_dirty);
    mem_free(r);
}

int router_track_add(struct router *r, struct track *t, int64_t now_us) {
    if (r->track_count >= ROUTER_TRACKS_MAX)
        return -ERR_FULL;
    list_put(&r->tracks, &t->in_room);
    r->track_count++;
    r->env->n.tracks++;
    t->last_us = now_us;
    struct feed *d = t->feed_id ? router_feed(r, t->feed_id) : NULL;
    bool founds = !d;
    if (founds) {
        d = feed_open(t);
        router_place(r, d);
        /* Newest first: a member who comes back is shown by his new feed while the old one has not timed out.
         */
        list_put(r->feeds.next, &d->in_room);
    }
    feed_add(d, t);
    list_each (&r->fans, f, struct router_fan, in_room) {
        if (f->on_track)
            f->on_track(f, t, now_us);
        if (founds && f->on_feed)
            f->on_feed(f, d, now_us);
    }
    env_arm(r->env, &r->timer, now_us + ROUTER_SWEEP_US);
    return 0;
}

void router_track_drop(struct router *r, struct track *t, int64_t now_us) {
    if (t->on)
        router_track_off(r, t, now_us);
    r->track_count--;
    r->env->n.tracks--;
    router_touch(r);
    struct feed *d = t->feed;
    track_flush(t, now_us);
    feed_remove(d, t);
    track_close(t, now_us);
    if (!d->tracks)
        feed_close(d, now_us);
}

static void router_track_on(struct router *r, struct track *t, int64_t now_us) {
    struct feed *d = t->feed;
    t->on = true;
    d->layer[t->layer].on_us = now_us;
    if (!d->on && r->home)
        router_emit(r, MEDIA_EV_TRACK_ON, d);
    d->on = true;
    router_touch(r);
}

void router_track_off(struct router *r, struct track *t, int64_t now_us) {
    if (!t->on)
        return;
    track_off(t, now_us);
    t->feed->on = feed_near(t->feed, -1) >= 0;
    if (!t->feed->on && r->home)
        router_emit(r, MEDIA_EV_TRACK_OFF, t->feed);
    if (!t->video) {
        t->audible = false;
        t->sound_us = 0;
        for (unsigned i = 0; i < r->circle_n; i++)
            if (r->circle[i])
                speaker_drop(&r->circle[i]->speaker, t->id);
        router_rank(r, now_us);
    }
    router_touch(r);
}

/* What the speaker is told of a packet. A track without the level extension is taken as soft speech
 * (speaker.h). The sound of a screen is music or a film: whatever is not silence counts, also a quiet
 * passage.
 */
static bool router_level(struct circle *c, const struct track *t, const struct history_pkt *p,
                         int64_t now_us) {
    enum { SOFT_DB = 30, MUSIC_DB = 100 };
    if (p->n - RTP_HEAD <= CODEC_OPUS_DTX_BYTES)
        return speaker_on(&c->speaker, t->id, RTP_LEVEL_SILENT, false, now_us);
    if (!p->has_level)
        return speaker_on(&c->speaker, t->id, SOFT_DB, true, now_us);
    bool music = t->source == MEDIA_SCREEN_AUDIO && p->level_dbov > SOFT_DB && p->level_dbov < MUSIC_DB;
    return speaker_on(&c->speaker, t->id, music ? SOFT_DB : p->level_dbov, music || p->voice, now_us);
}

/* Only silence is not sent. Who speaks (speaker.h) decides on slots, never on this: a pupil's soft piano has
 * no voice in it and is a lesson all the same. */
static void router_heard(struct router *r, struct track *t, const struct history_pkt *p, int64_t now_us) {
    const struct feed *d = t->feed;
    for (unsigned i = d->everywhere ? 0 : d->circle; i < (d->everywhere ? r->circle_n : d->circle + 1u);
         i++) {
        struct circle *c = r->circle[i];
        if (!c || d->channel || !router_level(c, t, p, now_us))
            continue;
        if (circle_rank(c, r, now_us))
            router_touch(r);
        env_arm(r->env, &r->timer, speaker_next_us(&c->speaker));
    }
    if (talk_has_sound(p))
        t->sound_us = now_us;
    bool audible = t->sound_us && now_us - t->sound_us < TALK_HOLD_US;
    if (audible && !t->audible)
        t->audible_us = now_us;
    t->audible = audible;
    t->speaks_us = speaker_since_us(&r->circle[d->circle]->speaker, t->id);
}

void router_put(struct router *r, struct track *t, uint64_t seq, const struct rtp *p,
                const struct track_level *level, int64_t now_us) {
    const struct history_pkt *h = track_store(t, seq, p, level, now_us);
    if (!h)
        return;
    struct track *stopped = feed_on_packet(t->feed, t, h);
    if (stopped)
        router_track_off(r, stopped, now_us);
    if (!t->on) {
        if (!t->video || h->info.keyframe)
            router_track_on(r, t, now_us);
        else
            track_ask(t, now_us);
    }
    if (!t->video)
        router_heard(r, t, h, now_us);
    track_fan(t, h, now_us);
}

void router_view_add(struct router *r, struct view *v) {
    list_put(&r->views, &v->in_room);
    v->circle = (uint8_t)router_where(r, v->member);
    router_view_changed(r, v);
}

static void router_look_at(struct router *r, struct view *v) {
    if (list_empty(&v->in_changed))
        list_put(&r->changed, &v->in_changed);
}

void router_view_changed(struct router *r, struct view *v) {
    router_look_at(r, v);
    router_mark(r);
}

void router_fan_add(struct router *r, struct router_fan *f, int64_t now_us) {
    list_put(&r->fans, &f->in_room);
    list_each (&r->tracks, t, struct track, in_room) {
        if (f->on_track)
            f->on_track(f, t, now_us);
    }
    list_each (&r->feeds, d, struct feed, in_room) {
        if (f->on_feed)
            f->on_feed(f, d, now_us);
    }
}

void router_stage(struct router *r, unsigned circle, const struct view_pick *picks, unsigned n) {
    struct circle *c = router_circle(r, circle);
    c->stage_n = n > MEDIA_ROOM_STAGE_MAX ? MEDIA_ROOM_STAGE_MAX : n;
    for (unsigned i = 0; i < c->stage_n; i++)
        c->stage[i] = picks[i];
    router_touch(r);
}

void router_block(struct router *r, const char *member, enum media_source s, bool on, int64_t now_us) {
    uintptr_t bits = (uintptr_t)smap_get(&r->blocked, str_of(member));
    bits = on ? bits | 1u << s : bits & ~(1u << s);
    if (!bits)
        smap_drop(&r->blocked, str_of(member));
    else
        smap_put(&r->blocked, str_of(member), (void *)bits);
    if (!on)
        return;
    list_each (&r->tracks, t, struct track, in_room) {
        if (t->source == s && !strcmp(t->member, member))
            router_track_off(r, t, now_us);
    }
}

bool router_blocked(const struct router *r, const char *member, enum media_source s) {
    return r->blocked.n && ((uintptr_t)smap_get(&r->blocked, str_of(member)) & 1u << s);
}

static struct feed *router_find(const struct router *r, const struct view_pick *p, unsigned circle) {
    if (!p->member[0])
        return NULL;
    list_each (&r->feeds, d, struct feed, in_room) {
        bool is_it = d->on && d->source == p->source && feed_in(d, circle);
        if (is_it && !strcmp(d->member, p->member))
            return d;
    }
    return NULL;
}

struct feed *router_feed(const struct router *r, uint32_t id) {
    list_each (&r->feeds, d, struct feed, in_room) {
        if (d->id == id)
            return d;
    }
    return NULL;
}

struct track *router_track(const struct router *r, uint32_t id) {
    list_each (&r->tracks, t, struct track, in_room) {
        if (t->id == id)
            return t;
    }
    return NULL;
}

static void router_rank(struct router *r, int64_t now_us) {
    bool changed = false;
    for (unsigned i = 0; i < r->circle_n; i++)
        changed = (r->circle[i] && circle_rank(r->circle[i], r, now_us)) || changed;
    if (changed)
        router_touch(r);
}

/* ---- circles ---- */

enum { ROUTER_EVERYWHERE = 1 << 16 }; /* beside the number, in router.circles */

static struct circle *router_circle(struct router *r, unsigned no) {
    no = no < MEDIA_CIRCLES ? no : 0;
    if (!r->circle[no])
        r->circle[no] = circle_open(no);
    r->circle_n = no >= r->circle_n ? no + 1 : r->circle_n;
    return r->circle[no];
}

static unsigned router_where(const struct router *r, const char *member) {
    return r->circles.n ? (unsigned)(uintptr_t)smap_get(&r->circles, str_of(member)) : 0;
}

static void router_place(const struct router *r, struct feed *d) {
    unsigned where = router_where(r, d->member);
    d->circle = (uint8_t)where;
    d->everywhere = where & ROUTER_EVERYWHERE;
    if (d->source == MEDIA_MIC)
        d->channel = r->voices.n ? (uint8_t)(uintptr_t)smap_get(&r->voices, str_of(d->member)) : 0;
}

/* What it no longer says to a circle is not ranked there. */
static void router_leave(struct router *r, const struct feed *d) {
    for (unsigned i = 0; i < r->circle_n; i++)
        if (r->circle[i] && !feed_in(d, i) && feed_track(d, 0))
            speaker_drop(&r->circle[i]->speaker, feed_track(d, 0)->id);
}

void router_move(struct router *r, const char *member, unsigned no, bool everywhere, int64_t now_us) {
    unsigned circle = router_circle(r, no)->no;
    uintptr_t where = circle | (everywhere ? ROUTER_EVERYWHERE : 0u);
    if (where)
        smap_put(&r->circles, str_of(member), (void *)where);
    else
        smap_drop(&r->circles, str_of(member));
    list_each (&r->feeds, d, struct feed, in_room) {
        if (strcmp(d->member, member) != 0)
            continue;
        router_place(r, d);
        router_leave(r, d);
    }
    list_each (&r->views, v, struct view, in_room) {
        if (!strcmp(v->member, member))
            v->circle = (uint8_t)circle;
    }
    r->moves++;
    router_touch(r);
    router_rank(r, now_us);
}

void router_voice(struct router *r, const char *member, unsigned channel, int64_t now_us) {
    if (channel)
        smap_put(&r->voices, str_of(member), (void *)(uintptr_t)channel);
    else
        smap_drop(&r->voices, str_of(member));
    list_each (&r->feeds, d, struct feed, in_room) {
        if (strcmp(d->member, member) != 0)
            continue;
        router_place(r, d);
        router_leave(r, d);
    }
    r->moves++;
    router_touch(r);
    router_rank(r, now_us);
}

/* By channel: who is to be heard in it, if he sends; the newest, should there be two. */
static void router_interpreters(const struct router *r, struct feed *on_air[MEDIA_CHANNELS + 1]) {
    memset(on_air, 0, (MEDIA_CHANNELS + 1) * sizeof *on_air);
    list_each (&r->feeds, d, struct feed, in_room) {
        if (d->channel && d->channel <= MEDIA_CHANNELS && d->on && !on_air[d->channel])
            on_air[d->channel] = d;
    }
}

static void router_hear_circle(struct router *r, const struct circle *c, struct feed *const *on_air,
                               int64_t now_us) {
    struct track *loud[SPEAKER_RANKED];
    struct feed *first[SPEAKER_RANKED], *rest[ROUTER_TRACKS_MAX];
    unsigned n = circle_loud(c, r, loud), m = 0;
    for (unsigned i = 0; i < n; i++)
        first[i] = loud[i]->feed;
    list_each (&r->feeds, d, struct feed, in_room) {
        if (!d->video && d->on && feed_in(d, c->no))
            rest[m++] = d;
    }
    struct view_sounds s = {.feeds = first, .others = rest, .n = n, .m = m};
    list_each (&r->changed, v, struct view, in_changed) {
        if (v->circle != c->no)
            continue;
        s.interpreter = on_air[v->channel];
        view_hear(v, &s, now_us);
    }
}

static void router_hear(struct router *r, int64_t now_us) {
    struct feed *on_air[MEDIA_CHANNELS + 1];
    router_interpreters(r, on_air);
    for (unsigned i = 0; i < r->circle_n; i++)
        if (r->circle[i])
            router_hear_circle(r, r->circle[i], on_air, now_us);
}

/* The circle's stage without the viewer's own pictures; he has those before the lens. */
static unsigned router_stage_for(const struct view *v, struct feed *const *stage, unsigned n,
                                 struct feed **out) {
    unsigned k = 0;
    for (unsigned i = 0; i < n; i++) {
        if (stage[i] && strcmp(stage[i]->member, v->member) != 0)
            out[k++] = stage[i];
    }
    return k;
}

static void router_see_circle(struct router *r, const struct circle *c, int64_t now_us) {
    struct feed *stage[MEDIA_ROOM_STAGE_MAX], *pick[MEDIA_VIDEO_SLOTS_MAX];
    for (unsigned i = 0; i < c->stage_n; i++)
        stage[i] = router_find(r, &c->stage[i], c->no);
    list_each (&r->changed, v, struct view, in_changed) {
        unsigned n = v->want_n;
        if (v->circle != c->no)
            continue;
        if (n) {
            for (unsigned i = 0; i < n; i++)
                pick[i] = router_find(r, &v->want[i], c->no);
        } else {
            n = router_stage_for(v, stage, c->stage_n, pick);
        }
        view_see(v, pick, n, now_us);
        view_choose(v, now_us);
    }
}

static void router_see(struct router *r, int64_t now_us) {
    for (unsigned i = 0; i < r->circle_n; i++)
        if (r->circle[i])
            router_see_circle(r, r->circle[i], now_us);
}

static void router_tell_slots(struct router *r, struct view *v) {
    struct buf b;
    buf_init(&b, VIEW_JSON_MAX);
    view_json(v, &b);
    struct media_event e = {.type = MEDIA_EV_SLOTS, .room = r->id, .peer = v->peer};
    STR_COPY(e.member, str_of(v->member));
    e.text = buf_take(&b, NULL);
    buf_fini(&b);
    r->env->emit(r->env->emit_ctx, &e);
}

/* Who comes in is looked at alone: a thousand newcomers would else be a million looks. */
void router_settle(struct router *r, int64_t now_us) {
    list_drop(&r->in_dirty);
    r->dirty = false;
    if (r->all) {
        list_each (&r->views, v, struct view, in_room)
            router_look_at(r, v);
    }
    router_see(r, now_us);
    router_hear(r, now_us); /* after: a voice goes beside its picture when it can */
    list_each (&r->fans, f, struct router_fan, in_room) {
        if (f->on_settle)
            f->on_settle(f, now_us);
    }
    list_each (&r->feeds, d, struct feed, in_room)
        feed_doze(d, r->env, now_us);
    r->all = false;
    list_each (&r->changed, v, struct view, in_changed) {
        list_drop(&v->in_changed);
        if (v->moved)
            router_tell_slots(r, v);
    }
}
