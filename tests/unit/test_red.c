/* red: the wire form of RFC 2198, what is made of a history, who gets it. */
#include "media/rtc/red.h"
#include "media/base/err.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { SECOND = 1000000, FRAME_TS = 960 };

static struct bytes text(const char *s) { return (struct bytes){(const uint8_t *)s, strlen(s)}; }

static bool same(struct bytes b, const char *s) { return b.n == strlen(s) && !memcmp(b.p, s, b.n); }

/* As Chromium sends it: the packet before, 960 units older. */
static void reads_the_wire(void **state) {
    (void)state;
    static const uint8_t wire[] = {0x80 | 111, 960 >> 6, (960 & 63) << 2, 3, 111, 'o', 'l', 'd', 'n',
                                   'e',        'w'};
    struct red r;
    assert_int_equal(red_parse(&r, (struct bytes){wire, sizeof wire}), 0);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.block[0].pt, 111);
    assert_int_equal(r.block[0].offset, 960);
    assert_true(same(r.block[0].data, "old"));
    assert_int_equal(r.block[1].pt, 111);
    assert_int_equal(r.block[1].offset, 0);
    assert_true(same(r.block[1].data, "new"));
    uint8_t again[sizeof wire];
    assert_int_equal(red_write(&r, again, sizeof again), sizeof wire);
    assert_memory_equal(again, wire, sizeof wire);
    assert_int_equal(red_write(&r, again, sizeof again - 1), -ERR_TOO_LARGE);
    /* Every cut inside the heads or the older block is refused; a cut primary is only shorter. */
    for (size_t n = 0; n < 8; n++)
        assert_int_equal(red_parse(&r, (struct bytes){wire, n}), -ERR_SHORT);
    assert_int_equal(red_parse(&r, (struct bytes){wire, 8}), 0);
    assert_int_equal(r.block[1].data.n, 0);
}

static void limits(void **state) {
    (void)state;
    uint8_t wire[64], out[2048], big[RED_BLOCK_MAX + 1] = {0};
    struct red r;
    memset(wire, 0, sizeof wire);
    for (unsigned i = 0; i < 4 * RED_BLOCKS_MAX; i += 4)
        wire[i] = 0x80;
    assert_int_equal(red_parse(&r, (struct bytes){wire, sizeof wire}), -ERR_INVALID);
    wire[4 * (RED_BLOCKS_MAX - 1)] = 0;
    assert_int_equal(red_parse(&r, (struct bytes){wire, sizeof wire}), 0);
    assert_int_equal(r.n, RED_BLOCKS_MAX);
    struct red w = {.n = 2, .block = {{.offset = RED_OFFSET_MAX, .data = {big, RED_BLOCK_MAX}}}};
    assert_int_equal(red_write(&w, out, sizeof out), 4 + 1 + RED_BLOCK_MAX);
    assert_int_equal(red_parse(&r, (struct bytes){out, 4 + 1 + RED_BLOCK_MAX}), 0);
    assert_int_equal(r.block[0].offset, RED_OFFSET_MAX);
    assert_int_equal(r.block[0].data.n, RED_BLOCK_MAX);
    w.block[0].data.n++;
    assert_int_equal(red_write(&w, out, sizeof out), -ERR_TOO_LARGE);
    w.block[0].data.n = 1;
    w.block[0].offset++;
    assert_int_equal(red_write(&w, out, sizeof out), -ERR_TOO_LARGE);
    assert_int_equal(red_write(&(struct red){0}, out, sizeof out), -ERR_TOO_LARGE);
}

static void put(struct history *h, uint64_t seq, uint32_t ts, const char *payload) {
    struct rtp p = {.pt = 111, .seq = (uint16_t)seq, .ts = ts, .payload = text(payload)};
    assert_non_null(history_put(h, seq, &p, NULL, 0));
}

