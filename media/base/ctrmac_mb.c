#include "media/base/ctrmac_mb.h"

#include <stdlib.h>

#include "media/base/gcm_mb.h"

/* Debian has the library for x86-64 only. */
#if __has_include(<intel-ipsec-mb.h>)
#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static IMB_MGR *table; /* of functions, for those that keep no state */

void *ctrmac_mb_open(void) {
    IMB_MGR *m = alloc_mb_mgr(0);
    IMB_ARCH arch = IMB_ARCH_NONE;
    if (!m)
        abort(); /* memory */
    init_mb_mgr_auto(m, &arch);
    return m;
}

void ctrmac_mb_close(void *mb) {
    if (mb)
        free_mb_mgr(mb);
}

static void init_once(void) { table = gcm_mb_ready() ? ctrmac_mb_open() : NULL; }

bool ctrmac_mb_ready(void) {
    pthread_once(&once, init_once);
    return table != NULL;
}

void ctrmac_mb_expand(const uint8_t key[CTRMAC_CIPHER_BYTES], uint8_t schedule[CTRMAC_MB_SCHEDULE]) {
    _Alignas(16) uint8_t backward[CTRMAC_MB_SCHEDULE];
    IMB_AES_KEYEXP_128(table, key, schedule, backward);
    explicit_bzero(backward, sizeof backward);
}

static void must(uint32_t done, unsigned n) {
    if (done != n)
        abort(); /* it refuses bad arguments only, and a packet that is not sealed must not leave */
}

static void encrypt(IMB_MGR *m, const struct ctrmac_job *job, const struct ctrmac_mb_keys *const *keys,
                    unsigned n) {
    IMB_JOB v[CTRMAC_BATCH];
    unsigned k = 0;
    for (unsigned i = 0; i < n; i++) {
        if (job[i].n == job[i].head)
            continue; /* nothing to hide */
        v[k++] = (IMB_JOB){.src = job[i].pkt + job[i].head,
                           .dst = job[i].pkt + job[i].head,
                           .msg_len_to_cipher_in_bytes = job[i].n - job[i].head,
                           .iv = job[i].iv,
                           .iv_len_in_bytes = CTRMAC_IV_BYTES,
                           .enc_keys = keys[i]->cipher,
                           .dec_keys = keys[i]->cipher,
                           .key_len_in_bytes = CTRMAC_CIPHER_BYTES,
                           .cipher_mode = IMB_CIPHER_CNTR,
                           .cipher_direction = IMB_DIR_ENCRYPT,
                           .hash_alg = IMB_AUTH_NULL};
    }
    if (k)
        must(IMB_SUBMIT_CIPHER_BURST(m, v, k, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT, IMB_KEY_128_BYTES), k);
}

void ctrmac_mb_work(void *mb, const struct ctrmac_job *job, const struct ctrmac_mb_keys *const *keys,
                    unsigned n) {
    IMB_MGR *m = mb;
    IMB_JOB v[CTRMAC_BATCH];
    uint8_t tag[CTRMAC_BATCH][HMAC_SHA1_BYTES];
    encrypt(m, job, keys, n);
    for (unsigned i = 0; i < n; i++) {
        v[i] = (IMB_JOB){.src = job[i].pkt,
                         .msg_len_to_hash_in_bytes = job[i].n + CTRMAC_WORD_BYTES,
                         .cipher_mode = IMB_CIPHER_NULL,
                         .hash_alg = IMB_AUTH_HMAC_SHA_1,
                         .auth_tag_output = tag[i],
                         .auth_tag_output_len_in_bytes = HMAC_SHA1_BYTES};
        v[i].u.HMAC._hashed_auth_key_xor_ipad = (const uint8_t *)keys[i]->inner;
        v[i].u.HMAC._hashed_auth_key_xor_opad = (const uint8_t *)keys[i]->outer;
    }
    must(IMB_SUBMIT_HASH_BURST(m, v, n, IMB_AUTH_HMAC_SHA_1), n);
    for (unsigned i = 0; i < n; i++)
        memcpy(job[i].pkt + job[i].n, tag[i], CTRMAC_TAG_BYTES);
}

#else

bool ctrmac_mb_ready(void) { return false; }

void ctrmac_mb_expand(const uint8_t key[CTRMAC_CIPHER_BYTES], uint8_t schedule[CTRMAC_MB_SCHEDULE]) {
    (void)key, (void)schedule;
    abort();
}

void *ctrmac_mb_open(void) { abort(); }

void ctrmac_mb_close(void *mb) { (void)mb; }

void ctrmac_mb_work(void *mb, const struct ctrmac_job *job, const struct ctrmac_mb_keys *const *keys,
                    unsigned n) {
    (void)mb, (void)job, (void)keys, (void)n;
    abort();
}

#endif
