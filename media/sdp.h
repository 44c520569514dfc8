/* sdp — session descriptions of WebRTC (RFC 8866, 8829, 8843, 9429): an offer's text to a plain struct, and
 * the answer of an ICE-lite server to it. Pure, total, no allocation; structs hold views into the text given.
 * Thread: any. Limits: SDP_MAX_BYTES, SDP_LINES_MAX lines, SDP_MEDIA_MAX m-lines, SDP_PAYLOADS_MAX payload
 * types a line; what is over them is refused. Errors are -ERR_x and a sentence for a person. */
#ifndef SDP_H
#define SDP_H
#include "media/base/buf.h"
#include "media/net/addr.h"

enum {
    SDP_MAX_BYTES = 65536,
    SDP_LINES_MAX = 3000,
    SDP_MEDIA_MAX = 32,
    SDP_PAYLOADS_MAX = 64,
    SDP_SSRCS_MAX = 16,
    SDP_RIDS_MAX = 3, /* layers of one m-line; more are not answered */
    SDP_RID_MAX = 16, /* RFC 8285 4.2: what a one-byte header extension carries */
    SDP_ADDRS_MAX = 8,
    SDP_ERR_MAX = 160,
    SDP_MID_MAX = 16,
    SDP_FP_BYTES = 32,
    SDP_PT_NONE = 255,
};
enum sdp_kind { SDP_AUDIO, SDP_VIDEO, SDP_APPLICATION, SDP_OTHER };
enum sdp_dir { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };
enum sdp_setup { SDP_ACTPASS, SDP_ACTIVE, SDP_PASSIVE };
enum sdp_codec {
    SDP_OPUS,
    SDP_H264,
    SDP_VP8,
    SDP_VP9,
    SDP_AV1,
    SDP_CODEC_COUNT,
    SDP_RTX = SDP_CODEC_COUNT,
    SDP_RED,
    SDP_UNKNOWN
};
enum sdp_fb { SDP_FB_NACK = 1, SDP_FB_PLI = 2, SDP_FB_FIR = 4, SDP_FB_REMB = 8, SDP_FB_TWCC = 16 };
enum sdp_ext {
    SDP_EXT_MID,
    SDP_EXT_RID,
    SDP_EXT_RRID,
    SDP_EXT_LEVEL,
    SDP_EXT_ABS_TIME,
    SDP_EXT_TWCC,
    SDP_EXT_DD,
    SDP_EXT_COUNT
};

struct sdp_payload {
    uint8_t pt, codec, fb, channels; /* codec: enum sdp_codec; fb: enum sdp_fb bits */
    uint32_t clock;
    uint8_t apt;                /* rtx: the payload type it repairs, red: the one it repeats; SDP_PT_NONE */
    uint8_t packetization_mode; /* h264 */
    uint8_t profile;            /* vp9, av1 */
    uint32_t profile_level_id;  /* h264: 24 bits; RFC 6184 8.1 default 42000a */
    bool level_asymmetry, inband_fec, stereo;
};
struct sdp_ssrc {
    uint32_t ssrc, rtx;
};               /* rtx 0: none */
struct sdp_rid { /* one layer of a simulcast (RFC 8851, 8853) */
    char id[SDP_RID_MAX + 1];
    struct str limits; /* what follows "send", as it stands; a view into the offer */
    bool send;         /* said by an a=rid line */
};
struct sdp_media {
    enum sdp_kind kind;
    uint16_t port;
    bool savpf, rtcp_mux, rtcp_rsize, bundle_only, bundled; /* bundled: its mid is in the BUNDLE group */
    enum sdp_dir dir;
    struct str name, proto, formats, mid, ufrag, pwd,
        msid; /* name: "audio"; ufrag, pwd: the session's if none here */
    bool has_fp;
    uint8_t fp[SDP_FP_BYTES];
    enum sdp_setup setup;
    unsigned payload_count, ssrc_count, rid_count;
    struct sdp_rid
        rid[SDP_RIDS_MAX]; /* as a=simulcast lists them; rids only listed or only said are not here */
    struct str simulcast;  /* the value of a=simulcast */
    struct sdp_payload payload[SDP_PAYLOADS_MAX]; /* in the order of preference of the m-line */
    uint8_t ext[SDP_EXT_COUNT];                   /* id offered, 0: not offered */
    struct sdp_ssrc ssrc[SDP_SSRCS_MAX];
};
struct sdp_offer {
    bool has_bundle, ice_lite, trickle, ice2;
    bool mixed_exts; /* RFC 8285 6: "extmap-allow-mixed", one packet may have the two-byte form */
    unsigned media_count, candidate_count;
    struct sdp_media media[SDP_MEDIA_MAX];
};
/* About 50 kB: keep it on the heap or a big stack. -ERR_INVALID, -ERR_TOO_LARGE with a sentence. */
int sdp_parse(struct sdp_offer *out, struct str text, char err[SDP_ERR_MAX]);

