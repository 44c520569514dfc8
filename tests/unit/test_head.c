/* head: what is refused before libwebsockets sees it, and that nothing else is; where requests, bodies and
 * frames end; the same whichever way the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "media/base/str.h"
#include "server/http/head.h"

#define END " HTTP/1.1\r\nHost: a\r\n\r\n"
#define SOCKET "GET /ws HTTP/1.1\r\nUpgrade: WebSocket\r\n\r\n"

static const struct head_names names = {
    {"get ", "host:", "x-real-ip:", "accept:", "accept-language:", "put", "uri-args"}, 7};

/* Whole, and a byte at a time. */
static enum head_fault feed(struct head *h, const char *text, size_t n) {
    struct head whole;
    head_init(&whole, &names);
    head_init(h, &names);
    head_feed(&whole, (const uint8_t *)text, n);
    for (size_t i = 0; i < n; i++)
        head_feed(h, (const uint8_t *)text + i, 1);
    assert_int_equal(whole.fault, h->fault);
    assert_int_equal(whole.state, h->state);
    assert_int_equal(whole.left, h->left);
    return h->fault;
}

static void addresses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum head_fault fault;
    } rows[] = {
        {"GET /" END, HEAD_FINE},
        {"GET /%2F%c3%A9?q=50%25&b=%e2%82%ac;c" END, HEAD_FINE},
        {"OPTIONS *" END, HEAD_ADDRESS},
        {"GET  /" END, HEAD_ADDRESS},
        {"GET \r\n", HEAD_ADDRESS},
        {"\r\n\r\nGET /" END, HEAD_FINE},
        {"GET /?q=%0a%20%30" END, HEAD_FINE},
        {"GET /?q=50%" END, HEAD_ADDRESS},
        {"GET /%2" END, HEAD_ADDRESS},
        {"GET /%g0" END, HEAD_ADDRESS},
        {"GET /%%25" END, HEAD_ADDRESS},
        {"GET /%00" END, HEAD_ADDRESS},
        {"GET /a%\r\n", HEAD_ADDRESS},
        {"GET http://a/" END, HEAD_ADDRESS},
        {"CONNECT a:443" END, HEAD_ADDRESS},
        {"HELLO\r\n\r\n", HEAD_REQUEST},
        {"get /" END, HEAD_REQUEST},
        {"GeT /" END, HEAD_REQUEST},
        {"GET\t/" END, HEAD_REQUEST},
        {" GET /" END, HEAD_REQUEST},
        {"AVERYLONGMETHODINDEED /" END, HEAD_REQUEST},
        {"\x16\x03\x01\x02", HEAD_REQUEST},
        {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", HEAD_FINE},
        {"GET / HTTP/1.1\nHost: a\n\n", HEAD_FINE},
        {"GET / HTTP/1.9\r\n", HEAD_FINE},
        {"GET / HTTP/2.0\r\n", HEAD_VERSION},
        {"GET / HTTP/0.9\r\n", HEAD_VERSION},
        {"GET /\r\nHost: a\r\n\r\n", HEAD_REQUEST},
        {"GET /\n", HEAD_REQUEST},
        {"GET / \r\n", HEAD_REQUEST},
        {"GET / HTTP/1\r\n", HEAD_REQUEST},
        {"GET / HTTP/11\r\n", HEAD_REQUEST},
        {"GET / HTTP/1.10\r\n", HEAD_REQUEST},
        {"GET / http/1.1\r\n", HEAD_REQUEST},
        {"GET / ICY/1.1\r\n", HEAD_REQUEST},
        {"GET /a b HTTP/1.1\r\n", HEAD_REQUEST},
        {"GET /  HTTP/1.1\r\n", HEAD_REQUEST},
        {"GET / HTTP/1.1 \r\n", HEAD_REQUEST},
        {"GET / HTTP/1.1\r\r\n", HEAD_REQUEST},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct head h;
        if (feed(&h, rows[i].text, strlen(rows[i].text)) != rows[i].fault)
            fail_msg("%s: %d", rows[i].text, (int)h.fault);
    }
    struct head h;
    feed(&h, "GET / HTTP/1.0\r\n", 16);
    assert_true(head_has_request(&h));
    feed(&h, "PRI / HTTP/2.0\r\n\r\n", 18);
    assert_false(head_has_request(&h));
}

static void what_follows(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum head_fault fault;
        bool is_socket;
    } rows[] = {
        {"POST / HTTP/1.1\r\nContent-Length: 8\r\n\r\nGET /%z GET /%z" END, HEAD_ADDRESS, false},
        {"POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\nGET /%zGET /" END, HEAD_FINE, false},
        {"POST / HTTP/1.1\r\ncontent-length:7 \r\n\r\nGET /%zGET /%z" END, HEAD_ADDRESS, false},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nGET /%z" END, HEAD_LENGTH, false},
        {"POST / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n", HEAD_LENGTH, false},
        {"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", HEAD_LENGTH, false},
        {"POST / HTTP/1.1\r\nContent-Length: 000000000000000000005\r\n\r\n", HEAD_LENGTH, false},
        {"POST / HTTP/1.1\r\nContent-Length:                           7\r\n\r\nGET /%zGET /%z" END,
         HEAD_ADDRESS, false},
        {"POST / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", HEAD_LENGTH, false},
        {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nGET /%z" END, HEAD_LENGTH, false},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nGET /%z" END, HEAD_LENGTH, false},
        {"GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", HEAD_UPGRADE, false},
        {"GET / HTTP/1.1\r\nUpgrade-Insecure-Requests: 1\r\n\r\n", HEAD_FINE, false},
        {"GET / HTTP/1.1\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\n", HEAD_FIELD, false},
        {"GET / HTTP/1.1\r\nTransfer-Encoding: a\r\nUpgrade: websocket\r\n\r\n", HEAD_LENGTH, false},
        {SOCKET, HEAD_FINE, true},
        {SOCKET "\x81\x82----{}\x89\x80----", HEAD_FINE, true},
        {SOCKET "\x81\x82----{}\x81\x02{}", HEAD_UNMASKED, true},
        {SOCKET "\x81\x02{}", HEAD_UNMASKED, true},
        {SOCKET "\x88\x02{}", HEAD_UNMASKED, true},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct head h;
        if (feed(&h, rows[i].text, strlen(rows[i].text)) != rows[i].fault ||
            head_is_socket(&h) != rows[i].is_socket)
            fail_msg("%s: %d", rows[i].text, (int)h.fault);
    }
}

