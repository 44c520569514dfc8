/* env — what one worker lends to the cores it drives: the way out, the deadlines, the counters, the way to
 * tell control. Inline helpers only. Thread: the worker's. Owned by the hub. */
#ifndef ENV_H
#define ENV_H
#include "media/base/heap.h"
#include "media/base/list.h"
#include "media/media.h"
#include "media/rtc/sendq.h"

/* Takes the event over with its text. */
typedef void (*env_emit_fn)(void *ctx, const struct media_event *e);

struct mailbox;
struct env {
    struct sendq *out;
    struct heap timers;
    struct media_stats n;      /* tx_packets and tx_bytes are filled from the sendq by hub_stats */
    struct list fresh;         /* tracks with packets their sinks have not been given yet */
    int64_t now_us;            /* of what is under way: for captures, which have no other way to know */
    int64_t oldest_us;         /* arrival of the oldest packet the sinks were given this turn, 0 = none */
    struct list dirty;         /* rooms whose mapping must be looked at before the turn ends */
    int64_t ntp_minus_mono_us; /* microseconds since 1900 at monotonic zero, for sender reports */
    unsigned worker;
    unsigned strain;              /* what is left out, because the worker does not keep up (strain.h) */
    struct mailbox *const *relay; /* every worker's relay mailbox, by number; borrowed from media.c */
    uint32_t last_track;
    env_emit_fn emit;
    void *emit_ctx;
};

/* A deadline of a peer or a room. fire runs with the timer out of the heap. */
struct env_timer {
    struct heap_node node;
    void (*fire)(struct env_timer *t, int64_t now_us);
};

/* Brings a deadline forward, never back: the owner computes the true next one when it fires. */
static inline void env_arm(struct env *e, struct env_timer *t, int64_t at_us) {
    if (at_us != INT64_MAX && (!t->node.idx || at_us < t->node.at_us))
        heap_set(&e->timers, &t->node, at_us);
}
/* Ids of tracks are unique in the process for a very long time: the worker's number, then a count. */
enum { ENV_TRACK_BITS = 24 };
static inline uint32_t env_track_id(struct env *e) {
    e->last_track = (e->last_track + 1) & ((1u << ENV_TRACK_BITS) - 1);
    e->last_track += !e->last_track;
    return (uint32_t)e->worker << ENV_TRACK_BITS | e->last_track;
}
static inline unsigned env_track_home(uint32_t id) { return id >> ENV_TRACK_BITS; }
static inline int64_t env_min(int64_t a, int64_t b) { return a < b ? a : b; }

#endif
