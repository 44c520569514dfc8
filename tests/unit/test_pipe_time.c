/* reorder, tsmap and mixer: packets in order, on one timeline, in one sound. Pure, so hours cost nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include "media/base/mem.h"
#include "media/pipeline/mixer.h"
#include "media/pipeline/reorder.h"
#include "media/pipeline/tsmap.h"

/* --- reorder --- */
static bool put(struct reorder *r, uint16_t seq, int64_t at_us, struct reorder_packet *p) {
    static const uint8_t body[1] = {0};
    *p = (struct reorder_packet){.seq = seq, .ts = seq, .arrival_us = at_us, .payload = {body, 1}};
    return reorder_put(r, p);
}
static void test_order(void **state) {
    (void)state;
    struct reorder r;
    struct reorder_packet p;
    reorder_init(&r, 300000);
    assert_true(put(&r, 65534, 0, &p));
    assert_true(put(&r, 65535, 0, &p));
    assert_false(put(&r, 1, 1000, &p)); /* 0 is missing */
    assert_false(put(&r, 2, 2000, &p));
    assert_false(put(&r, 2, 2000, &p)); /* double */
    assert_false(reorder_next(&r, 300999, &p));
    assert_int_equal(reorder_due_us(&r), 301000);
    assert_true(put(&r, 0, 200000, &p)); /* the retransmission */
    assert_false(p.lost_before);
    for (uint16_t seq = 1; seq <= 2; seq++) {
        assert_true(reorder_next(&r, 200000, &p));
        assert_int_equal(p.seq, seq);
        assert_false(p.lost_before);
    }
    assert_false(reorder_next(&r, 900000, &p));
    assert_int_equal(reorder_due_us(&r), INT64_MAX);
    assert_false(put(&r, 65535, 200000, &p)); /* long gone */
    assert_int_equal(r.lost_packets, 0);
    assert_false(put(&r, 5, 400000, &p));
    assert_true(reorder_next(&r, 700000, &p)); /* 3 and 4 did not come */
    assert_int_equal(p.seq, 5);
    assert_true(p.lost_before);
    assert_int_equal(r.lost_packets, 2);
    assert_true(put(&r, 30000, 800000, &p)); /* the sender began anew */
    assert_true(p.lost_before);
    reorder_fini(&r);
}
/* Any shuffle within the window comes out in order, with every loss reported in front of the right packet. */
static void test_shuffle(void **state) {
    (void)state;
    srand(7);
    for (int round = 0; round < 50; round++) {
        enum { N = 2000 };
        struct reorder r;
        struct reorder_packet p;
        static int64_t arrival[N];
        static bool lost[N];
        uint16_t first = (uint16_t)rand();
        uint64_t expect = 0;
        size_t losses = 0, out = 0;
        reorder_init(&r, 100000);
        for (int i = 0; i < N; i++) {
            lost[i] = i && rand() % 20 == 0;
            losses += lost[i];
            arrival[i] = i * 3000 + (rand() % 10 == 0 ? rand() % 60000 : 0);
        }
        arrival[0] = 0;
        for (int64_t now = 0; now < N * 3000 + 200000; now += 1000) {
            for (int i = 0; i < N; i++) {
                if (lost[i] || arrival[i] < now || arrival[i] >= now + 1000)
                    continue;
                bool got = put(&r, (uint16_t)(first + i), now, &p);
                while (got || reorder_next(&r, now, &p)) {
                    uint64_t n = expect + (uint16_t)(p.seq - (uint16_t)(first + expect));
                    assert_int_equal(p.lost_before, n != expect);
                    while (expect < n)
                        assert_true(lost[expect++]); /* only what was lost is missing */
                    expect = n + 1;
                    out++;
                    got = false;
                }
            }
            while (reorder_next(&r, now, &p)) {
                expect = expect + (uint16_t)(p.seq - (uint16_t)(first + expect)) + 1;
                out++;
            }
        }
        assert_int_equal(out, N - losses);
        reorder_fini(&r);
    }
}

