/* somhub-pipe poster DIR OUT.jpg: of a few keyframes spread over the lesson, the one with the most in it. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/pipeline/avc.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/compose.h"
#include "media/pipeline/element.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/reel.h"
#include "media/pipeline/say.h"

enum { WIDTH_MAX = 1280, CANDIDATES = 8, PICTURE_MAX = 8 << 20, SAMPLE_STEP = 7 };

struct poster {
    struct buf best; /* I420 */
    uint16_t width, height;
    uint64_t score;
};

/* How much is in a picture: the variance of its brightness. */
static uint64_t score(const struct buf *b, size_t luma) {
    uint64_t n = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < luma && i < b->n; i += SAMPLE_STEP, n++) {
        sum += b->p[i];
        squares += (uint64_t)b->p[i] * b->p[i];
    }
    return n ? squares / n - (sum / n) * (sum / n) : 0;
}
static void fit(const struct fmp4_track *t, uint16_t *w, uint16_t *h) {
    uint32_t width = t->width > WIDTH_MAX ? WIDTH_MAX : t->width;
    *w = (uint16_t)(width / 8 * 8); /* rows without padding */
    *h = (uint16_t)((uint32_t)t->height * *w / t->width / 2 * 2);
}
static void consider(struct poster *p, const struct fmp4_track *t, const struct reel_sample *s) {
    uint16_t w, h;
    struct buf b;
    fit(t, &w, &h);
    if (w < 8 || h < 2)
        return;
    buf_init(&b, PICTURE_MAX);
    if (compose_still(&b, t, s, w, h)) {
        buf_fini(&b);
        return;
    }
    uint64_t v = score(&b, (size_t)w * h);
    if (p->best.n && v <= p->score) {
        buf_fini(&b);
        return;
    }
    buf_fini(&p->best);
    *p = (struct poster){.best = b, .width = w, .height = h, .score = v};
}
/* Keyframes at even distances through what is not slate. */
static void look_through(struct poster *p, const char *dir, enum rendition which,
                         const struct manifest_side *side) {
    struct reel *r;
    struct reel_sample s;
    int64_t shown = 0, seen = 0, next = 0;
    for (size_t i = 0; i < side->runs_n; i++)
        shown += side->runs[i].slate ? 0 : side->runs[i].end_us - side->runs[i].at_us;
    if (!shown || reel_open(&r, dir, which))
        return;
    while (reel_next(r, &s)) {
        const struct fmp4_track *t = reel_track(r);
        if (str_is(t->name, "slate"))
            continue;
        if (s.sync && seen >= next) {
            consider(p, t, &s);
            next += shown / CANDIDATES + 1;
        }
        seen += (int64_t)s.dur * 1000000 / reel_timescale(r);
    }
    reel_close(r);
}

static void on_jpeg(void *arg, const struct element_out *o) { buf_put(arg, o->data.p, o->data.n); }
static int write_jpeg(const struct poster *p, const char *out) {
    char caps[128], part[PATH_MAX];
    struct element *e;
    struct buf jpeg;
    snprintf(caps, sizeof caps, "video/x-raw,format=I420,width=%u,height=%u,framerate=1/1", p->width,
             p->height);
    if (snprintf(part, sizeof part, "%s.part", out) >= (int)sizeof part)
        return -ERR_TOO_LARGE;
    int err = element_open(&e, "jpegenc quality=85", caps, on_jpeg, &jpeg);
    if (err)
        return err;
    buf_init(&jpeg, PICTURE_MAX);
    err = element_push(e, (struct bytes){p->best.p, p->best.n}, 0, true);
    element_close(e);
    int fd = err ? -1 : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (!err && (fd < 0 || write(fd, jpeg.p, jpeg.n) != (ssize_t)jpeg.n || fsync(fd)))
        err = -ERR_IO;
    if (fd >= 0)
        close(fd);
    if (!err && rename(part, out))
        err = -ERR_IO;
    buf_fini(&jpeg);
    return err;
}
static int make(const char *dir, const char *out, const struct manifest *m) {
    struct poster p = {0};
    look_through(&p, dir, RENDITION_PROGRAM, &m->sides[RENDITION_PROGRAM]);
    if (!p.best.n)
        look_through(&p, dir, RENDITION_SCREEN, &m->sides[RENDITION_SCREEN]);
    int err = p.best.n ? write_jpeg(&p, out) : -ERR_MISSING;
    buf_fini(&p.best);
    return err;
}
int command_poster(const char *dir, const char *out) {
    static const char *const plugins[] = {"coreelements", "libav", "videoconvertscale", "jpeg"};
    struct manifest m;
    int err = element_plugins(plugins, countof(plugins));
    if (!err)
        err = manifest_read(&m, dir);
    if (!err) {
        err = make(dir, out, &m);
        manifest_fini(&m);
    }
    if (err == -ERR_MISSING)
        say_text("error", "there is no picture in this recording");
    else if (err)
        say_text("error", "the poster cannot be made");
    else
        say(say_new("done"));
    return err;
}
