/* SHA_CTX is a plain value that can be copied, which is what a kept HMAC key is; EVP's contexts allocate when
 * copied. OpenSSL 3 calls these functions deprecated, and keeps them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "media/base/ctrmac_mb.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "media/base/mem.h"

struct ctrmac {
    EVP_CIPHER_CTX *ctr;
    SHA_CTX inner, outer; /* RFC 2104 4: the key's block is digested once */
    struct ctrmac_mb_keys mb;
};
/* Fewer digests than this take longer side by side than one after the other. */
enum { TOGETHER_MIN = 8 };

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

static void words(uint32_t out[CTRMAC_MB_WORDS], const SHA_CTX *c) {
    const SHA_LONG all[CTRMAC_MB_WORDS] = {c->h0, c->h1, c->h2, c->h3, c->h4};
    for (unsigned i = 0; i < CTRMAC_MB_WORDS; i++)
        out[i] = all[i];
}

struct ctrmac *ctrmac_open(const uint8_t cipher_key[CTRMAC_CIPHER_BYTES],
                           const uint8_t auth_key[CTRMAC_AUTH_BYTES]) {
    struct ctrmac *m = mem_aligned(_Alignof(struct ctrmac), sizeof *m);
    m->ctr = EVP_CIPHER_CTX_new();
    must(m->ctr != NULL);
    must(EVP_EncryptInit_ex(m->ctr, EVP_aes_128_ctr(), NULL, cipher_key, NULL));
    start(&m->inner, auth_key, 0x36); /* RFC 2104 2: ipad, opad */
    start(&m->outer, auth_key, 0x5c);
    if (ctrmac_mb_ready()) {
        ctrmac_mb_expand(cipher_key, m->mb.cipher);
        words(m->mb.inner, &m->inner);
        words(m->mb.outer, &m->outer);
    }
    return m;
}

void ctrmac_close(struct ctrmac *m) {
    if (!m)
        return;
    EVP_CIPHER_CTX_free(m->ctr);
    explicit_bzero(m, sizeof *m);
    mem_free(m);
}

void ctrmac_crypt(struct ctrmac *m, const uint8_t iv[CTRMAC_IV_BYTES], uint8_t *text, size_t n) {
    int len;
    must(EVP_EncryptInit_ex(m->ctr, NULL, NULL, NULL, iv));
    if (n)
        must(EVP_EncryptUpdate(m->ctr, text, &len, text, (int)n));
}

void ctrmac_tag(const struct ctrmac *m, struct bytes a, struct bytes b, uint8_t tag[HMAC_SHA1_BYTES]) {
    SHA_CTX c = m->inner;
    must(SHA1_Update(&c, a.p, a.n));
    if (b.n)
        must(SHA1_Update(&c, b.p, b.n));
    must(SHA1_Final(tag, &c));
    c = m->outer;
    must(SHA1_Update(&c, tag, HMAC_SHA1_BYTES));
    must(SHA1_Final(tag, &c));
}

/* ---- together ---- */

static void one_by_one(const struct ctrmac_job *j) {
    uint8_t tag[HMAC_SHA1_BYTES];
    ctrmac_crypt(j->with, j->iv, j->pkt + j->head, j->n - j->head);
    ctrmac_tag(j->with, (struct bytes){j->pkt, j->n + CTRMAC_WORD_BYTES}, (struct bytes){0}, tag);
    memcpy(j->pkt + j->n, tag, CTRMAC_TAG_BYTES);
}

void ctrmac_work(struct ctrmac_batch *b) {
    const struct ctrmac_mb_keys *keys[CTRMAC_BATCH];
    unsigned n = b->n;
    b->n = 0;
    b->plain = b->plain || (n && !ctrmac_mb_ready());
    if (b->plain || n < TOGETHER_MIN) {
        for (unsigned i = 0; i < n; i++)
            one_by_one(&b->job[i]);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        keys[i] = &b->job[i].with->mb;
    if (!b->mb)
        b->mb = ctrmac_mb_open();
    ctrmac_mb_work(b->mb, b->job, keys, n);
}

void ctrmac_put(struct ctrmac_batch *b, const struct ctrmac_job *j) {
    if (b->n == CTRMAC_BATCH)
        ctrmac_work(b);
    b->job[b->n++] = *j;
}

void ctrmac_batch_fini(struct ctrmac_batch *b) {
    ctrmac_mb_close(b->mb);
    *b = (struct ctrmac_batch){0};
}
