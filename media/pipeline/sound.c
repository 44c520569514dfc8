#include "media/pipeline/sound.h"
#include "media/base/err.h"
#include "media/base/log.h"

static int64_t sample_of(int64_t at_us) { return at_us * (MIXER_HZ / 1000) / 1000; }

static int64_t frame_of(const struct sound *s, int64_t at_us) { /* nearest frame boundary */
    int64_t at = sample_of(at_us) - s->base;
    return at <= 0 ? 0 : (at + SOUND_FRAME / 2) / SOUND_FRAME;
}

/* ---- channels ---- */

static void tell_tongues(struct sound *s) {
    struct str before = {buf_view(&s->listed).p, s->told},
               line = {buf_view(&s->listed).p + s->told, s->listed.n - s->told};
    if (!line.n || s->listed.over)
        return;
    for (unsigned i = 0; i < s->tongues_n; i++) {
        struct tongue *t = s->tongues[i];
        bool was = t->listed;
        tongue_list(t, before, line);
        if (!was && t->listed && s->on_tongue)
            s->on_tongue(s->arg, t->lang);
    }
    s->told = s->listed.n;
}
static struct tongue *add_tongue(struct sound *s, const char *lang, bool listed) {
    if (s->tongues_n == TONGUES_MAX) {
        LOG_WARN("too many channels lang=%s", lang);
        return NULL;
    }
    struct tongue *t = tongue_open(&s->frag.cfg, lang, s->tongues_n, s->base, listed);
    return s->tongues[s->tongues_n++] = t;
}
void sound_past(struct sound *s, struct str list) {
    buf_str(&s->listed, list);
    s->told = s->listed.n;
}
void sound_known(struct sound *s, const char *lang) { add_tongue(s, lang, true); }

void sound_air(struct sound *s, struct str lang, uint32_t track) {
    char name[PLAYLIST_LANG_MAX + 1];
    struct tongue *t = NULL;
    if (!playlist_lang_ok(lang) || !STR_COPY(name, lang))
        return;
    for (unsigned i = 0; i < s->tongues_n; i++)
        if (!strcmp(s->tongues[i]->lang, name))
            t = s->tongues[i];
    if (!t && track)
        t = add_tongue(s, name, false);
    if (t)
        tongue_air(t, track);
}
void sound_voice(struct sound *s, uint32_t track, struct mixer_in *in, int64_t at_us, const int16_t *pcm,
                 size_t n) {
    for (unsigned i = 0; i < s->tongues_n; i++)
        if (s->tongues[i]->track == track) {
            tongue_put(s->tongues[i], in, sample_of(at_us), pcm, n);
            return;
        }
}

/* ---- the floor ---- */

static void run_here(struct sound *s) {
    struct fmp4_track t = aac_track();
    frag_run(&s->frag, (uint64_t)(s->base + s->out * SOUND_FRAME), &t);
}
static void on_packet(void *arg, struct bytes packet) {
    struct sound *s = arg;
    if (s->out >= s->last)
        return;
    if (s->marks_n && s->marks[0].frame <= s->out) {
        bool cut = s->marks[0].cut;
        memmove(s->marks, s->marks + 1, --s->marks_n * sizeof s->marks[0]);
        if (cut)
            frag_cut(&s->frag);
        else
            run_here(s);
        tell_tongues(s);
    }
    frag_sample(&s->frag, SOUND_FRAME, true, packet);
    for (unsigned i = 0; i < s->tongues_n; i++)
        tongue_sample(s->tongues[i], &s->frag, s->out, packet);
    s->out++;
    if (frag_segment_dur(&s->frag) >= (uint64_t)s->segment_frames * SOUND_FRAME) {
        frag_cut(&s->frag);
        tell_tongues(s);
    }
}
/* The frames the broken encoder had taken and not given are replaced by silence, so time goes on as before.
 * One that cannot be built is tried again with the next frame. */
static void rebuild(struct sound *s) {
    static const int16_t zeros[SOUND_FRAME * 2];
    aac_close(&s->aac);
    s->rebuilt++;
    if (aac_open(&s->aac, on_packet, s, NULL))
        return;
    for (int64_t i = s->out; i < s->fed && !aac_push(&s->aac, zeros);)
        i++;
}
static void push_pcm(struct sound *s, const int16_t *pcm) {
    if (aac_push(&s->aac, pcm))
        rebuild(s);
}

