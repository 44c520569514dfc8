/* codec_layer — where one packet stands in its stream: the numbers in it that must go on counting when one
 * outgoing stream changes sources, and, when one stream holds several qualities (VP8: in time; VP9, AV1: in
 * space too), which of them need it. A quality is a pair of a spatial and a temporal layer, a bit of 16
 * (codec_step); whoever is shown a quality is sent the packets whose `in` has its bit. Pure. */
#ifndef CODEC_LAYER_H
#define CODEC_LAYER_H
#include "media/base/str.h"

enum {
    CODEC_SIDS = 3, /* spatial layers told apart; what lies above is never sent on */
    CODEC_TIDS = 4, /* temporal layers told apart */
    CODEC_STEPS_ALL = 0xffff,
};

struct codec_ids {
    uint16_t pid;     /* picture id (VP8, VP9), frame number (AV1) */
    uint8_t pid_bits; /* 0 none, 7, 15; 16: in the dependency descriptor, not in the payload */
    uint8_t pid_off;  /* offsets within the payload; meaningful when present */
    uint8_t tl0_off;
    uint8_t bytes; /* a payload has at least so many */
    uint8_t tl0;
    bool has_tl0;
    bool relative; /* pictures are named by how far back they are: numbers left out stay out */
};

struct codec_layer {
    bool start, end; /* first, last packet of a frame; `end` of VP9 and AV1 only */
    bool sync;       /* VP8: needs only the base layer */
    uint8_t sid, tid;
    uint8_t sids; /* of a key picture: how many spatial layers there are from now on; 0 not said */
    uint16_t in;  /* qualities that need this packet */
    uint16_t sw;  /* who has this frame can be shown these from here on */
    uint16_t height[CODEC_SIDS]; /* of the spatial layers, as a key picture says; 0 not said */
};

static inline uint16_t codec_step(unsigned sid, unsigned tid) {
    return (uint16_t)(1u << (sid * CODEC_TIDS + tid));
}
/* Qualities of one spatial layer from this temporal layer up. */
static inline uint16_t codec_steps_from(unsigned sid, unsigned tid) {
    return (uint16_t)((0xfu << tid & 0xf) << sid * CODEC_TIDS);
}

/* Same-length rewrite of both numbers in a copy of the payload that `d` was parsed from (n = its length;
 * checked). What is in the dependency descriptor is not here (rtp_write). */
int codec_ids_patch(uint8_t *payload, size_t n, const struct codec_ids *d, uint16_t pid, uint8_t tl0);

#endif
