/* sealcm against libsrtp: what it seals libsrtp opens, octet for octet, RTP across turns of the sequence
 * number and RTCP; libsrtp's own sealing gives the same octets, one packet at a time and many together; and
 * it opens the RTCP that libsrtp seals, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <srtp2/srtp.h>

#include "media/base/ctrmac.h"
#include "media/base/err.h"
#include "media/rtc/sealcm.h"

enum { ROOM = 1600 };

static uint32_t seed = 1;

static uint32_t draw(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

struct rig {
    struct sealcm *ours;
    srtp_t in, out; /* the far end, and a second opinion on what we send */
};

static srtp_t session(srtp_ssrc_type_t direction, uint8_t *key) {
    srtp_policy_t policy = {
        .ssrc = {.type = direction}, .window_size = 1024, .allow_repeat_tx = 1, .key = key};
    srtp_t s;
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    assert_int_equal(srtp_create(&s, &policy), srtp_err_status_ok);
    return s;
}

static void open_rig(struct rig *r) {
    uint8_t master[SEALCM_MASTER_BYTES];
    for (uint8_t i = 0; i < sizeof master; i++)
        master[i] = (uint8_t)(i * 11 + 5);
    r->ours = sealcm_open(master, master);
    r->in = session(ssrc_any_inbound, master);
    r->out = session(ssrc_any_outbound, master);
}

static void close_rig(struct rig *r) {
    sealcm_close(r->ours);
    srtp_dealloc(r->in);
    srtp_dealloc(r->out);
}

