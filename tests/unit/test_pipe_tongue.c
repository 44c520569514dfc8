/* Channels of interpreters in a recording, in virtual time: each voice is a tone of its own, so that it is
 * known what is heard in which rendition at what second; judged by ffmpeg and, segment by segment, against
 * the floor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "media/base/mem.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/mp4.h"
#include "media/pipeline/record.h"
#include "media/pipeline/tonguename.h"
#include "tests/unit/pipe_check.h"
#include "tests/unit/pipe_feed.h"

enum { CAM = 1, MIC = 2, ANN = 3, BOB = 4, SECOND = 1000000 };
enum { FLOOR_HZ = 440, ANN_HZ = 880, BOB_HZ = 1320, NOBODY_HZ = 2200 };
enum { TENTH = CHECK_HZ / 10, LONGEST_S = 40, LOUD = FEED_LOUD / 4, QUIET = FEED_LOUD / 20 };

struct lesson {
    char dir[64];
    struct feed feed;
    struct record *record;
    int64_t end_ms;
};
static void on_frame(void *arg, const struct frame *f) { record_frame(((struct lesson *)arg)->record, f); }
static void on_tick(void *arg, int64_t now_us) { record_tick(((struct lesson *)arg)->record, now_us); }
static void on_key(void *arg, uint32_t track) {
    struct feed_sender *s = feed_find(&((struct lesson *)arg)->feed, track);
    if (s)
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
    record_track(l->record, CAM, SOURCE_CAMERA, FRAME_H264, STR("teacher"));
    record_track(l->record, MIC, SOURCE_MIC, FRAME_OPUS, STR("teacher"));
    record_choose(l->record, false, CAM, l->feed.now_us);
}
static struct feed_sender *sings(struct lesson *l, uint32_t track, unsigned hz) {
    struct feed_sender *s = feed_mic(&l->feed, track);
    s->tone = true;
    s->hz = hz;
    return s;
}
static void begin_feed(struct lesson *l, int64_t now_us) {
    feed_init(&l->feed, now_us);
    l->feed.send = on_frame;
    l->feed.tick = on_tick;
    l->feed.arg = l;
    l->feed.jitter_us = 8000;
    feed_camera(&l->feed, CAM, FRAME_H264, 320, 180, 10);
    sings(l, MIC, FLOOR_HZ);
}
static struct lesson *open_lesson(void) {
    struct lesson *l = mem_zalloc(sizeof *l);
    check_tmp(l->dir);
    begin_feed(l, 7000000);
    return l;
}
static void stop_take(struct lesson *l) {
    assert_int_equal(record_stop(l->record, l->feed.now_us, false, &l->end_ms), 0);
    record_close(l->record);
    l->record = NULL;
}
static void finish(struct lesson *l) {
    int64_t duration_ms;
    stop_take(l);
    assert_int_equal(manifest_finish(l->dir, &duration_ms), 0);
}
static void close_lesson(struct lesson *l) {
    feed_fini(&l->feed);
    check_remove(l->dir);
    mem_free(l);
}
/* He is on the air: the media plane made a track of him, the room said whose it is. */
static void on_air(struct lesson *l, uint32_t track, const char *lang) {
    record_interpreter(l->record, track, STR("interpreter"));
    record_air(l->record, str_of(lang), track);
}
static void off_air(struct lesson *l, uint32_t track, const char *lang) {
    struct frame gone = {.kind = FRAME_GONE, .track = track, .arrival_us = l->feed.now_us};
    record_frame(l->record, &gone);
    record_air(l->record, str_of(lang), 0);
}

struct heard {
    int16_t pcm[CHECK_HZ * LONGEST_S];
    size_t n;
};
static void hear(struct heard *h, const struct lesson *l, const char *file) {
    char path[160];
    snprintf(path, sizeof path, "%s/%s", l->dir, file);
    assert_true(check_decodes(path));
    h->n = check_sound(h->pcm, countof(h->pcm), path);
}
/* From one second to another, in tenths: this loud is the floor, and this voice, and there is no other. Of a
 * new voice a second is left out: its clock is being learned. */
