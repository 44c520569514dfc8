/* slot — one receive m-line of a view: whatever track is put on it leaves as the same stream (SSRC, numbers,
 * payload type by codec, our extension ids), so nobody renegotiates. Video begins only where decoding can:
 * out of the cached pictures when they are few, else the source is asked for a key frame and nothing is sent
 * until it comes. Sound is sent while it is heard (talk.h), with redundancy to whom it helps (red.h). Thread:
 * the worker's. Owner: its view. Size: about 2 kB. Answers NACKs out of the track's one history. */
#ifndef SLOT_H
#define SLOT_H
#include "media/rtc/leg.h"
#include "media/rtc/resend.h"
#include "media/rtc/rewrite.h"
#include "media/rtc/track.h"
#include "media/rtc/txstats.h"
#include "media/sdp.h"

enum slot_state {
    SLOT_EMPTY,
    SLOT_WAIT, /* a track is on it; its first (video: key frame) packet has not come */
    SLOT_FLOW,
    SLOT_UNSUPPORTED, /* the view did not negotiate the track's codec */
};

struct slot {
    struct sink sink;
    struct leg *leg; /* borrowed: the peer's */
    enum slot_state state;
    bool video;
    char mid[SDP_MID_MAX + 1];
    uint8_t mid_n;
    uint32_t ssrc, rtx_ssrc;
    struct sdp_codec_choice codec[SDP_CODEC_COUNT];
    struct rtp_ext_map ext;
    struct rewrite rewrite;
    struct resend resend;
    struct txstats tx;
    uint16_t rtx_seq;
    uint64_t first_out;               /* number of the first packet ever */
    uint32_t report_seq, report_gaps; /* of the last report: highest number, numbers never sent by then */
    int32_t expected, lost;           /* of late, by its reports */
    uint64_t sent;                    /* highest number of the track on it that was sent; 0 none */
    bool begins;                      /* sound: the next packet is the first after silence */
    bool *moved;                      /* borrowed: the view's flag "tell what the slots carry" */
};

void slot_init(struct slot *s, struct leg *leg, const struct sdp_line *line, struct sdp_ssrc ssrc,
               bool *moved);
void slot_fini(struct slot *s);
/* Puts a track (NULL: nothing) on the slot; the same one again changes nothing. */
void slot_map(struct slot *s, struct track *t, int64_t now_us);
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
static inline struct track *slot_track(const struct slot *s) { return s->sink.track; }

#endif
