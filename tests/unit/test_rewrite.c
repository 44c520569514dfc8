/* rewrite: continuity over switches by table, and the great property: whatever is lost, reordered, repeated
 * or switched, no outgoing number is given to two packets, and a recent number always leads back to its
 * packet. */
#include "media/rtc/rewrite.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { SECOND_US = 1000000, HZ = 90000 };

static struct rewrite w;
static struct rewrite_out out;

static bool map(uint32_t source, uint64_t seq, uint32_t ts, int64_t now_us) {
    return rewrite_map(&w, source, seq, ts, NULL, now_us, &out);
}
static void begin(uint32_t source, uint64_t seq, uint32_t ts, int64_t now_us) {
    struct rewrite_start s = {.source = source, .seq = seq, .ts = ts, .ts_now = ts};
    rewrite_switch(&w, &s, now_us);
}

static void starts_low(void **state) {
    (void)state;
    uint64_t random[] = {0, 1, UINT64_MAX, 31768, 31767, 0x123456789abcdef0};
    for (size_t i = 0; i < sizeof random / sizeof *random; i++) {
        rewrite_init(&w, HZ, random[i]);
        assert_false(map(1, 65536, 0, 0)); /* nothing maps before a switch */
        begin(1, 65536 + 65535, 5, 0);
        assert_true(map(1, 65536 + 65535, 5, 0));
        assert_in_range(out.seq, REWRITE_FIRST_MIN, REWRITE_FIRST_MAX);
    }
}

static void gaps_stay_and_switches_close_up(void **state) {
    (void)state;
    rewrite_init(&w, HZ, 42);
    begin(1, 70000, 1000, 0);
    assert_true(map(1, 70000, 1000, 0));
    uint16_t first = out.seq;
    uint32_t ts = out.ts;
    assert_true(map(1, 70003, 4000, SECOND_US / 30));
    assert_int_equal(out.seq, (uint16_t)(first + 3));
    assert_int_equal(out.ts, ts + 3000);
    assert_true(map(1, 70001, 1000, SECOND_US / 30)); /* late: into its place */
    assert_int_equal(out.seq, (uint16_t)(first + 1));
    assert_false(map(1, 69999, 900, SECOND_US / 30)); /* from before the segment */
    assert_false(map(2, 70004, 900, SECOND_US / 30)); /* another source */
    /* Half a second of nothing, then another source far away in numbers. */
    begin(2, 99999, 0xfffffff0, SECOND_US / 30 + SECOND_US / 2);
    assert_true(map(2, 99999, 0xfffffff0, SECOND_US / 30 + SECOND_US / 2));
    assert_int_equal(out.seq, (uint16_t)(first + 4));
    assert_int_equal(out.ts, ts + 3000 + HZ / 2);
    assert_true(map(2, 100000, 0x10, SECOND_US));
    assert_int_equal(out.ts, ts + 3000 + HZ / 2 + 0x20); /* over the wrap */
    uint32_t t;
    assert_true(rewrite_ts(&w, 0x10, &t) && t == out.ts);
    rewrite_stop(&w);
    assert_false(map(2, 100001, 0x20, SECOND_US));
    assert_false(rewrite_ts(&w, 0x10, &t));
}

static void time_never_steps_back(void **state) {
    (void)state;
    rewrite_init(&w, HZ, 7);
    begin(1, 70000, 5, 0);
    assert_true(map(1, 70000, 5, 0));
    uint32_t last = out.ts;
    begin(2, 80000, 77777, 0); /* at the same instant */
    assert_true(map(2, 80000, 77777, 0));
    assert_int_equal(out.ts, last + HZ / 1000);
    /* A replay: its newest packet is now, its first lies in the past, but not before what was sent. */
    struct rewrite_start s = {.source = 3, .seq = 90000, .ts = 1000, .ts_now = 1000 + HZ};
    last = out.ts;
    rewrite_switch(&w, &s, 3 * SECOND_US);
    assert_true(map(3, 90000, 1000, 3 * SECOND_US));
    assert_int_equal(out.ts, last + 2 * HZ);
    assert_true(map(3, 90030, 1000 + HZ, 3 * SECOND_US));
    assert_int_equal(out.ts, last + 3 * HZ);
    last = out.ts;
    rewrite_switch(&w, &s, 3 * SECOND_US + SECOND_US / 2);
    assert_true(map(3, 90000, 1000, 3 * SECOND_US + SECOND_US / 2));
    assert_int_equal(out.ts, last + HZ / 1000);
}

