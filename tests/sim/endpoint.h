/* endpoint — the far end of a PeerConnection as a sans-IO value: what a browser does on the wire, without
 * codecs. It offers, takes the answer, checks, shakes hands, sends pictures whose every packet says what it
 * is, and judges what it receives: continuity of numbers, whether each picture could be decoded, how long the
 * screen stood still. Thread: owner's. Heap: one allocation, plus DTLS and SRTP. */
#ifndef ENDPOINT_H
#define ENDPOINT_H
#include "media/rtc/codec.h"
#include "media/rtc/dtls.h"
#include "media/rtc/nack.h"
#include "media/rtc/rtcp.h"
#include "media/rtc/rtp.h"
#include "media/rtc/seq.h"
#include "media/rtc/twcc.h"
#include "media/sdp.h"
#include "tests/sim/endpoint_rx.h"

enum {
    ENDPOINT_LINES_MAX = 12,
    ENDPOINT_LAYERS_MAX = 3,
    ENDPOINT_SENT_RING = 1024,
    ENDPOINT_FRAMES = 256,
    ENDPOINT_PACKETS_MAX = 64, /* of one picture */
    ENDPOINT_SOUND_BYTES = 80,
    ENDPOINT_SKIP_US = 1000 * 1000, /* a picture missing so long is given up, if a key frame came */
};

typedef void (*endpoint_out_fn)(void *ctx, const uint8_t *p, size_t n, int64_t now_us); /* one leaves */

struct endpoint_spec {
    bool publish;
    unsigned audio, video; /* m-lines */
    enum codec codec;      /* of video sent; a viewer accepts this only, or both when CODEC_NONE */
    unsigned layers;       /* publisher: sizes of its one picture (simulcast); 0: as 1 */
    bool undeclared;       /* publisher: no a=ssrc lines, the server learns by mid */
    bool red;              /* offers redundancy of sound; a publisher sends it, each packet twice */
    bool silent;           /* viewer: does not offer transport-wide feedback */
    unsigned rids;         /* publisher: its picture is offered in so many sizes, "a", "b", "c" */
    unsigned ids;          /* viewer: which set of extension ids it offers, of ENDPOINT_VIEW_IDS */
    endpoint_out_fn out;
    void *ctx;
};

struct endpoint_frame { /* a picture being received */
    uint32_t source, frame, ts;
    uint64_t got; /* bit per packet */
    uint8_t count;
    bool used, key;
    uint16_t pid;
    int64_t since_us;
};
struct endpoint_line {
    char mid[SDP_MID_MAX + 1];
    bool video;
    uint32_t ssrc, rtx;
    /* sending */
    const char *rid;               /* of a layer; NULL: the line is one stream */
    uint16_t width, height, bytes; /* of its pictures; bytes 0: as many packets as are asked for */
    bool asleep;                   /* a layer the server does not want */
    uint16_t seq, rtx_seq, pid;
    uint32_t ts, frame, packets, octets;
    bool key_wanted;
    uint32_t before_ts; /* the sound before, for redundancy */
    uint8_t before[ENDPOINT_SOUND_BYTES];
    unsigned plis, nacks, rtx_sent;
    int64_t asked_us, pli_gap_us; /* the last key frame request that came; the least time between two */
    struct endpoint_sent {
        uint16_t seq, n;
        uint32_t ts;
        bool marker;
        uint8_t payload[RTP_PACKET_MAX];
    } * sent;
    /* receiving */
    struct seq_unwrap unwrap;
    struct nack nack;
    uint64_t received, recovered, duplicates, lost_asked;
    uint32_t source; /* shown now */
    uint32_t next;   /* its next picture */
    uint32_t shown, skipped, keys_shown, switches;
    uint32_t bad_ts, bad_pid; /* pictures that went back in time, or whose VP8 picture id did not follow */
    uint32_t last_ts;
    uint16_t last_pid;
    int64_t shown_us, longest_us; /* last picture shown; longest time between two */
    int64_t first_us, pli_us;     /* first packet; last key frame request of ours */
    uint32_t reports;             /* sender reports received */
    struct endpoint_ear ear;
    uint64_t seen[1024]; /* ring of outgoing numbers received, for duplicates */
    struct endpoint_frame frame_ring[ENDPOINT_FRAMES];
};

