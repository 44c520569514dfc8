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

/* Who comes in is looked at alone: a thousand newcomers would else be a million looks. */
static bool router_due(const struct router *r, const struct view *v) { return r->all || v->changed; }

static void router_emit(struct router *r, enum media_event_type type, const struct feed *d) {
    struct media_event e = {
        .type = type, .room = r->id, .peer = d->peer, .track = d->id, .source = d->source};
    STR_COPY(e.member, str_of(d->member));
    r->env->emit(r->env->emit_ctx, &e);
}

static void router_rank(struct router *r, int64_t now_us);

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
        if (feed_unsettled(d, now_us))
            router_touch(r);
    }
    router_rank(r, now_us);
    int64_t speaker = speaker_next_us(&r->speaker);
    if (speaker != INT64_MAX)
        next = env_min(next, speaker > now_us ? speaker : now_us + ROUTER_SWEEP_US);
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
    list_init(&r->fans);
    list_init(&r->in_dirty);
    speaker_init(&r->speaker);
    smap_init(&r->blocked, ROUTER_BLOCKS_MAX);
    r->timer.fire = router_fire;
    r->told_us = INT64_MIN / 2;
    return r;
}

void router_close(struct router *r, int64_t now_us) {
    list_each (&r->tracks, t, struct track, in_room)
        router_track_drop(r, t, now_us);
    smap_fini(&r->blocked);
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
        speaker_drop(&r->speaker, t->id);
        router_rank(r, now_us);
    }
    router_touch(r);
}

/* What the speaker is told of a packet. A track without the level extension is taken as soft speech
 * (speaker.h). The sound of a screen is music or a film: whatever is not silence counts, also a quiet
 * passage.
 */
static bool router_level(struct router *r, const struct track *t, const struct history_pkt *p,
                         int64_t now_us) {
    enum { SOFT_DB = 30, MUSIC_DB = 100 };
    if (p->n - RTP_HEAD <= CODEC_OPUS_DTX_BYTES)
        return speaker_on(&r->speaker, t->id, RTP_LEVEL_SILENT, false, now_us);
    if (!p->has_level)
        return speaker_on(&r->speaker, t->id, SOFT_DB, true, now_us);
    bool music = t->source == MEDIA_SCREEN_AUDIO && p->level_dbov > SOFT_DB && p->level_dbov < MUSIC_DB;
    return speaker_on(&r->speaker, t->id, music ? SOFT_DB : p->level_dbov, music || p->voice, now_us);
}

/* Only silence is not sent. Who speaks (speaker.h) decides on slots, never on this: a pupil's soft piano has
 * no voice in it and is a lesson all the same. */
static void router_heard(struct router *r, struct track *t, const struct history_pkt *p, int64_t now_us) {
    if (router_level(r, t, p, now_us)) {
        router_rank(r, now_us);
        env_arm(r->env, &r->timer, speaker_next_us(&r->speaker));
    }
    if (talk_has_sound(p))
        t->sound_us = now_us;
    bool audible = t->sound_us && now_us - t->sound_us < TALK_HOLD_US;
    if (audible && !t->audible)
        t->audible_us = now_us;
    t->audible = audible;
    t->speaks_us = speaker_since_us(&r->speaker, t->id);
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
    router_view_changed(r, v);
}

