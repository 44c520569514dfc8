/* codec_vp9 — the VP9 payload descriptor (RFC 9628 4.2): which layer of which picture a packet is of, what
 * depends on it, and the sizes of the layers. Pure, total. Limits: the format's own: eight spatial layers, at
 * most three reference indices, 255 pictures in a group. */
#ifndef CODEC_VP9_H
#define CODEC_VP9_H
#include "media/rtc/codec_layer.h"

enum { CODEC_VP9_SIDS_MAX = 8, CODEC_VP9_REFS_MAX = 3 };

struct codec_vp9 {
    bool inter;      /* P: predicted from earlier pictures */
    bool flexible;   /* F: references are said packet by packet */
    bool begin, end; /* B, E: of a layer's frame */
    bool leaf;       /* Z: no higher spatial layer is predicted from this one */
    bool has_layer;
    bool up;   /* U: pictures after it may go to a higher temporal layer */
    bool upon; /* D: predicted from the spatial layer below in the same picture */
    uint8_t sid, tid, refs;
    uint8_t ref[CODEC_VP9_REFS_MAX]; /* P_DIFF */
    struct codec_ids ids;
    uint8_t sids;  /* of the scalability structure; 0: there is none in this packet */
    uint8_t group; /* pictures of it described there */
    uint16_t width[CODEC_VP9_SIDS_MAX], height[CODEC_VP9_SIDS_MAX]; /* 0 not said */
    uint16_t head_bytes;                                            /* length of the descriptor */
};

/* -ERR_SHORT when it is cut or nothing follows it, -ERR_INVALID (more references than there may be). */
int codec_vp9_parse(struct codec_vp9 *out, struct bytes payload);
/* Decoding can begin here. */
static inline bool codec_vp9_key(const struct codec_vp9 *v) { return v->begin && !v->inter && !v->upon; }
/* What the forwarding path wants of it. */
void codec_vp9_layer(const struct codec_vp9 *v, struct codec_layer *out);

#endif
