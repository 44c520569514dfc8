/* Interpreters over a simulated network in virtual time: who hears whom, on both workers, that nobody who
 * interprets is ever heard in the room, and that a hand-over leaves no hole. */
#include "media/base/rnd.h"
#include "tests/sim/hall.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const struct net_cfg clean = {.delay_us = 20 * MS};
static struct hall hall;

enum { EN = 1, UK = 2 };

static void voice(const char *member, unsigned channel) {
    for (unsigned p = 0; p < hall.planes; p++) {
        struct view_pick *k = mem_zalloc(sizeof *k);
        STR_COPY(k->member, str_of(member));
        struct cmd c = {.type = CMD_VOICE, .room = HALL_ROOM, .channel = channel, .home = p == 0, .p = k};
        plane_command(hall.plane[p], &c, hall.now_us);
    }
}

static void listen(const struct hall_seat *s, unsigned channel) {
    struct cmd c = {.type = CMD_LISTEN, .id = s->peer, .channel = channel};
    plane_command(hall.plane[s->plane], &c, hall.now_us);
}

static struct hall_seat *talker(const char *name, uint8_t level) {
    struct hall_seat *s = hall_publish(&hall, name, CODEC_H264);
    s->level = level;
    return s;
}

/* How many sounds of it he has heard in all. */
static uint32_t heard(const struct hall_seat *s, const struct hall_seat *of) {
    const struct endpoint_line *l = hall_ear(s, of->source);
    return l ? l->shown : 0;
}

/* Sounds of `of` that reach `s` in a second: 50, or none. */
static bool hears(const struct hall_seat *s, const struct hall_seat *of) {
    uint32_t before = heard(s, of);
    hall_run(&hall, 1 * SECOND);
    uint32_t after = heard(s, of);
    assert_true(after - before < 5 || after - before > 45);
    return after - before > 45;
}

static void channels(unsigned planes) {
    struct hall *h = &hall;
    hall_open(h, planes, &clean, 31);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    struct hall_seat *t = talker("teacher", 20);
    struct hall_seat *ann = talker("ann", 15), *bob = talker("bob", 12), *ukr = talker("ukr", 10);
    ann->camera = bob->camera = ukr->camera = false;
    voice("ann", EN);
    voice("bob", MEDIA_CHANNEL_NONE); /* his microphone is on: he is ready */
    voice("ukr", UK);
    unsigned far = planes - 1;
    struct hall_seat *floor = hall_view(h, far, "floor", CODEC_NONE, 1),
                     *english = hall_view(h, far, "english", CODEC_NONE, 1),
                     *relayed = hall_view(h, 0, "bob", CODEC_NONE, 1);
    hall_run(h, 3 * SECOND);
    listen(english, EN);
    listen(relayed, UK);
    hall_run(h, 1 * SECOND);
    assert_true(hears(floor, t) && hears(english, t) && hears(english, ann));
    assert_true(hears(relayed, ukr) && hears(relayed, t)); /* who interprets hears another channel */
    assert_int_equal(heard(floor, ann) + heard(floor, bob) + heard(floor, ukr), 0);
    assert_int_equal(heard(english, bob) + heard(english, ukr) + heard(relayed, ann), 0);
    assert_true(str_starts(str_of(h->speaking), str_of("teacher"))); /* louder ones are not on the floor */
    assert_null(strstr(h->speaking, "ann"));

    unsigned plis = t->end->line[1].plis, nacks = t->end->line[1].nacks;
    const struct endpoint_line *ear = hall_ear(english, ann->source);
    uint32_t before = ear->shown;
    int64_t last_us = h->now_us, longest_us = 0;
    voice("ann", MEDIA_CHANNEL_NONE);
    voice("bob", EN);
    for (int64_t end_us = h->now_us + 1 * SECOND; h->now_us < end_us; before = ear->shown) {
        hall_run(h, 10 * MS);
        if (ear->shown == before)
            continue;
        longest_us = h->now_us - last_us > longest_us ? h->now_us - last_us : longest_us;
        last_us = h->now_us;
    }
    assert_int_equal(ear->source, bob->source); /* at most 300 ms without either voice */
    assert_true(longest_us > 0 && longest_us <= 300 * MS && h->now_us - last_us <= 300 * MS);
    assert_true(hears(english, bob));
    assert_false(hears(english, ann));
    assert_true(hears(english, t));

    voice("bob", MEDIA_CHANNEL_NONE); /* nobody interprets: the room alone */
    hall_run(h, 500 * MS);
    assert_false(hears(english, bob));
    assert_true(hears(english, t));
    voice("bob", EN);
    listen(english, 0);
    hall_run(h, 500 * MS);
    assert_false(hears(english, bob));
    assert_int_equal(heard(floor, ann) + heard(floor, bob) + heard(floor, ukr), 0);
    assert_int_equal(t->end->line[1].plis, plis);
    assert_int_equal(t->end->line[1].nacks, nacks);
    for (unsigned i = 0; i < h->seats; i++)
        for (unsigned k = 0; k < h->seat[i].end->lines; k++)
            assert_int_equal(h->seat[i].end->line[k].bad_ts, 0);
    hall_close(h);
}

static void test_one_worker(void **state) {
    (void)state;
    channels(1);
}
static void test_relayed(void **state) {
    (void)state;
    channels(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_worker),
        cmocka_unit_test(test_relayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
