/* Framed bytes cut in any places: the datagrams that come out are those of the whole read at once, and
 * nothing is taken past a length that is too long. The first byte chooses the cuts. */
#include <stdlib.h>

#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/net/deframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    size_t frames, bytes;
    uint64_t digest;
};

static bool hear(void *ctx, uint8_t *p, size_t n) {
    struct heard *h = ctx;
    if (!n || n > DEFRAME_MAX)
        abort();
    h->frames++;
    h->bytes += n;
    for (size_t i = 0; i < n; i++)
        h->digest = (h->digest ^ p[i]) * 1099511628211u;
    h->digest = (h->digest ^ n) * 1099511628211u;
    memset(p, 0xee, n); /* whoever takes it may write */
    return true;
}

/* The plainest reading there is. */
static int expected(const uint8_t *p, size_t n, struct heard *h) {
    while (n >= DEFRAME_HEAD) {
        size_t len = deframe_length(p);
        uint8_t copy[DEFRAME_MAX];
        if (len > DEFRAME_MAX)
            return -ERR_TOO_LARGE;
        if (n < DEFRAME_HEAD + len)
            break;
        memcpy(copy, p + DEFRAME_HEAD, len);
        if (len)
            hear(h, copy, len);
        p += DEFRAME_HEAD + len;
        n -= DEFRAME_HEAD + len;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct deframe d = {0};
    struct heard want = {0}, got = {0};
    if (!size)
        return 0;
    size_t step = data[0] + 1u, n = size - 1;
    int err = expected(data + 1, n, &want), now = 0;
    for (size_t at = 0; at < n && !now; at += step, step = step * 7 % 251 + 1) {
        size_t k = n - at < step ? n - at : step;
        uint8_t *copy = mem_zalloc(k); /* of its exact size, for the sanitizer */
        memcpy(copy, data + 1 + at, k);
        now = deframe_feed(&d, copy, k, hear, &got);
        mem_free(copy);
    }
    if (now != err || got.frames != want.frames || got.bytes != want.bytes || got.digest != want.digest)
        abort();
    return 0;
}
