/* strain: a busy worker leaves out more step by step, takes it back slowly, and is not fooled by a hiccup. */
#include "media/rtc/strain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MS = 1000, SECOND = 1000 * MS };

struct run {
    struct strain s;
    uint64_t cpu_us, lost;
    int64_t now_us;
    unsigned changes;
};

static void go(struct run *r, int64_t for_us, unsigned busy_pm, unsigned lost_each) {
    for (int64_t end_us = r->now_us + for_us; r->now_us < end_us;) {
        r->now_us += 100 * MS;
        r->cpu_us += 100 * busy_pm;
        r->lost += lost_each;
        r->changes += strain_look(&r->s, r->cpu_us, r->lost, r->now_us);
    }
}

static void who_keeps_up_leaves_nothing_out(void **state) {
    (void)state;
    struct run r = {.now_us = 77 * SECOND, .cpu_us = 5 * SECOND};
    go(&r, 60 * SECOND, 900, 0);
    assert_int_equal(r.s.level, 0);
    assert_int_equal(r.s.busy_pm, 900);
    assert_in_range(r.s.looks, 115, 121);
    assert_int_equal(r.changes, 0);
}

static void one_step_a_second_then_back(void **state) {
    (void)state;
    struct run r = {.now_us = SECOND};
    go(&r, 600 * MS, 500, 0);
    go(&r, 700 * MS, 990, 0);
    assert_int_equal(r.s.level, 1);
    go(&r, 10 * SECOND, 990, 0);
    assert_int_equal(r.s.level, STRAIN_MAX);
    assert_int_equal(r.changes, STRAIN_MAX);
    go(&r, 4 * SECOND, 300, 0);
    assert_int_equal(r.s.level, STRAIN_MAX);
    go(&r, 2 * SECOND, 300, 0);
    assert_int_equal(r.s.level, STRAIN_MAX - 1);
    go(&r, 5 * STRAIN_CALM_US, 300, 0);
    assert_int_equal(r.s.level, 0);
}

/* Neither more nor less while it is busy, but not too busy. */
static void between_the_bounds_it_stays(void **state) {
    (void)state;
    struct run r = {.now_us = SECOND};
    go(&r, 1200 * MS, 990, 0);
    unsigned level = r.s.level;
    assert_true(level > 0);
    go(&r, 60 * SECOND, 850, 0);
    assert_int_equal(r.s.level, level);
}

static void a_full_buffer_counts_when_it_is_full_again(void **state) {
    (void)state;
    struct run r = {.now_us = SECOND};
    go(&r, SECOND, 100, 0);
    r.lost += 1000;
    go(&r, 600 * MS, 100, 0);
    go(&r, 20 * SECOND, 100, 0);
    assert_int_equal(r.changes, 0);
    go(&r, 1500 * MS, 100, 10);
    assert_true(r.s.level > 0);
}

/* A step back that brings the trouble back is tried less and less often. */
static void what_was_in_vain_waits_longer(void **state) {
    (void)state;
    struct run r = {.now_us = SECOND};
    go(&r, 1100 * MS, 990, 0);
    assert_int_equal(r.s.level, 1);
    unsigned falls = 0;
    for (int64_t end_us = r.now_us + 240 * SECOND; r.now_us < end_us;) {
        unsigned level = r.s.level;
        go(&r, 100 * MS, level ? 600 : 990, 0);
        falls += r.s.level < level;
    }
    assert_in_range(falls, 4, 8); /* after 5, 10, 20, 40, 60, 60 s */
}

static void what_is_left_out(void **state) {
    (void)state;
    assert_int_equal(strain_height(0), UINT16_MAX);
    assert_int_equal(strain_height(1), 360);
    assert_int_equal(strain_height(STRAIN_MAX), 180);
    for (unsigned level = 0; level <= STRAIN_MAX; level++) {
        unsigned spared = 0;
        for (uint64_t peer = 1; peer <= 100; peer++) {
            spared += strain_spares(level, peer);
            assert_true(!strain_spares(level, peer) || level == STRAIN_MAX || strain_spares(level + 1, peer));
        }
        assert_int_equal(spared, level < STRAIN_QUARTERS ? 0 : (level - STRAIN_QUARTERS + 1) * 25);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_keeps_up_leaves_nothing_out),
                                       cmocka_unit_test(one_step_a_second_then_back),
                                       cmocka_unit_test(between_the_bounds_it_stays),
                                       cmocka_unit_test(a_full_buffer_counts_when_it_is_full_again),
                                       cmocka_unit_test(what_was_in_vain_waits_longer),
                                       cmocka_unit_test(what_is_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
