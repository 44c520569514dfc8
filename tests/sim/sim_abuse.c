/* A class beside which a stranger knows everybody's address and forges it, and a member names addresses that
 * are not his: nothing is learned before it authenticates, nobody who did not ask is sent anything, it is
 * counted, and the person in the class sees and hears as if nothing were. What members can do with good keys
 * is sim_evil; what needs real sockets is tests/integration/hostile*.test.mjs. */
#include "media/base/rnd.h"
#include "media/rtc/rtcpw.h"
#include "tests/sim/school.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const uint8_t key_frame[] = {0x65, 0, 0, 0, 99, 0, 0, 0, 1, 0, 1, 1, 0xa5, 1, 2, 3};

/* ---- strangers ---- */

/* Media of everybody's numbers, a ClientHello, recorded packets, rubbish, from an address that passed no
 * check: dropped, counted, never answered. */
static void strangers_are_told_nothing(void **state) {
    (void)state;
    static struct {
        size_t n;
        uint8_t p[1600];
    } sent[64];
    uint8_t hello[DTLS_MTU], rtp[200];
    struct dtls *d;
    uint8_t fp[DTLS_FP_BYTES] = {1};
    school_open(CODEC_H264);
    for (unsigned i = 0; i < countof(sent); i++) { /* what goes over the teacher's wire */
        struct net_packet k;
        endpoint_sound(school.teacher->end, 0, school.teacher->source, 20, school.hall.now_us);
        endpoint_report(school.teacher->end, school.hall.now_us);
        sent[i].n = net_recv(school.hall.net_up, INT64_MAX, &k) ? k.n : 0;
        memcpy(sent[i].p, k.data, sent[i].n);
    }
    hall_run(&school.hall, SECOND);
    struct school_mark m = school_mark();
    struct plane *pl = school.hall.plane[0];
    size_t addrs = pl->addrs.n, allocs = mem_allocs();
    assert_int_equal(dtls_open(&d, DTLS_CLIENT, fp, school.hall.now_us), 0);
    size_t hello_n = dtls_next_out(d, hello, sizeof hello);
    assert_true(hello_n > 60);
    dtls_close(d);
    allocs = mem_allocs() - allocs;
    unsigned n = 0;
    for (unsigned k = 0; k < 40; k++) {
        for (unsigned i = 0; i < countof(sent); i++, n++)
            hall_inject(&school.hall, NULL, sent[i].p, sent[i].n);
        struct rtp_out o = {
            .pt = ENDPOINT_PT_H264, .seq = (uint16_t)k, .ssrc = school_line(school.teacher, 1)->ssrc};
        int len = rtp_write(&o, (struct bytes){key_frame, sizeof key_frame}, rtp, sizeof rtp);
        hall_inject(&school.hall, NULL, rtp, (size_t)len);
        hall_inject(&school.hall, NULL, hello, hello_n);
        n += 2;
        hall_run(&school.hall, 50 * MS);
    }
    assert_true(school_counts().unknown_datagrams - m.n.unknown_datagrams >= n);
    assert_int_equal(school.hall.nobody, 0);
    assert_int_equal(pl->addrs.n, addrs);
    assert_int_equal(school_counts().tracks, m.n.tracks);
    school_unharmed(&m);
    hall_close(&school.hall);
}

