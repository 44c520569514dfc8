/* Where people are put, and when nobody is let in any more: by what the workers measured, and by who came
 * since. */
#include "media/media_own.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static struct media m;
static struct media_room room;

static int fresh(void **state) {
    (void)state;
    m = (struct media){.workers = 2};
    room = (struct media_room){.id = 1};
    return 0;
}

static void the_room_stays_together_while_there_is_room(void **state) {
    (void)state;
    m.load[0] = 40;
    m.burden[0].busy_pm = 25;
    assert_int_equal(media_place(&m, &room, MEDIA_VIEW), 0);
    m.load[0] = 60; /* worth a copy of every packet to the other */
    assert_int_equal(media_place(&m, &room, MEDIA_VIEW), 1);
    assert_int_equal(media_place(&m, &room, MEDIA_PUBLISH), 0);
}

static void few_who_cost_much_weigh_as_many(void **state) {
    (void)state;
    m.load[0] = 4;
    m.burden[0].busy_pm = 400;
    assert_int_equal(media_place(&m, &room, MEDIA_VIEW), 1);
}

static void a_full_worker_comes_last(void **state) {
    (void)state;
    m.room_peers_per_worker = 400;
    assert_int_equal(media_place(&m, &room, MEDIA_VIEW), 0);
    m.burden[0].busy_pm = MEDIA_FULL_PM;
    assert_int_equal(media_place(&m, &room, MEDIA_VIEW), 1);
    m.burden[1].busy_pm = MEDIA_FULL_PM;
    assert_false(media_admit(&m, media_place(&m, &room, MEDIA_VIEW), MEDIA_VIEW));
    assert_true(media_admit(&m, 0, MEDIA_PUBLISH)); /* who teaches has a reserve */
    m.burden[0].busy_pm = MEDIA_FULL_OWN_PM;
    assert_false(media_admit(&m, 0, MEDIA_PUBLISH));
}

/* A crowd that comes at once is turned away before it shows in any measurement. */
static void who_came_is_charged_at_once(void **state) {
    (void)state;
    m.workers = 1;
    m.burden[0].busy_pm = 500;
    unsigned n = 0;
    while (n < 5000 && media_admit(&m, 0, MEDIA_VIEW))
        n++;
    assert_in_range(n, 350 * 1000 / MEDIA_VIEW_PPM, 350 * 1000 / MEDIA_VIEW_PPM + 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_room_stays_together_while_there_is_room, fresh),
        cmocka_unit_test_setup(few_who_cost_much_weigh_as_many, fresh),
        cmocka_unit_test_setup(a_full_worker_comes_last, fresh),
        cmocka_unit_test_setup(who_came_is_charged_at_once, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