static void is_heard(const struct heard *h, double from_s, double to_s, double floor, unsigned voice_hz) {
    static const unsigned voices[] = {ANN_HZ, BOB_HZ};
    for (size_t i = (size_t)(from_s * 10 + 0.5); i < (size_t)(to_s * 10 + 0.5); i++) {
        const int16_t *at = h->pcm + i * TENTH;
        assert_true((i + 1) * TENTH <= h->n);
        double f = check_tone(at, TENTH, FLOOR_HZ), other = check_tone(at, TENTH, NOBODY_HZ);
        bool ok = other < QUIET && f > floor * FEED_LOUD * 0.7 && f < floor * FEED_LOUD * 1.4;
        for (size_t k = 0; k < countof(voices); k++) {
            double v = check_tone(at, TENTH, voices[k]);
            ok = ok && (voices[k] == voice_hz ? v > LOUD : v < QUIET);
        }
        if (!ok)
            fail_msg("at %zu00 ms: floor %.0f, Ann %.0f, Bob %.0f, nobody %.0f", i, f,
                     check_tone(at, TENTH, ANN_HZ), check_tone(at, TENTH, BOB_HZ), other);
    }
}
/* Each entry is the floor's own, or a file of as many frames that begins at the same one; how many are its
 * own. */
static unsigned in_step(const struct lesson *l, const char *lang) {
    char file[PLAYLIST_URI_MAX], *floor, *own;
    size_t n, k;
    struct playlist_rd a, b;
    struct playlist_entry x = {0}, y = {0};
    struct playlist_name p, q;
    unsigned count = 0;
    playlist_lang_file(file, lang);
    assert_int_equal(takes_load(&floor, &n, l->dir, "audio.m3u8", 1 << 20), 0);
    assert_int_equal(takes_load(&own, &k, l->dir, file, 1 << 20), 0);
    playlist_open(&a, (struct str){floor, n});
    playlist_open(&b, (struct str){own, k});
    while (playlist_next(&a, &x)) {
        assert_true(playlist_next(&b, &y));
        assert_int_equal(x.dur_us, y.dur_us);
        assert_int_equal(x.discontinuity, y.discontinuity);
        assert_true(str_eq(x.init, y.init));
        assert_true(playlist_name_parse(&p, x.uri) && playlist_name_parse(&q, y.uri));
        assert_true(p.take == q.take && p.run == q.run && p.n == q.n && !p.lang[0]);
        count += q.lang[0] != 0;
    }
    assert_false(playlist_next(&b, &y));
    assert_int_equal(a.ended, b.ended);
    mem_free(floor);
    mem_free(own);
    return count;
}

/* ---- the parts ---- */

