/* slot — one receive m-line of a view: whatever feed is put on it leaves as the same stream (SSRC, numbers,
 * payload type by codec, our extension ids), so nobody renegotiates. Which layer of a picture, and where it
 * begins, is follow's. Sound is sent while it is heard (talk.h), with redundancy to whom it helps (red.h).
 * Thread: the worker's. Owner: its view. Size: 2 kB. Answers NACKs out of the tracks' one history. */
#ifndef SLOT_H
#define SLOT_H
#include "media/base/warm.h"
#include "media/rtc/follow.h"
#include "media/rtc/leg.h"
#include "media/rtc/resend.h"
#include "media/rtc/txstats.h"

enum {
    SLOT_HEIGHT_ALL = 0xffff,
    SLOT_WIRE_MORE = 20 + 8 + 16, /* what a packet grows by on the wire: IPv4, UDP, the SRTP tag */
    SLOT_AGAIN = 32,              /* probes repeat the last so many packets */
    SLOT_LINES = 4,
};

struct slot {
    _Alignas(WARM_LINE) struct follow follow;
    /* What every packet touches is from follow.rewrite.drop to here and down to tx: SLOT_LINES of memory. */
    struct leg *leg; /* borrowed: the peer's */
    bool video;
    bool begins;     /* sound: the next packet is the first after silence */
    uint16_t height; /* pixels of it that are drawn; SLOT_HEIGHT_ALL until said, 0: it is not looked at */
    char mid[SDP_MID_MAX + 1];
    uint8_t mid_n;
    uint32_t ssrc, rtx_ssrc;
    struct sdp_codec_choice codec[SDP_CODEC_COUNT];
    struct rtp_ext_map ext;
    uint64_t sent; /* highest number of the track on it that was sent; 0 none */
    struct txstats tx;
    struct resend resend;
    uint64_t first_out;               /* number of the first packet ever */
    bool *moved;                      /* borrowed: the view's flag "tell what the slots carry" */
    uint32_t report_seq, report_gaps; /* of the last report: highest number, numbers never sent by then, */
    int32_t report_lost;              /* lost in all */
    int32_t expected, lost;           /* of late, by its reports */
    uint16_t rtx_seq;
    bool paused;   /* nothing of its picture is sent: the line is too thin */
    uint8_t again; /* which of the last packets a probe repeated last */
};

void slot_init(struct slot *s, struct leg *leg, const struct sdp_line *line, struct sdp_ssrc ssrc,
               bool *moved);
void slot_fini(struct slot *s);
/* Puts a feed (NULL: nothing) on the slot; the same one again changes nothing. A sound flows at once, a
 * picture when slot_pick says which layer. */
void slot_map(struct slot *s, struct feed *d, int64_t now_us);
/* The layer to show (-1: paused), up to this temporal layer. */
void slot_pick(struct slot *s, int layer, unsigned tid, int64_t now_us);
/* A packet of no use but to load the line: one sent lately once more, or padding, on the RTX stream, which is
 * never asked for again. About so many bytes; what it took, 0 when there is no such stream. */
size_t slot_probe(struct slot *s, size_t most, int64_t now_us);
/* The viewer asks for a packet again, or for a key frame. True: a packet was sent. */
bool slot_nack(struct slot *s, uint16_t out_seq, int64_t now_us);
void slot_ask(struct slot *s, int64_t now_us);
/* What the path lost by this report, in 1/256: what our source lost is missing in our numbers as well, and no
 * fault of the path. */
uint8_t slot_lost(struct slot *s, const struct rtcp_report *r);
/* Sender report of a stream that sent something; false when there is nothing to report. */
bool slot_sr(const struct slot *s, int64_t now_us, int64_t ntp_us, struct rtcp_sr *out);
/* The kernel took no more: the rest waits for a key frame (video) or is lost (audio). */
void slot_dropped(struct slot *s);
static inline struct feed *slot_feed(const struct slot *s) { return s->follow.feed; }
static inline bool slot_flows(const struct slot *s) { return s->follow.state == FOLLOW_FLOW; }
bool slot_unsupported(const struct slot *s); /* the view did not negotiate the feed's codec */

#endif
