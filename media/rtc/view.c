#include "media/rtc/view.h"
#include "media/base/mem.h"

void view_init(struct view *v, const struct view_cfg *c) {
    memset(v, 0, sizeof *v);
    list_init(&v->in_room);
    v->peer = c->peer;
    STR_COPY(v->member, str_of(c->member));
    for (unsigned i = 0; i < c->line_count; i++) {
        if (c->line[i].slot >= 0)
            *(c->line[i].kind == SDP_VIDEO ? &v->video_n : &v->audio_n) += 1;
    }
    v->slot = mem_zalloc((v->audio_n + v->video_n + 1) * sizeof *v->slot);
    unsigned a = 0, p = v->audio_n;
    for (unsigned i = 0; i < c->line_count; i++) {
        const struct sdp_line *l = &c->line[i];
        if (l->slot < 0)
            continue;
        bool video = l->kind == SDP_VIDEO;
        slot_init(&v->slot[video ? p++ : a++], c->leg, l, (video ? c->video : c->audio)[l->slot], &v->moved);
    }
    allot_init(&v->allot);
    v->budget_bps = ALLOT_UNLIMITED;
    v->moved = true; /* the first message says what is there, if only emptiness */
}

void view_fini(struct view *v) {
    for (unsigned i = 0; i < v->audio_n + v->video_n; i++)
        slot_fini(&v->slot[i]);
    mem_free(v->slot);
    list_drop(&v->in_room);
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
    for (unsigned i = 0; i < v->audio_n && i < v->video_n; i++) {
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
    s = view_free_slot(v->slot, v->audio_n);
    for (unsigned i = 0; i < v->audio_n && !s; i++) {
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
        struct slot *s = i < m ? view_beside(v, d) : view_free_slot(v->slot, v->audio_n);
        if (s && !slot_feed(s) && strcmp(d->member, v->member) != 0 && !view_mapped(v->slot, v->audio_n, d))
            slot_map(s, d, now_us);
    }
}

void view_hear(struct view *v, struct feed *const *feeds, unsigned n, struct feed *const *others, unsigned m,
               int64_t now_us) {
    struct feed *loud[MEDIA_AUDIO_SLOTS];
    unsigned k = 0;
    for (unsigned i = 0; i < n && k < v->audio_n; i++) {
        if (strcmp(feeds[i]->member, v->member) != 0)
            loud[k++] = feeds[i];
    }
    for (unsigned i = 0; i < v->audio_n; i++) {
        struct feed *d = slot_feed(&v->slot[i]);
        if (d && !d->on)
            slot_map(&v->slot[i], NULL, now_us);
    }
    for (unsigned i = 0; i < k; i++) {
        if (!view_mapped(v->slot, v->audio_n, loud[i]))
            slot_map(view_place(v, loud[i], loud, k), loud[i], now_us);
    }
    view_fill(v, others, m, now_us);
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
    const struct feed *d = slot_feed(s);
    unsigned n = 0;
    for (unsigned rank = 0; rank < d->n; rank++) {
        int layer = feed_ranked(d, rank);
        const struct feed_layer *l = &d->layer[layer];
        if (!feed_can(d, layer, now_us))
            continue;
        unsigned tids = s->drop && d->codec == CODEC_VP8 && l->tids > 1 ? l->tids : 1;
        for (unsigned tid = 0; tid < tids; tid++) {
            bool all = tid + 1 == tids;
            rung[n++] = (struct allot_rung){.bps = l->bps[all ? FOLLOW_TID_ALL : tid],
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
        bool screen = d->source == MEDIA_SCREEN;
        out[n] = (struct allot_slot){.kind = screen  ? ALLOT_SCREEN
                                             : stage ? ALLOT_OTHER
                                                     : ALLOT_STAGE,
                                     .source = d->id,
                                     .want = s->height == SLOT_HEIGHT_ALL ? 0 : s->height};
        out[n].rung_n = (uint8_t)view_rungs(s, out[n].rung, now_us);
        slot[n++] = s;
        stage = stage || !screen;
    }
    return n;
}

void view_choose(struct view *v, int64_t now_us) {
    struct allot_slot ladder[MEDIA_VIDEO_SLOTS_MAX];
    struct slot *slot[MEDIA_VIDEO_SLOTS_MAX];
    struct allot_out out;
    unsigned n = view_ladders(v, ladder, slot, now_us);
    allot_run(&v->allot, ladder, n, v->budget_bps, now_us, &out);
    for (unsigned i = 0; i < n; i++) {
        const struct allot_rung *r = out.pick[i] < 0 ? NULL : &ladder[i].rung[out.pick[i]];
        slot_pick(slot[i], r ? feed_ranked(slot_feed(slot[i]), r->layer) : -1, r ? r->tid : FOLLOW_TID_ALL,
                  now_us);
    }
    for (unsigned i = v->audio_n; i < v->audio_n + v->video_n; i++) {
        if (slot_feed(&v->slot[i]) && !v->slot[i].height)
            slot_pick(&v->slot[i], -1, FOLLOW_TID_ALL, now_us);
    }
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
        buf_z(out, "}");
    }
}

void view_json(struct view *v, struct buf *out) {
    v->moved = false;
    buf_z(out, "{\"video\":[");
    view_json_slots(v->slot + v->audio_n, v->video_n, out);
    buf_z(out, "],\"audio\":[");
    view_json_slots(v->slot, v->audio_n, out);
    buf_z(out, "]}");
}
