#include "media/pipeline/compose.h"
#include <stdio.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/pipeline/avc.h"
#include "media/pipeline/depay.h"
#include "media/pipeline/element.h"
#include "media/pipeline/frag.h"
#include "media/pipeline/reel.h"

enum {
    W = COMPOSE_WIDTH,
    H = COMPOSE_HEIGHT,
    LUMA = W * H,
    PICTURE = LUMA * 3 / 2,
    THUMB_DIV = 4,
    THUMB_MARGIN = 16, /* the camera's corner */
    TICK = FMP4_VIDEO_HZ / COMPOSE_FPS,
    KEY_TICKS = 4 * COMPOSE_FPS,
    STILL_TICKS = COMPOSE_FPS
};

/* One rendition being played: the picture that is to be seen at a time. */
struct player {
    struct reel *reel;
    struct reel_sample next;
    bool has_next, slate, fresh; /* fresh: the picture changed since it was last drawn */
    struct element *decoder;
    uint8_t *picture; /* I420 */
    bool has_picture;
    uint64_t run_end;
};
struct composer {
    struct player program, screen;
    struct element *encoder;
    struct depay encoded;
    struct frag frag;
    bool has_run;
    struct buf pending; /* encoded picture whose duration is not known yet */
    uint64_t pending_at;
    bool pending_key, has_pending;
    uint8_t *canvas;
};

static void on_decoded(void *arg, const struct element_out *o) {
    struct player *p = arg;
    if (o->data.n < PICTURE)
        return;
    memcpy(p->picture, o->data.p, PICTURE);
    p->has_picture = p->fresh = true;
}
static int open_decoder(struct element **out, const struct fmp4_track *t, uint16_t w, uint16_t h,
                        element_fn fn, void *arg) {
    char caps[2 * AVC_CONFIG_MAX + 128], chain[256];
    int n = snprintf(caps, sizeof caps,
                     "video/x-h264,stream-format=avc,alignment=au,width=%u,height=%u,codec_data=(buffer)",
                     t->width, t->height);
    if (t->config.n > AVC_CONFIG_MAX)
        return -ERR_UNSUPPORTED;
    for (size_t i = 0; i < t->config.n; i++)
        n += snprintf(caps + n, sizeof caps - (size_t)n, "%02x", t->config.p[i]);
    snprintf(chain, sizeof chain,
             "avdec_h264 max-threads=1 ! videoconvertscale add-borders=true ! "
             "capsfilter caps=video/x-raw,format=I420,width=%u,height=%u,pixel-aspect-ratio=1/1",
             w, h);
    return element_open(out, chain, caps, fn, arg);
}
static void player_open(struct player *p, const char *dir, enum rendition which) {
    p->picture = mem_zalloc(PICTURE);
    p->has_next = !reel_open(&p->reel, dir, which) && reel_next(p->reel, &p->next);
}
static void player_close(struct player *p) {
    element_close(p->decoder);
    reel_close(p->reel);
    mem_free(p->picture);
}
/* Decodes everything up to `at`. A run that cannot be decoded shows its last picture. */
static void player_seek(struct player *p, uint64_t at) {
    while (p->has_next && p->next.at <= at) {
        if (p->next.new_run) {
            const struct fmp4_track *t = reel_track(p->reel);
            element_close(p->decoder);
            p->decoder = NULL;
            p->slate = str_is(t->name, "slate");
            p->fresh = true;
            if (!p->slate && open_decoder(&p->decoder, t, W, H, on_decoded, p))
                p->decoder = NULL;
            if (p->slate)
                p->has_picture = false;
        }
        p->run_end = p->next.at + p->next.dur;
        if (p->decoder && element_push(p->decoder, p->next.data,
                                       (int64_t)(p->next.at * 1000 / (FMP4_VIDEO_HZ / 1000)), p->next.sync)) {
            element_close(p->decoder);
            p->decoder = NULL;
        }
        p->has_next = reel_next(p->reel, &p->next);
    }
    if (!p->has_next && at >= p->run_end)
        p->has_picture = false;
}

/* The camera, a quarter of its size, into the lower right corner. */
static void draw_thumb(uint8_t *canvas, const uint8_t *src) {
    size_t plane = 0;
    for (int c = 0; c < 3; c++) {
        int w = c ? W / 2 : W, h = c ? H / 2 : H, margin = c ? THUMB_MARGIN / 2 : THUMB_MARGIN;
        int tw = w / THUMB_DIV, th = h / THUMB_DIV;
        uint8_t *dst = canvas + plane + (size_t)((h - th - margin) * w + w - tw - margin);
        const uint8_t *s = src + plane;
        for (int y = 0; y < th; y++)
            for (int x = 0; x < tw; x++) {
                const uint8_t *q = s + (size_t)(y * THUMB_DIV * w + x * THUMB_DIV);
                unsigned sum = 0;
                for (int dy = 0; dy < THUMB_DIV; dy++)
                    for (int dx = 0; dx < THUMB_DIV; dx++)
                        sum += q[dy * w + dx];
                dst[y * w + x] = (uint8_t)(sum / (THUMB_DIV * THUMB_DIV));
            }
        plane += (size_t)(w * h);
    }
}
static void draw(struct composer *c) {
    if (c->screen.has_picture) {
        memcpy(c->canvas, c->screen.picture, PICTURE);
        if (c->program.has_picture)
            draw_thumb(c->canvas, c->program.picture);
    } else if (c->program.has_picture) {
        memcpy(c->canvas, c->program.picture, PICTURE);
    } else {
        memset(c->canvas, 30, LUMA);
        memset(c->canvas + LUMA, 128, PICTURE - LUMA);
    }
}

