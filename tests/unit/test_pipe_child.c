/* somhub-pipe record as a process: its lines, its sockets, its death. The verb runs in a forked child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "media/base/clock.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/manifest.h"
#include "tests/unit/pipe_check.h"
#include "tests/unit/pipe_feed.h"

enum { CAM = 1, MIC = 2, SECOND = 1000000, START_US = 7000000, OUTPUT_MAX = 1 << 20 };

struct child {
    char dir[64];
    pid_t pid;
    int in, out, frames;
    char text[OUTPUT_MAX]; /* everything it said */
    size_t n;
    struct feed feed;
    unsigned asked;
    uint64_t pings;
};

static void run_child(struct child *c, const int in[2], const int out[2], const int frames[2],
                      long file_max) {
    struct rlimit limit = {(rlim_t)file_max, (rlim_t)file_max};
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    if (frames[1] != 3)
        dup2(frames[1], 3);
    if (file_max) {
        setrlimit(RLIMIT_FSIZE, &limit);
        signal(SIGXFSZ, SIG_IGN);
    }
    for (int fd = 4; fd < 256; fd++)
        close(fd);
    _exit(command_record(c->dir) ? 1 : 0);
}
static void spawn(struct child *c, long file_max) {
    int in[2], out[2], frames[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, frames), 0);
    fflush(NULL);
    c->n = 0;
    c->pid = fork();
    if (!c->pid)
        run_child(c, in, out, frames, file_max);
    close(in[0]);
    close(out[1]);
    close(frames[1]);
    c->in = in[1];
    c->out = out[0];
    c->frames = frames[0];
}
static struct child *open_child(long file_max) {
    struct child *c = mem_zalloc(sizeof *c);
    check_tmp(c->dir);
    spawn(c, file_max);
    return c;
}
/* Reads until the text holds `want` or the child is gone; 20 s at most. */
static bool heard(struct child *c, const char *want) {
    int64_t deadline = clock_mono_us() + 20 * (int64_t)SECOND;
    for (;;) {
        c->text[c->n] = 0;
        if (want && strstr(c->text, want))
            return true;
        struct pollfd p = {.fd = c->out, .events = POLLIN};
        if (clock_mono_us() > deadline || poll(&p, 1, 1000) < 0)
            return false;
        if (!p.revents)
            continue;
        ssize_t n = read(c->out, c->text + c->n, OUTPUT_MAX - 1 - c->n);
        if (n <= 0)
            return !want;
        c->n += (size_t)n;
    }
}
static void tell(struct child *c, const char *line) {
    size_t n = strlen(line);
    assert_int_equal(write(c->in, line, n), (ssize_t)n);
    assert_int_equal(write(c->in, "\n", 1), 1);
}
/* Everything sent so far has been taken in: stdin is read after the frames that wait. */
static void settle(struct child *c) {
    char line[64], want[64];
    snprintf(line, sizeof line, "{\"type\":\"ping\",\"id\":%llu}", (unsigned long long)++c->pings);
    snprintf(want, sizeof want, "{\"type\":\"pong\",\"id\":%llu}", (unsigned long long)c->pings);
    tell(c, line);
    assert_true(heard(c, want));
}
static int reap(struct child *c) {
    int status;
    assert_true(heard(c, NULL));
    assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
    close(c->in);
    close(c->out);
    close(c->frames);
    return status;
}
static void close_child(struct child *c) {
    check_remove(c->dir);
    mem_free(c);
}