static void far_jumps_end_the_segment(void **state) {
    (void)state;
    rewrite_init(&w, HZ, 7);
    begin(1, 70000, 5, 0);
    assert_true(map(1, 70000, 5, 0));
    uint16_t last = out.seq;
    assert_true(w.live);
    assert_true(map(1, 70000 + REWRITE_GAP_MAX, 6, 0));
    assert_int_equal(out.seq, (uint16_t)(last + REWRITE_GAP_MAX));
    assert_false(map(1, 70000 + 2 * REWRITE_GAP_MAX + 1, 7, 0));
    assert_false(w.live);
    begin(1, 70000 + 2 * REWRITE_GAP_MAX + 1, 7, 0);
    assert_true(map(1, 70000 + 2 * REWRITE_GAP_MAX + 1, 7, 0));
    assert_int_equal(out.seq, (uint16_t)(last + REWRITE_GAP_MAX + 1));
}

static void picture_ids_go_on(void **state) {
    (void)state;
    struct codec_ids a = {.pid_bits = 15, .pid = 0x7fff, .has_tl0 = true, .tl0 = 255}, b = a;
    rewrite_init(&w, HZ, 99);
    struct rewrite_start s = {.source = 1, .seq = 70000, .ids = &a};
    rewrite_switch(&w, &s, 0);
    assert_true(rewrite_map(&w, 1, 70000, 0, &a, 0, &out));
    uint16_t pid = out.pid;
    uint8_t tl0 = out.tl0;
    a.pid = 0; /* the source wraps */
    a.tl0 = 0;
    assert_true(rewrite_map(&w, 1, 70002, 0, &a, 0, &out));
    assert_int_equal(out.pid, (pid + 1) & 0x7fff);
    assert_int_equal(out.tl0, (uint8_t)(tl0 + 1));
    assert_true(rewrite_map(&w, 1, 70001, 0, &b, 0, &out)); /* late, of the picture before */
    assert_int_equal(out.pid, pid);
    b.pid = 1234;
    b.tl0 = 56;
    s = (struct rewrite_start){.source = 2, .seq = 80000, .ids = &b};
    rewrite_switch(&w, &s, 0);
    assert_true(rewrite_map(&w, 2, 80000, 0, &b, 0, &out));
    assert_int_equal(out.pid, (pid + 2) & 0x7fff);
    assert_int_equal(out.tl0, (uint8_t)(tl0 + 2));
    /* A source with the short form stays within its seven bits. */
    struct codec_ids c = {.pid_bits = 7, .pid = 127};
    s = (struct rewrite_start){.source = 3, .seq = 90000, .ids = &c};
    rewrite_switch(&w, &s, 0);
    assert_true(rewrite_map(&w, 3, 90000, 0, &c, 0, &out));
    assert_int_equal(out.pid, (pid + 3) & 0x7f);
}

static void finds_what_was_sent(void **state) {
    (void)state;
    struct rewrite_at at;
    uint16_t firsts[REWRITE_SEGMENTS + 2];
    rewrite_init(&w, HZ, 3);
    assert_false(rewrite_find(&w, 1003, &at));
    for (unsigned i = 0; i < REWRITE_SEGMENTS + 2; i++) {
        begin(i + 1, 70000 + i, 50 * i, i * SECOND_US);
        begin(i + 1, 70000 + i, 50 * i, i * SECOND_US); /* an unused segment takes no room */
        assert_true(map(i + 1, 70000 + i, 50 * i, i * SECOND_US));
        firsts[i] = out.seq;
    }
    assert_false(rewrite_find(&w, firsts[1], &at));
    assert_false(rewrite_find(&w, (uint16_t)(out.seq + 1), &at));
    for (unsigned i = 2; i < REWRITE_SEGMENTS + 2; i++) {
        assert_true(rewrite_find(&w, firsts[i], &at));
        assert_int_equal(at.source, i + 1);
        assert_int_equal(at.seq, 70000 + i);
        struct rewrite_out again;
        rewrite_again(&w, &at, 50 * i, NULL, &again);
        assert_int_equal(again.seq, firsts[i]);
    }
}

