#include "media/pipeline/mixer.h"
#include <math.h>
#include <string.h>
#include "media/base/mem.h"

enum {
    GAP = MIXER_HZ / 100,    /* further ahead than 10 ms: something is missing, leave it silent */
    OVERLAP = MIXER_HZ / 25, /* further behind than 40 ms: cut the front off */
    DEAD = MIXER_HZ / 1000,  /* within 1 ms: leave alone */
    STRETCH_DIV = 48         /* at most 2 % faster or slower */
};

void mixer_open(struct mixer *m, int64_t head) {
    *m = (struct mixer){.ring = mem_zalloc(MIXER_RING * 2 * sizeof(int32_t)), .head = head};
}
void mixer_close(struct mixer *m) {
    mem_free(m->ring);
    m->ring = NULL;
}
static int32_t *slot(struct mixer *m, int64_t at) { return m->ring + ((uint64_t)at % MIXER_RING) * 2; }

static void add(struct mixer *m, int64_t at, const int16_t *pcm, size_t n) {
    for (size_t i = 0; i < n; i++, at++) {
        if (at < m->head || at >= m->head + MIXER_RING) {
            m->late_samples++;
            continue;
        }
        int32_t *s = slot(m, at);
        s[0] += pcm[2 * i];
        s[1] += pcm[2 * i + 1];
    }
}
/* n samples to n + k by linear interpolation. */
static size_t stretch(int16_t *dst, const int16_t *src, size_t n, int64_t k) {
    size_t out = (size_t)((int64_t)n + k);
    for (size_t i = 0; i < out; i++) {
        uint64_t pos = ((uint64_t)i * (n - 1) << 16) / (out - 1);
        size_t j = (size_t)(pos >> 16);
        int64_t f = (int64_t)(pos & 0xffff);
        size_t next = j + 1 < n ? j + 1 : j;
        for (size_t c = 0; c < 2; c++)
            dst[2 * i + c] = (int16_t)((src[2 * j + c] * (65536 - f) + src[2 * next + c] * f) >> 16);
    }
    return out;
}
void mixer_put(struct mixer *m, struct mixer_in *in, int64_t at, const int16_t *pcm, size_t n) {
    if (n < 2 || n > MIXER_FRAME_MAX)
        return;
    int64_t err = in->laid ? at - in->next : 0;
    if (!in->laid || err > GAP) {
        in->gaps += in->laid;
        in->laid = true;
        in->next = at;
        err = 0;
    } else if (err < -OVERLAP) {
        size_t cut = (uint64_t)-err < n ? (size_t)-err : n;
        pcm += 2 * cut;
        n -= cut;
        if (n < 2)
            return;
        err = 0;
    }
    int64_t most = (int64_t)n / STRETCH_DIV;
    int64_t k = err > most ? most : err < -most ? -most : err;
    if (err > -DEAD && err < DEAD)
        k = 0;
    if (!k) {
        add(m, in->next, pcm, n);
    } else {
        int16_t tmp[(MIXER_FRAME_MAX + MIXER_FRAME_MAX / STRETCH_DIV + 1) * 2];
        n = stretch(tmp, pcm, n, k);
        add(m, in->next, tmp, n);
    }
    in->next += (int64_t)n;
}
/* Linear to 0.9 of full scale, then bends towards it. */
int16_t mixer_soft(int32_t v) {
    const float knee = 29490.F, room = 32767.F - 29490.F;
    if (v <= 29490 && v >= -29490)
        return (int16_t)v;
    float a = (float)(v < 0 ? -v : v);
    float bent = knee + room * tanhf((a - knee) / (2 * room));
    return (int16_t)(v < 0 ? -bent : bent);
}
void mixer_take(struct mixer *m, int16_t *out, size_t n) {
    for (size_t i = 0; i < n; i++, m->head++) {
        int32_t *s = slot(m, m->head);
        out[2 * i] = mixer_soft(s[0]);
        out[2 * i + 1] = mixer_soft(s[1]);
        s[0] = s[1] = 0;
    }
}
void mixer_skip(struct mixer *m, int64_t head) {
    for (int64_t i = 0; m->head < head && i < MIXER_RING; i++, m->head++) {
        int32_t *s = slot(m, m->head);
        s[0] = s[1] = 0;
    }
    m->head = head > m->head ? head : m->head;
}
