/* plane — all the media of one worker, without its thread and socket: finds the peer a datagram is for,
 * carries out commands, runs deadlines, settles rooms at the end of each turn. Sans-IO: the worker (or a
 * simulation) feeds it and takes what it sends. Thread: one. Ownership: it owns rooms, peers, taps, relays.
 * Order of use in a turn: any of plane_datagram, plane_command, plane_relay, plane_tap_readable; then
 * plane_turn, plane_shake. Limits: MEDIA_PEERS_MAX peers, RTP_PACKET_MAX bytes a datagram. */
#ifndef PLANE_H
#define PLANE_H
#include "media/rtc/peer.h"
#include "media/rtc/relay.h"
#include "media/rtc/seek.h"
#include "media/rtc/shake.h"
#include "media/rtc/tap.h"

enum { PLANE_TICK_US = 1000 };

/* Begin or end to watch a tap's fd for reading. */
typedef void (*plane_watch_fn)(void *ctx, int fd, uint64_t tap, bool on);

struct plane_cfg {
    unsigned worker;
    sendq_send_fn send;
    void *send_ctx;
    struct sendq_streams streams; /* ICE-TCP; zero: none */
    env_emit_fn emit;
    void *emit_ctx;
    plane_watch_fn watch;
    void *watch_ctx;
    struct mailbox *const *relay; /* every worker's relay mailbox; NULL when there is one worker */
    int64_t ntp_minus_mono_us;
};

struct plane {
    struct env env;
    struct sendq out;
    struct map peers, rooms, addrs, taps; /* id -> peer, router; addr_path_key -> peer; id -> tap */
    struct smap ufrags;                   /* our ufrag -> peer */
    struct map relays;                    /* room * workers + worker -> relay */
    struct list doomed;
    struct seek seek;
    struct shake shake;
    plane_watch_fn watch;
    void *watch_ctx;
    struct relay_msg batch[RELAY_BATCH];
};

void plane_init(struct plane *pl, const struct plane_cfg *c);
void plane_fini(struct plane *pl, int64_t now_us); /* says goodbye to every peer */
/* The datagram is decrypted in place. */
void plane_datagram(struct plane *pl, uint8_t *p, size_t n, const struct addr_path *path, int64_t now_us);
/* These will be given to plane_datagram now, one after the other: what they need is fetched into the cache.
 */
void plane_warm(const struct plane *pl, const struct udp_in *v, size_t n);
/* A connection (path.stream) ended by itself. */
void plane_stream_gone(struct plane *pl, const struct addr_path *path);
void plane_command(struct plane *pl, const struct cmd *c, int64_t now_us); /* takes c->p over */
/* Takes what other workers relayed; true when more waits. */
bool plane_relay(struct plane *pl, int64_t now_us);
void plane_tap_readable(struct plane *pl, uint64_t tap, int64_t now_us);
/* End of a turn: deadlines due, rooms settled, batch sent, dead peers freed. */
void plane_turn(struct plane *pl, int64_t now_us);
/* After it: one handshake datagram of those that wait, if any does (shake.h). */
void plane_shake(struct plane *pl, int64_t now_us);
int64_t plane_next_us(const struct plane *pl); /* INT64_MAX: nothing is due */
void plane_stats(const struct plane *pl, struct media_stats *out);

#endif
