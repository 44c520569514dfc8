#include "media/pipeline/sound.h"
#include "media/base/err.h"
#include "media/base/log.h"

/* AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1): AAC-LC, 48 kHz, 2 channels. */
static const uint8_t aac_config[] = {0x11, 0x90};
static const char aac_chain[] =
    "voaacenc bitrate=96000 ! capsfilter caps=audio/mpeg,mpegversion=4,stream-format=raw";
static const char pcm_caps[] =
    "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3";
/* voaacenc gives what went in 1600 samples later (measured: an impulse through it and back). With so many
 * zeros in front the delay is two whole frames, which are dropped. */
enum { ENCODER_DELAY = 1600, PRIMING = 2, LEAD = PRIMING * SOUND_FRAME - ENCODER_DELAY };

struct fmp4_track sound_track(void) {
    return (struct fmp4_track){.kind = FMP4_AUDIO,
                               .timescale = FMP4_AUDIO_HZ,
                               .config = {aac_config, sizeof aac_config},
                               .name = STR("audio")};
}
static int64_t frame_of(const struct sound *s, int64_t at_us) { /* nearest frame boundary */
    int64_t at = at_us * (MIXER_HZ / 1000) / 1000 - s->base;
    return at <= 0 ? 0 : (at + SOUND_FRAME / 2) / SOUND_FRAME;
}
static void run_here(struct sound *s) {
    struct fmp4_track t = sound_track();
    frag_run(&s->frag, (uint64_t)(s->base + s->out * SOUND_FRAME), &t);
}
static void on_packet(void *arg, const struct element_out *o) {
    struct sound *s = arg;
    if (s->priming) {
        s->priming--;
        return;
    }
    if (s->out >= s->last)
        return;
    if (s->breaks_n && s->breaks[0] <= s->out) {
        memmove(s->breaks, s->breaks + 1, --s->breaks_n * sizeof s->breaks[0]);
        run_here(s);
    }
    frag_sample(&s->frag, SOUND_FRAME, true, o->data);
    if (++s->out, frag_segment_dur(&s->frag) >= (uint64_t)s->segment_frames * SOUND_FRAME)
        frag_cut(&s->frag);
}
static void push_pcm(struct sound *s, const int16_t *pcm, size_t n);

static int open_encoder(struct sound *s) {
    static const int16_t zeros[LEAD * 2];
    s->encoder = NULL;
    s->priming = PRIMING;
    int err = element_open(&s->encoder, aac_chain, pcm_caps, on_packet, s);
    if (!err)
        element_push(s->encoder, (struct bytes){(const uint8_t *)zeros, sizeof zeros}, -1, true);
    return err;
}
/* The frames the broken encoder had taken and not given are replaced by silence, so time goes on as before.
 * One that cannot be built is tried again with the next frame. */
static void rebuild(struct sound *s) {
    static const int16_t zeros[SOUND_FRAME * 2];
    element_close(s->encoder);
    s->rebuilt++;
    if (open_encoder(s))
        return;
    for (int64_t i = s->out; i < s->fed && s->encoder; i++)
        if (element_push(s->encoder, (struct bytes){(const uint8_t *)zeros, sizeof zeros}, -1, true)) {
            element_close(s->encoder);
            s->encoder = NULL;
        }
}
static void push_pcm(struct sound *s, const int16_t *pcm, size_t n) {
    if (!s->encoder || element_push(s->encoder, (struct bytes){(const uint8_t *)pcm, n * 4}, -1, true))
        rebuild(s);
}

int sound_open(struct sound *s, const struct frag_cfg *cfg, int64_t base_us, int64_t segment_us) {
    *s = (struct sound){.base = base_us * (MIXER_HZ / 1000) / 1000, .last = INT64_MAX};
    ear_open(&s->ear, -1);
    s->segment_frames = (segment_us * (MIXER_HZ / 1000) / 1000 + SOUND_FRAME - 1) / SOUND_FRAME;
    frag_init(&s->frag, cfg);
    mixer_open(&s->mixer, s->base);
    run_here(s);
    return open_encoder(s);
}
void sound_close(struct sound *s) {
    element_close(s->encoder);
    mixer_close(&s->mixer);
    frag_fini(&s->frag);
}
void sound_listen(struct sound *s, int fd) { ear_open(&s->ear, fd); }
void sound_put(struct sound *s, struct mixer_in *in, int64_t at_us, const int16_t *pcm, size_t n) {
    mixer_put(&s->mixer, in, at_us * (MIXER_HZ / 1000) / 1000, pcm, n);
}
void sound_break(struct sound *s, int64_t at_us) {
    int64_t frame = frame_of(s, at_us);
    int64_t least = s->breaks_n ? s->breaks[s->breaks_n - 1] + 1 : s->out + 1; /* no run is empty */
    if (s->breaks_n == SOUND_BREAKS_MAX) {
        LOG_WARN("too many breaks at once frame=%lld", (long long)frame);
        return;
    }
    s->breaks[s->breaks_n++] = frame > least ? frame : least;
}
static void feed_until(struct sound *s, int64_t frames) {
    int16_t pcm[SOUND_FRAME * 2];
    while (s->fed < frames) {
        mixer_take(&s->mixer, pcm, SOUND_FRAME);
        s->fed++;
        ear_hear(&s->ear, pcm, SOUND_FRAME);
        push_pcm(s, pcm, SOUND_FRAME);
    }
}
void sound_tick(struct sound *s, int64_t now_us) {
    feed_until(s, ((now_us - SOUND_LATE_US) * (MIXER_HZ / 1000) / 1000 - s->base) / SOUND_FRAME);
}
void sound_stop(struct sound *s, int64_t end_us) {
    s->last = (end_us * (MIXER_HZ / 1000) / 1000 - s->base) / SOUND_FRAME;
    for (unsigned i = 0; i < s->breaks_n; i++) { /* each break keeps its run, if of one frame */
        int64_t latest = s->last - (int64_t)(s->breaks_n - i);
        if (s->breaks[i] > latest)
            s->breaks[i] = latest;
    }
    feed_until(s, s->last);
    static const int16_t zeros[SOUND_FRAME * 2];
    for (unsigned i = 0; i <= PRIMING && s->out < s->last; i++)
        push_pcm(s, zeros, SOUND_FRAME);
    frag_cut(&s->frag);
}

static void on_silence(void *arg, const struct element_out *o) {
    buf_reset(arg);
    buf_put(arg, o->data.p, o->data.n);
}
int sound_silence(struct buf *out) {
    static const int16_t zeros[SOUND_FRAME * 2];
    struct element *e = NULL;
    int err = element_open(&e, aac_chain, pcm_caps, on_silence, out);
    for (int i = 0; !err && i < 2 * PRIMING; i++)
        err = element_push(e, (struct bytes){(const uint8_t *)zeros, sizeof zeros}, -1, true);
    element_close(e);
    return err ? err : out->n ? 0 : -ERR_UNSUPPORTED;
}
