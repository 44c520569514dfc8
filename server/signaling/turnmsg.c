#include "server/signaling/turnmsg.h"

#include <stdio.h>

#include "media/base/err.h"
#include "media/base/hmac.h"
#include "media/base/rd.h"
#include "media/base/wr.h"

enum {
    HEAD = 20,
    COOKIE = 0x2112A442,
    CLASS_SUCCESS = 0x0100, /* RFC 8489 5: C1 and C0 are bits 8 and 4 of the type */
    CLASS_ERROR = 0x0110,
    ATTR_USERNAME = 0x0006,
    ATTR_INTEGRITY = 0x0008,
    ATTR_ERROR = 0x0009,
    ATTR_LIFETIME = 0x000D,
    ATTR_REALM = 0x0014,
    ATTR_NONCE = 0x0015,
    ATTR_RELAYED = 0x0016,   /* XOR-RELAYED-ADDRESS */
    ATTR_TRANSPORT = 0x0019, /* REQUESTED-TRANSPORT */
    TRANSPORT_UDP = 17,      /* RFC 8656 18.8: the protocol number in the first byte */
    INTEGRITY_ATTR = 4 + HMAC_SHA1_BYTES,
    KEY_TEXT_MAX = 900, /* RFC 8489 14.3, 14.9: a user name of 508 bytes, a realm of 763; ours are short */
};

static void put_text(struct wr *w, uint16_t type, struct str s) {
    wr_u16(w, type);
    wr_u16(w, (uint16_t)s.n);
    wr_put(w, s.p, s.n);
    wr_zero(w, -s.n & 3);
}

static void put_u32(struct wr *w, uint16_t type, uint32_t v) {
    wr_u16(w, type);
    wr_u16(w, 4);
    wr_u32(w, v);
}

/* RFC 8489 9.2.2: key = MD5(username ":" realm ":" password). The length in the header already counts the
 * attribute when it is computed (14.5). */
static int put_integrity(const struct turnmsg_ask *a, struct wr *w, uint8_t *msg) {
    char text[KEY_TEXT_MAX];
    uint8_t key[HMAC_MD5_BYTES], mac[HMAC_SHA1_BYTES];
    int n = snprintf(text, sizeof text, STR_FMT ":" STR_FMT ":" STR_FMT, STR_ARG(a->user), STR_ARG(a->realm),
                     STR_ARG(a->password));
    if (n < 0 || (size_t)n >= sizeof text)
        return -ERR_TOO_LARGE;
    size_t len = wr_len(w) - HEAD + INTEGRITY_ATTR;
    hmac_digest_md5(key, (struct bytes){(const uint8_t *)text, (size_t)n});
    msg[2] = (uint8_t)(len >> 8);
    msg[3] = (uint8_t)len;
    hmac_sha1(mac, (struct bytes){key, sizeof key}, (struct bytes){msg, wr_len(w)});
    wr_u16(w, ATTR_INTEGRITY);
    wr_u16(w, sizeof mac);
    wr_put(w, mac, sizeof mac);
    return 0;
}

int turnmsg_write(const struct turnmsg_ask *a, uint8_t *dst, size_t cap) {
    struct wr w = wr_init(dst, cap);
    wr_u16(&w, a->method); /* a request: both class bits 0; the methods here are below 16 */
    wr_u16(&w, 0);
    wr_u32(&w, COOKIE);
    wr_put(&w, a->tid, sizeof a->tid);
    if (a->method == TURNMSG_ALLOCATE)
        put_u32(&w, ATTR_TRANSPORT, (uint32_t)TRANSPORT_UDP << 24);
    else
        put_u32(&w, ATTR_LIFETIME, 0);
    if (a->user.n) {
        put_text(&w, ATTR_USERNAME, a->user);
        put_text(&w, ATTR_REALM, a->realm);
        put_text(&w, ATTR_NONCE, a->nonce);
    }
    if (w.bad)
        return -ERR_TOO_LARGE;
    size_t len = wr_len(&w) - HEAD;
    dst[2] = (uint8_t)(len >> 8);
    dst[3] = (uint8_t)len;
    int err = a->user.n ? put_integrity(a, &w, dst) : 0;
    return err ? err : w.bad ? -ERR_TOO_LARGE : (int)wr_len(&w);
}

/* RFC 8489 14.2, 8656 18.5. */
static void read_relayed(struct rd *r, const uint8_t tid[TURNMSG_TID], struct turnmsg_reply *out) {
    uint8_t mask[16] = {0x21, 0x12, 0xA4, 0x42};
    memcpy(mask + 4, tid, TURNMSG_TID);
    rd_skip(r, 1);
    uint8_t family = rd_u8(r);
    uint16_t port = rd_u16(r) ^ 0x2112;
    struct bytes ip = rd_bytes(r, family == 1 ? 4 : 16);
    struct addr a = {.port = port};
    if (r->bad || (family != 1 && family != 2))
        return;
    if (family == 1)
        a.ip[10] = a.ip[11] = 0xff;
    for (size_t i = 0; i < ip.n; i++)
        a.ip[16 - ip.n + i] = ip.p[i] ^ mask[i];
    out->has_relayed = true;
    out->relayed = a;
}

static void read_attr(uint16_t type, struct rd *v, const struct turnmsg_ask *a, struct turnmsg_reply *out) {
    if (type == ATTR_ERROR) {
        uint32_t word = rd_u32(v);
        out->error = v->bad || (word & 0xff) > 99 ? 0 : (word >> 8 & 7) * 100 + (word & 0xff);
    } else if (type == ATTR_RELAYED) {
        read_relayed(v, a->tid, out);
    } else if (type == ATTR_REALM || type == ATTR_NONCE) {
        struct bytes b = rd_rest(v);
        *(type == ATTR_REALM ? &out->realm : &out->nonce) = (struct str){(const char *)b.p, b.n};
    }
}

int turnmsg_parse(struct turnmsg_reply *out, struct bytes msg, const struct turnmsg_ask *a) {
    struct rd r = rd_init(msg.p, msg.n);
    *out = (struct turnmsg_reply){.success = false};
    uint16_t type = rd_u16(&r), len = rd_u16(&r);
    uint32_t cookie = rd_u32(&r);
    struct bytes tid = rd_bytes(&r, TURNMSG_TID);
    if (r.bad)
        return -ERR_SHORT;
    out->success = type == (CLASS_SUCCESS | a->method);
    if ((!out->success && type != (CLASS_ERROR | a->method)) || cookie != COOKIE || len % 4 ||
        len != rd_left(&r) || memcmp(tid.p, a->tid, TURNMSG_TID) != 0)
        return -ERR_INVALID;
    while (rd_left(&r)) {
        uint16_t attr = rd_u16(&r), n = rd_u16(&r);
        struct rd v = rd_sub(&r, n);
        rd_skip(&r, -n & 3);
        if (r.bad)
            return -ERR_SHORT;
        read_attr(attr, &v, a, out);
    }
    return 0;
}
