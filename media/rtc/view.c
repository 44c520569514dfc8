#include "media/rtc/view.h"
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include "media/rtc/strain.h"

/* Does the viewer tell of every packet? All streams share one numbering. */
static bool view_feedback(const struct view_cfg *c) {
    for (unsigned i = 0; i < c->line_count; i++) {
        const struct sdp_line *l = &c->line[i];
        for (unsigned k = 0; k < SDP_CODEC_COUNT && l->slot >= 0 && l->ext[SDP_EXT_TWCC]; k++) {
            if (l->codec[k].on && l->codec[k].fb & SDP_FB_TWCC)
                return true;
        }
    }
    return false;
}

void view_init(struct view *v, const struct view_cfg *c) {
    memset(v, 0, sizeof *v);
    list_init(&v->in_room);
    list_init(&v->in_changed);
    v->peer = c->peer;
    STR_COPY(v->member, str_of(c->member));
    for (unsigned i = 0; i < c->line_count; i++) {
        if (c->line[i].slot >= 0)
            *(c->line[i].kind == SDP_VIDEO ? &v->video_n : &v->audio_n) += 1;
    }
    v->room_n = v->audio_n;
    steer_init(&v->steer, view_feedback(c), (uint16_t)rnd_u32(), 0);
    v->leg = c->leg;
    v->leg->steer = &v->steer;
    v->slot = mem_aligned(_Alignof(struct slot), (v->audio_n + v->video_n + 1) * sizeof *v->slot);
    unsigned a = 0, p = v->audio_n;
    for (unsigned i = 0; i < c->line_count; i++) {
        const struct sdp_line *l = &c->line[i];
        if (l->slot < 0)
            continue;
        bool video = l->kind == SDP_VIDEO;
        slot_init(&v->slot[video ? p++ : a++], c->leg, l, (video ? c->video : c->audio)[l->slot], &v->moved);
    }
    v->moved = true; /* the first message says what is there, if only emptiness */
}

void view_fini(struct view *v) {
    for (unsigned i = 0; i < v->audio_n + v->video_n; i++)
        slot_fini(&v->slot[i]);
    mem_free(v->slot);
    list_drop(&v->in_room);
    list_drop(&v->in_changed);
}

static bool view_among(struct feed *const *feeds, unsigned n, const struct feed *d) {
    for (unsigned i = 0; i < n; i++) {
        if (feeds[i] == d)
            return true;
    }
    return false;
}

static bool view_mapped(const struct slot *slot, unsigned n, const struct feed *d) {
    for (unsigned i = 0; i < n; i++) {
        if (slot_feed(&slot[i]) == d)
            return true;
    }
    return false;
}

static struct slot *view_free_slot(struct slot *slot, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        if (!slot_feed(&slot[i]))
            return &slot[i];
    }
    return NULL;
}

/* The audio slot of the number on which the member's picture is: receivers keep such a pair in step
 * (sdp_answer.c). */
static struct slot *view_beside(struct view *v, const struct feed *d) {
    const struct slot *video = v->slot + v->audio_n;
    for (unsigned i = 0; i < v->room_n && i < v->video_n; i++) {
        const struct feed *seen = slot_feed(&video[i]);
        if (seen && !strcmp(seen->member, d->member))
            return &v->slot[i];
    }
    return NULL;
}

/* Where to put one who must be heard: beside his picture, else on a free slot, else in place of one who may
 * give way (not loud[0..k)). */
static struct slot *view_place(struct view *v, const struct feed *d, struct feed *const *loud, unsigned k) {
    struct slot *s = view_beside(v, d);
    if (s && (!slot_feed(s) || !view_among(loud, k, slot_feed(s))))
        return s;
    s = view_free_slot(v->slot, v->room_n);
    for (unsigned i = 0; i < v->room_n && !s; i++) {
        if (!view_among(loud, k, slot_feed(&v->slot[i])))
            s = &v->slot[i];
    }
    return s;
}

/* Free slots carry whoever there is, so that a first syllable is not lost to the ranking: first those whose
 * place beside their picture is free, then the others. */