struct endpoint {
    struct endpoint_spec spec;
    struct dtls *dtls;
    struct secure *secure,
        *voice; /* voice: of a viewer's reports, which have an SSRC and a count of their own */
    char ufrag[9], pwd[25], remote_ufrag[64], remote_pwd[64];
    bool reachable, failed, bye;
    int64_t check_us, report_us;
    uint32_t ssrc;
    uint16_t wide;
    struct rtp_ext_map ids; /* it offered */
    struct endpoint_heads heads;
    unsigned feedbacks;      /* transport-wide feedback packets received, a viewer's: sent */
    struct twcc_rx rx;       /* a viewer's log of all that came */
    unsigned lines, streams; /* m-lines; and after them the further layers of a publisher's picture */
    struct endpoint_line line[ENDPOINT_LINES_MAX];
};

struct endpoint *endpoint_open(const struct endpoint_spec *s);
void endpoint_close(struct endpoint *e);
void endpoint_offer(const struct endpoint *e, struct buf *out);
void endpoint_renew(struct endpoint *e); /* new ICE credentials, for a restart; then endpoint_offer */
bool endpoint_answer(struct endpoint *e, struct str sdp, int64_t now_us);
void endpoint_feed(struct endpoint *e, const uint8_t *p, size_t n, int64_t now_us);
void endpoint_step(struct endpoint *e, int64_t now_us); /* what is due */
int64_t endpoint_next_us(const struct endpoint *e);
static inline bool endpoint_up(const struct endpoint *e) { return e->secure != NULL; }

/* One picture of `packets` packets on line i; a key frame when asked by the far end (or forced). source: a
 * number the receivers can tell this camera by. */
void endpoint_picture(struct endpoint *e, unsigned i, uint32_t source, unsigned packets, bool key,
                      int64_t now_us);
void endpoint_sound(struct endpoint *e, unsigned i, uint32_t source, uint8_t level_dbov, int64_t now_us);
void endpoint_pli(struct endpoint *e, unsigned i, int64_t now_us);
/* Layer k of a publisher with several: which stream it is. A layer sleeps, and begins with a key frame. */
struct endpoint_line *endpoint_layer(struct endpoint *e, unsigned k);
void endpoint_sleep(struct endpoint *e, unsigned k, bool asleep);
/* Shuts DTLS down like a page that was closed. */
void endpoint_leave(struct endpoint *e, int64_t now_us);

/* A check of its, as it would send it now: its length. */
size_t endpoint_check(const struct endpoint *e, uint8_t *out, size_t cap);

/* ---- shared by its two files ---- */
void endpoint_send_rtp(struct endpoint *e, uint8_t *pkt, size_t n, int64_t now_us);
void endpoint_send_rtcp(struct endpoint *e, uint8_t *pkt, size_t n, int64_t now_us);
void endpoint_on_rtp(struct endpoint *e, const struct rtp *p, int64_t now_us);
void endpoint_on_rtcp(struct endpoint *e, struct bytes d, int64_t now_us);
void endpoint_report(struct endpoint *e, int64_t now_us);
void endpoint_nacks(struct endpoint *e, int64_t now_us);
void endpoint_tell(struct endpoint *e, int64_t now_us); /* transport-wide feedback, when due */
enum {
    ENDPOINT_VIEW_IDS = 2,
    ENDPOINT_PT_OPUS = 111,
    ENDPOINT_PT_RED = 63,
    ENDPOINT_PT_H264 = 102,
    ENDPOINT_PT_H264_RTX = 103,
    ENDPOINT_PT_VP8 = 96,
    ENDPOINT_PT_VP8_RTX = 97,
    /* A publisher's; viewers' are others (endpoint.c). */
    ENDPOINT_EXT_LEVEL = 1,
    ENDPOINT_EXT_TIME = 2,
    ENDPOINT_EXT_WIDE = 3,
    ENDPOINT_EXT_MID = 4,
    ENDPOINT_EXT_RID = 5,
    ENDPOINT_EXT_RRID = 6
};

#endif