/* --- tsmap --- */
struct clock {
    double ppm;
    uint32_t hz, first;
};
static uint32_t stamp(const struct clock *c, int64_t us) {
    return c->first + (uint32_t)(int64_t)llround((double)us * (1 + c->ppm / 1e6) * c->hz / 1e6);
}
/* An hour of a sender whose clock runs wrong, over a jittering line: the error stays within a few ms. */
static void test_drift(void **state) {
    (void)state;
    static const double ppms[] = {0, 50, -50, 300};
    srand(3);
    for (size_t i = 0; i < 4; i++)
        for (uint32_t hz = 48000; hz <= 90000; hz += 42000) {
            struct clock c = {ppms[i], hz, 0xffff0000u};
            struct tsmap m;
            double worst = 0;
            tsmap_init(&m, hz);
            for (int64_t t = 0; t < INT64_C(3600000000); t += 20000) {
                int64_t arrival = t + 30000 + (rand() % 4 ? rand() % 5000 : rand() % 60000);
                double err = (double)(tsmap_put(&m, NULL, stamp(&c, t), arrival) - t - 30000);
                if (t > 20000000 && fabs(err) > worst)
                    worst = fabs(err);
            }
            assert_true(worst < 8000);
            assert_int_equal(m.jumps, 0);
        }
}
/* The picture's encoder takes 120 ms that its timestamps do not show; sender reports put it right. */
static void test_reports(void **state) {
    (void)state;
    struct clock voice = {20, 48000, 1}, lips = {20, 90000, 77};
    struct tsmap a, v;
    struct tsmap_member member = {0};
    int64_t diff = 0, before = 0;
    tsmap_init(&a, 48000);
    tsmap_init(&v, 90000);
    for (int64_t t = 0; t < 60000000; t += 20000) {
        int64_t heard = tsmap_put(&a, &member, stamp(&voice, t), t + 20000);
        int64_t seen = tsmap_put(&v, &member, stamp(&lips, t), t + 140000);
        diff = seen - heard;
        if (t == 4000000)
            before = diff;
        if (t % 5000000 == 4980000) { /* every 5 s */
            uint64_t ntp_us = (uint64_t)(t + 1000000000);
            uint64_t ntp = (ntp_us / 1000000) << 32 | ((ntp_us % 1000000) << 32) / 1000000;
            tsmap_report(&a, ntp, stamp(&voice, t));
            tsmap_report(&v, ntp, stamp(&lips, t));
        }
    }
    assert_in_range(before, 110000, 130000);
    assert_true(llabs(diff) < 3000);
}
static void test_jumps(void **state) {
    (void)state;
    struct clock c = {0, 90000, 5};
    struct tsmap m;
    tsmap_init(&m, 90000);
    int64_t t = 0;
    for (; t < 5000000; t += 33333)
        tsmap_put(&m, NULL, stamp(&c, t), t + 20000);
    c.first += 90000u * 1000; /* far ahead: the sender restarted */
    assert_in_range(tsmap_put(&m, NULL, stamp(&c, t), t + 20000), t, t + 40000);
    assert_int_equal(m.jumps, 1);
    for (int i = 0; i < 100; i++, t += 33333)
        tsmap_put(&m, NULL, stamp(&c, t), t + 20000);
    /* 4 s of silence on the line, then everything at once: late, not a jump */
    int64_t stall = t;
    for (; t < stall + 4000000; t += 33333)
        assert_in_range(tsmap_put(&m, NULL, stamp(&c, t), stall + 4020000), t - 100000, t + 100000);
    for (int i = 0; i < 100; i++, t += 33333)
        assert_in_range(tsmap_put(&m, NULL, stamp(&c, t), t + 20000), t, t + 60000);
    assert_int_equal(m.jumps, 1);
    /* timestamps that stay behind for good are a restart, too */
    c.first -= 90000u * 60;
    for (int i = 0; i < 100; i++, t += 33333)
        tsmap_put(&m, NULL, stamp(&c, t), t + 20000);
    assert_int_equal(m.jumps, 2);
    assert_in_range(tsmap_put(&m, NULL, stamp(&c, t), t + 20000), t, t + 60000);
}

