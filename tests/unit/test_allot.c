/* allot: the order in which pictures get better and worse, and that nothing flaps. */
#include "media/rtc/allot.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { K = 1000, SECOND = 1000000 };

/* Three layers of a camera, one temporal layer each. */
static struct allot_slot camera(enum allot_kind kind, uint32_t source, uint16_t want) {
    return (struct allot_slot){.kind = kind,
                               .source = source,
                               .want = want,
                               .rung_n = 3,
                               .rung = {{150 * K, 180, 0, 0}, {500 * K, 360, 1, 0}, {1500 * K, 720, 2, 0}}};
}

static struct allot_slot single(enum allot_kind kind, uint32_t source, uint32_t bps) {
    return (struct allot_slot){.kind = kind, .source = source, .rung_n = 1, .rung = {{bps, 720, 0, 0}}};
}

static struct allot a;
static struct allot_out out;
static int64_t now_us;

static void run(const struct allot_slot *s, unsigned n, uint64_t budget_bps) {
    allot_run(&a, s, n, budget_bps, now_us, &out);
}

static void fresh(const struct allot_slot *s, unsigned n, uint64_t budget_bps) {
    allot_init(&a);
    now_us = 100 * (int64_t)SECOND;
    run(s, n, budget_bps);
}

static void as_drawn(void **state) {
    (void)state;
    static const struct {
        uint16_t want;
        int8_t pick;
    } rows[] = {{0, 2}, {90, 0}, {180, 0}, {240, 0}, {241, 1}, {480, 1}, {481, 2}, {1080, 2}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct allot_slot s = camera(ALLOT_STAGE, 1, rows[i].want);
        fresh(&s, 1, ALLOT_UNLIMITED);
        assert_int_equal(out.pick[0], rows[i].pick);
        assert_false(out.less);
        assert_int_equal(out.used_bps, out.full_bps);
        assert_int_equal(out.used_bps, s.rung[rows[i].pick].bps);
    }
}

/* A teacher, a screen, three more people: what each budget buys. */
static void the_order(void **state) {
    (void)state;
    const struct allot_slot s[] = {camera(ALLOT_STAGE, 1, 360), single(ALLOT_SCREEN, 2, 400 * K),
                                   camera(ALLOT_OTHER, 3, 180), camera(ALLOT_OTHER, 4, 180),
                                   camera(ALLOT_OTHER, 5, 360)};
    static const struct {
        uint64_t budget;
        int8_t pick[5];
        bool audio_only, less;
    } rows[] = {
        {0, {-1, -1, -1, -1, -1}, true, true},       {149 * K, {-1, -1, -1, -1, -1}, true, true},
        {200 * K, {0, -1, -1, -1, -1}, false, true}, {400 * K, {-1, 0, -1, -1, -1}, false, true},
        {560 * K, {0, 0, -1, -1, -1}, false, true},  {905 * K, {1, 0, -1, -1, -1}, false, true},
        {1200 * K, {1, 0, 0, 0, -1}, false, true},   {1350 * K, {1, 0, 0, 0, 0}, false, true},
        {1700 * K, {1, 0, 0, 0, 1}, false, false},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fresh(s, 5, rows[i].budget);
        for (unsigned k = 0; k < 5; k++) {
            if (out.pick[k] != rows[i].pick[k])
                fail_msg("budget %u: slot %u has %d", (unsigned)rows[i].budget, k, out.pick[k]);
        }
        assert_int_equal(out.audio_only, rows[i].audio_only);
        assert_int_equal(out.less, rows[i].less);
        assert_true(out.used_bps <= rows[i].budget);
        assert_int_equal(out.full_bps, (500 + 400 + 150 + 150 + 500) * K);
    }
}

static void what_flows_stays_while_rates_waver(void **state) {
    (void)state;
    struct allot_slot s = camera(ALLOT_STAGE, 1, 720);
    fresh(&s, 1, 1500 * K);
    assert_int_equal(out.pick[0], 2);
    run(&s, 1, 1380 * K); /* a tenth too little is within the error of both numbers */
    assert_int_equal(out.pick[0], 2);
    run(&s, 1, 1300 * K);
    assert_int_equal(out.pick[0], 1);
    now_us += ALLOT_HOLD_US - 1;
    run(&s, 1, 5000 * K);
    assert_int_equal(out.pick[0], 1);
    now_us += 1;
    run(&s, 1, 1600 * K); /* it would just fit: not enough to begin with */
    assert_int_equal(out.pick[0], 1);
    run(&s, 1, 1700 * K);
    assert_int_equal(out.pick[0], 2);
}