static void view_fill(struct view *v, struct feed *const *others, unsigned m, int64_t now_us) {
    for (unsigned i = 0; i < 2 * m; i++) {
        struct feed *d = others[i % m];
        struct slot *s = i < m ? view_beside(v, d) : view_free_slot(v->slot, v->room_n);
        if (s && !slot_feed(s) && strcmp(d->member, v->member) != 0 && !view_mapped(v->slot, v->room_n, d))
            slot_map(s, d, now_us);
    }
}

/* The interpreter's place, and how many are left to the room. */
static void view_tune(struct view *v, struct feed *interpreter, int64_t now_us) {
    bool hears = interpreter && v->audio_n && strcmp(interpreter->member, v->member) != 0;
    v->room_n = v->audio_n - hears;
    if (hears)
        slot_map(&v->slot[v->room_n], interpreter, now_us);
}

void view_hear(struct view *v, const struct view_sounds *s, int64_t now_us) {
    struct feed *loud[MEDIA_AUDIO_SLOTS];
    unsigned k = 0;
    view_tune(v, s->interpreter, now_us);
    for (unsigned i = 0; i < s->n && k < v->room_n; i++) {
        if (strcmp(s->feeds[i]->member, v->member) != 0)
            loud[k++] = s->feeds[i];
    }
    for (unsigned i = 0; i < v->room_n; i++) {
        struct feed *d = slot_feed(&v->slot[i]);
        if (d && (!d->on || !feed_in(d, v->circle)))
            slot_map(&v->slot[i], NULL, now_us);
    }
    for (unsigned i = 0; i < k; i++) {
        if (!view_mapped(v->slot, v->room_n, loud[i]))
            slot_map(view_place(v, loud[i], loud, k), loud[i], now_us);
    }
    view_fill(v, s->others, s->m, now_us);
}

void view_see(struct view *v, struct feed *const *feeds, unsigned n, int64_t now_us) {
    struct slot *video = v->slot + v->audio_n;
    n = v->audio_only ? 0 : n;
    n = n > v->video_n ? v->video_n : n;
    for (unsigned i = 0; i < v->video_n; i++) {
        struct feed *d = slot_feed(&video[i]);
        if (d && !view_among(feeds, n, d))
            slot_map(&video[i], NULL, now_us);
    }
    for (unsigned i = 0; i < n; i++) {
        if (!feeds[i] || view_mapped(video, v->video_n, feeds[i]))
            continue;
        struct slot *s = view_free_slot(video, v->video_n);
        if (!s)
            return;
        slot_map(s, feeds[i], now_us);
    }
}

void view_draw(struct view *v, const char *mid, unsigned height) {
    for (unsigned i = v->audio_n; i < v->audio_n + v->video_n; i++) {
        if (!strcmp(v->slot[i].mid, mid))
            v->slot[i].height = (uint16_t)(height < SLOT_HEIGHT_ALL ? height : SLOT_HEIGHT_ALL);
    }
}

/* The steps of quality a slot's feed could be shown in, worst first: its layers by size, of each the temporal
 * layers that can be left out. */
static unsigned view_rungs(const struct slot *s, struct allot_rung *rung, int64_t now_us) {
    static const uint32_t usual_bps[FEED_LAYERS_MAX] = {150000, 500000, 1500000}; /* until it is measured */
    const struct feed *d = slot_feed(s);
    unsigned n = 0;
    for (unsigned rank = 0; rank < d->n; rank++) {
        int layer = feed_ranked(d, rank);
        const struct feed_layer *l = &d->layer[layer];
        if (!feed_can(d, layer, now_us))
            continue;
        bool thins = d->codec == CODEC_VP8 || d->svc;
        unsigned tids = s->follow.rewrite.drop && thins && l->tids > 1 ? l->tids : 1;
        for (unsigned tid = 0; tid < tids; tid++) {
            bool all = tid + 1 == tids;
            uint32_t bps = l->bps[all ? FOLLOW_TID_ALL : tid];
            rung[n++] = (struct allot_rung){.bps = bps ? bps : usual_bps[d->n > 1 ? rank : 1],
                                            .height = l->height,
                                            .layer = (uint8_t)rank,
                                            .tid = (uint8_t)(all ? FOLLOW_TID_ALL : tid)};
        }
    }
    return n;
}

