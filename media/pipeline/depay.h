/* depay — RTP payloads in order to whole pictures: H.264 (RFC 6184 single NAL, STAP-A, FU-A), VP8 (RFC 7741),
 * VP9 (RFC 9628; the spatial layers of a picture lie one behind the other), AV1 (av1-rtp-spec 4). After a
 * loss nothing is given until the next complete keyframe. Total over any bytes; pure. Thread: owner's.
 * Limits: a picture of DEPAY_PICTURE_MAX bytes. */
#ifndef DEPAY_H
#define DEPAY_H
#include "media/pipeline/avc.h"

enum { DEPAY_PICTURE_MAX = 4 << 20 };
enum depay_codec { DEPAY_H264 = 1, DEPAY_VP8, DEPAY_VP9, DEPAY_AV1 };

struct picture {
    uint32_t ts; /* RTP timestamp */
    bool key;
    uint16_t width, height; /* of a keyframe of H.264 or VP8 */
    struct bytes data; /* H.264: length-prefixed NALs, parameter sets in front of an IDR; VP8, VP9: the frame;
                          AV1: a temporal unit of OBUs with sizes */
    struct bytes config; /* H.264 keyframe: avcC payload */
};
struct depay {
    enum depay_codec codec;
    struct buf data;
    bool open, key, bad; /* of the picture being gathered */
    bool need_key;       /* nothing is given before a keyframe */
    bool fragment;       /* inside an FU-A, whose NAL began at nal_at, or an OBU, gathered in `out` */
    size_t nal_at;
    uint32_t ts;
    uint16_t width, height;
    struct buf sets; /* parameter sets in force, length-prefixed */
    bool new_sets;   /* this picture brought an SPS */
    struct buf out, config;
    uint64_t malformed;
};

void depay_init(struct depay *d, enum depay_codec codec);
void depay_fini(struct depay *d);
void depay_lost(struct depay *d); /* packets are missing here */
/* Call before depay_push: a packet of another timestamp closes a picture that had no marker. True: *out is
 * whole. */
bool depay_turn(struct depay *d, uint32_t ts, struct picture *out);
/* True: *out is whole; its views hold until the next call. */
bool depay_push(struct depay *d, uint32_t ts, bool marker, struct bytes payload, struct picture *out);
/* The same out of an encoder's Annex B access unit, for DEPAY_H264. */
bool depay_annexb(struct depay *d, struct bytes stream, struct picture *out);

#endif
