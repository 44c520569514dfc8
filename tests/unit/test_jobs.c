/* The job thread and its children. The children here are scripts, since the real one does not misbehave on
 * request; that it is run rightly is shown by test_pipe_mp4. */
#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "server/catalogue/job.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"
#include "server/jobs/jobs.h"
#include "server/jobs/run.h"

enum { PATIENCE_MS = 60000, LOOK_AGAIN_MS = 20 };

static const char *script(const struct house *h, const char *name, const char *body) {
    static char path[4][160];
    static int at;
    at = (at + 1) % 4;
    snprintf(path[at], sizeof path[at], "%s/%s", h->dir, name);
    FILE *f = fopen(path[at], "we");
    fprintf(f, "#!/bin/sh\n%s\n", body);
    fclose(f);
    chmod(path[at], 0700);
    return path[at];
}

static void collect(void *arg, struct str line) {
    char *all = arg;
    snprintf(all + strlen(all), 4096 - strlen(all), STR_FMT "|", STR_ARG(line));
}

static int run(const char *program, int stop_fd, char all[4096], char why[RUN_TEXT_MAX]) {
    struct run r = {.argv = {program, "mp4", "DIR"},
                    .stop_fd = stop_fd,
                    .silence_ms = 2000,
                    .stop_ms = 300,
                    .line = collect,
                    .arg = all};
    all[0] = 0;
    return run_child(&r, why);
}

static void test_children(void **state) {
    struct house *h = *state;
    static char all[4096];
    char why[RUN_TEXT_MAX];
    assert_int_equal(
        run(script(h, "good", "echo \"$1 $2\"; echo two; exec ls /proc/self/fd | wc -l"), -1, all, why), 0);
    assert_string_equal(
        all, "mp4 DIR|two|4|"); /* stdin, stdout, stderr and the one ls reads with: nothing else of ours */
    assert_int_equal(run(script(h, "bad", "exit 3"), -1, all, why), -ERR_IO);
    assert_non_null(strstr(why, "status 3"));
    assert_int_equal(run(script(h, "dead", "kill -9 $$"), -1, all, why), -ERR_IO);
    assert_non_null(strstr(why, "signal 9"));
    assert_int_equal(run("/nonexistent/program", -1, all, why), -ERR_IO);
    assert_non_null(strstr(why, "Cannot run"));
    assert_int_equal(
        run(script(h, "long", "head -c 10000 /dev/zero | tr '\\0' x; echo; echo end; printf no-newline"), -1,
            all, why),
        0);
    assert_string_equal(all, "end|");
}

static void test_silent_child_is_ended(void **state) {
    struct house *h = *state;
    static char all[4096];
    char why[RUN_TEXT_MAX];
    int64_t from_us = clock_mono_us();
    assert_int_equal(run(script(h, "deaf", "trap '' TERM; while :; do sleep 0.1; done"), -1, all, why),
                     -ERR_IO);
    assert_non_null(strstr(why, "silent"));
    assert_true(clock_mono_us() - from_us < 10 * 1000000LL);
}

static void test_stopped_child(void **state) {
    struct house *h = *state;
    static char all[4096];
    char why[RUN_TEXT_MAX];
    int fd = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(run(script(h, "busy", "exec sleep 1000"), fd, all, why), -ERR_BUSY);
    close(fd);
}

static struct jobs *open_jobs(struct house *h, const char *pipe) {
    struct jobs *j;
    struct jobs_cfg cfg = {.db_path = h->data.db, .data_dir = h->dir, .pipe_path = pipe};
    assert_int_equal(jobs_open(&j, &cfg), 0);
    return j;
}

static struct job job_of(struct house *h, const char *event) {
    struct job list[JOB_LIST_MAX];
    assert_true(job_list(h->store, event, list) > 0);
    return list[0];
}

/* Waits for something to be written in the directory. SQLite's last step of a commit is in shared memory, of
 * which no news comes: so after LOOK_AGAIN_MS the caller looks anyway. When patience ends the test fails. */
struct watch {
    int fd;
    int64_t until_us;
};

static struct watch watch(const char *dir) {
    struct watch w = {inotify_init1(IN_CLOEXEC | IN_NONBLOCK), clock_mono_us() + PATIENCE_MS * 1000LL};
    assert_true(w.fd >= 0 && inotify_add_watch(w.fd, dir, IN_MODIFY | IN_CREATE | IN_DELETE) >= 0);
    return w;
}

static void next_change(struct watch *w) {
    char events[4096];
    struct pollfd p = {.fd = w->fd, .events = POLLIN};
    if (clock_mono_us() > w->until_us)
        fail_msg("nothing happens any more");
    if (poll(&p, 1, LOOK_AGAIN_MS) > 0)
        (void)!read(w->fd, events, sizeof events);
}

static struct job await(struct house *h, const char *event, enum job_state state, int64_t percent) {
    struct watch w = watch(h->dir); /* the database and its log are there */
    struct job j;
    for (j = job_of(h, event); j.state != state || j.percent < percent; j = job_of(h, event))
        next_change(&w);
    close(w.fd);
    return j;
}

static void test_result_is_published(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    struct lesson_download d[LESSON_DOWNLOADS_MAX];
    house_meeting(h, &m);
    house_file(h, m.id, "program.m3u8", "#EXTM3U\n");
    struct jobs *j = open_jobs(
        h, script(h, "mp4",
                  "echo '{\"type\":\"progress\",\"percent\":40}'; echo 12345 > $3.part; mv $3.part $3"));
    assert_int_equal(job_put(h->store, m.id, JOB_MP4, clock_wall_ms()), 0);
    jobs_wake(j);
    await(h, m.id, JOB_DONE, 100);
    jobs_close(j);
    assert_int_equal(lesson_downloads(h->store, m.id, d), 1);
    assert_string_equal(d[0].file, "lesson.mp4");
    assert_int_equal(d[0].bytes, 6);
}

