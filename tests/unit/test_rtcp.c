/* rtcp and rtcpw: every packet we write is read back; compounds, reduced size, hostile lengths and counts. */
#include "media/rtc/rtcpw.h"
#include "media/base/err.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define BYTES(...) ((struct bytes){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

static uint8_t out[1500];

static struct bytes written(const struct wr *w) {
    assert_false(w->bad);
    assert_int_equal(wr_len(w) % 4, 0);
    return (struct bytes){out, wr_len(w)};
}

static struct rtcp only(struct bytes b) {
    struct rtcp p, none;
    struct rtcp_iter it = rtcp_iter(b);
    assert_int_equal(rtcp_next(&it, &p), 1);
    assert_int_equal(rtcp_next(&it, &none), 0);
    return p;
}

static void compound(void **state) {
    (void)state;
    struct rtcp_sr sr = {0x0123456789abcdef, 77, 8, 900}, sr2;
    struct rtcp_report b[2] = {{1, 25, -3, 0x10005, 44, 0xaaaa, 0xbbbb}, {2, 0, 0x7fffff, 9, 0, 0, 0}}, r;
    struct wr w = wr_init(out, sizeof out);
    rtcpw_sr(&w, 0x11, &sr, b, 2);
    rtcpw_cname(&w, 0x11, STR("somhub"));
    rtcpw_pli(&w, 0x11, 0x22);
    struct rtcp_iter it = rtcp_iter(written(&w));
    struct rtcp p;
    assert_int_equal(rtcp_next(&it, &p), 1);
    assert_int_equal(p.type, RTCP_SR);
    assert_int_equal(p.ssrc, 0x11);
    assert_true(rtcp_sr(&p, &sr2));
    assert_true(sr2.ntp == sr.ntp && sr2.ts == sr.ts && sr2.packets == sr.packets && sr2.octets == sr.octets);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(rtcp_report(&p, i, &r));
        assert_int_equal(r.ssrc, b[i].ssrc);
        assert_int_equal(r.fraction_lost, b[i].fraction_lost);
        assert_int_equal(r.lost, b[i].lost);
        assert_int_equal(r.highest_seq, b[i].highest_seq);
        assert_int_equal(r.jitter, b[i].jitter);
        assert_int_equal(r.lsr, b[i].lsr);
        assert_int_equal(r.dlsr, b[i].dlsr);
    }
    assert_false(rtcp_report(&p, 2, &r));
    assert_int_equal(rtcp_next(&it, &p), 1);
    uint32_t ssrc;
    struct str cname;
    assert_true(rtcp_cname(&p, 0, &ssrc, &cname));
    assert_int_equal(ssrc, 0x11);
    assert_true(str_is(cname, "somhub"));
    assert_false(rtcp_cname(&p, 1, &ssrc, &cname));
    assert_int_equal(rtcp_next(&it, &p), 1);
    assert_true(rtcp_pli(&p, &ssrc));
    assert_int_equal(ssrc, 0x22);
    assert_int_equal(rtcp_next(&it, &p), 0);
}

static void cname_padding(void **state) {
    (void)state;
    static const char text[] = "abcdefghijk";
    for (size_t n = 0; n < sizeof text; n++) {
        struct wr w = wr_init(out, sizeof out);
        rtcpw_cname(&w, 5, (struct str){text, n});
        struct rtcp p = only(written(&w));
        uint32_t ssrc;
        struct str c;
        assert_true(rtcp_cname(&p, 0, &ssrc, &c));
        assert_true(str_eq(c, (struct str){text, n}));
    }
    /* Two chunks; the second has NOTE before CNAME, the first has none. */
    struct rtcp p = only(
        BYTES(0x82, 202, 0, 6, 0, 0, 0, 1, 7, 1, 'x', 0, 0, 0, 0, 2, 7, 0, 1, 2, 'h', 'i', 0, 0, 0, 0, 0, 0));
    uint32_t ssrc;
    struct str c;
    assert_true(rtcp_cname(&p, 0, &ssrc, &c) && ssrc == 1 && c.n == 0);
    assert_true(rtcp_cname(&p, 1, &ssrc, &c) && ssrc == 2 && str_is(c, "hi"));
    p = only(BYTES(0x81, 202, 0, 2, 0, 0, 0, 1, 1, 200, 'x', 0));
    assert_false(rtcp_cname(&p, 0, &ssrc, &c));
}

