/* codec_vp8 — the VP8 payload descriptor (RFC 7741 4.2): where a frame starts, whether it is a key frame, and
 * the picture id / TL0PICIDX that must go on counting when one outgoing stream changes sources. Pure, total.
 */
#ifndef CODEC_VP8_H
#define CODEC_VP8_H
#include "media/base/str.h"

struct codec_vp8 {
    bool start;    /* S bit and partition 0: first packet of a frame */
    bool keyframe; /* first packet of a key frame */
    bool has_tl0;
    uint8_t pid_bits; /* 0 none, 7 or 15 */
    uint8_t pid_off;  /* offsets within the payload; meaningful when present */
    uint8_t tl0_off;
    uint8_t tid;        /* temporal layer, 0 when absent */
    bool sync;          /* Y: depends on the base layer only */
    uint8_t head_bytes; /* length of the descriptor */
    uint8_t tl0;
    uint16_t pid;
    uint16_t width, height; /* of a key frame, else 0 */
};

/* -ERR_SHORT when the descriptor (or a key frame's start) is cut. */
int codec_vp8_parse(struct codec_vp8 *out, struct bytes payload);
/* Same-length rewrite, in a copy of the payload that `d` was parsed from (n = its length; checked). */
int codec_vp8_patch(uint8_t *payload, size_t n, const struct codec_vp8 *d, uint16_t pid, uint8_t tl0);

#endif
