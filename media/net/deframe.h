/* deframe — datagrams out of a TCP stream (RFC 4571: two bytes of length, then the datagram), however the
 * bytes were cut on the way. Pure: bytes in, a call for each whole datagram. Thread: owner's. Embedded value,
 * no heap. Limits: DEFRAME_MAX bytes a datagram; a stream that announces a longer one is of no use any more.
 */
#ifndef DEFRAME_H
#define DEFRAME_H
#include "media/base/str.h"

enum { DEFRAME_HEAD = 2, DEFRAME_MAX = 1600 };

/* p may be written to. False: enough, nothing more of this stream is wanted. */
typedef bool (*deframe_fn)(void *ctx, uint8_t *p, size_t n);

struct deframe {
    uint16_t have;                            /* bytes in `part` */
    uint8_t part[DEFRAME_HEAD + DEFRAME_MAX]; /* a frame that has not come whole yet */
};

/* 0; -ERR_TOO_LARGE: the stream cannot be followed further. RFC 4571 2: "a frame … may have a length of
 * zero", those are skipped. p is written over by whoever takes the datagrams. */
int deframe_feed(struct deframe *d, uint8_t *p, size_t n, deframe_fn fn, void *ctx);

static inline void deframe_head(uint8_t dst[DEFRAME_HEAD], size_t n) {
    dst[0] = (uint8_t)(n >> 8);
    dst[1] = (uint8_t)n;
}
static inline size_t deframe_length(const uint8_t head[DEFRAME_HEAD]) {
    return (size_t)head[0] << 8 | head[1];
}

#endif