static void flush_pending(struct composer *c, uint64_t until) {
    if (!c->has_pending || until <= c->pending_at)
        return;
    if (c->pending_key && frag_segment_dur(&c->frag) >= FMP4_VIDEO_HZ * 3)
        frag_cut(&c->frag);
    frag_sample(&c->frag, (uint32_t)(until - c->pending_at), c->pending_key,
                (struct bytes){c->pending.p, c->pending.n});
    c->has_pending = false;
}
static void on_encoded(void *arg, const struct element_out *o) {
    struct composer *c = arg;
    struct picture p;
    if (!depay_annexb(&c->encoded, o->data, &p) || o->pts_us < 0)
        return;
    uint64_t at = ((uint64_t)o->pts_us + 20) * COMPOSE_FPS / 1000000 * TICK;
    if (!c->has_run) {
        struct fmp4_track t = {.kind = FMP4_VIDEO,
                               .timescale = FMP4_VIDEO_HZ,
                               .width = W,
                               .height = H,
                               .config = p.config,
                               .name = STR("composed")};
        frag_run(&c->frag, 0, &t);
        c->has_run = true;
        at = 0;
    }
    flush_pending(c, at);
    buf_reset(&c->pending);
    buf_put(&c->pending, p.data.p, p.data.n);
    c->has_pending = true;
    c->pending_at = at;
    c->pending_key = p.key;
}
static int open_encoder(struct composer *c) {
    char caps[128], chain[256];
    snprintf(chain, sizeof chain,
             "x264enc speed-preset=superfast pass=qual quantizer=23 bframes=0 key-int-max=%d ! "
             "capsfilter caps=video/x-h264,stream-format=byte-stream,profile=main",
             KEY_TICKS);
    snprintf(caps, sizeof caps, "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1", W, H,
             COMPOSE_FPS);
    return element_open(&c->encoder, chain, caps, on_encoded, c);
}
static int encode_all(struct composer *c, const struct compose_job *job) {
    int64_t ticks = job->duration_ms * COMPOSE_FPS / 1000, drawn = -STILL_TICKS;
    int err = 0;
    for (int64_t i = 0; !err && i < ticks; i++) {
        player_seek(&c->program, (uint64_t)i * TICK);
        player_seek(&c->screen, (uint64_t)i * TICK);
        if (c->program.fresh || c->screen.fresh ||
            i - drawn >= STILL_TICKS) { /* what does not move costs little */
            draw(c);
            err =
                element_push(c->encoder, (struct bytes){c->canvas, PICTURE}, i * 1000000 / COMPOSE_FPS, true);
            c->program.fresh = c->screen.fresh = false;
            drawn = i;
        }
        if (i % COMPOSE_FPS == 0)
            job->on_progress(job->arg, i * 1000 / COMPOSE_FPS, job->duration_ms);
    }
    if (!err)
        err = element_drain(c->encoder);
    flush_pending(c, (uint64_t)job->duration_ms * (FMP4_VIDEO_HZ / 1000));
    return err;
}
int compose_run(const struct compose_job *job) {
    struct composer *c = mem_zalloc(sizeof *c);
    struct disk *disk;
    int err = disk_open(&disk, job->out_dir);
    if (err) {
        mem_free(c);
        return err;
    }
    struct frag_cfg cfg = {.disk = disk,
                           .list = rendition_files[RENDITION_PROGRAM].list,
                           .letter = 'p',
                           .take = 1,
                           .first_run = 1,
                           .timescale = FMP4_VIDEO_HZ,
                           .target_s = 8,
                           .part_us = 1000000};
    frag_init(&c->frag, &cfg);
    depay_init(&c->encoded, DEPAY_H264);
    buf_init(&c->pending, DEPAY_PICTURE_MAX);
    c->canvas = mem_zalloc(PICTURE);
    player_open(&c->program, job->dir, RENDITION_PROGRAM);
    player_open(&c->screen, job->dir, RENDITION_SCREEN);
    err = open_encoder(c);
    if (!err)
        err = encode_all(c, job);
    frag_cut(&c->frag);
    if (disk_flush(disk))
        err = -ERR_IO;
    else if (!err && !c->has_run)
        err = -ERR_MISSING;
    element_close(c->encoder);
    player_close(&c->program);
    player_close(&c->screen);
    depay_fini(&c->encoded);
    buf_fini(&c->pending);
    frag_fini(&c->frag);
    disk_close(disk);
    mem_free(c->canvas);
    mem_free(c);
    return err;
}

static void on_still(void *arg, const struct element_out *o) {
    buf_reset(arg);
    buf_put(arg, o->data.p, o->data.n);
}
int compose_still(struct buf *out, const struct fmp4_track *track, const struct reel_sample *s,
                  uint16_t width, uint16_t height) {
    struct element *e;
    int err = open_decoder(&e, track, width, height, on_still, out);
    if (err)
        return err;
    err = element_push(e, s->data, 0, true);
    if (!err && !out->n)
        err = element_drain(e);
    element_close(e);
    return err ? err : out->n && !out->over ? 0 : -ERR_INVALID;
}
