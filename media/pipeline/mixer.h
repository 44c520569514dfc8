/* mixer — sums sources on one absolute timeline of 48 kHz stereo samples, silence where nothing comes, a soft
 * knee where the sum is too loud. Each source's frames are laid where their time says; small errors are
 * stretched away inaudibly, gaps stay silent. Pure. Thread: owner's. Limits: MIXER_RING samples between
 * oldest and newest. */
#ifndef MIXER_H
#define MIXER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MIXER_HZ = 48000, MIXER_RING = 1 << 18, MIXER_FRAME_MAX = 5760 /* 120 ms, RFC 6716 2.1.4 */ };

struct mixer {
    int32_t *ring; /* MIXER_RING stereo sums */
    int64_t head;  /* first sample not yet taken */
    uint64_t late_samples;
};
struct mixer_in {
    bool laid;
    int64_t next; /* where the source's next sample would go without correction */
    uint64_t gaps;
};
void mixer_open(struct mixer *m, int64_t head);
void mixer_close(struct mixer *m);
/* n stereo samples (at most MIXER_FRAME_MAX) whose first was heard at sample `at`. */
void mixer_put(struct mixer *m, struct mixer_in *in, int64_t at, const int16_t *pcm, size_t n);
void mixer_take(struct mixer *m, int16_t *out, size_t n);
void mixer_skip(struct mixer *m, int64_t head); /* what is before this sample is not asked for */
int16_t mixer_soft(int32_t sum);                /* one sample of a sum, bent where it is too loud */

#endif
