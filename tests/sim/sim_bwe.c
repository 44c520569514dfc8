/* What one viewer's line gets, on lines of every kind, in virtual time: how fast quality follows the line
 * down and up, that sound stays clean, that nothing flaps, that no claim of a client breaks anything. The
 * same steering runs in the server. */
#include "tests/sim/road.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct road r;

static void show(const char *what) {
    const struct bwe *b = &r.steer.bwe;
    if (getenv("SIM_SHOW"))
        printf("%8.2f %-12s est %5llu acked %5llu layer %d->%d line %d wait %4lld slope %5lld loss %u/%u "
               "worst %lld "
               "probe %llu\n",
               (double)(r.now_us % (1000 * (int64_t)SECOND)) / 1e6, what, (unsigned long long)b->bps / 1000,
               (unsigned long long)b->acked_bps / 1000, r.layer, r.goal, b->line,
               (long long)delay_wait_us(&b->delay) / 1000, (long long)delay_slope(&b->delay) / 1000,
               b->loss_pm, b->chance_pm, (long long)r.worst_us / 1000, (unsigned long long)r.probe_bytes);
}

static void run(int64_t for_us, const char *what) {
    for (int64_t t = 0; t < for_us; t += 500 * MS) {
        road_run(&r, for_us - t < 500 * MS ? for_us - t : 500 * MS);
        show(what);
    }
}

static int64_t until(int layer, int64_t most_us, const char *what) {
    for (int64_t t = 0; t < most_us; t += 500 * MS) {
        int64_t took = road_until(&r, layer, 500 * MS);
        show(what);
        if (took >= 0)
            return t + took;
    }
    return -1;
}

static void open_line(uint64_t rate_bps, unsigned queue_ms, int64_t delay_us, unsigned loss_ppm) {
    struct net_cfg c = {.delay_us = delay_us,
                        .rate_bps = rate_bps,
                        .queue_bytes = (unsigned)(rate_bps / 8000 * queue_ms),
                        .loss_ppm = loss_ppm};
    road_open(&r, &c, 42);
}

/* A line that carries everything: full quality soon, then not a byte for trying. */
static void test_wide(void **state) {
    (void)state;
    open_line(20000000, 200, 20 * MS, 0);
    int64_t took = until(2, 5 * SECOND, "until");
    show("wide");
    assert_in_range(took, 0, 1500 * MS);
    run(3 * SECOND, "wide");
    uint64_t probed = r.probe_bytes;
    assert_true(probed < 60000);
    run(60 * SECOND, "wide");
    assert_int_equal(r.probe_bytes, probed);
    assert_int_equal(r.layer, 2);
    road_close(&r);
}

/* 1 Mbit/s, 300 kbit/s, 1 Mbit/s: the right layer within 3 s down and 8 s up. */
static void narrows(unsigned queue_ms, int64_t delay_us, int64_t low_us) {
    open_line(1000000, queue_ms, delay_us, 0);
    r.cfg.queue_bytes = 1000000 / 8000 * queue_ms;
    assert_true(until(1, 8 * SECOND, "until") >= 0);
    run(15 * SECOND, "1 M");
    assert_int_equal(r.layer, 1);
    road_mark(&r);
    road_set(&r, 300000);
    int64_t down = until(0, 5 * SECOND, "until");
    show("down");
    assert_in_range(down, 0, 3 * SECOND);
    run(3 * SECOND, "300 k");
    road_mark(&r);
    run(low_us, "300 k");
    assert_int_equal(r.layer, 0);
    assert_true(r.worst_us < 200 * MS); /* sound does not suffer from the trying */
    assert_true(r.switches <= 2);
    road_mark(&r);
    road_set(&r, 1000000);
    int64_t up = until(1, 12 * SECOND, "until");
    show("up");
    assert_in_range(up, 0, 8 * SECOND);
    run(20 * SECOND, "1 M");
    assert_int_equal(r.layer, 1);
    assert_true(r.switches <= 3);
    road_close(&r);
}
static void test_narrows(void **state) {
    (void)state;
    narrows(400, 20 * MS, 20 * SECOND);
    narrows(1500, 50 * MS, 20 * SECOND);
    narrows(100, 20 * MS, 60 * SECOND);
    narrows(400, 150 * MS, 20 * SECOND);
}

