/* wr — a sticky writing cursor with a hard end, network order. After an overflow nothing more is
 * written and `bad` stays true. Pure, inline. */
#ifndef WR_H
#define WR_H
#include "media/base/str.h"

struct wr {
    uint8_t *p, *start, *end;
    bool bad;
};

static inline struct wr wr_init(void *p, size_t cap) {
    return (struct wr){(uint8_t *)p, (uint8_t *)p, (uint8_t *)p + cap, false};
}
static inline size_t wr_len(const struct wr *w) { return (size_t)(w->p - w->start); }
static inline uint8_t *wr_take(struct wr *w, size_t n) {
    if (w->bad || (size_t)(w->end - w->p) < n) {
        w->bad = true;
        return NULL;
    }
    uint8_t *p = w->p;
    w->p += n;
    return p;
}
static inline void wr_u8(struct wr *w, uint8_t v) {
    uint8_t *p = wr_take(w, 1);
    if (p)
        p[0] = v;
}
static inline void wr_u16(struct wr *w, uint16_t v) {
    uint8_t *p = wr_take(w, 2);
    if (p) {
        p[0] = (uint8_t)(v >> 8);
        p[1] = (uint8_t)v;
    }
}
static inline void wr_u24(struct wr *w, uint32_t v) {
    wr_u8(w, (uint8_t)(v >> 16));
    wr_u16(w, (uint16_t)v);
}
static inline void wr_u32(struct wr *w, uint32_t v) {
    wr_u16(w, (uint16_t)(v >> 16));
    wr_u16(w, (uint16_t)v);
}
static inline void wr_u64(struct wr *w, uint64_t v) {
    wr_u32(w, (uint32_t)(v >> 32));
    wr_u32(w, (uint32_t)v);
}
static inline void wr_put(struct wr *w, const void *src, size_t n) {
    uint8_t *p = wr_take(w, n);
    if (p && n)
        memcpy(p, src, n);
}
static inline void wr_zero(struct wr *w, size_t n) {
    uint8_t *p = wr_take(w, n);
    if (p && n)
        memset(p, 0, n);
}

#endif
