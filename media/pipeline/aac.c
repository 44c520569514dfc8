#include "media/pipeline/aac.h"
#include "media/base/err.h"

/* AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1): AAC-LC, 48 kHz, 2 channels. */
static const uint8_t aac_config[] = {0x11, 0x90};
static const char aac_chain[] =
    "voaacenc bitrate=96000 ! capsfilter caps=audio/mpeg,mpegversion=4,stream-format=raw";
static const char pcm_caps[] =
    "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3";
/* voaacenc gives what went in 1600 samples later (measured: an impulse through it and back). With so many
 * samples in front the delay is two whole frames, which are dropped. */
enum { ENCODER_DELAY = 1600, PRIMING = 2, LEAD = PRIMING * AAC_FRAME - ENCODER_DELAY };

struct fmp4_track aac_track(void) {
    return (struct fmp4_track){.kind = FMP4_AUDIO,
                               .timescale = FMP4_AUDIO_HZ,
                               .config = {aac_config, sizeof aac_config},
                               .name = STR("audio")};
}
static void on_packet(void *arg, const struct element_out *o) {
    struct aac *a = arg;
    if (a->priming)
        a->priming--;
    else
        a->out(a->arg, o->data);
}
static int push(struct aac *a, const int16_t *pcm, size_t n) {
    if (!a->element)
        return -ERR_MISSING;
    int err = element_push(a->element, (struct bytes){(const uint8_t *)pcm, n * 4}, -1, true);
    if (err)
        aac_close(a);
    return err;
}
int aac_open(struct aac *a, void (*out)(void *arg, struct bytes packet), void *arg, const int16_t *before) {
    static const int16_t zeros[LEAD * 2];
    enum { WHOLE = AAC_LEAD_FRAMES - 1 };
    *a = (struct aac){.priming = before ? PRIMING + WHOLE : PRIMING, .out = out, .arg = arg};
    int err = element_open(&a->element, aac_chain, pcm_caps, on_packet, a);
    if (err) {
        a->element = NULL;
        return err;
    }
    const int16_t *lead = before ? before + (ptrdiff_t)(AAC_FRAME - LEAD) * 2 : zeros;
    err = push(a, lead, LEAD);
    for (int i = 0; before && !err && i < WHOLE; i++)
        err = push(a, before + (ptrdiff_t)(i + 1) * AAC_FRAME * 2, AAC_FRAME);
    return err ? -ERR_UNSUPPORTED : 0;
}
void aac_close(struct aac *a) {
    element_close(a->element);
    a->element = NULL;
}
int aac_push(struct aac *a, const int16_t *pcm) { return push(a, pcm, AAC_FRAME); }

static void on_silence(void *arg, struct bytes packet) {
    buf_reset(arg);
    buf_put(arg, packet.p, packet.n);
}
int aac_silence(struct buf *out) {
    static const int16_t zeros[AAC_FRAME * 2];
    struct aac a;
    int err = aac_open(&a, on_silence, out, NULL);
    for (int i = 0; !err && i < 2 * PRIMING; i++)
        err = aac_push(&a, zeros);
    aac_close(&a);
    return err ? err : out->n ? 0 : -ERR_UNSUPPORTED;
}
