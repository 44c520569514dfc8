/* twcc: what the receiver logs is what the sender reads, through every kind of chunk, over the wrap; hostile
 * feedback. */
#include "media/rtc/twcc.h"
#include "media/base/err.h"
#include "media/rtc/rtcp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MS = 1000, TICK = 250 };
#define BYTES(...) ((struct bytes){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static struct twcc_rx rx;
static struct twcc_tx tx;
static uint8_t packet[TWCC_PACKET_MAX];

static struct bytes fci_of(int n) {
    struct rtcp p;
    struct bytes fci;
    assert_true(n > 0);
    struct rtcp_iter it = rtcp_iter((struct bytes){packet, (size_t)n});
    assert_int_equal(rtcp_next(&it, &p), 1);
    assert_true(rtcp_twcc(&p, &fci));
    assert_int_equal(p.ssrc, 0xaa);
    assert_int_equal(rtcp_next(&it, &p), 0);
    return fci;
}

static uint32_t x = 99;
static uint32_t rnd(uint32_t n) {
    x = x * 1664525u + 1013904223u;
    return (x >> 8) % n;
}

/* Arrivals by pattern: at_us[i] 0 = lost. All of it must come back. */
static void round_trip(uint16_t first, const int64_t *at_us, unsigned n) {
    twcc_rx_init(&rx);
    int64_t last_us = 0;
    for (unsigned i = 0; i < n; i++)
        if (at_us[i]) {
            twcc_rx_on(&rx, (uint16_t)(first + i), at_us[i]);
            last_us = at_us[i] > last_us ? at_us[i] : last_us;
        }
    unsigned seen = 0;
    int64_t base_us = -1;
    for (int len;
         (len = twcc_rx_write(&rx, 0xaa, 0xbb, last_us + TWCC_EVERY_US, packet, sizeof packet)) > 0;) {
        struct twcc_fb f;
        assert_int_equal(twcc_fb_open(&f, fci_of(len)), 0);
        uint16_t seq;
        bool got;
        int64_t at;
        while (twcc_fb_next(&f, &seq, &got, &at)) {
            assert_int_equal(seq, (uint16_t)(first + seen));
            assert_int_equal(got, at_us[seen] != 0);
            if (got) {
                if (base_us < 0)
                    base_us = at_us[seen] / TICK * TICK - at;
                assert_int_equal(at, at_us[seen] / TICK * TICK - base_us);
            }
            seen++;
        }
    }
    while (n && !at_us[n - 1])
        n--; /* losses after the last arrival are not known yet */
    assert_int_equal(seen, n);
    assert_int_equal(twcc_rx_next_us(&rx), INT64_MAX);
}

static void every_chunk_comes_back(void **state) {
    (void)state;
    static int64_t at[1000];
    static const struct {
        unsigned n, loss, jitter_us, gap_us; /* loss: one in so many */
    } rows[] = {
        {1, 0, 0, 1000},       {2, 0, 0, 1000},         {13, 0, 0, 1000},     {14, 0, 0, 1000},
        {15, 0, 0, 70000},     {400, 0, 0, 100},        {900, 0, 0, 100},     {300, 2, 0, 1000},
        {300, 5, 50000, 500},  {300, 3, 100000, 64000}, {500, 20, 3000, 300}, {64, 9, 0, 100000},
        {40, 0, 7000, 200000}, {900, 2, 200, 250},
    };
    for (unsigned k = 0; k < countof(rows); k++)
        for (unsigned round = 0; round < 20; round++) {
            int64_t t = 5000 * MS + rnd(100000);
            for (unsigned i = 0; i < rows[k].n; i++) {
                t += rows[k].gap_us;
                at[i] = t + (rows[k].jitter_us ? rnd(rows[k].jitter_us) : 0);
                if (rows[k].loss && i && rnd(rows[k].loss) == 0)
                    at[i] = 0;
            }
            round_trip((uint16_t)(round ? rnd(65536) : 65500), at, rows[k].n);
        }
    /* A run of losses long enough for a run-length chunk, then a silence too long for one feedback's deltas.
     */
    memset(at, 0, sizeof at);
    at[0] = 1000 * MS;
    at[300] = 1001 * MS;
    at[301] = 12000 * MS;
    round_trip(65400, at, 302);
}