static void made_of_a_history(void **state) {
    (void)state;
    static struct red_out o;
    struct history h;
    struct red r;
    history_open(&h, HISTORY_AUDIO);
    memset(&o, 0, sizeof o);
    put(&h, 70000, 0, "one");
    put(&h, 70001, FRAME_TS, "two");
    put(&h, 70002, 2 * FRAME_TS, "three");
    put(&h, 70004, 4 * FRAME_TS, "five");
    put(&h, 70005, 4 * FRAME_TS + RED_OFFSET_MAX + 1, "after a pause");
    struct bytes b = red_out_of(&o, &h, history_get(&h, 70002), 1);
    assert_int_equal(red_parse(&r, b), 0);
    assert_int_equal(r.n, 2);
    assert_true(same(r.block[0].data, "two") && same(r.block[1].data, "three"));
    assert_int_equal(r.block[0].offset, FRAME_TS);
    b = red_out_of(&o, &h, history_get(&h, 70002), 2);
    assert_int_equal(red_parse(&r, b), 0);
    assert_int_equal(r.n, 3);
    assert_true(same(r.block[0].data, "one") && r.block[0].offset == 2 * FRAME_TS);
    /* Made once: the same bytes, whoever asks. */
    assert_ptr_equal(red_out_of(&o, &h, history_get(&h, 70002), 2).p, b.p);
    /* Payload types are the receiver's. */
    uint8_t copy[64];
    memcpy(copy, b.p, b.n);
    red_patch(copy, b.n, 96);
    assert_int_equal(red_parse(&r, (struct bytes){copy, b.n}), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(r.block[i].pt, 96);
    assert_true(same(r.block[2].data, "three"));
    /* Nothing is told of what is not right before it, or too long before. */
    b = red_out_of(&o, &h, history_get(&h, 70004), 2);
    assert_int_equal(red_parse(&r, b), 0);
    assert_int_equal(r.n, 1);
    assert_true(same(r.block[0].data, "five"));
    b = red_out_of(&o, &h, history_get(&h, 70005), 1);
    assert_int_equal(red_parse(&r, b), 0);
    assert_int_equal(r.n, 1);
    history_close(&h);
}

/* Two large packets do not fit into one: it goes alone. */
static void large_ones_go_alone(void **state) {
    (void)state;
    static struct red_out o;
    static uint8_t big[1400];
    struct history h;
    struct red r;
    history_open(&h, HISTORY_AUDIO);
    memset(&o, 0, sizeof o);
    for (uint64_t seq = 1; seq <= 3; seq++) {
        struct rtp p = {
            .seq = (uint16_t)seq, .ts = (uint32_t)seq * FRAME_TS, .payload = {big, seq == 3 ? 1400 : 700}};
        history_put(&h, seq, &p, NULL, 0);
    }
    assert_int_equal(red_parse(&r, red_out_of(&o, &h, history_get(&h, 2), 2)), 0);
    assert_int_equal(r.n, 1);
    assert_int_equal(red_out_of(&o, &h, history_get(&h, 3), 1).n, 0);
    history_close(&h);
}

static void only_for_whom_it_helps(void **state) {
    (void)state;
    struct red_need d = {0};
    int64_t t = 100 * (int64_t)SECOND;
    assert_int_equal(red_need_depth(&d, t), 0);
    red_need_on(&d, RED_LOSS - 1, t);
    assert_int_equal(red_need_depth(&d, t), 0);
    red_need_on(&d, RED_LOSS, t);
    assert_int_equal(red_need_depth(&d, t), 1);
    red_need_on(&d, 60, t + SECOND);
    assert_int_equal(red_need_depth(&d, t + SECOND), 2);
    red_need_on(&d, 10, t + 10 * (int64_t)SECOND);
    assert_int_equal(red_need_depth(&d, t + 20 * (int64_t)SECOND), 2);
    assert_int_equal(red_need_depth(&d, t + 22 * (int64_t)SECOND), 1);
    red_need_on(&d, 0, t + 29 * (int64_t)SECOND);
    assert_int_equal(red_need_depth(&d, t + 30 * (int64_t)SECOND), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_wire),         cmocka_unit_test(limits),
        cmocka_unit_test(made_of_a_history),      cmocka_unit_test(large_ones_go_alone),
        cmocka_unit_test(only_for_whom_it_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
