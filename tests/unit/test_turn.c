/* The relay's addresses in the configuration, and passwords that coturn would make of the same secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "media/base/base64.h"
#include "media/base/err.h"
#include "media/base/json.h"
#include "server/signaling/turn.h"

static void addresses(void **state) {
    static const struct {
        const char *text, *host;
        uint16_t port;
        bool tls, tcp, ok;
    } rows[] = {
        {"turn:relay.example.org", "relay.example.org", 3478, false, false, true},
        {"turn:relay.example.org:443?transport=tcp", "relay.example.org", 443, false, true, true},
        {"turns:192.0.2.1", "192.0.2.1", 5349, true, true, true},
        {"turn:[2001:db8::1]:3479?transport=udp", "2001:db8::1", 3479, false, false, true},
        {"turn:[2001:db8::1]", "2001:db8::1", 3478, false, false, true},
        {.text = "stun:relay.example.org"},
        {.text = "relay.example.org:3478"},
        {.text = "turn:"},
        {.text = "turn::3478"},
        {.text = "turn:host:"},
        {.text = "turn:host:0"},
        {.text = "turn:host:65536"},
        {.text = "turn:host?transport=sctp"},
        {.text = "turn:2001:db8::1"},
        {.text = "turn:[2001:db8::1"},
        {.text = "turn:[2001:db8::1]x:1"},
        {.text = "turn:a>b"},
        {.text = "turn:a\"b"},
        {.text = "turn:a b"},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct str list = str_of(rows[i].text);
        struct turn_url u;
        if (turn_next(&list, &u) != rows[i].ok)
            fail_msg("%s", rows[i].text);
        if (!rows[i].ok)
            continue;
        assert_true(str_is(u.host, rows[i].host) && str_is(u.whole, rows[i].text));
        assert_int_equal(u.port, rows[i].port);
        assert_int_equal(u.tls, rows[i].tls);
        assert_int_equal(u.tcp, rows[i].tcp);
    }
}

static void settings(void **state) {
    char err[256];
    (void)state;
    assert_int_equal(turn_check(&(struct turn){"", ""}, err), 0);
    assert_int_equal(turn_check(&(struct turn){"turn:a, turns:b:443", "s"}, err), 0);
    assert_int_equal(turn_check(&(struct turn){"turn:a", ""}, err), -ERR_INVALID);
    assert_int_equal(turn_check(&(struct turn){"", "s"}, err), -ERR_INVALID);
    assert_int_equal(turn_check(&(struct turn){"turn:a,http://b", "s"}, err), -ERR_INVALID);
    assert_non_null(strstr(err, "http://b"));
    assert_int_equal(
        turn_check(&(struct turn){"turn:a,turn:a,turn:a,turn:a,turn:a,turn:a,turn:a,turn:a,turn:a", "s"},
                   err),
        -ERR_INVALID);
    char longest[TURN_URL_MAX + 2] = "turn:";
    memset(longest + 5, 'a', sizeof longest - 6);
    assert_int_equal(turn_check(&(struct turn){longest, "s"}, err), -ERR_INVALID);
    longest[TURN_URL_MAX] = 0;
    assert_int_equal(turn_check(&(struct turn){longest, "s"}, err), 0);
}

/* printf '1790043200:u5' | openssl dgst -sha1 -hmac north -binary | base64 */
static void passwords(void **state) {
    struct turn t = {"turn:a:1, turns:b", "north"};
    struct turn_pass p;
    struct buf b;
    struct json *j;
    struct str s;
    (void)state;
    turn_pass(&t, "u5", INT64_C(1790000000000), &p);
    assert_string_equal(p.user, "1790043200:u5");
    assert_string_equal(p.credential, "LnmxRG0XaciCnfENoBD3eFEMraw=");
    buf_init(&b, 4096);
    turn_ice(&t, "u5", INT64_C(1790000000000), &b);
    assert_int_equal(json_parse(&j, buf_view(&b)), 0);
    const struct json *server = json_at(j, 0);
    assert_int_equal(json_len(j), 1);
    assert_int_equal(json_len(json_get(server, "urls")), 2);
    assert_true(json_str(json_at(json_get(server, "urls"), 1), &s) && str_is(s, "turns:b"));
    assert_true(json_get_str(server, "username", &s) && str_is(s, p.user));
    assert_true(json_get_str(server, "credential", &s) && str_is(s, p.credential));
    json_free(j);
    char link[TURN_LINK_MAX];
    struct str urls = str_of(t.urls);
    assert_true(turn_link(&urls, &p, link));
    assert_string_equal(link, "<turn:a:1>; rel=\"ice-server\"; username=\"1790043200:u5\"; "
                              "credential=\"LnmxRG0XaciCnfENoBD3eFEMraw=\"; credential-type=\"password\"");
    assert_true(turn_link(&urls, &p, link));
    assert_memory_equal(link, "<turns:b>;", 10);
    assert_false(turn_link(&urls, &p, link));
    buf_reset(&b);
    turn_ice(&(struct turn){"", ""}, "u5", 0, &b);
    assert_true(str_is(buf_view(&b), "[]"));
    buf_fini(&b);
    char small[4];
    assert_int_equal(base64_write(small, sizeof small, (struct bytes){(const uint8_t *)"abc", 3}),
                     -ERR_TOO_LARGE);
    assert_string_equal(small, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(settings),
                                       cmocka_unit_test(passwords)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
