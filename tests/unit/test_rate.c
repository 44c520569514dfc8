/* rate: bursts, refill, and that being refused costs nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "server/signaling/rate.h"

enum { S = 1000000 };

static void burst_then_pace(void **state) {
    struct rate_bucket b = {0};
    int64_t now_us = 10 * S;
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(rate_take(&b, RATE_CHAT, now_us), 0);
    assert_int_equal(rate_take(&b, RATE_CHAT, now_us), 1001);
    assert_int_equal(rate_take(&b, RATE_CHAT, now_us + S / 2), 501);
    assert_int_equal(rate_take(&b, RATE_CHAT, now_us + S), 0);
    assert_true(rate_take(&b, RATE_CHAT, now_us + S) > 0);
}

static void the_wait_it_names_is_enough(void **state) {
    (void)state;
    for (int c = 0; c < RATE_COUNT; c++) {
        struct rate_bucket b = {0};
        int64_t now_us = 7, wait_ms = 0;
        int taken = 0;
        while (!(wait_ms = rate_take(&b, (enum rate)c, now_us)))
            taken++;
        assert_true(taken >= 5 && rate_name((enum rate)c)[0]);
        now_us += wait_ms * 1000;
        assert_int_equal(rate_take(&b, (enum rate)c, now_us), 0);
    }
}

/* Over a long time, whatever the steps, no more than burst + speed x time, and not much less when always
 * asking. */
static void the_pace_holds(void **state) {
    (void)state;
    for (int64_t step_us = 1; step_us < 3 * S; step_us = step_us * 3 + 1) {
        struct rate_bucket b = {0};
        int64_t taken = 0, n = step_us < 1000 ? 200000 : 20000;
        for (int64_t i = 0; i < n; i++)
            taken += !rate_take(&b, RATE_CONTROL, 1 + i * step_us);
        int64_t most = 40 + 10 * n * step_us / S, asked = n;
        assert_true(taken <= most + 1);
        assert_true(taken >= (most < asked ? most - 1 : asked));
    }
}

static void a_clock_that_goes_back(void **state) {
    struct rate_bucket b = {0};
    (void)state;
    while (!rate_take(&b, RATE_HAND, 100 * S))
        ;
    assert_true(rate_take(&b, RATE_HAND, 50 * S) > 0);
    assert_int_equal(rate_take(&b, RATE_HAND, 103 * S), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(burst_then_pace),
        cmocka_unit_test(the_wait_it_names_is_enough),
        cmocka_unit_test(the_pace_holds),
        cmocka_unit_test(a_clock_that_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
