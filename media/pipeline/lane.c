#include "media/pipeline/lane.h"

enum { LEAST_US = 1000 /* no picture is shorter */, SLATE_STEP_US = 1000000, ASK_EARLY_US = 200000 };

void lane_init(struct lane *l, const struct lane_cfg *cfg) {
    *l = (struct lane){.cfg = *cfg, .fresh_us = cfg->base_us};
    frag_init(&l->frag, &cfg->frag);
    buf_init(&l->pending, DEPAY_PICTURE_MAX + AVC_CONFIG_MAX);
    buf_init(&l->still, DEPAY_PICTURE_MAX + AVC_CONFIG_MAX);
}
void lane_fini(struct lane *l) {
    frag_fini(&l->frag);
    buf_fini(&l->pending);
    buf_fini(&l->still);
}
static uint64_t ticks(int64_t us) { return (uint64_t)us * (FMP4_VIDEO_HZ / 1000) / 1000; }
static int64_t segment_age_us(const struct lane *l) {
    return (int64_t)(frag_segment_dur(&l->frag) * 1000 / (FMP4_VIDEO_HZ / 1000));
}
/* A segment may last this long before its rounded duration exceeds the playlist's target (RFC 8216 4.3.3.1).
 */
static int64_t cap_us(const struct lane *l) { return (int64_t)l->cfg.frag.target_s * 1000000 + 400000; }

/* The pending picture lasts until `until_us`. */
static void flush_pending(struct lane *l, int64_t until_us) {
    if (!l->has_pending)
        return;
    if (segment_age_us(l) + until_us - l->pending_us > cap_us(l))
        frag_cut(&l->frag);
    frag_sample(&l->frag, (uint32_t)(ticks(until_us) - ticks(l->pending_us)), l->pending_key,
                (struct bytes){l->pending.p, l->pending.n});
    l->has_pending = false;
}
static void set_pending(struct lane *l, int64_t at_us, const struct picture *p) {
    buf_reset(&l->pending);
    buf_put(&l->pending, p->data.p, p->data.n);
    l->has_pending = true;
    l->pending_key = p->key;
    l->pending_us = at_us;
}
/* Where a picture can be laid: behind the last one; the first of a take at its very start. */
static int64_t clamp(const struct lane *l, int64_t at_us) {
    if (!l->begun)
        return l->cfg.opens_late && at_us > l->cfg.base_us ? at_us / 1000 * 1000 : l->cfg.base_us;
    int64_t least = l->has_pending ? l->pending_us + LEAST_US : l->cfg.base_us;
    return at_us > least ? at_us : least;
}
static void begin_run(struct lane *l, int64_t at_us, const struct picture *p, bool is_slate) {
    struct fmp4_track t = {.kind = FMP4_VIDEO,
                           .timescale = FMP4_VIDEO_HZ,
                           .width = p->width,
                           .height = p->height,
                           .config = p->config,
                           .name = is_slate ? STR("slate") : str_of(l->cfg.name)};
    flush_pending(l, at_us);
    l->cfg.on_run(l->cfg.arg, at_us, p, is_slate);
    frag_run(&l->frag, ticks(at_us), &t);
    l->begun = true;
    l->switches++;
    if (p->config.n <= sizeof l->config) {
        memcpy(l->config, p->config.p, p->config.n);
        l->config_n = p->config.n;
    }
}
static bool same_config(const struct lane *l, const struct picture *p) {
    return p->config.n == l->config_n && !memcmp(p->config.p, l->config, l->config_n);
}

