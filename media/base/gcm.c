#include "media/base/gcm.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "media/base/gcm_mb.h"

static enum gcm_by choice = GCM_BEST;

/* These calls fail only for want of memory or of AES itself: neither leaves anything to continue with. */
static void must(int ok) {
    if (ok != 1)
        abort();
}

void gcm_use(enum gcm_by by) { choice = by; }

void gcm_init(struct gcm *g, const uint8_t key[GCM_KEY_BYTES]) {
    g->evp = NULL;
    if (choice == GCM_BEST && gcm_mb_ready()) {
        gcm_mb_expand(key, g->key);
        return;
    }
    g->evp = EVP_CIPHER_CTX_new();
    must(g->evp != NULL);
    must(EVP_EncryptInit_ex(g->evp, EVP_aes_128_gcm(), NULL, key, NULL));
}

void gcm_fini(struct gcm *g) {
    EVP_CIPHER_CTX_free(g->evp);
    explicit_bzero(g, sizeof *g);
}

void gcm_seal(struct gcm *g, const uint8_t nonce[GCM_NONCE_BYTES], struct bytes aad, uint8_t *text, size_t n,
              uint8_t tag[GCM_TAG_BYTES]) {
    if (!g->evp) {
        gcm_mb_seal(g->key, nonce, aad, text, n, tag);
        return;
    }
    EVP_CIPHER_CTX *c = g->evp;
    int len;
    must(EVP_EncryptInit_ex(c, NULL, NULL, NULL, nonce));
    must(EVP_EncryptUpdate(c, NULL, &len, aad.p, (int)aad.n));
    if (n)
        must(EVP_EncryptUpdate(c, text, &len, text, (int)n));
    must(EVP_EncryptFinal_ex(c, text + n, &len));
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_BYTES, tag));
}

bool gcm_unseal(struct gcm *g, const uint8_t nonce[GCM_NONCE_BYTES], struct bytes aad, uint8_t *text,
                size_t n, const uint8_t tag[GCM_TAG_BYTES]) {
    if (!g->evp)
        return gcm_mb_unseal(g->key, nonce, aad, text, n, tag);
    EVP_CIPHER_CTX *c = g->evp;
    int len;
    must(EVP_DecryptInit_ex(c, NULL, NULL, NULL, nonce));
    must(EVP_DecryptUpdate(c, NULL, &len, aad.p, (int)aad.n));
    if (n)
        must(EVP_DecryptUpdate(c, text, &len, text, (int)n));
    /* OpenSSL's parameter is not const, but it only reads the tag. */
    must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_BYTES, (void *)(uintptr_t)tag));
    return EVP_DecryptFinal_ex(c, text + n, &len) == 1;
}

void gcm_block(const uint8_t key[GCM_KEY_BYTES], const uint8_t in[16], uint8_t out[16]) {
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int len;
    must(c != NULL);
    must(EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, key, NULL));
    must(EVP_CIPHER_CTX_set_padding(c, 0));
    must(EVP_EncryptUpdate(c, out, &len, in, 16));
    EVP_CIPHER_CTX_free(c);
}
