#include "media/base/hmac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

/* NULL only when OpenSSL has no memory or no such digest at all: neither leaves anything to continue with. */
static void hmac(const EVP_MD *md, uint8_t *out, struct bytes key, struct bytes msg) {
    unsigned n = 0;
    if (!HMAC(md, key.p ? key.p : (const uint8_t *)"", (int)key.n, msg.p, msg.n, out, &n))
        abort();
}

void hmac_sha1(uint8_t out[HMAC_SHA1_BYTES], struct bytes key, struct bytes msg) {
    hmac(EVP_sha1(), out, key, msg);
}

void hmac_sha256(uint8_t out[HMAC_SHA256_BYTES], struct bytes key, struct bytes msg) {
    hmac(EVP_sha256(), out, key, msg);
}

void hmac_digest_sha256(uint8_t out[HMAC_SHA256_BYTES], struct bytes msg) {
    if (!EVP_Digest(msg.p, msg.n, out, NULL, EVP_sha256(), NULL))
        abort();
}

void hmac_digest_md5(uint8_t out[HMAC_MD5_BYTES], struct bytes msg) {
    if (!EVP_Digest(msg.p, msg.n, out, NULL, EVP_md5(), NULL))
        abort();
}

bool hmac_same(const void *a, const void *b, size_t n) { return !CRYPTO_memcmp(a, b, n); }
