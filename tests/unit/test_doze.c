/* doze: which layers a publisher is told to send, and how often it is told. */
#include "media/rtc/doze.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { SECOND_US = 1000000, Q = 1, H = 2, F = 4 };

/* Steps of half a second up to `for_us`; how often something was told. */
static unsigned run(struct doze *d, unsigned needed, unsigned flowing, int64_t *now_us, int64_t for_us) {
    unsigned told = 0;
    for (int64_t end_us = *now_us + for_us; *now_us < end_us; *now_us += SECOND_US / 2)
        told += doze_step(d, needed, flowing, *now_us);
    return told;
}

static void unwatched_layers_sleep_and_wake_at_once(void **state) {
    (void)state;
    struct doze d;
    int64_t now_us = 1000 * (int64_t)SECOND_US;
    doze_init(&d, 3, false, now_us);
    assert_int_equal(d.told, Q | H | F);
    assert_int_equal(run(&d, F, Q | H | F, &now_us, DOZE_IDLE_US - SECOND_US), 0);
    assert_true(run(&d, F, Q | H | F, &now_us, 2 * SECOND_US) >= 1);
    assert_int_equal(d.told, Q | F); /* the first is never switched off */
    assert_true(doze_can(&d, 1, now_us));
    assert_true(doze_step(&d, H, Q | F, now_us)); /* somebody wants it: this very moment */
    assert_int_equal(d.told, Q | H | F);
    assert_true(doze_can(&d, 1, now_us + DOZE_WAKE_US - 1));
    assert_false(doze_can(&d, 1, now_us + DOZE_WAKE_US)); /* its sender cannot afford it */
    assert_int_equal(run(&d, H, Q | H, &now_us, 20 * SECOND_US), 1);
    assert_int_equal(d.told, Q | H);
}

static void a_lost_word_is_repeated_but_not_for_ever(void **state) {
    (void)state;
    struct doze d;
    int64_t now_us = 1000 * (int64_t)SECOND_US;
    doze_init(&d, 2, false, now_us);
    /* The second layer flows on although nobody wants it: one word and DOZE_TRIES repetitions. */
    assert_int_equal(run(&d, Q, Q | H, &now_us, 120 * SECOND_US), 1 + DOZE_TRIES);
    /* Woken, it does not come: likewise. */
    assert_int_equal(run(&d, H, Q, &now_us, 120 * SECOND_US), 1 + DOZE_TRIES);
    /* All is as told: silence. */
    assert_int_equal(run(&d, H, Q | H, &now_us, 120 * SECOND_US), 0);
}

static void one_layer_is_never_spoken_of(void **state) {
    (void)state;
    struct doze d;
    int64_t now_us = 0;
    doze_init(&d, 1, false, now_us);
    assert_int_equal(run(&d, 0, 1, &now_us, 60 * SECOND_US), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unwatched_layers_sleep_and_wake_at_once),
        cmocka_unit_test(a_lost_word_is_repeated_but_not_for_ever),
        cmocka_unit_test(one_layer_is_never_spoken_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
