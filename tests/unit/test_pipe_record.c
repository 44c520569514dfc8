/* Whole recordings in virtual time: real encoders and packets in, files out, judged by ffmpeg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "media/base/mem.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/record.h"
#include "tests/unit/pipe_check.h"
#include "tests/unit/pipe_feed.h"

enum { CAM = 1, MIC = 2, CAM2 = 3, MIC2 = 4, SCREEN = 5 };
enum { SECOND = 1000000 };

struct lesson {
    char dir[64], index[96];
    struct feed feed;
    struct record *record;
    unsigned asked;
    bool deaf; /* keyframe requests get lost */
    int64_t end_ms;
};
static void on_frame(void *arg, const struct frame *f) { record_frame(((struct lesson *)arg)->record, f); }
static void on_tick(void *arg, int64_t now_us) { record_tick(((struct lesson *)arg)->record, now_us); }
static void on_key(void *arg, uint32_t track) {
    struct lesson *l = arg;
    struct feed_sender *s = feed_find(&l->feed, track);
    l->asked++;
    if (s && !l->deaf)
        s->want_key = true;
}
static void start_take(struct lesson *l) {
    struct record_cfg cfg = {.dir = l->dir,
                             .wall_ms = 1700000000000 + l->feed.now_us / 1000,
                             .clock_us = l->feed.now_us,
                             .segment_ms = 4000,
                             .part_ms = 1000,
                             .arg = l,
                             .ask_key = on_key};
    assert_int_equal(recover_dir(&cfg.past, l->dir), 0);
    assert_int_equal(record_open(&l->record, &cfg), 0);
}
static void stop_take(struct lesson *l) {
    assert_int_equal(record_stop(l->record, l->feed.now_us, false, &l->end_ms), 0);
    record_close(l->record);
    l->record = NULL;
}
static struct lesson *open_lesson(void) {
    struct lesson *l = mem_zalloc(sizeof *l);
    check_tmp(l->dir);
    snprintf(l->index, sizeof l->index, "%s/index.m3u8", l->dir);
    feed_init(&l->feed, 7000000);
    l->feed.send = on_frame;
    l->feed.tick = on_tick;
    l->feed.arg = l;
    l->feed.jitter_us = 8000;
    start_take(l);
    return l;
}
static void finish(struct lesson *l) {
    int64_t duration_ms;
    stop_take(l);
    assert_int_equal(manifest_finish(l->dir, &duration_ms), 0);
    assert_int_equal(duration_ms, l->end_ms);
}
static void close_lesson(struct lesson *l) {
    feed_fini(&l->feed);
    check_remove(l->dir);
    mem_free(l);
}
static void teacher(struct lesson *l, enum frame_codec codec) {
    record_track(l->record, CAM, SOURCE_CAMERA, codec, STR("teacher"));
    record_track(l->record, MIC, SOURCE_MIC, FRAME_OPUS, STR("teacher"));
    record_choose(l->record, false, CAM, l->feed.now_us);
}
/* Both renditions whole, equally long, with as many discontinuities; everything decodes. */
static size_t check_whole(struct lesson *l) {
    double begin[2], end[2];
    size_t runs[2];
    for (int i = 0; i < 2; i++) {
        assert_true(check_rendition(l->dir, i, &begin[i], &end[i], &runs[i]));
        assert_float_equal(begin[i], 0, 0.001);
    }
    assert_float_equal(end[0], end[1], 0.001);
    assert_float_equal(end[0], (double)l->end_ms / 1000, 0.002);
    assert_int_equal(runs[0], runs[1]);
    assert_true(check_decodes(l->index));
    return runs[0];
}
/* Where no picture stands still, no part at all is longer than a second: so much a crash may cost. */
static void parts_are_short(const struct lesson *l) {
    static const char *const prefix[] = {"p1-", "a1-"};
    for (size_t i = 0; i < countof(prefix); i++) {
        double longest_s = check_longest_part_s(l->dir, prefix[i]);
        print_message("%s: parts of %.3f s at most\n", prefix[i], longest_s);
        assert_true(longest_s > 0 && longest_s < 1.0001);
    }
}
static double sync_of(const char *path, size_t least, double from_s, double *mean) {
    struct check_onsets *f = mem_zalloc(sizeof *f), *b = mem_zalloc(sizeof *b);
    check_flashes(f, path);
    check_beeps(b, path);
    double worst = check_sync_s(f, b, from_s, mean);
    if (worst > 0.08)
        for (size_t i = 0; i < f->n; i++)
            print_message("flash at %.3f\n", f->at_s[i]);
    assert_in_range(f->n, least, CHECK_ONSETS_MAX);
    assert_in_range(b->n, least, CHECK_ONSETS_MAX);
    mem_free(f);
    mem_free(b);
    return worst;
}

