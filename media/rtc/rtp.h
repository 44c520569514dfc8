/* rtp — the RTP packet (RFC 3550 5.1) with header extensions (RFC 8285): total parser, and the writer of
 * outgoing packets with our own extension ids. Pure; no allocation. Parsed views point into the input.
 * Limits: RTP_PACKET_MAX bytes a packet; extension ids above RTP_EXT_ID_MAX are skipped. */
#ifndef RTP_H
#define RTP_H
#include "media/base/str.h"

enum {
    RTP_HEAD = 12,
    RTP_PACKET_MAX = 1500, /* an Ethernet MTU; larger datagrams are refused, smaller buffers are never used */
    RTP_EXT_ID_MAX = 15,
    RTP_MID_MAX = 16,       /* RFC 8285 4.2: a one-byte element carries 1..16 bytes */
    RTP_LEVEL_SILENT = 127, /* RFC 6464 3: "-127 dBov", digital silence */
};

struct rtp {
    bool marker;
    uint8_t pt;
    uint16_t seq;
    uint32_t ts, ssrc;
    uint8_t padding;                      /* bytes of padding cut off */
    struct bytes payload;                 /* may be empty: a padding-only probe */
    struct bytes ext[RTP_EXT_ID_MAX + 1]; /* by id; p NULL when absent */
};

/* Which id each extension has in one direction of one connection; 0 = not negotiated. */
struct rtp_ext_map {
    uint8_t mid, abs_send_time, transport_cc, audio_level, dd;
};

/* -ERR_SHORT, -ERR_INVALID (version, padding, broken extension block), -ERR_TOO_LARGE. */
int rtp_parse(struct rtp *out, struct bytes packet);
/* RFC 5761 4: true when this datagram (first byte 128..191) is RTCP rather than RTP. */
bool rtp_is_rtcp(struct bytes packet);

/* Extension values; false/empty when absent, of id 0, or of the wrong length. */
bool rtp_audio_level(const struct rtp *p, uint8_t id, uint8_t *level_dbov,
                     bool *voice); /* RFC 6464: 0 loud..127 */
bool rtp_transport_cc(const struct rtp *p, uint8_t id, uint16_t *seq);
struct str rtp_mid(const struct rtp *p, uint8_t id);
struct bytes rtp_dd(const struct rtp *p, uint8_t id); /* dependency descriptor (dd.h); empty when absent */
/* RFC 4588 4: "The first two bytes of the RTX payload are the OSN". -ERR_SHORT when there are not two
 * (also a padding-only RTX probe). On success *p becomes the original: seq, payload; the caller sets pt,
 * ssrc. */
int rtp_rtx_unwrap(struct rtp *p);

struct rtp_out {
    uint8_t pt;
    bool marker;
    uint16_t seq;
    uint32_t ts, ssrc;
    struct rtp_ext_map
        map;         /* ids; an element is written when its id is not 0 (and mid_n, has_level say so) */
    const char *mid; /* borrowed for the call */
    uint8_t mid_n;   /* 0 = no mid; at most RTP_MID_MAX */
    bool has_level, voice;
    uint8_t level_dbov;
    uint32_t abs_send_time; /* 24 bits, rtp_abs_send_time() */
    uint16_t transport_seq;
    struct bytes dd;   /* dependency descriptor, with this frame number in place of its own; empty: none */
    uint16_t dd_frame; /* more than 16 bytes need the two-byte form, which is used only then */
    bool rtx;          /* put `osn` before the payload (RFC 4588) */
    uint16_t osn;
};
/* One-byte extension form (RFC 8285 4.2; 4.3 for a long descriptor), no CSRC, no padding, P bit clear.
 * Returns the length or -ERR_TOO_LARGE. `dst` may not overlap `payload`. The payload lies at the end of dst,
 * so it can be patched there (VP8). */
int rtp_write(const struct rtp_out *o, struct bytes payload, uint8_t *dst, size_t cap);
/* abs-send-time: "24-bit unsigned fixed point ... 6.18", seconds modulo 64. */
uint32_t rtp_abs_send_time(int64_t now_us);

#endif
