#include "media/base/gcm_mb.h"

#include <stdlib.h>

#include "media/base/hmac.h"

/* Debian has the library for x86-64 only. */
#if __has_include(<intel-ipsec-mb.h>)
#include <intel-ipsec-mb.h>
#include <pthread.h>

_Static_assert(sizeof(struct gcm_key_data) <= GCM_SCHEDULE_BYTES, "the schedule has room");

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Only its table of functions is used: those for one packet at a time keep no state in the manager. */
static IMB_MGR *mgr;

static void init_once(void) {
    IMB_MGR *m = alloc_mb_mgr(0);
    IMB_ARCH arch = IMB_ARCH_NONE;
    if (!m)
        return;
    init_mb_mgr_auto(m, &arch);
    /* Without AES-NI the library emulates it: slower than OpenSSL. */
    if (imb_get_errno(m) || arch < IMB_ARCH_SSE || !(m->features & IMB_FEATURE_AESNI) ||
        !(m->features & IMB_FEATURE_PCLMULQDQ)) {
        free_mb_mgr(m);
        return;
    }
    mgr = m;
}

bool gcm_mb_ready(void) {
    pthread_once(&once, init_once);
    return mgr != NULL;
}

void gcm_mb_expand(const uint8_t key[GCM_KEY_BYTES], uint8_t schedule[GCM_SCHEDULE_BYTES]) {
    IMB_AES128_GCM_PRE(mgr, key, (struct gcm_key_data *)(void *)schedule);
}

void gcm_mb_seal(const uint8_t schedule[GCM_SCHEDULE_BYTES], const uint8_t nonce[GCM_NONCE_BYTES],
                 struct bytes aad, uint8_t *text, size_t n, uint8_t tag[GCM_TAG_BYTES]) {
    struct gcm_context_data c;
    IMB_AES128_GCM_ENC(mgr, (const struct gcm_key_data *)(const void *)schedule, &c, text, text, n, nonce,
                       aad.p, aad.n, tag, GCM_TAG_BYTES);
}

bool gcm_mb_unseal(const uint8_t schedule[GCM_SCHEDULE_BYTES], const uint8_t nonce[GCM_NONCE_BYTES],
                   struct bytes aad, uint8_t *text, size_t n, const uint8_t tag[GCM_TAG_BYTES]) {
    struct gcm_context_data c;
    uint8_t right[GCM_TAG_BYTES];
    IMB_AES128_GCM_DEC(mgr, (const struct gcm_key_data *)(const void *)schedule, &c, text, text, n, nonce,
                       aad.p, aad.n, right, GCM_TAG_BYTES);
    return hmac_same(right, tag, GCM_TAG_BYTES);
}

#else

bool gcm_mb_ready(void) { return false; }

void gcm_mb_expand(const uint8_t key[GCM_KEY_BYTES], uint8_t schedule[GCM_SCHEDULE_BYTES]) {
    (void)key, (void)schedule;
    abort();
}

void gcm_mb_seal(const uint8_t schedule[GCM_SCHEDULE_BYTES], const uint8_t nonce[GCM_NONCE_BYTES],
                 struct bytes aad, uint8_t *text, size_t n, uint8_t tag[GCM_TAG_BYTES]) {
    (void)schedule, (void)nonce, (void)aad, (void)text, (void)n, (void)tag;
    abort();
}

bool gcm_mb_unseal(const uint8_t schedule[GCM_SCHEDULE_BYTES], const uint8_t nonce[GCM_NONCE_BYTES],
                   struct bytes aad, uint8_t *text, size_t n, const uint8_t tag[GCM_TAG_BYTES]) {
    (void)schedule, (void)nonce, (void)aad, (void)text, (void)n, (void)tag;
    abort();
}

#endif
