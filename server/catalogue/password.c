#include "server/catalogue/password.h"

#include <sodium.h>

#include "media/base/err.h"
#include "media/base/rnd.h"

_Static_assert(PASSWORD_HASH_MAX + 1 == crypto_pwhash_STRBYTES, "libsodium's hash text");

bool password_ok(struct str password) {
    size_t chars = 0;
    for (size_t i = 0; i < password.n; i++)
        chars += ((uint8_t)password.p[i] & 0xc0) != 0x80;
    return chars >= PASSWORD_MIN_CHARS && password.n <= PASSWORD_MAX_BYTES && str_utf8_ok(password);
}

int password_hash(char dst[PASSWORD_HASH_MAX + 1], struct str password) {
    if (!password_ok(password))
        return -ERR_INVALID;
    return crypto_pwhash_str_alg(dst, password.p, password.n, PASSWORD_PASSES, PASSWORD_MEM_BYTES,
                                 crypto_pwhash_ALG_ARGON2ID13)
               ? -ERR_BUSY
               : 0;
}

bool password_check(const char *hash, struct str password) {
    if (password.n > PASSWORD_MAX_BYTES)
        return false;
    if (hash)
        return crypto_pwhash_str_verify(hash, password.p, password.n) == 0;
    uint8_t waste[crypto_pwhash_BYTES_MIN], salt[crypto_pwhash_SALTBYTES] = {0};
    (void)!crypto_pwhash(waste, sizeof waste, password.p, password.n, salt, PASSWORD_PASSES,
                         PASSWORD_MEM_BYTES, crypto_pwhash_ALG_ARGON2ID13);
    return false;
}

void password_make(char dst[PASSWORD_MADE_CHARS + 1]) { rnd_id(dst, PASSWORD_MADE_CHARS); }