/* In a process of its own, as somhub runs it: the many plugins it loads stay out of this one. */
static int apart(int (*verb)(const char *dir, const char *out), const char *dir, const char *out) {
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (!pid)
        _exit(verb(dir, out) ? 1 : 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_plain(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    double mean;
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(&l->feed, MIC);
    feed_run(&l->feed, 20 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 1);
    parts_are_short(l);
    assert_true(l->end_ms >= 20000 && l->end_ms < 20100);
    assert_in_range(check_count_lines(l->dir, "program.m3u8", "#EXTINF"), 5, 6);
    assert_int_equal(check_count_lines(l->dir, "program.m3u8", "#EXT-X-ENDLIST"), 1);
    /* the first flash is stretched to the take's start */
    assert_true(sync_of(l->index, 19, 0.5, &mean) < 0.045);
    char out[96];
    snprintf(out, sizeof out, "%s/out.mp4", l->dir);
    assert_int_equal(command_mp4(l->dir, out), 0); /* copied */
    assert_true(check_decodes(out));
    assert_float_equal(check_duration_s(out, "v:0"), (double)l->end_ms / 1000, 0.001);
    assert_float_equal(check_duration_s(out, "a:0"), (double)l->end_ms / 1000, 0.001);
    assert_true(sync_of(out, 19, 0.5, &mean) < 0.045);
    close_lesson(l);
}
/* A microphone that sends nothing of silence: what it sends stays where it belongs. */
static void test_dtx(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    double mean;
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 320, 180, 30);
    struct feed_sender *mic = feed_mic(&l->feed, MIC);
    mic->dtx = true;
    feed_run(&l->feed, 25 * SECOND);
    assert_in_range(mic->sent, 25 * 10, 25 * 20); /* not the 25 * 50 of one who sends on */
    finish(l);
    assert_int_equal(check_whole(l), 1);
    assert_true(sync_of(l->index, 22, 0.5, &mean) < 0.045);
    close_lesson(l);
}
static void test_loss(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    double mean;
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(&l->feed, MIC);
    l->feed.loss = 0.05;
    l->feed.repair = 0.97;
    feed_run(&l->feed, 20 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 1);
    assert_true(sync_of(l->index, 15, 0.5, &mean) < 0.12); /* a lost picture of a flash is a later flash */
    assert_true(mean < 0.08 && mean > -0.08);
    close_lesson(l);
}
static void test_resize(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    char out[96];
    double mean;
    teacher(l, FRAME_H264);
    struct feed_sender *cam = feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(&l->feed, MIC);
    feed_run(&l->feed, 5 * SECOND);
    feed_resize(cam, 320, 180);
    feed_run(&l->feed, 4 * SECOND);
    feed_resize(cam, 960, 540);
    feed_run(&l->feed, 6 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 3);
    assert_int_equal(check_count_lines(l->dir, "index.m3u8", "#EXT-X-STREAM-INF"), 1);
    snprintf(out, sizeof out, "%s/out.mp4", l->dir);
    assert_int_equal(apart(command_mp4, l->dir, out), 0); /* composed anew */
    assert_true(check_decodes(out));
    assert_float_equal(check_duration_s(out, "v:0"), (double)l->end_ms / 1000, 0.05);
    assert_true(sync_of(out, 13, 0.5, &mean) < 0.08);
    close_lesson(l);
}
/* The worst distance of a flash from its beep between two moments; -1: no flash there. */
static double sync_between(const struct check_onsets *f, const struct check_onsets *b, double from_s,
                           double until_s) {
    struct check_onsets *part = mem_zalloc(sizeof *part);
    double mean;
    for (size_t i = 0; i < f->n; i++)
        if (f->at_s[i] >= from_s && f->at_s[i] < until_s)
            part->at_s[part->n++] = f->at_s[i];
    double worst = check_sync_s(part, b, from_s, &mean);
    mem_free(part);
    return worst;
}
/* Both cameras flash and both microphones beep at once: after each switch the picture is with the sound. */
static void sync_after_switches(const char *path, double first_s, unsigned switches, double each_s) {
    struct check_onsets *f = mem_zalloc(sizeof *f), *b = mem_zalloc(sizeof *b);
    check_flashes(f, path);
    check_beeps(b, path);
    assert_in_range(b->n, (unsigned)(first_s + switches * each_s) - 1, CHECK_ONSETS_MAX);
    for (unsigned i = 0; i < switches; i++) {
        double from_s = first_s + i * each_s, worst = sync_between(f, b, from_s, from_s + each_s);
        print_message("after switch %u: %.3f s\n", i + 1, worst);
        assert_true(worst >= 0 && worst < 0.08);
    }
    mem_free(f);
    mem_free(b);
}
static void test_switch(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    teacher(l, FRAME_H264);
    record_track(l->record, CAM2, SOURCE_CAMERA, FRAME_H264, STR("guest"));
    record_track(l->record, MIC2, SOURCE_MIC, FRAME_OPUS, STR("guest"));
    feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_camera(&l->feed, CAM2, FRAME_H264, 480, 360, 25);
    feed_mic(&l->feed, MIC);
    feed_mic(&l->feed, MIC2);
    feed_run(&l->feed, 4 * SECOND);
    for (int i = 0; i < 6; i++) {
        record_choose(l->record, false, i % 2 ? CAM : CAM2, l->feed.now_us);
        feed_run(&l->feed, 2 * SECOND);
    }
    finish(l);
    assert_int_equal(check_whole(l), 7);
    parts_are_short(l);
    sync_after_switches(l->index, 4, 6, 2);
    close_lesson(l);
}
/* Two speak at once, each in a tone of his own: the first alone, both, the second alone. */
static void test_voices(void **state) {
    (void)state;
    enum { STRETCH_S = 3, WINDOW = CHECK_HZ / 10, LOUD = FEED_LOUD / 2, QUIET = FEED_LOUD / 20 };
    static int16_t pcm[CHECK_HZ * (3 * STRETCH_S + 1)];
    struct lesson *l = open_lesson();
    teacher(l, FRAME_H264);
    record_track(l->record, MIC2, SOURCE_MIC, FRAME_OPUS, STR("guest"));
    feed_camera(&l->feed, CAM, FRAME_H264, 320, 180, 30);
    struct feed_sender *a = feed_mic(&l->feed, MIC), *b = feed_mic(&l->feed, MIC2);
    a->tone = b->tone = true;
    a->hz = 700;
    b->hz = 1900;
    for (int i = 0; i < 3; i++) {
        a->muted = i == 2;
        b->muted = i == 0;
        feed_run(&l->feed, STRETCH_S * SECOND);
    }
    finish(l);
    assert_int_equal(check_whole(l), 1);
    assert_true(check_sound(pcm, countof(pcm), l->index) >= 3 * STRETCH_S * CHECK_HZ);
    for (size_t i = 0; i < 3 * STRETCH_S * 10; i++) {
        size_t within = i % (STRETCH_S * 10), stretch = i / (STRETCH_S * 10);
        const int16_t *at = pcm + i * WINDOW;
        double first = check_tone(at, WINDOW, 700), second = check_tone(at, WINDOW, 1900);
        if (within < 10 || within > STRETCH_S * 10 - 4)
            continue; /* one begins, his clock is being learned; or ends */
        if ((first > LOUD) != (stretch != 2) || (first < QUIET) != (stretch == 2) ||
            (second > LOUD) != (stretch != 0) || (second < QUIET) != (stretch == 0) ||
            check_tone(at, WINDOW, 1200) > QUIET) /* nobody's */
            fail_msg("at %zu00 ms: %.0f and %.0f", i, first, second);
    }
    close_lesson(l);
}
/* A camera goes dark and comes back; a microphone is off for a while: no hole, the slate stands in. */
static void test_away(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    struct manifest m;
    double mean;
    teacher(l, FRAME_H264);
    struct feed_sender *cam = feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30),
                       *mic = feed_mic(&l->feed, MIC);
    feed_run(&l->feed, 4 * SECOND);
    cam->off = mic->off = true;
    feed_run(&l->feed, 9 * SECOND);
    cam->off = mic->off = false;
    feed_restart(&l->feed, cam);
    feed_restart(&l->feed, mic);
    feed_run(&l->feed, 5 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 3);
    assert_int_equal(manifest_read(&m, l->dir), 0);
    assert_true(m.sides[RENDITION_PROGRAM].runs[1].slate);
    assert_false(m.sides[RENDITION_PROGRAM].sizes_changed); /* the slate takes the picture's size */
    manifest_fini(&m);
    assert_true(sync_of(l->index, 7, 0.5, &mean) < 0.045);
    close_lesson(l);
}
/* A codec the recording does not hold is transcoded; losses and another size are lived through. */
static void transcoded(enum frame_codec codec) {
    struct lesson *l = open_lesson();
    double mean;
    teacher(l, codec);
    struct feed_sender *cam = feed_camera(&l->feed, CAM, codec, 640, 360, 30);
    feed_mic(&l->feed, MIC);
    cam->next_us -= 100000; /* captured before the take began */
    feed_run(&l->feed, 6 * SECOND);
    l->feed.loss = 0.02;
    feed_run(&l->feed, 4 * SECOND);
    l->feed.loss = 0;
    feed_resize(cam, 320, 180);
    feed_run(&l->feed, 5 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 2);
    assert_true(sync_of(l->index, 9, 10.6, &mean) < 0.08); /* after the losses */
    close_lesson(l);
}
static void test_vp8(void **state) {
    (void)state;
    transcoded(FRAME_VP8);
}
static void test_vp9(void **state) {
    (void)state;
    transcoded(FRAME_VP9);
}
static void test_av1(void **state) {
    (void)state;
    transcoded(FRAME_AV1);
}
/* A pause between takes: one timeline without it. */
static void test_takes(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    struct manifest m;
    double mean;
    teacher(l, FRAME_H264);
    struct feed_sender *cam = feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(&l->feed, MIC);
    feed_run(&l->feed, 5 * SECOND + 123000);
    stop_take(l);
    int64_t first_end = l->end_ms;
    l->feed.now_us += 60 * (int64_t)SECOND;
    for (size_t i = 0; i < l->feed.n; i++)
        l->feed.senders[i].next_us += 60 * (int64_t)SECOND;
    cam->want_key = true;
    start_take(l);
    teacher(l, FRAME_H264);
    feed_run(&l->feed, 6 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 2);
    assert_int_equal(manifest_read(&m, l->dir), 0);
    assert_int_equal(m.takes.n, 2);
    assert_int_equal(m.takes.v[1].base_ms, first_end);
    assert_false(m.takes.v[1].gap);
    assert_in_range(m.takes.v[1].wall_ms - m.takes.v[0].wall_ms, 65123, 65130);
    manifest_fini(&m);
    assert_true(sync_of(l->index, 9, 0.5, &mean) < 0.05);
    close_lesson(l);
}
static void test_screen(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    struct manifest m;
    char out[96];
    double begin, end;
    size_t runs;
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(&l->feed, MIC);
    feed_run(&l->feed, 3 * SECOND);
    record_track(l->record, SCREEN, SOURCE_SCREEN, FRAME_VP8, STR("teacher"));
    record_choose(l->record, true, SCREEN, l->feed.now_us);
    struct feed_sender *screen = feed_camera(&l->feed, SCREEN, FRAME_VP8, 800, 600, 5);
    feed_run(&l->feed, 5 * SECOND);
    screen->off = true;
    record_choose(l->record, true, 0, l->feed.now_us);
    record_untrack(l->record, SCREEN, l->feed.now_us);
    feed_run(&l->feed, 4 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 1);
    assert_true(check_rendition(l->dir, RENDITION_SCREEN, &begin, &end, &runs));
    assert_float_equal(begin, 3.1, 0.3);
    assert_float_equal(end, (double)l->end_ms / 1000, 0.002);
    assert_int_equal(runs, 2);
    assert_int_equal(manifest_read(&m, l->dir), 0);
    assert_float_equal((double)m.sides[RENDITION_SCREEN].at_us / 1e6, begin, 0.00001);
    manifest_fini(&m);
    snprintf(out, sizeof out, "%s/out.mp4", l->dir);
    assert_int_equal(apart(command_mp4, l->dir, out), 0);
    assert_true(check_decodes(out));
    snprintf(out, sizeof out, "%s/out.jpg", l->dir);
    assert_int_equal(apart(command_poster, l->dir, out), 0);
    assert_true(check_decodes(out));
    close_lesson(l);
}
/* A screen that shows the same page for long sends nothing: its last keyframe stays on show, without a seam.
 */
