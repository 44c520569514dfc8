/* What people hear of each other, over a simulated network in virtual time: beginnings whole, silence free of
 * charge, who has the floor, losses on the way up and on the way down. */
#include "media/rtc/red.h"
#include "media/rtc/talk.h"
#include "tests/sim/hall.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { FRAME = 20 * MS, QUIET = 100, NOISE = 66, SOFT = 68, LOUD = 25, WAY = 20 * MS };

static const struct net_cfg clean = {.delay_us = WAY}, lossy = {.delay_us = WAY, .loss_ppm = 50000};
static struct hall hall;

static struct hall_seat *speaker(struct hall *h, const char *member) {
    struct hall_seat *s = hall_publish(h, member, CODEC_H264);
    s->camera = false;
    s->level = QUIET;
    return s;
}

/* Packets of sound a viewer got so far, on all its lines. */
static uint64_t packets(const struct hall_seat *v) {
    uint64_t n = 0;
    for (unsigned i = 0; i < 3; i++)
        n += v->end->line[i].received;
    return n;
}

static uint32_t next_sound(const struct hall_seat *s) { return s->end->line[0].frame; }

/* When the viewer got this sound of the source; 0 never. */
static int64_t heard_us(const struct hall_seat *v, const struct hall_seat *s, uint32_t number) {
    for (unsigned i = 0; i < 3; i++) {
        const struct endpoint_ear *ear = &v->end->line[i].ear;
        if (ear->last_source == s->source && ear->heard_us[number % ENDPOINT_SOUNDS])
            return ear->heard_us[number % ENDPOINT_SOUNDS];
    }
    return 0;
}

static unsigned missed(const struct hall_seat *v, const struct hall_seat *s, uint32_t from, uint32_t until) {
    unsigned n = 0;
    for (uint32_t k = from; k < until; k++)
        n += !heard_us(v, s, k);
    return n;
}

static void assert_clean(const struct hall_seat *v) {
    for (unsigned i = 0; i < 3; i++) {
        if (v->end->line[i].bad_ts || v->end->line[i].ear.repeated)
            fail_msg("%s, line %u: %u times backwards, %u sounds twice", v->member, i, v->end->line[i].bad_ts,
                     v->end->line[i].ear.repeated);
        assert_int_equal(v->end->line[i].duplicates, 0);
    }
}

/* Six microphones are open and nobody speaks: nothing leaves. One speaks: his packets only; he stops: after
 * the hold one packet that says so, and nothing more. */
static void test_silence_is_free(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 2, &clean, 1);
    struct hall_seat *mic[6];
    for (unsigned i = 0; i < 6; i++) {
        char name[8];
        snprintf(name, sizeof name, "m%u", i);
        mic[i] = speaker(h, name);
    }
    struct hall_seat *v[2] = {hall_view(h, 0, "here", CODEC_NONE, 1),
                              hall_view(h, 1, "there", CODEC_NONE, 1)};
    hall_run(h, 5 * SECOND);
    for (unsigned k = 0; k < 2; k++)
        assert_int_equal(packets(v[k]), 0);
    mic[4]->level = LOUD;
    hall_run(h, 2 * SECOND);
    mic[4]->level = QUIET;
    hall_run(h, SPEAKER_HOLD_US + 2 * WAY + 2 * FRAME);
    for (unsigned k = 0; k < 2; k++) { /* on the worker where he is, and behind the relay */
        uint64_t n = packets(v[k]);
        assert_in_range(n, 160, 164);
        hall_run(h, 2 * SECOND);
        assert_int_equal(packets(v[k]), n);
        assert_int_equal(v[k]->end->line[0].ear.silences + v[k]->end->line[1].ear.silences +
                             v[k]->end->line[2].ear.silences,
                         1);
        assert_clean(v[k]);
    }
    hall_close(h);
}

/* A word begins softly, below what counts as speech: all of it is heard, at once when the loud part comes,
 * each sound once; also when he speaks again soon. */