unsigned view_ladders(struct view *v, struct allot_slot *out, struct slot **slot, int64_t now_us) {
    unsigned n = 0;
    bool stage = false;
    for (unsigned i = v->audio_n; i < v->audio_n + v->video_n; i++) {
        struct slot *s = &v->slot[i];
        const struct feed *d = slot_feed(s);
        if (!d || !s->height || slot_unsupported(s))
            continue;
        bool screen = d->source == MEDIA_SCREEN || d->source == MEDIA_CONTENT;
        uint16_t most = screen ? UINT16_MAX : strain_height(v->leg->env->strain);
        uint16_t want = s->height == SLOT_HEIGHT_ALL ? 0 : s->height;
        out[n] = (struct allot_slot){.kind = screen  ? ALLOT_SCREEN
                                             : stage ? ALLOT_OTHER
                                                     : ALLOT_STAGE,
                                     .source = d->id,
                                     .want = most < UINT16_MAX && (!want || want > most) ? most : want};
        out[n].rung_n = (uint8_t)view_rungs(s, out[n].rung, now_us);
        slot[n++] = s;
        stage = stage || !screen;
    }
    return n;
}

/* A layer too dear for a full line is left at once, for it goes on filling the queue; else it flows until the
 * other one begins. */
static void view_pick(struct view *v, struct slot *s, const struct allot_rung *r, int64_t now_us) {
    const struct feed *d = slot_feed(s);
    int layer = r ? feed_ranked(d, r->layer) : -1, shown = follow_layer(&s->follow);
    s->follow.frugal = steer_tight(&v->steer, now_us);
    if (layer >= 0 && shown >= 0 && v->steer.bwe.line == BWE_CONGESTED && feed_larger(d, shown, layer))
        slot_pick(s, -1, FOLLOW_TID_ALL, now_us);
    s->follow.still = false;
    slot_pick(s, layer, r ? r->tid : FOLLOW_TID_ALL, now_us);
    follow_wake(&s->follow, now_us);
}

static void view_meter(struct view *v, int64_t now_us) {
    uint64_t bytes = 0;
    for (unsigned i = 0; i < v->audio_n; i++)
        bytes += v->slot[i].tx.bytes + (uint64_t)v->slot[i].tx.packets * SLOT_WIRE_MORE;
    steer_meter(&v->steer, v->leg->tx_bytes, bytes, now_us);
}

/* Loads the line: by the first stream that has something to repeat, else the first that can be padded. */
static void view_probe(struct view *v, int64_t now_us) {
    uint32_t due = steer_probe(&v->steer, v->leg->tx_bytes, now_us);
    while (due) {
        size_t n = 0;
        for (unsigned i = 0; i < 2 * v->video_n && !n; i++) {
            struct slot *s = &v->slot[v->audio_n + i % v->video_n];
            n = i >= v->video_n || slot_flows(s) ? slot_probe(s, due, now_us) : 0;
        }
        due = n && due > n ? due - (uint32_t)n : 0;
    }
}

void view_save(struct view *v, bool on) {
    v->leg->saves = on;
    stills_set(&v->stills, on);
    v->steer.choose_us = 0;
}

static uint64_t view_video_bytes(const struct view *v) {
    uint64_t bytes = 0;
    for (unsigned i = v->audio_n; i < v->audio_n + v->video_n; i++)
        bytes += v->slot[i].tx.bytes + (uint64_t)v->slot[i].tx.packets * SLOT_WIRE_MORE;
    return bytes;
}

/* The smallest layer of each picture, of which a still goes when it is its turn. */
static void view_choose_stills(struct view *v, int64_t now_us) {
    stills_turn(&v->stills, view_video_bytes(v), now_us);
    for (unsigned k = 0; k < v->video_n; k++) {
        unsigned i = (v->stills.next + k) % v->video_n;
        struct slot *s = &v->slot[v->audio_n + i];
        struct feed *d = slot_feed(s);
        struct allot_rung rung[ALLOT_RUNGS_MAX];
        bool drawn = d && s->height && !slot_unsupported(s) && view_rungs(s, rung, now_us);
        v->moved = v->moved || s->paused;
        s->paused = false;
        s->follow.still = s->follow.frugal = true;
        slot_pick(s, drawn ? feed_ranked(d, rung[0].layer) : -1, FOLLOW_TID_ALL, now_us);
        if (!drawn)
            continue;
        if (v->leg->up && !feed_flows(d, s->follow.target))
            feed_doze(d, v->leg->env, now_us);
        if (s->follow.state == FOLLOW_REST && stills_take(&v->stills, i))
            follow_wake(&s->follow, now_us);
    }
    steer_choose(&v->steer, NULL, 0, now_us); /* nothing to weigh: no probe, no word of a thin line */
    int64_t next_us = stills_next_us(now_us);
    v->steer.choose_us = next_us < v->steer.choose_us ? next_us : v->steer.choose_us;
}

