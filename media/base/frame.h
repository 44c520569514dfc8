/* frame — the messages on fd 3 between a tap (in a media worker) and a somhub-pipe child: one SOCK_SEQPACKET
 * message each, a 20-byte header in network order, then for RTP the whole decrypted packet. Pure.
 *
 *   0        1        2        3        4                8                            16                20
 *   | kind   | media  | codec  | flags  | track (u32)    | arrival_us (i64, monotonic) | clock_hz (u32)  |
 * payload …
 */
#ifndef FRAME_H
#define FRAME_H
#include "media/base/str.h"

enum frame_kind {
    FRAME_RTP = 1,      /* payload: RTP packet, header extensions removed, padding removed */
    FRAME_SR = 2,       /* payload: u64 NTP time, u32 RTP timestamp (RFC 3550 6.4.1) */
    FRAME_GONE = 3,     /* no payload: the track ended */
    FRAME_KEYFRAME = 16 /* child -> tap: please ask this track's source for a keyframe */
};
enum frame_media { FRAME_AUDIO = 1, FRAME_VIDEO = 2 };
enum frame_codec { FRAME_OPUS = 1, FRAME_H264 = 2, FRAME_VP8 = 3, FRAME_VP9 = 4, FRAME_AV1 = 5 };
enum { FRAME_HEAD = 20, FRAME_MAX = FRAME_HEAD + 1600 };

struct frame {
    uint8_t kind, media, codec, flags;
    uint32_t track;
    int64_t arrival_us;
    uint32_t clock_hz;
    struct bytes payload; /* view */
};

int frame_parse(struct frame *out, struct bytes msg); /* -ERR_SHORT, -ERR_INVALID */
/* Writes header and payload; returns the length, or -ERR_TOO_LARGE. */
int frame_write(const struct frame *f, uint8_t *dst, size_t cap);

#endif
