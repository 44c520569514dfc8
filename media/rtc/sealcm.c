#include "media/rtc/sealcm.h"

#include "media/base/ctrmac.h"
#include "media/base/err.h"
#include "media/base/gcm.h"
#include "media/base/mem.h"

enum {
    BLOCK = 16,
    SALT_BYTES = 14, /* RFC 3711 8.2: "n_s = 112" bits */
    TAG_BYTES = 10,  /* RFC 3711 5.2: "n_tag = 80" bits */
    RTP_SSRC_AT = 8,
    RTCP_HEAD = 8,
    RTCP_SSRC_AT = 4,
    WORD = 4,
};
#define RTCP_ENCRYPTED UINT32_C(0x80000000)
#define RTCP_INDEX_MAX UINT32_C(0x7fffffff) /* RFC 3711 3.2.1: "the SRTCP index is a 31-bit counter" */

struct way {
    struct ctrmac *work;
    uint8_t salt[SALT_BYTES];
};
struct sealcm {
    struct way rtp, rtcp;
    struct outidx out;
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

struct sealcm *sealcm_open(const uint8_t master[SEALCM_MASTER_BYTES]) {
    struct sealcm *s = mem_zalloc(sizeof *s);
    way_open(&s->rtp, master, 0);
    way_open(&s->rtcp, master, 3);
    return s;
}

void sealcm_close(struct sealcm *s) {
    if (!s)
        return;
    ctrmac_close(s->rtp.work);
    ctrmac_close(s->rtcp.work);
    outidx_fini(&s->out);
    explicit_bzero(s, sizeof *s);
    mem_free(s);
}

static void put_u32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < WORD; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* RFC 3711 4.1.1: IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16). */
static void crypt_from(struct way *w, const uint8_t *ssrc, uint64_t index, uint8_t *text, size_t n) {
    uint8_t iv[BLOCK] = {0};
    memcpy(iv, w->salt, SALT_BYTES);
    for (int i = 0; i < WORD; i++)
        iv[4 + i] ^= ssrc[i];
    for (int i = 0; i < 6; i++)
        iv[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
    ctrmac_crypt(w->work, iv, text, n);
}

/* RFC 3711 4.2: over the packet and a word: the ROC (not sent), or the SRTCP index with its E bit (sent). */
static void put_tag(const struct way *w, struct bytes pkt, const uint8_t word[WORD], uint8_t *at) {
    uint8_t tag[HMAC_SHA1_BYTES];
    ctrmac_tag(w->work, pkt, (struct bytes){word, WORD}, tag);
    memcpy(at, tag, TAG_BYTES);
}

int sealcm_protect(struct sealcm *s, uint8_t *pkt, size_t n) {
    size_t head = outidx_head(pkt, n);
    uint64_t index;
    uint8_t roc[WORD];
    if (!head)
        return -ERR_INVALID;
    uint32_t ssrc = (uint32_t)pkt[8] << 24 | (uint32_t)pkt[9] << 16 | (uint32_t)pkt[10] << 8 | pkt[11];
    int err = outidx_next(&s->out, ssrc, (uint16_t)(pkt[2] << 8 | pkt[3]), &index);
    if (err)
        return err;
    crypt_from(&s->rtp, pkt + RTP_SSRC_AT, index, pkt + head, n - head);
    put_u32(roc, (uint32_t)(index >> 16));
    put_tag(&s->rtp, (struct bytes){pkt, n}, roc, pkt + n);
    return (int)(n + SEALCM_RTP_MORE);
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
