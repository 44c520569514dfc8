#include "media/base/hist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_buckets(void **state) {
    static const struct {
        uint64_t v;
        unsigned bucket;
    } rows[] = {{0, 0},
                {1, 0},
                {2, 1},
                {3, 2},
                {4, 2},
                {5, 3},
                {1000, 10},
                {1024, 10},
                {1025, 11},
                {1 << 22, 22},
                {(1 << 22) + 1, 23},
                {UINT64_MAX, 23}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(hist_bucket(rows[i].v), rows[i].bucket);
    for (uint64_t v = 1; v < 100000; v++) { /* each within its bounds */
        unsigned b = hist_bucket(v);
        assert_true(v <= hist_bound(b));
        assert_true(b == 0 || v > hist_bound(b - 1));
    }
}

static void test_quantiles(void **state) {
    struct hist h = {.sum = 0}, other = {.sum = 0};
    (void)state;
    assert_true(hist_quantile(&h, 500) == 0.0);
    for (uint64_t v = 1; v <= 1000; v++)
        hist_add(&h, v, 1);
    assert_int_equal(hist_count(&h), 1000);
    assert_int_equal(h.sum, 500500);
    assert_true(hist_quantile(&h, 500) > 490 && hist_quantile(&h, 500) < 512);
    assert_true(hist_quantile(&h, 990) > 980 && hist_quantile(&h, 990) <= 1024);
    hist_add(&other, 4000, 9000); /* nine of ten are slow */
    hist_merge(&h, &other);
    assert_int_equal(hist_count(&h), 10000);
    assert_true(hist_quantile(&h, 500) > 2048 && hist_quantile(&h, 500) <= 4096);
    assert_true(hist_quantile(&h, 50) < 600);
    assert_true(hist_quantile(&h, 0) <= 1);
    assert_true(hist_quantile(&h, 1000) <= 4096);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_buckets), cmocka_unit_test(test_quantiles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
