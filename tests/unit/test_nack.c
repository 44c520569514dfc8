/* nack and resend: what is asked for, when, how often; what is answered, how often and how much. */
#include "media/rtc/nack.h"
#include "media/base/str.h"
#include "media/rtc/resend.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MS = 1000 };

static unsigned due(struct nack *n, int64_t now_us, uint16_t *out, bool *key) {
    uint16_t none[NACK_BATCH];
    bool k;
    return nack_due(n, now_us, out ? out : none, key ? key : &k);
}

static void asks_after_reordering_and_again_after_rtt(void **state) {
    (void)state;
    struct nack n;
    uint16_t out[NACK_BATCH];
    bool key;
    nack_init(&n);
    nack_rtt(&n, 80 * MS);
    assert_int_equal(nack_next_us(&n), INT64_MAX);
    assert_false(nack_seen(&n, 0x1fffe, 0));
    assert_false(nack_seen(&n, 0x20002, 0)); /* 0x1ffff, 0x20000, 0x20001 are missing, over the wrap */
    assert_int_equal(nack_next_us(&n), NACK_REORDER_US);
    assert_int_equal(due(&n, NACK_REORDER_US - 1, out, &key), 0);
    assert_true(nack_seen(&n, 0x20000, 5 * MS)); /* was only reordered */
    assert_false(nack_seen(&n, 0x20000, 5 * MS));
    assert_false(nack_seen(&n, 0x1fff0, 5 * MS)); /* never was a gap */
    assert_int_equal(due(&n, NACK_REORDER_US, out, &key), 2);
    assert_int_equal(out[0], 0xffff);
    assert_int_equal(out[1], 0x0001);
    assert_false(key);
    assert_int_equal(n.recovered, 0);
    assert_int_equal(nack_next_us(&n), NACK_REORDER_US + 100 * MS); /* 1.25 RTT */
    assert_int_equal(due(&n, 109 * MS, out, &key), 0);
    assert_int_equal(due(&n, 110 * MS, out, &key), 2);
    assert_true(nack_seen(&n, 0x1ffff, 120 * MS));
    assert_true(nack_seen(&n, 0x20001, 120 * MS));
    assert_int_equal(n.recovered, 2);
    assert_int_equal(nack_next_us(&n), INT64_MAX);
}

static void retry_follows_rtt_within_bounds(void **state) {
    (void)state;
    static const struct {
        int64_t rtt_us, wait_us;
    } rows[] = {{0, NACK_RETRY_MIN_US},
                {4 * MS, NACK_RETRY_MIN_US},
                {40 * MS, 50 * MS},
                {900 * MS, NACK_RETRY_MAX_US}};
    for (size_t i = 0; i < countof(rows); i++) {
        struct nack n;
        nack_init(&n);
        nack_rtt(&n, rows[i].rtt_us);
        nack_seen(&n, 65536, 0);
        nack_seen(&n, 65538, 0);
        assert_int_equal(due(&n, 50 * MS, NULL, NULL), 1);
        assert_int_equal(nack_next_us(&n), 50 * MS + rows[i].wait_us);
    }
}

static void gives_up_and_asks_a_keyframe(void **state) {
    (void)state;
    struct nack n;
    bool key = false;
    nack_init(&n);
    nack_rtt(&n, 20 * MS);
    nack_seen(&n, 65536, 0);
    nack_seen(&n, 65538, 0);
    unsigned asked = 0;
    for (int64_t t = nack_next_us(&n); t != INT64_MAX && !key; t = nack_next_us(&n))
        asked += due(&n, t, NULL, &key);
    assert_int_equal(asked, NACK_TRIES);
    assert_true(key);
    assert_int_equal(n.given_up, 1);
    assert_int_equal(nack_next_us(&n), INT64_MAX);
    due(&n, 1000 * MS, NULL, &key);
    assert_false(key); /* said once */
    /* By age, when the owner slept. */
    nack_seen(&n, 65540, 0);
    assert_int_equal(due(&n, NACK_AGE_US + 1, NULL, &key), 0);
    assert_true(key);
}

