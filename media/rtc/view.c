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

/* The audio slot for a track: the one whose number its member's picture has (they are kept in step by the
 * receiver, sdp_answer.c), if it may be taken, else a free one, else one whose track may give way. keep[0..k)
 * may not. */
static struct slot *view_audio_slot(struct view *v, const struct track *t, struct track *const *keep,
                                    unsigned k) {
    struct slot *video = v->slot + v->audio_n;
    for (unsigned i = 0; i < v->audio_n && i < v->video_n; i++) {
        const struct track *seen = slot_track(&video[i]), *heard = slot_track(&v->slot[i]);
        if (seen && !strcmp(seen->member, t->member) && (!heard || !view_among(keep, k, heard)))
            return &v->slot[i];
    }
    struct slot *s = view_free_slot(v->slot, v->audio_n);
    for (unsigned i = 0; i < v->audio_n && !s; i++) {
        if (!view_among(keep, k, slot_track(&v->slot[i])))
            s = &v->slot[i];
    }
    return s;
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
            slot_map(view_audio_slot(v, loud[i], loud, k), loud[i], now_us);
    }
    /* Free slots carry whoever there is, so that a first syllable is not lost to the ranking. */
    for (unsigned i = 0; i < m; i++) {
        if (!view_free_slot(v->slot, v->audio_n))
            return;
        if (strcmp(others[i]->member, v->member) != 0 && !view_mapped(v->slot, v->audio_n, others[i]))
            slot_map(view_audio_slot(v, others[i], others, m), others[i], now_us);
    }
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