static void test_first_syllable(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 2);
    struct hall_seat *s = speaker(h, "ann"), *v = hall_view(h, 0, "v", CODEC_NONE, 1);
    static const int64_t pause_us[] = {3000 * MS, 100 * MS, 1250 * MS, 1400 * MS, 1000 * MS, 5000 * MS};
    hall_run(h, 2 * SECOND);
    int64_t worst_us = 0;
    for (unsigned k = 0; k < countof(pause_us); k++) {
        hall_run(h, pause_us[k]);
        uint32_t soft = next_sound(s);
        s->level = SOFT;
        hall_run(h, 240 * MS);
        uint32_t loud = next_sound(s);
        int64_t said_us = s->sound_us;
        s->level = LOUD;
        hall_run(h, 600 * MS);
        s->level = QUIET;
        hall_run(h, 100 * MS);
        assert_int_equal(missed(v, s, soft, loud + 25), 0);
        int64_t us = heard_us(v, s, loud) - said_us;
        assert_true(heard_us(v, s, soft) <= heard_us(v, s, loud));
        worst_us = us > worst_us ? us : worst_us;
        assert_clean(v);
    }
    assert_true(worst_us <= 2 * WAY + MS);
    hall_close(h);
}

/* Twelve people, one after another and interrupting: who has the floor is told within 300 ms of his first
 * word and is heard from it on, whoever coughs meanwhile. quiet: what microphones give when nobody speaks. */
static void floor_goes_round(uint8_t quiet) {
    struct hall *h = &hall;
    struct hall_seat *mic[12];
    hall_open(h, 1, &clean, 3);
    for (unsigned i = 0; i < countof(mic); i++) {
        char name[8];
        snprintf(name, sizeof name, "m%02u", i);
        mic[i] = speaker(h, name);
        mic[i]->level = quiet;
    }
    struct hall_seat *v = hall_view(h, 0, "v", CODEC_NONE, 1);
    hall_run(h, 2 * SECOND);
    int64_t worst_us = 0;
    for (unsigned k = 0; k < 24; k++) {
        struct hall_seat *s = mic[k * 5 % 12], *cough = mic[(k * 5 + 3) % 12];
        uint32_t first = next_sound(s);
        s->level = SOFT;
        hall_run(h, 200 * MS);
        int64_t began_us = s->sound_us;
        s->level = LOUD;
        while (strncmp(h->speaking, s->member, 3) != 0 && h->now_us - began_us < SECOND)
            hall_run(h, 5 * MS);
        worst_us = h->now_us - began_us > worst_us ? h->now_us - began_us : worst_us;
        hall_run(h, 300 * MS);
        cough->level = LOUD - 10;
        hall_run(h, 100 * MS);
        cough->level = quiet;
        hall_run(h, 800 * MS);
        assert_int_equal(missed(v, s, first, next_sound(s) - 3), 0);
        assert_true(!strncmp(h->speaking, s->member, 3)); /* a cough does not take the floor */
        s->level = quiet;
        if (k % 3 == 2)
            hall_run(h, 2 * SECOND); /* else the next one begins at once */
    }
    printf("# who has the floor is told %d ms after his first sound at the latest\n", (int)(worst_us / MS));
    assert_true(worst_us <= 300 * MS);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(v->end->line[i].bad_ts, 0);
    hall_close(h);
}

static void test_floor(void **state) {
    (void)state;
    floor_goes_round(QUIET);
}
/* Rooms with noise: all slots are taken when somebody begins. */
static void test_floor_in_noise(void **state) {
    (void)state;
    floor_goes_round(NOISE);
}

/* The floor stays with the three loudest however many speak: a fourth and fifth voice at the same loudness
 * wait, and nothing flaps. */
static void test_nobody_flaps(void **state) {
    (void)state;
    struct hall *h = &hall;
    struct hall_seat *mic[6];
    hall_open(h, 1, &clean, 4);
    for (unsigned i = 0; i < countof(mic); i++) {
        char name[8];
        snprintf(name, sizeof name, "m%u", i);
        mic[i] = speaker(h, name);
    }
    struct hall_seat *v = hall_view(h, 0, "v", CODEC_NONE, 1);
    hall_run(h, 2 * SECOND);
    for (unsigned i = 0; i < 6; i++) {
        mic[i]->level = (uint8_t)(LOUD + i % 3);
        hall_run(h, 100 * MS);
    }
    hall_run(h, SECOND);
    char slots[sizeof v->slots];
    STR_COPY(slots, str_of(v->slots));
    uint64_t n = packets(v);
    for (unsigned k = 0; k < 200; k++) { /* voices sway by a few dB */
        mic[k * 7 % 6]->level = (uint8_t)(LOUD + k * 5 % 6);
        hall_run(h, 50 * MS);
    }
    assert_string_equal(v->slots, slots);
    assert_in_range(packets(v) - n, 3 * 500 - 6, 3 * 500 + 6); /* three voices, never more */
    hall_close(h);
}

