/* seal against libsrtp: what one seals the other opens, octet for octet, both ways, RTP and RTCP; and on the
 * same stream of packets, lost, late, repeated, forged and turned over, both give the same verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <srtp2/srtp.h>

#include "media/base/err.h"
#include "media/base/gcm.h"
#include "media/rtc/seal.h"

enum { ROOM = 1600, WINDOW = 1024 };

struct rig {
    struct seal *ours;
    srtp_t theirs_in, theirs_out; /* the far end */
    uint32_t random;
};

static uint32_t draw(struct rig *r, uint32_t below) {
    r->random = r->random * 1664525u + 1013904223u;
    return (r->random >> 8) % below;
}

static srtp_t session(srtp_ssrc_type_t direction, uint8_t *key) {
    srtp_policy_t policy = {
        .ssrc = {.type = direction}, .window_size = WINDOW, .allow_repeat_tx = 1, .key = key};
    srtp_t s;
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    assert_int_equal(srtp_create(&s, &policy), srtp_err_status_ok);
    return s;
}

static void open_rig(struct rig *r) {
    static uint8_t up[30], down[30]; /* libsrtp reads two octets past a GCM master */
    for (uint8_t i = 0; i < SEAL_MASTER_BYTES; i++) {
        up[i] = (uint8_t)(i * 7 + 3);
        down[i] = (uint8_t)(i * 11 + 5);
    }
    *r = (struct rig){.random = 1};
    r->ours = seal_open(down, up);
    r->theirs_in = session(ssrc_any_inbound, down);
    r->theirs_out = session(ssrc_any_outbound, up);
}

static void close_rig(struct rig *r) {
    seal_close(r->ours);
    srtp_dealloc(r->theirs_in);
    srtp_dealloc(r->theirs_out);
}

