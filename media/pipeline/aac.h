/* aac — the encoder of the recording's sound: 48 kHz stereo in, AAC-LC packets out, one for each
 * frame that goes in. Thread: owner's. Ownership: embedded value. */
#ifndef AAC_H
#define AAC_H
#include "media/pipeline/element.h"
#include "media/pipeline/fmp4.h"

enum {
    AAC_FRAME = 1024,      /* samples of a frame */
    AAC_LEAD_FRAMES = 3,   /* what an encoder that joins in the middle is told of the time before */
    AAC_PACKET_MAX = 1536, /* ISO/IEC 14496-3 4.5.3.2: 6144 bits a channel */
};
struct aac {
    struct element *element; /* NULL: there is none, or it failed */
    unsigned priming;        /* packets still to be dropped */
    void (*out)(void *arg, struct bytes packet);
    void *arg;
};
/* The first packet out is that of the first frame pushed. `before`: the AAC_LEAD_FRAMES frames in front of
 * it, so that what was encoded until there goes over without a seam; NULL: silence. -ERR_UNSUPPORTED */
int aac_open(struct aac *a, void (*out)(void *arg, struct bytes packet), void *arg, const int16_t *before);
void aac_close(struct aac *a);
int aac_push(struct aac *a, const int16_t *pcm); /* a frame; after a failure the encoder is gone */
/* A frame of digital silence through a fresh encoder, for recovery to fill up with: one packet into *out. */
int aac_silence(struct buf *out);
struct fmp4_track aac_track(void);

#endif