static size_t packet(uint8_t *p, uint32_t ssrc, uint16_t seq) {
    unsigned csrcs = draw(3), words = draw(4);
    size_t n = 12 + 4 * csrcs, payload = draw(draw(8) ? 60 : 1400);
    memset(p, 0x5a, 64);
    p[0] = (uint8_t)(0x80 | csrcs | (words ? 0x10 : 0));
    p[1] = 96;
    p[2] = (uint8_t)(seq >> 8);
    p[3] = (uint8_t)seq;
    for (int i = 0; i < 4; i++)
        p[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
    if (words) {
        memcpy(p + n, (uint8_t[]){0xbe, 0xde, 0, (uint8_t)words}, 4);
        n += 4 + 4 * words;
    }
    for (size_t i = 0; i < payload; i++)
        p[n + i] = (uint8_t)draw(256);
    return n + payload;
}

static void rtp_as_libsrtp_does(void **state) {
    (void)state;
    struct rig r;
    static uint8_t plain[ROOM], wire[ROOM], theirs[ROOM];
    open_rig(&r);
    for (uint32_t i = 0; i < 60000; i++) { /* three streams, each turns over */
        size_t n = packet(plain, 0x80000007 + i % 3, (uint16_t)(50000 + i / 3));
        memcpy(wire, plain, n);
        memcpy(theirs, plain, n);
        int len = sealcm_protect(r.ours, wire, n), their_len = (int)n;
        assert_int_equal(len, n + SEALCM_RTP_MORE);
        assert_int_equal(srtp_protect(r.out, theirs, &their_len), srtp_err_status_ok);
        assert_int_equal(len, their_len);
        assert_memory_equal(wire, theirs, (size_t)len);
        assert_int_equal(srtp_unprotect(r.in, wire, &len), srtp_err_status_ok);
        assert_int_equal(len, n);
        assert_memory_equal(wire, plain, n);
    }
    close_rig(&r);
}

/* A packet sent again a while later, over a turn too, is what it was. */
static void repeats_are_the_same(void **state) {
    (void)state;
    enum { BACK = 700 };
    struct rig r;
    static uint8_t plain[BACK][ROOM], first[BACK][ROOM], wire[ROOM];
    static size_t n[BACK];
    open_rig(&r);
    for (uint32_t i = 0; i < 3000; i++) {
        unsigned k = i % BACK;
        if (i >= BACK) {
            memcpy(wire, plain[k], n[k]);
            int len = sealcm_protect(r.ours, wire, n[k]);
            assert_int_equal(len, n[k] + SEALCM_RTP_MORE);
            assert_memory_equal(wire, first[k], (size_t)len);
        }
        n[k] = packet(plain[k], 9, (uint16_t)(64000 + i));
        memcpy(first[k], plain[k], n[k]);
        assert_true(sealcm_protect(r.ours, first[k], n[k]) > 0);
    }
    close_rig(&r);
}

static void rtcp_as_libsrtp_does(void **state) {
    (void)state;
    struct rig r;
    uint8_t plain[ROOM], wire[ROOM], theirs[ROOM];
    open_rig(&r);
    for (int i = 0; i < 300; i++) {
        size_t n = 8 + 4 * (size_t)draw(20);
        for (size_t k = 0; k < n; k++)
            plain[k] = (uint8_t)draw(256);
        memcpy(plain, (uint8_t[]){0x81, 201, 0, 1, 0, 0, 0, 77}, 8); /* libsrtp counts by SSRC: one of them */
        memcpy(wire, plain, n);
        memcpy(theirs, plain, n);
        int len = sealcm_protect_rtcp(r.ours, wire, n), their_len = (int)n;
        assert_int_equal(len, n + SEALCM_RTCP_MORE);
        assert_int_equal(srtp_protect_rtcp(r.out, theirs, &their_len), srtp_err_status_ok);
        assert_int_equal(len, their_len);
        assert_memory_equal(wire, theirs, (size_t)len);
        assert_int_equal(srtp_unprotect_rtcp(r.in, wire, &len), srtp_err_status_ok);
        assert_int_equal(len, n);
        assert_memory_equal(wire, plain, n);
    }
    close_rig(&r);
}

/* So many packets of several peers are worked off together, some of nothing but a header. */
static void together_as_libsrtp_does(void **state) {
    (void)state;
    enum { PEERS = 5, MOST = CTRMAC_BATCH + 9 };
    static uint8_t wire[MOST][ROOM], theirs[MOST][ROOM];
    struct rig r[PEERS];
    struct ctrmac_batch later = {0};
    for (unsigned i = 0; i < PEERS; i++)
        open_rig(&r[i]);
    for (unsigned n = 1, seq = 65000; n <= MOST; n++, seq += MOST) {
        size_t size[MOST];
        for (unsigned i = 0; i < n; i++) {
            size_t plain = size[i] = packet(wire[i], 7 + i % PEERS, (uint16_t)(seq + i / PEERS));
            if (i % 6 == 5 && outidx_head(wire[i], plain))
                size[i] = plain = outidx_head(wire[i], plain);
            memcpy(theirs[i], wire[i], plain);
            assert_int_equal(sealcm_protect_later(r[i % PEERS].ours, &later, wire[i], plain),
                             plain + SEALCM_RTP_MORE);
        }
        ctrmac_work(&later);
        for (unsigned i = 0; i < n; i++) {
            int len = (int)size[i];
            assert_int_equal(srtp_protect(r[i % PEERS].out, theirs[i], &len), srtp_err_status_ok);
            assert_memory_equal(wire[i], theirs[i], (size_t)len);
        }
    }
    ctrmac_batch_fini(&later);
    for (unsigned i = 0; i < PEERS; i++)
        close_rig(&r[i]);
}

static void opens_rtcp_of_libsrtp(void **state) {
    (void)state;
    struct rig r;
    uint8_t plain[ROOM], wire[ROOM], forged[ROOM];
    open_rig(&r);
    for (uint32_t i = 0; i < 300; i++) {
        size_t n = 8 + 4 * (size_t)draw(20);
        for (size_t k = 0; k < n; k++)
            plain[k] = (uint8_t)draw(256);
        memcpy(plain, (uint8_t[]){0x81, 201, 0, 1, 0, 0, 0, (uint8_t)(70 + i % 3)}, 8);
        memcpy(wire, plain, n);
        int len = (int)n;
        assert_int_equal(srtp_protect_rtcp(r.out, wire, &len), srtp_err_status_ok);
        for (int k = 0; k < len; k += 3) {
            memcpy(forged, wire, (size_t)len);
            forged[k] ^= (uint8_t)(1 << draw(8));
            assert_true(sealcm_unprotect_rtcp(r.ours, forged, (size_t)len) < 0);
        }
        memcpy(forged, wire, (size_t)len);
        assert_int_equal(sealcm_unprotect_rtcp(r.ours, wire, (size_t)len), n);
        assert_memory_equal(wire, plain, n);
        assert_int_equal(sealcm_unprotect_rtcp(r.ours, forged, (size_t)len), -ERR_CONFLICT);
    }
    assert_int_equal(sealcm_unprotect_rtcp(r.ours, plain, 8 + SEALCM_RTCP_MORE - 1), -ERR_SHORT);
    memset(plain, 0, 30);
    plain[0] = 0x81;
    assert_int_equal(sealcm_unprotect_rtcp(r.ours, plain, 30), -ERR_INVALID); /* not encrypted */
    close_rig(&r);
}

static void reporters_are_bounded(void **state) {
    (void)state;
    struct rig r;
    uint8_t p[ROOM] = {0x80, 201, 0, 1};
    open_rig(&r);
    for (unsigned i = 0; i <= SEALCM_IN_MAX; i++) {
        memcpy(p, (uint8_t[]){0x80, 201, 0, 1, 0, 0, 1, (uint8_t)i}, 8);
        int len = sealcm_protect_rtcp(r.ours, p, 8);
        assert_int_equal(sealcm_unprotect_rtcp(r.ours, p, (size_t)len), i < SEALCM_IN_MAX ? 8 : -ERR_FULL);
    }
    sealcm_drop(r.ours, 0x103);
    memcpy(p, (uint8_t[]){0x80, 201, 0, 1, 0, 0, 2, 0}, 8);
    int len = sealcm_protect_rtcp(r.ours, p, 8);
    assert_int_equal(sealcm_unprotect_rtcp(r.ours, p, (size_t)len), 8);
    close_rig(&r);
}

static void what_is_no_packet(void **state) {
    (void)state;
    struct rig r;
    uint8_t p[ROOM] = {0};
    open_rig(&r);
    assert_int_equal(sealcm_protect(r.ours, p, 100), -ERR_INVALID); /* version 0 */
    memset(p, 0x80, 200);
    assert_int_equal(sealcm_protect(r.ours, p, 11), -ERR_INVALID);
    assert_int_equal(sealcm_protect_rtcp(r.ours, p, 7), -ERR_INVALID);
    p[0] = 0x9f; /* an extension and fifteen sources that are not there */
    assert_int_equal(sealcm_protect(r.ours, p, 70), -ERR_INVALID);
    for (uint32_t ssrc = 0; ssrc <= OUTIDX_MAX; ssrc++) {
        size_t n = packet(p, ssrc, 1000);
        assert_int_equal(sealcm_protect(r.ours, p, n),
                         ssrc < OUTIDX_MAX ? (int)n + SEALCM_RTP_MORE : -ERR_FULL);
    }
    close_rig(&r);
}

/* RFC 2202 3: test cases 5 (a 20-octet key) and, in two parts, 1. */
static void digests(void **state) {
    (void)state;
    static const uint8_t c[16], key[20] = {0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c,
                                           0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c, 0x0c},
                                want[20] = {0x4c, 0x1a, 0x03, 0x42, 0x4b, 0x55, 0xe0, 0x7f, 0xe7, 0xf2,
                                            0x7b, 0xe1, 0xd5, 0x8b, 0xb9, 0x32, 0x4a, 0x9a, 0x5a, 0x04};
    static const char text[] = "Test With Truncation";
    uint8_t tag[HMAC_SHA1_BYTES];
    struct ctrmac *m = ctrmac_open(c, key);
    for (size_t cut = 0; cut <= 20; cut += 10) {
        ctrmac_tag(m, (struct bytes){(const uint8_t *)text, cut},
                   (struct bytes){(const uint8_t *)text + cut, 20 - cut}, tag);
        assert_memory_equal(tag, want, 20);
    }
    ctrmac_close(m);
}

static int set_up(void **state) {
    (void)state;
    return srtp_init();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtp_as_libsrtp_does),   cmocka_unit_test(repeats_are_the_same),
        cmocka_unit_test(rtcp_as_libsrtp_does),  cmocka_unit_test(together_as_libsrtp_does),
        cmocka_unit_test(opens_rtcp_of_libsrtp), cmocka_unit_test(reporters_are_bounded),
        cmocka_unit_test(what_is_no_packet),     cmocka_unit_test(digests),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
