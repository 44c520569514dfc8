/* rd — a sticky reading cursor with a hard end. Host-order values; after a short read everything
 * reads as zero and `bad` stays true: read all, then check once. Pure, inline. */
#ifndef RD_H
#define RD_H
#include "media/base/str.h"

struct rd {
    const uint8_t *p, *end;
    bool bad;
};

static inline struct rd rd_init(const void *p, size_t n) {
    return (struct rd){(const uint8_t *)p, n ? (const uint8_t *)p + n : (const uint8_t *)p, false};
}
static inline size_t rd_left(const struct rd *r) { return (size_t)(r->end - r->p); }
static inline const uint8_t *rd_take(struct rd *r, size_t n) {
    static const uint8_t zero[16];
    if (r->bad || rd_left(r) < n) {
        r->bad = true;
        return n <= sizeof zero ? zero : NULL;
    }
    const uint8_t *p = r->p;
    r->p += n;
    return p;
}
static inline uint8_t rd_u8(struct rd *r) { return rd_take(r, 1)[0]; }
static inline uint16_t rd_u16(struct rd *r) {
    const uint8_t *p = rd_take(r, 2);
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t rd_u24(struct rd *r) {
    const uint8_t *p = rd_take(r, 3);
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}
static inline uint32_t rd_u32(struct rd *r) {
    const uint8_t *p = rd_take(r, 4);
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint64_t rd_u64(struct rd *r) {
    uint64_t hi = rd_u32(r);
    return hi << 32 | rd_u32(r);
}
static inline void rd_skip(struct rd *r, size_t n) {
    if (r->bad || rd_left(r) < n)
        r->bad = true;
    else
        r->p += n;
}
/* A view of the next n bytes; empty and bad if short. */
static inline struct bytes rd_bytes(struct rd *r, size_t n) {
    if (r->bad || rd_left(r) < n) {
        r->bad = true;
        return (struct bytes){r->p, 0};
    }
    struct bytes b = {r->p, n};
    r->p += n;
    return b;
}
/* A cursor over the next n bytes (inner hard end); this one moves past them. */
static inline struct rd rd_sub(struct rd *r, size_t n) {
    struct bytes b = rd_bytes(r, n);
    struct rd s = rd_init(b.p, b.n);
    s.bad = r->bad;
    return s;
}
static inline struct bytes rd_rest(struct rd *r) { return rd_bytes(r, r->bad ? 0 : rd_left(r)); }

#endif