/* --- mixer --- */
static void tone(int16_t *pcm, size_t n, int64_t at, double hz, double level) {
    for (size_t i = 0; i < n; i++)
        pcm[2 * i] = pcm[2 * i + 1] =
            (int16_t)(level * sin(2 * 3.14159265 * hz * (double)(at + (int64_t)i) / 48000));
}
static void test_mix(void **state) {
    (void)state;
    struct mixer m;
    struct mixer_in a = {0}, b = {0};
    int16_t pcm[960 * 2], out[1024 * 2];
    mixer_open(&m, 48000);
    for (int64_t at = 48000; at < 96000; at += 960) {
        tone(pcm, 960, at, 440, 8000);
        mixer_put(&m, &a, at, pcm, 960);
        if (at >= 72000) { /* joins later */
            tone(pcm, 960, at, 440, 8000);
            mixer_put(&m, &b, at, pcm, 960);
        }
    }
    for (int64_t at = 48000; at + 1024 <= 96000; at += 1024) {
        mixer_take(&m, out, 1024);
        for (size_t i = 0; i < 1024; i++) {
            int64_t t = at + (int64_t)i;
            double want = (t >= 72000 ? 16000 : 8000) * sin(2 * 3.14159265 * 440 * (double)t / 48000);
            assert_true(fabs(out[2 * i] - want) < 4);
            assert_int_equal(out[2 * i], out[2 * i + 1]);
        }
    }
    mixer_close(&m);
}
static void test_mix_edges(void **state) {
    (void)state;
    struct mixer m;
    struct mixer_in in[4] = {{0}};
    int16_t loud[960 * 2], out[960 * 2];
    mixer_open(&m, 0);
    for (size_t i = 0; i < 960 * 2; i++)
        loud[i] = i % 4 < 2 ? 32767 : -32768;
    for (size_t i = 0; i < 4; i++)
        mixer_put(&m, &in[i], 0, loud, 960);
    mixer_take(&m, out, 960);
    for (size_t i = 0; i < 960 * 2; i++) /* four at full scale: bent, not wrapped */
        assert_true(i % 4 < 2 ? out[i] > 32000 : out[i] < -32000);
    /* a lost packet leaves its place silent, what follows stays where it belongs */
    struct mixer_in gap = {0};
    int16_t one[960 * 2];
    for (size_t i = 0; i < 960 * 2; i++)
        one[i] = 1000;
    mixer_put(&m, &gap, 960, one, 960);
    mixer_put(&m, &gap, 960 * 3, one, 960);
    static const int want[] = {1000, 0, 1000};
    for (size_t k = 0; k < 3; k++) {
        mixer_take(&m, out, 960);
        for (size_t i = 0; i < 960 * 2; i++)
            assert_int_equal(out[i], want[k]);
    }
    assert_int_equal(gap.gaps, 1);
    /* too late, or absurdly early: dropped */
    mixer_put(&m, &in[0], 0, one, 960);
    mixer_put(&m, &in[1], INT64_C(1) << 40, one, 960);
    mixer_take(&m, out, 960);
    for (size_t i = 0; i < 960 * 2; i++)
        assert_int_equal(out[i], 0);
    mixer_close(&m);
}
/* A clock that runs 300 ppm wrong is stretched away without a gap or an overlap. */
static void test_mix_stretch(void **state) {
    (void)state;
    struct mixer m;
    struct mixer_in in = {0};
    int16_t pcm[960 * 2], out[960 * 2];
    int worst = 0;
    mixer_open(&m, 0);
    for (int64_t n = 0; n < 3000; n++) { /* one minute */
        int64_t at = (int64_t)((double)n * 960 * (1 - 300e-6));
        for (size_t i = 0; i < 960 * 2; i++)
            pcm[i] = 5000;
        mixer_put(&m, &in, at, pcm, 960);
        assert_true(llabs(in.next - at - 960) < 96);
        if (n > 10) {
            mixer_take(&m, out, 950);
            for (size_t i = 0; i < 950 * 2; i++)
                if (abs(out[i] - 5000) > worst)
                    worst = abs(out[i] - 5000);
        }
    }
    assert_int_equal(worst, 0);
    assert_int_equal(in.gaps, 0);
    mixer_close(&m);
}
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),     cmocka_unit_test(test_shuffle),     cmocka_unit_test(test_drift),
        cmocka_unit_test(test_reports),   cmocka_unit_test(test_jumps),       cmocka_unit_test(test_mix),
        cmocka_unit_test(test_mix_edges), cmocka_unit_test(test_mix_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
