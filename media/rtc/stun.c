#include "media/rtc/stun.h"

#include "media/base/err.h"
#include "media/base/hmac.h"
#include "media/base/rd.h"
#include "media/base/wr.h"

/* RFC 8489 5.  0                   1                   2                   3
 *              |0 0|     STUN Message Type     |         Message Length        |
 *              |                         Magic Cookie                          |
 *              |                     Transaction ID (96 bits)                  |
 */
enum {
    HEAD = 20,
    ATTR_HEAD = 4,
    INTEGRITY_ATTR = ATTR_HEAD + HMAC_SHA1_BYTES,
    FINGERPRINT_ATTR = ATTR_HEAD + 4
};
#define COOKIE UINT32_C(0x2112A442)
#define FINGERPRINT_XOR UINT32_C(0x5354554e) /* RFC 8489 14.7: "XOR'ed with the 32-bit value 0x5354554e" */

enum attr {
    ATTR_USERNAME = 0x0006,
    ATTR_INTEGRITY = 0x0008,
    ATTR_ERROR = 0x0009,
    ATTR_UNKNOWN = 0x000A,
    ATTR_INTEGRITY_SHA256 = 0x001C,
    ATTR_MAPPED = 0x0020, /* XOR-MAPPED-ADDRESS */
    ATTR_PRIORITY = 0x0024,
    ATTR_USE_CANDIDATE = 0x0025,
    ATTR_OPTIONAL = 0x8000, /* RFC 8489 14: from here on "comprehension-optional" */
    ATTR_SOFTWARE = 0x8022,
    ATTR_FINGERPRINT = 0x8028,
    ATTR_CONTROLLED = 0x8029,
    ATTR_CONTROLLING = 0x802A,
};

/* CRC-32 of ITU V.42 as RFC 8489 14.7 asks, four bits at a time: quick enough that strangers' datagrams cost
 * little. */
static uint32_t crc32_of(const uint8_t *p, size_t n) {
    static const uint32_t nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t c = ~UINT32_C(0);
    while (n--) {
        c ^= *p++;
        c = nibble[c & 15] ^ c >> 4;
        c = nibble[c & 15] ^ c >> 4;
    }
    return ~c;
}

static struct str text_of(struct bytes b) { return (struct str){(const char *)b.p, b.n}; }

/* RFC 8489 14.2: X-Port is the port XOR the cookie's high half; X-Address is the address XOR the cookie and,
 * for IPv6, the transaction id. Its own inverse. */
static void xor_addr(struct addr *a, bool v4, const uint8_t tid[12]) {
    uint8_t mask[16] = {0x21, 0x12, 0xA4, 0x42};
    memcpy(mask + 4, tid, 12);
    a->port ^= COOKIE >> 16;
    unsigned at = v4 ? 12 : 0;
    for (unsigned i = at; i < 16; i++)
        a->ip[i] ^= mask[i - at];
}

static int read_mapped(struct stun *m, struct bytes v) {
    struct rd r = rd_init(v.p, v.n);
    rd_skip(&r, 1);
    uint8_t family = rd_u8(&r);
    struct addr a = {.ip = {[10] = 0xff, [11] = 0xff}, .port = rd_u16(&r)};
    bool v4 = family == 1;
    const uint8_t *ip = rd_take(&r, v4 ? 4 : 16);
    if (r.bad || rd_left(&r) || (family != 1 && family != 2))
        return -ERR_INVALID;
    memcpy(v4 ? a.ip + 12 : a.ip, ip, v4 ? 4 : 16);
    xor_addr(&a, v4, m->tid);
    m->mapped = a;
    m->has |= STUN_HAS_MAPPED;
    return 0;
}

static int read_error(struct stun *m, struct bytes v) {
    if (v.n < 4)
        return -ERR_INVALID;
    unsigned cls = v.p[2] & 7, number = v.p[3];
    if (cls < 3 || cls > 6 || number > 99) /* RFC 8489 14.8 */
        return -ERR_INVALID;
    m->error = (uint16_t)(cls * 100 + number);
    m->reason = text_of((struct bytes){v.p + 4, v.n - 4});
    m->has |= STUN_HAS_ERROR;
    return 0;
}

static void note_unknown(struct stun *m, uint16_t type) {
    m->has |= STUN_HAS_UNKNOWN;
    if (m->unknown_count < STUN_UNKNOWN_MAX)
        m->unknown[m->unknown_count++] = type;
}

static int read_fixed(struct stun *m, uint16_t type, struct bytes v) {
    struct rd r = rd_init(v.p, v.n);
    switch (type) {
    case ATTR_PRIORITY:
        m->priority = rd_u32(&r);
        m->has |= STUN_HAS_PRIORITY;
        break;
    case ATTR_USE_CANDIDATE:
        m->has |= STUN_HAS_USE_CANDIDATE;
        break;
    default: /* ATTR_CONTROLLING, ATTR_CONTROLLED */
        m->tie_breaker = rd_u64(&r);
        m->has |= type == ATTR_CONTROLLING ? STUN_HAS_CONTROLLING : STUN_HAS_CONTROLLED;
    }
    return r.bad || rd_left(&r) ? -ERR_INVALID : 0;
}

