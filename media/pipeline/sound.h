/* sound — the recording's sound: sources are mixed a fixed time behind now and encoded once to AAC-LC 48 kHz
 * stereo; it breaks into a new run wherever the program does, so that both playlists count discontinuities
 * alike (RFC 8216 6.2.4). Beside it the channels of interpreters (tongue). Times are media microseconds.
 * Thread: owner's. Ownership: embedded value. */
#ifndef SOUND_H
#define SOUND_H
#include "media/pipeline/ear.h"
#include "media/pipeline/tongue.h"

enum {
    SOUND_FRAME = AAC_FRAME,
    SOUND_LATE_US = 600000, /* mixed this far behind now: retransmissions and jitter fit in */
    SOUND_MARKS_MAX = 48,
    SOUND_QUANTUM_MS = 64, /* 3 AAC frames: the shortest time that is whole in ms, frames and video ticks */
    SOUND_LIST_MAX = 16 << 20
};
struct sound_mark { /* before this frame a run begins, or a segment of the same run */
    int64_t frame;
    bool cut;
};
struct sound {
    struct mixer mixer;
    struct ear ear;
    struct frag frag;
    struct aac aac;   /* gone after it failed twice in a row, until the next frame */
    int64_t base;     /* sample of frame 0 */
    int64_t fed, out; /* frames given to the encoder, frames that came out */
    int64_t last;     /* no frame from this one on; INT64_MAX while open */
    int64_t segment_frames;
    struct sound_mark marks[SOUND_MARKS_MAX]; /* ascending */
    unsigned marks_n;
    uint64_t rebuilt;
    int16_t past[AAC_LEAD_FRAMES * AAC_FRAME * 2]; /* of the mix, the last frames */
    struct buf listed;                             /* the playlist until now, of all takes */
    size_t told;                                   /* so much of it the channels know */
    struct tongue *tongues[TONGUES_MAX];
    unsigned tongues_n;
    /* A channel has got its playlist. */
    void (*on_tongue)(void *arg, const char *lang);
    void *arg;
};
int sound_open(struct sound *s, const struct frag_cfg *cfg, int64_t base_us,
               int64_t segment_us); /* -ERR_UNSUPPORTED */
void sound_close(struct sound *s);
void sound_listen(struct sound *s, int fd); /* what is mixed goes there, too (ear) */
/* What was listed before this take, and a channel that was recorded then. */
void sound_past(struct sound *s, struct str list);
void sound_known(struct sound *s, const char *lang);
void sound_put(struct sound *s, struct mixer_in *in, int64_t at_us, const int16_t *pcm, size_t n);
/* Whose voice is in this channel; 0: nobody's. A language in small letters. */
void sound_air(struct sound *s, struct str lang, uint32_t track);
/* The voice of an interpreter: in the channel he is on the air of, or nowhere. */
void sound_voice(struct sound *s, uint32_t track, struct mixer_in *in, int64_t at_us, const int16_t *pcm,
                 size_t n);
void sound_break(struct sound *s, int64_t at_us);
void sound_tick(struct sound *s, int64_t now_us);
void sound_stop(struct sound *s, int64_t end_us); /* end - base is a multiple of SOUND_QUANTUM_MS */

#endif
