/* history — the last packets of one source stream, stored once; every sink reads them here. It hides the
 * ring. Packets are kept normalised: a 12-byte RTP header (no CSRC, extensions, padding) and the payload, so
 * a slot's bytes are at once what a tap wants. Thread: owner's. Ownership: history_open allocates, close
 * frees; slots are borrowed until overwritten (HISTORY_VIDEO packets later), so nobody
 * keeps one past a turn but the track, for the millisecond it holds a picture together. Sequence numbers are
 * unwrapped (seq.h). Memory: about 1.6 kB a slot: video 1.6 MB, audio 0.2 MB a track. */
#ifndef HISTORY_H
#define HISTORY_H
#include "media/rtc/codec.h"
#include "media/rtc/rtp.h"

enum {
    HISTORY_VIDEO = 1024,        /* slots: 3 s of 3 Mb/s in 1200-byte packets */
    HISTORY_AUDIO = 128,         /* 2.5 s of 20 ms packets */
    HISTORY_GOP_REPLAY_MAX = 64, /* packets since the last key frame a new viewer is sent at once; past that a
                                    new key frame is cheaper than the burst */
};

struct history_pkt {
    uint64_t seq; /* unwrapped source sequence; 0 = empty slot */
    int64_t arrival_us;
    uint32_t ts;
    uint16_t n; /* bytes in data: header + payload */
    uint8_t pt;
    bool marker, has_level, voice;
    uint8_t level_dbov; /* RFC 6464, when has_level */
    uint8_t dd_n;       /* AV1: bytes of its dependency descriptor, which lies behind the packet in data */
    bool late;          /* arrived after a newer one (reordered or retransmitted) */
    struct codec_info info;
    uint8_t data[RTP_PACKET_MAX];
};

struct history { /* private to history.c; visible so a track can embed it */
    struct history_pkt *slots;
    unsigned cap; /* power of two */
    uint64_t top; /* highest seq put; 0 when empty */
    uint64_t gop; /* seq of the packet decoding can begin at, 0 when unknown or overwritten */
    uint32_t gop_ts;
};

void history_open(struct history *h, unsigned slots); /* rounded up to a power of two, at most 4096 */
void history_close(struct history *h);
/* Store one parsed packet. Notes key frames by `info` (NULL for audio). NULL when it is a duplicate, too old
 * for the ring, or too large. A probe (nothing but padding) is kept, empty: receivers must see its number, or
 * they take it for a loss (H.264 decoding would stop there). The caller sets the level fields, and
 * history_dd. */
struct history_pkt *history_put(struct history *h, uint64_t seq, const struct rtp *p,
                                const struct codec_info *info, int64_t now_us);
/* Keeps a dependency descriptor with the packet; without when there is no room for both. */
void history_dd(struct history_pkt *p, struct bytes dd);
const struct history_pkt *history_get(const struct history *h, uint64_t seq); /* NULL when absent */
/* Packets from the last key frame's first to the newest, as a range [*first, *last] to walk with history_get
 * (gaps stay gaps). Returns the length; 0 when there is no key frame in the ring. */
unsigned history_gop(const struct history *h, uint64_t *first, uint64_t *last);
/* As history_gop, but 0 when replaying is not worth it: longer than HISTORY_GOP_REPLAY_MAX, or a hole in the
 * key frame itself. */
unsigned history_replay(const struct history *h, uint64_t *first, uint64_t *last);
static inline struct bytes history_payload(const struct history_pkt *p) {
    return (struct bytes){p->data + RTP_HEAD, (size_t)p->n - RTP_HEAD};
}
static inline struct bytes history_dd_of(const struct history_pkt *p) {
    return (struct bytes){p->data + p->n, p->dd_n};
}

#endif