static size_t rtp(struct rig *r, uint8_t *p, uint32_t ssrc, uint16_t seq) {
    unsigned csrcs = draw(r, 3), words = draw(r, 4);
    size_t n = 12 + 4 * csrcs, payload = draw(r, draw(r, 8) ? 60 : 1400);
    memset(p, 0x5a, ROOM);
    p[0] = (uint8_t)(0x80 | csrcs | (words ? 0x10 : 0));
    p[1] = 96;
    p[2] = (uint8_t)(seq >> 8);
    p[3] = (uint8_t)seq;
    for (int i = 0; i < 4; i++)
        p[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
    if (words) {
        p[n] = 0xbe;
        p[n + 1] = 0xde;
        p[n + 2] = 0;
        p[n + 3] = (uint8_t)words;
        n += 4 + 4 * words;
    }
    for (size_t i = 0; i < payload; i++)
        p[n + i] = (uint8_t)draw(r, 256);
    return n + payload;
}

static void ours_opens_in_theirs(void **state) {
    (void)state;
    struct rig r;
    uint8_t plain[ROOM], wire[ROOM];
    open_rig(&r);
    for (uint32_t i = 0; i < 40000; i++) {
        uint32_t ssrc = 7 + i % 3;
        size_t n = rtp(&r, plain, ssrc, (uint16_t)(60000 + i / 3));
        memcpy(wire, plain, n);
        int len = seal_protect(r.ours, wire, n);
        assert_int_equal(len, n + SEAL_RTP_MORE);
        assert_int_equal(srtp_unprotect(r.theirs_in, wire, &len), srtp_err_status_ok);
        assert_int_equal(len, n);
        assert_memory_equal(wire, plain, n);
    }
    close_rig(&r);
}

static void rtcp_both_ways(void **state) {
    (void)state;
    struct rig r;
    uint8_t plain[ROOM], wire[ROOM], again[ROOM];
    open_rig(&r);
    for (int i = 0; i < 300; i++) {
        size_t n = 8 + 4 * (size_t)draw(&r, 20);
        for (size_t k = 0; k < n; k++)
            plain[k] = (uint8_t)draw(&r, 256);
        plain[0] = 0x81;
        plain[1] = 201;
        memcpy(plain + 4, (uint8_t[]){0, 0, 0, (uint8_t)(i % 3)}, 4);
        memcpy(wire, plain, n);
        int len = seal_protect_rtcp(r.ours, wire, n);
        assert_int_equal(len, n + SEAL_RTCP_MORE);
        assert_int_equal(srtp_unprotect_rtcp(r.theirs_in, wire, &len), srtp_err_status_ok);
        assert_int_equal(len, n);
        assert_memory_equal(wire, plain, n);
        len = (int)n;
        assert_int_equal(srtp_protect_rtcp(r.theirs_out, wire, &len), srtp_err_status_ok);
        memcpy(again, wire, (size_t)len);
        for (size_t bad = 0; bad < (size_t)len; bad += 5) { /* any octet changed: nothing learned from it */
            uint8_t forged[ROOM];
            memcpy(forged, wire, (size_t)len);
            forged[bad] ^= 4;
            assert_true(seal_unprotect_rtcp(r.ours, forged, (size_t)len) < 0);
        }
        assert_int_equal(seal_unprotect_rtcp(r.ours, wire, (size_t)len), n);
        assert_memory_equal(wire, plain, n);
        assert_int_equal(seal_unprotect_rtcp(r.ours, again, (size_t)len), -ERR_CONFLICT);
    }
    close_rig(&r);
}

/* The far end's packets go to ours and to libsrtp's, in whatever order and number; both must say the same. */
static void same_verdicts(void **state) {
    (void)state;
    struct rig r;
    enum { KEPT = 2048 };
    static uint8_t sent[KEPT][ROOM];
    static int sent_n[KEPT];
    static uint8_t up[30];
    open_rig(&r);
    for (uint8_t i = 0; i < SEAL_MASTER_BYTES; i++)
        up[i] = (uint8_t)(i * 7 + 3);
    srtp_t judge = session(ssrc_any_inbound, up);
    unsigned refused = 0, taken = 0;
    for (uint32_t i = 0; i < 90000; i++) {
        uint8_t *slot = sent[i % KEPT];
        sent_n[i % KEPT] = (int)rtp(&r, slot, 9, (uint16_t)(40000 + i));
        assert_int_equal(srtp_protect(r.theirs_out, slot, &sent_n[i % KEPT]), srtp_err_status_ok);
        if (draw(&r, 10) == 0)
            continue; /* lost, for now */
        unsigned back = draw(&r, 8) == 0 ? draw(&r, i < KEPT ? i + 1 : KEPT) : 0;
        unsigned which = (i - back) % KEPT;
        uint8_t a[ROOM], b[ROOM];
        int len = sent_n[which];
        memcpy(a, sent[which], ROOM);
        if (draw(&r, 16) == 0)
            a[draw(&r, (uint32_t)len)] ^= 1;
        memcpy(b, a, ROOM);
        int got = seal_unprotect(r.ours, a, (size_t)len);
        int want = srtp_unprotect(judge, b, &len) == srtp_err_status_ok ? len : -1;
        if (want < 0) {
            assert_true(got < 0);
            refused++;
        } else {
            assert_int_equal(got, want);
            assert_memory_equal(a, b, (size_t)len);
            taken++;
        }
    }
    assert_true(refused > 3000 && taken > 60000);
    srtp_dealloc(judge);
    close_rig(&r);
}

static void what_is_no_packet(void **state) {
    (void)state;
    struct rig r;
    uint8_t p[ROOM];
    open_rig(&r);
    for (size_t n = 0; n < 12; n++) {
        memset(p, 0x80, ROOM);
        assert_int_equal(seal_protect(r.ours, p, n), -ERR_INVALID);
    }
    memset(p, 0xff, ROOM); /* version 3 */
    assert_int_equal(seal_protect(r.ours, p, 100), -ERR_INVALID);
    assert_int_equal(seal_unprotect(r.ours, p, 100), -ERR_INVALID);
    assert_int_equal(seal_unprotect_rtcp(r.ours, p, 100), -ERR_INVALID);
    memset(p, 0, ROOM);
    p[0] = 0x9f; /* an extension and fifteen sources that are not there */
    for (size_t n = 0; n < 12 + 60 + 4 + 16; n++)
        assert_true(seal_unprotect(r.ours, p, n) == (n < 28 ? -ERR_SHORT : -ERR_INVALID));
    p[0] = 0x80;
    for (size_t n = 0; n < 28; n++)
        assert_int_equal(seal_unprotect_rtcp(r.ours, p, n), -ERR_SHORT);
    assert_int_equal(seal_unprotect_rtcp(r.ours, p, 28), -ERR_INVALID); /* not encrypted */
    close_rig(&r);
}

/* A repeat from before the first packet has no index; the first packet's turn is the beginning. */
static void before_the_beginning(void **state) {
    (void)state;
    struct rig r;
    uint8_t p[ROOM];
    open_rig(&r);
    size_t n = rtp(&r, p, 5, 3);
    assert_true(seal_protect(r.ours, p, n) > 0);
    n = rtp(&r, p, 5, 65530);
    assert_int_equal(seal_protect(r.ours, p, n), -ERR_INVALID);
    n = rtp(&r, p, 5, 1);
    assert_true(seal_protect(r.ours, p, n) > 0);
    close_rig(&r);
}

static void streams_are_bounded(void **state) {
    (void)state;
    struct rig r;
    uint8_t p[ROOM];
    open_rig(&r);
    for (uint32_t ssrc = 0; ssrc <= SEAL_OUT_MAX; ssrc++) {
        size_t n = rtp(&r, p, ssrc, 1000);
        assert_int_equal(seal_protect(r.ours, p, n),
                         ssrc < SEAL_OUT_MAX ? (int)n + SEAL_RTP_MORE : -ERR_FULL);
    }
    for (uint32_t ssrc = 0; ssrc <= SEAL_IN_MAX; ssrc++) {
        int len = (int)rtp(&r, p, ssrc, 1000);
        srtp_protect(r.theirs_out, p, &len);
        assert_int_equal(seal_unprotect(r.ours, p, (size_t)len),
                         ssrc < SEAL_IN_MAX ? len - SEAL_RTP_MORE : -ERR_FULL);
    }
    seal_drop(r.ours, 10);
    seal_drop(r.ours, 999);
    int len = (int)rtp(&r, p, 4000, 1000);
    srtp_protect(r.theirs_out, p, &len);
    assert_int_equal(seal_unprotect(r.ours, p, (size_t)len), len - SEAL_RTP_MORE);
    close_rig(&r);
}

static int set_up(void **state) {
    (void)state;
    return srtp_init();
}

/* The same again with the cipher of machines that lack intel-ipsec-mb or what it needs. */
static int set_up_openssl(void **state) {
    gcm_use(GCM_BY_OPENSSL);
    return set_up(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ours_opens_in_theirs), cmocka_unit_test(rtcp_both_ways),
        cmocka_unit_test(same_verdicts),        cmocka_unit_test(what_is_no_packet),
        cmocka_unit_test(before_the_beginning), cmocka_unit_test(streams_are_bounded),
    };
    int failed = cmocka_run_group_tests(tests, set_up, NULL);
    srtp_shutdown();
    return failed + cmocka_run_group_tests(tests, set_up_openssl, NULL);
}
