/* pli: one request a second however many ask, again when nothing came, silence when nobody wants. */
#include "media/rtc/pli.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MS = 1000 };

static void first_goes_at_once(void **state) {
    (void)state;
    struct pli p;
    pli_init(&p);
    assert_false(pli_due(&p, 5 * MS));
    assert_int_equal(pli_next_us(&p), INT64_MAX);
    pli_ask(&p, 5 * MS);
    assert_true(pli_waiting(&p));
    assert_true(pli_next_us(&p) <= 5 * MS);
    assert_true(pli_due(&p, 5 * MS));
    assert_false(pli_due(&p, 5 * MS));
    pli_on_keyframe(&p, 150 * MS);
    assert_false(pli_waiting(&p));
    assert_int_equal(p.wait_us, 145 * MS);
    assert_int_equal(pli_next_us(&p), INT64_MAX);
}

static void a_crowd_costs_one_a_second(void **state) {
    (void)state;
    struct pli p;
    pli_init(&p);
    unsigned keyframes = 0;
    int64_t answer_us = INT64_MAX;
    for (int64_t t = 0; t < 10000 * MS; t += 2 * MS) { /* 500 joins a second */
        pli_ask(&p, t);
        if (pli_due(&p, t))
            answer_us = t + 120 * MS;
        if (t >= answer_us) {
            pli_on_keyframe(&p, t);
            answer_us = INT64_MAX;
            keyframes++;
        }
    }
    assert_int_equal(p.out, 10);
    assert_int_equal(keyframes, 10);
    assert_int_equal(p.asked, 5000);
}

static void asks_again_when_none_came(void **state) {
    (void)state;
    struct pli p;
    pli_init(&p);
    pli_ask(&p, 0);
    assert_true(pli_due(&p, 0));
    assert_int_equal(pli_next_us(&p), PLI_EVERY_US);
    assert_false(pli_due(&p, PLI_EVERY_US - 1));
    assert_true(pli_due(&p, PLI_EVERY_US));
    /* On a link of 2 s the second request waits for the answer to the first. */
    pli_rtt(&p, 2000 * MS);
    assert_int_equal(pli_next_us(&p), PLI_EVERY_US + 2000 * MS + PLI_WAIT_ENCODE_US);
    pli_on_keyframe(&p, 1100 * MS);
    /* A new want is not a repeat: only the budget holds it. */
    pli_ask(&p, 1200 * MS);
    assert_int_equal(pli_next_us(&p), PLI_EVERY_US + PLI_EVERY_US);
}

static void a_dead_source_is_left_alone(void **state) {
    (void)state;
    struct pli p;
    pli_init(&p);
    pli_ask(&p, 0);
    int64_t t = 0;
    unsigned out = 0;
    for (int64_t next; (next = pli_next_us(&p)) != INT64_MAX; out += pli_due(&p, t))
        t = next;
    assert_int_equal(out, PLI_TRIES);
    assert_true(pli_waiting(&p));
    t += PLI_EVERY_US;
    pli_ask(&p, t); /* somebody new */
    assert_true(pli_due(&p, t));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_goes_at_once),
        cmocka_unit_test(a_crowd_costs_one_a_second),
        cmocka_unit_test(asks_again_when_none_came),
        cmocka_unit_test(a_dead_source_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
