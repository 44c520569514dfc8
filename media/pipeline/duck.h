/* duck — the floor under an interpreter, as who listens to his channel has it: low while he is heard and a
 * little longer, whole again when he is not, and never with a step in it. Times are samples of the mix. Pure.
 * Limits: DUCK_STRETCHES stretches of speech that are not mixed yet. */
#ifndef DUCK_H
#define DUCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "media/pipeline/mixer.h"

enum {
    DUCK_STRETCHES = 8,
    DUCK_HOLD =
        3 * MIXER_HZ, /* his microphone is heard no more after so long, live too (MEDIA_TRACK_IDLE_MS) */
    DUCK_RAMP = MIXER_HZ / 10, /* from whole to low */
    DUCK_FLOOR_PERCENT = 20,   /* what a listener's page begins with (web/src/state/booth.ts) */
};
struct duck {
    struct {
        int64_t from, until, hold;
    } v[DUCK_STRETCHES]; /* the newest first */
    float gain;          /* of the floor */
};
void duck_init(struct duck *d);
void duck_voice(struct duck *d, int64_t at, int64_t n); /* he is heard for n samples */
void duck_off(struct duck *d);                          /* he is off the air: the floor need not wait */
/* When the floor is to be low next, not before `at`; INT64_MAX: not as far as is known. */
int64_t duck_next(const struct duck *d, int64_t at);
/* n stereo samples from `at` on, of both, into one. False: it is the floor and nothing else. */
bool duck_mix(struct duck *d, int64_t at, const int16_t *floor, const int16_t *voice, int16_t *out, size_t n);

#endif