static void view_choose_moving(struct view *v, int64_t now_us) {
    struct allot_slot ladder[MEDIA_VIDEO_SLOTS_MAX] = {0};
    struct slot *slot[MEDIA_VIDEO_SLOTS_MAX];
    unsigned n = view_ladders(v, ladder, slot, now_us);
    steer_choose(&v->steer, ladder, n, now_us);
    for (unsigned i = 0; i < n; i++) {
        int8_t pick = v->steer.out.pick[i];
        bool paused = ladder[i].rung_n && pick < 0;
        view_pick(v, slot[i], pick < 0 ? NULL : &ladder[i].rung[pick], now_us);
        if (pick >= 0 && v->leg->up && !feed_flows(slot_feed(slot[i]), slot[i]->follow.target))
            feed_doze(slot_feed(slot[i]), v->leg->env, now_us); /* it sleeps: wake it now */
        v->moved = v->moved || paused != slot[i]->paused;
        slot[i]->paused = paused;
    }
    for (unsigned i = v->audio_n; i < v->audio_n + v->video_n; i++) {
        struct slot *s = &v->slot[i];
        if (!slot_feed(s) || s->height)
            continue;
        slot_pick(s, -1, FOLLOW_TID_ALL, now_us);
        v->moved = v->moved || s->paused;
        s->paused = false;
    }
}

void view_choose(struct view *v, int64_t now_us) {
    bool thin = v->steer.out.audio_only;
    v->steer.spared = strain_spares(v->leg->env->strain, v->peer);
    if (v->stills.on)
        view_choose_stills(v, now_us);
    else
        view_choose_moving(v, now_us);
    v->moved = v->moved || thin != v->steer.out.audio_only;
    if (!v->leg->up)
        return;
    view_probe(v, now_us);
    env_arm(v->leg->env, v->leg->timer, steer_next_us(&v->steer));
}

bool view_tick(struct view *v, int64_t now_us) {
    bool behind = v->steer.behind, moved = v->moved;
    v->steer.behind = false;
    for (unsigned i = v->audio_n; behind && i < v->audio_n + v->video_n; i++)
        follow_go_on(&v->slot[i].follow, now_us); /* who is still behind says so again */
    if (now_us >= v->steer.choose_us) {
        view_meter(v, now_us);
        view_choose(v, now_us);
    }
    view_probe(v, now_us);
    return v->moved && !moved;
}

struct slot *view_slot_of(struct view *v, uint32_t ssrc) {
    for (unsigned i = 0; i < v->audio_n + v->video_n; i++) {
        if (v->slot[i].ssrc == ssrc || (v->slot[i].rtx_ssrc && v->slot[i].rtx_ssrc == ssrc))
            return &v->slot[i];
    }
    return NULL;
}

static void view_json_slots(const struct slot *slot, unsigned n, struct buf *out) {
    for (unsigned i = 0; i < n; i++) {
        const struct feed *d = slot_feed(&slot[i]);
        buf_printf(out, "%s{\"mid\":\"%s\"", i ? "," : "", slot[i].mid);
        if (d)
            buf_printf(out, ",\"who\":\"%s\",\"source\":\"%s\"", d->member, media_source_name(d->source));
        if (slot_unsupported(&slot[i]))
            buf_z(out, ",\"unsupported\":true");
        if (slot[i].paused)
            buf_z(out, ",\"paused\":true");
        buf_z(out, "}");
    }
}

void view_json(struct view *v, struct buf *out) {
    v->moved = false;
    buf_z(out, "{\"video\":[");
    view_json_slots(v->slot + v->audio_n, v->video_n, out);
    buf_z(out, "],\"audio\":[");
    view_json_slots(v->slot, v->audio_n, out);
    buf_z(out, !v->steer.out.audio_only ? "]}"
               : v->steer.spared        ? "],\"audio_only\":true,\"overload\":true}"
                                        : "],\"audio_only\":true}");
}