static void send_frame(void *arg, const struct frame *f) {
    struct child *c = arg;
    uint8_t msg[FRAME_MAX];
    int n = frame_write(f, msg, sizeof msg);
    if (send(c->frames, msg, (size_t)n, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        fail();
}
static void tick_child(void *arg, int64_t now_us) {
    struct child *c = arg;
    uint8_t msg[FRAME_MAX];
    struct frame f;
    ssize_t n = recv(c->frames, msg, sizeof msg, MSG_DONTWAIT);
    if (n > 0) {
        assert_int_equal(frame_parse(&f, (struct bytes){msg, (size_t)n}), 0);
        assert_int_equal(f.kind, FRAME_KEYFRAME);
        assert_int_equal(f.track, CAM);
        feed_find(&c->feed, CAM)->want_key = true;
        c->asked++;
    }
    (void)now_us;
}
static void start(struct child *c) {
    assert_true(heard(c, "{\"type\":\"ready\"}"));
    tell(c, "{\"type\":\"start\",\"wall_ms\":1700000000000,\"clock_us\":7000000,\"segment_ms\":4000,\"part_"
            "ms\":1000,"
            "\"virtual\":true}");
    tell(c, "{\"type\":\"track\",\"track\":1,\"source\":\"camera\",\"codec\":\"h264\",\"member\":\"u1\"}");
    tell(c, "{\"type\":\"track\",\"track\":2,\"source\":\"mic\",\"codec\":\"opus\",\"member\":\"u1\"}");
    tell(c, "{\"type\":\"program\",\"track\":1}");
    settle(c);
    feed_init(&c->feed, START_US);
    c->feed.send = send_frame;
    c->feed.tick = tick_child;
    c->feed.arg = c;
    feed_camera(&c->feed, CAM, FRAME_H264, 320, 180, 30);
    feed_mic(&c->feed, MIC);
}
static void run(struct child *c, int64_t for_us) {
    for (; for_us > 0; for_us -= 100000) {
        feed_run(&c->feed, for_us < 100000 ? for_us : 100000);
        settle(c);
    }
}
static void check_files(struct child *c, int64_t duration_ms) {
    char index[96];
    double begin, end;
    size_t runs[2];
    for (int i = 0; i < 2; i++) {
        assert_true(check_rendition(c->dir, i, &begin, &end, &runs[i]));
        assert_float_equal(end - begin, (double)duration_ms / 1000, 0.15);
    }
    assert_int_equal(runs[0], runs[1]);
    snprintf(index, sizeof index, "%s/index.m3u8", c->dir);
    assert_true(check_decodes(index));
}

static void test_life(void **state) {
    (void)state;
    struct child *c = open_child(0);
    start(c);
    assert_true(heard(c, "{\"type\":\"started\",\"take\":1,\"base_ms\":0}"));
    run(c, 9 * SECOND);
    assert_true(heard(c, "\"type\":\"progress\""));
    assert_in_range(c->asked, 2, 6); /* the first picture and two cuts, no more than once a second */
    tell(c, "{\"type\":\"stop\",\"final\":true}");
    int64_t before = clock_mono_us();
    assert_true(heard(c, "\"final\":true}"));
    print_message("end took %lld ms\n", (long long)(clock_mono_us() - before) / 1000);
    assert_int_equal(reap(c), 0);
    check_files(c, 9000);
    assert_int_equal(check_count_lines(c->dir, "program.m3u8", "#EXT-X-ENDLIST"), 1);
    feed_fini(&c->feed);
    spawn(c, 0); /* a finished recording stays as it is */
    assert_true(heard(c, "\"type\":\"error\""));
    assert_int_equal(WEXITSTATUS(reap(c)), 1);
    close_child(c);
}
/* The server died: the take is closed, and what follows it says that something is missing. */
static void test_eof(void **state) {
    (void)state;
    struct child *c = open_child(0);
    struct manifest m;
    start(c);
    run(c, 3 * SECOND);
    close(c->in);
    c->in = -1;
    assert_true(heard(c, "\"final\":false}"));
    assert_int_equal(reap(c), 0);
    feed_fini(&c->feed);
    spawn(c, 0);
    start(c);
    assert_null(strstr(c->text, "recovered")); /* the take was closed */
    assert_true(heard(c, "{\"type\":\"started\",\"take\":2,\"base_ms\":3008,\"gap\":true}"));
    run(c, 2 * SECOND);
    tell(c, "{\"type\":\"stop\",\"final\":true}");
    assert_true(heard(c, "\"final\":true}"));
    assert_int_equal(reap(c), 0);
    feed_fini(&c->feed);
    check_files(c, 5000);
    assert_int_equal(manifest_read(&m, c->dir), 0);
    assert_int_equal(m.takes.n, 2);
    assert_true(m.takes.v[0].torn && m.takes.v[1].gap);
    manifest_fini(&m);
    close_child(c);
}
static void test_garbage(void **state) {
    (void)state;
    struct child *c = open_child(0);
    static char longest[40000];
    uint8_t msg[FRAME_MAX];
    start(c);
    srand(1);
    for (int i = 0; i < 4000; i++) {
        size_t n = (size_t)rand() % sizeof msg;
        for (size_t k = 0; k < n; k++)
            msg[k] = (uint8_t)rand();
        struct frame f = {.kind = i % 3 ? FRAME_RTP : FRAME_SR,
                          .media = FRAME_VIDEO,
                          .codec = FRAME_H264,
                          .track = CAM,
                          .arrival_us = START_US,
                          .clock_hz = 90000,
                          .payload = {msg, n > 1600 ? 1600 : n}};
        msg[0] = i % 2 ? 0x80 : msg[0];
        if (i % 4 == 1) {
            f.track = MIC;
            f.media = FRAME_AUDIO;
            f.codec = FRAME_OPUS;
        }
        if (i % 5)
            send_frame(c, &f);
        else if (n)
            send(c->frames, msg, n, MSG_NOSIGNAL);
        if (i % 50 == 0)
            settle(c);
    }
    memset(longest, 'x', sizeof longest - 1);
    tell(c, longest);
    tell(c, "{\"type\":17}");
    tell(c, "[]");
    tell(c, "{\"type\":\"track\",\"track\":99,\"source\":\"teapot\",\"codec\":\"h264\"}");
    tell(c, "{\"type\":\"untrack\",\"track\":12345}");
    settle(c);
    run(c, 5 * SECOND);
    tell(c, "{\"type\":\"stop\",\"final\":true}");
    assert_true(heard(c, "\"final\":true}"));
    assert_int_equal(reap(c), 0);
    /* noise that looks like a picture is recorded as one; what follows it is whole */
    struct check_onsets *f = mem_zalloc(sizeof *f);
    char index[96];
    double begin, end;
    size_t runs;
    assert_true(check_rendition(c->dir, RENDITION_PROGRAM, &begin, &end, &runs));
    assert_true(check_rendition(c->dir, RENDITION_AUDIO, &begin, &end, &runs));
    snprintf(index, sizeof index, "%s/index.m3u8", c->dir);
    check_flashes(f, index);
    assert_in_range(f->n, 3, 6);
    mem_free(f);
    feed_fini(&c->feed);
    close_child(c);
}
/* A file may not grow past 40 kB: as when the disk is full. What was written stays playable. */
static void test_full_disk(void **state) {
    (void)state;
    struct child *c = open_child(40000);
    struct recovery r;
    start(c);
    for (int i = 0; i < 100 && !strstr(c->text, "\"error\""); i++) {
        feed_run(&c->feed, 100000);
        struct pollfd p = {.fd = c->out, .events = POLLIN};
        if (write(c->in, "{\"type\":\"ping\"}\n", 16) != 16 || !heard(c, "}"))
            break;
        while (poll(&p, 1, 20) > 0 && p.revents & POLLIN) {
            ssize_t n = read(c->out, c->text + c->n, OUTPUT_MAX - 1 - c->n);
            if (n <= 0)
                break;
            c->n += (size_t)n;
            c->text[c->n] = 0;
        }
    }
    assert_true(heard(c, "\"error\"")); /* it may be gone before its last words are read */
    assert_int_equal(WEXITSTATUS(reap(c)), 1);
    assert_int_equal(recover_dir(&r, c->dir), 0);
    assert_true(r.repaired && r.end_ms > 1000);
    int64_t duration_ms;
    assert_int_equal(manifest_finish(c->dir, &duration_ms), 0);
    check_files(c, r.end_ms);
    feed_fini(&c->feed);
    close_child(c);
}
static void test_kill(void **state) {
    (void)state;
    struct child *c = open_child(0);
    int status;
    start(c);
    run(c, 7 * SECOND + 300000);
    assert_true(check_written(c->dir, "a1-", 6.4));
    assert_true(check_written(c->dir, "p1-", 6.6));
    kill(c->pid, SIGKILL);
    heard(c, NULL);
    status = reap(c);
    assert_true(WIFSIGNALED(status));
    feed_fini(&c->feed);
    int64_t before = clock_mono_us();
    spawn(c, 0);
    assert_true(heard(c, "\"recovered\""));
    assert_true(heard(c, "\"ready\""));
    int64_t took_ms = (clock_mono_us() - before) / 1000;
    print_message("back after %lld ms: %.*s\n", (long long)took_ms, (int)strcspn(c->text, "\n"), c->text);
    assert_true(took_ms < 3000);
    start(c);
    run(c, 2 * SECOND);
    tell(c, "{\"type\":\"stop\",\"final\":true}");
    assert_true(heard(c, "\"final\":true}"));
    assert_int_equal(reap(c), 0);
    check_files(c, 9200); /* of 9.3 s: what was in memory is lost */
    feed_fini(&c->feed);
    close_child(c);
}
/* A recorder whose server was killed closes its take; the next one waits for that instead of repairing it. */
static void test_one_writer(void **state) {
    (void)state;
    struct child *a = open_child(0), *b = mem_zalloc(sizeof *b);
    start(a);
    run(a, 2 * SECOND);
    memcpy(b->dir, a->dir, sizeof b->dir);
    spawn(b, 0);
    run(a, 2 * SECOND);
    assert_int_equal(b->n, 0);
    struct pollfd early = {.fd = b->out, .events = POLLIN};
    assert_int_equal(poll(&early, 1, 0), 0);
    close(a->in);
    a->in = -1;
    assert_true(heard(a, "\"final\":false}"));
    assert_int_equal(reap(a), 0);
    assert_true(heard(b, "\"ready\""));
    assert_null(strstr(b->text, "recovered"));
    tell(b, "{\"type\":\"stop\",\"final\":true}");
    assert_true(heard(b, "\"final\":true}"));
    assert_int_equal(reap(b), 0);
    check_files(a, 4000);
    feed_fini(&a->feed);
    mem_free(b);
    close_child(a);
}
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_writer), cmocka_unit_test(test_life),      cmocka_unit_test(test_eof),
        cmocka_unit_test(test_garbage),    cmocka_unit_test(test_full_disk), cmocka_unit_test(test_kill),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