static void feedback_is_paced(void **state) {
    (void)state;
    twcc_rx_init(&rx);
    assert_int_equal(twcc_rx_next_us(&rx), INT64_MAX);
    assert_int_equal(twcc_rx_write(&rx, 0xaa, 1, 5000 * MS, packet, sizeof packet), 0);
    twcc_rx_on(&rx, 10, 1000 * MS);
    twcc_rx_on(&rx, 11, 1050 * MS);
    assert_int_equal(twcc_rx_next_us(&rx), 1000 * MS + TWCC_EVERY_US);
    assert_int_equal(twcc_rx_write(&rx, 0xaa, 1, 1099 * MS, packet, sizeof packet), 0);
    assert_int_equal(twcc_rx_write(&rx, 0xaa, 1, 1100 * MS, packet, 100), -ERR_TOO_LARGE);
    assert_true(twcc_rx_write(&rx, 0xaa, 1, 1100 * MS, packet, sizeof packet) > 0);
    assert_int_equal(twcc_rx_next_us(&rx), INT64_MAX);
    /* One that was overtaken comes after its feedback: it is reported with the next. */
    twcc_rx_on(&rx, 13, 1110 * MS);
    assert_true(twcc_rx_write(&rx, 0xaa, 1, 1300 * MS, packet, sizeof packet) > 0);
    twcc_rx_on(&rx, 12, 1310 * MS);
    twcc_rx_on(&rx, 12, 1320 * MS); /* a duplicate changes nothing */
    struct twcc_fb f;
    assert_int_equal(twcc_fb_open(&f, fci_of(twcc_rx_write(&rx, 0xaa, 1, 1500 * MS, packet, sizeof packet))),
                     0);
    assert_int_equal(f.base, 12);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.number, 2);
    uint16_t seq;
    bool got;
    int64_t at12, at13;
    assert_true(twcc_fb_next(&f, &seq, &got, &at12) && got);
    assert_true(twcc_fb_next(&f, &seq, &got, &at13) && got);
    assert_int_equal(at12 - at13, 200 * MS);
    /* Far too old, and a jump past the whole ring: bounded. */
    twcc_rx_on(&rx, (uint16_t)(13 - TWCC_RX_RING), 1600 * MS);
    assert_int_equal(twcc_rx_next_us(&rx), INT64_MAX);
    twcc_rx_on(&rx, 13 + 5000, 1600 * MS);
    unsigned packets = 0;
    while (twcc_rx_write(&rx, 0xaa, 1, 1800 * MS, packet, sizeof packet) > 0)
        packets++;
    assert_in_range(packets, 1, TWCC_RX_RING / TWCC_WRITE_MAX + 1);
}

static void sender_learns(void **state) {
    (void)state;
    static struct twcc_result res[64];
    twcc_rx_init(&rx);
    twcc_tx_init(&tx, 65530);
    for (unsigned i = 0; i < 20; i++) {
        int64_t t = 1000 * MS + i * 10 * MS;
        uint16_t seq = tx.next;
        tx.probe = i == 3 ? 5 : 0;
        twcc_tx_on(&tx, 1000 + i, t);
        assert_int_equal(seq, (uint16_t)(65530 + i));
        if (i != 5 && i != 6)
            twcc_rx_on(&rx, seq, t + 77 * MS);
    }
    int n = twcc_rx_write(&rx, 0xaa, 1, 1300 * MS, packet, sizeof packet);
    struct bytes fci = fci_of(n);
    assert_int_equal(twcc_tx_feedback(&tx, fci, 1310 * MS, res, 64), 20);
    assert_int_equal(tx.acked, 18);
    assert_int_equal(tx.lost, 2);
    assert_int_equal(tx.rtt_us, 1310 * MS - 1190 * MS);
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(res[i].seq, (uint16_t)(65530 + i));
        assert_int_equal(res[i].bytes, 1000 + i);
        assert_int_equal(res[i].got, i != 5 && i != 6);
        assert_int_equal(res[i].sent_us, 1000 * MS + i * 10 * MS);
        assert_int_equal(res[i].probe, i == 3 ? 5 : 0);
        if (i > 6)
            assert_int_equal(res[i].arrived_us - res[0].arrived_us, i * 10 * MS);
    }
    /* Said again it says nothing new. */
    assert_int_equal(twcc_tx_feedback(&tx, fci, 1320 * MS, res, 64), 0);
    assert_int_equal(tx.acked, 18);
    /* The lost one was only late. */
    twcc_rx_on(&rx, (uint16_t)(65530 + 6), 1400 * MS);
    n = twcc_rx_write(&rx, 0xaa, 1, 1600 * MS, packet, sizeof packet);
    assert_int_equal(twcc_tx_feedback(&tx, fci_of(n), 1610 * MS, res, 64), 1);
    assert_true(res[0].got && res[0].seq == 0);
    assert_int_equal(tx.acked, 19);
    assert_int_equal(tx.lost, 1);
    /* Of numbers we never sent, or forgot. */
    assert_int_equal(
        twcc_tx_feedback(&tx, BYTES(0x40, 0, 0, 4, 0, 0, 0, 0, 0x20, 4, 1, 1, 1, 1), 1700 * MS, res, 64), 0);
    assert_int_equal(twcc_tx_feedback(&tx, BYTES(1), 1700 * MS, res, 64), -ERR_SHORT);
}