void lane_want(struct lane *l, uint32_t track, int64_t now_us) {
    if (track == l->want)
        return;
    l->want = track;
    if (!track)
        l->gone_us = now_us;
    else if (track == l->on)
        l->gone_us = 0;
}
void lane_gone(struct lane *l, uint32_t track, int64_t now_us) {
    if (!track || (track != l->on && track != l->want))
        return;
    if (!l->gone_us)
        l->gone_us = now_us;
    if (track == l->want)
        l->want = 0;
}
static void keep_still(struct lane *l, const struct picture *p) {
    buf_reset(&l->still);
    buf_put(&l->still, p->data.p, p->data.n);
}
void lane_put(struct lane *l, uint32_t track, int64_t at_us, const struct picture *p, int64_t now_us) {
    bool starts = track == l->want && track != l->on;
    if (!track || (starts ? !p->key : track != l->on))
        return;
    int64_t at = clamp(l, at_us < now_us ? at_us : now_us); /* nothing is seen before it was sent */
    bool goes_on = (!starts || l->fill == LANE_STILL) && (!p->key || same_config(l, p));
    l->fresh_us = now_us;
    if (goes_on) {
        flush_pending(l, at);
        if (p->key && segment_age_us(l) >= l->cfg.segment_us * 3 / 4)
            frag_cut(&l->frag);
    } else {
        begin_run(l, at, p, false);
        l->width = p->width;
        l->height = p->height;
    }
    if (starts)
        l->gone_us = 0;
    l->on = track;
    l->fill = LANE_LIVE;
    if (p->key && l->cfg.holds_still)
        keep_still(l, p);
    set_pending(l, at, p);
}

static void slate_on(struct lane *l, int64_t at_us) {
    const struct picture *p = slate_picture(l->cfg.slate, l->width, l->height);
    l->on = 0;
    l->gone_us = 0;
    if (!p)
        return;
    at_us = clamp(l, at_us);
    begin_run(l, at_us, p, true);
    set_pending(l, at_us, p);
    l->fill = LANE_SLATE;
}
/* What follows a still refers to pictures that it replaced, so the source comes back with a keyframe. */
static void still_on(struct lane *l, int64_t at_us) {
    struct picture still = {.key = true, .data = {l->still.p, l->still.n}};
    l->on = 0;
    at_us = clamp(l, at_us);
    flush_pending(l, at_us);
    set_pending(l, at_us, &still);
    l->fill = LANE_STILL;
}
static void fill_until(struct lane *l, int64_t until_us) {
    int64_t step_us = l->fill == LANE_STILL ? l->cfg.segment_us : SLATE_STEP_US;
    while (l->fill != LANE_LIVE && l->pending_us + step_us <= until_us) {
        struct picture still = {.key = true, .data = {l->still.p, l->still.n}};
        const struct picture *p =
            l->fill == LANE_STILL ? &still : slate_picture(l->cfg.slate, l->width, l->height);
        if (!p)
            return;
        int64_t at = l->pending_us + step_us;
        flush_pending(l, at);
        if (segment_age_us(l) >= l->cfg.segment_us)
            frag_cut(&l->frag);
        set_pending(l, at, p);
    }
}
static void fill_in(struct lane *l, int64_t now_us) {
    bool gone = l->gone_us && now_us - l->gone_us > LANE_GONE_US,
         frozen = now_us - l->fresh_us > l->cfg.frozen_us;
    if (l->fill == LANE_SLATE || (!gone && (!frozen || l->fill == LANE_STILL)))
        return;
    if (!gone && l->cfg.holds_still && l->still.n)
        still_on(l, now_us - LANE_LAG_US);
    else
        slate_on(l, now_us - LANE_LAG_US);
}
void lane_tick(struct lane *l, int64_t now_us) {
    int64_t wait = l->want ? LANE_FIRST_WAIT_US : LANE_IDLE_WAIT_US;
    if (l->begun)
        fill_in(l, now_us);
    else if (!l->cfg.opens_late && now_us - l->cfg.base_us > wait)
        slate_on(l, l->cfg.base_us);
    fill_until(l, now_us - LANE_LAG_US);
}
uint32_t lane_key_wanted(const struct lane *l, int64_t now_us) {
    if (l->want && l->want != l->on)
        return l->want;
    if (!l->on || l->gone_us || !l->frag.segment_open)
        return 0;
    int64_t age = now_us - (int64_t)(l->frag.segment_at * 1000 / (FMP4_VIDEO_HZ / 1000));
    return age >= l->cfg.segment_us - ASK_EARLY_US ? l->on : 0;
}
void lane_stop(struct lane *l, int64_t end_us) {
    if (!l->begun && !l->cfg.opens_late)
        slate_on(l, l->cfg.base_us);
    fill_until(l, end_us - LEAST_US);
    flush_pending(l, end_us);
    frag_cut(&l->frag);
}
