#include "server/signaling/alias.h"

#include <stdio.h>

#include "server/signaling/live.h"

/* What signs tickets is used for nothing else. */
void alias_init(struct hub *h) {
    struct str label = STR("somhub alias");
    hmac_sha1(h->alias_key, (struct bytes){h->key, sizeof h->key},
              (struct bytes){(const uint8_t *)label.p, label.n});
}

void alias_of(const struct live *l, uint64_t n, const char *member, char out[ROOM_ID_MAX + 1]) {
    uint8_t mac[HMAC_SHA1_BYTES];
    char about[2 * ROOM_ID_MAX + 32];
    int len = snprintf(about, sizeof about, "%s %llu %s", l->id, (unsigned long long)n, member);
    hmac_sha1(mac, (struct bytes){l->h->alias_key, sizeof l->h->alias_key},
              (struct bytes){(const uint8_t *)about, (size_t)len});
    out[0] = '.';
    for (int i = 0; i < 10; i++)
        snprintf(out + 1 + 2 * i, 3, "%02x", mac[i]);
}