static void keyframe_forgives_the_past(void **state) {
    (void)state;
    struct nack n;
    uint16_t out[NACK_BATCH];
    bool key;
    nack_init(&n);
    nack_seen(&n, 65600, 0);
    nack_seen(&n, 65610, 0);
    nack_seen(&n, 65612, 0); /* key frame starts at 65610 */
    nack_keyframe(&n, 65610);
    assert_int_equal(due(&n, 50 * MS, out, &key), 1);
    assert_int_equal(out[0], (uint16_t)65611);
    assert_false(key);
}

static void measures_the_round_trip(void **state) {
    (void)state;
    struct nack n;
    nack_init(&n);
    uint64_t seq = 65536;
    nack_seen(&n, seq, 0);
    int64_t t = 0;
    for (int i = 0; i < 40; i++, t += 500 * MS) {
        nack_seen(&n, seq += 2, t);
        assert_int_equal(due(&n, t + 10 * MS, NULL, NULL), 1);
        assert_true(nack_seen(&n, seq - 1, t + 50 * MS));
        assert_int_equal(n.rtt_us, 40 * MS); /* from the first answer on */
    }
    /* Asked twice: whichever was answered, nothing is learnt. */
    nack_seen(&n, seq += 2, t);
    assert_int_equal(due(&n, t + 10 * MS, NULL, NULL), 1);
    assert_int_equal(due(&n, t + 400 * MS, NULL, NULL), 1);
    assert_true(nack_seen(&n, seq - 1, t + 401 * MS));
    assert_int_equal(n.rtt_us, 40 * MS);
    t += 500 * MS;
    for (int i = 0; i < 40; i++, t += 500 * MS) { /* the path changed */
        nack_seen(&n, seq += 2, t);
        due(&n, t + 10 * MS, NULL, NULL);
        nack_seen(&n, seq - 1, t + 30 * MS);
    }
    assert_in_range(n.rtt_us, 20 * MS, 21 * MS);
}

/* Over random loss and reordering: asks only for what is missing, in order, at most NACK_TRIES times. */
static void asks_only_for_what_is_missing(void **state) {
    (void)state;
    enum { N = 60000 };
    static uint8_t got[N], asked[N];
    static uint64_t line[N];
    struct nack n;
    uint32_t x = 3;
    uint64_t base = 65536 + 65000;
    for (unsigned i = 0; i < N; i++)
        line[i] = base + i;
    for (unsigned i = 1; i + 9 < N; i++) { /* some are held back by up to eight */
        x = x * 1664525u + 1013904223u;
        unsigned k = i + (x >> 28) % 8;
        if ((x >> 8) % 16 == 0) {
            uint64_t held = line[i];
            for (unsigned j = i; j < k; j++)
                line[j] = line[j + 1];
            line[k] = held;
        }
    }
    nack_init(&n);
    for (unsigned i = 0; i < N; i++) {
        x = x * 1664525u + 1013904223u;
        int64_t now_us = (int64_t)i * 3 * MS;
        if (got[line[i] - base] || (i && (x >> 8) % 20 == 0))
            continue;
        nack_seen(&n, line[i], now_us);
        got[line[i] - base] = 1;
        uint16_t out[NACK_BATCH];
        unsigned k = due(&n, now_us, out, NULL);
        for (unsigned j = 0; j < k; j++) {
            uint64_t s = n.top - (uint16_t)((uint16_t)n.top - out[j]);
            assert_true(s >= base && s < n.top);
            assert_false(got[s - base]);
            assert_true(++asked[s - base] <= NACK_TRIES);
            assert_true(!j || (uint16_t)(out[j] - out[j - 1]) < 0x8000);
            if (asked[s - base] == 3) { /* it is answered at the third request */
                assert_true(nack_seen(&n, s, now_us));
                got[s - base] = 1;
            }
        }
    }
    for (unsigned i = 0; i + 1000 < N; i++)
        assert_true(got[i]);
    assert_true(n.recovered > N / 30);
    assert_int_equal(n.given_up, 0);
}

