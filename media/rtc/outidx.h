/* outidx — the packet index of each stream we send (RFC 3711 3.3.1: 2^16 * ROC + SEQ), and where an RTP
 * packet's header ends: what both SRTP profiles need before they encrypt. Pure. Thread: owner's. Heap: one
 * small array past the first OUTIDX_OWN, grown at the first packet of an SSRC, OUTIDX_MAX in all. */
#ifndef OUTIDX_H
#define OUTIDX_H
#include "media/base/str.h"

enum { OUTIDX_MAX = 96, OUTIDX_OWN = 6 };
#define OUTIDX_END (UINT64_C(1) << 48) /* RFC 3711 9.2: at most 2^48 SRTP packets under one key */

struct outidx_stream {
    uint64_t top; /* highest index sent */
    uint32_t ssrc;
};
struct outidx {
    unsigned count, cap, last;                   /* last: where the previous packet's was */
    struct outidx_stream own[OUTIDX_OWN], *more; /* the first ones here, the others there */
};

void outidx_fini(struct outidx *o);
/* The index of this packet, which is about to be sent. -ERR_FULL too many SSRCs, -ERR_INVALID a number from
 * before the stream's beginning, -ERR_EXPIRED the key has protected all it may. */
int outidx_next(struct outidx *o, uint32_t ssrc, uint16_t seq, uint64_t *index);
/* RFC 3711 3.3.1: the index with this sequence number nearest to `top`; UINT64_MAX when that would be before
 * the beginning. */
uint64_t outidx_nearest(uint64_t top, uint16_t seq);
/* Octets of an RTP header with its CSRCs and extension: authenticated but not encrypted. 0: not a packet. */
size_t outidx_head(const uint8_t *pkt, size_t n);

#endif