/* ---- the property ---- */
enum { SOURCES = 4, STEPS = 400000, KEPT = 12000 };

struct model {
    uint32_t source;
    uint64_t seq;
    uint32_t ts;
    int step;
};

static uint32_t x = 12345;
static uint32_t rnd(uint32_t n) {
    x = x * 1664525u + 1013904223u;
    return (x >> 8) % n;
}

static void numbers_are_never_given_twice(void **state) {
    (void)state;
    static struct model used[65536];
    uint64_t top[SOURCES + 1];
    uint32_t live = 0;
    int64_t now_us = 0;
    unsigned switches = 0, mapped = 0, found = 0;
    rewrite_init(&w, HZ, 0xfeedfacecafebeef);
    for (unsigned s = 1; s <= SOURCES; s++)
        top[s] = 65536 + rnd(65536);
    uint32_t newest_ts = 0;
    for (int i = 1; i <= STEPS; i++) {
        now_us += 1000 + rnd(1000);
        for (unsigned s = 1; s <= SOURCES; s++) {
            top[s] += 1 + (rnd(20) == 0 ? rnd(30) : 0) + (rnd(20000) == 0 ? 3000 : 0);
        }
        if (!live || !w.live || rnd(300) == 0) {
            live = 1 + rnd(SOURCES);
            begin(live, top[live], (uint32_t)(top[live] * 900), now_us);
            switches++;
        }
        uint32_t source = rnd(10) ? live : 1 + rnd(SOURCES);
        /* Mostly the newest; sometimes a late one, sometimes one long gone, sometimes again the same. */
        uint64_t seq = rnd(8) ? top[source] : top[source] - rnd(rnd(10) ? 40 : 20000);
        uint32_t ts = (uint32_t)(seq * 900);
        if (!map(source, seq, ts, now_us))
            continue;
        mapped++;
        assert_int_equal(source, live);
        struct model *m = &used[out.seq];
        bool same = m->source == source && m->seq == seq;
        if (m->step && !same && i - m->step < KEPT)
            fail_msg("%u given to %u/%llu and %u/%llu", out.seq, m->source, (unsigned long long)m->seq,
                     source, (unsigned long long)seq);
        if (same && i - m->step < KEPT)
            assert_int_equal(m->ts, out.ts);
        *m = (struct model){source, seq, out.ts, i};
        if (out.seq == (uint16_t)(w.next_out - 1)) { /* the newest: time goes on */
            assert_false(newest_ts && seq_ts_newer(newest_ts, out.ts));
            newest_ts = out.ts;
        }
        struct rewrite_at at;
        assert_true(rewrite_find(&w, out.seq, &at));
        assert_true(at.source == source && at.seq == seq);
        /* Something sent lately. */
        uint16_t ago = (uint16_t)(w.next_out - 1 - rnd(200));
        if (used[ago].step && i - used[ago].step < 400 && rewrite_find(&w, ago, &at)) {
            assert_true(at.source == used[ago].source && at.seq == used[ago].seq);
            struct rewrite_out again;
            rewrite_again(&w, &at, (uint32_t)(at.seq * 900), NULL, &again);
            assert_int_equal(again.seq, ago);
            assert_int_equal(again.ts, used[ago].ts);
            found++;
        }
    }
    assert_true(switches > 1000 && mapped > STEPS / 2 && found > STEPS / 4);
    assert_true(w.next_out > 5 * 65536); /* it went round several times */
}

