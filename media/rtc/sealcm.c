#include "media/rtc/sealcm.h"

#include <endian.h>

#include "media/base/err.h"
#include "media/base/gcm.h"
#include "media/base/mem.h"
#include "media/rtc/rtcpwin.h"

enum {
    BLOCK = 16,
    SALT_BYTES = 14, /* RFC 3711 8.2: "n_s = 112" bits */
    TAG_BYTES = CTRMAC_TAG_BYTES,
    RTP_SSRC_AT = 8,
    RTCP_HEAD = 8,
    RTCP_SSRC_AT = 4,
    WORD = CTRMAC_WORD_BYTES,
};
#define RTCP_ENCRYPTED UINT32_C(0x80000000)
#define RTCP_INDEX_MAX UINT32_C(0x7fffffff) /* RFC 3711 3.2.1: "the SRTCP index is a 31-bit counter" */

struct way {
    struct ctrmac *work;
    uint8_t salt[SALT_BYTES];
};
struct in_stream {
    struct rtcpwin rtcp;
    uint32_t ssrc;
};
struct sealcm {
    struct way rtp, rtcp, in; /* in: SRTCP */
    struct outidx out;
    struct in_stream *seen;
    unsigned seen_n, seen_cap;
    uint32_t rtcp_sent; /* one counter for all SSRCs: the counter block has the SSRC in it besides */
};

/* RFC 3711 4.3.1 and 4.3.3: the label stands in octet 7 of the master salt; AES in counter mode from there on
 * is the key. */
static void derive(const uint8_t *master, uint8_t label, uint8_t *out, size_t n) {
    uint8_t x[BLOCK] = {0}, key[BLOCK];
    memcpy(x, master + BLOCK, SALT_BYTES);
    x[7] ^= label;
    for (size_t at = 0; at < n; at += BLOCK, x[BLOCK - 1]++) {
        gcm_block(master, x, key);
        memcpy(out + at, key, n - at < BLOCK ? n - at : BLOCK);
    }
    explicit_bzero(key, sizeof key);
}

/* first: the label of the cipher's key, then follow the authentication's and the salt (RFC 3711 4.3.1, .2).
 */
static void way_open(struct way *w, const uint8_t *master, uint8_t first) {
    uint8_t cipher[CTRMAC_CIPHER_BYTES], auth[CTRMAC_AUTH_BYTES];
    derive(master, first, cipher, sizeof cipher);
    derive(master, (uint8_t)(first + 1), auth, sizeof auth);
    derive(master, (uint8_t)(first + 2), w->salt, SALT_BYTES);
    w->work = ctrmac_open(cipher, auth);
    explicit_bzero(cipher, sizeof cipher);
    explicit_bzero(auth, sizeof auth);
}

struct sealcm *sealcm_open(const uint8_t tx[SEALCM_MASTER_BYTES], const uint8_t rx[SEALCM_MASTER_BYTES]) {
    enum { RTP = 0, RTCP = 3 }; /* the first of three labels each */
    struct sealcm *s = mem_zalloc(sizeof *s);
    way_open(&s->rtp, tx, RTP);
    way_open(&s->rtcp, tx, RTCP);
    way_open(&s->in, rx, RTCP);
    return s;
}

void sealcm_close(struct sealcm *s) {
    if (!s)
        return;
    ctrmac_close(s->rtp.work);
    ctrmac_close(s->rtcp.work);
    ctrmac_close(s->in.work);
    mem_free(s->seen);
    outidx_fini(&s->out);
    explicit_bzero(s, sizeof *s);
    mem_free(s);
}

static void put_u32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < WORD; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t u32_at(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* RFC 3711 4.1.1: IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16). */
static void put_iv(uint8_t iv[BLOCK], const struct way *w, const uint8_t *ssrc, uint64_t index) {
    uint64_t half[2] = {0};
    memcpy(half, w->salt, SALT_BYTES);
    half[0] ^= htobe64(u32_at(ssrc));
    half[1] ^= htobe64(index << 16);
    memcpy(iv, half, BLOCK);
}

static void crypt_from(struct way *w, const uint8_t *ssrc, uint64_t index, uint8_t *text, size_t n) {
    uint8_t iv[BLOCK];
    put_iv(iv, w, ssrc, index);
    ctrmac_crypt(w->work, iv, text, n);
}

