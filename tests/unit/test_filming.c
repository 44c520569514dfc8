/* filming: videos as people bring them, made by ffmpeg in its box into what browsers play; what cannot be
 * made says why and leaves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/jobs/box.h"
#include "server/jobs/filming.h"
#include "server/jobs/filmout.h"
#include "server/jobs/run.h"
#include "tests/unit/house_rig.h"
#include <sys/statvfs.h>

enum { BIG = 4 << 20 };
#define PICTURE "-f lavfi -i testsrc2=s=320x240:r=25"
#define SOUND "-f lavfi -i sine=f=440:r=44100"
#define H264 "-c:v libx264 -preset ultrafast -threads 1"

static struct house h;

static int setup(void **state) {
    (void)state;
    house_open(&h);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    house_close(&h);
    return 0;
}

/* What a command says. */
__attribute__((format(printf, 1, 2))) static const char *said(const char *format, ...) {
    static char out[4096];
    char command[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    FILE *f = popen(command, "re");
    assert_non_null(f);
    out[fread(out, 1, sizeof out - 1, f)] = 0;
    pclose(f);
    return out;
}

/* Puts a file of the event in the place of an upload, as if it had come. */
static struct upload brought(const char *path) {
    struct meeting m = {.join = JOIN_LINK};
    static uint8_t bytes[BIG];
    bool whole = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, bytes, sizeof bytes);
    assert_true(n > 0 && n < BIG);
    close(fd);
    house_meeting(&h, &m);
    struct upload d = {.kind = UPLOAD_VIDEO, .bytes = n, .title = "Дослід"}, leased;
    STR_COPY(d.event, str_of(m.id));
    assert_int_equal(upload_add(h.store, h.dir, &d, HOUSE_NOW_MS), 0);
    assert_int_equal(upload_piece(h.store, h.dir, &d, 0, (struct bytes){bytes, (size_t)n}, &whole), 0);
    assert_true(whole);
    assert_int_equal(upload_lease(h.store, UPLOAD_SLIDES, &leased), 0); /* the other thread's */
    assert_int_equal(upload_lease(h.store, UPLOAD_VIDEO, &leased), 1);
    assert_string_equal(leased.id, d.id);
    return leased;
}

/* A video made by ffmpeg with these words behind its name, at a path. */
static const char *film(const char *words, const char *file) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", h.dir, file);
    assert_string_equal(said("ffmpeg -nostdin -v error -y %s '%s' 2>&1", words, path), "");
    return path;
}

static int64_t last_percent;
static void note(void *arg, int64_t percent) {
    (void)arg;
    assert_true(percent >= 0 && percent <= 100);
    last_percent = percent;
}

static int make(const struct upload *d, int stop_fd, const char *bin, int64_t *ms, enum upload_why *why) {
    const struct filming p = {h.dir, bin, d, stop_fd, 10000, note, NULL};
    last_percent = 0;
    return filming_make(&p, ms, why);
}

static const char *at(const struct upload *d, const char *more) {
    static char path[UPLOAD_PATH_MAX + 64];
    char dir[UPLOAD_DIR_MAX];
    assert_int_equal(upload_dir(h.dir, d->event, UPLOAD_VIDEO, dir), 0);
    snprintf(path, sizeof path, "%s/%s", dir, more);
    return path;
}

static size_t files(const struct upload *d) {
    size_t n = 0;
    DIR *dir = opendir(at(d, ""));
    for (struct dirent *e; dir && (e = readdir(dir));)
        n += e->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}

static const char *hls(const struct upload *d, const char *file) {
    char more[96];
    snprintf(more, sizeof more, "%s.hls/%s", d->id, file);
    return at(d, more);
}

/* What was made plays through without a complaint, is so long, and has this picture. */
static void made(struct upload *d, int64_t length_ms, const char *picture) {
    int64_t ms = 0;
    enum upload_why why;
    assert_int_equal(make(d, -1, "/usr/bin", &ms, &why), 0);
    assert_int_equal(last_percent, 100);
    if (ms < length_ms - 150 || ms > length_ms + 250)
        fail_msg("%lld ms instead of %lld", (long long)ms, (long long)length_ms);
    assert_string_equal(
        said("ffmpeg -nostdin -v error -allowed_extensions ALL -i '%s' -f null - 2>&1", hls(d, "index.m3u8")),
        "");
    assert_string_equal(said("ffprobe -v error -allowed_extensions ALL -select_streams v -show_entries "
                             "stream=codec_name,width,height -of csv=p=0 '%s' | head -1",
                             hls(d, "program.m3u8")),
                        picture);
    assert_string_equal(said("ffprobe -v error -allowed_extensions ALL -show_entries stream=codec_name -of "
                             "csv=p=0 '%s' | head -1",
                             hls(d, "audio.m3u8")),
                        "aac\n");
    d->length_ms = ms;
    assert_int_equal(upload_ready(h.store, d), 0);
    upload_spent(h.dir, d);
    assert_int_equal(files(d), 1); /* the directory */
}

