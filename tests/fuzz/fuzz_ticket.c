/* Any text as a ticket: refused, or exactly what minting it again gives. The first byte chooses whether the
 * claims are signed first, so that the parser behind the MAC is reached too. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "media/base/err.h"
#include "server/http/guest.h"
#include "server/http/ticket.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key_bytes[TICKET_KEY_BYTES] = {7};
static const struct bytes key = {key_bytes, sizeof key_bytes};

static size_t sign_claims(char *dst, struct str claims) {
    static const char head[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
    int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char text[64];
    size_t n = sizeof head - 1;
    memcpy(dst, head, n);
    sodium_bin2base64(dst + n, 2 * TICKET_MAX, (const uint8_t *)claims.p, claims.n, variant);
    n = strlen(dst);
    crypto_auth_hmacsha256_state st;
    crypto_auth_hmacsha256_init(&st, key.p, key.n);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)dst, n);
    crypto_auth_hmacsha256_final(&st, mac);
    sodium_bin2base64(text, sizeof text, mac, sizeof mac, variant);
    return n + (size_t)sprintf(dst + n, ".%s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char made[4 * TICKET_MAX], again[TICKET_MAX + 1], member[GUEST_MEMBER_MAX + 1];
    struct ticket t, back;
    if (!size || size > TICKET_MAX)
        return 0;
    struct str text = {(const char *)data + 1, size - 1};
    (void)guest_verify(member, text, "room", key, 1);
    if (data[0] & 1)
        text = (struct str){made, sign_claims(made, text)};
    if (ticket_verify(&t, text, key, 1) != 0)
        return 0;
    if (!(data[0] & 1))
        abort(); /* forged without the key */
    if (ticket_mint(again, &t, key) || ticket_verify(&back, str_of(again), key, 1) || back.user != t.user ||
        strcmp(back.sub, t.sub) != 0 || strcmp(back.name, t.name) != 0 || strcmp(back.role, t.role) != 0)
        abort();
    return 0;
}
