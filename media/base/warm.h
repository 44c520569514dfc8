/* warm — tells the processor which memory will be needed soon, so that it is there by then. Pure, inline.
 * Owners lay what a packet touches together and aligned to WARM_LINE: a line more for each of a thousand
 * viewers is a line that was not in the cache. */
#ifndef WARM_H
#define WARM_H
#include <stddef.h>
#include <stdint.h>

enum { WARM_LINE = 64 }; /* bytes fetched together, on every processor this runs on */

/* Every line of [from, to), also the one that only the last byte lies in. */
static inline void warm_range(const void *from, const void *to) {
    for (uintptr_t at = (uintptr_t)from & ~(uintptr_t)(WARM_LINE - 1); at < (uintptr_t)to; at += WARM_LINE)
        __builtin_prefetch((const void *)at);
}
/* The part [from, to) of what is itself aligned to a line: with the offsets known, one instruction a line. */
static inline __attribute__((always_inline)) void warm_part(const void *aligned, size_t from, size_t to) {
#ifndef __clang__
#pragma GCC unroll 32
#endif
    for (size_t at = from & ~(size_t)(WARM_LINE - 1); at < to; at += WARM_LINE)
        __builtin_prefetch((const char *)aligned + at);
}
/* As warm_range, to be written. */
static inline void warm_range_rw(const void *from, const void *to) {
    for (uintptr_t at = (uintptr_t)from & ~(uintptr_t)(WARM_LINE - 1); at < (uintptr_t)to; at += WARM_LINE)
        __builtin_prefetch((const void *)at, 1);
}

#endif
