/* TURN as the self-check speaks it: what a relay is asked, and what its answers say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/signaling/turnmsg.h"

/* RFC 5769 2.4, "Sample Request with Long-Term Authentication": the same user, realm and nonce; its integrity
 * is over a Binding request without transport, so only the layout of the texts is compared. */
static void asking(void **state) {
    struct turnmsg_ask a = {.method = TURNMSG_ALLOCATE, .tid = {1, 2, 3}};
    uint8_t m[TURNMSG_MAX], small[40];
    (void)state;
    assert_int_equal(turnmsg_write(&a, m, sizeof m), 28);
    static const uint8_t want[] = {0, 3, 0, 8, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3,  0, 0, 0,
                                   0, 0, 0, 0, 0,    0,    0x00, 0x19, 0, 4, 17, 0, 0, 0};
    assert_memory_equal(m, want, sizeof want);
    a.user = STR("user");
    a.password = STR("pass");
    a.realm = STR("realm");
    a.nonce = STR("nonce1");
    int n = turnmsg_write(&a, m, sizeof m);
    assert_int_equal(n, 28 + (4 + 4) + (4 + 8) + (4 + 8) + 24);
    assert_int_equal(m[2] << 8 | m[3], n - 20);
    /* key: printf user:realm:pass | md5sum; HMAC-SHA1 under it of all before, the length counting it: checked
     * once against coturn (tests/integration/ways.test.mjs does so each time). */
    assert_int_equal(turnmsg_write(&a, small, sizeof small), -ERR_TOO_LARGE);
}

static struct turnmsg_ask asked = {.method = TURNMSG_ALLOCATE, .tid = "0123456789a"};

static int parse(struct turnmsg_reply *r, const char *hex_of_attrs, uint16_t type) {
    static uint8_t m[256];
    size_t n = 20;
    for (const char *p = hex_of_attrs; p[0] && p[1]; p += 2) {
        unsigned v;
        assert_int_equal(sscanf(p, "%2x", &v), 1);
        m[n++] = (uint8_t)v;
    }
    static const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};
    m[0] = (uint8_t)(type >> 8);
    m[1] = (uint8_t)type;
    m[2] = 0;
    m[3] = (uint8_t)(n - 20);
    memcpy(m + 4, cookie, 4);
    memcpy(m + 8, asked.tid, TURNMSG_TID);
    return turnmsg_parse(r, (struct bytes){m, n}, &asked);
}

static void answers(void **state) {
    struct turnmsg_reply r;
    struct addr want;
    (void)state;
    /* 401, realm "test", nonce "abc" */
    assert_int_equal(parse(&r,
                           "0009000400000401"
                           "0014000474657374"
                           "0015000361626300",
                           0x0113),
                     0);
    assert_false(r.success);
    assert_int_equal(r.error, 401);
    assert_true(str_is(r.realm, "test") && str_is(r.nonce, "abc"));
    /* XOR-RELAYED-ADDRESS 192.0.2.1:32853, as RFC 5769 2.2 writes XOR-MAPPED-ADDRESS */
    assert_int_equal(parse(&r, "001600080001a147e112a643", 0x0103), 0);
    assert_true(r.success && r.has_relayed);
    assert_int_equal(addr_parse(&want, STR("192.0.2.1"), 32853), 0);
    assert_true(addr_eq(&r.relayed, &want));
    assert_int_equal(parse(&r, "001600080001a147e112", 0x0103), -ERR_INVALID); /* not a multiple of four */
    assert_int_equal(parse(&r, "001600100001a147e112a643", 0x0103), -ERR_SHORT);
    assert_int_equal(parse(&r, "", 0x0101), -ERR_INVALID); /* an answer to something else */
    assert_int_equal(parse(&r, "001600080009a147e112a643", 0x0103), 0);
    assert_false(r.has_relayed);
    uint8_t other[20] = {0x01, 0x03, 0, 0, 0x21, 0x12, 0xa4, 0x42, 9};
    assert_int_equal(turnmsg_parse(&r, (struct bytes){other, sizeof other}, &asked), -ERR_INVALID);
    assert_int_equal(turnmsg_parse(&r, (struct bytes){other, 19}, &asked), -ERR_SHORT);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(asking), cmocka_unit_test(answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
