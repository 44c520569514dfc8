#include "server/http/guest.h"

#include <sodium.h>
#include <stdio.h>

#include "media/base/err.h"
#include "media/base/rnd.h"

enum { MAC_BYTES = crypto_auth_hmacsha256_BYTES, MAC_LEN = 43 };
#define B64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

void guest_make(char member[GUEST_MEMBER_MAX + 1]) {
    member[0] = 'g';
    rnd_id(member + 1, GUEST_RANDOM_CHARS);
}

/* The leading word keeps these MACs apart from those of tickets, made with the same key. */
static void mac_of(uint8_t mac[MAC_BYTES], struct str text, const char *event, struct bytes key) {
    static const char domain[] = "somhub guest:";
    crypto_auth_hmacsha256_state st;
    crypto_auth_hmacsha256_init(&st, key.p, key.n);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)domain, sizeof domain - 1);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)event, strlen(event) + 1);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)text.p, text.n);
    crypto_auth_hmacsha256_final(&st, mac);
}

void guest_sign(char dst[GUEST_COOKIE_MAX + 1], const char *member, const char *event, int64_t exp_s,
                struct bytes key) {
    uint8_t mac[MAC_BYTES];
    char mac_text[MAC_LEN + 1];
    int n = snprintf(dst, GUEST_COOKIE_MAX + 1, "%s.%lld", member, (long long)exp_s);
    mac_of(mac, (struct str){dst, (size_t)n}, event, key);
    sodium_bin2base64(mac_text, sizeof mac_text, mac, sizeof mac, B64);
    snprintf(dst + n, (size_t)(GUEST_COOKIE_MAX + 1 - n), ".%s", mac_text);
}

int guest_verify(char member[GUEST_MEMBER_MAX + 1], struct str value, const char *event, struct bytes key,
                 int64_t now_ms) {
    struct str rest = value, who, exp;
    uint64_t exp_s = 0;
    uint8_t given[MAC_BYTES], mac[MAC_BYTES];
    size_t n = 0;
    if (value.n > GUEST_COOKIE_MAX || !str_until(&rest, '.', &who) || !str_until(&rest, '.', &exp) ||
        rest.n != MAC_LEN || str_u64(exp, INT64_MAX / 1000, &exp_s) < 0)
        return -ERR_AUTH;
    if (sodium_base642bin(given, sizeof given, rest.p, rest.n, NULL, &n, NULL, B64) || n != sizeof given)
        return -ERR_AUTH;
    mac_of(mac, (struct str){value.p, value.n - MAC_LEN - 1}, event, key);
    if (sodium_memcmp(mac, given, sizeof mac) || (int64_t)exp_s * 1000 <= now_ms || !who.n ||
        !str_copy(member, GUEST_MEMBER_MAX + 1, who))
        return -ERR_AUTH;
    return 0;
}