/* With pictures that refer to later ones, and an index at the end: taken as it is, to the byte. */
static void what_browsers_play_is_kept(void **state) {
    (void)state;
    char before[128];
    const char *path = film(PICTURE " " SOUND " -t 9 " H264 " -bf 2 -g 50 -c:a aac", "a.mp4");
    snprintf(before, sizeof before, "%s",
             said("ffmpeg -nostdin -v error -i '%s' -map 0:v -c copy -f streamhash -hash md5 -", path));
    struct upload d = brought(path);
    made(&d, 9000, "h264,320,240\n");
    assert_string_equal(said("ffmpeg -nostdin -v error -allowed_extensions ALL -i '%s' -map 0:v -c copy -f "
                             "streamhash -hash md5 -",
                             hls(&d, "program.m3u8")),
                        before);
    struct upload got;
    assert_int_equal(upload_untold(h.store, UPLOAD_VIDEO, &got), 1);
    assert_int_equal(got.length_ms, d.length_ms);
    assert_int_equal(upload_untold(h.store, UPLOAD_SLIDES, &got), 0);
}

static void the_rest_is_made(void **state) {
    (void)state;
    struct upload d =
        brought(film(PICTURE " " SOUND " -t 5 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M -c:a "
                             "libopus",
                     "b.webm"));
    made(&d, 5000, "h264,320,240\n");
    /* A stream as a browser records it: nowhere is said how long it is. */
    d = brought(film(PICTURE " -t 3 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M -live 1", "c.webm"));
    made(&d, 3000, "h264,320,240\n");
    /* Too large to be watched over a thin line, and without sound. */
    d = brought(film("-f lavfi -i testsrc2=s=2048x1152:r=5 -t 3 -c:v mpeg4 -b:v 3M", "d.mkv"));
    made(&d, 3000, "h264,1280,720\n");
    /* By a telephone held upright. */
    film(PICTURE " " SOUND " -t 3 " H264 " -c:a aac", "e0.mp4");
    char turned[512];
    snprintf(turned, sizeof turned, "-i %s/e0.mp4 -c copy -metadata:s:v rotate=90", h.dir);
    d = brought(film(turned, "e.mov"));
    made(&d, 3000, "h264,240,320\n");
    /* Key pictures a quarter of a minute apart: nobody could wind there. */
    d = brought(
        film(PICTURE " " SOUND " -t 16 " H264 " -g 1000 -keyint_min 1000 -sc_threshold 0 -c:a aac", "f.mp4"));
    made(&d, 16000, "h264,320,240\n");
    assert_true(atoi(said("grep -c EXTINF '%s'", hls(&d, "program.m3u8"))) >= 4);
}

static void refused(const char *path, enum upload_why expected) {
    int64_t ms;
    enum upload_why why;
    struct upload d = brought(path);
    assert_int_equal(make(&d, -1, "/usr/bin", &ms, &why), -ERR_INVALID);
    if (why != expected)
        fail_msg("%s: %s instead of %s", path, upload_why_name(why), upload_why_name(expected));
    assert_int_equal(files(&d), 0);
    assert_int_equal(upload_failed(h.store, &d, why), 0);
}

/* The first so many thousandths of a file. */
static const char *part(const char *path, long thousandth) {
    static char to[300];
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    snprintf(to, sizeof to, "%s.part", path);
    said("head -c %ld '%s' > '%s'", (long)st.st_size * thousandth / 1000, path, to);
    return to;
}

static const char *text(const char *words, const char *file) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", h.dir, file);
    FILE *f = fopen(path, "we");
    assert_true(f && fputs(words, f) >= 0);
    fclose(f);
    return path;
}