static void test_failure_is_told_and_tried_again(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    struct jobs *j = open_jobs(
        h, script(h, "fails", "echo '{\"type\":\"error\",\"text\":\"Немає місця на диску\"}'; exit 1"));
    int64_t before = clock_wall_ms();
    assert_int_equal(job_put(h->store, m.id, JOB_POSTER, before), 0);
    jobs_wake(j);
    struct watch w = watch(h->dir);
    struct job job;
    for (job = job_of(h, m.id); !job.text[0]; job = job_of(h, m.id))
        next_change(&w);
    close(w.fd);
    jobs_close(j);
    assert_string_equal(job.text, "Немає місця на диску");
    assert_int_equal(job.state, JOB_WAITING);
    assert_true(job.run_at >= before + JOB_RETRY_FIRST_MS);
}

/* What a child says of its progress is only ever more, to whoever looks: less is not written down. */
static void test_progress_never_goes_back(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    struct jobs *j = open_jobs(h, script(h, "unsure",
                                         "echo '{\"type\":\"progress\",\"percent\":40}'\n"
                                         "echo '{\"type\":\"progress\",\"percent\":10}'\nexit 1"));
    assert_int_equal(job_put(h->store, m.id, JOB_MP4, clock_wall_ms()), 0);
    jobs_wake(j);
    struct watch w = watch(h->dir);
    struct job job;
    for (job = job_of(h, m.id); !job.text[0]; job = job_of(h, m.id))
        next_change(&w);
    close(w.fd);
    jobs_close(j);
    assert_int_equal(job.percent, 40);
}

static void test_closing_gives_the_job_back(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    struct jobs *j =
        open_jobs(h, script(h, "slow", "echo '{\"type\":\"progress\",\"percent\":7}'; sleep 1000"));
    assert_int_equal(job_put(h->store, m.id, JOB_MP4, clock_wall_ms()), 0);
    jobs_wake(j);
    await(h, m.id, JOB_RUNNING, 7);
    jobs_close(j);
    assert_int_equal(job_of(h, m.id).state, JOB_WAITING);
}

static void test_torn_recording_is_published_or_given_up(void **state) {
    struct house *h = *state;
    struct meeting good = {.join = JOIN_LINK}, bad = {.join = JOIN_LINK}, got;
    struct job lease;
    bool final;
    house_meeting(h, &good);
    house_meeting(h, &bad);
    assert_int_equal(lesson_started(h->store, good.id, 1), 0);
    assert_int_equal(lesson_started(h->store, bad.id, 1), 0);
    house_file(h, good.id, RECDIR_MANIFEST, "{\"duration_ms\":5000,\"bytes\":10}");
    assert_int_equal(job_put(h->store, good.id, JOB_FINISH, 1), 0);
    assert_int_equal(job_put(h->store, bad.id, JOB_FINISH, 2), 0);
    /* the bad one has one try left */
    for (int i = 1; i < JOB_TRIES_MAX; i++) {
        do
            assert_int_equal(job_lease(h->store, clock_wall_ms(), &lease), 1);
        while (strcmp(lease.event, bad.id) != 0);
        assert_int_equal(job_failed(h->store, &lease, STR("нічого"), 1, &final), 0);
    }
    struct jobs *j = open_jobs(h, script(h, "finish", "exit 0"));
    await(h, good.id, JOB_DONE, 100);
    await(h, bad.id, JOB_FAILED, 0);
    jobs_close(j);
    assert_int_equal(meeting_get(h->store, str_of(good.id), &h->arena, &got), 0);
    assert_int_equal(got.rec, REC_READY);
    assert_int_equal(meeting_get(h->store, str_of(bad.id), &h->arena, &got), 0);
    assert_int_equal(got.rec, REC_FAILED);
}

static void test_deleted_events_leave_no_files(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    char body[400], dir[DATADIR_PATH_MAX + 64], mark[160];
    house_meeting(h, &m);
    house_file(h, m.id, "program.m3u8", "#EXTM3U\n");
    snprintf(mark, sizeof mark, "%s/go", h->dir);
    snprintf(
        body, sizeof body,
        "echo '{\"type\":\"progress\",\"percent\":7}'; while [ ! -e %s ]; do sleep 0.02; done; echo 1 > $3",
        mark);
    struct jobs *j = open_jobs(h, script(h, "late", body));
    assert_int_equal(job_put(h->store, m.id, JOB_MP4, clock_wall_ms()), 0);
    jobs_wake(j);
    await(h, m.id, JOB_RUNNING, 7);
    assert_int_equal(meeting_delete(h->store, m.id), 0);
    fclose(fopen(mark, "we"));
    assert_int_equal(datadir_rec(h->data.path, m.id, dir), 0);
    snprintf(mark, sizeof mark, "%s/rec", h->dir);
    struct watch w = watch(mark);
    while (access(dir, F_OK) == 0)
        next_change(&w);
    close(w.fd);
    jobs_close(j);
    assert_int_not_equal(access(dir, F_OK), 0);
}

static int setup(void **state) {
    static struct house h;
    house_open(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state) {
    house_close(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_children, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silent_child_is_ended, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stopped_child, setup, teardown),
        cmocka_unit_test_setup_teardown(test_result_is_published, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failure_is_told_and_tried_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_progress_never_goes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_closing_gives_the_job_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_torn_recording_is_published_or_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deleted_events_leave_no_files, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
