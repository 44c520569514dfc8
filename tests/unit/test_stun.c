/* STUN against the vectors of RFC 5769, round trips, and every truncation and single-bit change of a good
 * message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "media/base/rnd.h"
#include "media/rtc/stun.h"

static const char PWD[] = "VOkJxbRl1RmTxUk/WvJxBt";
#define TID 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae

/* RFC 5769 2.1 */
static const uint8_t REQUEST[] = {
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, TID,  0x80, 0x22, 0x00, 0x10, 'S',  'T',  'U',  'N',
    ' ',  't',  'e',  's',  't',  ' ',  'c',  'l',  'i',  'e',  'n',  't',  0x00, 0x24, 0x00, 0x04, 0x6e,
    0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06,
    0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00,
    0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
    0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
};
/* RFC 5769 2.2 */
static const uint8_t RESPONSE_V4[] = {
    0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, TID,  0x80, 0x22, 0x00, 0x0b, 0x74,
    0x65, 0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00,
    0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b,
    0x91, 0xf5, 0x99, 0xfd, 0x9e, 0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba,
    0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28, 0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96,
};
/* RFC 5769 2.3 */
static const uint8_t RESPONSE_V6[] = {
    0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, TID,  0x80, 0x22, 0x00, 0x0b, 0x74, 0x65, 0x73, 0x74,
    0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01,
    0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9, 0x00, 0x08,
    0x00, 0x14, 0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1, 0x17, 0x84, 0xc9, 0x7c, 0x82, 0x92, 0xc2,
    0x75, 0xbf, 0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb, 0x0b, 0x4c,
};
#define VIEW(a) ((struct bytes){(a), sizeof(a)})

static void rfc5769_request(void **state) {
    struct stun m;
    (void)state;
    assert_int_equal(stun_parse(&m, VIEW(REQUEST)), 0);
    assert_int_equal(m.cls, STUN_REQUEST);
    assert_int_equal(m.method, STUN_BINDING);
    assert_true(str_is(m.username, "evtj:h6vY"));
    assert_true(str_is(m.software, "STUN test client"));
    assert_int_equal(m.priority, 0x6e0001ff);
    assert_true(m.tie_breaker == UINT64_C(0x932ff9b151263b36));
    assert_true(m.has & STUN_HAS_CONTROLLED && m.has & STUN_HAS_FINGERPRINT &&
                !(m.has & STUN_HAS_USE_CANDIDATE));
    assert_int_equal(stun_verify(&m, str_of(PWD)), 0);
    assert_int_equal(stun_verify(&m, STR("VOkJxbRl1RmTxUk/WvJxBT")), -ERR_FORGED);
    assert_int_equal(stun_verify(&m, STR("")), -ERR_FORGED);
}

static void rfc5769_responses(void **state) {
    struct stun m;
    struct addr want;
    (void)state;
    assert_int_equal(stun_parse(&m, VIEW(RESPONSE_V4)), 0);
    assert_int_equal(m.cls, STUN_SUCCESS);
    assert_int_equal(addr_parse(&want, STR("192.0.2.1"), 32853), 0);
    assert_true(addr_eq(&m.mapped, &want));
    assert_int_equal(stun_verify(&m, str_of(PWD)), 0);
    assert_int_equal(stun_parse(&m, VIEW(RESPONSE_V6)), 0);
    assert_int_equal(addr_parse(&want, STR("2001:db8:1234:5678:11:2233:4455:6677"), 32853), 0);
    assert_true(addr_eq(&m.mapped, &want));
    assert_int_equal(stun_verify(&m, str_of(PWD)), 0);
}

