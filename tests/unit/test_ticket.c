#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sodium.h>

#include "media/base/err.h"
#include "server/http/guest.h"
#include "server/http/ticket.h"

static const uint8_t key_bytes[TICKET_KEY_BYTES] = "0123456789abcdef0123456789abcde";
static const struct bytes key = {key_bytes, sizeof key_bytes};
static const struct ticket good = {.sub = "u12",
                                   .room = "k3v9q2mzt7",
                                   .name = "Їжак «Туман»",
                                   .role = "speaker",
                                   .user = 12,
                                   .iat_s = 1000,
                                   .exp_s = 2000};

static void test_round_trip(void **state) {
    (void)state;
    char jwt[TICKET_MAX + 1];
    struct ticket out;
    assert_int_equal(ticket_mint(jwt, &good, key), 0);
    assert_int_equal(ticket_verify(&out, str_of(jwt), key, 1999999), 0);
    assert_memory_equal(&out, &good, sizeof good);
    assert_int_equal(ticket_verify(&out, str_of(jwt), key, 2000000), -ERR_EXPIRED);
    struct ticket more = good;
    strcpy(more.langs, "en\nzh-Hant-TW");
    assert_int_equal(ticket_mint(jwt, &more, key), 0);
    assert_int_equal(ticket_verify(&out, str_of(jwt), key, 1999999), 0);
    assert_memory_equal(&out, &more, sizeof more);
    strcpy(more.langs, "en\tuk");
    assert_int_equal(ticket_mint(jwt, &more, key), -ERR_INVALID);
}

static void test_every_changed_byte_is_refused(void **state) {
    (void)state;
    char jwt[TICKET_MAX + 1];
    struct ticket out;
    assert_int_equal(ticket_mint(jwt, &good, key), 0);
    size_t n = strlen(jwt);
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 7; bit++) {
            jwt[i] = (char)(jwt[i] ^ 1 << bit);
            assert_int_equal(ticket_verify(&out, (struct str){jwt, n}, key, 1500000), -ERR_AUTH);
            jwt[i] = (char)(jwt[i] ^ 1 << bit);
        }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(ticket_verify(&out, (struct str){jwt, i}, key, 1500000), -ERR_AUTH);
    assert_int_equal(ticket_verify(&out, (struct str){jwt, n}, key, 1500000), 0);
}

static void test_foreign_key(void **state) {
    (void)state;
    uint8_t other[TICKET_KEY_BYTES] = {1};
    char jwt[TICKET_MAX + 1];
    struct ticket out;
    assert_int_equal(ticket_mint(jwt, &good, (struct bytes){other, sizeof other}), 0);
    assert_int_equal(ticket_verify(&out, str_of(jwt), key, 1500000), -ERR_AUTH);
    assert_int_equal(ticket_verify(&out, str_of(jwt), (struct bytes){key_bytes, 5}, 1500000), -ERR_AUTH);
}

/* A JWT of any header and claims, rightly signed: what only the key's owner could make, and still must not
 * pass. */
static void sign(char *dst, const char *head, const char *claims) {
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char part[TICKET_MAX];
    crypto_auth_hmacsha256_state st;
    int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    sodium_bin2base64(part, sizeof part, (const uint8_t *)head, strlen(head), variant);
    strcpy(dst, part);
    strcat(dst, ".");
    sodium_bin2base64(part, sizeof part, (const uint8_t *)claims, strlen(claims), variant);
    strcat(dst, part);
    crypto_auth_hmacsha256_init(&st, key.p, key.n);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)dst, strlen(dst));
    crypto_auth_hmacsha256_final(&st, mac);
    strcat(dst, ".");
    sodium_bin2base64(part, sizeof part, mac, sizeof mac, variant);
    strcat(dst, part);
}

#define HEAD "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define REST ",\"name\":\"N\",\"room\":\"r\",\"role\":\"host\",\"user\":0,\"iat\":1,\"exp\":9}"

