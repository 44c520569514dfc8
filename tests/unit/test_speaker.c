/* speaker: conversations played packet by packet; who is ranked, how fast, how steadily. */
#include "media/rtc/speaker.h"
#include "media/base/str.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MS = 1000, PACKET_US = 20 * MS, QUIET = 90 };

static struct speaker s;
static uint32_t rank[SPEAKER_RANKED], dominant;
static unsigned changes;
static int64_t now_us;

static int fresh(void **state) {
    (void)state;
    speaker_init(&s);
    changes = 0;
    now_us = 1000 * MS;
    dominant = 0;
    return 0;
}

static unsigned look(void) {
    bool changed;
    unsigned n = speaker_rank(&s, now_us, rank, &dominant, &changed);
    changes += changed;
    return n;
}

/* One packet of each of n tracks (ids 1..n) at these levels, every 20 ms for so long. */
static unsigned play(const uint8_t *level, unsigned n, int64_t for_us) {
    unsigned k = 0;
    for (int64_t end = now_us + for_us; now_us < end; now_us += PACKET_US) {
        for (unsigned i = 0; i < n; i++)
            speaker_on(&s, i + 1, level[i], level[i] < 60, now_us);
        k = look();
    }
    return k;
}

static bool is_ranked(uint32_t id) {
    for (unsigned i = 0; i < SPEAKER_RANKED; i++)
        if (rank[i] == id)
            return true;
    return false;
}

static void silence_is_nobody(void **state) {
    (void)state;
    const uint8_t quiet[3] = {QUIET, 127, 61};
    assert_int_equal(play(quiet, 3, 2000 * MS), 0);
    assert_int_equal(dominant, 0);
    assert_int_equal(changes, 0);
    assert_int_equal(speaker_next_us(&s), INT64_MAX);
    /* Loud enough only with the voice flag. */
    speaker_on(&s, 1, 50, false, now_us);
    assert_int_equal(look(), 0);
    speaker_on(&s, 1, 50, true, now_us);
    assert_int_equal(look(), 1);
}

static void first_packet_enters(void **state) {
    (void)state;
    const uint8_t quiet[2] = {QUIET, QUIET};
    play(quiet, 2, 500 * MS);
    assert_true(speaker_on(&s, 2, 30, true, now_us)); /* asks for a ranking at once */
    assert_int_equal(look(), 1);
    assert_int_equal(rank[0], 2);
    assert_int_equal(dominant, 2);
}

static void leaves_after_the_hold(void **state) {
    (void)state;
    const uint8_t one[2] = {30, QUIET}, none[2] = {QUIET, QUIET};
    play(one, 2, 1000 * MS);
    int64_t last_us = now_us - PACKET_US;
    assert_int_equal(speaker_next_us(&s), last_us + SPEAKER_HOLD_US);
    assert_int_equal(play(none, 2, SPEAKER_HOLD_US - 2 * PACKET_US), 1);
    assert_int_equal(play(none, 2, 3 * PACKET_US), 0);
    assert_int_equal(dominant, 1); /* the last who spoke */
    assert_int_equal(changes, 2);
    /* Also when its packets just stop (DTX): by the deadline alone. */
    play(one, 1, 500 * MS);
    now_us = speaker_next_us(&s);
    assert_int_equal(look(), 0);
}

static void dialogue_switches_quickly(void **state) {
    (void)state;
    const uint8_t a[2] = {30, QUIET}, b[2] = {QUIET, 30};
    play(a, 2, 3000 * MS);
    assert_int_equal(dominant, 1);
    int64_t start_us = now_us;
    play(b, 2, PACKET_US);
    assert_true(is_ranked(2)); /* heard from the first packet */
    while (dominant != 2 && now_us < start_us + 1000 * MS)
        play(b, 2, PACKET_US);
    assert_true(now_us - start_us <= 300 * MS);
    assert_int_equal(rank[0], 2);
}