static void test_still(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    double begin, end;
    size_t runs;
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 320, 180, 30);
    feed_mic(&l->feed, MIC);
    record_track(l->record, SCREEN, SOURCE_SCREEN, FRAME_H264, STR("teacher"));
    record_choose(l->record, true, SCREEN, l->feed.now_us);
    struct feed_sender *screen = feed_camera(&l->feed, SCREEN, FRAME_H264, 800, 600, 5);
    feed_run(&l->feed, 5 * SECOND);
    screen->off = true;
    feed_run(&l->feed, 15 * SECOND);
    screen->off = false;
    feed_run(&l->feed, 3 * SECOND);
    finish(l);
    check_whole(l);
    assert_true(check_rendition(l->dir, RENDITION_SCREEN, &begin, &end, &runs));
    assert_int_equal(runs, 1);
    assert_float_equal(end, (double)l->end_ms / 1000, 0.002);
    close_lesson(l);
}
/* Without SRs a camera that is 150 ms later than its microphone stays so; with them it is put right. */
static void test_lips(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    double mean;
    teacher(l, FRAME_H264);
    struct feed_sender *cam = feed_camera(&l->feed, CAM, FRAME_H264, 320, 180, 30),
                       *mic = feed_mic(&l->feed, MIC);
    cam->extra_delay_us = 150000;
    cam->reports = mic->reports = true;
    feed_run(&l->feed, 30 * SECOND);
    finish(l);
    check_whole(l);
    assert_true(sync_of(l->index, 10, 18, &mean) < 0.045);
    close_lesson(l);
}
/* A sender that gives no keyframe after its first: segments stay within the target all the same. */
static void test_deaf(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 320, 180, 30);
    feed_mic(&l->feed, MIC);
    l->deaf = true;
    feed_run(&l->feed, 20 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 1);
    assert_in_range(l->asked, 8, 20); /* asked again, once a second */
    close_lesson(l);
}
/* Nobody there at all: a slate with silence, not an empty recording. */
static void test_nobody(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    feed_run(&l->feed, 3 * SECOND);
    finish(l);
    assert_int_equal(check_whole(l), 1);
    close_lesson(l);
}
static void test_short(void **state) {
    (void)state;
    struct lesson *l = open_lesson();
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 320, 180, 30);
    feed_mic(&l->feed, MIC);
    feed_run(&l->feed, 100000);
    finish(l);
    assert_int_equal(check_whole(l), 1);
    close_lesson(l);
}