static void fields(void **state) {
    (void)state;
    static const struct {
        const char *line;
        enum head_fault fault;
    } rows[] = {
        {"Host: a\r\n", HEAD_FINE},
        {"HOST:\r\n", HEAD_FINE},
        {"Hosts: a\n", HEAD_FINE},
        {"accept:a\r\n", HEAD_FINE},
        {"X-Real-IPs: 1\r\n", HEAD_FINE},
        {"X-Z: a\r\n", HEAD_FINE},
        {"!#$%&'*+-.^_`|~9: \t\r\n", HEAD_FINE},
        {"X-R: a\r\n", HEAD_FIELD},
        {"x: a\r\n", HEAD_FIELD},
        {"Hos: a\r\n", HEAD_FIELD},
        {"Accept-: a\r\n", HEAD_FIELD},
        {"GET: a\r\n", HEAD_FIELD},
        {"no colon\r\n", HEAD_FIELD},
        {"nocolon\r\nHost: a\r\n", HEAD_FIELD},
        {": a\r\n", HEAD_FIELD},
        {"Host : a\r\n", HEAD_FIELD},
        {" Host: a\r\n", HEAD_FIELD},
        {"Host: a\r\n folded\r\n", HEAD_FIELD},
        {"Z: a\rHost: b\r\n", HEAD_FIELD},
        {"\rZ: a\r\n", HEAD_FIELD},
        {"\xc3\xa9: a\r\n", HEAD_FIELD},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        char text[128];
        struct head h;
        int n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s\r\n", rows[i].line);
        if (feed(&h, text, (size_t)n) != rows[i].fault)
            fail_msg("%s: %d", rows[i].line, (int)h.fault);
    }
    struct head h;
    assert_int_equal(feed(&h, "GET / HTTP/1.1\r\nA: b\0c\r\n", 24), HEAD_FIELD);
}

static void long_frames(void **state) {
    (void)state;
    static char text[80000];
    struct head h;
    size_t n = strlen(strcpy(text, SOCKET));
    memset(text + n, 'x', sizeof text - n);
    memcpy(text + n, "\x81\xfe\x01\x00mask", 8);
    memcpy(text + n + 8 + 256, "\x80\xff\x00\x00\x00\x00\x00\x01\x00\x00mask", 14);
    size_t end = n + 8 + 256 + 14 + 65536;
    memcpy(text + end, "\x81\x80mask", 6);
    assert_int_equal(feed(&h, text, end + 6), HEAD_FINE);
    assert_int_equal(h.left, 0);
    text[end + 1] = 0;
    assert_int_equal(feed(&h, text, end + 6), HEAD_UNMASKED);
}

static void limits(void **state) {
    (void)state;
    static char text[4 * HEAD_MAX];
    struct head h;
    memset(text, 'a', sizeof text);
    memcpy(text, "GET /", 5);
    assert_int_equal(feed(&h, text, HEAD_MAX / 2), HEAD_FINE);
    assert_int_equal(feed(&h, text, sizeof text), HEAD_ADDRESS_LONG);
    size_t n = strlen(strcpy(text, "GET / HTTP/1.1\r\nZ: "));
    text[n] = 'a';
    assert_int_equal(feed(&h, text, HEAD_MAX - 200), HEAD_FINE);
    assert_int_equal(feed(&h, text, sizeof text), HEAD_FIELDS_LONG);
    n = strlen(strcpy(text, "GET / HTTP/1.1\r\n"));
    for (unsigned i = 0; i < HEAD_PARTS_MAX; i++)
        n += (size_t)sprintf(text + n, "Z: b\r\n");
    assert_int_equal(feed(&h, text, n), HEAD_FINE);
    n += (size_t)sprintf(text + n, "Z: b\r\n");
    assert_int_equal(feed(&h, text, n), HEAD_FIELDS_LONG);
    n = strlen(strcpy(text, "GET /&&?"));
    memset(text + n, '&', HEAD_PARTS_MAX);
    assert_int_equal(feed(&h, text, n + HEAD_PARTS_MAX), HEAD_FINE);
    text[n + HEAD_PARTS_MAX] = ';';
    assert_int_equal(feed(&h, text, n + HEAD_PARTS_MAX + 1), HEAD_ADDRESS_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),   cmocka_unit_test(what_follows), cmocka_unit_test(fields),
        cmocka_unit_test(long_frames), cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
