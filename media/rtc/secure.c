#include "media/rtc/secure.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <srtp2/srtp.h>

#include "media/base/err.h"
#include "media/base/gcm.h"
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

/* What a sender keeps of each SSRC (RFC 3711 3.2.3): how often its sequence numbers have gone round. */
struct sealed_stream {
    uint32_t ssrc, roc;
    uint16_t top;
};
/* Outgoing RTP under AEAD_AES_128_GCM, the packets a viewer costs, is sealed here: libsrtp of Debian 12 calls
 * NSS, whose locks and lookups take three times as long as the cipher. */
struct seal {
    struct gcm *gcm;
    uint8_t salt[GCM_NONCE_BYTES];
    unsigned count, last; /* last: where the previous packet's stream is */
    struct sealed_stream streams[SECURE_OUT_MAX];
};

struct secure {
    srtp_t in, out;
    struct seal seal; /* gcm NULL: not this profile */
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

/* RFC 3711 4.3.1 and RFC 7714 11: the label stands in octet 7 of the 14-octet salt, and what AES makes of
 * that with a counter of 0 in octets 14 and 15 is the first key octets. */
static void derive(const uint8_t *master, uint8_t label, uint8_t out[16]) {
    uint8_t x[16] = {0};
    memcpy(x, master + GCM_KEY_BYTES, GCM_NONCE_BYTES);
    x[7] ^= label;
    gcm_block(master, x, out);
}

static void seal_open(struct seal *s, const uint8_t *master) {
    enum { LABEL_KEY = 0, LABEL_SALT = 2 }; /* RFC 3711 4.3.1 */
    uint8_t key[16], salt[16];
    derive(master, LABEL_KEY, key);
    derive(master, LABEL_SALT, salt);
    memcpy(s->salt, salt, sizeof s->salt);
    s->gcm = gcm_open(key);
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
    if (keys->profile == SECURE_AEAD_AES_128_GCM)
        seal_open(&s->seal, keys->tx);
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
    gcm_close(s->seal.gcm);
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

static struct sealed_stream *stream_of(struct seal *s, uint32_t ssrc, uint16_t seq) {
    if (s->last < s->count && s->streams[s->last].ssrc == ssrc)
        return &s->streams[s->last];
    for (s->last = 0; s->last < s->count; s->last++)
        if (s->streams[s->last].ssrc == ssrc)
            return &s->streams[s->last];
    if (s->count == SECURE_OUT_MAX)
        return NULL;
    s->streams[s->count] = (struct sealed_stream){ssrc, 0, seq};
    return &s->streams[s->count++];
}

/* RFC 3711 3.3.1, as the receiver will guess it: the rollover counter of the nearest packet with this number.
 */
static uint32_t roc_of(struct sealed_stream *st, uint16_t seq) {
    int16_t ahead = (int16_t)(seq - st->top);
    if (ahead <= 0)
        return seq > st->top ? st->roc - 1 : st->roc; /* a repeat from before the last turn */
    st->roc += seq < st->top;
    st->top = seq;
    return st->roc;
}

/* Octets of an RTP header with its CSRCs and extension: what is authenticated but not encrypted. 0: not a
 * packet. */
static size_t head_of(const uint8_t *pkt, size_t n) {
    size_t head = RTP_HEAD + 4u * (pkt[0] & 15u);
    if (pkt[0] & 0x10) {
        if (head + 4 > n)
            return 0;
        head += 4 + 4u * ((unsigned)pkt[head + 2] << 8 | pkt[head + 3]);
    }
    return pkt[0] >> 6 == 2 && head <= n ? head : 0;
}

/* RFC 7714 8.1: the nonce is 00 00, SSRC, ROC, SEQ, exclusive-ored with the salt; 9.1: the tag ends the
 * packet. */
static int seal_packet(struct seal *s, uint8_t *pkt, size_t n) {
    size_t head = head_of(pkt, n);
    uint16_t seq = (uint16_t)(pkt[2] << 8 | pkt[3]);
    struct sealed_stream *st = head ? stream_of(s, u32_at(pkt + RTP_SSRC_AT), seq) : NULL;
    if (!st)
        return head ? -ERR_FULL : -ERR_INVALID;
    uint32_t roc = roc_of(st, seq);
    uint8_t nonce[GCM_NONCE_BYTES] = {0};
    memcpy(nonce + 2, pkt + RTP_SSRC_AT, 4);
    for (unsigned i = 0; i < 4; i++)
        nonce[6 + i] = (uint8_t)(roc >> (24 - 8 * i));
    memcpy(nonce + 10, pkt + 2, 2);
    for (unsigned i = 0; i < GCM_NONCE_BYTES; i++)
        nonce[i] ^= s->salt[i];
    gcm_seal(s->gcm, nonce, (struct bytes){pkt, head}, pkt + head, n - head, pkt + n);
    return (int)(n + GCM_TAG_BYTES);
}

int secure_protect(struct secure *s, uint8_t *pkt, size_t n, size_t cap) {
    if (n < RTP_HEAD)
        return -ERR_SHORT;
    if (n + SECURE_TRAILER_MAX > cap)
        return -ERR_TOO_LARGE;
    if (s->seal.gcm)
        return seal_packet(&s->seal, pkt, n);
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
