/* lane — one video rendition without a hole: decides which source it shows and when to change over, fills
 * with a slate where there is none, and cuts segments at keyframes. Times are media microseconds since the
 * recording began. Thread: owner's. Ownership: embedded value. No clock. */
#ifndef LANE_H
#define LANE_H
#include "media/pipeline/frag.h"
#include "media/pipeline/slate.h"

enum {
    LANE_FIRST_WAIT_US =
        1500000,                /* the first picture is awaited this long; it is then shown from the start */
    LANE_IDLE_WAIT_US = 300000, /* the same while nothing is chosen */
    LANE_GONE_US = 1000000,     /* a source that ended leaves its last picture for this long */
    LANE_LAG_US = 300000        /* the slate is laid this much behind now: a late picture may still come */
};
struct lane_cfg {
    struct frag_cfg frag;
    const char *name; /* hdlr name of what is not slate; static */
    int64_t base_us;  /* where this take begins */
    int64_t segment_us;
    int64_t frozen_us;   /* no picture for this long is the same as gone */
    bool holds_still;    /* a frozen source keeps its last keyframe on show instead of the slate: a screen */
    bool opens_late;     /* begins with its first picture, wherever that is */
    struct slate *slate; /* borrowed */
    /* A run begins: before its first sample. */
    void (*on_run)(void *arg, int64_t at_us, const struct picture *p, bool is_slate);
    void *arg;
};
struct lane {
    struct lane_cfg cfg;
    struct frag frag;
    uint32_t want, on; /* chosen source; the one shown (0 = slate or nothing yet) */
    bool begun;
    enum lane_fill { LANE_LIVE, LANE_STILL, LANE_SLATE } fill;
    int64_t fresh_us, gone_us;
    struct buf pending; /* the last picture: its duration is known when the next comes */
    bool has_pending, pending_key;
    int64_t pending_us;
    struct buf still;       /* the last keyframe, if cfg.holds_still */
    uint16_t width, height; /* of the last real picture */
    uint8_t config[AVC_CONFIG_MAX];
    size_t config_n;
    uint64_t switches;
};
void lane_init(struct lane *l, const struct lane_cfg *cfg);
void lane_fini(struct lane *l);
void lane_want(struct lane *l, uint32_t track, int64_t now_us); /* 0: nobody */
void lane_gone(struct lane *l, uint32_t track, int64_t now_us);
void lane_put(struct lane *l, uint32_t track, int64_t at_us, const struct picture *p, int64_t now_us);
void lane_tick(struct lane *l, int64_t now_us);
/* The source that should send a keyframe now, or 0. The caller limits how often it is really asked. */
uint32_t lane_key_wanted(const struct lane *l, int64_t now_us);
static inline bool lane_uses(const struct lane *l, uint32_t track) {
    return track && (l->on == track || l->want == track);
}
/* Where the lane's last picture begins; the end of the take must lie behind it. */
static inline int64_t lane_last_us(const struct lane *l) {
    return l->has_pending ? l->pending_us : l->cfg.base_us;
}
void lane_stop(struct lane *l, int64_t end_us);

#endif
