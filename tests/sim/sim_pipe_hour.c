/* An hour of a lesson from a sender whose clocks run 50 ppm fast, over a jittering, lossy line: sound and
 * picture of the recording are within 80 ms of each other at its end, and nothing is missing. Real packets,
 * encoders, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include "media/base/mem.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/record.h"
#include "tests/unit/pipe_check.h"
#include "tests/unit/pipe_feed.h"

enum { CAM = 1, MIC = 2, START_US = 9000000 };
#ifdef __SANITIZE_ADDRESS__ /* what a sanitizer looks for is found in ten minutes as well */
enum { SECONDS = 600 };
#else
enum { SECONDS = 3600 };
#endif

struct lesson {
    struct feed feed;
    struct record *record;
};
static void on_frame(void *arg, const struct frame *f) { record_frame(((struct lesson *)arg)->record, f); }
static void on_tick(void *arg, int64_t now_us) { record_tick(((struct lesson *)arg)->record, now_us); }
static void on_key(void *arg, uint32_t track) {
    struct lesson *l = arg;
    feed_find(&l->feed, track)->want_key = true;
}
static void test_hour(void **state) {
    (void)state;
    struct lesson *l = mem_zalloc(sizeof *l);
    struct record_cfg cfg = {.wall_ms = 1700000000000,
                             .clock_us = START_US,
                             .segment_ms = 4000,
                             .part_ms = 1000,
                             .arg = l,
                             .ask_key = on_key,
                             .past = {.screen_offset_ms = -1}};
    char dir[64], path[96];
    double begin[2], end[2], mean;
    size_t runs[2];
    int64_t end_ms, duration_ms;
    check_tmp(dir);
    cfg.dir = dir;
    feed_init(&l->feed, START_US);
    l->feed.send = on_frame;
    l->feed.tick = on_tick;
    l->feed.arg = l;
    l->feed.jitter_us = 15000;
    l->feed.loss = 0.01;
    l->feed.repair = 1;
    assert_int_equal(record_open(&l->record, &cfg), 0);
    record_track(l->record, CAM, SOURCE_CAMERA, FRAME_H264, STR("teacher"));
    record_track(l->record, MIC, SOURCE_MIC, FRAME_OPUS, STR("teacher"));
    record_choose(l->record, false, CAM, START_US);
    feed_camera(&l->feed, CAM, FRAME_H264, 160, 96, 10);
    feed_mic(&l->feed, MIC)->looped = true;
    for (size_t i = 0; i < l->feed.n; i++) {
        l->feed.senders[i].ppm = 50;
        l->feed.senders[i].reports = true;
    }
    feed_run(&l->feed, INT64_C(1000000) * SECONDS);
    assert_int_equal(record_stop(l->record, l->feed.now_us, false, &end_ms), 0);
    record_close(l->record);
    assert_int_equal(manifest_finish(dir, &duration_ms), 0);
    assert_in_range(end_ms, SECONDS * 1000, SECONDS * 1000 + 200);
    for (int i = 0; i < 2; i++) {
        assert_true(check_rendition(dir, i, &begin[i], &end[i], &runs[i]));
        assert_float_equal(end[i], (double)end_ms / 1000, 0.002);
        assert_int_equal(runs[i], 1);
    }
    struct check_onsets *f = mem_zalloc(sizeof *f), *b = mem_zalloc(sizeof *b);
    snprintf(path, sizeof path, "%s/index.m3u8", dir);
    check_flashes(f, path);
    check_beeps(b, path);
    double worst = check_sync_s(f, b, SECONDS - 10, &mean);
    print_message(
        "an hour in: flashes and beeps differ by %.1f ms on the average, %.1f ms at most; %zu and %zu\n",
        mean * 1000, worst * 1000, f->n, b->n);
    assert_in_range(f->n, SECONDS - 10, SECONDS + 1);
    assert_in_range(b->n, SECONDS - 2, SECONDS + 1);
    assert_true(worst < 0.08);
    /* and in time with the clock on the wall: beep number n is heard n seconds in, and the line's delay */
    assert_float_equal(b->at_s[b->n - 1], SECONDS - 1 + (double)FEED_DELAY_US / 1e6, 0.03);
    assert_true(check_sync_s(f, b, 0.5, &mean) < 0.2);
    mem_free(f);
    mem_free(b);
    feed_fini(&l->feed);
    check_remove(dir);
    mem_free(l);
}
int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hour)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
