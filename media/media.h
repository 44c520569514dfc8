/* media — the whole media plane behind one face: commands in, events out. It hides ICE, DTLS, SRTP, RTP, the
 * worker threads, their sockets, and which worker a peer, a track or a room lives on.
 *
 * Thread: every function here is called from ONE thread (control). Events come back through media_poll() on
 * that same thread, woken by media_fd(). Ownership: strings passed in are borrowed for the call; what an
 * event points to (only .text, heap) is freed by media_event_fini(). No pointer to a live object crosses:
 * only ids. Limits are the enumerators below; what is over a limit is refused with -ERR_FULL and a sentence.
 *
 * Words. peer: one PeerConnection of one member, either PUBLISH (we receive) or VIEW (we send). track: one
 * thing a member publishes (mic, camera, screen, screen sound). slot: one receive m-line of a view, onto
 * which tracks are mapped by rewriting. tap: a sink that hands a track's packets to a somhub-pipe child
 * (media/base/frame.h). */
#ifndef MEDIA_H
#define MEDIA_H
#include <stdbool.h>
#include "media/base/video.h"
#include "media/base/source.h"
enum {
    MEDIA_WORKERS_MAX = 16,
    MEDIA_PEERS_MAX = 20000, /* whole process */
    MEDIA_CAPTURE_MS_MAX = 60000,
    MEDIA_ROOM_STAGE_MAX = 12, /* video sources a room shows by default, in order of importance */
    MEDIA_CIRCLES = 51,        /* of a room: everybody, and 50 small groups */
    MEDIA_AUDIO_SLOTS = 3,     /* audio m-lines of a view used; more are answered inactive */
    MEDIA_VIDEO_SLOTS_MAX = 12,
    MEDIA_TRACKS_PER_PEER_MAX = 8,
    MEDIA_SDP_MAX_BYTES = 65536,
    MEDIA_MEMBER_ID_MAX = 32,
    MEDIA_ADDRS_MAX = 8,
    MEDIA_TRACK_IDLE_MS = 3000, /* Opus in DTX still sends every 400 ms */
};

enum media_peer_kind { MEDIA_PUBLISH, MEDIA_VIEW };

struct media_cfg {
    const char *listen;                    /* address the UDP ports bind, e.g. "0.0.0.0" or "127.0.0.1" */
    uint16_t port;                         /* worker i binds port + i; 0 = the kernel chooses each */
    bool tcp;                              /* ICE-TCP on the same numbers */
    unsigned workers;                      /* 0 = max(1, cores - 1) */
    const char *announce[MEDIA_ADDRS_MAX]; /* candidates; none = listen, or of "any" all that is up */
    unsigned announce_count;
    const char *cert_pem, *key_pem; /* DTLS certificate files (ECDSA P-256); NULL = made afresh in memory */
    unsigned room_peers_per_worker; /* past so many views of a room on a worker, the next; 0 = by load only */
};

struct media;
/* Opens sockets and starts the workers. On failure *err_sentence says what is wrong and what to do. */
int media_open(struct media **out, const struct media_cfg *cfg, char err_sentence[256]);
void media_close(struct media *m); /* closes every peer (BYE, close_notify), joins the threads */
int media_fd(const struct media *m);
unsigned media_worker_count(unsigned configured); /* how many media_open would start */
unsigned media_workers(const struct media *m);
uint16_t media_port(const struct media *m, unsigned worker); /* the port really bound */

/* ---- peers ---- */
struct media_source_map {
    char mid[17];
    enum media_source source;
};
struct media_peer_spec {
    enum media_peer_kind kind;
    uint64_t room;      /* number the caller gives each live room; never 0 */
    const char *member; /* ≤ MEDIA_MEMBER_ID_MAX of A-Za-z0-9_-. and not heard or staged in his own view */
    struct str offer;
    /* PUBLISH: which mid is what. Unlisted mids: first audio = mic, first video = camera, second video =
     * screen, second audio = screen sound. Sources not allowed are answered inactive. */
    struct media_source_map sources[MEDIA_TRACKS_PER_PEER_MAX];
    unsigned source_count;
    unsigned allow;         /* bit per enum media_source */
    unsigned video_slots;   /* VIEW: how many video m-lines to use at most */
    enum media_video video; /* what the room prefers; VP9 and AV1 are spoken only when it is that */
};
/* Parses the offer, chooses a worker, appends the answer SDP. 0 and *peer, or -ERR_x with a sentence for the
 * person (bad SDP, no common codec, limit reached). Answered at once; the worker learns of it by mailbox. */
struct buf;
int media_peer_open(struct media *m, const struct media_peer_spec *spec, uint64_t *peer, struct buf *answer,
                    char err_sentence[160]);
/* ICE restart with a new offer (signalling) or a trickle-ice-sdpfrag (WHIP PATCH, RFC 9725 4.3): same peer,
 * same tracks, new credentials. `answer` gets an SDP or a fragment respectively; empty when the fragment held
 * only candidates (nothing to do for a lite agent). */
int media_peer_restart(struct media *m, uint64_t peer, struct str offer, struct buf *answer,
                       char err_sentence[160]);
