/* sound — the recording's one audio rendition: sources are mixed a fixed time behind now and encoded once to
 * AAC-LC 48 kHz stereo; it breaks into a new run wherever the program does, so that both playlists count
 * discontinuities alike (RFC 8216 6.2.4). Times are media microseconds. Thread: owner's. Ownership: embedded
 * value. */
#ifndef SOUND_H
#define SOUND_H
#include "media/pipeline/ear.h"
#include "media/pipeline/element.h"
#include "media/pipeline/frag.h"
#include "media/pipeline/mixer.h"

enum {
    SOUND_FRAME = 1024,     /* samples of an AAC frame */
    SOUND_LATE_US = 600000, /* mixed this far behind now: retransmissions and jitter fit in */
    SOUND_BREAKS_MAX = 32,
    SOUND_QUANTUM_MS = 64 /* 3 AAC frames: the shortest time that is whole in ms, frames and video ticks */
};
struct sound {
    struct mixer mixer;
    struct ear ear;
    struct frag frag;
    struct element *encoder; /* NULL after it failed twice in a row, until the next frame */
    int64_t base;            /* sample of frame 0 */
    int64_t fed, out;        /* frames given to the encoder, frames that came out (without priming) */
    unsigned priming;        /* packets of the encoder still to be dropped */
    int64_t last;            /* no frame from this one on; INT64_MAX while open */
    int64_t segment_frames;
    int64_t breaks[SOUND_BREAKS_MAX]; /* frame numbers, ascending */
    unsigned breaks_n;
    uint64_t rebuilt;
};
int sound_open(struct sound *s, const struct frag_cfg *cfg, int64_t base_us,
               int64_t segment_us); /* -ERR_UNSUPPORTED */
void sound_close(struct sound *s);
void sound_listen(struct sound *s, int fd); /* what is mixed goes there, too (ear) */
void sound_put(struct sound *s, struct mixer_in *in, int64_t at_us, const int16_t *pcm, size_t n);
void sound_break(struct sound *s, int64_t at_us);
void sound_tick(struct sound *s, int64_t now_us);
void sound_stop(struct sound *s, int64_t end_us); /* end - base is a multiple of SOUND_QUANTUM_MS */
/* n frames of digital silence through a fresh encoder, for recovery to fill up with: one packet into *out. */
int sound_silence(struct buf *out);
struct fmp4_track sound_track(void);

#endif
