/* SHA_CTX is a plain value that can be copied, which is what a kept HMAC key is; EVP's contexts allocate when
 * copied. OpenSSL 3 calls these functions deprecated, and keeps them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "media/base/ctrmac.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "media/base/mem.h"

struct ctrmac {
    EVP_CIPHER_CTX *ctr;
    SHA_CTX inner, outer; /* RFC 2104 4: the key's block is digested once */
};

/* These calls fail only for want of memory or of AES itself: neither leaves anything to continue with. */
static void must(int ok) {
    if (ok != 1)
        abort();
}

static void start(SHA_CTX *c, const uint8_t key[CTRMAC_AUTH_BYTES], uint8_t pad) {
    uint8_t block[SHA_CBLOCK];
    memset(block, pad, sizeof block);
    for (int i = 0; i < CTRMAC_AUTH_BYTES; i++)
        block[i] ^= key[i];
    must(SHA1_Init(c));
    must(SHA1_Update(c, block, sizeof block));
    explicit_bzero(block, sizeof block);
}

struct ctrmac *ctrmac_open(const uint8_t cipher_key[CTRMAC_CIPHER_BYTES],
                           const uint8_t auth_key[CTRMAC_AUTH_BYTES]) {
    struct ctrmac *m = mem_zalloc(sizeof *m);
    m->ctr = EVP_CIPHER_CTX_new();
    must(m->ctr != NULL);
    must(EVP_EncryptInit_ex(m->ctr, EVP_aes_128_ctr(), NULL, cipher_key, NULL));
    start(&m->inner, auth_key, 0x36); /* RFC 2104 2: ipad, opad */
    start(&m->outer, auth_key, 0x5c);
    return m;
}

void ctrmac_close(struct ctrmac *m) {
    if (!m)
        return;
    EVP_CIPHER_CTX_free(m->ctr);
    explicit_bzero(m, sizeof *m);
    mem_free(m);
}

void ctrmac_crypt(struct ctrmac *m, const uint8_t iv[16], uint8_t *text, size_t n) {
    int len;
    must(EVP_EncryptInit_ex(m->ctr, NULL, NULL, NULL, iv));
    if (n)
        must(EVP_EncryptUpdate(m->ctr, text, &len, text, (int)n));
}

void ctrmac_tag(const struct ctrmac *m, struct bytes a, struct bytes b, uint8_t tag[HMAC_SHA1_BYTES]) {
    SHA_CTX c = m->inner;
    must(SHA1_Update(&c, a.p, a.n));
    must(SHA1_Update(&c, b.p, b.n));
    must(SHA1_Final(tag, &c));
    c = m->outer;
    must(SHA1_Update(&c, tag, HMAC_SHA1_BYTES));
    must(SHA1_Final(tag, &c));
}