enum sdp_side { SDP_PUBLISH, SDP_VIEW }; /* we receive; we send */
struct sdp_local {
    enum sdp_side side;
    const char *ufrag, *pwd, *fingerprint, *cname; /* fingerprint: "AB:CD:…" of SHA-256 */
    uint64_t session_id; /* o= line; the caller keeps it and raises version on a restart */
    unsigned version;
    const struct addr *addrs; /* candidates, best first */
    unsigned addr_count;
    bool tcp;                          /* the same addresses by ICE-TCP too */
    enum sdp_codec prefer;             /* preferred; 0: H.264. VP9 and AV1 are agreed on only when they are */
    bool twcc;                         /* transport-wide feedback is wanted */
    bool inactive[SDP_MEDIA_MAX];      /* by m-line index: answer a=inactive (source not allowed, not used) */
    unsigned audio_count, video_count; /* VIEW: slots there are; further m-lines are answered inactive */
    const struct sdp_ssrc *audio, *video; /* VIEW: SSRCs of the slots, given to m-lines in order of kind */
};
enum sdp_refusal {
    SDP_ACCEPTED,
    SDP_REFUSED_KIND,
    SDP_REFUSED_CODEC,
    SDP_REFUSED_PROTO,
    SDP_REFUSED_BUNDLE,
    SDP_REFUSED_CLOSED
};
struct sdp_codec_choice {
    uint8_t pt, rtx, fb; /* rtx SDP_PT_NONE: none */
    uint8_t red;         /* Opus within RFC 2198 redundancy; 0: none */
    bool on;
};
struct sdp_line {
    unsigned index; /* of the m-line */
    char mid[SDP_MID_MAX + 1];
    enum sdp_kind kind;
    enum sdp_refusal refusal; /* not SDP_ACCEPTED: port 0 in the answer, nothing below is set */
    enum sdp_dir dir;         /* ours, as answered */
    int slot;                 /* VIEW: index into local.audio or .video, -1 none */
    struct sdp_codec_choice codec[SDP_CODEC_COUNT];
    uint8_t ext[SDP_EXT_COUNT]; /* ids agreed, 0: not agreed */
    unsigned rid_count; /* PUBLISH: layers of a simulcast, 0 when there is one stream without a name */
    struct sdp_rid rid[SDP_RIDS_MAX]; /* id only */
    unsigned ssrc_count;              /* PUBLISH: SSRCs the offer declared */
    struct sdp_ssrc ssrc[SDP_SSRCS_MAX];
};
struct sdp_negotiated {
    struct str remote_ufrag, remote_pwd; /* views into the offer */
    uint8_t remote_fp[SDP_FP_BYTES];
    bool passive; /* we are the DTLS server */
    unsigned line_count, accepted, active;
    struct sdp_line line[SDP_MEDIA_MAX];
};
/* Appends the answer. -ERR_INVALID what an ICE-lite BUNDLE server cannot answer (no credentials, no
 * fingerprint, no bundle, no mux); -ERR_UNSUPPORTED no line could be accepted; -ERR_TOO_LARGE. */
int sdp_answer(struct buf *out, const struct sdp_offer *o, const struct sdp_local *l,
               struct sdp_negotiated *n, char err[SDP_ERR_MAX]);

/* trickle-ice-sdpfrag (RFC 8840), the body of a WHIP PATCH (RFC 9725 4.3). ufrag empty when it has none. */
struct sdp_fragment {
    struct str ufrag, pwd, mid;
    unsigned candidate_count;
    bool end_of_candidates;
};
int sdp_parse_fragment(struct sdp_fragment *out, struct str text, char err[SDP_ERR_MAX]);
/* The answer to a fragment that restarts ICE: our new credentials and candidates for the mid named. */
int sdp_write_fragment(struct buf *out, const struct sdp_local *l, struct str mid);

#endif