/* An attribute in front of MESSAGE-INTEGRITY. */
static int read_attr(struct stun *m, uint16_t type, struct bytes v) {
    switch (type) {
    case ATTR_USERNAME:
        if (v.n > STUN_USERNAME_MAX)
            return -ERR_INVALID;
        m->username = text_of(v);
        m->has |= STUN_HAS_USERNAME;
        return 0;
    case ATTR_SOFTWARE:
        m->software = text_of(v);
        m->has |= STUN_HAS_SOFTWARE;
        return 0;
    case ATTR_PRIORITY:
    case ATTR_USE_CANDIDATE:
    case ATTR_CONTROLLING:
    case ATTR_CONTROLLED:
        return read_fixed(m, type, v);
    case ATTR_MAPPED:
        return read_mapped(m, v);
    case ATTR_ERROR:
        return read_error(m, v);
    case ATTR_UNKNOWN: /* what a 420 lists: of no use to us, but known */
        return 0;
    default:
        if (type < ATTR_OPTIONAL)
            note_unknown(m, type);
        return 0;
    }
}

static int read_fingerprint(struct stun *m, struct bytes v, size_t at, size_t total) {
    struct rd r = rd_init(v.p, v.n);
    uint32_t crc = rd_u32(&r);
    /* RFC 8489 14.7: "the last attribute in the message" */
    if (r.bad || rd_left(&r) || at + FINGERPRINT_ATTR != total)
        return -ERR_INVALID;
    if (crc != (crc32_of(m->raw.p, at) ^ FINGERPRINT_XOR))
        return -ERR_INVALID;
    m->has |= STUN_HAS_FINGERPRINT;
    return 0;
}

static int read_head(struct stun *m, struct rd *r) {
    uint16_t type = rd_u16(r), length = rd_u16(r);
    uint32_t cookie = rd_u32(r);
    const uint8_t *tid = rd_take(r, 12);
    if (r->bad)
        return -ERR_SHORT;
    if (type & 0xC000 || length % 4 || cookie != COOKIE || length != rd_left(r))
        return -ERR_INVALID;
    memcpy(m->tid, tid, 12);
    /* RFC 8489 5: class bits C1 and C0 are bits 8 and 4 of the type, the method is the rest. */
    m->cls = (enum stun_class)((type >> 7 & 2) | (type >> 4 & 1));
    m->method = (uint16_t)((type & 0xF) | (type & 0xE0) >> 1 | (type & 0x3E00) >> 2);
    return 0;
}

int stun_parse(struct stun *out, struct bytes msg) {
    struct stun m = {.raw = msg};
    if (msg.n > STUN_MAX)
        return -ERR_INVALID;
    struct rd r = rd_init(msg.p, msg.n);
    int err = read_head(&m, &r);
    while (!err && rd_left(&r)) {
        size_t at = (size_t)(r.p - msg.p);
        uint16_t type = rd_u16(&r), n = rd_u16(&r);
        struct bytes v = rd_bytes(&r, n);
        rd_skip(&r, (4 - n % 4) % 4); /* RFC 8489 14: padded to a multiple of 4 */
        if (r.bad)
            err = -ERR_SHORT;
        else if (type == ATTR_FINGERPRINT)
            err = read_fingerprint(&m, v, at, msg.n);
        else if (m.has & STUN_HAS_INTEGRITY)
            continue; /* after MESSAGE-INTEGRITY nothing but FINGERPRINT counts: it is not protected */
        else if (type == ATTR_INTEGRITY) {
            err = v.n == HMAC_SHA1_BYTES ? 0 : -ERR_INVALID;
            m.integrity_at = at;
            m.has |= STUN_HAS_INTEGRITY;
        } else if (type == ATTR_INTEGRITY_SHA256) {
            continue; /* RFC 8445 uses the SHA-1 form only; a peer may add the other for a future server */
        } else
            err = read_attr(&m, type, v);
    }
    if (!err)
        *out = m;
    return err;
}

/* HMAC over the message up to MESSAGE-INTEGRITY, its length field saying it ends right after that attribute
 * (RFC 8489 14.5). */
static void integrity_of(uint8_t mac[HMAC_SHA1_BYTES], const uint8_t *msg, size_t at, struct str pwd) {
    uint8_t copy[STUN_MAX];
    size_t n = at + INTEGRITY_ATTR - HEAD;
    memcpy(copy, msg, at);
    copy[2] = (uint8_t)(n >> 8);
    copy[3] = (uint8_t)n;
    hmac_sha1(mac, (struct bytes){(const uint8_t *)pwd.p, pwd.n}, (struct bytes){copy, at});
}

