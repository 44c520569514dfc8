/* ear — what is mixed, told to whoever listens at a socket: 16 kHz mono, signed 16 bit, a message of
 * SOCK_SEQPACKET for each frame of the mix. Never waits: what the other end has no room for is left out and
 * counted. Thread: owner's. Ownership: embedded value; the descriptor stays the caller's. */
#ifndef EAR_H
#define EAR_H
#include <stddef.h>
#include <stdint.h>

enum { EAR_HZ = 16000, EAR_STEP = 3 /* of MIXER_HZ */, EAR_TAPS = 33, EAR_SAMPLES_MAX = 2048 };

struct ear {
    int fd; /* -1 = nobody listens */
    int16_t past[EAR_TAPS - 1];
    unsigned phase; /* samples until the next one that is told */
    uint64_t lost;
};
void ear_open(struct ear *e, int fd);
/* n stereo samples of 48 kHz (at most EAR_SAMPLES_MAX), those after what was heard last. */
void ear_hear(struct ear *e, const int16_t *pcm, size_t n);

#endif
