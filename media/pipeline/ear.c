#include "media/pipeline/ear.h"
#include <string.h>
#include <sys/socket.h>

/* A low pass at 7.2 kHz, Hamming window, of sum 32768: what is above half of 16 kHz would come back as
 * noise. Symmetric: the middle one and those to its right. */
static const int16_t taps[EAR_TAPS / 2 + 1] = {9806, 8341, 4773, 988,  -1323, -1655, -730, 289, 668,
                                               421,  0,    -218, -177, -39,   50,    62,   31};

void ear_open(struct ear *e, int fd) { *e = (struct ear){.fd = fd}; }

static int16_t at(const int16_t *mono, size_t middle) {
    int64_t sum = (int64_t)mono[middle] * taps[0];
    for (size_t i = 1; i <= EAR_TAPS / 2; i++)
        sum += ((int64_t)mono[middle - i] + mono[middle + i]) * taps[i];
    sum /= 32768;
    return (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum);
}

void ear_hear(struct ear *e, const int16_t *pcm, size_t n) {
    int16_t mono[EAR_TAPS - 1 + EAR_SAMPLES_MAX], out[EAR_SAMPLES_MAX / EAR_STEP + 1];
    size_t told = 0;
    if (e->fd < 0 || n > EAR_SAMPLES_MAX)
        return;
    memcpy(mono, e->past, sizeof e->past);
    for (size_t i = 0; i < n; i++)
        mono[EAR_TAPS - 1 + i] = (int16_t)((pcm[2 * i] + pcm[2 * i + 1]) / 2);
    for (size_t i = e->phase; i < n; i += EAR_STEP)
        out[told++] = at(mono, i + EAR_TAPS / 2);
    e->phase = (unsigned)((e->phase + told * EAR_STEP) - n);
    memcpy(e->past, mono + n, sizeof e->past);
    if (told && send(e->fd, out, told * sizeof *out, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        e->lost++;
}
