/* codec — what the forwarding path needs to know of one payload, whatever the codec: can decoding begin here,
 * how large is the picture, is it silence. Pure, total, no allocation. Numbers are those of
 * media/base/frame.h. */
#ifndef CODEC_H
#define CODEC_H
#include "media/base/frame.h"
#include "media/rtc/codec_layer.h"
#include "media/sdp.h"

enum codec {
    CODEC_NONE = 0,
    CODEC_OPUS = FRAME_OPUS,
    CODEC_H264 = FRAME_H264,
    CODEC_VP8 = FRAME_VP8,
    CODEC_VP9 = FRAME_VP9,
    CODEC_AV1 = FRAME_AV1
};

enum { CODEC_OPUS_DTX_BYTES = 2 }; /* an Opus payload no larger is silence (RFC 7587 3.1.3) */

struct codec_info {
    bool keyframe; /* a decoder can start at this packet: a key frame's first, H.264 packet with an SPS */
    bool idr;      /* H.264: an IDR slice begins here. Without the SPS just before, nothing can start here */
    bool silence;  /* Opus: DTX */
    uint16_t width, height; /* known at a key frame, else 0 */
    struct codec_ids ids;   /* of VP8 and VP9; AV1's when there is a dependency descriptor */
    struct codec_layer layer;
};

/* AV1's layers and frame number are not in the payload but beside it (dd.h): until that is looked at, every
 * packet is of one layer. Errors of the codec's parser; *out is all false then, and the packet is still
 * forwardable. */
int codec_look(enum codec c, struct bytes payload, struct codec_info *out);
bool codec_is_video(enum codec c);
bool codec_has_layers(enum codec c);    /* one stream holds several sizes: VP9, AV1 */
enum sdp_codec codec_sdp(enum codec c); /* its name in a description; SDP_UNKNOWN */
enum codec codec_of_sdp(enum sdp_codec c);
uint32_t codec_clock_hz(enum codec c); /* 48000 or 90000 */
const char *codec_name(enum codec c);  /* "opus" "h264" "vp8" "vp9" "av1"; "" for none */

#endif