static void names(void **state) {
    char iso[4], lang[PLAYLIST_LANG_MAX + 1], file[PLAYLIST_URI_MAX];
    (void)state;
    static const char *const codes[][3] = {
        {"uk", "ukr", "українська"},    {"en", "eng", "English"}, {"zh-hant-tw", "zho", "zh-hant-tw"},
        {"crh", "crh", "qırımtatarca"}, {"zu", "zul", "zu"},      {"xx", "und", "xx"}};
    for (size_t i = 0; i < countof(codes); i++) {
        tongue_iso(iso, codes[i][0]);
        assert_string_equal(iso, codes[i][1]);
        assert_string_equal(tongue_name(codes[i][0]), codes[i][2]);
        playlist_lang_file(file, codes[i][0]);
        assert_true(playlist_lang_parse(lang, str_of(file)));
        assert_string_equal(lang, codes[i][0]);
    }
    struct playlist_name n = {.letter = 'a', .take = 2, .run = 3, .n = 4, .lang = "zh-hant"}, back;
    playlist_name(file, &n);
    assert_string_equal(file, "a2-3-0004-zh-hant.m4s");
    assert_true(playlist_name_parse(&back, str_of(file)));
    assert_string_equal(back.lang, "zh-hant");
    assert_true(back.take == 2 && back.run == 3 && back.n == 4);
    static const char *const bad[] = {"p1-1-0001-en.m4s", "a1-1-0001-.m4s",   "a1-1-0001-e.m4s",
                                      "a1-1-0001-EN.m4s", "a1-1-init-en.mp4", "a1-1-0001-en-.m4s",
                                      "a1-1-0001-en.mp4", "a1-1-0001-e/n.m4s"};
    for (size_t i = 0; i < countof(bad); i++)
        if (playlist_name_parse(&back, str_of(bad[i])))
            fail_msg("accepted: %s", bad[i]);
    static const char *const no_list[] = {"audio.m3u8",    "audio-.m3u8",     "audio-e.m3u8",
                                          "audio-EN.m3u8", "audio-../x.m3u8", "audio-en.m3u8.tmp"};
    for (size_t i = 0; i < countof(no_list); i++)
        assert_false(playlist_lang_parse(lang, str_of(no_list[i])));
}
/* The floor goes down and up in ramps, stays down while he rests, and comes back at once when he goes. */
static void ducking(void **state) {
    enum { N = MIXER_HZ / 100 };
    static int16_t floor[N * 2], voice[N * 2], out[N * 2];
    struct duck d;
    int64_t at = 0;
    int16_t last = 10000;
    unsigned whole = 0, lowest = 0;
    (void)state;
    for (size_t i = 0; i < N * 2; i++)
        floor[i] = 10000;
    duck_init(&d);
    assert_false(duck_mix(&d, at, floor, voice, out, N));
    assert_memory_equal(floor, out, sizeof floor);
    duck_voice(&d, MIXER_HZ, MIXER_HZ);     /* the second second */
    duck_voice(&d, 3 * MIXER_HZ, MIXER_HZ); /* a rest shorter than the hold */
    assert_int_equal(duck_next(&d, 0), MIXER_HZ);
    duck_off(&d);
    duck_voice(&d, 6 * MIXER_HZ, MIXER_HZ); /* a colleague */
    for (at = 0; at < 12 * MIXER_HZ; at += N) {
        bool mixed = duck_mix(&d, at, floor, voice, out, N);
        for (size_t i = 0; i < N; i++) {
            int step = out[2 * i] - last;
            assert_in_range(step + 4, 0, 8);
            last = out[2 * i];
        }
        bool low = (at >= MIXER_HZ * 11 / 10 && at < 4 * MIXER_HZ) ||
                   (at >= MIXER_HZ * 61 / 10 && at < 7 * MIXER_HZ + DUCK_HOLD);
        bool high = at < MIXER_HZ || (at > MIXER_HZ * 41 / 10 && at < 6 * MIXER_HZ) ||
                    at > 7 * MIXER_HZ + DUCK_HOLD + DUCK_RAMP;
        assert_true(!low || (out[0] >= 1999 && out[0] <= 2001));
        assert_true(!high || (out[0] == 10000 && !mixed));
        whole += high;
        lowest += low;
    }
    assert_true(whole > 300 && lowest > 600);
}

/* ---- stories ---- */

