/* What a recording becomes in the background: the job thread runs the verbs of somhub-pipe, each a process of
 * its own (this program, started anew, is that child), over a real recording, and the API is asked all the
 * while. The file and the poster are judged by their boxes, by ffprobe and by ffmpeg. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/clock.h"
#include "media/base/mem.h"
#include "media/base/rd.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/compose.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/record.h"
#include "server/catalogue/job.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/signin.h"
#include "server/http/handler.h"
#include "server/jobs/jobs.h"
#include "tests/unit/pipe_check.h"
#include "tests/unit/pipe_feed.h"

#define MYSELF "/proc/self/exe"
/* It begins between two flashes of the camera (pipe_feed), so that key pictures are ordinary ones. */
enum { CAM = 1, MIC = 2, SECOND = 1000000, START_US = 7300000 };
enum { WIDTH = 640, HEIGHT = 360, FPS = 5, PATIENCE_MS = 120000, LOOK_AGAIN_MS = 5 };
enum { NICE_FIELD = 19, LOW = 15 }; /* proc(5): the 19th of stat; what commands of somhub-pipe go down to */
enum { IOPRIO_PROCESS = 1, IOPRIO_IDLE = 3 << 13 };

static struct web_rig w;

/* ---- the child ---- */

/* What the child was in the end: its nice value, class of disk, and whether it had loaded an encoder. */
struct witness {
    int nice, disk, encoder, decoder;
};

static void bear_witness(const char *out) {
    char path[DATADIR_PATH_MAX + 200], line[4096];
    struct witness v = {.disk = (int)syscall(SYS_ioprio_get, IOPRIO_PROCESS, 0)};
    FILE *f = fopen("/proc/self/stat", "re");
    const char *p = f && fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL; /* ends the second field */
    for (int field = 2; p && field < NICE_FIELD; field++)
        p = strchr(p + 1, ' ');
    v.nice = p ? atoi(p) : -100;
    if (f)
        fclose(f);
    f = fopen("/proc/self/maps", "re");
    while (f && fgets(line, sizeof line, f)) {
        v.encoder |= strstr(line, "libgstx264") != NULL;
        v.decoder |= strstr(line, "libgstlibav") != NULL;
    }
    if (f)
        fclose(f);
    snprintf(path, sizeof path, "%s.witness", out);
    f = fopen(path, "we");
    if (f) {
        fprintf(f, "%d %d %d %d\n", v.nice, v.disk, v.encoder, v.decoder);
        fclose(f);
    }
}

/* What it says is kept as well. What GStreamer never gives back is not ours to be judged (_exit). */
__attribute__((noreturn)) static void be_the_child(int (*verb)(const char *dir, const char *out),
                                                   const char *dir, const char *out) {
    char cmd[DATADIR_PATH_MAX + 220];
    snprintf(cmd, sizeof cmd, "exec tee '%s.lines'", out);
    FILE *tee = popen(cmd, "w");
    int err = tee && dup2(fileno(tee), STDOUT_FILENO) >= 0 ? verb(dir, out) : -1;
    close(STDOUT_FILENO);
    if (!tee || pclose(tee))
        err = -1;
    bear_witness(out);
    _exit(err ? 1 : 0);
}

static struct witness witness_of(const char *out) {
    char path[DATADIR_PATH_MAX + 200];
    struct witness v = {.nice = -100};
    snprintf(path, sizeof path, "%s.witness", out);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d %d %d %d", &v.nice, &v.disk, &v.encoder, &v.decoder), 4);
    fclose(f);
    return v;
}

/* ---- a recording, in virtual time ---- */

struct lesson {
    struct meeting m;
    char dir[DATADIR_PATH_MAX + 64], mp4[DATADIR_PATH_MAX + 100], poster[DATADIR_PATH_MAX + 100];
    int64_t end_ms;
};
struct studio {
    struct feed feed;
    struct record *record;
};

static void on_frame(void *arg, const struct frame *f) { record_frame(((struct studio *)arg)->record, f); }
static void on_tick(void *arg, int64_t now_us) { record_tick(((struct studio *)arg)->record, now_us); }
static void on_key(void *arg, uint32_t track) {
    struct feed_sender *s = feed_find(&((struct studio *)arg)->feed, track);
    if (s)
        s->want_key = true;
}

