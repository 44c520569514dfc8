/* seq — arithmetic on 16-bit sequence numbers and 32-bit timestamps that wrap, and their unwrapping to 64
 * bits. Pure, inline. */
#ifndef SEQ_H
#define SEQ_H
#include <stdbool.h>
#include <stdint.h>

/* RFC 1982 comparison: a is after b on the circle. Equal is not newer. */
static inline bool seq_newer(uint16_t a, uint16_t b) { return a != b && (uint16_t)(a - b) < 0x8000; }
static inline bool seq_ts_newer(uint32_t a, uint32_t b) { return a != b && (uint32_t)(a - b) < 0x80000000u; }

struct seq_unwrap {
    uint64_t top; /* highest returned; 0 before the first */
};

/* The 64-bit number nearest to the highest seen so far. The first comes out as 65536 + seq, so an older
 * packet after it is still positive and 0 is never returned. Only the low 16 bits differ from `seq` by whole
 * cycles. */
static inline uint64_t seq_peek(const struct seq_unwrap *u, uint16_t seq) {
    if (!u->top)
        return 0x10000u + seq;
    int16_t d = (int16_t)(uint16_t)(seq - (uint16_t)u->top);
    return u->top + (uint64_t)(int64_t)d;
}
static inline uint64_t seq_unwrap(struct seq_unwrap *u, uint16_t seq) {
    uint64_t s = seq_peek(u, seq);
    if (s > u->top)
        u->top = s;
    return s;
}

#endif
