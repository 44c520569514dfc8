/* The queue of handshake datagrams: in order, copied, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "media/base/mem.h"
#include "media/rtc/shake.h"

static void in_order_and_copied(void **state) {
    (void)state;
    struct shake s;
    struct addr_path path = {.stream = 7};
    uint8_t d[SHAKE_BYTES];
    shake_init(&s);
    assert_null(shake_get(&s));
    for (uint8_t i = 0; i < 3; i++) {
        memset(d, i, sizeof d);
        path.stream = i;
        assert_true(shake_put(&s, 100u + i, (struct bytes){d, 20u + i}, &path));
    }
    assert_int_equal(s.n, 3);
    for (uint8_t i = 0; i < 3; i++) {
        struct shake_datagram *g = shake_get(&s);
        assert_int_equal(g->peer, 100 + i);
        assert_int_equal(g->n, 20 + i);
        assert_int_equal(g->path.stream, i);
        assert_int_equal(g->p[0], i);
        assert_int_equal(g->p[19 + i], i);
        mem_free(g);
    }
    assert_null(shake_get(&s));
    assert_int_equal(s.n, 0);
    shake_fini(&s);
}

static void bounded(void **state) {
    (void)state;
    struct shake s;
    struct addr_path path = {0};
    uint8_t d[SHAKE_BYTES + 1] = {0};
    shake_init(&s);
    assert_false(shake_put(&s, 1, (struct bytes){d, sizeof d}, &path));
    for (unsigned i = 0; i < SHAKE_MAX; i++)
        assert_true(shake_put(&s, i, (struct bytes){d, 1}, &path));
    assert_false(shake_put(&s, 1, (struct bytes){d, 1}, &path));
    mem_free(shake_get(&s));
    assert_true(shake_put(&s, 1, (struct bytes){d, sizeof d - 1}, &path));
    shake_fini(&s);
    assert_int_equal(s.n, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_and_copied),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
