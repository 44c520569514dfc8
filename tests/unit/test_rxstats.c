/* rxstats and txstats: loss and jitter by RFC 3550's own arithmetic, clocks that meet, the round trip of a
 * report. */
#include "media/rtc/rxstats.h"
#include "media/rtc/txstats.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MS = 1000, HZ = 90000 };

static struct rxstats s;
static struct rtcp_report r;

static void counts_loss(void **state) {
    (void)state;
    rxstats_init(&s, HZ);
    assert_false(rxstats_report(&s, 7, 0, &r));
    uint64_t first = 0x10000 + 65530;
    for (unsigned i = 0; i < 100; i++)
        if (i % 10 != 3) /* 90 of 100 */
            rxstats_on(&s, first + i, i * 3000, 1000, false, i * 33333);
    assert_true(rxstats_report(&s, 7, 0, &r));
    assert_int_equal(r.ssrc, 7);
    assert_int_equal(r.lost, 10);
    assert_int_equal(r.fraction_lost, 25);       /* 10 / 100 * 256 */
    assert_int_equal(r.highest_seq, 65530 + 99); /* one cycle and the rest */
    assert_int_equal(r.lsr, 0);
    assert_int_equal(r.dlsr, 0);
    for (unsigned i = 100; i < 200; i++)
        rxstats_on(&s, first + i, i * 3000, 1000, false, i * 33333);
    assert_true(rxstats_report(&s, 7, 0, &r));
    assert_int_equal(r.fraction_lost, 0); /* of this interval */
    assert_int_equal(r.lost, 10);
    rxstats_on(&s, first + 3, 9000, 1000, true, 0); /* two came after all */
    rxstats_on(&s, first + 13, 9000, 1000, true, 0);
    rxstats_on(&s, first + 300, 9000, 1000, false, 0); /* and all of the next interval but one was lost */
    assert_true(rxstats_report(&s, 7, 0, &r));
    assert_int_equal(r.lost, 8 + 100);
    assert_int_equal(r.fraction_lost, 98 * 256 / 101);
    assert_int_equal(s.packets, 193);
    assert_int_equal(s.bytes, 193000);
    for (int i = 0; i < 200; i++) /* duplicates make it negative, which the RFC allows */
        rxstats_on(&s, first + 300, 9000, 1000, true, 0);
    assert_true(rxstats_report(&s, 7, 0, &r));
    assert_true(r.lost < 0);
    assert_int_equal(r.fraction_lost, 0);
}

static void jitter_settles(void **state) {
    (void)state;
    rxstats_init(&s, HZ);
    /* Alternately 0 and 10 ms late: the mean deviation is 10 ms = 900 units. */
    for (unsigned i = 0; i < 400; i++)
        rxstats_on(&s, 65536 + i, i * 1800, 100, false, (int64_t)i * 20 * MS + (i & 1) * 10 * MS);
    rxstats_report(&s, 1, 0, &r);
    assert_in_range(r.jitter, 890, 910);
    rxstats_init(&s, HZ);
    for (unsigned i = 0; i < 400;
         i++) /* even, over the timestamp's wrap, five packets a picture in a burst */
        rxstats_on(&s, 65536 + i, 0xffff0000u + i / 5 * 3000, 100, false,
                   (int64_t)(i / 5) * 33333 + i % 5 * 2 * MS);
    rxstats_report(&s, 1, 0, &r);
    assert_in_range(r.jitter, 0, 1);
}

static void sender_reports_come_back(void **state) {
    (void)state;
    rxstats_init(&s, HZ);
    rxstats_on(&s, 65536, 0, 100, false, 0);
    int64_t ntp_us = INT64_C(3900000000) * 1000000 + 123456;
    struct rtcp_sr sr = {ntp_from_us(ntp_us), 5000, 0, 0};
    rxstats_on_sr(&s, &sr, 1000 * MS);
    rxstats_report(&s, 1, 1500 * MS, &r);
    assert_int_equal(r.lsr, (uint32_t)(sr.ntp >> 16));
    assert_int_equal(r.dlsr, 65536 / 2);
    /* Its sender computes the round trip: 40 ms there, half a second held, 60 ms back. */
    struct txstats t;
    txstats_init(&t);
    txstats_on_report(&t, &r, ntp_us + 600 * MS);
    assert_in_range(t.rtt_us, 100 * MS - 20, 100 * MS + 20);
    txstats_on_report(&t, &r, ntp_us + 680 * MS); /* smoothed by an eighth */
    assert_in_range(t.rtt_us, 110 * MS - 20, 110 * MS + 20);
    int64_t before = t.rtt_us;
    txstats_on_report(&t, &r, ntp_us + 400 * MS);               /* negative: nonsense */
    txstats_on_report(&t, &r, ntp_us + TXSTATS_RTT_MAX_US * 2); /* hostile */
    r.lsr = 0;
    txstats_on_report(&t, &r, ntp_us);
    assert_int_equal(t.rtt_us, before);
}

