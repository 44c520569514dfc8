/* codec_vp8 — the VP8 payload descriptor (RFC 7741 4.2): where a frame starts, whether it is a key frame, and
 * the picture id / TL0PICIDX that must go on counting when one outgoing stream changes sources. Pure, total.
 */
#ifndef CODEC_VP8_H
#define CODEC_VP8_H
#include "media/rtc/codec_layer.h"

struct codec_vp8 {
    bool start;    /* S bit and partition 0: first packet of a frame */
    bool keyframe; /* first packet of a key frame */
    struct codec_ids ids;
    uint8_t tid;            /* temporal layer, 0 when absent */
    bool sync;              /* Y: depends on the base layer only */
    uint8_t head_bytes;     /* length of the descriptor */
    uint16_t width, height; /* of a key frame, else 0 */
};

/* -ERR_SHORT when the descriptor (or a key frame's start) is cut. */
int codec_vp8_parse(struct codec_vp8 *out, struct bytes payload);

#endif
