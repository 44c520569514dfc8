/* publish — the receiving side of a publishing peer: which SSRC is which of its m-lines and which layer of it
 * (rid, RFC 8852), what is lost and asked for again, reports back to the browser (RR, NACK, PLI,
 * transport-wide feedback). It feeds the room's tracks. Thread: the worker's. Owner: its peer. Size: about 11
 * kB a stream. Limits: MEDIA_TRACKS_PER_PEER_MAX m-lines, SDP_RIDS_MAX layers of each, PUBLISH_LEARN_MAX
 * SSRCs that no SDP declared; past that they are refused before they cost anything. */
#ifndef PUBLISH_H
#define PUBLISH_H
#include "media/rtc/cmd.h"
#include "media/rtc/nack.h"
#include "media/rtc/router.h"
#include "media/rtc/rxstats.h"
#include "media/rtc/twcc.h"

enum {
    PUBLISH_LEARN_MAX = 32, /* attempts to bring an undeclared SSRC, in the life of the peer */
    PUBLISH_REPORT_US = 1000 * 1000,
    /* What one m-line may bring, layers and repairs together: past it packets are refused, for each goes to
     * everybody. A picture: many times what a browser sends, repairs over a bad line included. Sound: twice
     * Opus's 510 kb/s (RFC 6716 2) and half again, in packets of 5 ms at the shortest. */
    PUBLISH_VIDEO_BPS = 50 * 1000 * 1000,
    PUBLISH_VIDEO_LEAST_BYTES = 600, /* a smaller packet counts as so many */
    PUBLISH_SOUND_BPS = 1600 * 1000,
    PUBLISH_SOUND_LEAST_BYTES = 1000,
};

struct publish;
struct publish_line { /* one m-line we receive */
    enum media_source source;
    bool video;
    char mid[SDP_MID_MAX + 1];
    struct sdp_codec_choice codec[SDP_CODEC_COUNT];
    uint8_t ext[SDP_EXT_COUNT];
    unsigned layers; /* streams it has: 1, or as many as rids were agreed */
    uint32_t feed;   /* what its layers are together; another codec is another feed */
    enum codec now;
    int64_t left_bytes, filled_us; /* of what it may bring: a second's worth at the most */
};
struct publish_in { /* one stream: an m-line's, or a layer's of it */
    struct publish *pub;
    struct publish_line *line;
    unsigned layer;
    char rid[SDP_RID_MAX + 1]; /* "" when the m-line has one stream */
    uint32_t ssrc, rtx_ssrc;   /* 0: not known yet */
    struct track *track;       /* NULL before the first packet */
    struct seq_unwrap unwrap;
    struct nack nack;
    struct rxstats rx;
    uint8_t fir_seq, loss; /* loss: of the last report, in 1/256 */
};
struct publish {
    struct leg *leg; /* borrowed: the peer's */
    struct router *room;
    uint64_t peer;
    char member[MEDIA_MEMBER_ID_MAX + 1];
    uint32_t ssrc; /* ours, in RTCP */
    unsigned lines, n, learned;
    struct publish_line line[MEDIA_TRACKS_PER_PEER_MAX];
    struct publish_in *in; /* n of them */
    struct sr_clock clock;
    struct twcc_rx twcc;
    bool has_twcc;
    uint32_t media_ssrc; /* of the last packet, for feedback */
    int64_t report_us;
    uint64_t rx_bytes, nacked;
};

struct publish *publish_open(const struct peer_cfg *c, struct leg *leg, struct router *room, int64_t now_us);
void publish_close(struct publish *p, int64_t now_us);      /* its tracks end */
bool publish_knows(const struct publish *p, uint32_t ssrc); /* it is one of its streams */
/* Before decryption: may this SSRC cost anything? */
bool publish_admits(const struct publish *p, uint32_t ssrc);
void publish_rtp(struct publish *p, struct bytes pkt, int64_t now_us);
void publish_rtcp(struct publish *p, struct bytes pkt, int64_t now_us);
void publish_timer(struct publish *p, int64_t now_us);
int64_t publish_next_us(const struct publish *p);
void publish_bye(struct publish *p);
/* Round trip as the answers to our NACKs measured it (0 unknown), and the worst loss among the streams in the
 * last interval, in 1/256. */
void publish_quality(const struct publish *p, int64_t *rtt_us, uint8_t *loss);

#endif