/* 80 kbit/s: sound alone, and it comes through; when the line is back so is the picture. */
static void test_thin(void **state) {
    (void)state;
    open_line(80000, 1000, 30 * MS, 0);
    run(9 * SECOND, "80 k");
    assert_int_equal(r.layer, -1);
    assert_true(r.steer.out.audio_only);
    road_mark(&r);
    uint64_t sent = r.sound_sent, got = r.sound_got;
    run(60 * SECOND, "80 k");
    assert_true(r.steer.out.audio_only);
    assert_int_equal(r.switches, 0);
    assert_true(r.sound_got - got >= r.sound_sent - sent - 5);
    assert_true(r.worst_us < 200 * MS);
    road_set(&r, 1000000);
    r.cfg.queue_bytes = 50000;
    net_set(r.net, &r.cfg);
    int64_t up = until(1, 12 * SECOND, "until");
    show("back");
    assert_in_range(up, 0, 8 * SECOND);
    road_close(&r);
}

/* Loss by chance, or a nervous line, is not a full line. */
static void test_chance(void **state) {
    (void)state;
    open_line(5000000, 200, 50 * MS, 50000);
    assert_in_range(until(2, 10 * SECOND, "until"), 0, 5 * SECOND);
    road_mark(&r);
    run(60 * SECOND, "5 %");
    assert_int_equal(r.layer, 2);
    assert_int_equal(r.switches, 0);
    assert_true(r.steer.bwe.bps > 1400000);
    road_close(&r);
    open_line(5000000, 200, 30 * MS, 0);
    r.cfg.jitter_us = 40 * MS;
    net_set(r.net, &r.cfg);
    assert_in_range(until(2, 10 * SECOND, "until"), 0, 5 * SECOND);
    road_mark(&r);
    run(60 * SECOND, "jitter");
    assert_int_equal(r.layer, 2);
    assert_int_equal(r.switches, 0);
    road_close(&r);
}

/* Hardly any queue before the bottleneck: it is felt by loss alone. */
static void test_shallow(void **state) {
    (void)state;
    open_line(700000, 1, 20 * MS, 0);
    r.cfg.queue_bytes = 7000;
    net_set(r.net, &r.cfg);
    run(10 * SECOND, "shallow");
    road_mark(&r);
    uint64_t sent = r.sound_sent, got = r.sound_got;
    run(40 * SECOND, "shallow");
    assert_true(r.layer == 1 || r.layer == 0);
    assert_true(r.switches <= 6);
    assert_true((r.sound_got - got) * 100 > 97 * (r.sound_sent - sent));
    road_close(&r);
}

/* Beside a greedy download: neither starves, and the line is ours again when it ends. */
static void test_rival(void **state) {
    (void)state;
    open_line(2500000, 150, 25 * MS, 0);
    assert_true(until(2, 8 * SECOND, "until") >= 0);
    run(5 * SECOND, "alone");
    r.rival = true;
    run(15 * SECOND, "rival");
    road_mark(&r);
    run(60 * SECOND, "rival");
    assert_true(r.video_got * 8 / 60 > 120000);
    assert_true(r.rival_got * 8.0 / 60 > 500000);
    r.rival = false;
    int64_t up = until(2, 15 * SECOND, "until");
    show("alone");
    assert_in_range(up, 0, 10 * SECOND);
    road_close(&r);
}