/* kill -9 after `ms` of recording; what was recorded up to a second before is there and the next take goes
 * on. */
static void kill_after(int64_t ms, void (*story)(struct lesson *)) {
    struct lesson *l = open_lesson();
    struct manifest m;
    record_close(l->record); /* the child has its own */
    l->record = NULL;
    check_remove(l->dir);
    check_tmp(l->dir);
    snprintf(l->index, sizeof l->index, "%s/index.m3u8", l->dir);
    fflush(NULL);
    pid_t pid = fork();
    if (!pid) {
        start_take(l);
        story(l);
        feed_run(&l->feed, ms * 1000 - (l->feed.now_us - 7000000));
        check_written(l->dir, "a1-", (double)(ms - 900) / 1000); /* mixed 600 ms late, parts of 85 ms */
        check_written(l->dir, "p1-", (double)(ms - 700) / 1000);
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    struct recovery r;
    struct stat open_take;
    char takes[PATH_MAX];
    snprintf(takes, sizeof takes, "%s/takes.jsonl", l->dir);
    assert_int_equal(stat(takes, &open_take), 0);
    assert_int_equal(recover_dir(&r, l->dir), 0);
    assert_true(r.repaired);
    int64_t end_ms = r.end_ms;
    assert_int_equal(truncate(takes, open_take.st_size),
                     0); /* killed again before the take's end was written */
    assert_int_equal(recover_dir(&r, l->dir), 0);
    assert_int_equal(r.end_ms, end_ms);
    print_message("killed at %lld ms, kept %lld ms\n", (long long)ms, (long long)r.end_ms);
    assert_true(r.end_ms > ms - 1000);
    assert_true(r.end_ms < ms + 200);
    assert_int_equal(recover_dir(&r, l->dir), 0);
    assert_false(r.repaired); /* nothing is left to do */
    if (ms < 200)
        assert_int_equal(r.end_ms, 0); /* nothing was written, and nothing is made up */
    feed_fini(&l->feed);
    feed_init(&l->feed, 90000000);
    l->feed.send = on_frame;
    l->feed.tick = on_tick;
    l->feed.arg = l;
    start_take(l);
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(&l->feed, MIC);
    feed_run(&l->feed, 3 * SECOND);
    finish(l);
    check_whole(l);
    assert_int_equal(manifest_read(&m, l->dir), 0);
    assert_int_equal(m.takes.n, 2);
    assert_true(m.takes.v[1].gap);
    manifest_fini(&m);
    close_lesson(l);
}
static void story_plain(struct lesson *l) {
    teacher(l, FRAME_H264);
    feed_camera(&l->feed, CAM, FRAME_H264, 640, 360, 30);
    feed_mic(&l->feed, MIC);
}
static void story_switch(struct lesson *l) {
    story_plain(l);
    feed_run(&l->feed, 3 * SECOND);
    feed_resize(feed_find(&l->feed, CAM), 320, 180);
    feed_run(&l->feed, 1 * SECOND);
}
static void story_screen(struct lesson *l) {
    story_plain(l);
    feed_run(&l->feed, 2 * SECOND);
    record_track(l->record, SCREEN, SOURCE_SCREEN, FRAME_H264, STR("teacher"));
    record_choose(l->record, true, SCREEN, l->feed.now_us);
    feed_camera(&l->feed, SCREEN, FRAME_H264, 800, 600, 5);
}
/* Sound only, and the program not begun: the slate stands in for what there was not. */
static void story_dark(struct lesson *l) {
    record_track(l->record, MIC, SOURCE_MIC, FRAME_OPUS, STR("teacher"));
    record_choose(l->record, false, CAM, l->feed.now_us); /* chosen, but it does not come */
    feed_mic(&l->feed, MIC);
}
static void test_kill(void **state) {
    (void)state;
    static const int64_t at_ms[] = {50, 1700, 2600, 4100, 4400, 8300, 9999};
    for (size_t i = 0; i < sizeof at_ms / sizeof at_ms[0]; i++)
        kill_after(at_ms[i], story_plain);
    kill_after(1450, story_dark);
    kill_after(5000, story_dark);
}
static void test_kill_at_break(void **state) {
    (void)state;
    for (int64_t ms = 4050; ms < 5000; ms += 190) /* around the change of size, which sound follows later */
        kill_after(ms, story_switch);
    kill_after(6500, story_screen);
}
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),         cmocka_unit_test(test_loss),   cmocka_unit_test(test_resize),
        cmocka_unit_test(test_switch),        cmocka_unit_test(test_voices), cmocka_unit_test(test_away),
        cmocka_unit_test(test_dtx),           cmocka_unit_test(test_vp8),    cmocka_unit_test(test_vp9),
        cmocka_unit_test(test_av1),           cmocka_unit_test(test_takes),  cmocka_unit_test(test_screen),
        cmocka_unit_test(test_lips),          cmocka_unit_test(test_nobody), cmocka_unit_test(test_deaf),
        cmocka_unit_test(test_still),         cmocka_unit_test(test_short),  cmocka_unit_test(test_kill),
        cmocka_unit_test(test_kill_at_break),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