/* One sound in twenty is lost on the way up: with redundancy nearly none is missed, by those who know
 * redundancy and those who do not, and none of it costs them a byte more. */
static void test_loss_upwards(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 5);
    struct hall_seat *plain = speaker(h, "plain");
    h->red = true;
    struct hall_seat *twice = speaker(h, "twice"), *knows = hall_view(h, 0, "knows", CODEC_NONE, 1);
    h->red = false;
    struct hall_seat *not = hall_view(h, 0, "not", CODEC_NONE, 1);
    plain->level = twice->level = LOUD;
    hall_run(h, 2 * SECOND);
    net_set(h->net_up, &lossy);
    uint32_t a = next_sound(plain), b = next_sound(twice);
    hall_run(h, 40 * SECOND);
    net_set(h->net_up, &clean);
    hall_run(h, SECOND);
    unsigned n = 2000;
    unsigned without = missed(knows, plain, a, a + n), with = missed(knows, twice, b, b + n);
    printf("# 5 %% loss upwards: %u of %u sounds missed without redundancy, %u with it\n", without, n, with);
    assert_in_range(without, n * 3 / 100, n * 7 / 100);
    assert_true(with <= n * 8 / 1000);
    assert_int_equal(missed(not, twice, b, b + n), with);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(knows->end->line[i].ear.red + not ->end->line[i].ear.red, 0);
    assert_clean(knows);
    assert_clean(not );
    hall_close(h);
}

/* Losses on the way down: who knows redundancy gets it a report later and misses nearly nothing; when the
 * line is good again it ends, for it costs as much again. */
static void test_loss_downwards(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 2, &clean, 6);
    struct hall_seat *s = speaker(h, "ann"), *v[3], *not ;
    h->red = true;
    v[0] = hall_view(h, 0, "a", CODEC_NONE, 1);
    v[1] = hall_view(h, 1, "b", CODEC_NONE, 1);
    h->red = false;
    v[2] = not = hall_view(h, 0, "not", CODEC_NONE, 1);
    s->level = LOUD;
    hall_run(h, 5 * SECOND);
    for (unsigned k = 0; k < 3; k++)
        assert_int_equal(hall_ear(v[k], s->source)->ear.red, 0);
    net_set(h->net_down, &lossy);
    hall_run(h, 4 * SECOND); /* reports are made twice a second, and summed */
    uint32_t a = next_sound(s);
    hall_run(h, 40 * SECOND);
    unsigned n = 1950;
    unsigned without = missed(not, s, a, a + n),
             with[2] = {missed(v[0], s, a, a + n), missed(v[1], s, a, a + n)};
    printf("# 5 %% loss downwards: %u of %u sounds missed without redundancy, %u and %u with it\n", without,
           n, with[0], with[1]);
    assert_in_range(without, n * 3 / 100, n * 7 / 100);
    assert_true(with[0] <= n * 8 / 1000 && with[1] <= n * 8 / 1000);
    assert_int_equal(not ->end->line[0].ear.red + not ->end->line[1].ear.red + not ->end->line[2].ear.red, 0);
    net_set(h->net_down, &clean);
    hall_run(h, RED_KEEP_US + 8 * SECOND); /* the sums forget within a few reports */
    uint32_t red = hall_ear(v[0], s->source)->ear.red;
    assert_true(red > n * 9 / 10);
    hall_run(h, 5 * SECOND);
    assert_int_equal(hall_ear(v[0], s->source)->ear.red, red);
    for (unsigned k = 0; k < 3; k++)
        assert_clean(v[k]);
    hall_close(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_is_free), cmocka_unit_test(test_first_syllable),
        cmocka_unit_test(test_floor),           cmocka_unit_test(test_floor_in_noise),
        cmocka_unit_test(test_nobody_flaps),    cmocka_unit_test(test_loss_upwards),
        cmocka_unit_test(test_loss_downwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
