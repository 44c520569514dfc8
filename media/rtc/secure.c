#include "media/rtc/secure.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <srtp2/srtp.h>

#include "media/base/err.h"
#include "media/base/mem.h"

/* A retransmission may come a second late; at 1,000 packets a second that is this far behind the newest. */
enum { REPLAY_WINDOW = 1024 };
enum {
    RTP_HEAD = 12,
    RTP_SSRC_AT = 8,
    RTCP_HEAD = 8,
    RTCP_SSRC_AT = 4,
    RTCP_INDEX = 4, /* RFC 3711 3.4: E bit and SRTCP index */
    TAG_CM = 10,
    TAG_GCM = 16
};

struct secure {
    srtp_t in, out;
    size_t tag;
    unsigned ssrc_count;
    uint32_t ssrcs[SECURE_SSRCS_MAX]; /* inbound SSRCs that authenticated: each has a stream in libsrtp */
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
    case srtp_err_status_cipher_fail: /* what the GCM of NSS says of a wrong tag */
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

static int create(srtp_t *out, enum secure_profile profile, srtp_ssrc_type_t direction, const uint8_t *key) {
    srtp_policy_t policy = {.ssrc = {.type = direction}, .window_size = REPLAY_WINDOW, .allow_repeat_tx = 1};
    /* libsrtp's field is not const, but it only reads the key. */
    policy.key = (uint8_t *)(uintptr_t)key;
    if (profile == SECURE_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    return srtp_create(out, &policy) == srtp_err_status_ok ? 0 : -ERR_IO;
}

int secure_open(struct secure **out, const struct secure_keys *keys) {
    if (keys->profile != SECURE_AEAD_AES_128_GCM && keys->profile != SECURE_AES128_CM_SHA1_80)
        return -ERR_UNSUPPORTED;
    struct secure *s = mem_zalloc(sizeof *s);
    s->tag = keys->profile == SECURE_AEAD_AES_128_GCM ? TAG_GCM : TAG_CM;
    if (create(&s->in, keys->profile, ssrc_any_inbound, keys->rx) ||
        create(&s->out, keys->profile, ssrc_any_outbound, keys->tx)) {
        secure_close(s);
        return -ERR_IO;
    }
    *out = s;
    return 0;
}

void secure_close(struct secure *s) {
    if (!s)
        return;
    if (s->in)
        srtp_dealloc(s->in);
    if (s->out)
        srtp_dealloc(s->out);
    mem_free(s);
}

static uint32_t u32_at(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_known(const struct secure *s, uint32_t ssrc) {
    for (unsigned i = 0; i < s->ssrc_count; i++)
        if (s->ssrcs[i] == ssrc)
            return true;
    return false;
}

typedef srtp_err_status_t unprotect_fn(srtp_t, void *, int *);

static int open_packet(struct secure *s, uint8_t *pkt, size_t n, uint32_t ssrc, unprotect_fn *fn) {
    bool known = is_known(s, ssrc);
    if (!known && s->ssrc_count == SECURE_SSRCS_MAX)
        return -ERR_FULL;
    int len = (int)n;
    int r = err_of(fn(s->in, pkt, &len));
    if (r)
        return r;
    if (!known)
        s->ssrcs[s->ssrc_count++] = ssrc;
    return len;
}

int secure_unprotect(struct secure *s, uint8_t *pkt, size_t n) {
    if (n < RTP_HEAD + s->tag)
        return -ERR_SHORT;
    return open_packet(s, pkt, n, u32_at(pkt + RTP_SSRC_AT), srtp_unprotect);
}

int secure_unprotect_rtcp(struct secure *s, uint8_t *pkt, size_t n) {
    if (n < RTCP_HEAD + RTCP_INDEX + s->tag)
        return -ERR_SHORT;
    return open_packet(s, pkt, n, u32_at(pkt + RTCP_SSRC_AT), srtp_unprotect_rtcp);
}

int secure_protect(struct secure *s, uint8_t *pkt, size_t n, size_t cap) {
    if (n < RTP_HEAD)
        return -ERR_SHORT;
    if (n + SECURE_TRAILER_MAX > cap)
        return -ERR_TOO_LARGE;
    int len = (int)n;
    int r = err_of(srtp_protect(s->out, pkt, &len));
    return r ? r : len;
}

int secure_protect_rtcp(struct secure *s, uint8_t *pkt, size_t n, size_t cap) {
    if (n < RTCP_HEAD)
        return -ERR_SHORT;
    if (n + SECURE_TRAILER_MAX > cap)
        return -ERR_TOO_LARGE;
    int len = (int)n;
    int r = err_of(srtp_protect_rtcp(s->out, pkt, &len));
    return r ? r : len;
}

void secure_drop(struct secure *s, uint32_t ssrc) {
    for (unsigned i = 0; i < s->ssrc_count; i++)
        if (s->ssrcs[i] == ssrc) {
            s->ssrcs[i] = s->ssrcs[--s->ssrc_count];
            srtp_remove_stream(s->in, htonl(ssrc));
            return;
        }
}