/* Nobody, Ann, Bob from her hands, nobody, Ann again; Polish in the middle of all that. */
static void two_languages(void **state) {
    static struct heard h;
    struct lesson *l = open_lesson();
    struct manifest m;
    (void)state;
    start_take(l);
    feed_run(&l->feed, 6 * SECOND);
    struct feed_sender *ann = sings(l, ANN, ANN_HZ), *bob = sings(l, BOB, BOB_HZ);
    bob->off = true;
    on_air(l, ANN, "en");
    feed_run(&l->feed, 4 * SECOND); /* 10 */
    off_air(l, ANN, "en");
    ann->off = true;
    bob->off = false;
    on_air(l, BOB, "en");
    feed_run(&l->feed, 3 * SECOND); /* 13 */
    off_air(l, BOB, "en");
    bob->off = true;
    feed_run(&l->feed, 11 * SECOND); /* 24 */
    ann->off = false;
    ann->track = 9;
    on_air(l, 9, "en");
    bob->off = false;
    bob->track = 8;
    feed_run(&l->feed, 2 * SECOND); /* 26 */
    on_air(l, 8, "pl");
    feed_run(&l->feed, 3 * SECOND); /* 29 */
    finish(l);
    hear(&h, l, "audio.m3u8");
    is_heard(&h, 1, 28.5, 1, 0);
    size_t whole = h.n;
    hear(&h, l, "audio-en.m3u8");
    assert_int_equal(h.n, whole);
    is_heard(&h, 1, 5.8, 1, 0);
    is_heard(&h, 7, 9.9, 0.2, ANN_HZ);
    is_heard(&h, 11, 12.9, 0.2, BOB_HZ);
    is_heard(&h, 13.3, 23.8, 1, 0);
    is_heard(&h, 25, 28.5, 0.2, ANN_HZ);
    unsigned own = in_step(l, "en");
    assert_in_range(own, 4, 7); /* not while nobody is heard */
    hear(&h, l, "audio-pl.m3u8");
    is_heard(&h, 1, 25.8, 1, 0);
    is_heard(&h, 27, 28.5, 0.2, BOB_HZ);
    own = in_step(l, "pl");
    assert_in_range(own, 1, 2);
    assert_int_equal(check_count_lines(l->dir, "index.m3u8", "#EXT-X-MEDIA:TYPE=AUDIO"), 3);
    assert_int_equal(
        check_count_lines(l->dir, "index.m3u8",
                          "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English\",LANGUAGE=\"en\""),
        1);
    assert_int_equal(manifest_read(&m, l->dir), 0);
    assert_int_equal(m.master.langs_n, 2);
    assert_true(m.tongues[0].ended && m.tongues[0].bytes > 50000 && m.tongues[1].bytes > 10000);
    manifest_fini(&m);
    close_lesson(l);
}
/* What an interpreter says is as near to the picture as what the room says. */
static void lips(void **state) {
    struct check_onsets *f = mem_zalloc(sizeof *f), *b = mem_zalloc(sizeof *b);
    struct lesson *l = open_lesson();
    char path[2][96];
    double mean;
    (void)state;
    snprintf(path[0], sizeof path[0], "%s/program.m3u8", l->dir);
    snprintf(path[1], sizeof path[1], "%s/audio-uk.m3u8", l->dir);
    start_take(l);
    struct feed_sender *floor = feed_find(&l->feed, MIC), *cam = feed_find(&l->feed, CAM);
    floor->muted = true;
    cam->fps = 30;
    struct feed_sender *ann = feed_mic(&l->feed, ANN);
    ann->dtx = false;
    on_air(l, ANN, "uk");
    feed_run(&l->feed, 12 * SECOND);
    finish(l);
    check_flashes(f, path[0]);
    check_beeps(b, path[1]);
    assert_true(f->n >= 10 && b->n >= 10);
    double worst = check_sync_s(f, b, 1.5, &mean);
    print_message("a channel is %.3f s off at most\n", worst);
    assert_true(worst >= 0 && worst < 0.08);
    mem_free(f);
    mem_free(b);
    close_lesson(l);
}
/* A pause: the channel goes on in the next take, and is there from the first second of the lesson. */
static void a_pause(void **state) {
    static struct heard h;
    struct lesson *l = open_lesson();
    (void)state;
    start_take(l);
    feed_run(&l->feed, 5 * SECOND);
    sings(l, ANN, ANN_HZ);
    on_air(l, ANN, "en");
    feed_run(&l->feed, 3 * SECOND);
    stop_take(l);
    double first_s = (double)l->end_ms / 1000;
    feed_fini(&l->feed);
    begin_feed(l, 90000000);
    start_take(l);
    feed_run(&l->feed, 5 * SECOND);
    sings(l, ANN, ANN_HZ);
    on_air(l, ANN, "en");
    feed_run(&l->feed, 3 * SECOND);
    finish(l);
    hear(&h, l, "audio-en.m3u8");
    is_heard(&h, 1, 4.8, 1, 0);
    is_heard(&h, 6, first_s - 0.2, 0.2, ANN_HZ);
    is_heard(&h, first_s + 1, first_s + 4.8, 1, 0);
    is_heard(&h, first_s + 6, first_s + 7.8, 0.2, ANN_HZ);
    assert_in_range(in_step(l, "en"), 2, 4);
    close_lesson(l);
}
/* Its encoder is gone: the floor stands in until another can begin, and the floor itself knows nothing of it.
 */
static void an_encoder_fails(void **state) {
    static struct heard h;
    struct lesson *l = open_lesson();
    (void)state;
    start_take(l);
    feed_run(&l->feed, 3 * SECOND);
    sings(l, ANN, ANN_HZ);
    on_air(l, ANN, "en");
    feed_run(&l->feed, 3 * SECOND);
    aac_close(&record_sound(l->record)->tongues[0]->aac);
    feed_run(&l->feed, 8 * SECOND);
    assert_true(record_sound(l->record)->tongues[0]->borrowed > 10);
    finish(l);
    hear(&h, l, "audio.m3u8");
    is_heard(&h, 1, 13.5, 1, 0);
    hear(&h, l, "audio-en.m3u8");
    is_heard(&h, 4, 5, 0.2, ANN_HZ);
    is_heard(&h, 11, 13.5, 0.2, ANN_HZ); /* with the next segment but one at the latest */
    in_step(l, "en");
    close_lesson(l);
}
/* kill -9 after so long: what of the interpreter was on disk is kept, what was not is the floor as it was
 * mended. */