/* A layer change and back: time is that of the pictures, whatever was lost on the way, and what a switch had
 * to add so as not to go back is gone after the next. */
static void layers_share_a_clock(void **state) {
    (void)state;
    rewrite_init(&w, HZ, 11);
    begin(1, 70000, 1000, 0);
    assert_true(map(1, 70000, 1000, 0));
    uint32_t base = out.ts - 1000;
    assert_true(map(1, 70001, 4000, SECOND_US / 30));
    /* Layer 2 counts from elsewhere: its 500000 is layer 1's 7000. */
    assert_int_equal(rewrite_past(&w, 7000), -3000);
    struct rewrite_start s = {
        .source = 2, .seq = 90000, .ts = 500000, .ts_now = 500000, .same_clock = true, .ts_before = 7000};
    rewrite_switch(&w, &s, SECOND_US); /* when it arrives does not matter */
    assert_true(map(2, 90000, 500000, SECOND_US));
    assert_int_equal(out.ts, base + 7000);
    assert_true(map(2, 90001, 503000, SECOND_US));
    assert_int_equal(out.ts, base + 10000);
    /* Back at an instant already shown: one millisecond on, and exact again afterwards. */
    s = (struct rewrite_start){
        .source = 1, .seq = 70100, .ts = 7000, .ts_now = 7000, .same_clock = true, .ts_before = 500000};
    assert_int_equal(rewrite_past(&w, 500000), 3000);
    rewrite_switch(&w, &s, SECOND_US);
    assert_true(map(1, 70100, 7000, SECOND_US));
    assert_int_equal(out.ts, base + 10000 + HZ / 1000);
    s = (struct rewrite_start){
        .source = 2, .seq = 90100, .ts = 600000, .ts_now = 600000, .same_clock = true, .ts_before = 107000};
    rewrite_switch(&w, &s, SECOND_US);
    assert_true(map(2, 90100, 600000, SECOND_US));
    assert_int_equal(out.ts, base + 107000);
}

/* Timestamps that run away from time, or back, end the segment, so that those of later sources are not lost
 * behind them; clocks that merely differ never do. */
static void time_that_runs_away(void **state) {
    (void)state;
    rewrite_init(&w, HZ, 5);
    begin(1, 70000, 1000, 0);
    assert_true(map(1, 70000, 1000, 0));
    uint32_t first = out.ts;
    assert_true(map(1, 70001, 1000 + 59 * HZ, 0));
    assert_false(map(1, 70002, 1000 + 61 * HZ, 0));
    assert_false(map(1, 70003, 1000 + 59 * HZ + 1, 0)); /* it is over */
    begin(1, 70003, 5, 10 * SECOND_US);
    assert_true(map(1, 70003, 5, 10 * SECOND_US));
    assert_in_range(out.ts - first, 59 * HZ, 70 * HZ);
    assert_false(map(1, 70004, 5u - 61 * HZ, 10 * SECOND_US));
    begin(2, 80000, 0, 20 * SECOND_US);
    for (unsigned s = 0; s < 4 * 3600;
         s += 7) /* 1 in 1000 too fast, for hours; and a minute without a packet */
        assert_true(map(2, 80000 + s, s * (HZ + HZ / 1000), (20 + s) * (int64_t)SECOND_US));
    assert_true(map(2, 80000 + 4 * 3600, (4 * 3600 + 60) * (HZ + HZ / 1000),
                    (20 + 4 * 3600 + 60) * (int64_t)SECOND_US));
}

/* Every second picture of two packets is left out for a long time: what is sent has neither gap nor
 * repetition in numbers and picture ids, and what was sent of late is found again. */