static void bounded(void **state) {
    (void)state;
    struct nack n;
    uint16_t out[NACK_BATCH];
    bool key;
    nack_init(&n);
    nack_seen(&n, 65536, 0);
    nack_seen(&n, 65536 + NACK_MAX + 1, 0); /* exactly the limit */
    assert_int_equal(n.n, NACK_MAX);
    assert_int_equal(due(&n, 50 * MS, out, &key), NACK_BATCH);
    assert_false(key);
    assert_int_equal(due(&n, 50 * MS, out, &key), NACK_BATCH); /* the next ones at once */
    assert_int_equal(out[0], (uint16_t)(65537 + NACK_BATCH));
    nack_seen(&n, 65536 + NACK_MAX + 3, 0); /* one more: the oldest goes, and so does hope */
    assert_int_equal(n.n, NACK_MAX);
    assert_int_equal(nack_next_us(&n), 0);
    due(&n, 60 * MS, out, &key);
    assert_true(key);
    nack_seen(&n, n.top + NACK_MAX + 2, 0); /* a jump */
    assert_int_equal(n.n, 0);
    assert_int_equal(due(&n, 60 * MS, out, &key), 0);
    assert_true(key);
    nack_init(&n);
    for (uint64_t s = 65536; s < 65536 + 4000; s += 2) /* every second one is lost */
        nack_seen(&n, s, 0);
    assert_int_equal(n.n, NACK_MAX);
}

static void a_request_from_before_the_packet(void **state) {
    (void)state;
    assert_true(resend_early(5000, 0, 5000)); /* stored in this very turn, not even sent yet */
    assert_false(resend_early(5000, 0, 5001));
    assert_true(resend_early(5000, 40 * MS, 5000 + 30 * MS));
    assert_false(resend_early(5000, 40 * MS, 5001 + 30 * MS));
}

static void answers_with_restraint(void **state) {
    (void)state;
    static struct resend r;
    resend_init(&r);
    int64_t t = 5000 * MS;
    assert_true(resend_allow(&r, 7, 1000, 20 * MS, t));
    assert_false(resend_allow(&r, 7, 1000, 20 * MS, t + 39 * MS)); /* within 2 RTT */
    assert_true(resend_allow(&r, 8, 1000, 20 * MS, t + 39 * MS));
    assert_true(resend_allow(&r, 7, 1000, 20 * MS, t + 40 * MS));
    assert_false(resend_allow(&r, 7, 1000, 900 * MS, t + 139 * MS)); /* never quiet for more than 100 ms */
    assert_true(resend_allow(&r, 7, 1000, 900 * MS, t + 140 * MS));
    assert_true(resend_allow(&r, 7, 1000, 20 * MS, t + 240 * MS));
    assert_false(resend_allow(&r, 7, 1000, 20 * MS, t + 900 * MS)); /* RESEND_TIMES */
    assert_false(resend_allow(&r, 8, 1000, 0, t + 138 * MS));       /* RTT unknown */
    assert_true(resend_allow(&r, 8, 1000, 0, t + 139 * MS));
    assert_true(resend_allow(&r, 7, 1000, 0, t + 10240 * MS)); /* another turn of the circle */
    assert_int_equal(r.sent, 7);
    assert_int_equal(r.refused, 4);
}

static void answers_within_a_budget(void **state) {
    (void)state;
    static struct resend r;
    resend_init(&r);
    size_t sent = 0;
    /* Every packet of a 60 Mb/s storm asked for, for ten seconds. */
    for (int64_t t = 0; t < 10000 * MS; t += 160)
        sent += resend_allow(&r, (uint16_t)(t / 160), 1200, 20 * MS, t) ? 1200 : 0;
    assert_in_range(sent, 10 * RESEND_RATE_BPS / 8, 10 * RESEND_RATE_BPS / 8 + RESEND_BURST_BYTES);
    assert_true(sizeof r <= 1100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_after_reordering_and_again_after_rtt),
        cmocka_unit_test(retry_follows_rtt_within_bounds),
        cmocka_unit_test(gives_up_and_asks_a_keyframe),
        cmocka_unit_test(keyframe_forgives_the_past),
        cmocka_unit_test(measures_the_round_trip),
        cmocka_unit_test(asks_only_for_what_is_missing),
        cmocka_unit_test(bounded),
        cmocka_unit_test(a_request_from_before_the_packet),
        cmocka_unit_test(answers_with_restraint),
        cmocka_unit_test(answers_within_a_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