int media_peer_fragment(struct media *m, uint64_t peer, struct str fragment, struct buf *answer,
                        char err_sentence[160]);
void media_peer_close(struct media *m, uint64_t peer); /* no event follows for this peer */

/* ---- what is shown ---- */
struct media_pick {
    const char *member;
    enum media_source source;
};
/* The room's picture, most important first; views with own wants keep them. A source not published yet is
 * shown once it appears; one that stays keeps its slot, for a move costs a key frame (MEDIA_EV_SLOTS). */
void media_room_stage(struct media *m, uint64_t room, const struct media_pick *stage, unsigned n);
/* Circles: people hear and see those of their own, 0 until moved; `everywhere`: what he sends is in all. Taps
 * get what is in 0, whose picture media_room_stage sets. */
void media_circle_stage(struct media *m, uint64_t room, unsigned no, const struct media_pick *v, unsigned n);
void media_member_move(struct media *m, uint64_t room, const char *member, unsigned circle, bool everywhere);
/* One view's own choice, n = 0 returns it to the room's stage. pick.member NULL = leave that slot empty. */
void media_view_want(struct media *m, uint64_t peer, const struct media_pick *want, unsigned n);
/* No video to this view; to save data a still now and then. Sound always is. */
void media_view_audio_only(struct media *m, uint64_t peer, bool on);
void media_view_save(struct media *m, uint64_t peer, bool on);
struct media_draw {
    char mid[17];
    unsigned height; /* in pixels, 0 not at all: it is sent a layer that fits; unsaid: the largest */
};
void media_view_draw(struct media *m, uint64_t peer, const struct media_draw *draw, unsigned n);
/* Keeps what it carries, decrypted: MEDIA_EV_CAPTURE after `ms`, or when it goes. -ERR_MISSING. */
int media_peer_capture(struct media *m, uint64_t peer, unsigned ms);
/* The host's mute: packets of this member's source stop at the source's worker, whatever the client does. */
void media_source_block(struct media *m, uint64_t room, const char *member, enum media_source source,
                        bool blocked);
/* Everything of a room goes (peers closed, taps ended). */
void media_room_close(struct media *m, uint64_t room);

/* ---- taps (recording) ---- */
/* Takes over fd (our end of a SOCK_SEQPACKET pair): every feed of the room, present and future, goes to it
 * until media_tap_close or the child closes. MEDIA_EV_TAP_TRACK tells which track number is what. */
int media_tap_open(struct media *m, uint64_t room, int fd, uint64_t *tap);
void media_tap_close(struct media *m, uint64_t tap);

/* ---- events ---- */
enum media_event_type {
    MEDIA_EV_PEER_UP,   /* ICE + DTLS done */
    MEDIA_EV_PEER_DOWN, /* consent lost, DTLS closed or failed: the peer is no more; .text = reason word */
    MEDIA_EV_TRACK_ON, /* first packet (video: first keyframe) of a track, or flowing again: member, source */
    MEDIA_EV_TRACK_OFF, /* nothing for MEDIA_TRACK_IDLE_MS, blocked, or its peer went */
    MEDIA_EV_LAYERS, /* to a publisher: .text = comma-separated rids of layers of this source nobody wants */
    MEDIA_EV_SLOTS,  /* what each slot of a view carries: .text = PROTOCOL.md's `slots`, but for names */
    MEDIA_EV_SPEAKING,  /* .text = comma-separated ids of who speaks: who has the floor, then by loudness */
    MEDIA_EV_TAP_TRACK, /* tap, track number, member, source, channel, .text = "opus" | "h264" | "vp8" */
    MEDIA_EV_TAP_GONE,  /* the child closed its end */
    MEDIA_EV_CAPTURE,   /* peer, member; .text is a struct pcapng (media/base/pcapng.h) and no text */
    MEDIA_EV_QUALITY,   /* per peer, every few seconds: .text = the JSON of PROTOCOL.md's `quality` */
};
struct media_event {
    enum media_event_type type;
    uint64_t room, peer, tap;
    uint32_t track, circle, channel; /* circle: SPEAKING; channel (channels.h): TAP_TRACK */
    enum media_source source;
    char member[MEDIA_MEMBER_ID_MAX + 1];
    char *text;
};
size_t media_poll(struct media *m, struct media_event *out, size_t max);
void media_event_fini(struct media_event *e);

/* ---- counters, for /metrics and the bench ---- */
struct meter; /* media/base/meter.h */
struct media_stats {
    uint64_t peers, tracks, rx_packets, rx_bytes, tx_packets, tx_bytes, tx_dropped, unknown_datagrams,
        bad_auth, rx_refused, nack_rx, nack_tx, rtx_tx, pli_rx, pli_tx, relay_packets, relay_dropped,
        tap_packets, tap_dropped, tcp_connections, tcp_turned_away;
    /* Turns of the loops, system calls, messages to the kernel (a run for one viewer is one), allocations. */
    uint64_t turns, rx_calls, tx_calls, tx_messages, allocs;
};
void media_stats_get(const struct media *m, struct media_stats *out); /* sums the workers; any thread */
void media_meter_get(const struct media *m, unsigned worker, struct meter *out); /* likewise any thread */

#endif