static struct studio *open_studio(const char *dir) {
    struct studio *s = mem_zalloc(sizeof *s);
    struct record_cfg cfg = {.dir = dir,
                             .wall_ms = HOUSE_NOW_MS,
                             .clock_us = START_US,
                             .segment_ms = 4000,
                             .part_ms = 1000,
                             .arg = s,
                             .ask_key = on_key};
    feed_init(&s->feed, START_US);
    s->feed.send = on_frame;
    s->feed.tick = on_tick;
    s->feed.arg = s;
    assert_int_equal(recover_dir(&cfg.past, dir), 0);
    assert_int_equal(record_open(&s->record, &cfg), 0);
    return s;
}

static void close_studio(struct studio *s, int64_t *end_ms) {
    assert_int_equal(record_stop(s->record, s->feed.now_us, false, end_ms), 0);
    record_close(s->record);
    feed_fini(&s->feed);
    mem_free(s);
}

/* An event whose recording has just been published: its two jobs wait. */
static struct lesson record_lesson(bool resized) {
    struct lesson l = {.m = {.join = JOIN_LINK}};
    char root[DATADIR_PATH_MAX + 8];
    int64_t duration_ms;
    size_t n;
    house_meeting(&w.house, &l.m);
    assert_int_equal(datadir_rec(w.house.data.path, l.m.id, l.dir), 0);
    snprintf(root, sizeof root, "%s/rec", w.house.dir);
    mkdir(root, 0700);
    assert_int_equal(mkdir(l.dir, 0700), 0);
    snprintf(l.mp4, sizeof l.mp4, "%s/" LESSON_MP4, l.dir);
    snprintf(l.poster, sizeof l.poster, "%s/" LESSON_POSTER, l.dir);
    struct studio *s = open_studio(l.dir);
    record_track(s->record, CAM, SOURCE_CAMERA, FRAME_H264, STR("teacher"));
    record_track(s->record, MIC, SOURCE_MIC, FRAME_OPUS, STR("teacher"));
    record_choose(s->record, false, CAM, s->feed.now_us);
    feed_camera(&s->feed, CAM, FRAME_H264, WIDTH, HEIGHT, FPS);
    feed_mic(&s->feed, MIC);
    feed_run(&s->feed, 2 * SECOND);
    if (resized)
        feed_resize(feed_find(&s->feed, CAM), WIDTH / 2, HEIGHT / 2);
    feed_run(&s->feed, 2 * SECOND);
    close_studio(s, &l.end_ms);
    assert_int_equal(manifest_finish(l.dir, &duration_ms), 0);
    assert_int_equal(duration_ms, l.end_ms);
    assert_int_equal(lesson_started(w.house.store, l.m.id, HOUSE_NOW_MS), 0);
    char *manifest = recdir_read(w.house.dir, l.m.id, RECDIR_MANIFEST, &n);
    assert_non_null(manifest);
    assert_int_equal(
        lesson_publish(w.house.store, w.house.dir, l.m.id, (struct str){manifest, n}, clock_wall_ms()), 0);
    mem_free(manifest);
    return l;
}

/* ---- what the page is told ---- */

/* The job's row in the lesson's document. */
static const struct json *job_said(const struct lesson *l, const char *kind) {
    web_expect(&w, HOUSE_TEACHER, 200, web_line("GET /api/lessons/%s", l->m.id), NULL);
    const struct json *jobs = json_get(w.json, "jobs");
    for (size_t i = 0; i < json_len(jobs); i++)
        if (!strcmp(web_str(json_at(jobs, i), "kind"), kind))
            return json_at(jobs, i);
    fail_msg("the lesson says nothing of its %s", kind);
    return NULL;
}

/* Runs both jobs as the server does. Asks for the MP4's progress all the while: it begins with 0, ends with
 * 100 and never goes back. The number of different values between. */
