/* red — redundant audio (RFC 2198): a packet that carries the ones before it again, so that a loss now and
 * then is not heard and nobody has to ask. Pure: a total parser, the writer, and the judge of when a receiver
 * needs it (it costs as many bytes again). Limits: RED_BLOCKS_MAX blocks of RED_BLOCK_MAX bytes; red_out
 * keeps what was made last for each depth. */
#ifndef RED_H
#define RED_H
#include "media/rtc/history.h"

enum {
    RED_BLOCKS_MAX = 8,
    RED_BLOCK_MAX = 1023,   /* RFC 2198 3: "block length: 10 bits" */
    RED_OFFSET_MAX = 16383, /* "timestamp offset: 14 bits": a third of a second of Opus */
    RED_DEPTH_MAX = 2,      /* packets repeated at the most */
    RED_BYTES_MAX = 1200,   /* of what red_out makes: fits any path */
};

struct red_block {
    uint8_t pt;
    uint16_t offset; /* timestamp units before the packet's; 0 of the primary */
    struct bytes data;
};
struct red {
    unsigned n;
    struct red_block block[RED_BLOCKS_MAX]; /* oldest first; the last is the primary */
};

/* -ERR_SHORT, -ERR_INVALID (too many blocks). On success n is at least 1. */
int red_parse(struct red *out, struct bytes payload);
/* The length, or -ERR_TOO_LARGE when a block, an offset or the whole is over its limit. */
int red_write(const struct red *in, uint8_t *dst, size_t cap);
/* Gives every block of a written payload this payload type: receivers differ in nothing else. */
void red_patch(uint8_t *payload, size_t n, uint8_t pt);

/* ---- made once for all receivers of a track ---- */
struct red_out {
    uint64_t seq[RED_DEPTH_MAX]; /* of the packet made last, by depth - 1; 0 none */
    uint16_t n[RED_DEPTH_MAX];
    uint8_t bytes[RED_DEPTH_MAX][RED_BYTES_MAX];
};
/* Packet p with up to `depth` (at least 1) before it, as far as they are in the history and fit; empty when
 * even p alone is too large. Payload types are 0 (red_patch). Valid until the next call. */
struct bytes red_out_of(struct red_out *o, const struct history *h, const struct history_pkt *p,
                        unsigned depth);

/* ---- who needs it ---- */
enum {
    RED_LOSS = 5,       /* of 256, 2 %: from here on one packet is repeated */
    RED_LOSS_HIGH = 26, /* 10 %: two of them */
    RED_KEEP_US = 20 * 1000 * 1000,
};
struct red_need {
    int64_t until_us[RED_DEPTH_MAX]; /* by depth - 1 */
};
/* A receiver reported this loss (RFC 3550 fraction, 1/256). */
void red_need_on(struct red_need *d, uint8_t fraction_lost, int64_t now_us);
unsigned red_need_depth(const struct red_need *d, int64_t now_us); /* 0: plain packets do */

#endif
