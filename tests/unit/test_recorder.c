/* The recorder's supervisor with the real media plane and real processes; somhub-pipe itself is a script that
 * dies, hangs and fails as told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>
#include "media/base/mem.h"
#include "server/pipes/recorder.h"

enum { STATES = RECORDER_ABANDONED + 1, PATIENCE_MS = 20000, PATH_BYTES = 256 };

struct desk {
    uv_loop_t loop;
    uv_timer_t patience;
    struct media *media;
    struct recorder *recorder;
    char dir[64], pipe[PATH_BYTES];
    unsigned told[STATES];
};

static void on_state(void *arg, const char *room, enum recorder_state state, int64_t duration_ms,
                     const char *text) {
    struct desk *d = arg;
    (void)room, (void)duration_ms, (void)text;
    d->told[state]++;
}

static void on_patience(uv_timer_t *t) {
    (void)t;
    fail_msg("nothing happens any more");
}

/* The script gets its verb as $1 and its directory as $2; each start leaves a line in the file "starts". */
static void script(struct desk *d, const char *body) {
    FILE *f = fopen(d->pipe, "we");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\necho \"$1\" >> %s/starts\n%s\n", d->dir, body);
    fclose(f);
    assert_int_equal(chmod(d->pipe, 0700), 0);
}

static unsigned count_starts(const struct desk *d, const char *verb) {
    char path[PATH_BYTES], line[32];
    unsigned n = 0;
    snprintf(path, sizeof path, "%s/starts", d->dir);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        n += !strncmp(line, verb, strlen(verb));
    if (f)
        fclose(f);
    return n;
}

static int setup(void **state) {
    struct desk *d = mem_zalloc(sizeof *d);
    char err[256];
    struct media_cfg cfg = {.listen = "127.0.0.1", .workers = 1};
    strcpy(d->dir, "/tmp/somhub-recorder-XXXXXX");
    assert_non_null(mkdtemp(d->dir));
    snprintf(d->pipe, sizeof d->pipe, "%s/pipe", d->dir);
    uv_loop_init(&d->loop);
    assert_int_equal(media_open(&d->media, &cfg, err), 0);
    struct recorder_ops ops = {.on_state = on_state, .arg = d};
    assert_int_equal(recorder_open(&d->recorder, &d->loop, d->media, d->pipe, d->dir, ops), 0);
    uv_timer_init(&d->loop, &d->patience);
    uv_timer_start(&d->patience, on_patience, PATIENCE_MS, 0);
    *state = d;
    return 0;
}

