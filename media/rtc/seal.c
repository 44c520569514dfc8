#include "media/rtc/seal.h"

#include <endian.h>

#include "media/base/err.h"
#include "media/base/gcm.h"
#include "media/base/mem.h"
#include "media/base/warm.h"
#include "media/rtc/outidx.h"
#include "media/rtc/rtcpwin.h"

enum {
    RTP_HEAD = 12,
    RTP_SSRC_AT = 8,
    RTCP_HEAD = 8,
    RTCP_SSRC_AT = 4,
    RTCP_INDEX = 4, /* RFC 3711 3.4: E bit and SRTCP index */
    RTP_WINDOW =
        1024, /* a retransmission may come a second late; at 1,000 packets a second this far behind */
};
#define RTCP_ENCRYPTED UINT32_C(0x80000000)
#define RTCP_INDEX_MAX UINT32_C(0x7fffffff) /* RFC 3711 3.2.1: "the SRTCP index is a 31-bit counter" */

/* What a receiver keeps of an SSRC (RFC 3711 3.2.3): the highest index, 2^16 * ROC + SEQ, and which of the
 * last indexes it has seen. Bit i % WINDOW is index i. */
struct in_stream {
    uint64_t rtp_top, rtp_seen[RTP_WINDOW / 64];
    struct rtcpwin rtcp;
    uint32_t ssrc;
    bool rtp_any;
};
struct way {
    struct gcm rtp, rtcp;
};
struct seal {
    /* What a packet that leaves needs is the first part and lies together (seal_warm). */
    struct outidx out;
    struct way tx, rx;
    struct in_stream *in;
    unsigned in_count, in_cap, in_last; /* last: where the previous packet's was */
    uint32_t rtcp_sent;                 /* one counter for all SSRCs: the nonce has the SSRC in it besides */
};

/* ---- keys ---- */

/* RFC 3711 4.3.1 and RFC 7714 11: the label stands in octet 7 of the salt, taken as 14 octets, and what AES
 * makes of that with a counter of 0 in octets 14 and 15 is the first key octets. */
static void derive(const uint8_t *master, uint8_t label, uint8_t out[GCM_KEY_BYTES]) {
    uint8_t x[GCM_KEY_BYTES] = {0};
    memcpy(x, master + GCM_KEY_BYTES, GCM_NONCE_BYTES);
    x[7] ^= label;
    gcm_block(master, x, out);
}

static void derive_gcm(struct gcm *g, const uint8_t *master, uint8_t label) {
    uint8_t key[GCM_KEY_BYTES];
    derive(master, label, key);
    gcm_init(g, key);
    explicit_bzero(key, sizeof key);
}

static void derive_salt(const uint8_t *master, uint8_t label, uint8_t salt[GCM_NONCE_BYTES]) {
    uint8_t whole[GCM_KEY_BYTES];
    derive(master, label, whole);
    memcpy(salt, whole, GCM_NONCE_BYTES);
}

static void way_open(struct way *w, const uint8_t *master) {
    enum { RTP_KEY = 0, RTP_SALT = 2, RTCP_KEY = 3, RTCP_SALT = 5 }; /* RFC 3711 4.3.1 and 4.3.2 */
    derive_gcm(&w->rtp, master, RTP_KEY);
    derive_gcm(&w->rtcp, master, RTCP_KEY);
    derive_salt(master, RTP_SALT, w->rtp.salt);
    derive_salt(master, RTCP_SALT, w->rtcp.salt);
}

struct seal *seal_open(const uint8_t tx[SEAL_MASTER_BYTES], const uint8_t rx[SEAL_MASTER_BYTES]) {
    struct seal *s = mem_aligned(_Alignof(struct seal), sizeof *s);
    way_open(&s->tx, tx);
    way_open(&s->rx, rx);
    return s;
}

static void way_close(struct way *w) {
    gcm_fini(&w->rtp);
    gcm_fini(&w->rtcp);
}

void seal_close(struct seal *s) {
    if (!s)
        return;
    way_close(&s->tx);
    way_close(&s->rx);
    outidx_fini(&s->out);
    mem_free(s->in);
    explicit_bzero(s, sizeof *s);
    mem_free(s);
}

/* ---- octets ---- */

