/* feed — one thing a member publishes as the room sees it: a sound, or a picture in one to FEED_LAYERS_MAX
 * sizes: each a track of its own (simulcast), or all spatial layers of one track (`svc`: VP9, AV1). It knows
 * which layers there are, which of them flow, what they cost, who follows them, and which the publisher was
 * told to switch off because nobody did (doze.h). Thread: the worker's. Owner: its room (router); made with
 * its first track, gone with its last. Limits: FEED_LAYERS_MAX layers. */
#ifndef FEED_H
#define FEED_H
#include "media/rtc/doze.h"
#include "media/rtc/track.h"

enum {
    FEED_LAYERS_MAX = SDP_RIDS_MAX,
    FEED_STALE_US = 700 * 1000,       /* a layer this far behind its siblings was stopped by its sender */
    FEED_TIDS = CODEC_TIDS,           /* temporal layers told apart */
    FEED_SETTLE_US = 7 * 1000 * 1000, /* longer than any hold */
};

struct follow;
struct feed_layer {
    struct track *track; /* NULL: did not come yet, or ended */
    char rid[SDP_RID_MAX + 1];
    uint16_t height;         /* of the last key frame; 0 unknown */
    uint8_t tids;            /* temporal layers seen */
    uint32_t bps[FEED_TIDS]; /* measured: what it costs up to this temporal layer */
    uint64_t bytes[FEED_TIDS];
    int64_t on_us;      /* flows since */
    int64_t seen_us;    /* svc: its last packet */
    unsigned followers; /* who show it or wait for it */
    unsigned remotes;   /* other workers whose views do */
};
struct feed {
    uint32_t id; /* unique in the process, not 0 */
    enum media_source source;
    enum codec codec;
    uint8_t circle;         /* its member's (circle.h) */
    bool everywhere;        /* and in every other one */
    uint8_t channel;        /* not 0: in no circle, heard by who listens to this channel */
    bool video, mirror, on; /* on: some layer flows and can be decoded */
    bool svc;               /* its layers are spatial ones of one track, counted as they come */
    uint8_t flowed;         /* svc: bits of layers that flowed when that was asked last */
    char member[MEDIA_MEMBER_ID_MAX + 1];
    uint64_t peer;
    struct list in_room, followers;
    unsigned n, tracks; /* layers negotiated; of them open */
    struct feed_layer layer[FEED_LAYERS_MAX];
    struct doze doze;
    track_wish_fn send_wish;
    void *owner; /* of its tracks: for send_wish */
    int64_t rated_us;
};

static inline bool feed_in(const struct feed *d, unsigned circle) {
    return !d->channel && (d->everywhere || d->circle == circle);
}
/* What the feed of this first track is; its layers come by feed_add. */
struct feed *feed_open(const struct track *first);
void feed_close(struct feed *d, int64_t now_us); /* its followers are told and let go */
void feed_add(struct feed *d, struct track *t);
void feed_remove(struct feed *d, struct track *t);
static inline struct track *feed_track(const struct feed *d, int layer) {
    return layer >= 0 && layer < FEED_LAYERS_MAX ? d->layer[d->svc ? 0 : layer].track : NULL;
}
static inline bool feed_flows(const struct feed *d, int layer) {
    const struct track *t = feed_track(d, layer);
    return t && t->on && (!d->svc || t->last_us - d->layer[layer].seen_us <= FEED_STALE_US);
}
/* A packet of a layer was stored. Returns a sibling that must be taken for stopped, or NULL. */
struct track *feed_on_packet(struct feed *d, const struct track *t, const struct history_pkt *p);
/* A layer there is, though it may sleep; of this height. */
void feed_know(struct feed *d, unsigned layer, uint16_t height, int64_t now_us);
/* Measures the rates, once in a while. */
void feed_rate(struct feed *d, int64_t now_us);
/* May this layer be asked for: it flows, or sleeps and can be woken. */
bool feed_can(const struct feed *d, int layer, int64_t now_us);
/* Layer a is larger than b: by the height seen, else by the order of the offer. */
bool feed_larger(const struct feed *d, int a, int b);
int feed_ranked(const struct feed *d, unsigned rank); /* the layer that has so many smaller ones */
/* The largest that flows and has for hold_us, or else the largest that flows; -1 none. `now`: shown already,
 * it needs no hold. */
int feed_best(const struct feed *d, int now, int64_t hold_us, int64_t now_us);
/* The one that flows nearest to a layer: smaller ones first. -1 none. */
int feed_near(const struct feed *d, int layer);
unsigned feed_needed(const struct feed *d); /* bits of layers somebody follows */
/* Layers came or were woken not long ago: who chooses among them looks again soon. */
bool feed_unsettled(const struct feed *d, int64_t now_us);
/* svc: layers came or went since this was asked last. Those of a simulcast are tracks, and tell themselves.
 */
bool feed_shifted(struct feed *d);
/* Tells the publisher what is wanted, when it is time. */
void feed_doze(struct feed *d, struct env *env, int64_t now_us);

#endif
