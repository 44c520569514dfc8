#include "media/rtc/codec.h"
#include "media/base/err.h"
#include "media/base/av1.h"
#include "media/rtc/codec_h264.h"
#include "media/rtc/codec_vp8.h"
#include "media/rtc/codec_vp9.h"

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
    struct codec_vp8 v;
    int err = codec_vp8_parse(&v, payload);
    out->keyframe = v.keyframe;
    out->width = v.width;
    out->height = v.height;
    out->ids = v.ids;
    out->layer = (struct codec_layer){.start = v.start, .sync = v.sync, .tid = v.tid};
    return err;
}

static int look_vp9(struct bytes payload, struct codec_info *out) {
    struct codec_vp9 v;
    int err = codec_vp9_parse(&v, payload);
    if (err) {
        out->layer.in = CODEC_STEPS_ALL;
        return err;
    }
    out->keyframe = codec_vp9_key(&v);
    out->ids = v.ids;
    codec_vp9_layer(&v, &out->layer);
    if (out->keyframe && v.sids) {
        out->width = v.width[v.sids - 1];
        out->height = v.height[v.sids - 1];
    }
    return 0;
}

static int look_av1(struct bytes payload, struct codec_info *out) {
    out->keyframe = av1_key(payload);
    out->layer = (struct codec_layer){.in = CODEC_STEPS_ALL};
    return payload.n > 1 ? 0 : -ERR_SHORT;
}

int codec_look(enum codec c, struct bytes payload, struct codec_info *out) {
    memset(out, 0, sizeof *out);
    switch (c) {
    case CODEC_H264:
        return look_h264(payload, out);
    case CODEC_VP8:
        return look_vp8(payload, out);
    case CODEC_VP9:
        return look_vp9(payload, out);
    case CODEC_AV1:
        return look_av1(payload, out);
    case CODEC_OPUS:
        out->silence = payload.n <= CODEC_OPUS_DTX_BYTES;
        return 0;
    case CODEC_NONE:
        break;
    }
    return 0;
}

bool codec_is_video(enum codec c) { return c >= CODEC_H264 && c <= CODEC_AV1; }

bool codec_has_layers(enum codec c) { return c == CODEC_VP9 || c == CODEC_AV1; }

enum sdp_codec codec_sdp(enum codec c) {
    static const enum sdp_codec of[] = {
        [CODEC_NONE] = SDP_UNKNOWN, [CODEC_OPUS] = SDP_OPUS, [CODEC_H264] = SDP_H264,
        [CODEC_VP8] = SDP_VP8,      [CODEC_VP9] = SDP_VP9,   [CODEC_AV1] = SDP_AV1,
    };
    return of[c];
}

enum codec codec_of_sdp(enum sdp_codec c) {
    static const enum codec of[SDP_CODEC_COUNT] = {CODEC_OPUS, CODEC_H264, CODEC_VP8, CODEC_VP9, CODEC_AV1};
    return c < SDP_CODEC_COUNT ? of[c] : CODEC_NONE;
}

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
    case CODEC_VP9:
        return "vp9";
    case CODEC_AV1:
        return "av1";
    case CODEC_NONE:
        break;
    }
    return "";
}

int codec_ids_patch(uint8_t *payload, size_t n, const struct codec_ids *d, uint16_t pid, uint8_t tl0) {
    if (n < d->bytes)
        return -ERR_SHORT;
    if (d->pid_bits == 15) {
        payload[d->pid_off] = (uint8_t)(0x80 | (pid >> 8 & 0x7f));
        payload[d->pid_off + 1] = (uint8_t)pid;
    } else if (d->pid_bits == 7) {
        payload[d->pid_off] = pid & 0x7f;
    }
    if (d->has_tl0)
        payload[d->tl0_off] = tl0;
    return 0;
}