static uint32_t u32_at(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_u32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* RFC 7714 8.1: 00 00, SSRC, ROC, SEQ, exclusive-ored with the salt. ROC and SEQ side by side are the index.
 */
static void rtp_nonce(uint8_t nonce[GCM_NONCE_BYTES], const uint8_t *salt, const uint8_t *ssrc,
                      uint64_t index) {
    uint32_t who = u32_at(ssrc), first;
    uint64_t rest;
    memcpy(&first, salt, sizeof first);
    memcpy(&rest, salt + sizeof first, sizeof rest);
    first ^= htobe32(who >> 16);
    rest ^= htobe64((uint64_t)who << 48 | index);
    memcpy(nonce, &first, sizeof first);
    memcpy(nonce + sizeof first, &rest, sizeof rest);
}

/* RFC 7714 9.1: 00 00, SSRC, 00 00, 0 and the SRTCP index: the same octets as an RTP index below 2^31. */
static void rtcp_nonce(uint8_t nonce[GCM_NONCE_BYTES], const uint8_t *salt, const uint8_t *ssrc,
                       uint32_t index) {
    rtp_nonce(nonce, salt, ssrc, index);
}

/* RFC 7714 9.2: what is authenticated only is the first two words and the word of E and index. */
static struct bytes rtcp_aad(uint8_t aad[RTCP_HEAD + RTCP_INDEX], const uint8_t *pkt, uint32_t word) {
    memcpy(aad, pkt, RTCP_HEAD);
    put_u32(aad + RTCP_HEAD, word);
    return (struct bytes){aad, RTCP_HEAD + RTCP_INDEX};
}

/* ---- streams ---- */

static struct in_stream *in_find(struct seal *s, uint32_t ssrc) {
    if (s->in_last < s->in_count && s->in[s->in_last].ssrc == ssrc)
        return &s->in[s->in_last];
    for (unsigned i = 0; i < s->in_count; i++)
        if (s->in[i].ssrc == ssrc) {
            s->in_last = i;
            return &s->in[i];
        }
    return NULL;
}

/* For a packet that authenticated: strangers never get here. */
static struct in_stream *in_add(struct seal *s, uint32_t ssrc) {
    if (s->in_count == s->in_cap) {
        s->in_cap = s->in_cap ? s->in_cap * 2 : 1;
        s->in = mem_realloc(s->in, s->in_cap * sizeof *s->in);
    }
    s->in_last = s->in_count++;
    s->in[s->in_last] = (struct in_stream){.ssrc = ssrc};
    return &s->in[s->in_last];
}

void seal_drop(struct seal *s, uint32_t ssrc) {
    struct in_stream *st = in_find(s, ssrc);
    if (st)
        *st = s->in[--s->in_count];
}

/* ---- out ---- */

/* Of a key: all of it, or what small texts need. */
static inline __attribute__((always_inline)) void warm_key(const struct gcm *g, bool small) {
    enum { KEY = offsetof(struct gcm, key) };
    warm_part(g, 0, small ? KEY + GCM_ROUNDS_BYTES : sizeof *g);
    if (small)
        warm_part(g, KEY + GCM_POWERS_AT, KEY + GCM_SCHEDULE_BYTES);
}

void seal_warm(const struct seal *s, bool small) {
    warm_part(s, 0, sizeof s->out);
    if (small)
        warm_key(&s->tx.rtp, true);
    else
        warm_key(&s->tx.rtp, false);
}

void seal_warm_rtcp(const struct seal *s) {
    warm_key(&s->rx.rtcp, true);
    warm_part(s, offsetof(struct seal, in), offsetof(struct seal, rtcp_sent));
}

int seal_protect(struct seal *s, uint8_t *pkt, size_t n) {
    size_t head = outidx_head(pkt, n);
    uint64_t index;
    if (!head)
        return -ERR_INVALID;
    int err = outidx_next(&s->out, u32_at(pkt + RTP_SSRC_AT), (uint16_t)(pkt[2] << 8 | pkt[3]), &index);
    if (err)
        return err;
    uint8_t nonce[GCM_NONCE_BYTES];
    rtp_nonce(nonce, s->tx.rtp.salt, pkt + RTP_SSRC_AT, index);
    gcm_seal(&s->tx.rtp, nonce, (struct bytes){pkt, head}, pkt + head, n - head, pkt + n);
    return (int)(n + GCM_TAG_BYTES);
}

int seal_protect_rtcp(struct seal *s, uint8_t *pkt, size_t n) {
    if (n < RTCP_HEAD)
        return -ERR_INVALID;
    if (s->rtcp_sent == RTCP_INDEX_MAX)
        return -ERR_EXPIRED;
    uint32_t index = ++s->rtcp_sent, word = RTCP_ENCRYPTED | index;
    uint8_t nonce[GCM_NONCE_BYTES], aad[RTCP_HEAD + RTCP_INDEX];
    rtcp_nonce(nonce, s->tx.rtcp.salt, pkt + RTCP_SSRC_AT, index);
    gcm_seal(&s->tx.rtcp, nonce, rtcp_aad(aad, pkt, word), pkt + RTCP_HEAD, n - RTCP_HEAD, pkt + n);
    put_u32(pkt + n + GCM_TAG_BYTES, word);
    return (int)(n + GCM_TAG_BYTES + RTCP_INDEX);
}

/* ---- in ---- */

/* 0, or -ERR_CONFLICT: seen before, or too far back to know. */
static int check_rtp(const struct in_stream *st, uint64_t index) {
    if (!st || !st->rtp_any || index > st->rtp_top)
        return 0;
    if (st->rtp_top - index >= RTP_WINDOW)
        return -ERR_CONFLICT;
    return st->rtp_seen[index % RTP_WINDOW / 64] >> index % 64 & 1 ? -ERR_CONFLICT : 0;
}

static void mark_rtp(struct in_stream *st, uint64_t index) {
    if (!st->rtp_any || index >= st->rtp_top + RTP_WINDOW) {
        memset(st->rtp_seen, 0, sizeof st->rtp_seen);
    } else {
        for (uint64_t i = st->rtp_top + 1; i < index; i++)
            st->rtp_seen[i % RTP_WINDOW / 64] &= ~(UINT64_C(1) << i % 64);
    }
    st->rtp_seen[index % RTP_WINDOW / 64] |= UINT64_C(1) << index % 64;
    if (!st->rtp_any || index > st->rtp_top)
        st->rtp_top = index;
    st->rtp_any = true;
}

int seal_unprotect(struct seal *s, uint8_t *pkt, size_t n) {
    if (n < RTP_HEAD + GCM_TAG_BYTES)
        return -ERR_SHORT;
    size_t plain = n - GCM_TAG_BYTES, head = outidx_head(pkt, plain);
    if (!head)
        return -ERR_INVALID;
    uint32_t ssrc = u32_at(pkt + RTP_SSRC_AT);
    uint16_t seq = (uint16_t)(pkt[2] << 8 | pkt[3]);
    struct in_stream *st = in_find(s, ssrc);
    if (!st && s->in_count == SEAL_IN_MAX)
        return -ERR_FULL;
    uint64_t index = st && st->rtp_any ? outidx_nearest(st->rtp_top, seq) : seq;
    if (index >= OUTIDX_END || check_rtp(st, index))
        return -ERR_CONFLICT;
    uint8_t nonce[GCM_NONCE_BYTES];
    rtp_nonce(nonce, s->rx.rtp.salt, pkt + RTP_SSRC_AT, index);
    if (!gcm_unseal(&s->rx.rtp, nonce, (struct bytes){pkt, head}, pkt + head, plain - head, pkt + plain))
        return -ERR_FORGED;
    mark_rtp(st ? st : in_add(s, ssrc), index);
    return (int)plain;
}

int seal_unprotect_rtcp(struct seal *s, uint8_t *pkt, size_t n) {
    if (n < RTCP_HEAD + GCM_TAG_BYTES + RTCP_INDEX)
        return -ERR_SHORT;
    size_t plain = n - GCM_TAG_BYTES - RTCP_INDEX;
    uint32_t word = u32_at(pkt + n - RTCP_INDEX), index = word & RTCP_INDEX_MAX;
    uint32_t ssrc = u32_at(pkt + RTCP_SSRC_AT);
    if (pkt[0] >> 6 != 2 || !(word & RTCP_ENCRYPTED)) /* RFC 8827 6.5: SRTCP is encrypted, always */
        return -ERR_INVALID;
    struct in_stream *st = in_find(s, ssrc);
    if (!st && s->in_count == SEAL_IN_MAX)
        return -ERR_FULL;
    if (st && !rtcpwin_new(&st->rtcp, index))
        return -ERR_CONFLICT;
    uint8_t nonce[GCM_NONCE_BYTES], aad[RTCP_HEAD + RTCP_INDEX];
    rtcp_nonce(nonce, s->rx.rtcp.salt, pkt + RTCP_SSRC_AT, index);
    if (!gcm_unseal(&s->rx.rtcp, nonce, rtcp_aad(aad, pkt, word), pkt + RTCP_HEAD, plain - RTCP_HEAD,
                    pkt + plain))
        return -ERR_FORGED;
    rtcpwin_mark(&(st ? st : in_add(s, ssrc))->rtcp, index);
    return (int)plain;
}
