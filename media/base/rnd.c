#include "media/base/rnd.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void rnd_bytes(void *p, size_t n) {
    uint8_t *at = p;
    while (n) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        at += got;
        n -= (size_t)got;
    }
}

uint32_t rnd_u32(void) {
    uint32_t v;
    rnd_bytes(&v, sizeof v);
    return v;
}

uint64_t rnd_u64(void) {
    uint64_t v;
    rnd_bytes(&v, sizeof v);
    return v;
}

void rnd_id(char *dst, size_t n) {
    /* Crockford's base32, lower case: no i, l, o, u, so an id read aloud or off a slide is not mistaken. */
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    rnd_bytes(dst, n);
    for (size_t i = 0; i < n; i++)
        dst[i] = alphabet[(uint8_t)dst[i] & 31];
    dst[n] = 0;
}
