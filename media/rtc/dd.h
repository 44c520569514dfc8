/* dd — the dependency descriptor (aomediacodec.github.io/av1-rtp-spec, appendix A): an RTP header extension
 * that says of every packet which decode targets need its frame and where one can switch, by templates a key
 * frame brings. References and chains are read past: who is sent whole decode targets needs none. Pure,
 * total. Limits: DD_TEMPLATES_MAX templates, DD_TARGETS_MAX targets, DD_BYTES_MAX bytes; all bounded by the
 * format's fields. Size of a structure about 0.9 kB. */
#ifndef DD_H
#define DD_H
#include "media/rtc/codec_layer.h"

enum {
    DD_TEMPLATES_MAX = 64, /* ids have six bits */
    DD_TARGETS_MAX = 32,   /* dtis_cnt_minus_one has five */
    DD_SIDS_MAX = 4,       /* AV1 knows four of each kind */
    DD_TIDS_MAX = 8,
    DD_HEAD = 3,        /* the mandatory fields; more is extended ones */
    DD_BYTES_MAX = 255, /* a two-byte header extension carries no more */
};

struct dd_template {
    uint8_t sid, tid;
    uint32_t in, sw; /* decode targets its frames are present for; of them, those to switch to */
};
struct dd_structure {
    uint8_t offset, n, targets, chains, sids;
    struct dd_template t[DD_TEMPLATES_MAX];
    bool sized;
    uint16_t width[DD_SIDS_MAX], height[DD_SIDS_MAX]; /* when sized; UINT16_MAX for the largest, 65536 */
    int8_t target_of[CODEC_SIDS * CODEC_TIDS];        /* of each quality; -1 none */
};

struct dd {
    bool start, end; /* of a frame */
    bool attached;   /* a new structure came with it: a coded video sequence begins */
    bool has_active;
    uint8_t sid, tid;
    uint8_t fdiffs; /* how many frames it refers to by custom fields */
    uint16_t frame;
    uint32_t in, sw, active; /* bits of decode targets */
};

/* One descriptor by the structure in force (n 0: none yet), which an attached one replaces when all of it is
 * good. -ERR_SHORT, -ERR_INVALID (no such template, more layers than AV1 has), -ERR_MISSING (no structure
 * yet). */
int dd_parse(struct dd *out, struct dd_structure *s, struct bytes ext);
/* What the forwarding path wants of it. */
void dd_layer(const struct dd *d, const struct dd_structure *s, struct codec_layer *out);
/* The frame number alone: it lies in the mandatory fields. False when there are none. */
bool dd_frame(struct bytes ext, uint16_t *frame);

#endif