static void tx_counts(void **state) {
    (void)state;
    struct txstats t;
    struct rtcp_sr sr;
    txstats_init(&t);
    txstats_on(&t, 100, 130, 5, 1);
    txstats_on(&t, 200, 230, 6, 2);
    txstats_sr(&t, 777, INT64_C(1500000), &sr);
    assert_int_equal(sr.packets, 2);
    assert_int_equal(sr.octets, 300);
    assert_int_equal(sr.ts, 777);
    assert_true(sr.ntp == (UINT64_C(1) << 32 | UINT64_C(1) << 31));
    assert_int_equal(t.bytes, 360);
    struct rtcp_report in = {.fraction_lost = 12, .lost = -4, .jitter = 3};
    txstats_on_report(&t, &in, 0);
    assert_true(t.fraction_lost == 12 && t.lost == -4 && t.jitter == 3 && t.rtt_us == 0);
}

static void ntp_round_trips(void **state) {
    (void)state;
    for (int64_t us = 0; us < 4000000; us += 997)
        assert_int_equal(ntp_to_us(ntp_from_us(INT64_C(3900000000000000) + us)),
                         INT64_C(3900000000000000) + us);
}

/* Two tracks of one sender, captured at the same instants, reports delayed differently: their timestamps at
 * one local time stay within 5 ms of each other. */
static void tracks_of_a_sender_meet(void **state) {
    (void)state;
    struct rxstats video, audio;
    struct sr_clock clock = {0};
    int64_t epoch_us = INT64_C(3900000000) * 1000000; /* sender's clock at local 0 */
    uint32_t x = 5, ts_v = 0, ts_a = 0;
    rxstats_init(&video, HZ);
    rxstats_init(&audio, 48000);
    assert_false(rxstats_ts_at(&video, &clock, 0, &ts_v));
    rxstats_on(&video, 65536, 1000, 1, false, 0);
    assert_true(rxstats_ts_at(&video, &clock, 500 * MS, &ts_v));
    assert_int_equal(ts_v, 1000 + HZ / 2); /* by the last packet while there is no report */
    for (int64_t t = 1000 * MS; t < 60000 * MS; t += 500 * MS) {
        x = x * 1664525u + 1013904223u;
        bool v = x >> 31;
        struct rtcp_sr sr = {ntp_from_us(epoch_us + t), 0, 0, 0};
        sr.ts = v ? 1000 + (uint32_t)(t * HZ / 1000000) : 77 + (uint32_t)(t * 48000 / 1000000);
        int64_t arrives_us = t + 20 * MS + (x >> 8) % (80 * MS);
        rxstats_on_sr(v ? &video : &audio, &sr, arrives_us);
        sr_clock_on(&clock, sr.ntp, arrives_us);
        if (t < 20000 * MS)
            continue;
        int64_t at_us = arrives_us + 100 * MS;
        assert_true(rxstats_ts_at(&video, &clock, at_us, &ts_v));
        assert_true(rxstats_ts_at(&audio, &clock, at_us, &ts_a));
        int64_t capture_v = (int64_t)(ts_v - 1000) * 1000000 / HZ,
                capture_a = (int64_t)(ts_a - 77) * 1000000 / 48000;
        assert_in_range(capture_v - capture_a + 5 * MS, 0, 10 * MS);
        assert_in_range(at_us - capture_v, 15 * MS, 60 * MS); /* about the shortest way */
    }
    /* The sender sets its clock an hour back. */
    sr_clock_on(&clock, ntp_from_us(epoch_us), 61000 * MS);
    assert_int_equal(clock.ntp_minus_local_us, epoch_us - 61000 * MS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_loss),
        cmocka_unit_test(jitter_settles),
        cmocka_unit_test(sender_reports_come_back),
        cmocka_unit_test(tx_counts),
        cmocka_unit_test(ntp_round_trips),
        cmocka_unit_test(tracks_of_a_sender_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
