#include "media/pipeline/duck.h"
#include <string.h>

static const float low = DUCK_FLOOR_PERCENT / 100.F;

void duck_init(struct duck *d) {
    *d = (struct duck){.gain = 1};
    for (size_t i = 0; i < DUCK_STRETCHES; i++)
        d->v[i].from = d->v[i].until = INT64_MIN / 2;
}
void duck_voice(struct duck *d, int64_t at, int64_t n) {
    if (at > d->v[0].until + d->v[0].hold) {
        memmove(d->v + 1, d->v, (DUCK_STRETCHES - 1) * sizeof d->v[0]);
        d->v[0].from = d->v[0].until = at;
    }
    d->v[0].hold = DUCK_HOLD;
    if (at + n > d->v[0].until)
        d->v[0].until = at + n;
}
void duck_off(struct duck *d) { d->v[0].hold = 0; }

int64_t duck_next(const struct duck *d, int64_t at) {
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < DUCK_STRETCHES; i++) {
        int64_t from = d->v[i].from > at ? d->v[i].from : at;
        if (from < d->v[i].until + d->v[i].hold && from < next)
            next = from;
    }
    return next;
}
bool duck_mix(struct duck *d, int64_t at, const int16_t *floor, const int16_t *voice, int16_t *out,
              size_t n) {
    const float step = (1 - low) / DUCK_RAMP;
    bool mixed = false;
    int64_t next = duck_next(d, at);
    for (size_t i = 0; i < n; i++) {
        int64_t now = at + (int64_t)i;
        if (next < now)
            next = duck_next(d, now);
        if (next <= now)
            d->gain = d->gain - step > low ? d->gain - step : low;
        else
            d->gain = d->gain + step < 1 ? d->gain + step : 1;
        mixed = mixed || d->gain < 1 || voice[2 * i] || voice[2 * i + 1];
        for (size_t c = 0; c < 2; c++) {
            float under = d->gain * floor[2 * i + c];
            out[2 * i + c] = mixer_soft((int32_t)under + voice[2 * i + c]);
        }
    }
    if (!mixed)
        memcpy(out, floor, n * 2 * sizeof *out);
    return mixed;
}
