#include "media/rtc/codec.h"
#include "media/rtc/codec_h264.h"

static int look_h264(struct bytes payload, struct codec_info *out) {
    struct codec_h264 h;
    int err = codec_h264_parse(&h, payload);
    out->keyframe = h.sps;
    out->idr = h.idr;
    out->width = h.width;
    out->height = h.height;
    return err;
}

static int look_vp8(struct bytes payload, struct codec_info *out) {
    int err = codec_vp8_parse(&out->vp8, payload);
    out->keyframe = out->vp8.keyframe;
    out->width = out->vp8.width;
    out->height = out->vp8.height;
    return err;
}

int codec_look(enum codec c, struct bytes payload, struct codec_info *out) {
    memset(out, 0, sizeof *out);
    switch (c) {
    case CODEC_H264:
        return look_h264(payload, out);
    case CODEC_VP8:
        return look_vp8(payload, out);
    case CODEC_OPUS:
        out->silence = payload.n <= CODEC_OPUS_DTX_BYTES;
        return 0;
    case CODEC_NONE:
        break;
    }
    return 0;
}

bool codec_is_video(enum codec c) { return c == CODEC_H264 || c == CODEC_VP8; }

uint32_t codec_clock_hz(enum codec c) {
    /* RFC 7587 4.1: "Opus ... the RTP timestamp is incremented with a 48000 Hz clock rate". */
    return c == CODEC_OPUS ? 48000 : 90000;
}

const char *codec_name(enum codec c) {
    switch (c) {
    case CODEC_OPUS:
        return "opus";
    case CODEC_H264:
        return "h264";
    case CODEC_VP8:
        return "vp8";
    case CODEC_NONE:
        break;
    }
    return "";
}