static void equals_do_not_flap(void **state) {
    (void)state;
    /* Two speak at once, both between -28 and -33, for ten seconds. */
    uint32_t x = 1;
    play((const uint8_t[]){30, 30}, 2, 400 * MS);
    unsigned before = changes;
    for (int i = 0; i < 500; i++) {
        x = x * 1664525u + 1013904223u;
        uint8_t l[2] = {(uint8_t)(28 + (x >> 16) % 6), (uint8_t)(28 + (x >> 24) % 6)};
        assert_int_equal(play(l, 2, PACKET_US), 2);
    }
    assert_int_equal(changes, before);
}

static void a_cough_does_not_take_the_floor(void **state) {
    (void)state;
    const uint8_t talk[2] = {30, QUIET}, cough[2] = {30, 15};
    play(talk, 2, 2000 * MS);
    play(cough, 2, 100 * MS);
    assert_int_equal(dominant, 1);
    play(talk, 2, 2000 * MS);
    assert_int_equal(dominant, 1);
    assert_int_equal(rank[0], 1);
}

static void a_fifth_needs_to_be_louder(void **state) {
    (void)state;
    const uint8_t four[6] = {20, 25, 30, 35, QUIET, QUIET};
    assert_int_equal(play(four, 6, 1000 * MS), 4);
    const uint8_t same[6] = {20, 25, 30, 35, 33, QUIET};
    play(same, 6, 1000 * MS);
    assert_false(is_ranked(5));
    const uint8_t louder[6] = {20, 25, 30, 35, 22, QUIET};
    play(louder, 6, 200 * MS);
    assert_true(is_ranked(5) && !is_ranked(4));
    play(louder, 6, 1000 * MS);
    assert_true(rank[0] == 1 && is_ranked(2) && is_ranked(3)); /* order within the margin is kept */
    /* Those who fell silent give way at once, though their hold lasts. */
    const uint8_t last[6] = {20, QUIET, QUIET, QUIET, 22, 30};
    play(last, 6, 300 * MS);
    assert_true(is_ranked(6));
}

static void leaving_closes_up(void **state) {
    (void)state;
    const uint8_t three[3] = {20, 30, 40};
    play(three, 3, 1000 * MS);
    assert_int_equal(rank[0], 1);
    speaker_drop(&s, 1);
    speaker_drop(&s, 77);
    speaker_drop(&s, 0);
    assert_int_equal(look(), 2);
    assert_int_equal(rank[0], 2);
    assert_int_equal(rank[1], 3);
    assert_int_equal(rank[2], 0);
    assert_int_equal(dominant, 2);
}

static void a_crowd_is_bounded(void **state) {
    (void)state;
    for (uint32_t id = 1; id <= 5 * SPEAKER_TRACKS; id++)
        speaker_on(&s, id, QUIET, false, now_us);
    speaker_on(&s, 9999, 20, true, now_us); /* whoever speaks finds a place */
    assert_int_equal(look(), 1);
    assert_int_equal(rank[0], 9999);
    for (uint32_t id = 1; id < SPEAKER_TRACKS; id++)
        speaker_on(&s, id, 30, true, now_us);
    assert_false(speaker_on(&s, 5000, 30, true, now_us)); /* everybody speaks: no place, no harm */
    assert_int_equal(look(), 4);
    assert_int_equal(rank[0], 9999);
    assert_false(speaker_on(&s, 0, 10, true, now_us));
    assert_true(sizeof s <= 3 * 1024);
}

#define CASE(f) cmocka_unit_test_setup(f, fresh)
int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(silence_is_nobody),          CASE(first_packet_enters), CASE(leaves_after_the_hold),
        CASE(dialogue_switches_quickly),  CASE(equals_do_not_flap),  CASE(a_cough_does_not_take_the_floor),
        CASE(a_fifth_needs_to_be_louder), CASE(leaving_closes_up),   CASE(a_crowd_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
