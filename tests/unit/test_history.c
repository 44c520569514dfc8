/* history: normalised packets, duplicates, age, late arrivals, and the range a new viewer can be given at
 * once. */
#include "media/rtc/history.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static struct history h;

static int opened(void **state) {
    (void)state;
    history_open(&h, 100); /* becomes 128 */
    return 0;
}
static int closed(void **state) {
    (void)state;
    history_close(&h);
    return 0;
}

static struct history_pkt *put(uint64_t seq, uint32_t ts, bool marker, bool key) {
    uint8_t body[2] = {(uint8_t)seq, 7};
    struct rtp p = {
        .marker = marker, .pt = 96, .seq = (uint16_t)seq, .ts = ts, .ssrc = 5, .payload = {body, 2}};
    struct codec_info info = {.keyframe = key};
    return history_put(&h, seq, &p, &info, (int64_t)seq * 1000);
}

static void keeps_packets(void **state) {
    (void)state;
    struct history_pkt *s = put(70000, 99, true, false);
    assert_non_null(s);
    assert_false(s->late);
    assert_int_equal(s->n, RTP_HEAD + 2);
    struct rtp p;
    assert_int_equal(rtp_parse(&p, (struct bytes){s->data, s->n}), 0);
    assert_true(p.marker && p.pt == 96 && p.seq == (uint16_t)70000 && p.ts == 99 && p.ssrc == 5);
    assert_int_equal(history_payload(s).n, 2);
    assert_ptr_equal(history_get(&h, 70000), s);
    assert_null(history_get(&h, 70000 - 128));
    assert_null(history_get(&h, 70000 + 128));
    assert_null(history_get(&h, 0));
    assert_null(put(70000, 99, true, false)); /* duplicate */
    assert_non_null(put(70010, 100, true, false));
    s = put(70003, 99, true, false);
    assert_true(s && s->late);
    assert_non_null(put(70010 - 127, 1, true, false));
    assert_null(put(70010 - 128, 1, true, false)); /* too old */
    assert_null(put(0, 1, true, false));
    assert_non_null(put(70010 + 128, 1, true, false));
    assert_null(history_get(&h, 70010));
}

static void probes_and_giants(void **state) {
    (void)state;
    static uint8_t big[RTP_PACKET_MAX];
    struct rtp p = {.payload = {big, 0}};
    assert_non_null(history_put(&h, 69999, &p, NULL, 0));
    assert_int_equal(history_get(&h, 69999)->n, RTP_HEAD);
    p.payload.n = RTP_PACKET_MAX - RTP_HEAD + 1;
    assert_null(history_put(&h, 70000, &p, NULL, 0));
    p.payload.n--;
    assert_non_null(history_put(&h, 70000, &p, NULL, 0));
    assert_int_equal(history_get(&h, 70000)->n, RTP_PACKET_MAX);
    assert_false(history_get(&h, 70000)->info.keyframe);
}

static void replays_a_short_gop(void **state) {
    (void)state;
    uint64_t a, b;
    assert_int_equal(history_gop(&h, &a, &b), 0);
    put(70000, 1, true, false);
    assert_int_equal(history_replay(&h, &a, &b), 0);
    /* A key frame of three packets; its first comes last. */
    put(70002, 2, false, false);
    put(70003, 2, true, false);
    assert_int_equal(history_replay(&h, &a, &b), 0);
    put(70001, 2, false, true);
    assert_int_equal(history_replay(&h, &a, &b), 3);
    assert_true(a == 70001 && b == 70003);
    put(70005, 3, true, false); /* 70004 is missing: after the key frame a hole is no obstacle */
    assert_int_equal(history_replay(&h, &a, &b), 5);
    for (uint64_t s = 70006; s < 70001 + HISTORY_GOP_REPLAY_MAX; s++)
        put(s, (uint32_t)s, true, false);
    assert_int_equal(history_replay(&h, &a, &b), HISTORY_GOP_REPLAY_MAX);
    put(70001 + HISTORY_GOP_REPLAY_MAX, 9, true, false);
    assert_int_equal(history_replay(&h, &a, &b), 0);
    assert_int_equal(history_gop(&h, &a, &b), HISTORY_GOP_REPLAY_MAX + 1);
    /* Overwritten: there is nothing to begin at. */
    for (uint64_t s = b + 1; s <= 70001 + 128; s++)
        put(s, (uint32_t)s, true, false);
    assert_int_equal(history_gop(&h, &a, &b), 0);
}

static void a_hole_in_the_keyframe_waits(void **state) {
    (void)state;
    uint64_t a, b;
    put(70001, 2, false, true);
    put(70003, 2, true, false);
    assert_int_equal(history_replay(&h, &a, &b), 0);
    put(70002, 2, false, false);
    assert_int_equal(history_replay(&h, &a, &b), 3);
}

static void parts_of_one_keyframe(void **state) {
    (void)state;
    uint64_t a, b;
    put(70001, 2, false, true);
    put(70002, 2, false, true); /* parameter sets again within the same picture */
    assert_int_equal(history_replay(&h, &a, &b), 2);
    assert_int_equal(a, 70001);
    put(70000, 2, false, true); /* an earlier part of it, late */
    history_gop(&h, &a, &b);
    assert_int_equal(a, 70000);
    put(69990, 1, false, true); /* a late part of the one before */
    history_gop(&h, &a, &b);
    assert_int_equal(a, 70000);
    put(70010, 3, false, true);
    history_gop(&h, &a, &b);
    assert_int_equal(a, 70010);
}

static void measured(void **state) {
    (void)state;
    assert_true(sizeof(struct history_pkt) * HISTORY_VIDEO <= 1640 * 1024);
    assert_true(sizeof(struct history_pkt) * HISTORY_AUDIO <= 205 * 1024);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, opened, closed)
int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(keeps_packets),         CASE(probes_and_giants),
        CASE(replays_a_short_gop),   CASE(a_hole_in_the_keyframe_waits),
        CASE(parts_of_one_keyframe), CASE(measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
