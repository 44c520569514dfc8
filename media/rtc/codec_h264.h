/* codec_h264 — H.264 in RTP (RFC 6184): which NAL units a packet carries (single, STAP-A, FU-A), and the
 * picture size out of a sequence parameter set (ITU-T H.264 7.3.2.1.1). Pure, total; emulation bytes and
 * exp-golomb bounded. Limits: CODEC_H264_NALS_MAX units looked at in one aggregate. */
#ifndef CODEC_H264_H
#define CODEC_H264_H
#include "media/base/str.h"

enum { CODEC_H264_NALS_MAX = 16, CODEC_H264_SIDE_MAX = 16384 };

struct codec_h264 {
    bool sps, pps;          /* carried whole in this packet */
    bool idr;               /* the first packet of an IDR slice */
    bool start;             /* some NAL unit begins here (not the middle of a fragment) */
    uint16_t width, height; /* when sps and it could be read, else 0 */
};

/* -ERR_SHORT, -ERR_INVALID (nested length overruns), -ERR_UNSUPPORTED (STAP-B, MTAP, FU-B: packetization-mode
 * 2). */
int codec_h264_parse(struct codec_h264 *out, struct bytes payload);
/* Size of a bare SPS NAL unit. -ERR_SHORT, -ERR_INVALID, -ERR_UNSUPPORTED. */
int codec_h264_sps(struct bytes nal, uint16_t *width, uint16_t *height);

#endif