static void test_headers_and_claims(void **state) {
    (void)state;
    static const struct {
        const char *head, *claims;
        int err;
    } rows[] = {
        {HEAD, "{\"sub\":\"a\"" REST, 0},
        {HEAD, "{\"aud\":\"x\",\"sub\":\"a\"" REST, 0},
        {"{\"typ\":\"JWT\",\"alg\":\"HS256\"}", "{\"sub\":\"a\"" REST, -ERR_AUTH},
        {"{\"alg\":\"none\",\"typ\":\"JWT\"}", "{\"sub\":\"a\"" REST, -ERR_AUTH},
        {HEAD, "{\"sub\":\"\"" REST, -ERR_AUTH},
        {HEAD, "{\"sub\":\"a b\"" REST, -ERR_AUTH},
        {HEAD, "{\"sub\":\"../a\"" REST, -ERR_AUTH},
        {HEAD, "{\"sub\":7" REST, -ERR_AUTH},
        {HEAD, "{\"sub\":\"a\",\"sub\":\"b\"" REST, -ERR_AUTH},
        {HEAD, "{\"sub\":\"a12345678901234567890123456789012\"" REST, -ERR_AUTH},
        {HEAD, "[]", -ERR_AUTH},
        {HEAD, "{}", -ERR_AUTH},
        {HEAD,
         "{\"sub\":\"a\",\"name\":\"N\",\"room\":\"r\",\"role\":\"king\",\"user\":0,\"iat\":1,\"exp\":9}",
         -ERR_AUTH},
        {HEAD,
         "{\"sub\":\"a\",\"name\":\"\\n\",\"room\":\"r\",\"role\":\"host\",\"user\":0,\"iat\":1,\"exp\":9}",
         -ERR_AUTH},
        {HEAD,
         "{\"sub\":\"a\",\"name\":\"N\",\"room\":\"r\",\"role\":\"host\",\"user\":-1,\"iat\":1,\"exp\":9}",
         -ERR_AUTH},
        {HEAD,
         "{\"sub\":\"a\",\"name\":\"N\",\"room\":\"r\",\"role\":\"host\",\"user\":0,\"iat\":5,\"exp\":4}",
         -ERR_AUTH},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        char jwt[2 * TICKET_MAX];
        struct ticket out;
        sign(jwt, rows[i].head, rows[i].claims);
        if (ticket_verify(&out, str_of(jwt), key, 2000) != rows[i].err)
            fail_msg("row %zu", i);
    }
}

static void test_minting_refuses(void **state) {
    (void)state;
    char jwt[TICKET_MAX + 1];
    struct ticket t = good;
    (void)STR_COPY(t.role, STR("boss"));
    assert_int_equal(ticket_mint(jwt, &t, key), -ERR_INVALID);
    t = good;
    t.name[0] = 0;
    assert_int_equal(ticket_mint(jwt, &t, key), -ERR_INVALID);
    t = good;
    t.exp_s = 0;
    assert_int_equal(ticket_mint(jwt, &t, key), -ERR_INVALID);
    /* the longest of everything fits */
    t = good;
    memset(t.sub, 'a', TICKET_ID_MAX);
    memset(t.room, 'b', TICKET_ID_MAX);
    memset(t.name, '"', TICKET_NAME_MAX); /* each is escaped */
    t.user = t.exp_s = INT64_MAX;
    assert_int_equal(ticket_mint(jwt, &t, key), 0);
    struct ticket out;
    assert_int_equal(ticket_verify(&out, str_of(jwt), key, 1), 0);
}

static void test_guest_cookie(void **state) {
    (void)state;
    char member[GUEST_MEMBER_MAX + 1], back[GUEST_MEMBER_MAX + 1], value[GUEST_COOKIE_MAX + 1];
    guest_make(member);
    guest_sign(value, member, "k3v9q2mzt7", 1000, key);
    assert_int_equal(guest_verify(back, str_of(value), "k3v9q2mzt7", key, 999999), 0);
    assert_string_equal(back, member);
    assert_int_equal(guest_verify(back, str_of(value), "k3v9q2mzt7", key, 1000000), -ERR_AUTH);
    assert_int_equal(guest_verify(back, str_of(value), "k3v9q2mzt8", key, 999999), -ERR_AUTH);
    size_t n = strlen(value);
    for (size_t i = 0; i < n; i++) {
        value[i] ^= 1;
        assert_int_equal(guest_verify(back, (struct str){value, n}, "k3v9q2mzt7", key, 999999), -ERR_AUTH);
        value[i] ^= 1;
        assert_int_equal(guest_verify(back, (struct str){value, i}, "k3v9q2mzt7", key, 999999), -ERR_AUTH);
    }
    /* one is no ticket, and a ticket is none */
    struct ticket out;
    assert_int_equal(ticket_verify(&out, str_of(value), key, 1), -ERR_AUTH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),      cmocka_unit_test(test_every_changed_byte_is_refused),
        cmocka_unit_test(test_foreign_key),     cmocka_unit_test(test_headers_and_claims),
        cmocka_unit_test(test_minting_refuses), cmocka_unit_test(test_guest_cookie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
