/* av1 — AV1 in RTP (aomediacodec.github.io/av1-rtp-spec 4.4): the aggregation header and the OBU
 * elements a packet carries. What belongs to which layer stands in the dependency descriptor
 * (media/rtc/dd.h). Pure, total. Limits: AV1_ELEMENTS_MAX elements a packet. */
#ifndef AV1_H
#define AV1_H
#include "media/base/rd.h"

enum { AV1_ELEMENTS_MAX = 64 };

struct av1_payload {
    bool goes_on;  /* Z: the first element continues one of the packet before */
    bool unended;  /* Y: the last element is continued in the next packet */
    bool sequence; /* N: "the packet is the first packet of a coded video sequence" */
    unsigned n;
    struct bytes element[AV1_ELEMENTS_MAX]; /* views; OBUs or pieces of them */
};

/* -ERR_SHORT (empty, an element overruns), -ERR_INVALID (a length that is none), -ERR_TOO_LARGE (elements).
 */
int av1_payload_parse(struct av1_payload *out, struct bytes payload);
/* leb128 of AV1 4.10.5: at most eight bytes, value below 2^32. Sets r->bad. */
uint32_t av1_leb128(struct rd *r);
/* Only the header's N bit, with Z clear: what the forwarding path wants. */
static inline bool av1_key(struct bytes payload) { return payload.n > 1 && (payload.p[0] & 0x88) == 0x08; }

#endif