static void nacks(void **state) {
    (void)state;
    static const struct {
        uint16_t in[8];
        unsigned n, words;
    } rows[] = {
        {{100}, 1, 3},
        {{100, 101, 116}, 3, 3},
        {{100, 117}, 2, 4},
        {{65530, 65535, 0, 1, 10}, 5, 3},
        {{65530, 20, 21, 50}, 4, 5},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct wr w = wr_init(out, sizeof out);
        rtcpw_nack(&w, 1, 2, rows[i].in, rows[i].n);
        assert_int_equal(wr_len(&w), 4 * rows[i].words + 4);
        struct rtcp p = only(written(&w));
        uint32_t media;
        uint16_t seqs[16];
        assert_int_equal(rtcp_nack(&p, &media, seqs, 16), rows[i].n);
        assert_int_equal(media, 2);
        for (unsigned k = 0; k < rows[i].n; k++)
            assert_int_equal(seqs[k], rows[i].in[k]);
    }
    struct wr w = wr_init(out, sizeof out);
    rtcpw_nack(&w, 1, 2, rows[0].in, 0);
    assert_int_equal(wr_len(&w), 0);
    /* A packet that asks for everything is cut at the caller's limit. */
    uint8_t big[12 + 4 * 200] = {0x81, 205, 0, 202};
    memset(big + 12, 0xff, sizeof big - 12);
    struct rtcp p = only((struct bytes){big, sizeof big});
    uint16_t seqs[RTCP_NACK_SEQS_MAX + 1];
    uint32_t media;
    assert_int_equal(rtcp_nack(&p, &media, seqs, 20), 20);
    assert_int_equal(rtcp_nack(&p, &media, seqs, RTCP_NACK_SEQS_MAX + 1), RTCP_NACK_SEQS_MAX);
}

static void feedbacks(void **state) {
    (void)state;
    uint32_t ssrc;
    uint8_t n;
    uint64_t bps;
    struct wr w = wr_init(out, sizeof out);
    rtcpw_fir(&w, 1, 0x33, 200);
    struct rtcp p = only(written(&w));
    assert_true(rtcp_fir(&p, 0, &ssrc, &n) && ssrc == 0x33 && n == 200);
    assert_false(rtcp_fir(&p, 1, &ssrc, &n));
    assert_false(rtcp_pli(&p, &ssrc));
    static const uint64_t rates[] = {0, 1, 0x3ffff, 0x40000, 2500000, UINT64_C(1) << 45};
    for (size_t i = 0; i < countof(rates); i++) {
        uint32_t of[2] = {1, 2};
        w = wr_init(out, sizeof out);
        rtcpw_remb(&w, 1, rates[i], of, 2);
        p = only(written(&w));
        assert_true(rtcp_remb(&p, &bps));
        assert_true(bps <= rates[i] && rates[i] - bps <= rates[i] >> 17);
    }
    p = only(BYTES(0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 0, 0xff, 0xff, 0xff));
    assert_true(rtcp_remb(&p, &bps) && bps == INT64_MAX);
    p = only(BYTES(0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 'R', 'E', 'M', 'A', 0, 0xff, 0xff, 0xff));
    assert_false(rtcp_remb(&p, &bps));
    uint32_t two[2] = {7, 8};
    for (unsigned len = 0; len < 6; len++) {
        w = wr_init(out, sizeof out);
        rtcpw_bye(&w, two, 2, (struct str){"hello", len});
        p = only(written(&w));
        assert_true(rtcp_bye(&p, 0, &ssrc) && ssrc == 7);
        assert_true(rtcp_bye(&p, 1, &ssrc) && ssrc == 8);
        assert_false(rtcp_bye(&p, 2, &ssrc));
    }
    struct bytes fci;
    p = only(BYTES(0x8f, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9, 9, 9));
    assert_true(rtcp_twcc(&p, &fci) && fci.n == 4 && fci.p[0] == 9);
}