/* RFC 3711 4.2: over the packet and a word: the ROC (not sent), or the SRTCP index with its E bit (sent). */
static void put_tag(const struct way *w, struct bytes pkt, const uint8_t word[WORD], uint8_t *at) {
    uint8_t tag[HMAC_SHA1_BYTES];
    ctrmac_tag(w->work, pkt, (struct bytes){word, WORD}, tag);
    memcpy(at, tag, TAG_BYTES);
}

int sealcm_protect_later(struct sealcm *s, struct ctrmac_batch *later, uint8_t *pkt, size_t n) {
    struct ctrmac_job j = {.with = s->rtp.work, .pkt = pkt, .head = outidx_head(pkt, n), .n = n};
    uint64_t index;
    if (!j.head)
        return -ERR_INVALID;
    int err = outidx_next(&s->out, u32_at(pkt + RTP_SSRC_AT), (uint16_t)(pkt[2] << 8 | pkt[3]), &index);
    if (err)
        return err;
    put_iv(j.iv, &s->rtp, pkt + RTP_SSRC_AT, index);
    put_u32(pkt + n, (uint32_t)(index >> 16)); /* the ROC, which is not sent */
    ctrmac_put(later, &j);
    return (int)(n + SEALCM_RTP_MORE);
}

int sealcm_protect(struct sealcm *s, uint8_t *pkt, size_t n) {
    struct ctrmac_batch one;
    one.n = 0;
    one.plain = true;
    int len = sealcm_protect_later(s, &one, pkt, n);
    ctrmac_work(&one);
    return len;
}

int sealcm_protect_rtcp(struct sealcm *s, uint8_t *pkt, size_t n) {
    if (n < RTCP_HEAD)
        return -ERR_INVALID;
    if (s->rtcp_sent == RTCP_INDEX_MAX)
        return -ERR_EXPIRED;
    uint32_t index = ++s->rtcp_sent;
    crypt_from(&s->rtcp, pkt + RTCP_SSRC_AT, index, pkt + RTCP_HEAD, n - RTCP_HEAD);
    put_u32(pkt + n, RTCP_ENCRYPTED | index);
    put_tag(&s->rtcp, (struct bytes){pkt, n}, pkt + n, pkt + n + WORD);
    return (int)(n + SEALCM_RTCP_MORE);
}

/* ---- in ---- */

static struct in_stream *in_find(struct sealcm *s, uint32_t ssrc) {
    for (unsigned i = 0; i < s->seen_n; i++)
        if (s->seen[i].ssrc == ssrc)
            return &s->seen[i];
    return NULL;
}

/* For a packet that authenticated: strangers never get here. */
static struct in_stream *in_add(struct sealcm *s, uint32_t ssrc) {
    if (s->seen_n == s->seen_cap) {
        s->seen_cap = s->seen_cap ? s->seen_cap * 2 : 1;
        s->seen = mem_realloc(s->seen, s->seen_cap * sizeof *s->seen);
    }
    s->seen[s->seen_n] = (struct in_stream){.ssrc = ssrc};
    return &s->seen[s->seen_n++];
}

void sealcm_drop(struct sealcm *s, uint32_t ssrc) {
    struct in_stream *st = in_find(s, ssrc);
    if (st)
        *st = s->seen[--s->seen_n];
}

int sealcm_unprotect_rtcp(struct sealcm *s, uint8_t *pkt, size_t n) {
    if (n < RTCP_HEAD + SEALCM_RTCP_MORE)
        return -ERR_SHORT;
    size_t plain = n - SEALCM_RTCP_MORE;
    uint32_t word = u32_at(pkt + plain), index = word & RTCP_INDEX_MAX;
    if (pkt[0] >> 6 != 2 || !(word & RTCP_ENCRYPTED)) /* RFC 8827 6.5: SRTCP is encrypted, always */
        return -ERR_INVALID;
    struct in_stream *st = in_find(s, u32_at(pkt + RTCP_SSRC_AT));
    if (!st && s->seen_n == SEALCM_IN_MAX)
        return -ERR_FULL;
    if (st && !rtcpwin_new(&st->rtcp, index))
        return -ERR_CONFLICT;
    uint8_t tag[TAG_BYTES];
    put_tag(&s->in, (struct bytes){pkt, plain}, pkt + plain, tag);
    if (!hmac_same(tag, pkt + plain + WORD, TAG_BYTES))
        return -ERR_FORGED;
    crypt_from(&s->in, pkt + RTCP_SSRC_AT, index, pkt + RTCP_HEAD, plain - RTCP_HEAD);
    rtcpwin_mark(&(st ? st : in_add(s, u32_at(pkt + RTCP_SSRC_AT)))->rtcp, index);
    return (int)plain;
}