/* A feedback that got lost itself: what it would have spoken of is neither arrived nor lost. The receiver's
 * clock goes on over the turn of its 24 bits. */
static void feedback_gets_lost(void **state) {
    (void)state;
    static struct twcc_result res[64];
    const int64_t turn_us = INT64_C(64000) << 24, start_us = turn_us - 250 * MS;
    twcc_rx_init(&rx);
    twcc_tx_init(&tx, 100);
    int64_t last_us = 0;
    unsigned told = 0;
    for (unsigned i = 0; i < 60; i++) {
        int64_t t = 1000 * MS + i * 10 * MS;
        twcc_rx_on(&rx, tx.next, start_us + i * 10 * MS);
        twcc_tx_on(&tx, 1000, t);
        int len = twcc_rx_write(&rx, 0xaa, 1, start_us + i * 10 * MS, packet, sizeof packet);
        if (len <= 0 || ++told == 2)
            continue;
        int n = twcc_tx_feedback(&tx, fci_of(len), t + 30 * MS, res, 64);
        assert_in_range(n, 10, 11);
        for (int k = 0; k < n; k++) {
            if (last_us && (k || told != 3))
                assert_int_equal(res[k].arrived_us - last_us, 10 * MS);
            last_us = res[k].arrived_us;
        }
    }
    assert_true(told > 4);
    assert_int_equal(tx.lost, 0);
    assert_in_range(tx.missed_bytes, 10000, 11000);
}

static void hostile(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint8_t b[24];
        size_t n;
        int err;
    } rows[] = {
        {"empty", {0}, 0, -ERR_SHORT},
        {"no statuses", {0, 1, 0, 0, 0, 0, 0, 0}, 8, -ERR_INVALID},
        {"count over the limit", {0, 1, 0xff, 0xff, 0, 0, 0, 0, 0x1f, 0xff, 0x1f, 0xff}, 12, -ERR_TOO_LARGE},
        {"chunks cut", {0, 1, 0, 20, 0, 0, 0, 0, 0x80, 0}, 10, -ERR_SHORT},
        {"deltas cut", {0, 1, 0, 3, 0, 0, 0, 0, 0x20, 3, 1, 1}, 12, -ERR_SHORT},
        {"large delta cut", {0, 1, 0, 1, 0, 0, 0, 0, 0x40, 1, 1}, 11, -ERR_SHORT},
        {"run of 0", {0, 1, 0, 1, 0, 0, 0, 0, 0x20, 0, 0x20, 1, 1}, 13, -ERR_INVALID},
        {"reserved symbol", {0, 1, 0, 1, 0, 0, 0, 0, 0x60, 1, 1, 1, 1, 1}, 14, -ERR_SHORT},
        {"reserved symbol in a vector", {0, 1, 0, 1, 0, 0, 0, 0, 0xf0, 0, 1, 1, 1, 1}, 14, -ERR_SHORT},
        {"run past the count is cut", {0, 1, 0, 2, 0, 0, 0, 0, 0x3f, 0xff, 1, 1}, 12, 0},
        {"negative delta and reference", {0, 1, 0, 1, 0xff, 0xff, 0xff, 0, 0xe0, 0, 0xff, 0xff}, 12, 0},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct twcc_fb f;
        int err = twcc_fb_open(&f, (struct bytes){rows[i].b, rows[i].n});
        if (err != rows[i].err)
            fail_msg("%s: %d", rows[i].what, err);
    }
    struct twcc_fb f;
    uint16_t seq;
    bool got;
    int64_t at;
    assert_int_equal(twcc_fb_open(&f, (struct bytes){rows[10].b, rows[10].n}), 0);
    assert_true(twcc_fb_next(&f, &seq, &got, &at));
    assert_int_equal(at, -64000 - 250);
    assert_false(twcc_fb_next(&f, &seq, &got, &at));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chunk_comes_back),
        cmocka_unit_test(feedback_is_paced),
        cmocka_unit_test(sender_learns),
        cmocka_unit_test(feedback_gets_lost),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