static void kill_after(int64_t ms) {
    static struct heard h;
    struct lesson *l = open_lesson();
    struct recovery r;
    struct stat open_take;
    char takes[PATH_MAX];
    fflush(NULL);
    pid_t pid = fork();
    if (!pid) {
        start_take(l);
        feed_run(&l->feed, 3 * SECOND);
        sings(l, ANN, ANN_HZ);
        on_air(l, ANN, "en");
        feed_run(&l->feed, ms * 1000 - 3 * SECOND);
        check_written(l->dir, "a1-", (double)(ms - 900) / 1000);
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    snprintf(takes, sizeof takes, "%s/takes.jsonl", l->dir);
    assert_int_equal(stat(takes, &open_take), 0);
    assert_int_equal(recover_dir(&r, l->dir), 0);
    assert_true(r.repaired);
    unsigned own = in_step(l, "en");
    assert_int_equal(truncate(takes, open_take.st_size),
                     0); /* killed again before the take's end was written */
    assert_int_equal(recover_dir(&r, l->dir), 0);
    assert_int_equal(in_step(l, "en"), own);
    assert_int_equal(r.langs_n, 1);
    double first_s = (double)r.end_ms / 1000;
    feed_fini(&l->feed);
    begin_feed(l, 90000000);
    start_take(l);
    sings(l, ANN, ANN_HZ);
    on_air(l, ANN, "en");
    feed_run(&l->feed, 3 * SECOND);
    finish(l);
    hear(&h, l, "audio-en.m3u8");
    print_message("killed at %lld ms, kept %.3f s\n", (long long)ms, first_s);
    is_heard(&h, 1, 2.8, 1, 0);
    is_heard(&h, 4, (double)ms / 1000 - 1.1, 0.2, ANN_HZ); /* no more than a second of him is lost */
    is_heard(&h, first_s + 1, first_s + 2.7, 0.2, ANN_HZ);
    in_step(l, "en");
    close_lesson(l);
}
static void kills(void **state) {
    (void)state;
    static const int64_t at_ms[] = {5100, 7600, 8050, 9999}; /* the second without a playlist yet */
    for (size_t i = 0; i < countof(at_ms); i++)
        kill_after(at_ms[i]);
}
/* One file to take away: the floor first, each language behind it, and named. */
static void in_one_file(void **state) {
    struct lesson *l = open_lesson();
    static const char langs[][PLAYLIST_LANG_MAX + 1] = {"en", "zh-hant"};
    char out[96], cmd[256], line[256], all[2048] = "";
    (void)state;
    start_take(l);
    feed_run(&l->feed, 2 * SECOND);
    sings(l, ANN, ANN_HZ);
    sings(l, BOB, BOB_HZ);
    on_air(l, ANN, "en");
    on_air(l, BOB, "zh-hant");
    feed_run(&l->feed, 4 * SECOND);
    finish(l);
    snprintf(out, sizeof out, "%s/lesson.mp4", l->dir);
    struct mp4_job job = {.video_dir = l->dir, .audio_dir = l->dir, .langs = langs, .langs_n = 2, .out = out};
    assert_int_equal(mp4_write(&job), 0);
    assert_true(check_decodes(out));
    snprintf(
        cmd, sizeof cmd,
        "ffprobe -v error -select_streams a -show_entries stream_tags=language:stream_disposition=default "
        "-of csv=p=0 '%s'",
        out);
    FILE *f = popen(cmd, "r");
    while (f && fgets(line, sizeof line, f))
        strncat(all, line, sizeof all - strlen(all) - 1);
    if (f)
        pclose(f);
    assert_string_equal(all, "1,und\n0,eng\n0,zho\n");
    double floor_s = check_duration_s(out, "a:0");
    assert_float_equal(check_duration_s(out, "a:1"), floor_s, 0.001);
    assert_float_equal(check_duration_s(out, "a:2"), floor_s, 0.001);
    close_lesson(l);
}
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names), cmocka_unit_test(ducking),     cmocka_unit_test(two_languages),
        cmocka_unit_test(lips),  cmocka_unit_test(a_pause),     cmocka_unit_test(an_encoder_fails),
        cmocka_unit_test(kills), cmocka_unit_test(in_one_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
