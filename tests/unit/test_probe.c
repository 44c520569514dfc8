/* probe and pace: how much leaves when, and what the answer is worth. */
#include "media/rtc/pace.h"
#include "media/rtc/probe.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MS = 1000, SECOND = 1000000 };

static struct probe p;
static int64_t now_us;
static unsigned packets;
static uint32_t left;
static struct twcc_result sent[128];

/* Sends a probe by its own clock in packets of at most 1200 bytes; records them. */
static void send_probe(uint64_t bps) {
    probe_begin(&p, bps, bps / 2, now_us);
    packets = left = 0;
    for (int64_t end_us = now_us + 1200 * MS; p.sending && now_us < end_us; now_us += MS) {
        for (uint32_t due = probe_due(&p, left, packets, now_us); due && packets < 128;) {
            uint16_t n = (uint16_t)(due < 250 ? 250 : due < 1200 ? due : 1200);
            sent[packets] = (struct twcc_result){
                .seq = (uint16_t)packets, .bytes = n, .got = true, .probe = p.mark, .sent_us = now_us};
            packets++;
            left += n;
            due -= due < n ? due : n;
        }
    }
}

/* It comes through a line of so many bits a second; every nth is lost. */
static uint64_t answer(uint64_t line_bps, unsigned nth, bool *full) {
    int64_t free_us = 0;
    for (unsigned i = 0; i < packets; i++) {
        int64_t from = sent[i].sent_us > free_us ? sent[i].sent_us : free_us;
        free_us = from + (int64_t)(sent[i].bytes * UINT64_C(8000000) / line_bps);
        sent[i].arrived_us = free_us + 77 * SECOND;
        sent[i].got = !nth || i % nth != nth - 1;
        assert_int_equal(probe_answer(&p, full, now_us), 0);
        probe_on_result(&p, &sent[i]);
    }
    return probe_answer(&p, full, now_us + 100 * MS);
}

static void what_leaves(void **state) {
    (void)state;
    now_us = 5 * SECOND;
    probe_init(&p, now_us);
    assert_true(probe_ready(&p, now_us));
    assert_int_equal(probe_due(&p, 0, 0, now_us), 0);
    int64_t began_us = now_us;
    send_probe(2000000);
    assert_true(p.waiting);
    assert_false(probe_ready(&p, now_us));
    assert_in_range(left, 25000, 26500);
    assert_in_range(now_us - began_us, 90 * MS, 115 * MS);
    for (unsigned i = 1; i < packets; i++) /* never more than a tick's worth at once */
        assert_true(i < 3 || sent[i].sent_us > sent[i - 3].sent_us);
    probe_expire(&p, now_us + SECOND);
    assert_true(p.waiting);
    probe_expire(&p, now_us + 2 * SECOND);
    assert_false(p.waiting);
    assert_false(probe_ready(&p, now_us + 2 * SECOND));
    assert_true(probe_ready(&p, now_us + 2 * SECOND + PROBE_EVERY_US));
    began_us = now_us;
    send_probe(100000); /* so thin that a bucket would take longer to empty than a probe may last */
    assert_in_range(left, 12500, 13500);
    assert_in_range(now_us - began_us, 950 * MS, 1050 * MS);
    /* Ended because the line fills: what was sent is the answer, and no more follows. */
    began_us = now_us;
    probe_begin(&p, 2000000, 1000000, now_us);
    assert_true(probe_due(&p, 0, 0, now_us) > 0);
    probe_stop(&p, 2);
    assert_int_equal(probe_due(&p, 2400, 2, now_us + 10 * MS), 0);
    assert_true(p.waiting && p.late && !probe_ready(&p, now_us + 10 * MS));
    probe_renew(&p, now_us + 20 * MS);
    assert_false(probe_ready(&p, now_us + SECOND));
    assert_true(probe_ready(&p, now_us + 20 * MS + PROBE_EVERY_US));
}

static void what_it_says(void **state) {
    (void)state;
    static const struct {
        uint64_t ask, line;
        unsigned nth;
        uint64_t least, most;
        bool full;
    } rows[] = {
        {2000000, 50000000, 0, 1800000, 2000000, false},
        {2000000, 2100000, 0, 1800000, 2000000, false},
        {2000000, 1000000, 0, 900000, 1000000, true},
        {2000000, 300000, 0, 270000, 300000, true},
        {2000000, 50000000, 2, 0, 0, false},
        {8000000, 50000000, 10, 6000000, 8000000, false},
        {150000, 80000, 0, 60000, 82000, true},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        now_us = 5 * SECOND;
        probe_init(&p, now_us);
        send_probe(rows[i].ask);
        bool full = false;
        uint64_t got = answer(rows[i].line, rows[i].nth, &full);
        if (got < rows[i].least || got > rows[i].most || full != rows[i].full)
            fail_msg("row %u: %llu %d", i, (unsigned long long)got, full);
        assert_false(p.waiting);
        assert_true(probe_ready(&p, now_us + SECOND + 100 * MS));
        assert_int_equal(probe_ready(&p, now_us + 100 * MS + PROBE_SOON_US), got && !full);
    }
}

/* Arrivals that are forged: all at once, or backwards. No more than was asked for comes of it. */
static void forged(void **state) {
    (void)state;
    for (unsigned kind = 0; kind < 2; kind++) {
        now_us = 5 * SECOND;
        probe_init(&p, now_us);
        send_probe(2000000);
        for (unsigned i = 0; i < packets; i++) {
            sent[i].arrived_us = kind ? 99 * (int64_t)SECOND - i * 1000 : 1;
            probe_on_result(&p, &sent[i]);
        }
        bool full;
        assert_true(probe_answer(&p, &full, now_us) <= 2000000);
    }
}

static void a_key_frame_takes_its_time(void **state) {
    (void)state;
    struct pace c;
    pace_init(&c, 0);
    for (unsigned frame = 0; frame < 100; frame++) { /* ordinary pictures: never held */
        for (unsigned i = 0; i < 5; i++) {
            assert_true(pace_may(&c, frame * 33 * MS));
            pace_spend(&c, 1200);
        }
    }
    pace_set(&c, 1000000);
    now_us = 10 * SECOND;
    unsigned n = 0, turns = 0;
    for (; n < 40; turns++) {
        unsigned before = n;
        for (; n < 40 && pace_may(&c, now_us); n++)
            pace_spend(&c, 1200);
        assert_true(n > before);
        now_us = n < 40 ? pace_next_us(&c) : now_us;
    }
    /* 48 kB at 1 Mbit/s less what goes at once, in lumps worth a batch. */
    assert_in_range(now_us - 10 * SECOND, 300 * MS, 384 * MS);
    assert_in_range(turns, 8, 12);
    pace_set(&c, 30000); /* never stuck, whatever the line */
    assert_true(pace_next_us(&c) > now_us);
    assert_true(pace_may(&c, pace_next_us(&c)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_leaves),
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(forged),
        cmocka_unit_test(a_key_frame_takes_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
