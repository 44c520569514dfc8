/* People whose address changes under way, in virtual time over 100 ms of round trip: a NAT on the way
 * forgets, a phone goes from Wi-Fi to mobile. What was sent to the old address is lost; asserted is how long
 * the picture stands still, and that nobody becomes a ghost. */
#include "tests/sim/hall.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct net_cfg far_away = {.delay_us = 50 * MS};
static struct hall hall;

static struct hall_seat *lesson(struct hall_seat **teacher) {
    hall_open(&hall, 1, &far_away, 77);
    hall_stage(&hall, (const char *const[]){"teacher"}, 1);
    *teacher = hall_publish(&hall, "teacher", CODEC_H264);
    (*teacher)->level = 20;
    struct hall_seat *v = hall_view(&hall, 0, "viewer", CODEC_NONE, 1);
    hall_run(&hall, 5 * SECOND);
    assert_true(hall_screen(v, 0)->shown > 60);
    ((struct endpoint_line *)hall_screen(v, 0))->longest_us = 0;
    return v;
}

static void assert_goes_on(const struct hall_seat *v, int64_t silence_us) {
    const struct endpoint_line *l = hall_screen(v, 0);
    if (l->longest_us > silence_us)
        fail_msg("the picture stood still for %lld ms", (long long)(l->longest_us / MS));
    assert_true(hall.now_us - l->shown_us < 200 * MS);
    assert_int_equal(l->bad_ts, 0);
    assert_int_equal(v->down, 0);
    assert_int_equal(v->up, 1);
}

/* The browser knows that it moved, and checks at once: one authenticated check moves the media. */
static void a_check_from_a_new_address(void **state) {
    (void)state;
    struct hall_seat *teacher, *v = lesson(&teacher);
    hall_move(v);
    v->end->check_us = hall.now_us;
    hall_run(&hall, 10 * SECOND);
    assert_goes_on(v, 400 * MS);
    hall_move(teacher);
    teacher->end->check_us = hall.now_us;
    hall_run(&hall, 10 * SECOND);
    assert_goes_on(v, 400 * MS);
    hall_close(&hall);
}

/* The browser knows nothing, its next consent check is seconds away: its next report, or the media a teacher
 * sends, makes the server ask at the new address, among twenty others who report as well. */
static void nobody_knows(void **state) {
    (void)state;
    struct hall_seat *teacher, *v = lesson(&teacher);
    for (unsigned i = 0; i < 20; i++)
        hall_view(&hall, 0, "another", CODEC_NONE, 1);
    hall_run(&hall, 3 * SECOND);
    for (unsigned times = 0; times < 5; times++) {
        ((struct endpoint_line *)hall_screen(v, 0))->longest_us = 0;
        v->end->check_us = hall.now_us + 4 * SECOND;
        hall_move(v);
        hall_run(&hall, 3 * SECOND + 300 * MS);
        assert_goes_on(v, 1200 * MS);
    }
    for (unsigned times = 0; times < 5; times++) {
        ((struct endpoint_line *)hall_screen(v, 0))->longest_us = 0;
        teacher->end->check_us = hall.now_us + 4 * SECOND;
        hall_move(teacher);
        hall_run(&hall, 3 * SECOND + 300 * MS);
        assert_goes_on(
            v, 700 * MS); /* a silence that is noticed, a round trip, a picture mended by NACK or anew */
    }
    hall_close(&hall);
}

/* Who cannot prove it is not followed: reports from a new address that answers nothing. */
static void reports_alone_prove_nothing(void **state) {
    (void)state;
    struct hall_seat *teacher, *v = lesson(&teacher);
    v->end->check_us = INT64_MAX;
    v->end->pwd[0] ^= 1; /* its answers are forged now */
    hall_move(v);
    hall_run(&hall, 5 * SECOND);
    assert_true(hall.now_us - hall_screen(v, 0)->shown_us > 4 * SECOND);
    assert_int_equal(hall.plane[0]->addrs.n, 2);
    hall_close(&hall);
}

/* The network is another one: ICE restart by signalling, which takes 200 ms to and fro. */
static void restart_on_another_network(void **state) {
    (void)state;
    struct hall_seat *teacher, *v = lesson(&teacher);
    struct hall_seat *both[] = {v, teacher};
    for (unsigned i = 0; i < countof(both); i++) {
        hall_move(both[i]);
        both[i]->end->check_us = INT64_MAX; /* the old path is not asked any more */
        hall_run(&hall, 200 * MS);
        hall_restart(both[i]);
        hall_run(&hall, 10 * SECOND);
        assert_goes_on(v, 1000 * MS);
        assert_int_equal(hall.plane[0]->ufrags.n, 2); /* the old names are forgotten */
    }
    hall_close(&hall);
}

/* Who is really gone is gone for all: media to him ends, tables are empty. */
static void no_ghost(void **state) {
    (void)state;
    struct hall_seat *teacher, *v = lesson(&teacher);
    int64_t cut_us = hall.now_us;
    hall_move(teacher);
    teacher->mute_wire = true;
    hall_run(&hall, 31 * SECOND);
    assert_int_equal(teacher->down, 1);
    assert_true(teacher->down_us - cut_us <= 30 * (int64_t)SECOND);
    assert_true(hall.events[MEDIA_EV_TRACK_OFF] >= 2);
    assert_int_equal(hall.plane[0]->peers.n, 1);
    assert_int_equal(hall.plane[0]->ufrags.n, 1);
    assert_int_equal(hall.plane[0]->addrs.n, 1);
    assert_int_equal(v->down, 0);
    struct hall_seat *again = hall_publish(&hall, "teacher", CODEC_H264);
    hall_run(&hall, 3 * SECOND);
    assert_int_equal(again->up, 1);
    assert_int_equal(hall_screen(v, 0)->source, again->source);
    hall_close(&hall);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_check_from_a_new_address),
        cmocka_unit_test(nobody_knows),
        cmocka_unit_test(reports_alone_prove_nothing),
        cmocka_unit_test(restart_on_another_network),
        cmocka_unit_test(no_ghost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