static unsigned do_jobs(const struct lesson *l) {
    struct jobs *j;
    struct jobs_cfg cfg = {.db_path = w.house.data.db, .data_dir = w.house.dir, .pipe_path = MYSELF};
    int64_t until_us = clock_mono_us() + PATIENCE_MS * 1000LL, last = 0;
    unsigned between = 0;
    const struct json *row = job_said(l, "mp4");
    assert_string_equal(web_str(row, "state"), "waiting");
    assert_int_equal(web_number(row, "percent"), 0);
    assert_int_equal(jobs_open(&j, &cfg), 0);
    for (;;) {
        row = job_said(l, "mp4");
        int64_t percent = web_number(row, "percent");
        if (percent < last || percent > 100)
            fail_msg("%lld %% after %lld %%", (long long)percent, (long long)last);
        between += percent > last && percent < 100;
        last = percent;
        if (!strcmp(web_str(row, "state"), "done"))
            break;
        if (web_str(row, "text")[0] || clock_mono_us() > until_us)
            fail_msg("%s at %lld %%: %s", web_str(row, "state"), (long long)percent, web_str(row, "text"));
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
    assert_int_equal(last, 100);
    assert_string_equal(web_str(job_said(l, "poster"), "state"), "done");
    jobs_close(j);
    return between;
}

/* Every line the child said of its progress: 0, more each time, 100. How many. */
static unsigned steps_of(const char *out) {
    char path[DATADIR_PATH_MAX + 200], line[512];
    unsigned n = 0;
    int64_t last = -1;
    snprintf(path, sizeof path, "%s.lines", out);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        struct json *j;
        assert_int_equal(json_parse(&j, str_of(line)), 0);
        if (!strcmp(web_str(j, "type"), "progress")) {
            int64_t percent = web_number(j, "percent");
            assert_true(n ? percent > last : percent == 0);
            last = percent;
            n++;
        }
        json_free(j);
    }
    fclose(f);
    assert_int_equal(last, 100);
    return n;
}

/* ---- what is in the files ---- */

