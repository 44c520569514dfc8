#include "server/http/feed.h"

#include <stdio.h>

#include "media/base/err.h"
#include "media/base/hmac.h"

enum { DIGEST_HEX = 40 };

void feed_name(char dst[FEED_NAME_MAX], int64_t user, int64_t number, struct bytes key) {
    uint8_t mac[HMAC_SHA256_BYTES];
    char text[80], hex[DIGEST_HEX + 1];
    /* The leading words keep these digests apart from others made with the same key. */
    int n = snprintf(text, sizeof text, "somhub feed:%lld:%lld", (long long)user, (long long)number);
    hmac_sha256(mac, key, (struct bytes){(const uint8_t *)text, (size_t)n});
    for (int i = 0; i < DIGEST_HEX / 2; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    snprintf(dst, FEED_NAME_MAX, "u%lld-%lld-%s.ics", (long long)user, (long long)number, hex);
}

int feed_read(struct str name, struct bytes key, int64_t *user, int64_t *number) {
    struct str rest = name, who, which;
    uint64_t u, n;
    char want[FEED_NAME_MAX];
    if (!str_until(&rest, '-', &who) || !str_until(&rest, '-', &which) || who.n < 2 || who.p[0] != 'u' ||
        str_u64((struct str){who.p + 1, who.n - 1}, INT64_MAX, &u) < 0 || str_u64(which, INT64_MAX, &n) < 0)
        return -ERR_MISSING;
    feed_name(want, (int64_t)u, (int64_t)n, key);
    if (name.n != strlen(want) || !hmac_same(name.p, want, name.n))
        return -ERR_MISSING;
    *user = (int64_t)u;
    *number = (int64_t)n;
    return 0;
}