static void hostile(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint8_t bytes[16];
        size_t n;
        int first, second;
    } rows[] = {
        {"empty", {0}, 0, 0, 0},
        {"three bytes", {0x80, 200, 0}, 3, -ERR_SHORT, 0},
        {"length past the end", {0x80, 201, 0, 2, 0, 0, 0, 1}, 8, -ERR_SHORT, 0},
        {"version 0", {0, 201, 0, 1, 0, 0, 0, 1}, 8, -ERR_INVALID, 0},
        {"padding of 0", {0xa0, 201, 0, 1, 0, 0, 0, 0}, 8, -ERR_INVALID, 0},
        {"padding past", {0xa0, 201, 0, 1, 0, 0, 0, 5}, 8, -ERR_INVALID, 0},
        {"padding of nothing", {0xa0, 201, 0, 0}, 4, -ERR_INVALID, 0},
        {"good, then cut", {0x80, 201, 0, 1, 0, 0, 0, 1, 0x80, 200, 0}, 11, 1, -ERR_SHORT},
        {"unknown type, then good", {0x80, 210, 0, 0, 0x80, 201, 0, 1, 0, 0, 0, 1}, 12, 1, 1},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct rtcp p;
        struct rtcp_iter it = rtcp_iter((struct bytes){rows[i].bytes, rows[i].n});
        int a = rtcp_next(&it, &p), b = a == 1 ? rtcp_next(&it, &p) : 0;
        if (a != rows[i].first || b != rows[i].second)
            fail_msg("%s: %d %d", rows[i].what, a, b);
    }
    uint8_t many[4 * (RTCP_PACKETS_MAX + 1)];
    for (size_t i = 0; i < sizeof many; i += 4)
        memcpy(many + i, (const uint8_t[]){0x80, 203, 0, 0}, 4);
    struct rtcp_iter it = rtcp_iter((struct bytes){many, sizeof many});
    struct rtcp p;
    for (int i = 0; i < RTCP_PACKETS_MAX; i++)
        assert_int_equal(rtcp_next(&it, &p), 1);
    assert_int_equal(rtcp_next(&it, &p), -ERR_FULL);
    /* Counts that promise more than the body holds. */
    struct rtcp_report r;
    struct rtcp_sr sr;
    uint32_t ssrc;
    p = only(BYTES(0x9f, 201, 0, 1, 0, 0, 0, 1));
    assert_false(rtcp_report(&p, 0, &r));
    p = only(BYTES(0x80, 200, 0, 1, 0, 0, 0, 1));
    assert_false(rtcp_sr(&p, &sr));
    p = only(BYTES(0x9f, 203, 0, 1, 0, 0, 0, 1));
    assert_true(rtcp_bye(&p, 0, &ssrc));
    assert_false(rtcp_bye(&p, 1, &ssrc));
    p = only(BYTES(0x81, 206, 0, 0));
    assert_false(rtcp_pli(&p, &ssrc));
    struct wr w = wr_init(out, sizeof out);
    struct rtcp_report in = {.ssrc = 3, .lost = -1};
    rtcpw_rr(&w, 1, &in, 1);
    p = only(written(&w));
    assert_true(rtcp_report(&p, 0, &r) && r.ssrc == 3 && r.lost == -1);
    p = only(BYTES(0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4));
    assert_int_equal(p.body.n, 0); /* padding is cut off */
    /* Every view of every other type says no. */
    static const uint8_t types[] = {200, 201, 202, 203, 204, 205, 206, 207, 99};
    uint16_t seqs[4];
    struct bytes fci;
    struct str c;
    uint64_t bps;
    uint8_t n;
    for (size_t i = 0; i < sizeof types; i++) {
        const uint8_t b[] = {0x80 | 9, types[i], 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 'R', 'E', 'M', 'B',
                             1,        2,        3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0,   0,   0,   0};
        p = only((struct bytes){b, sizeof b});
        assert_int_equal(rtcp_sr(&p, &sr), types[i] == 200);
        assert_int_equal(rtcp_report(&p, 0, &r), types[i] == 201);
        assert_int_equal(rtcp_bye(&p, 0, &ssrc), types[i] == 203);
        assert_int_equal(rtcp_cname(&p, 0, &ssrc, &c), types[i] == 202);
        assert_int_equal(rtcp_nack(&p, &ssrc, seqs, 4), 0); /* no feedback of format 9 */
        assert_false(rtcp_pli(&p, &ssrc) || rtcp_fir(&p, 0, &ssrc, &n) || rtcp_remb(&p, &bps) ||
                     rtcp_twcc(&p, &fci));
    }
    p = only(BYTES(0x8f, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0));
    assert_false(rtcp_remb(&p, &bps)); /* nothing after the media SSRC */
    p = only(BYTES(0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2));
    assert_false(rtcp_fir(&p, 0, &ssrc, &n)); /* half an entry */
    p = only(BYTES(0x81, 202, 0, 1, 0, 0, 0, 1));
    assert_false(rtcp_cname(&p, 0, &ssrc, &c)); /* no end of the list */
}

static void overflow_leaves_no_half_packet(void **state) {
    (void)state;
    struct wr w = wr_init(out, 20);
    rtcpw_pli(&w, 1, 2);
    assert_int_equal(wr_len(&w), 12);
    rtcpw_pli(&w, 1, 3);
    assert_true(w.bad);
    assert_int_equal(wr_len(&w), 12);
    assert_int_equal(only((struct bytes){out, 12}).type, RTCP_PSFB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compound), cmocka_unit_test(cname_padding),
        cmocka_unit_test(nacks),    cmocka_unit_test(feedbacks),
        cmocka_unit_test(hostile),  cmocka_unit_test(overflow_leaves_no_half_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
