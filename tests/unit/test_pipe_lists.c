/* playlist and takes: what is appended is read back, torn ends are seen as such. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "media/base/mem.h"
#include "media/pipeline/master.h"
#include "media/pipeline/playlist.h"
#include "media/pipeline/takes.h"
#include "tests/unit/pipe_check.h"

static void test_playlist(void **state) {
    (void)state;
    struct buf b;
    struct playlist_rd r;
    struct playlist_entry e = {0};
    size_t whole[8] = {0}, n = 0;
    buf_init(&b, 1 << 16);
    playlist_head(&b, 6);
    whole[n++] = b.n;
    playlist_run(&b, "p1-1-init.mp4", 1700000000123, true);
    playlist_segment(&b, "p1-1-0001.m4s", 4010666);
    whole[n++] = b.n;
    playlist_segment(&b, "p1-1-0002.m4s", 3000001);
    whole[n++] = b.n;
    playlist_run(&b, "p1-2-init.mp4", 1700000007999, false);
    playlist_segment(&b, "p1-2-0003.m4s", 4000000);
    whole[n++] = b.n;
    playlist_end(&b);
    whole[n++] = b.n;

    static const struct {
        const char *uri, *init;
        int64_t dur_us, wall_ms;
        bool disc;
    } want[] = {{"p1-1-0001.m4s", "p1-1-init.mp4", 4010666, 1700000000123, false},
                {"p1-1-0002.m4s", "p1-1-init.mp4", 3000001, 1700000000123, false},
                {"p1-2-0003.m4s", "p1-2-init.mp4", 4000000, 1700000007999, true}};
    playlist_open(&r, buf_view(&b));
    for (size_t i = 0; i < countof(want); i++) {
        assert_true(playlist_next(&r, &e));
        assert_true(str_is(e.uri, want[i].uri));
        assert_true(str_is(e.init, want[i].init));
        assert_int_equal(e.dur_us, want[i].dur_us);
        assert_int_equal(e.wall_ms, want[i].wall_ms);
        assert_int_equal(e.discontinuity, want[i].disc);
    }
    assert_false(playlist_next(&r, &e));
    assert_true(r.ended);
    assert_int_equal(r.target_s, 6);
    assert_int_equal(r.good, b.n);

    for (size_t cut = 0; cut < b.n; cut++) { /* torn anywhere: entries before it, and where to cut */
        size_t entries = 0, expect = 0;
        e = (struct playlist_entry){0};
        playlist_open(&r, (struct str){(char *)b.p, cut});
        while (playlist_next(&r, &e))
            entries++;
        while (expect < 3 && whole[expect + 1] <= cut)
            expect++;
        assert_int_equal(entries, expect);
        assert_true(r.good <= cut);
        if (expect)
            assert_int_equal(r.good, whole[expect]);
        assert_false(r.ended);
    }
    buf_fini(&b);
}
static void test_names(void **state) {
    (void)state;
    struct playlist_name n = {.letter = 'p', .take = 12, .run = 3, .n = 45}, back;
    char text[PLAYLIST_URI_MAX];
    playlist_name(text, &n);
    assert_string_equal(text, "p12-3-0045.m4s");
    assert_true(playlist_name_parse(&back, str_of(text)));
    assert_true(back.letter == n.letter && back.take == n.take && back.run == n.run && back.n == n.n);
    n.n = 0;
    playlist_name(text, &n);
    assert_string_equal(text, "p12-3-init.mp4");
    assert_true(playlist_name_parse(&back, str_of(text)));
    assert_int_equal(back.n, 0);
    static const char *const bad[] = {"",
                                      "p",
                                      "x1-1-0001.m4s",
                                      "p1-1-0001.mp4",
                                      "p1-1-0000.m4s",
                                      "p0-1-0001.m4s",
                                      "p1--0001.m4s",
                                      "p1-1-init.m4s",
                                      "../p1-1-0001.m4s",
                                      "p1-1-0001.m4s.tmp",
                                      "p99999999999-1-0001.m4s",
                                      "manifest.json",
                                      "p1-1-0001.m4s/.."};
    for (size_t i = 0; i < countof(bad); i++)
        if (playlist_name_parse(&back, str_of(bad[i])))
            fail_msg("accepted: %s", bad[i]);
}
static void test_takes(void **state) {
    (void)state;
    char dir[64], path[96];
    struct takes t;
    check_tmp(dir);
    assert_int_equal(takes_read(&t, dir), 0);
    assert_int_equal(t.n, 0);
    takes_fini(&t);
    assert_int_equal(takes_start(dir, &(struct take){.take = 1, .base_ms = 0, .wall_ms = 1700000000000}), 0);
    assert_int_equal(takes_end(dir, 1, 5056, true), 0);
    assert_int_equal(
        takes_start(dir, &(struct take){.take = 2, .base_ms = 5056, .wall_ms = 1700000010000, .gap = true}),
        0);
    snprintf(path, sizeof path, "%s/takes.jsonl", dir);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "{\"take\":2,\"end", 14), 14); /* torn by a power cut */
    close(fd);
    assert_int_equal(takes_read(&t, dir), 0);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.v[0].end_ms, 5056);
    assert_true(t.v[0].torn);
    assert_int_equal(t.v[1].base_ms, 5056);
    assert_int_equal(t.v[1].end_ms, -1);
    assert_true(t.v[1].gap);
    takes_fini(&t);
    assert_int_equal(takes_end(dir, 2, 9088, false), 0); /* begins on a line of its own */
    assert_int_equal(takes_read(&t, dir), 0);
    assert_int_equal(t.v[1].end_ms, 9088);
    assert_false(t.v[1].torn);
    takes_fini(&t);
    check_remove(dir);
}
static void test_master(void **state) {
    (void)state;
    struct master m;
    struct buf b;
    static const uint8_t high[] = {1, 0x64, 0, 0x28}, low[] = {1, 0x42, 0xc0, 0x1e};
    master_init(&m);
    assert_false(master_see(&m, (struct bytes){low, 4}, 640, 360));
    assert_true(master_see(&m, (struct bytes){high, 4}, 1920, 1080));
    assert_false(master_see(&m, (struct bytes){high, 4}, 1920, 1080));
    buf_init(&b, 4096);
    master_write(&b, &m);
    assert_non_null(
        strstr((char *)b.p, "CODECS=\"avc1.640028,mp4a.40.2\",RESOLUTION=1920x1080,AUDIO=\"audio\"\n"));
    buf_fini(&b);
}
int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_playlist), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_takes), cmocka_unit_test(test_master)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