static void what_is_no_video_says_why(void **state) {
    (void)state;
    char list[512];
    refused(text("hello, this is no video", "x.mp4"), UPLOAD_BROKEN);
    refused(film(SOUND " -t 2 -c:a aac", "s.mp4"), UPLOAD_PICTURE);
    const char *whole = film(PICTURE " " SOUND " -t 8 " H264 " -c:a aac", "w.mp4");
    refused(part(whole, 600), UPLOAD_BROKEN); /* what is in it stands at the end */
    whole = film(PICTURE " " SOUND " -t 8 " H264 " -c:a aac -movflags +faststart", "v.mp4");
    refused(part(whole, 600), UPLOAD_CUT);
    whole = film(PICTURE " " SOUND " -t 8 " H264 " -c:a aac", "v.mkv");
    refused(part(whole, 600), UPLOAD_CUT);
    /* Longer than anything may be: by what it says, and by what there is. */
    refused(film(PICTURE " -vf setpts=N*7300/TB -frames:v 3 -fps_mode passthrough " H264, "l.mp4"),
            UPLOAD_LONG);
    /* Lists name other files and addresses; a list in the place of a video reads none of them. */
    snprintf(list, sizeof list, "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://%s\n#EXT-X-ENDLIST\n",
             whole);
    refused(text(list, "y.m3u8"), UPLOAD_BROKEN);
    snprintf(list, sizeof list, "ffconcat version 1.0\nfile '%s'\n", whole);
    refused(text(list, "z.mkv"), UPLOAD_BROKEN);
}

static void noise_leaves_nothing(void **state) {
    (void)state;
    static uint8_t bytes[BIG];
    char path[256];
    snprintf(path, sizeof path, "%s",
             film(PICTURE " " SOUND " -t 4 " H264 " -c:a aac -movflags +faststart", "n.mp4"));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ssize_t n = read(fd, bytes, sizeof bytes);
    uint32_t rnd = 7;
    for (ssize_t i = 40; i < n; i++) { /* the index, too */
        rnd = rnd * 1664525 + 1013904223;
        if (rnd >> 28 == 0)
            bytes[i] = (uint8_t)(rnd >> 16);
    }
    assert_int_equal(pwrite(fd, bytes, (size_t)n, 0), n);
    close(fd);
    struct upload d = brought(path);
    int64_t ms;
    enum upload_why why;
    int err = make(&d, -1, "/usr/bin", &ms, &why);
    assert_true(err == 0 || err == -ERR_INVALID);
    assert_int_equal(files(&d), err ? 0 : 2);
}

static void the_server_may_stop(void **state) {
    (void)state;
    int64_t ms;
    enum upload_why why;
    struct upload d = brought(film(PICTURE " " SOUND " -t 4 " H264 " -c:a aac", "t.mp4"));
    int stop = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(make(&d, stop, "/usr/bin", &ms, &why), -ERR_BUSY);
    close(stop);
    assert_int_equal(files(&d), 1); /* what was brought stays */
    assert_int_equal(upload_return(h.store, UPLOAD_SLIDES), 0);
    assert_int_equal(upload_lease(h.store, UPLOAD_VIDEO, &d), 0);
    assert_int_equal(upload_return(h.store, UPLOAD_VIDEO), 0);
    assert_int_equal(upload_lease(h.store, UPLOAD_VIDEO, &d), 1);
    assert_int_equal(make(&d, -1, "/nonexistent", &ms, &why), -ERR_IO); /* not the file's fault */
    /* What a crash left half made is in nobody's way. */
    char half[96];
    snprintf(half, sizeof half, "%s.work", d.id);
    assert_int_equal(mkdir(at(&d, half), 0700), 0);
    snprintf(half, sizeof half, "%s.hls", d.id);
    assert_int_equal(mkdir(at(&d, half), 0700), 0);
    made(&d, 4000, "h264,320,240\n");
}

static void collect(void *arg, struct str line) {
    char *all = arg;
    snprintf(all + strlen(all), 1024 - strlen(all), STR_FMT "|", STR_ARG(line));
}

/* Threads, and still no process. */
static void threads_are_no_processes(void **state) {
    (void)state;
    char why[RUN_TEXT_MAX], all[1024];
    struct box box = {.threads = true, .cpu_s = 5, .memory_bytes = 512 << 20, .file_bytes = 1 << 20};
    struct run r = {
        .stop_fd = -1, .with_stderr = true, .box = &box, .silence_ms = 5000, .stop_ms = 300, .line = collect};
    r.arg = all;
    r.argv[0] = "/usr/bin/python3";
    r.argv[1] = "-c";
    r.argv[2] = "import threading; t = threading.Thread(target=lambda: print('thread')); t.start(); t.join()";
    all[0] = 0;
    assert_int_equal(run_child(&r, why), 0);
    assert_string_equal(all, "thread|");
    r.argv[2] = "import os; os.fork()";
    assert_int_not_equal(run_child(&r, why), 0);
    box.threads = false;
    r.argv[2] = "import threading; threading.Thread(target=print).start()";
    assert_int_not_equal(run_child(&r, why), 0);
}

