/* demux — what a datagram on the media port is, by its first bytes (RFC 7983 §7, RFC 5761 §4). Pure, total,
 * inline. Thread: any. */
#ifndef DEMUX_H
#define DEMUX_H
#include "media/base/str.h"

enum demux { DEMUX_DROP, DEMUX_STUN, DEMUX_DTLS, DEMUX_RTP, DEMUX_RTCP };

/* RFC 7983 §7: [0..3] STUN, [16..19] ZRTP, [20..63] DTLS, [64..79] TURN channel, [128..191] RTP/RTCP.
 * RFC 5761 §4: RTCP packet types 192..223 (as the whole second byte) are never RTP payload types with marker.
 */
static inline enum demux demux_kind(struct bytes d) {
    if (d.n < 2)
        return DEMUX_DROP;
    uint8_t b = d.p[0];
    if (b <= 3)
        return d.n >= 20 ? DEMUX_STUN : DEMUX_DROP; /* a STUN header is 20 bytes */
    if (b >= 20 && b <= 63)
        return d.n >= 13 ? DEMUX_DTLS : DEMUX_DROP; /* a DTLS record header is 13 bytes */
    if (b < 128 || b > 191)
        return DEMUX_DROP;
    if (d.p[1] >= 192 && d.p[1] <= 223)
        return d.n >= 8 ? DEMUX_RTCP : DEMUX_DROP;
    return d.n >= 12 ? DEMUX_RTP : DEMUX_DROP;
}

#endif