void router_view_changed(struct router *r, struct view *v) {
    v->changed = true;
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

void router_stage(struct router *r, const struct view_pick *picks, unsigned n) {
    r->stage_n = n > MEDIA_ROOM_STAGE_MAX ? MEDIA_ROOM_STAGE_MAX : n;
    for (unsigned i = 0; i < r->stage_n; i++)
        r->stage[i] = picks[i];
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

static struct feed *router_find(const struct router *r, const struct view_pick *p) {
    if (!p->member[0])
        return NULL;
    list_each (&r->feeds, d, struct feed, in_room) {
        if (d->on && d->source == p->source && !strcmp(d->member, p->member))
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

static void router_tell_speaking(struct router *r, struct track *const *tracks, unsigned n) {
    struct buf b;
    buf_init(&b, 4 * (MEDIA_MEMBER_ID_MAX + 1) + 1);
    for (unsigned i = 0; i < n; i++) {
        bool said = false; /* a member with two sources is named once */
        for (unsigned j = 0; j < i; j++)
            said = said || !strcmp(tracks[j]->member, tracks[i]->member);
        if (!said)
            buf_printf(&b, "%s%s", b.n ? "," : "", tracks[i]->member);
    }
    buf_put(&b, "", 1);
    struct media_event e = {.type = MEDIA_EV_SPEAKING, .room = r->id, .text = buf_take(&b, NULL)};
    buf_fini(&b);
    r->env->emit(r->env->emit_ctx, &e);
}

/* Who speaks: the one who has the floor, then the others by loudness. */
static unsigned router_loud(struct router *r, struct track *out[SPEAKER_RANKED]) {
    unsigned k = 0;
    for (unsigned i = 0; i < r->rank_n; i++) {
        struct track *t = router_track(r, r->rank[i]);
        if (!t || !t->on)
            continue;
        out[k++] = t;
        for (unsigned j = k - 1; j && t->id == r->dominant; j--) {
            out[j] = out[j - 1];
            out[j - 1] = t;
        }
    }
    return k;
}

/* Tells who speaks when that differs from what was told, not too often; what must wait is told by the timer.
 */
static void router_speaking(struct router *r, int64_t now_us) {
    struct track *loud[SPEAKER_RANKED];
    unsigned n = router_loud(r, loud), known = 0, in_place = 0;
    for (unsigned i = 0; i < n; i++) {
        in_place += i < r->told_n && r->told[i] == loud[i]->id;
        for (unsigned j = 0; j < r->told_n; j++)
            known += r->told[j] == loud[i]->id;
    }
    bool same_people = n == r->told_n && known == n;
    bool same_floor = same_people && (!n || r->told[0] == loud[0]->id);
    if (!r->home || (same_people && in_place == n))
        return;
    int64_t due_us = r->told_us + (same_floor ? ROUTER_REORDER_US : ROUTER_SPEAK_US);
    if (now_us < due_us) {
        env_arm(r->env, &r->timer, due_us);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        r->told[i] = loud[i]->id;
    r->told_n = n;
    r->told_us = now_us;
    router_tell_speaking(r, loud, n);
}

static void router_rank(struct router *r, int64_t now_us) {
    bool changed;
    r->rank_n = speaker_rank(&r->speaker, now_us, r->rank, &r->dominant, &changed);
    if (changed)
        router_touch(r);
    router_speaking(r, now_us);
}

static void router_hear(struct router *r, int64_t now_us) {
    struct track *loud[SPEAKER_RANKED];
    struct feed *first[SPEAKER_RANKED], *rest[ROUTER_TRACKS_MAX];
    unsigned n = router_loud(r, loud), m = 0;
    for (unsigned i = 0; i < n; i++)
        first[i] = loud[i]->feed;
    list_each (&r->feeds, d, struct feed, in_room) {
        if (!d->video && d->on)
            rest[m++] = d;
    }
    list_each (&r->views, v, struct view, in_room) {
        if (router_due(r, v))
            view_hear(v, first, n, rest, m, now_us);
    }
}

/* The room's stage without the viewer's own pictures; he has those before the lens. */
static unsigned router_stage_for(const struct view *v, struct feed *const *stage, unsigned n,
                                 struct feed **out) {
    unsigned k = 0;
    for (unsigned i = 0; i < n; i++) {
        if (stage[i] && strcmp(stage[i]->member, v->member) != 0)
            out[k++] = stage[i];
    }
    return k;
}

static void router_see(struct router *r, int64_t now_us) {
    struct feed *stage[MEDIA_ROOM_STAGE_MAX], *pick[MEDIA_VIDEO_SLOTS_MAX];
    for (unsigned i = 0; i < r->stage_n; i++)
        stage[i] = router_find(r, &r->stage[i]);
    list_each (&r->views, v, struct view, in_room) {
        unsigned n = v->want_n;
        if (!router_due(r, v))
            continue;
        if (n) {
            for (unsigned i = 0; i < n; i++)
                pick[i] = router_find(r, &v->want[i]);
        } else {
            n = router_stage_for(v, stage, r->stage_n, pick);
        }
        view_see(v, pick, n, now_us);
        view_choose(v, now_us);
    }
}

void router_settle(struct router *r, int64_t now_us) {
    list_drop(&r->in_dirty);
    r->dirty = false;
    router_see(r, now_us);
    router_hear(r, now_us); /* after: a voice goes beside its picture when it can */
    list_each (&r->fans, f, struct router_fan, in_room) {
        if (f->on_settle)
            f->on_settle(f, now_us);
    }
    list_each (&r->feeds, d, struct feed, in_room)
        feed_doze(d, r->env, now_us);
    r->all = false;
    list_each (&r->views, v, struct view, in_room) {
        v->changed = false;
        if (!v->moved)
            continue;
        struct buf b;
        buf_init(&b, VIEW_JSON_MAX);
        view_json(v, &b);
        struct media_event e = {.type = MEDIA_EV_SLOTS, .room = r->id, .peer = v->peer};
        STR_COPY(e.member, str_of(v->member));
        e.text = buf_take(&b, NULL);
        buf_fini(&b);
        r->env->emit(r->env->emit_ctx, &e);
    }
}
