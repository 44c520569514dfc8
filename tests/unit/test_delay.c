/* delay: the queue on the way is seen, bursts, jitter, drift and set clocks are not taken for one. */
#include "media/rtc/delay.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MS = 1000, SECOND = 1000000 };

static struct delay d;
static uint32_t x = 7;
static int64_t rnd(int64_t n) {
    x = x * 1664525u + 1013904223u;
    return (x >> 8) % n;
}

/* n bursts of four packets 33 ms apart from `from` on; the line holds back each by wait + grow * i, its own
 * burst by 2 ms a packet, and any packet by up to jitter. The receiver's clock is `clock` ahead. */
static int64_t feed(int64_t from_us, unsigned n, int64_t wait_us, int64_t grow_us, int64_t jitter_us) {
    const int64_t clock_us = INT64_C(77777777777);
    for (unsigned i = 0; i < n; i++, from_us += 33 * MS) {
        int64_t at_us = 0;
        for (unsigned k = 0; k < 4; k++) {
            int64_t t = from_us + clock_us + 40 * MS + wait_us + grow_us * i + k * 2 * MS;
            t += jitter_us ? rnd(jitter_us) : 0;
            at_us = t > at_us ? t : at_us;
            delay_on(&d, from_us + k * 100, at_us);
        }
    }
    return from_us;
}

static void an_empty_line(void **state) {
    (void)state;
    delay_init(&d);
    assert_int_equal(delay_wait_us(&d), 0);
    assert_int_equal(delay_slope(&d), 0);
    feed(1000 * MS, 100, 0, 0, 0);
    assert_int_equal(delay_wait_us(&d), 0);
    assert_int_equal(delay_slope(&d), 0);
    feed(5000 * MS, 600, 0, 0, 30 * MS); /* a nervous one */
    assert_true(delay_wait_us(&d) < 25 * MS);
}

static void a_queue_that_grows(void **state) {
    (void)state;
    delay_init(&d);
    int64_t t = feed(1000 * MS, 60, 0, 0, 3 * MS);
    t = feed(t, 16, 0, 10 * MS, 3 * MS); /* 300 ms a second */
    assert_in_range(delay_wait_us(&d), 80 * MS, 140 * MS);
    assert_in_range(delay_slope(&d), 250 * MS, 360 * MS);
    t = feed(t, 16, 150 * MS, -9 * MS, 3 * MS);
    assert_true(delay_slope(&d) < -200 * MS);
    t = feed(t, 18, 100 * MS, 0, 3 * MS); /* it stands: somebody else's */
    assert_true(delay_wait_us(&d) > 90 * MS);
    assert_true(delay_slope(&d) < 20 * MS && delay_slope(&d) > -20 * MS);
    delay_rebase(&d);
    assert_int_equal(delay_wait_us(&d), 0);
    feed(t + 2000 * MS, 4, 0, 0, 3 * MS); /* and goes: the empty line is as it was */
    assert_true(delay_wait_us(&d) < 4 * MS);
    feed(t + 4000 * MS, 16, 60 * MS, 0, 3 * MS);
    assert_true(delay_wait_us(&d) > 50 * MS);
}

/* 200 parts in a million is the worst crystal; a minute of it is 12 ms. */
static void clocks_drift_and_are_set(void **state) {
    (void)state;
    delay_init(&d);
    int64_t t = 1000 * MS;
    for (unsigned i = 0; i < 60; i++)
        t = feed(t, 30, i * 200, 0, 0);
    assert_true(delay_wait_us(&d) < 5 * MS);
    feed(t, 5, 3600 * (int64_t)SECOND, 0, 0);
    assert_int_equal(delay_wait_us(&d), 0);
    feed(t + SECOND, 5, -7200 * (int64_t)SECOND, 0, 0);
    assert_int_equal(delay_wait_us(&d), 0);
    assert_int_equal(delay_slope(&d), 0);
}

/* Whatever a stranger claims, nothing overflows (this runs under UBSan too). */
static void absurd_times(void **state) {
    (void)state;
    static const int64_t odd[] = {
        0, 1, -1, INT64_C(1) << 40, -(INT64_C(1) << 40), INT64_C(64000) << 30, 4 * SECOND, -4 * SECOND};
    delay_init(&d);
    for (unsigned i = 0; i < 4000; i++) {
        delay_on(&d, 1000 * MS + i * 7 * MS, odd[rnd(8)] + rnd(1000));
        assert_true(delay_wait_us(&d) >= 0);
        delay_slope(&d);
        if (i % 100 == 0)
            delay_rebase(&d);
    }
    delay_init(&d);
    int64_t t = feed(1000 * MS, 40, 0, 0, 0);
    delay_on(&d, t - 500 * MS, t); /* an old packet, told late */
    assert_int_equal(delay_wait_us(&d), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_line),
        cmocka_unit_test(a_queue_that_grows),
        cmocka_unit_test(clocks_drift_and_are_set),
        cmocka_unit_test(absurd_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