/* Checks that authenticate for nobody get no answer at all; those that do get one that is hardly larger. */
static void checks_are_not_amplified(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct school_mark m = school_mark();
    uint8_t check[STUN_MAX];
    struct endpoint guess = *school.victim->end;
    guess.remote_pwd[3] ^= 1;
    for (unsigned i = 0; i < 2000; i++) {
        size_t n = endpoint_check(&guess, check, sizeof check);
        hall_inject(&school.hall, NULL, check, n);
        check[25] ^= 1; /* another name */
        hall_inject(&school.hall, NULL, check, n);
        if (i % 100 == 0)
            hall_run(&school.hall, 10 * MS);
    }
    assert_int_equal(school.hall.nobody, 0);
    assert_true(school_counts().bad_auth - m.n.bad_auth >= 2000);
    struct hall_seat *evil = school_turned(hall_view(&school.hall, 0, "evil", CODEC_NONE, 0));
    m = school_mark();
    uint64_t in = 0, before = evil->bytes;
    evil->end->check_us = school.hall.now_us + 20 * SECOND;
    for (unsigned i = 0; i < 500; i++) {
        size_t n = endpoint_check(evil->end, check, sizeof check);
        in += n;
        hall_inject(&school.hall, evil, check, n);
        if (i % 10 == 0)
            hall_run(&school.hall, MS);
    }
    assert_in_range(evil->bytes - before, 0, in * 11 / 10);
    hall_run(&school.hall, SECOND);
    school_unharmed(&m);
    hall_close(&school.hall);
}

/* A member names the address of somebody who is in no class (a forged sender of an authentic check,
 * nominated), and goes on doing so: media for him is not sent there. */
static void media_is_not_turned_on_a_third(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct hall_seat *evil = school_turned(hall_view(&school.hall, 0, "evil", CODEC_NONE, 1));
    hall_run(&school.hall, SECOND);
    struct school_mark m = school_mark();
    uint8_t check[STUN_MAX];
    unsigned checks = 0;
    for (unsigned i = 0; i < 100; i++, checks++) {
        size_t n = endpoint_check(evil->end, check, sizeof check);
        hall_inject(&school.hall, NULL, check, n);
        hall_run(&school.hall, 100 * MS);
    }
    /* For each check its answer and, from time to time, a question of ours: nothing else. */
    assert_true(school.hall.nobody >= checks);
    assert_in_range(school.hall.nobody, 0, 2 * checks + 1);
    assert_in_range(school.hall.nobody_bytes, 0, 250 * checks);
    assert_true(school.hall.now_us - hall_screen(evil, 0)->shown_us < 200 * MS); /* it goes where it went */
    school_unharmed(&m);
    hall_close(&school.hall);
}

/* The same with the address of somebody in the class: he keeps it, and his packets stay his. */
static void nobody_loses_his_address(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct hall_seat *evil = school_turned(hall_view(&school.hall, 0, "evil", CODEC_NONE, 1));
    hall_run(&school.hall, SECOND);
    struct school_mark m = school_mark();
    uint8_t check[STUN_MAX];
    for (unsigned i = 0; i < 100; i++) {
        size_t n = endpoint_check(evil->end, check, sizeof check);
        hall_inject(&school.hall, i % 2 ? school.teacher : school.victim, check, n);
        hall_run(&school.hall, 100 * MS);
    }
    school_unharmed(&m);
    hall_close(&school.hall);
}

/* Reports of a member from an address that is nobody's make the server ask there for a proof (seek.h):
 * seldom, and no more than was sent. */
static void questions_are_seldom(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct hall_seat *evil = school_turned(hall_view(&school.hall, 0, "evil", CODEC_NONE, 0));
    struct school_mark m = school_mark();
    evil->end->spec.ctx = NULL; /* of nobody's address from here on */
    school.hall.nobody = 0;
    school.hall.nobody_bytes = 0;
    uint64_t in = 0;
    for (unsigned i = 0; i < 4000; i++) {
        uint8_t pkt[64];
        struct wr w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
        rtcpw_rr(&w, evil->end->ssrc, NULL, 0);
        in += wr_len(&w) + 20;
        school_say(evil, &w);
        if (i % 4 == 3)
            hall_run(&school.hall, 5 * MS);
    }
    int64_t us = school.hall.now_us - m.at_us;
    assert_in_range(school.hall.nobody, 0, us / PEER_CHALLENGE_US + 1);
    assert_in_range(school.hall.nobody_bytes, 0, in);
    school_unharmed(&m);
    hall_close(&school.hall);
}

/* ---- on somebody else's wire ---- */

/* Everything the teacher sends comes again, late, in the wrong order, with bits turned, and RTP of other
 * numbers, all from his address. */
