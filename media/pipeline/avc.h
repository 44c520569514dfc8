/* avc — H.264 parameter sets and NAL units (ITU-T H.264 7.3; ISO/IEC 14496-15 5.3.3.1 for avcC). Total over
 * any bytes, pure. Samples are NAL units with 4-byte lengths throughout. Thread: any. */
#ifndef AVC_H
#define AVC_H
#include "media/base/rd.h"
#include "media/base/buf.h"

enum { AVC_SPS_MAX = 256, AVC_SETS_MAX = 1024, AVC_SETS_COUNT = 16, AVC_CONFIG_MAX = AVC_SETS_MAX + 32 };
enum avc_nal {
    AVC_SLICE = 1,
    AVC_IDR = 5,
    AVC_SEI = 6,
    AVC_SPS = 7,
    AVC_PPS = 8,
    AVC_AUD = 9,
    AVC_FILLER = 12
};

struct avc_sps {
    uint8_t profile, compat, level;
    uint16_t width, height; /* after cropping */
};
/* -ERR_SHORT, -ERR_INVALID, -ERR_UNSUPPORTED (not 4:2:0 8 bit, which no browser plays). */
int avc_sps_parse(struct avc_sps *out, struct bytes nal);
static inline uint8_t avc_type(struct bytes nal) { return nal.n ? nal.p[0] & 0x1f : 0; }

/* Writes an avcC payload of the parameter sets in `sets` (length-prefixed, at least one SPS and one PPS).
 * False if they do not fit or one kind is missing. */
bool avc_config(struct buf *out, struct bytes sets);
int avc_config_parse(struct bytes config, struct bytes *sps, struct bytes *pps); /* the first of each */
enum { AVC_CODEC_MAX = 16 };
/* "avc1.42e01f" of an avcC. */
void avc_codec(char out[AVC_CODEC_MAX], struct bytes config);

/* Next NAL of a length-prefixed sample; false at the end (r->bad if torn). */
bool avc_next(struct rd *r, struct bytes *nal);
/* Next NAL of an Annex B stream. */
bool avc_next_annexb(struct rd *r, struct bytes *nal);
void avc_put(struct buf *out, struct bytes nal); /* length and bytes */

#endif