static void what_is_left_out_leaves_no_gap(void **state) {
    (void)state;
    static struct rewrite_drop ring[REWRITE_DROPS];
    rewrite_init(&w, HZ, 5);
    w.drop = ring;
    struct codec_ids d = {.pid_bits = 15, .pid = 100};
    struct rewrite_start s = {.source = 1, .seq = 70000, .ids = &d};
    rewrite_switch(&w, &s, 0);
    uint16_t seq = 0, pid = 0;
    struct rewrite_at at;
    for (unsigned i = 0; i < 400; i++, d.pid++) {
        for (unsigned k = 0; k < 2; k++) {
            uint64_t n = 70000 + 2 * i + k;
            if (i % 2) {
                rewrite_drop(&w, 1, n, &d);
                rewrite_drop(&w, 1, n, &d); /* a repetition changes nothing */
                continue;
            }
            assert_true(rewrite_map(&w, 1, n, i * 3000, &d, i * (int64_t)SECOND_US / 30, &out));
            assert_true(!n || n == 70000 || out.seq == (uint16_t)(seq + 1));
            assert_true(i == 0 || k == 1 || out.pid == ((pid + 1) & 0x7fff));
            seq = out.seq;
            pid = out.pid;
        }
    }
    for (unsigned i = 398; i > 398 - 2 * REWRITE_DROPS + 4; i -= 2) { /* newest picture sent: 398 */
        uint64_t n = 70000 + 2 * i + 1;
        assert_true(rewrite_find(&w, (uint16_t)(seq - (398 - i)), &at));
        assert_true(at.seq == n);
        d.pid = (uint16_t)(100 + i);
        assert_true(rewrite_again(&w, &at, 0, &d, &out));
        assert_int_equal(out.seq, (uint16_t)(seq - (398 - i)));
        assert_int_equal(out.pid, (pid - (398 - i) / 2) & 0x7fff);
        assert_true(rewrite_map(&w, 1, n, 0, &d, 0, &out)); /* late: in its place */
        assert_int_equal(out.seq, (uint16_t)(seq - (398 - i)));
        assert_false(rewrite_map(&w, 1, n + 1, 0, &d, 0, &out)); /* late, of a picture left out */
    }
    assert_false(rewrite_find(&w, (uint16_t)(seq - 300), &at)); /* forgotten is not guessed */
}

/* A packet missing within a picture that is left out was of that picture; one missing before it may be
 * wanted. */
static void losses_beside_what_is_left_out(void **state) {
    (void)state;
    static struct rewrite_drop ring[REWRITE_DROPS];
    rewrite_init(&w, HZ, 5);
    w.drop = ring;
    struct codec_ids a = {.pid_bits = 15, .pid = 1}, b = {.pid_bits = 15, .pid = 2},
                     c = {.pid_bits = 15, .pid = 3};
    struct rewrite_start s = {.source = 1, .seq = 70000, .ids = &a};
    rewrite_switch(&w, &s, 0);
    assert_true(rewrite_map(&w, 1, 70000, 0, &a, 0, &out));
    uint16_t first = out.seq, pid = out.pid;
    rewrite_drop(&w, 1, 70002, &b); /* 70001 is missing */
    rewrite_drop(&w, 1, 70004, &b); /* 70003 was between */
    assert_true(rewrite_map(&w, 1, 70005, 0, &c, 0, &out));
    assert_int_equal(out.seq, (uint16_t)(first + 2));
    assert_int_equal(out.pid, pid + 1);
    assert_true(rewrite_map(&w, 1, 70001, 0, &a, 0, &out)); /* it comes late, and its place was kept */
    assert_int_equal(out.seq, (uint16_t)(first + 1));
    assert_false(rewrite_map(&w, 1, 70003, 0, &b, 0, &out));
}

static void small(void **state) {
    (void)state;
    assert_true(sizeof w <= 832);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_low),
        cmocka_unit_test(gaps_stay_and_switches_close_up),
        cmocka_unit_test(time_never_steps_back),
        cmocka_unit_test(far_jumps_end_the_segment),
        cmocka_unit_test(picture_ids_go_on),
        cmocka_unit_test(finds_what_was_sent),
        cmocka_unit_test(numbers_are_never_given_twice),
        cmocka_unit_test(layers_share_a_clock),
        cmocka_unit_test(time_that_runs_away),
        cmocka_unit_test(what_is_left_out_leaves_no_gap),
        cmocka_unit_test(losses_beside_what_is_left_out),
        cmocka_unit_test(small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
