/* The thread that puts room logs on disk: commits are reported, a guilty room fails alone, a busy disk is
 * waited for. */
#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/app/scribe.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/roomlog.h"
#include <poll.h>
#include <stdlib.h>

static const char chat[] = "{\"type\":\"chat\",\"name\":\"A\",\"text\":\"b\"}";

static int setup(void **state) {
    *state = calloc(1, sizeof(struct house));
    house_open(*state);
    return 0;
}

static int teardown(void **state) {
    house_close(*state);
    free(*state);
    return 0;
}

enum { LOAD = 7 };
static int put(struct scribe *s, const char *room, uint64_t load, uint64_t seq) {
    return scribe_put(s, &(struct scribe_line){room, load, seq, HOUSE_NOW_MS, STR(chat), false});
}

/* The next report about `room`; those about others are passed over. */
static struct scribe_report report(struct scribe *s, const char *room, uint64_t seq) {
    for (;;) {
        struct scribe_report r;
        struct pollfd fd = {.fd = scribe_fd(s), .events = POLLIN};
        if (!scribe_reports(s, &r, 1)) {
            assert_int_equal(poll(&fd, 1, 20000), 1);
            continue;
        }
        if (!strcmp(r.room, room) && (r.failed || r.seq >= seq))
            return r;
    }
}

static void test_lines_are_on_disk_when_reported(void **state) {
    struct house *h = *state;
    struct meeting a = {.join = JOIN_LINK}, b = {.join = JOIN_LINK};
    struct scribe *s;
    house_meeting(h, &a);
    house_meeting(h, &b);
    assert_int_equal(scribe_open(&s, h->data.db), 0);
    for (uint64_t seq = 1; seq <= 3000; seq++) {
        assert_int_equal(put(s, a.id, LOAD, seq), 0);
        assert_int_equal(put(s, b.id, LOAD, seq), 0);
    }
    assert_false(report(s, a.id, 3000).failed);
    assert_int_equal(roomlog_last(h->store, a.id), 3000);
    assert_true(scribe_commits(s) < 3000); /* what waits together is one commit */
    scribe_close(s);                       /* writes what is left */
    assert_int_equal(roomlog_last(h->store, b.id), 3000);
}

static void test_only_the_guilty_room_fails(void **state) {
    struct house *h = *state;
    struct meeting a = {.join = JOIN_LINK}, b = {.join = JOIN_LINK};
    struct scribe *s;
    house_meeting(h, &a);
    house_meeting(h, &b);
    assert_int_equal(scribe_open(&s, h->data.db), 0);
    assert_int_equal(put(s, a.id, LOAD, 1), 0);
    assert_false(report(s, a.id, 1).failed);
    put(s, a.id, LOAD, 1); /* the number is taken */
    put(s, "nosuchroom", LOAD, 1);
    put(s, b.id, LOAD, 1);
    assert_true(report(s, a.id, 1).failed);
    assert_int_equal(roomlog_last(h->store, b.id) >= 0, 1);
    put(s, b.id, LOAD, 2);
    scribe_close(s);
    assert_int_equal(roomlog_last(h->store, b.id), 2);
    assert_int_equal(roomlog_last(h->store, a.id), 1);
}

/* Lines that were on their way when one before them failed are dropped, though their numbers would fit; the
 * room that comes anew is heard. */
static void test_nothing_follows_a_failure(void **state) {
    struct house *h = *state;
    struct meeting a = {.join = JOIN_LINK}, b = {.join = JOIN_LINK};
    struct scribe *s;
    struct scribe_report r;
    house_meeting(h, &a);
    house_meeting(h, &b);
    assert_int_equal(scribe_open(&s, h->data.db), 0);
    put(s, a.id, 1, 2); /* the first one got lost */
    assert_true((r = report(s, a.id, 2)).failed);
    assert_int_equal(r.load, 1);
    put(s, a.id, 1, 1);
    put(s, a.id, 1, 2);
    put(s, b.id, 1, 1);
    assert_false(report(s, b.id, 1).failed);
    assert_int_equal(roomlog_last(h->store, a.id), 0);
    put(s, a.id, 2, 1);
    assert_false((r = report(s, a.id, 1)).failed);
    assert_int_equal(r.load, 2);
    scribe_close(s);
    assert_int_equal(roomlog_last(h->store, a.id), 1);
}

static void test_a_busy_disk_is_waited_for(void **state) {
    struct house *h = *state;
    struct meeting a = {.join = JOIN_LINK};
    struct scribe *s;
    house_meeting(h, &a);
    assert_int_equal(scribe_open(&s, h->data.db), 0);
    assert_int_equal(store_begin(h->store), 0); /* the write lock is ours, for longer than SQLite waits */
    put(s, a.id, LOAD, 1);
    struct pollfd fd = {.fd = scribe_fd(s), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, STORE_BUSY_MS + 500), 0); /* neither done nor failed */
    store_rollback(h->store);
    assert_false(report(s, a.id, 1).failed);
    assert_int_equal(roomlog_last(h->store, a.id), 1);
    scribe_close(s);
}

static int count_late(void *ctx, const struct roomlog_line *l) {
    static const char *const expected[] = {
        "{\"type\":\"caption\",\"seq\":3,\"at\":9,\"text\":\"«так»\",\"lang\":\"uk\"}",
        "{\"type\":\"caption\",\"seq\":4,\"at\":9,\"text\":\"«так»\",\"lang\":\"uk\"}"};
    size_t *n = ctx;
    assert_int_equal(l->seq, 3 + *n);
    assert_true(*n < countof(expected) && str_is(l->json, expected[*n]));
    (*n)++;
    return 0;
}

/* What was said in a recorded event and is known when it is over: behind its last line, before that nowhere.
 */
static void test_what_comes_late(void **state) {
    static const char late[] = "{\"type\":\"caption\",\"seq\":0,\"at\":9,\"text\":\"«так»\",\"lang\":\"uk\"}";
    struct house *h = *state;
    struct meeting a = {.join = JOIN_LINK}, b = {.join = JOIN_LINK};
    struct scribe *s;
    size_t n = 0;
    house_meeting(h, &a);
    house_meeting(h, &b);
    assert_int_equal(lesson_started(h->store, a.id, HOUSE_NOW_MS), 0);
    assert_int_equal(scribe_open(&s, h->data.db), 0);
    struct scribe_line row = {a.id, LOAD, 1, HOUSE_NOW_MS, STR("{\"type\":\"opened\"}"), false};
    struct scribe_line words = {a.id, 0, 0, 9, STR(late), false};
    assert_int_equal(scribe_put(s, &row), 0);
    assert_int_equal(scribe_put(s, &words), 0); /* too early: it is the room that numbers lines */
    row.seq = 2;
    row.json = STR("{\"type\":\"ended\"}");
    assert_int_equal(scribe_put(s, &row), 0);
    assert_int_equal(scribe_put(s, &words), 0);
    assert_int_equal(scribe_put(s, &words), 0);
    row.room = words.room = b.id; /* not recorded */
    row.seq = 1;
    assert_int_equal(scribe_put(s, &row), 0);
    assert_int_equal(scribe_put(s, &words), 0);
    scribe_close(s);
    assert_int_equal(roomlog_last(h->store, a.id), 4);
    assert_int_equal(roomlog_last(h->store, b.id), 1);
    assert_int_equal(roomlog_captions(h->store, a.id, count_late, &n), 0);
    assert_int_equal(n, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_are_on_disk_when_reported, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_the_guilty_room_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_follows_a_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_busy_disk_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_comes_late, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