/* What a program says, its complaints too, on one line. */
static const char *said(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *said(const char *fmt, ...) {
    static char text[4][512];
    static int at;
    char cmd[1024], *out = text[at = (at + 1) % 4];
    va_list va;
    va_start(va, fmt);
    vsnprintf(cmd, sizeof cmd - 8, fmt, va);
    va_end(va);
    strcat(cmd, " 2>&1");
    FILE *f = popen(cmd, "re");
    size_t n = f ? fread(out, 1, sizeof text[0] - 1, f) : 0;
    while (n && out[n - 1] == '\n')
        n--;
    out[n] = 0;
    assert_true(f && pclose(f) == 0);
    return out;
}

/* The names of a file's outermost boxes, in their order. ISO 14496-12 4.2: size, type, 64-bit size if 1. */
static const char *boxes_of(const char *path) {
    static char names[256];
    uint8_t head[16];
    off_t at = 0;
    size_t n = 0;
    FILE *f = fopen(path, "re");
    struct stat st;
    assert_true(f && fstat(fileno(f), &st) == 0);
    while (at < st.st_size && n + 6 < sizeof names) {
        assert_int_equal(fseeko(f, at, SEEK_SET), 0);
        assert_true(fread(head, 1, sizeof head, f) >= 8);
        struct rd r = rd_init(head, sizeof head);
        uint64_t size = rd_u32(&r);
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%.4s", n ? " " : "", (const char *)head + 4);
        (void)rd_u32(&r);
        if (size == 1)
            size = rd_u64(&r);
        assert_true(size >= 8);
        at += (off_t)size;
    }
    fclose(f);
    assert_int_equal(at, st.st_size);
    return names;
}

static const char *hash_of(const char *path, const char *stream) {
    return said("ffmpeg -nostdin -v error -i '%s' -map 0:%s -c copy -f streamhash -hash sha256 -", path,
                stream);
}

/* Begins to play before it is all there; neither ffprobe nor ffmpeg has a word to say; of this size. */
static void check_file(const struct lesson *l, unsigned width, unsigned height) {
    char size[64];
    assert_string_equal(boxes_of(l->mp4), "ftyp moov mdat");
    assert_string_equal(said("ffprobe -v error '%s'", l->mp4), "");
    assert_string_equal(said("ffmpeg -nostdin -v error -i '%s' -f null -", l->mp4), "");
    snprintf(size, sizeof size, "h264,%u,%u", width, height);
    assert_string_equal(
        said("ffprobe -v error -select_streams v -show_entries stream=codec_name,width,height "
             "-of csv=p=0 '%s'",
             l->mp4),
        size);
    assert_string_equal(
        said("ffprobe -v error -select_streams a -show_entries stream=codec_name -of csv=p=0 '%s'", l->mp4),
        "aac");
    assert_float_equal(check_duration_s(l->mp4, "v:0"), (double)l->end_ms / 1000, 0.05);
    assert_float_equal(check_duration_s(l->mp4, "a:0"), (double)l->end_ms / 1000, 0.05);
}

/* Nice and the disk's idle class: whatever is live goes first. */
static void check_low(const struct witness *v) {
    assert_in_range(v->nice, LOW, 19);
    assert_int_equal(v->disk, IOPRIO_IDLE);
}

/* A JPEG of the camera's size on which something is to be seen: neither black nor of one colour. */
static void check_poster(const struct lesson *l) {
    char size[64];
    double low, mean, high;
    snprintf(size, sizeof size, "mjpeg,%d,%d", WIDTH, HEIGHT);
    assert_string_equal(
        said("ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 '%s'", l->poster),
        size);
    assert_string_equal(said("ffmpeg -nostdin -v error -i '%s' -f null -", l->poster), "");
    const char *stats = said("ffmpeg -nostdin -v error -i '%s' -vf format=gray,signalstats,"
                             "metadata=print:file=- -f null - | "
                             "sed -n 's/^lavfi.signalstats.\\(YMIN\\|YAVG\\|YMAX\\)=//p' | tr '\\n' ' '",
                             l->poster);
    assert_int_equal(sscanf(stats, "%lf %lf %lf", &low, &mean, &high), 3);
    if (mean < 40 || mean > 215 || high - low < 60)
        fail_msg("the poster is of %.0f to %.0f, %.0f in the mean", low, high, mean);
    struct witness v = witness_of(l->poster);
    check_low(&v);
}

/* ---- the stories ---- */

static void test_one_size_is_copied(void **state) {
    (void)state;
    struct lesson l = record_lesson(false);
    char program[DATADIR_PATH_MAX + 100], audio[DATADIR_PATH_MAX + 100];
    snprintf(program, sizeof program, "%s/program.m3u8", l.dir);
    snprintf(audio, sizeof audio, "%s/audio.m3u8", l.dir);
    do_jobs(&l);
    check_file(&l, WIDTH, HEIGHT);
    check_poster(&l);
    /* Byte for byte what was recorded, and nobody had so much as loaded what could have made it anew. */
    assert_string_equal(hash_of(l.mp4, "v"), hash_of(program, "v"));
    assert_string_equal(hash_of(l.mp4, "a"), hash_of(audio, "a"));
    struct witness v = witness_of(l.mp4);
    assert_false(v.encoder || v.decoder);
    check_low(&v);
    assert_true(steps_of(l.mp4) >= 2);
}

static void test_other_sizes_are_made_one(void **state) {
    (void)state;
    struct lesson l = record_lesson(true);
    char audio[DATADIR_PATH_MAX + 100], work[DATADIR_PATH_MAX + 120];
    snprintf(audio, sizeof audio, "%s/audio.m3u8", l.dir);
    snprintf(work, sizeof work, "%s.work", l.mp4);
    assert_true(do_jobs(&l) >= 1); /* whoever looks at the page sees it move */
    check_file(&l, COMPOSE_WIDTH, COMPOSE_HEIGHT);
    assert_string_equal(hash_of(l.mp4, "a"), hash_of(audio, "a")); /* the sound is never made anew */
    struct witness v = witness_of(l.mp4);
    assert_true(v.encoder && v.decoder);
    check_low(&v);
    assert_int_not_equal(access(work, F_OK), 0); /* nothing is left of the work */
    assert_true(steps_of(l.mp4) >= 5);
}

static int setup(void **state) {
    (void)state;
    struct signin in;
    web_open(&w);
    w.now_ms = clock_wall_ms(); /* the job thread lives today, and sweeps sign-ins of the house's day away */
    assert_int_equal(signin_open(w.house.store, &w.house.people[HOUSE_TEACHER], w.now_ms, &in), 0);
    snprintf(w.cookies[HOUSE_TEACHER], sizeof w.cookies[0], HANDLER_COOKIE "=%s", in.token);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    web_close(&w);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && !strcmp(argv[1], "mp4"))
        be_the_child(command_mp4, argv[2], argv[3]);
    if (argc == 4 && !strcmp(argv[1], "poster"))
        be_the_child(command_poster, argv[2], argv[3]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_size_is_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_sizes_are_made_one, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