static void words_of_ffprobe(void **state) {
    (void)state;
    static const char *const lines[] = {"[STREAM]",
                                        "index=0",
                                        "codec_name=mjpeg",
                                        "codec_type=video",
                                        "width=100",
                                        "height=100",
                                        "DISPOSITION:attached_pic=1",
                                        "[/STREAM]",
                                        "[STREAM]",
                                        "index=2",
                                        "codec_name=h264",
                                        "profile=High",
                                        "codec_type=video",
                                        "width=1920",
                                        "height=1080",
                                        "pix_fmt=yuv420p",
                                        "DISPOSITION:attached_pic=0",
                                        "[/STREAM]",
                                        "[STREAM]",
                                        "index=3",
                                        "codec_name=aac",
                                        "profile=LC",
                                        "codec_type=audio",
                                        "sample_rate=48000",
                                        "channels=2",
                                        "[/STREAM]",
                                        "[FORMAT]",
                                        "duration=61.5004",
                                        "bit_rate=4000000",
                                        "[/FORMAT]"};
    struct filmout f = {.length_ms = 0};
    for (size_t i = 0; i < countof(lines); i++)
        filmout_line(&f, str_of(lines[i]));
    assert_int_equal(f.video.index, 2);
    assert_int_equal(f.audio.index, 3);
    assert_int_equal(f.length_ms, 61500);
    assert_int_equal(filmout_judge(&f), UPLOAD_FINE);
    assert_true(filmout_may_copy_video(&f) && filmout_may_copy_audio(&f));
    struct filmout g = f;
    filmout_line(&g, STR("bit_rate=9000000"));
    assert_false(filmout_may_copy_video(&g));
    g = f;
    g.video.is_turned = true;
    assert_false(filmout_may_copy_video(&g));
    g = f;
    (void)STR_COPY(g.video.pixels, STR("yuv422p10le"));
    assert_false(filmout_may_copy_video(&g));
    filmout_line(&g, STR("duration=N/A"));
    assert_int_equal(g.length_ms, 61500);
    filmout_line(&g, STR("duration=3600000.0"));
    assert_int_equal(filmout_judge(&g), UPLOAD_LONG);
    (void)STR_COPY(g.video.codec, STR("unknown"));
    assert_int_equal(filmout_judge(&g), UPLOAD_CODEC);
    int64_t ms, longest;
    assert_true(filmout_progress(STR("out_time_us=12004717"), &ms) && ms == 12004);
    assert_false(filmout_progress(STR("out_time_us=N/A"), &ms));
    assert_true(
        filmout_list(STR("#EXTM3U\n#EXTINF:4.000000,\na\n#EXTINF:0.5,\nb\n#EXT-X-ENDLIST\n"), &ms, &longest));
    assert_true(ms == 4500 && longest == 4000);
    assert_false(filmout_list(STR("#EXTM3U\n#EXTINF:4.000000,\na\n"), &ms, &longest)); /* not whole */
    assert_false(filmout_list(STR("#EXTM3U\n#EXT-X-ENDLIST\n"), &ms, &longest));
}

/* Promises see one another, of whatever event: together they leave the disk what it needs. */
static void promises_are_kept_in_mind(void **state) {
    (void)state;
    struct statvfs disk;
    assert_int_equal(statvfs(h.dir, &disk), 0);
    const struct upload_rules *rules = upload_rules(UPLOAD_VIDEO);
    int64_t left = (int64_t)(disk.f_bavail * disk.f_frsize), promised = 0, step = rules->bytes_max;
    int err = 0;
    struct upload d = {.bytes = 0};
    while (!err && promised <= left) {
        struct meeting m = {.join = JOIN_LINK};
        house_meeting(&h, &m);
        d = (struct upload){.kind = UPLOAD_VIDEO, .bytes = step, .title = "Обіцяне"};
        STR_COPY(d.event, str_of(m.id));
        while (!(err = upload_add(h.store, h.dir, &d, HOUSE_NOW_MS)) && promised <= left)
            promised += 2 * step;
        if (err == -ERR_FULL && promised + 2 * step + rules->disk_keep < left / 2)
            err = 0; /* the event has its share */
    }
    assert_int_equal(err, -ERR_FULL);
    assert_true(promised + rules->disk_keep <= left);
    /* What is given up is given back. */
    struct upload small = d;
    small.bytes = 1;
    assert_int_equal(upload_add(h.store, h.dir, &small, HOUSE_NOW_MS + UPLOAD_STALE_MS + 1), 0);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_ffprobe),
        STORY(what_browsers_play_is_kept),
        STORY(the_rest_is_made),
        STORY(what_is_no_video_says_why),
        STORY(noise_leaves_nothing),
        STORY(the_server_may_stop),
        STORY(promises_are_kept_in_mind),
        cmocka_unit_test(threads_are_no_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