static void close_handle(uv_handle_t *h, void *arg) {
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static int teardown(void **state) {
    struct desk *d = *state;
    char command[PATH_BYTES];
    while (recorder_active(d->recorder)) /* what is finished has let go of its place */
        uv_run(&d->loop, UV_RUN_ONCE);
    uv_walk(&d->loop, close_handle, NULL);
    while (uv_run(&d->loop, UV_RUN_NOWAIT))
        ;
    assert_int_equal(uv_loop_close(&d->loop), 0);
    recorder_close(d->recorder);
    media_close(d->media);
    snprintf(command, sizeof command, "rm -rf %s", d->dir);
    assert_int_equal(system(command), 0);
    mem_free(d);
    return 0;
}

static void until(struct desk *d, enum recorder_state state, unsigned times) {
    while (d->told[state] < times)
        uv_run(&d->loop, UV_RUN_ONCE);
}

#define TALK                                                                                                 \
    "echo '{\"type\":\"ready\"}'\n"                                                                          \
    "while read -r line; do case \"$line\" in\n"                                                             \
    "*'\"start\"'*) echo '{\"type\":\"started\",\"base_ms\":0}'; echo "                                      \
    "'{\"type\":\"progress\",\"duration_ms\":12000}';;\n"                                                    \
    "*'\"stop\"'*) break;; esac; done\n"                                                                     \
    "echo '{\"type\":\"ended\",\"duration_ms\":12000}'\n"

static void a_life(void **state) {
    struct desk *d = *state;
    script(d, TALK);
    assert_int_equal(recorder_start(d->recorder, "r1", 1), 0);
    until(d, RECORDER_RUNNING, 1);
    recorder_stop(d->recorder, "r1", false);
    until(d, RECORDER_STOPPED, 1);
    assert_int_equal(recorder_start(d->recorder, "r1", 2), 0); /* goes on, in another media room */
    until(d, RECORDER_RUNNING, 2);
    recorder_stop(d->recorder, "r1", true);
    until(d, RECORDER_FINISHED, 1);
    assert_int_equal(d->told[RECORDER_GAP] + d->told[RECORDER_FAILED] + d->told[RECORDER_ABANDONED], 0);
    assert_int_equal(d->told[RECORDER_PROGRESS], 2); /* of each child's twelve seconds */
    assert_int_equal(d->told[RECORDER_AT_WORK], 2);
    assert_int_equal(count_starts(d, "finish"), 0); /* the recorder at work finishes by itself */
}

static bool was_told(const struct desk *d, const char *what) {
    char path[PATH_BYTES], line[512];
    bool found = false;
    snprintf(path, sizeof path, "%s/lines", d->dir);
    FILE *f = fopen(path, "re");
    while (f && !found && fgets(line, sizeof line, f))
        found = strstr(line, what) != NULL;
    if (f)
        fclose(f);
    return found;
}
static void until_told(struct desk *d, const char *what) {
    while (!was_told(d, what))
        uv_run(&d->loop, UV_RUN_NOWAIT);
}
static void tap_track(struct desk *d, uint32_t track, const char *member, bool interprets) {
    struct media_event e = {
        .type = MEDIA_EV_TAP_TRACK, .track = track, .source = MEDIA_MIC, .channel = interprets};
    char codec[] = "opus";
    e.text = codec;
    strcpy(e.member, member);
    for (e.tap = 1; e.tap < 16; e.tap++) /* whichever it is */
        recorder_on_media(d->recorder, &e);
}

/* The child knows whose voice is in which language, by the tracks of interpreters alone. */
static void channels(void **state) {
    struct desk *d = *state;
    struct channels c = {.count = 2, .v = {{"en-GB", "ann"}, {"uk", ""}}};
    char body[1024];
    snprintf(body, sizeof body,
             "echo '{\"type\":\"ready\"}'\nwhile read -r line; do echo \"$line\" >> %s/lines\n"
             "case \"$line\" in *'\"stop\"'*) break;; esac; done\necho '{\"type\":\"ended\"}'\n",
             d->dir);
    script(d, body);
    assert_int_equal(recorder_start(d->recorder, "r1", 1), 0);
    recorder_channels(d->recorder, "r1", &c);
    until(d, RECORDER_RUNNING, 1);
    until_told(d, "{\"type\":\"air\",\"lang\":\"en-gb\",\"track\":0}");
    tap_track(d, 5, "ann", true);
    until_told(d,
               "\"track\":5,\"source\":\"mic\",\"codec\":\"opus\",\"member\":\"ann\",\"interprets\":true}");
    until_told(d, "{\"type\":\"air\",\"lang\":\"en-gb\",\"track\":5}");
    tap_track(d, 6, "ann", false); /* a voice of the room is none of a channel */
    tap_track(d, 7, "bob", true);
    strcpy(c.v[0].air, "bob");
    recorder_channels(d->recorder, "r1", &c);
    until_told(d, "{\"type\":\"air\",\"lang\":\"en-gb\",\"track\":7}");
    assert_false(was_told(d, "\"track\":6}"));
    c = (struct channels){.count = 1, .v = {{"pl", "bob"}}}; /* other languages, other numbers */
    recorder_channels(d->recorder, "r1", &c);
    until_told(d, "{\"type\":\"air\",\"lang\":\"pl\",\"track\":7}");
    until_told(d, "{\"type\":\"air\",\"lang\":\"uk\",\"track\":0}");
    recorder_stop(d->recorder, "r1", true);
    until(d, RECORDER_FINISHED, 1);
}

/* More recordings than there are places, one after the other: a stopped one takes none. */
static void stopped_ones_take_no_place(void **state) {
    struct desk *d = *state;
    char room[16];
    script(d, TALK);
    for (unsigned i = 1; i <= RECORDER_ROOMS_MAX + 2; i++) {
        snprintf(room, sizeof room, "r%u", i);
        assert_int_equal(recorder_start(d->recorder, room, i), 0);
        until(d, RECORDER_RUNNING, i);
        recorder_stop(d->recorder, room, false);
        until(d, RECORDER_STOPPED, i);
    }
}

static void killed_at_work(void **state) {
    struct desk *d = *state;
    script(
        d,
        "if [ -e $0.dies ]; then rm $0.dies\n"
        "echo '{\"type\":\"ready\"}'; read -r line\n"
        "echo '{\"type\":\"started\",\"base_ms\":0}'; echo '{\"type\":\"progress\",\"duration_ms\":1500}'\n"
        "kill -9 $$; fi\n" TALK);
    char mark[PATH_BYTES + 8];
    snprintf(mark, sizeof mark, "%s.dies", d->pipe);
    fclose(fopen(mark, "we"));
    assert_int_equal(recorder_start(d->recorder, "r1", 1), 0);
    until(d, RECORDER_GAP, 1);
    until(d, RECORDER_RUNNING, 2);
    recorder_stop(d->recorder, "r1", true);
    until(d, RECORDER_FINISHED, 1);
    assert_int_equal(d->told[RECORDER_GAP], 1);
}

/* A take that begins after a torn one: the class hears of it once, when it is at work, though the first child
 * came to nothing. */
static void after_a_crash(void **state) {
    struct desk *d = *state;
    script(d, "echo '{\"type\":\"ready\"}'; read -r line\n"
              "echo '{\"type\":\"started\",\"base_ms\":9000,\"gap\":true}'\n"
              "[ $(wc -l < ${0%/*}/starts) = 1 ] && exit 1\n"
              "echo '{\"type\":\"progress\",\"duration_ms\":12000}'\n" TALK);
    assert_int_equal(recorder_start(d->recorder, "r1", 1), 0);
    until(d, RECORDER_GAP, 1);
    recorder_stop(d->recorder, "r1", true);
    until(d, RECORDER_FINISHED, 1);
    assert_int_equal(d->told[RECORDER_GAP], 1);
}

/* As on a full disk: each comes to its first words and dies. The class hears of it once. */
static void none_can_work(void **state) {
    struct desk *d = *state;
    script(d, "[ $1 = finish ] && { echo '{\"type\":\"ended\"}'; exit 0; }\n"
              "echo '{\"type\":\"ready\"}'; read -r line; echo '{\"type\":\"started\",\"base_ms\":5000}'\n"
              "echo '{\"type\":\"progress\",\"duration_ms\":5000}'; echo "
              "'{\"type\":\"error\",\"text\":\"full\"}'; exit 1");
    assert_int_equal(recorder_start(d->recorder, "r1", 1), 0);
    until(d, RECORDER_FAILED, 1);
    assert_int_equal(d->told[RECORDER_GAP], 0);
    assert_int_equal(count_starts(d, "record"), RECORDER_TRIES);
    assert_int_equal(d->told[RECORDER_AT_WORK], 0); /* ready, and nothing came of it */
    recorder_stop(d->recorder, "r1", true);         /* the end does not wait for the rest to be over */
    until(d, RECORDER_FINISHED, 1);
    assert_int_equal(count_starts(d, "record"), RECORDER_TRIES);
}

static void a_finish_that_never_works(void **state) {
    struct desk *d = *state;
    script(d, "exit 1");
    recorder_stop(d->recorder, "r1", true);
    assert_int_equal(recorder_active(d->recorder), 1);
    until(d, RECORDER_ABANDONED, 1);
    assert_int_equal(count_starts(d, "finish"), RECORDER_TRIES);
    while (recorder_active(d->recorder))
        uv_run(&d->loop, UV_RUN_ONCE);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_life),        STORY(stopped_ones_take_no_place), STORY(killed_at_work), STORY(after_a_crash),
        STORY(none_can_work), STORY(a_finish_that_never_works),  STORY(channels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
