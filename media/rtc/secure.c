#include "media/rtc/secure.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <srtp2/srtp.h>

#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/rtc/seal.h"
#include "media/rtc/sealcm.h"

/* A retransmission may come a second late; at 1,000 packets a second that is this far behind the newest. */
enum { REPLAY_WINDOW = 1024 };
enum {
    RTP_HEAD = 12,
    RTP_SSRC_AT = 8,
    RTCP_HEAD = 8,
    RTCP_INDEX = 4, /* RFC 3711 3.4: E bit and SRTCP index */
    TAG = 10,
};

struct secure {
    struct seal *seal; /* AEAD_AES_128_GCM, both ways; NULL: the other profile */
    struct sealcm *cm;
    srtp_t in; /* NULL until media comes: most peers only view */
    uint8_t rx[SECURE_KEY_MAX];
    unsigned in_count; /* SSRCs that have a stream in libsrtp: they authenticated first */
    uint32_t in_ssrc[SECURE_SSRCS_MAX];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int init_result;

static void init_once(void) {
    srtp_err_status_t r = srtp_init();
    /* A second srtp_init of the process answers init_fail (2) though the library works on. */
    init_result = r == srtp_err_status_ok || r == srtp_err_status_init_fail ? 0 : -ERR_IO;
}

int secure_global_init(void) {
    pthread_once(&once, init_once);
    return init_result;
}

static int err_of(srtp_err_status_t r) {
    switch (r) {
    case srtp_err_status_ok:
        return 0;
    case srtp_err_status_auth_fail:
        return -ERR_FORGED;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
        return -ERR_CONFLICT;
    case srtp_err_status_key_expired:
        return -ERR_EXPIRED;
    default:
        return -ERR_INVALID;
    }
}

static int create(srtp_t *in, const uint8_t *key) {
    srtp_policy_t policy = {.ssrc = {.type = ssrc_any_inbound}, .window_size = REPLAY_WINDOW};
    /* libsrtp's field is not const, but it only reads the key. */
    policy.key = (uint8_t *)(uintptr_t)key;
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    return srtp_create(in, &policy) == srtp_err_status_ok ? 0 : -ERR_IO;
}

int secure_open(struct secure **out, const struct secure_keys *keys) {
    if (keys->profile != SECURE_AEAD_AES_128_GCM && keys->profile != SECURE_AES128_CM_SHA1_80)
        return -ERR_UNSUPPORTED;
    struct secure *s = mem_zalloc(sizeof *s);
    if (keys->profile == SECURE_AEAD_AES_128_GCM) {
        s->seal = seal_open(keys->tx, keys->rx);
    } else {
        s->cm = sealcm_open(keys->tx, keys->rx);
        memcpy(s->rx, keys->rx, sizeof s->rx);
    }
    *out = s;
    return 0;
}

void secure_close(struct secure *s) {
    if (!s)
        return;
    if (s->in)
        srtp_dealloc(s->in);
    sealcm_close(s->cm);
    seal_close(s->seal);
    explicit_bzero(s, sizeof *s);
    mem_free(s);
}

static uint32_t u32_at(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_known(const uint32_t *v, unsigned n, uint32_t ssrc) {
    for (unsigned i = 0; i < n; i++)
        if (v[i] == ssrc)
            return true;
    return false;
}

int secure_unprotect(struct secure *s, uint8_t *pkt, size_t n) {
    if (s->seal)
        return seal_unprotect(s->seal, pkt, n);
    if (n < RTP_HEAD + TAG)
        return -ERR_SHORT;
    uint32_t ssrc = u32_at(pkt + RTP_SSRC_AT);
    bool known = is_known(s->in_ssrc, s->in_count, ssrc);
    if (!known && s->in_count == SECURE_SSRCS_MAX)
        return -ERR_FULL;
    if (!s->in && create(&s->in, s->rx))
        return -ERR_IO;
    int len = (int)n, r = err_of(srtp_unprotect(s->in, pkt, &len));
    if (r)
        return r;
    if (!known)
        s->in_ssrc[s->in_count++] = ssrc;
    return len;
}

int secure_unprotect_rtcp(struct secure *s, uint8_t *pkt, size_t n) {
    if (s->seal)
        return seal_unprotect_rtcp(s->seal, pkt, n);
    return sealcm_unprotect_rtcp(s->cm, pkt, n);
}

int secure_protect(struct secure *s, uint8_t *pkt, size_t n, size_t cap) {
    if (n < RTP_HEAD)
        return -ERR_SHORT;
    if (n + SECURE_TRAILER_MAX > cap)
        return -ERR_TOO_LARGE;
    if (s->seal)
        return seal_protect(s->seal, pkt, n);
    return sealcm_protect(s->cm, pkt, n);
}

int secure_protect_later(struct secure *s, struct ctrmac_batch *later, uint8_t *pkt, size_t n, size_t cap) {
    if (s->seal || n < RTP_HEAD || n + SECURE_TRAILER_MAX > cap)
        return secure_protect(s, pkt, n, cap);
    return sealcm_protect_later(s->cm, later, pkt, n);
}

int secure_protect_rtcp(struct secure *s, uint8_t *pkt, size_t n, size_t cap) {
    if (n < RTCP_HEAD)
        return -ERR_SHORT;
    if (n + SECURE_TRAILER_MAX > cap)
        return -ERR_TOO_LARGE;
    if (s->seal)
        return seal_protect_rtcp(s->seal, pkt, n);
    return sealcm_protect_rtcp(s->cm, pkt, n);
}

void secure_warm(const struct secure *s, enum secure_use use) {
    if (use == SECURE_FIRST)
        __builtin_prefetch(s);
    else if (s->seal && use == SECURE_REPORT)
        seal_warm_rtcp(s->seal);
    else if (s->seal)
        seal_warm(s->seal, use == SECURE_SOUND);
}

void secure_drop(struct secure *s, uint32_t ssrc) {
    if (s->seal)
        seal_drop(s->seal, ssrc);
    else
        sealcm_drop(s->cm, ssrc);
    for (unsigned i = 0; i < s->in_count; i++)
        if (s->in_ssrc[i] == ssrc) {
            s->in_ssrc[i] = s->in_ssrc[--s->in_count];
            srtp_remove_stream(s->in, htonl(ssrc));
            return;
        }
}

int64_t secure_rtcp_index(const struct secure *s, struct bytes pkt) {
    size_t tail = s->seal ? RTCP_INDEX : RTCP_INDEX + TAG; /* the GCM tag is within the encrypted part */
    if (pkt.n < RTCP_HEAD + tail)
        return -1;
    const uint8_t *at = pkt.p + pkt.n - tail;
    return (int64_t)(at[0] & 0x7f) << 24 | at[1] << 16 | at[2] << 8 | at[3];
}