int stun_verify(const struct stun *m, struct str pwd) {
    uint8_t mac[HMAC_SHA1_BYTES];
    if (!(m->has & STUN_HAS_INTEGRITY) || !pwd.n)
        return -ERR_FORGED;
    integrity_of(mac, m->raw.p, m->integrity_at, pwd);
    return hmac_same(mac, m->raw.p + m->integrity_at + ATTR_HEAD, sizeof mac) ? 0 : -ERR_FORGED;
}

/* ---- writing ---- */

static void put_attr(struct wr *w, uint16_t type, const void *p, size_t n) {
    wr_u16(w, type);
    wr_u16(w, (uint16_t)n);
    wr_put(w, p, n);
    wr_zero(w, (4 - n % 4) % 4);
}

static void put_mapped(struct wr *w, const struct stun *m) {
    struct addr a = m->mapped;
    bool v4 = addr_is_v4(&a);
    xor_addr(&a, v4, m->tid);
    wr_u16(w, ATTR_MAPPED);
    wr_u16(w, v4 ? 8 : 20);
    wr_u16(w, v4 ? 1 : 2);
    wr_u16(w, a.port);
    wr_put(w, v4 ? a.ip + 12 : a.ip, v4 ? 4 : 16);
}

static void put_error(struct wr *w, const struct stun *m) {
    wr_u16(w, ATTR_ERROR);
    wr_u16(w, (uint16_t)(4 + m->reason.n));
    wr_u16(w, 0);
    wr_u8(w, (uint8_t)(m->error / 100));
    wr_u8(w, (uint8_t)(m->error % 100));
    wr_put(w, m->reason.p, m->reason.n);
    wr_zero(w, (4 - m->reason.n % 4) % 4);
}

static void put_unknown(struct wr *w, const struct stun *m) {
    wr_u16(w, ATTR_UNKNOWN);
    wr_u16(w, (uint16_t)(m->unknown_count * 2));
    for (unsigned i = 0; i < m->unknown_count; i++)
        wr_u16(w, m->unknown[i]);
    wr_zero(w, m->unknown_count % 2 * 2);
}

static void put_tie_breaker(struct wr *w, const struct stun *m) {
    wr_u16(w, m->has & STUN_HAS_CONTROLLING ? ATTR_CONTROLLING : ATTR_CONTROLLED);
    wr_u16(w, 8);
    wr_u64(w, m->tie_breaker);
}

static void put_body(struct wr *w, const struct stun *m) {
    if (m->has & STUN_HAS_SOFTWARE)
        put_attr(w, ATTR_SOFTWARE, m->software.p, m->software.n);
    if (m->has & STUN_HAS_PRIORITY) {
        wr_u16(w, ATTR_PRIORITY);
        wr_u16(w, 4);
        wr_u32(w, m->priority);
    }
    if (m->has & (STUN_HAS_CONTROLLING | STUN_HAS_CONTROLLED))
        put_tie_breaker(w, m);
    if (m->has & STUN_HAS_USE_CANDIDATE)
        put_attr(w, ATTR_USE_CANDIDATE, NULL, 0);
    if (m->has & STUN_HAS_USERNAME)
        put_attr(w, ATTR_USERNAME, m->username.p, m->username.n);
    if (m->has & STUN_HAS_ERROR)
        put_error(w, m);
    if (m->has & STUN_HAS_UNKNOWN)
        put_unknown(w, m);
    if (m->has & STUN_HAS_MAPPED)
        put_mapped(w, m);
}

static void set_length(struct wr *w, size_t body) {
    if (w->bad)
        return;
    w->start[2] = (uint8_t)(body >> 8);
    w->start[3] = (uint8_t)body;
}

int stun_write(const struct stun *m, struct str pwd, uint8_t *dst, size_t cap) {
    struct wr w = wr_init(dst, cap > STUN_MAX ? STUN_MAX : cap);
    unsigned method = m->method, cls = m->cls;
    wr_u16(&w, (uint16_t)((method & 0xF) | (method & 0x70) << 1 | (method & 0xF80) << 2 | (cls & 1) << 4 |
                          (cls & 2) << 7));
    wr_u16(&w, 0);
    wr_u32(&w, COOKIE);
    wr_put(&w, m->tid, 12);
    put_body(&w, m);
    if (pwd.n) {
        uint8_t mac[HMAC_SHA1_BYTES] = {0};
        if (!w.bad && wr_len(&w) + INTEGRITY_ATTR <= STUN_MAX)
            integrity_of(mac, dst, wr_len(&w), pwd);
        put_attr(&w, ATTR_INTEGRITY, mac, sizeof mac);
    }
    /* RFC 8489 14.7: the length field covers FINGERPRINT when the CRC is taken. */
    size_t at = wr_len(&w);
    set_length(&w, at + FINGERPRINT_ATTR - HEAD);
    uint32_t crc = w.bad ? 0 : crc32_of(dst, at) ^ FINGERPRINT_XOR;
    wr_u16(&w, ATTR_FINGERPRINT);
    wr_u16(&w, 4);
    wr_u32(&w, crc);
    return w.bad ? -ERR_TOO_LARGE : (int)wr_len(&w);
}
