/* Records a lesson in which everything happens that can: a change of size, a VP8 speaker, a camera that goes
 * and comes back, a pause between takes. With SECONDS instead a first take of that length in which nothing
 * does, left as it is for a recorder to go on with. In virtual time; prints what it cost. tests/integration
 * plays the one, tests/crash ends the other. bench_pipe_lesson DIR [SECONDS] */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include "media/pipeline/manifest.h"
#include "media/pipeline/record.h"
#include "tests/unit/pipe_feed.h"

enum { CAM = 1, MIC = 2, GUEST = 3, SECOND = 1000000 };

struct lesson {
    const char *dir;
    struct feed feed;
    struct record *record;
};
static void on_frame(void *arg, const struct frame *f) { record_frame(((struct lesson *)arg)->record, f); }
static void on_tick(void *arg, int64_t now_us) { record_tick(((struct lesson *)arg)->record, now_us); }
static void on_key(void *arg, uint32_t track) {
    struct feed_sender *s = feed_find(&((struct lesson *)arg)->feed, track);
    if (s)
        s->want_key = true;
}
static int begin(struct lesson *l) {
    struct record_cfg cfg = {.dir = l->dir,
                             .wall_ms = 1700000000000 + l->feed.now_us / 1000,
                             .clock_us = l->feed.now_us,
                             .segment_ms = 4000,
                             .part_ms = 1000,
                             .arg = l,
                             .ask_key = on_key};
    int err = recover_dir(&cfg.past, l->dir);
    if (err || (err = record_open(&l->record, &cfg)) != 0)
        return err;
    record_track(l->record, CAM, SOURCE_CAMERA, FRAME_H264, STR("teacher"));
    record_track(l->record, MIC, SOURCE_MIC, FRAME_OPUS, STR("teacher"));
    record_track(l->record, GUEST, SOURCE_CAMERA, FRAME_VP8, STR("guest"));
    record_choose(l->record, false, CAM, l->feed.now_us);
    return 0;
}
static int end(struct lesson *l) {
    int64_t end_ms;
    int err = record_stop(l->record, l->feed.now_us, false, &end_ms);
    record_close(l->record);
    return err;
}
static int story(struct lesson *l) {
    struct feed *f = &l->feed;
    struct feed_sender *cam = feed_camera(f, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(f, MIC);
    feed_camera(f, GUEST, FRAME_VP8, 480, 360, 20);
    int err = begin(l);
    if (err)
        return err;
    feed_run(f, 7 * SECOND);
    feed_resize(cam, 320, 180);
    feed_run(f, 6 * SECOND);
    record_choose(l->record, false, GUEST, f->now_us);
    feed_run(f, 6 * SECOND);
    record_choose(l->record, false, CAM, f->now_us);
    feed_resize(cam, 960, 540);
    feed_run(f, 6 * SECOND);
    cam->off = true;
    feed_run(f, 9 * SECOND);
    cam->off = false;
    feed_run(f, 6 * SECOND);
    if ((err = end(l)) != 0 || (err = begin(l)) != 0)
        return err;
    feed_run(f, 8 * SECOND);
    return end(l);
}
static int first_take(struct lesson *l, int64_t seconds) {
    feed_camera(&l->feed, CAM, FRAME_H264, 160, 90, 2);
    feed_mic(&l->feed, MIC);
    int err = begin(l);
    if (err)
        return err;
    feed_run(&l->feed, seconds * SECOND);
    return end(l);
}
int main(int argc, char **argv) {
    static struct lesson l;
    int64_t duration_ms = 0;
    int64_t seconds = argc == 3 ? strtoll(argv[2], NULL, 10) : 0;
    if (argc < 2 || argc > 3 || seconds < 0) {
        fputs("usage: bench_pipe_lesson DIR [SECONDS]\n", stderr);
        return 2;
    }
    l.dir = argv[1];
    mkdir(l.dir, 0755);
    feed_init(&l.feed, SECOND);
    l.feed.send = on_frame;
    l.feed.tick = on_tick;
    l.feed.arg = &l;
    clock_t before = clock();
    int err = seconds ? first_take(&l, seconds) : story(&l);
    if (!err && !seconds)
        err = manifest_finish(l.dir, &duration_ms);
    double cpu_s = (double)(clock() - before) / CLOCKS_PER_SEC;
    printf("{\"duration_ms\":%lld,\"cpu_s\":%.2f}\n", (long long)duration_ms, cpu_s);
    feed_fini(&l.feed);
    return err ? 1 : 0;
}
