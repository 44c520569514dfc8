#include "media/net/deframe.h"

#include "media/base/err.h"

/* Moves what is missing of `want` bytes from the input into the part kept. True when they are there. */
static bool fill(struct deframe *d, size_t want, uint8_t **p, size_t *n) {
    size_t k = want - d->have < *n ? want - d->have : *n;
    memcpy(d->part + d->have, *p, k);
    d->have = (uint16_t)(d->have + k);
    *p += k;
    *n -= k;
    return d->have == want;
}

int deframe_feed(struct deframe *d, uint8_t *p, size_t n, deframe_fn fn, void *ctx) {
    while (n) {
        if (!d->have && n >= DEFRAME_HEAD) { /* the usual case: whole frames, handed on where they lie */
            size_t len = deframe_length(p);
            if (len > DEFRAME_MAX)
                return -ERR_TOO_LARGE;
            if (n >= DEFRAME_HEAD + len) {
                if (len && !fn(ctx, p + DEFRAME_HEAD, len))
                    return 0;
                p += DEFRAME_HEAD + len;
                n -= DEFRAME_HEAD + len;
                continue;
            }
        }
        if (d->have < DEFRAME_HEAD && !fill(d, DEFRAME_HEAD, &p, &n))
            return 0;
        size_t len = deframe_length(d->part);
        if (len > DEFRAME_MAX)
            return -ERR_TOO_LARGE;
        if (!fill(d, DEFRAME_HEAD + len, &p, &n))
            return 0;
        d->have = 0;
        if (len && !fn(ctx, d->part + DEFRAME_HEAD, len))
            return 0;
    }
    return 0;
}
