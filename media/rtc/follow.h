/* follow — one outgoing stream made of one feed: it shows a layer, and goes over to another where nobody sees
 * it: at a key frame that is fresh, between two pictures, on the same clock (sender reports), with numbers
 * that go on. Until then the old layer goes on. Spatial layers of one track (svc) are gone over to between
 * two pictures too, as soon as this stream holds all that the other quality's next pictures need: at a key
 * picture, or, of a quality whose every packet went out already, at once. It begins only where decoding can:
 * out of the cached pictures when they are few, else a key frame is asked for. Slots and taps are followers.
 * Thread: the worker's. Owner: the slot or tap it is embedded in. Size about 0.8 kB. */
#ifndef FOLLOW_H
#define FOLLOW_H
#include "media/rtc/feed.h"
#include "media/rtc/rewrite.h"

enum {
    FOLLOW_HALF_US = 50 * 1000,     /* so long the old layer's picture may take to end before a switch */
    FOLLOW_PAST_US = 100 * 1000,    /* a key frame so much older than what was sent is no good any more */
    FOLLOW_AHEAD_US = 500 * 1000,   /* nor is one so far ahead: the reports it is placed by are out of date */
    FOLLOW_BEHIND_US = 1500 * 1000, /* what waited for the pace so long is skipped, to the next key frame */
    FOLLOW_TID_ALL = FEED_TIDS - 1,
    FOLLOW_FRESH_US = 300 * 1000,    /* so old a key frame is worth its followers on a line that was full; */
    FOLLOW_STALE_US = 700 * 1000,    /* so old when nothing is shown, and another */
    FOLLOW_KEY_SOON_US = 150 * 1000, /* may not even be asked for so soon */
};
enum follow_state {
    FOLLOW_EMPTY, /* on no layer */
    FOLLOW_WAIT,  /* its first (video: key frame) packet has not come */
    FOLLOW_FLOW,
    FOLLOW_REST, /* a still was shown; the next when its owner says so */
};

struct follow;
struct follow_ops {
    /* May packets be written now? */
    bool (*ready)(const struct follow *f);
    void (*packet)(struct follow *f, const struct history_pkt *p, const struct rewrite_out *r,
                   int64_t now_us);
    /* Must this packet wait for the pace? It is asked for again by follow_go_on. NULL: never. */
    bool (*hold)(struct follow *f, int64_t now_us);
    /* A packet of a sound came; it is forwarded or not, begins something or not. NULL: it is forwarded. */
    void (*sound)(struct follow *f, const struct history_pkt *p, int64_t now_us);
    /* A sender report in outgoing time. May be NULL. */
    void (*sr)(struct follow *f, uint64_t ntp, uint32_t ts, int64_t now_us);
    /* See sink_ops; the follower itself is named already. May be NULL. */
    void (*warm)(const struct follow *f, unsigned step);
    /* The feed ended; the follower is on nothing already. */
    void (*closed)(struct follow *f, int64_t now_us);
};
struct follow_end {
    struct sink sink;
    struct follow *follow;
};
struct follow {
    struct follow_end end[2]; /* the layer shown, and the one waited for: [now] and [!now] */
    struct feed *feed;        /* borrowed: it says when it closes */
    struct list in_feed;
    struct rewrite rewrite;
    enum follow_state state;
    int8_t target;           /* the layer to get to; -1 none */
    uint8_t tid, tid_target; /* highest temporal layer sent, wanted */
    uint8_t sid, sid_target; /* svc: the spatial layer shown, wanted */
    uint16_t whole;          /* svc: qualities (codec_step) of which nothing that matters was left out */
    uint32_t picture_ts;     /* svc: of the newest picture */
    bool frugal;             /* the owner's: the past is not worth its place on the line */
    bool still;              /* the owner's: key pictures by themselves, one for each follow_wake */
    bool half;               /* the picture sent last has not ended */
    unsigned now;
    int64_t half_us; /* a switch waits for that since; 0 none does */
    uint64_t behind; /* first packet of the history that waits for the pace; 0 none */
    const struct follow_ops *ops;
};

void follow_init(struct follow *f, const struct follow_ops *ops, uint32_t clock_hz, uint64_t random);
void follow_fini(struct follow *f);
/* On another feed (NULL: none), at first on no layer of it. */
void follow_to(struct follow *f, struct feed *d);
/* This layer (-1: nothing is sent), up to this temporal layer. One that does not flow is waited for on the
 * nearest one that does. Call it again when layers come or go: the same twice changes nothing. */
void follow_pick(struct follow *f, int layer, unsigned tid, int64_t now_us);
/* The layer shown now; NULL. */
static inline struct track *follow_track(const struct follow *f) { return f->end[f->now].sink.track; }
/* The layer shown, or about to be, as its feed counts them. */
static inline int follow_layer(const struct follow *f) {
    const struct track *t = follow_track(f);
    return !t ? -1 : !f->feed->svc ? (int)t->layer : f->state == FOLLOW_FLOW ? f->sid : f->sid_target;
}
/* Numbers in the payload that are counted on; NULL: there are none. */
const struct codec_ids *follow_ids(const struct follow *f, const struct history_pkt *p);
/* How a packet sent before would go out again: its mark, and whether it belongs to what flows at all. */
void follow_again(const struct follow *f, const struct history_pkt *p, struct rewrite_out *r);
/* For ops->sound: one packet of the layer shown, if it belongs to what flows; a new segment of the stream out
 * of packets [first, last] of its history. */
bool follow_forward(struct follow *f, const struct history_pkt *p, int64_t now_us);
void follow_begin(struct follow *f, uint64_t first, uint64_t last, int64_t now_us);
/* It rests: shows the next still, or, when stills are no longer wanted, goes on. */
void follow_wake(struct follow *f, int64_t now_us);
/* Sends what waits for the pace, as far as that allows. */
void follow_go_on(struct follow *f, int64_t now_us);
/* What was sent goes no further: the rest waits for a key frame (video) or for ops->sound. */
void follow_starve(struct follow *f);
/* The layer's track a number was sent from, if it is still there; NULL. */
struct track *follow_source(const struct follow *f, uint32_t track);
void follow_on_close(struct follow *f, int64_t now_us); /* feed's */

#endif
