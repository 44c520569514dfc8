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
    v->moved = true; /* the first message says what is there, if only emptiness */
}

void view_fini(struct view *v) {
    for (unsigned i = 0; i < v->audio_n + v->video_n; i++)
        slot_fini(&v->slot[i]);
    mem_free(v->slot);
    list_drop(&v->in_room);
}

static bool view_among(struct track *const *tracks, unsigned n, const struct track *t) {
    for (unsigned i = 0; i < n; i++) {
        if (tracks[i] == t)
            return true;
    }
    return false;
}

static bool view_mapped(const struct slot *slot, unsigned n, const struct track *t) {
    for (unsigned i = 0; i < n; i++) {
        if (slot_track(&slot[i]) == t)
            return true;
    }
    return false;
}

static struct slot *view_free_slot(struct slot *slot, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        if (!slot_track(&slot[i]))
            return &slot[i];
    }
    return NULL;
}

/* The audio slot of the number on which the member's picture is: receivers keep such a pair in step
 * (sdp_answer.c). */
static struct slot *view_beside(struct view *v, const struct track *t) {
    const struct slot *video = v->slot + v->audio_n;
    for (unsigned i = 0; i < v->audio_n && i < v->video_n; i++) {
        const struct track *seen = slot_track(&video[i]);
        if (seen && !strcmp(seen->member, t->member))
            return &v->slot[i];
    }
    return NULL;
}

/* Where to put one who must be heard: beside his picture, else on a free slot, else in place of one who may
 * give way (not loud[0..k)). */
static struct slot *view_place(struct view *v, const struct track *t, struct track *const *loud, unsigned k) {
    struct slot *s = view_beside(v, t);
    if (s && (!slot_track(s) || !view_among(loud, k, slot_track(s))))
        return s;
    s = view_free_slot(v->slot, v->audio_n);
    for (unsigned i = 0; i < v->audio_n && !s; i++) {
        if (!view_among(loud, k, slot_track(&v->slot[i])))
            s = &v->slot[i];
    }
    return s;
}

/* Free slots carry whoever there is, so that a first syllable is not lost to the ranking: first those whose
 * place beside their picture is free, then the others. */
static void view_fill(struct view *v, struct track *const *others, unsigned m, int64_t now_us) {
    for (unsigned i = 0; i < 2 * m; i++) {
        struct track *t = others[i % m];
        struct slot *s = i < m ? view_beside(v, t) : view_free_slot(v->slot, v->audio_n);
        if (s && !slot_track(s) && strcmp(t->member, v->member) != 0 && !view_mapped(v->slot, v->audio_n, t))
            slot_map(s, t, now_us);
    }
}

void view_hear(struct view *v, struct track *const *tracks, unsigned n, struct track *const *others,
               unsigned m, int64_t now_us) {
    struct track *loud[MEDIA_AUDIO_SLOTS];
    unsigned k = 0;
    for (unsigned i = 0; i < n && k < v->audio_n; i++) {
        if (strcmp(tracks[i]->member, v->member) != 0)
            loud[k++] = tracks[i];
    }
    for (unsigned i = 0; i < v->audio_n; i++) {
        struct track *t = slot_track(&v->slot[i]);
        if (t && !t->on)
            slot_map(&v->slot[i], NULL, now_us);
    }
    for (unsigned i = 0; i < k; i++) {
        if (!view_mapped(v->slot, v->audio_n, loud[i]))
            slot_map(view_place(v, loud[i], loud, k), loud[i], now_us);
    }
    view_fill(v, others, m, now_us);
}

void view_see(struct view *v, struct track *const *tracks, unsigned n, int64_t now_us) {
    struct slot *video = v->slot + v->audio_n;
    n = v->audio_only ? 0 : n;
    n = n > v->video_n ? v->video_n : n;
    for (unsigned i = 0; i < v->video_n; i++) {
        struct track *t = slot_track(&video[i]);
        if (t && !view_among(tracks, n, t))
            slot_map(&video[i], NULL, now_us);
    }
    for (unsigned i = 0; i < n; i++) {
        if (!tracks[i] || view_mapped(video, v->video_n, tracks[i]))
            continue;
        struct slot *s = view_free_slot(video, v->video_n);
        if (!s)
            return;
        slot_map(s, tracks[i], now_us);
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
        const struct track *t = slot_track(&slot[i]);
        buf_printf(out, "%s{\"mid\":\"%s\"", i ? "," : "", slot[i].mid);
        if (t)
            buf_printf(out, ",\"who\":\"%s\",\"source\":\"%s\"", t->member, media_source_name(t->source));
        if (slot[i].state == SLOT_UNSUPPORTED)
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