/* A line that never bears what it promises: tries grow rare, and are frequent again after quiet. */
static void failed_raises_grow_rare(void **state) {
    (void)state;
    struct allot_slot s = camera(ALLOT_STAGE, 1, 720);
    fresh(&s, 1, 600 * K);
    unsigned raises = 0;
    for (unsigned i = 0; i < 1200; i++) { /* 2 min */
        now_us += 100 * K;
        int8_t before = out.pick[0];
        run(&s, 1, before == 2 ? 600 * K : 2000 * K);
        raises += out.pick[0] > before;
    }
    assert_in_range(raises, 6, 12);
    run(&s, 1, 2000 * K);
    now_us += ALLOT_HOLD_MAX_US;
    run(&s, 1, 2000 * K);
    assert_int_equal(out.pick[0], 2);
    now_us += 60 * (int64_t)SECOND;
    run(&s, 1, 600 * K);
    now_us += ALLOT_HOLD_US;
    run(&s, 1, 2000 * K);
    assert_int_equal(out.pick[0], 2);
}

/* Lowered while little was known of the line: as soon as a probe shows far more, it is raised. */
static void what_a_probe_shows_is_not_waited_for(void **state) {
    (void)state;
    struct allot_slot s = camera(ALLOT_STAGE, 1, 720);
    fresh(&s, 1, 2000 * K);
    run(&s, 1, 600 * K);
    int8_t low = out.pick[0];
    now_us += 100 * K;
    run(&s, 1, 2000 * K);
    assert_int_equal(out.pick[0], low);
    allot_proven(&a, 1100 * K);
    run(&s, 1, 2000 * K);
    assert_int_equal(out.pick[0], low);
    allot_proven(&a, 1200 * K);
    run(&s, 1, 2000 * K);
    assert_int_equal(out.pick[0], 2);
}

static void audio_only_comes_back_by_itself(void **state) {
    (void)state;
    struct allot_slot s = camera(ALLOT_STAGE, 1, 360);
    fresh(&s, 1, 300 * K);
    assert_int_equal(out.pick[0], 0);
    run(&s, 1, 40 * K);
    assert_true(out.audio_only);
    now_us += 3 * SECOND;
    run(&s, 1, 150 * K); /* just enough is not enough to try again */
    assert_true(out.audio_only);
    s.source = 9; /* nor for somebody else's picture */
    run(&s, 1, 150 * K);
    assert_true(out.audio_only);
    run(&s, 1, 170 * K);
    assert_false(out.audio_only);
    assert_int_equal(out.pick[0], 0);
}

/* Layers end and appear under a slot's feet; wishes change; neither is a failure of the line. */
static void ladders_change(void **state) {
    (void)state;
    struct allot_slot s = camera(ALLOT_STAGE, 1, 720);
    fresh(&s, 1, 1000 * K);
    assert_int_equal(out.pick[0], 1);
    s.rung[0] = s.rung[1];
    s.rung[1] = s.rung[2];
    s.rung_n = 2; /* the smallest is gone: what flows is the first now */
    run(&s, 1, 480 * K);
    assert_int_equal(out.pick[0], 0);
    s.rung_n = 0;
    run(&s, 1, 1000 * K);
    assert_int_equal(out.pick[0], ALLOT_PAUSED);
    assert_false(out.audio_only || out.less);
    s = camera(ALLOT_STAGE, 1, 720);
    fresh(&s, 1, ALLOT_UNLIMITED);
    s.want = 180;
    run(&s, 1, ALLOT_UNLIMITED);
    assert_int_equal(out.pick[0], 0);
    s.want = 720; /* drawn large again: at once */
    run(&s, 1, ALLOT_UNLIMITED);
    assert_int_equal(out.pick[0], 2);
}

static void temporal_layers_go_first(void **state) {
    (void)state;
    struct allot_slot s = {
        .kind = ALLOT_STAGE,
        .source = 1,
        .want = 720,
        .rung_n = 4,
        .rung = {{400 * K, 360, 0, 0}, {600 * K, 360, 0, 2}, {1000 * K, 720, 1, 0}, {1500 * K, 720, 1, 2}}};
    fresh(&s, 1, 3000 * K);
    assert_int_equal(out.pick[0], 3);
    run(&s, 1, 1200 * K);
    assert_int_equal(out.pick[0], 2);
    run(&s, 1, 800 * K);
    assert_int_equal(out.pick[0], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_drawn),
        cmocka_unit_test(the_order),
        cmocka_unit_test(what_flows_stays_while_rates_waver),
        cmocka_unit_test(failed_raises_grow_rare),
        cmocka_unit_test(what_a_probe_shows_is_not_waited_for),
        cmocka_unit_test(audio_only_comes_back_by_itself),
        cmocka_unit_test(ladders_change),
        cmocka_unit_test(temporal_layers_go_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