/* Nothing comes through for a while: what was before is there at once after it. */
static void test_blackout(void **state) {
    (void)state;
    open_line(3000000, 200, 40 * MS, 0);
    assert_true(until(2, 8 * SECOND, "until") >= 0);
    run(5 * SECOND, "before");
    road_mark(&r);
    r.cfg.loss_ppm = NET_PPM;
    net_set(r.net, &r.cfg);
    run(3 * SECOND, "dark");
    r.cfg.loss_ppm = 0;
    net_set(r.net, &r.cfg);
    run(1500 * MS, "light");
    assert_true(r.layer >= 1);
    run(8 * SECOND, "light");
    assert_int_equal(r.layer, 2);
    road_mark(&r);
    for (unsigned ms = 70; ms < 600; ms += 90) { /* between cells, between networks */
        r.cfg.loss_ppm = NET_PPM;
        net_set(r.net, &r.cfg);
        run((int)ms * MS, "cut");
        r.cfg.loss_ppm = 0;
        net_set(r.net, &r.cfg);
        run(3 * SECOND, "light");
    }
    assert_int_equal(r.switches, 0);
    road_close(&r);
}

/* A client with nothing but REMB: believed, also when it says nought or the largest number there is. */
static void test_remb(void **state) {
    (void)state;
    open_line(5000000, 200, 20 * MS, 0);
    r.feedback = false;
    static const struct {
        uint64_t bps;
        int layer;
    } rows[] = {{700000, 1}, {0, -1}, {300000, 0}, {INT64_MAX, 2}, {UINT64_MAX, 2}, {0, -1}, {2500000, 2}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        steer_remb(&r.steer, rows[i].bps, r.now_us);
        run(20 * SECOND, "remb");
        assert_int_equal(r.layer, rows[i].layer);
        assert_true(r.steer.bwe.bps <= BWE_MAX_BPS && r.steer.bwe.bps >= BWE_MIN_BPS);
    }
    road_close(&r);
}

/* Neither: all goes, until the reports speak of loss. */
static void test_reports(void **state) {
    (void)state;
    open_line(5000000, 200, 20 * MS, 0);
    r.feedback = false;
    for (unsigned i = 0; i < 20; i++) {
        steer_reports(&r.steer, i % 3, 160, r.now_us);
        run(1 * SECOND, "reports");
    }
    assert_int_equal(r.layer, 2);
    for (unsigned i = 0; i < 10; i++) {
        steer_reports(&r.steer, r.layer == 2 ? 90 : 0, 160, r.now_us);
        run(500 * MS, "loss");
    }
    assert_true(r.layer == 1 || r.layer == 0);
    for (unsigned i = 0; i < 60 && r.layer < 2; i++) {
        steer_reports(&r.steer, 0, 160, r.now_us);
        run(1 * SECOND, "reports");
    }
    assert_int_equal(r.layer, 2);
    road_close(&r);
}

/* What a hostile client may claim: packets never sent, arrivals before they left, clocks that leap, nothing.
 * Its own picture may suffer, and that is all; told the truth again, it recovers. */
static void test_forged(void **state) {
    (void)state;
    open_line(3000000, 200, 20 * MS, 0);
    assert_true(until(2, 8 * SECOND, "until") >= 0);
    srand(7);
    for (unsigned i = 0; i < 4000; i++) {
        uint8_t f[64];
        for (unsigned k = 0; k < sizeof f; k++)
            f[k] = (uint8_t)rand();
        uint16_t base = (uint16_t)(r.steer.tx.next - rand() % 600 + rand() % 40);
        f[0] = (uint8_t)(base >> 8);
        f[1] = (uint8_t)base;
        f[2] = 0;
        f[3] = (uint8_t)(1 + rand() % 20);
        f[8] = (uint8_t)(i % 2 ? 0x20 : 0x40); /* a run of small, of large deltas */
        f[9] = f[3];
        steer_feedback(&r.steer, (struct bytes){f, sizeof f}, r.now_us);
        road_run(&r, 5 * MS);
        assert_in_range(r.steer.bwe.bps, BWE_MIN_BPS, BWE_MAX_BPS);
    }
    show("forged");
    r.feedback = true;
    run(30 * SECOND, "truth");
    assert_int_equal(r.layer, 2);
    road_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wide),   cmocka_unit_test(test_narrows),  cmocka_unit_test(test_thin),
        cmocka_unit_test(test_chance), cmocka_unit_test(test_shallow),  cmocka_unit_test(test_rival),
        cmocka_unit_test(test_remb),   cmocka_unit_test(test_blackout), cmocka_unit_test(test_reports),
        cmocka_unit_test(test_forged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