static void replayed_and_forged(void **state) {
    (void)state;
    enum { KEPT = 256 };
    static struct net_packet kept[KEPT];
    school_open(CODEC_VP8);
    struct school_mark m = school_mark();
    unsigned n = 0;
    for (unsigned round = 0; round < 60; round++) {
        struct net_packet k;
        hall_run(&school.hall, 33 * MS);
        endpoint_report(school.teacher->end, school.hall.now_us);
        for (; net_recv(school.hall.net_up, school.hall.now_us + 20 * MS, &k); n++) {
            kept[n % KEPT] = k;
            if (k.tag == 0)
                hall_inject(&school.hall, school.teacher, k.data, k.n);
            else
                hall_inject(&school.hall, &school.hall.seat[k.tag], k.data, k.n);
        }
        for (unsigned i = 0; i < KEPT && i < n; i++) {
            k = kept[(n - 1 - i) % KEPT];
            if (k.tag || k.data[0] < 128)
                continue;
            hall_inject(&school.hall, school.teacher, k.data, k.n);
            k.data[rnd_u32() % k.n] ^= (uint8_t)(1u << rnd_u32() % 8);
            hall_inject(&school.hall, school.teacher, k.data, k.n);
            k.data[11] ^= 0x55; /* another SSRC */
            hall_inject(&school.hall, school.teacher, k.data, k.n);
        }
    }
    hall_run(&school.hall, 100 * MS);
    struct media_stats after = school_counts();
    assert_true(after.bad_auth - m.n.bad_auth > 5000);
    assert_int_equal(after.tracks, m.n.tracks);
    const struct endpoint_line *l = school_line(school.victim, 3);
    assert_int_equal(l->duplicates + school_line(school.victim, 0)->duplicates, 0);
    assert_in_range(school_line(school.teacher, 1)->frame - m.frames - (l->shown - m.shown) + 3, 0, 6);
    assert_int_equal(l->bad_ts + l->bad_pid + school.teacher->down + school.victim->down, 0);
    hall_close(&school.hall);
}

/* Handshake records, alerts and rubbish from the address of one whose handshake is over: he stays. */
static void handshakes_again(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct school_mark m = school_mark();
    struct hall_seat *who[] = {school.teacher, school.victim};
    for (unsigned k = 0; k < 6000; k++) {
        uint8_t p[300];
        struct dtls *d;
        size_t n = 13 + rnd_u32() % (sizeof p - 13);
        rnd_bytes(p, sizeof p);
        p[0] = (uint8_t)(20 + k % 6);
        p[1] = 254;
        p[2] = k % 3 ? 253 : 255;
        p[3] = 0;
        p[4] = k / 3 % 2; /* epoch */
        p[11] = (uint8_t)((n - 13) >> 8);
        p[12] = (uint8_t)(n - 13);
        if (p[0] == 21 && n >= 15) { /* an alert in the clear: fatal, or close_notify */
            p[12] = 2;
            p[11] = 0;
            n = 15;
            p[13] = (uint8_t)(1 + k % 2);
            p[14] = (uint8_t)(k % 4 ? 0 : 40);
        }
        if (k % 500 == 0 &&
            !dtls_open(&d, DTLS_CLIENT, (const uint8_t[DTLS_FP_BYTES]){1}, school.hall.now_us)) {
            n = dtls_next_out(d, p, sizeof p); /* a ClientHello */
            dtls_close(d);
        }
        hall_inject(&school.hall, who[k / 6 % 2], p, n ? n : 13);
        if (k % 50 == 0)
            hall_run(&school.hall, 5 * MS);
    }
    assert_int_equal(school.teacher->end->failed + school.victim->end->failed, 0);
    school_unharmed(&m);
    hall_close(&school.hall);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_are_told_nothing),
        cmocka_unit_test(checks_are_not_amplified),
        cmocka_unit_test(media_is_not_turned_on_a_third),
        cmocka_unit_test(nobody_loses_his_address),
        cmocka_unit_test(questions_are_seldom),
        cmocka_unit_test(replayed_and_forged),
        cmocka_unit_test(handshakes_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
