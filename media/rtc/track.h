/* track — one thing a member publishes, as this worker has it: its packets once (history), who wants them
 * (sinks), how a key frame is asked for (budget). A track whose publisher lives on another worker is a
 * mirror: same id, fed by the relay. Thread: the worker's. Owner: its room (router). Memory: the history's.
 * Limits: any number of sinks; one key frame request a second goes to the source however many ask. */
#ifndef TRACK_H
#define TRACK_H
#include "media/rtc/dd.h"
#include "media/rtc/env.h"
#include "media/rtc/pli.h"
#include "media/rtc/red.h"
#include "media/rtc/sink.h"
#include "media/sdp.h"

enum { TRACK_FRESH_MAX = 48 }; /* packets handed to the sinks together at the most */
/* The packets of one picture wait for each other so long, that each viewer's share of it leaves as one batch.
 */
#define TRACK_HOLD_US INT64_C(1000)

struct feed;
struct track;
/* Sends one key frame request towards the source (RTCP, or to the home worker). */
typedef void (*track_pli_fn)(struct track *t, void *owner, int64_t now_us);
/* Tells the source which layers of the feed are wanted (feed.h: doze.told). */
typedef void (*track_wish_fn)(struct feed *d, struct env *env);

struct track_cfg {
    uint32_t id; /* unique in the process, not 0 */
    enum media_source source;
    enum codec codec;
    bool mirror;
    const char *member;
    uint64_t peer; /* 0 for a mirror */
    /* Of a simulcast: which feed (0: one of its own), which of how many layers, its name. */
    uint32_t feed;
    unsigned layer, layers;
    const char *rid; /* may be NULL */
    track_pli_fn pli;
    track_wish_fn wish; /* NULL when there is one layer */
    void *owner;        /* borrowed: outlives the track */
    struct env *env;
    struct env_timer *timer; /* the room's: fires for the retries of key frame requests */
};
struct track {
    uint32_t id;
    enum media_source source;
    enum codec codec;
    bool video, mirror;
    bool on;      /* media flows and can be decoded: shown to slots */
    bool audible; /* sound: there is some, or was a moment ago (talk.h); else slots send nothing of it */
    int64_t audible_us;      /* since */
    int64_t speaks_us;       /* since when by the speaker; INT64_MIN: not */
    int64_t sound_us;        /* when it was last louder than silence */
    struct red_out *red;     /* sound: its packets with redundancy, for those who need it */
    struct dd_structure *dd; /* AV1: what its dependency descriptors are read by */
    char member[MEDIA_MEMBER_ID_MAX + 1];
    uint64_t peer;
    uint32_t feed_id;
    unsigned layer, layers;
    char rid[SDP_RID_MAX + 1];
    struct feed *feed; /* borrowed: set while it is in a room */
    struct list in_room, sinks, in_fresh;
    const struct history_pkt *fresh[TRACK_FRESH_MAX]; /* stored, not yet with the sinks */
    unsigned fresh_n;
    int64_t due_us; /* when they go to the sinks: at once, or TRACK_HOLD_US after the first */
    struct history history;
    struct pli pli;
    track_pli_fn send_pli;
    track_wish_fn send_wish;
    void *owner;
    int64_t last_us; /* newest packet */
    /* The source's timestamp clk_ts belongs to local time clk_us: by its sender reports once there was one.
     */
    bool clk_sr;
    uint32_t clk_ts;
    int64_t clk_us;
    uint64_t sr_ntp; /* the last report, when clk_sr */
    uint32_t sr_ts;
    struct env *env;
    struct env_timer *timer;
};
/* What the extensions of one packet say: RFC 6464 level of sound, the dependency descriptor of AV1. */
struct track_level {
    bool has, voice;
    uint8_t dbov;
    struct bytes dd; /* empty: none */
};

struct track *track_open(const struct track_cfg *c);
/* Tells every sink it is gone, frees. */
void track_close(struct track *t, int64_t now_us);
void track_attach(struct track *t, struct sink *s);
void track_detach(struct sink *s); /* harmless when not attached */
/* Stores one packet of the source (unwrapped seq). NULL when duplicate, too old or empty. */
const struct history_pkt *track_store(struct track *t, uint64_t seq, const struct rtp *p,
                                      const struct track_level *level, int64_t now_us);
/* A stored packet is for every sink, sink by sink, so that what one viewer gets of one picture leaves as one
 * batch (udp.h): at the end of the turn, or, while its picture is not whole, TRACK_HOLD_US later at the
 * latest. */
void track_fan(struct track *t, const struct history_pkt *p, int64_t now_us);
/* Hands over what waits. The plane does so for each track of env.fresh that is due at the end of a turn. */
void track_flush(struct track *t, int64_t now_us);
/* p is stored, but not yet with the sinks. */
bool track_holds(const struct track *t, const struct history_pkt *p);
/* A sender report; ts_now: the source's timestamp at now_us by all its reports. */
void track_sr(struct track *t, uint64_t ntp, uint32_t ts, uint32_t ts_now, int64_t now_us);
uint32_t track_ts_at(const struct track *t, int64_t now_us);
void track_off(struct track *t, int64_t now_us);
/* Somebody needs a key frame. Goes out at once when the budget allows, else by track_timer of
 * the room's timer, which is armed here. */
void track_ask(struct track *t, int64_t now_us);
int64_t track_next_us(const struct track *t);
void track_timer(struct track *t, int64_t now_us);

#endif