/* What a browser sends, and each thing we answer, must come back as it was. */
static void round_trip(void **state) {
    (void)state;
    struct stun in[4] = {
        {.cls = STUN_REQUEST,
         .method = STUN_BINDING,
         .username = STR("abcd:efgh"),
         .priority = 1862270975,
         .tie_breaker = UINT64_C(0xfedcba9876543210),
         .has = STUN_HAS_USERNAME | STUN_HAS_PRIORITY | STUN_HAS_CONTROLLING | STUN_HAS_USE_CANDIDATE},
        {.cls = STUN_SUCCESS, .method = STUN_BINDING, .has = STUN_HAS_MAPPED},
        {.cls = STUN_ERROR,
         .method = STUN_BINDING,
         .error = 487,
         .reason = STR("Role Conflict"),
         .has = STUN_HAS_ERROR},
        {.cls = STUN_INDICATION, .method = 0xABC, .software = STR("somhub"), .has = STUN_HAS_SOFTWARE},
    };
    addr_parse(&in[1].mapped, STR("2001:db8::1"), 7);
    for (size_t i = 0; i < countof(in); i++) {
        uint8_t wire[STUN_REPLY_MAX];
        struct stun out;
        rnd_bytes(in[i].tid, 12);
        int n = stun_write(&in[i], str_of(PWD), wire, sizeof wire);
        assert_true(n > 0);
        assert_int_equal(stun_parse(&out, (struct bytes){wire, (size_t)n}), 0);
        assert_int_equal(out.has, in[i].has | STUN_HAS_INTEGRITY | STUN_HAS_FINGERPRINT);
        assert_int_equal(out.cls, in[i].cls);
        assert_int_equal(out.method, in[i].method);
        assert_memory_equal(out.tid, in[i].tid, 12);
        assert_true(str_eq(out.username, in[i].username) && str_eq(out.reason, in[i].reason));
        assert_true(str_eq(out.software, in[i].software));
        assert_int_equal(out.priority, in[i].priority);
        assert_true(out.tie_breaker == in[i].tie_breaker && out.error == in[i].error);
        assert_true(addr_eq(&out.mapped, &in[i].mapped));
        assert_int_equal(stun_verify(&out, str_of(PWD)), 0);
        for (int cap = 0; cap < n; cap++)
            assert_int_equal(stun_write(&in[i], str_of(PWD), wire, (size_t)cap), -ERR_TOO_LARGE);
    }
}

static void every_cut_and_flip_is_refused(void **state) {
    (void)state;
    struct stun m;
    for (size_t n = 0; n < sizeof REQUEST; n++)
        assert_true(stun_parse(&m, (struct bytes){REQUEST, n}) < 0);
    for (size_t bit = 0; bit < 8 * sizeof REQUEST; bit++) {
        uint8_t bad[sizeof REQUEST];
        memcpy(bad, REQUEST, sizeof bad);
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        int r = stun_parse(&m, VIEW(bad));
        /* A changed type of the last attribute makes it one to ignore: still authentic, no longer
         * fingerprinted. */
        if (bit / 8 == sizeof REQUEST - 8 || bit / 8 == sizeof REQUEST - 7)
            assert_false(!r && m.has & STUN_HAS_FINGERPRINT);
        else
            assert_true(r < 0 || stun_verify(&m, str_of(PWD)) == -ERR_FORGED);
    }
}

/* Sofia-SIP and PJSIP overflows began here: an attribute longer than the message, or a length that lies. */
static void lying_lengths(void **state) {
    (void)state;
    struct stun m;
    uint8_t msg[28] = {0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42, [20] = 0, 6, 0, 4, 'a', ':', 'b', 'c'};
    assert_int_equal(stun_parse(&m, VIEW(msg)), 0);
    msg[23] = 5; /* past the end */
    assert_int_equal(stun_parse(&m, VIEW(msg)), -ERR_SHORT);
    msg[22] = 0xff;
    msg[23] = 0xff;
    assert_int_equal(stun_parse(&m, VIEW(msg)), -ERR_SHORT);
    msg[22] = 0;
    msg[23] = 4;
    msg[3] = 12;
    assert_int_equal(stun_parse(&m, VIEW(msg)), -ERR_INVALID);
    msg[3] = 4;
    assert_int_equal(stun_parse(&m, VIEW(msg)), -ERR_INVALID);
    msg[3] = 8;
    msg[21] = 0x24; /* PRIORITY of four bytes is right */
    assert_int_equal(stun_parse(&m, VIEW(msg)), 0);
    msg[21] = 0x25; /* USE-CANDIDATE has none */
    assert_int_equal(stun_parse(&m, VIEW(msg)), -ERR_INVALID);
    msg[21] = 0x08; /* a MESSAGE-INTEGRITY of four bytes */
    assert_int_equal(stun_parse(&m, VIEW(msg)), -ERR_INVALID);
}

static void unknown_attributes(void **state) {
    (void)state;
    struct stun m;
    uint8_t msg[36] = {0, 1, 0,   16,  0x21, 0x12, 0xa4, 0x42, [20] = 0x7f, 0x01,
                       0, 3, 'x', 'y', 'z',  0,    0xc0, 0x57, 0,           4};
    assert_int_equal(stun_parse(&m, VIEW(msg)), 0);
    assert_int_equal(m.unknown_count, 1); /* 0xc057 (goog network info) is comprehension-optional */
    assert_int_equal(m.unknown[0], 0x7f01);
    assert_true(m.has & STUN_HAS_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc5769_request), cmocka_unit_test(rfc5769_responses),
        cmocka_unit_test(round_trip),      cmocka_unit_test(every_cut_and_flip_is_refused),
        cmocka_unit_test(lying_lengths),   cmocka_unit_test(unknown_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
