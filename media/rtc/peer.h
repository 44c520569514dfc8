/* peer — one PeerConnection: ICE, DTLS and SRTP of it, and what flows through it: a publishing side or a
 * view. Sans-IO: datagrams and now in, datagrams into the worker's queue. Thread: the worker's. Owner: plane.
 * Nothing changes before STUN integrity (addresses), the DTLS fingerprint (keys) or the SRTP tag (media) is
 * verified. */
#ifndef PEER_H
#define PEER_H
#include "media/rtc/cmd.h"
#include "media/rtc/dtls.h"
#include "media/rtc/publish.h"
#include "media/rtc/watch.h"

enum {
    PEER_QUALITY_US = 4 * 1000 * 1000,
    PEER_SILENT_US = 200 * 1000, /* nothing from its addresses for so long: it may speak from another */
    PEER_INDEX_AHEAD = 64,       /* reports it may have sent in vain meanwhile */
    PEER_VOICES = 8,             /* SSRCs it reports under: browsers have one a kind of media, or an m-line */
    PEER_CHALLENGE_US = 50 * 1000,
    PEER_WARM = 3,
    PEER_HOLDS_US = 7 * 1000 * 1000, /* an address stays its holder's after he was heard: ICE_STALE_US */
};

struct peer {
    /* What a report touches is from here down to id (peer_warm); the leg is two lines, for a peer is aligned.
     */
    struct leg leg;
    struct env *env;
    struct publish *pub; /* PUBLISH */
    struct view *view;   /* VIEW */
    struct env_timer timer;
    bool doomed; /* PEER_DOWN was told: plane frees it at the end of the turn */
    bool dtls_server, up;
    bool shook, strayed; /* the handshake was sent somewhere; and not all of it to `shaken` */
    uint8_t shaking;     /* datagrams of its handshake that wait (plane's) */
    int64_t report_us, quality_us, heard_us,
        challenged_us; /* heard: SRTP or SRTCP from where it is sent to */
    struct peer_voice {
        uint32_t ssrc;  /* 0: free */
        uint32_t index; /* of its latest report (RFC 3711 3.4: each SSRC counts by itself) */
    } voices[PEER_VOICES];
    unsigned next_voice;
    int64_t capture_until_us;
    uint64_t quality_bytes, nacked;
    uint64_t id;
    enum media_peer_kind kind;
    char member[MEDIA_MEMBER_ID_MAX + 1];
    struct router *room; /* borrowed: outlives the peer */
    struct ice ice;
    struct dtls *dtls;       /* made when the first address is proven */
    struct addr_path shaken; /* whoever finished it, read it there */
    uint8_t remote_fp[SDP_FP_BYTES];
    struct list *doom, in_doom;
};

/* `doom`: where it lists itself when it goes down. */
struct peer *peer_open(const struct peer_cfg *c, struct env *env, struct router *room, struct list *doom,
                       int64_t now_us);
void peer_goodbye(struct peer *p);               /* BYE and close_notify, when it is up; before peer_close */
void peer_close(struct peer *p, int64_t now_us); /* frees */
void peer_path_gone(struct peer *p, const struct addr_path *path); /* its connection ended */
/* A STUN message to this peer's ufrag. The caller sends out->reply and keeps its address and ufrag maps by
 * out->did. */
int peer_stun(struct peer *p, const struct stun *m, const struct addr_path *path, int64_t now_us,
              struct ice_out *out);
/* Packets of this peer will be taken in soon: names the memory that takes, in PEER_WARM steps one after the
 * other. */
void peer_warm(const struct peer *p, unsigned step);
void peer_dtls(struct peer *p, struct bytes d, const struct addr_path *path, int64_t now_us);
/* SRTP and SRTCP, decrypted in place; true when it authenticated. */
bool peer_rtp(struct peer *p, uint8_t *pkt, size_t n, int64_t now_us);
bool peer_rtcp(struct peer *p, uint8_t *pkt, size_t n, int64_t now_us);
/* Such a packet came along a proven path: when it is another than the selected, and that one has fallen
 * silent, media goes there: true, it may await a proof first (peer_awaits). */
bool peer_heard(struct peer *p, const struct addr_path *path, int64_t now_us);
/* Whether this SRTP or SRTCP packet from an address of nobody's may be this peer's, who moved: cheap, proves
 * nothing. */
bool peer_may_send(const struct peer *p, struct bytes rtp, int64_t now_us);
bool peer_may_speak(const struct peer *p, struct bytes rtcp, int64_t now_us);
/* Asks it for a proof along `path`, if it was not asked just now; the response goes to peer_answer. */
bool peer_challenge(struct peer *p, const uint8_t tid[STUN_TID_BYTES], const struct addr_path *path,
                    int64_t now_us);
int peer_answer(struct peer *p, const struct stun *m, const struct addr_path *path, int64_t now_us,
                struct ice_out *out);
void peer_restart(struct peer *p, const struct ice_creds *c);
/* Media shall go along a path from which nobody has answered yet: peer_challenge it. NULL: it does not wait.
 */
const struct addr_path *peer_awaits(const struct peer *p);
/* The path is this peer's, as far as was heard lately: another's check from there is a forgery. */
bool peer_holds(const struct peer *p, const struct addr_path *path, int64_t now_us);
/* Takes `into` over; MEDIA_EV_CAPTURE gives it away when time is up or the peer goes. One at a time: false.
 */
bool peer_capture(struct peer *p, struct pcapng *into, int64_t until_us);

#endif