int sound_open(struct sound *s, const struct frag_cfg *cfg, int64_t base_us, int64_t segment_us) {
    struct frag_cfg own = *cfg;
    *s = (struct sound){.base = sample_of(base_us), .last = INT64_MAX};
    ear_open(&s->ear, -1);
    s->segment_frames = (sample_of(segment_us) + SOUND_FRAME - 1) / SOUND_FRAME;
    buf_init(&s->listed, SOUND_LIST_MAX);
    own.also = &s->listed;
    frag_init(&s->frag, &own);
    mixer_open(&s->mixer, s->base);
    run_here(s);
    return aac_open(&s->aac, on_packet, s, NULL);
}
void sound_close(struct sound *s) {
    aac_close(&s->aac);
    for (unsigned i = 0; i < s->tongues_n; i++)
        tongue_close(s->tongues[i]);
    mixer_close(&s->mixer);
    frag_fini(&s->frag);
    buf_fini(&s->listed);
}
void sound_listen(struct sound *s, int fd) { ear_open(&s->ear, fd); }
void sound_put(struct sound *s, struct mixer_in *in, int64_t at_us, const int16_t *pcm, size_t n) {
    mixer_put(&s->mixer, in, sample_of(at_us), pcm, n);
}

static bool mark(struct sound *s, int64_t frame, bool cut) {
    unsigned i = s->marks_n;
    while (i && s->marks[i - 1].frame > frame)
        i--;
    if (i && s->marks[i - 1].frame == frame)
        return true; /* a run that begins is a segment that begins */
    if (s->marks_n == SOUND_MARKS_MAX) {
        LOG_WARN("too many breaks at once frame=%lld", (long long)frame);
        return false;
    }
    memmove(s->marks + i + 1, s->marks + i, (s->marks_n - i) * sizeof s->marks[0]);
    s->marks[i] = (struct sound_mark){frame, cut};
    s->marks_n++;
    return true;
}
void sound_break(struct sound *s, int64_t at_us) {
    int64_t frame = frame_of(s, at_us);
    int64_t least = s->marks_n ? s->marks[s->marks_n - 1].frame + 1 : s->out + 1; /* no run is empty */
    mark(s, frame > least ? frame : least, false);
}
static bool is_young(const struct sound *s) {
    return !s->frag.segment_open ||
           s->base + s->fed * SOUND_FRAME < (int64_t)s->frag.segment_at + TONGUE_YOUNG * SOUND_FRAME;
}
/* An interpreter will be heard: his segments begin here, and so does one of the floor. */
static void wake_tongues(struct sound *s) {
    for (unsigned i = 0; i < s->tongues_n; i++) {
        struct tongue *t = s->tongues[i];
        if (!tongue_wakes(t, s->fed, is_young(s)) || s->fed <= s->out || s->marks_n == SOUND_MARKS_MAX)
            continue;
        tongue_wake(t, s->fed, s->past);
        if (t->live)
            mark(s, s->fed, true);
    }
}
static void feed_until(struct sound *s, int64_t frames) {
    enum { KEPT = (AAC_LEAD_FRAMES - 1) * AAC_FRAME * 2 };
    int16_t pcm[SOUND_FRAME * 2];
    while (s->fed < frames) {
        wake_tongues(s);
        mixer_take(&s->mixer, pcm, SOUND_FRAME);
        for (unsigned i = 0; i < s->tongues_n; i++) /* first, so theirs are there when the floor's come out */
            tongue_hear(s->tongues[i], s->fed, pcm);
        s->fed++;
        ear_hear(&s->ear, pcm, SOUND_FRAME);
        push_pcm(s, pcm);
        memmove(s->past, s->past + SOUND_FRAME * 2, KEPT * sizeof *s->past);
        memcpy(s->past + KEPT, pcm, sizeof pcm);
    }
}
void sound_tick(struct sound *s, int64_t now_us) {
    feed_until(s, (sample_of(now_us - SOUND_LATE_US) - s->base) / SOUND_FRAME);
}
void sound_stop(struct sound *s, int64_t end_us) {
    static const int16_t zeros[SOUND_FRAME * 2];
    s->last = (sample_of(end_us) - s->base) / SOUND_FRAME;
    for (unsigned i = 0; i < s->marks_n; i++) { /* each break keeps its run, if of one frame */
        int64_t latest = s->last - (int64_t)(s->marks_n - i);
        if (s->marks[i].frame > latest)
            s->marks[i].frame = latest;
    }
    feed_until(s, s->last);
    for (int64_t i = 0; i < TONGUE_PACKETS / 2 && s->out < s->last; i++) { /* what the encoders still hold */
        for (unsigned k = 0; k < s->tongues_n; k++)
            tongue_hear(s->tongues[k], s->fed + i, zeros);
        push_pcm(s, zeros);
    }
    frag_cut(&s->frag);
    tell_tongues(s);
}
