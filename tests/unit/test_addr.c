/* Addresses as values, what a datagram is by its first bytes, and batches through real sockets on the
 * loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>

#include "media/base/err.h"
#include "media/net/udp.h"
#include "media/rtc/demux.h"

static struct addr at(const char *ip, uint16_t port) {
    struct addr a;
    assert_int_equal(addr_parse(&a, str_of(ip), port), 0);
    return a;
}

static void text_both_ways(void **state) {
    (void)state;
    static const char *const TABLE[][2] = {{"192.0.2.7", "192.0.2.7:80"},
                                           {"::ffff:192.0.2.7", "192.0.2.7:80"},
                                           {"2001:DB8::0:1", "[2001:db8::1]:80"},
                                           {"0.0.0.0", "0.0.0.0:80"},
                                           {"::", "[::]:80"}};
    char text[ADDR_TEXT_MAX];
    struct addr a;
    for (size_t i = 0; i < countof(TABLE); i++) {
        a = at(TABLE[i][0], 80);
        addr_print(&a, text);
        assert_string_equal(text, TABLE[i][1]);
    }
    static const char *const BAD[] = {"",       "1.2.3", "1.2.3.4.5", "256.1.1.1",
                                      "::1%lo", "[::1]", "host",      "1.2.3.4 "};
    for (size_t i = 0; i < countof(BAD); i++)
        assert_int_equal(addr_parse(&a, str_of(BAD[i]), 1), -ERR_INVALID);
}

static void kinds(void **state) {
    (void)state;
    struct addr v4 = at("127.8.9.1", 1), v6 = at("::1", 1), any4 = at("0.0.0.0", 1), any6 = at("::", 1);
    struct addr ll4 = at("169.254.1.1", 1), ll6 = at("fe80::1", 1), far = at("8.8.8.8", 1);
    assert_true(addr_is_v4(&v4) && !addr_is_v4(&v6) && !addr_is_v4(&any6));
    assert_true(addr_is_loopback(&v4) && addr_is_loopback(&v6) && !addr_is_loopback(&far));
    assert_true(addr_is_any(&any4) && addr_is_any(&any6) && !addr_is_any(&v6));
    assert_true(addr_is_link_local(&ll4) && addr_is_link_local(&ll6) && !addr_is_link_local(&far));
}

static void keys_tell_apart(void **state) {
    (void)state;
    struct addr a[] = {at("192.0.2.7", 80),   at("192.0.2.7", 81),   at("192.0.2.8", 80),
                       at("2001:db8::1", 80), at("2001:db8::2", 80), at("2001:db8::1", 81)};
    for (size_t i = 0; i < countof(a); i++)
        for (size_t k = 0; k < countof(a); k++) {
            assert_int_equal(addr_eq(&a[i], &a[k]), i == k);
            assert_int_equal(addr_key(&a[i]) == addr_key(&a[k]), i == k);
        }
}

static void sockaddr_both_ways(void **state) {
    (void)state;
    struct sockaddr_storage ss;
    struct addr v4 = at("192.0.2.7", 80), v6 = at("2001:db8::1", 81), back;
    unsigned n = addr_to_sockaddr(&v4, AF_INET, &ss);
    assert_int_equal(addr_from_sockaddr(&back, &ss, n), 0);
    assert_true(addr_eq(&v4, &back));
    n = addr_to_sockaddr(&v4, AF_INET6, &ss); /* as a dual socket takes it */
    assert_int_equal(addr_from_sockaddr(&back, &ss, n), 0);
    assert_true(addr_eq(&v4, &back));
    assert_int_equal(addr_to_sockaddr(&v6, AF_INET, &ss), 0);
    n = addr_to_sockaddr(&v6, AF_INET6, &ss);
    assert_int_equal(addr_from_sockaddr(&back, &ss, n), 0);
    assert_true(addr_eq(&v6, &back));
    assert_int_equal(addr_from_sockaddr(&back, &ss, 4), -ERR_UNSUPPORTED);
    ss.ss_family = AF_UNIX;
    assert_int_equal(addr_from_sockaddr(&back, &ss, sizeof ss), -ERR_UNSUPPORTED);
}

static void machine_has_addresses(void **state) {
    (void)state;
    struct addr a[16];
    size_t n = addr_of_machine(a, countof(a));
    assert_true(n >= 1);
    bool loopback = false;
    for (size_t i = 0; i < n; i++) {
        assert_false(addr_is_any(&a[i]) || addr_is_link_local(&a[i]));
        assert_false(loopback && !addr_is_loopback(&a[i])); /* loopback comes last */
        loopback = addr_is_loopback(&a[i]);
    }
    assert_int_equal(addr_of_machine(a, 1), 1);
}

static void first_bytes(void **state) {
    (void)state;
    uint8_t d[64] = {0};
    for (unsigned b = 0; b < 256; b++)
        for (unsigned second = 0; second < 256; second++) {
            d[0] = (uint8_t)b;
            d[1] = (uint8_t)second;
            enum demux want = b <= 3                           ? DEMUX_STUN
                              : b >= 20 && b <= 63             ? DEMUX_DTLS
                              : b < 128 || b > 191             ? DEMUX_DROP
                              : second >= 192 && second <= 223 ? DEMUX_RTCP
                                                               : DEMUX_RTP;
            assert_int_equal(demux_kind((struct bytes){d, sizeof d}), want);
        }
    static const struct {
        uint8_t a, b;
        size_t enough;
    } LENGTHS[] = {{0, 1, 20}, {22, 254, 13}, {128, 96, 12}, {128, 200, 8}};
    for (size_t i = 0; i < countof(LENGTHS); i++) {
        d[0] = LENGTHS[i].a;
        d[1] = LENGTHS[i].b;
        for (size_t n = 0; n <= LENGTHS[i].enough; n++)
            assert_int_equal(demux_kind((struct bytes){d, n}) == DEMUX_DROP, n < LENGTHS[i].enough);
    }
}

/* ---- sockets ---- */

static size_t receive(struct udp *u, struct udp_in *v, size_t n) {
    struct pollfd p = {.fd = u->fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 5000), 1);
    return udp_recv(u, v, n);
}

static void batches(const char *server_ip, const char *to_ip) {
    enum { N = 40, BYTES = 1200 };
    struct udp server, client;
    struct addr any = at(server_ip, 0), local = at(to_ip, 0), bad = at("203.0.113.1", 0);
    assert_int_equal(udp_open(&server, &any), 0);
    assert_int_equal(udp_open(&client, &local), 0);
    assert_true(server.local.port != 0);
    struct udp taken;
    struct addr same = at(server_ip, server.local.port);
    assert_int_equal(udp_open(&taken, &same), -ERR_BUSY);
    assert_int_equal(taken.fd, -1);
    assert_int_equal(udp_open(&taken, &bad), -ERR_INVALID);
    struct addr dest = at(to_ip, server.local.port);
    uint8_t bytes[N][BYTES];
    struct udp_out out[N];
    for (int i = 0; i < N; i++) {
        memset(bytes[i], i, BYTES);
        out[i] = (struct udp_out){.p = bytes[i], .n = (size_t)(i + 1), .path = {.remote = dest}};
    }
    assert_int_equal(udp_send(&client, out, N), N);
    uint8_t room[UDP_BATCH][BYTES];
    struct udp_in in[UDP_BATCH];
    for (size_t got = 0; got < N;) {
        for (int i = 0; i < UDP_BATCH; i++)
            in[i] = (struct udp_in){.p = room[i], .cap = 30};
        size_t n = receive(&server, in, UDP_BATCH);
        assert_true(n > 0);
        for (size_t i = 0; i < n; i++, got++) {
            assert_int_equal(
                in[i].n, got + 1 > 30 ? 0 : got + 1); /* one too long for its buffer is not half a packet */
            assert_true(!in[i].n || in[i].p[0] == got);
            assert_true(addr_eq(&in[i].path.remote, &client.local));
            assert_true(addr_eq(&in[i].path.local, &dest));
        }
    }
    assert_int_equal(udp_recv(&server, in, UDP_BATCH), 0);
    /* The answer leaves from the address that was asked. */
    struct udp_out back = {.p = bytes[7], .n = 8, .path = {client.local, dest}};
    assert_int_equal(udp_send(&server, &back, 1), 1);
    assert_int_equal(receive(&client, in, 1), 1);
    assert_true(addr_eq(&in[0].path.remote, &dest));
    /* One call, many datagrams. */
    struct udp_out gso = {.p = bytes[0], .n = 2500, .segment = BYTES, .path = {.remote = dest}};
    assert_int_equal(udp_send(&client, &gso, 1), 1);
    size_t got = 0, sizes[3] = {0};
    while (got < 3) {
        for (int i = 0; i < 3; i++)
            in[i] = (struct udp_in){.p = room[i], .cap = BYTES};
        size_t n = receive(&server, in, 3 - got);
        for (size_t i = 0; i < n; i++)
            sizes[got++] = in[i].n;
    }
    assert_int_equal(sizes[0] + sizes[1] + sizes[2], 2500);
    assert_int_equal(sizes[2], 100);
    udp_close(&server);
    udp_close(&client);
    udp_close(&client);
}

/* Neighbours on one path go as one message when only the last is shorter; whatever goes together, each
 * arrives as it is, in order, and what cannot be sent takes nothing with it. */
static void runs_arrive_as_they_are(void **state) {
    (void)state;
    static const struct {
        size_t n;
        int to; /* 0, 1: two receivers; 2: an address nobody can have */
    } rows[] = {{1200, 0}, {1200, 0}, {700, 0},  {1200, 0}, {1200, 1}, {1200, 1}, {1201, 1}, {50, 0},
                {1100, 2}, {1100, 2}, {1100, 0}, {1100, 0}, {1, 0},    {2, 0},    {1100, 1}};
    struct addr any = at("127.0.0.1", 0);
    struct udp to[2], from;
    struct udp_out out[countof(rows)];
    static uint8_t bytes[countof(rows)][1300];
    static uint8_t room[1300];
    struct udp_in in = {.p = room, .cap = sizeof room};
    assert_int_equal(udp_open(&to[0], &any) || udp_open(&to[1], &any) || udp_open(&from, &any), 0);
    struct addr where[3] = {to[0].local, to[1].local, at("240.0.0.1", 9)};
    for (size_t i = 0; i < countof(rows); i++) {
        memset(bytes[i], (int)i + 1, sizeof bytes[i]);
        out[i] = (struct udp_out){.p = bytes[i], .n = rows[i].n, .path.remote = where[rows[i].to]};
    }
    assert_int_equal(udp_send(&from, out, countof(rows)), countof(rows));
    assert_int_equal(from.tx_errors, 2);
    for (size_t i = 0; i < countof(rows); i++) {
        if (rows[i].to == 2)
            continue;
        assert_int_equal(receive(&to[rows[i].to], &in, 1), 1);
        assert_int_equal(in.n, rows[i].n);
        assert_int_equal(room[0], i + 1);
        assert_int_equal(room[in.n - 1], i + 1);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(udp_recv(&to[i], &in, 1), 0);
        udp_close(&to[i]);
    }
    udp_close(&from);
}

static void batches_v4(void **state) {
    (void)state;
    batches("127.0.0.1", "127.0.0.1");
    batches("0.0.0.0", "127.0.0.1");
}

/* An IPv6 socket bound to any takes IPv4 as well. Machines without IPv6 have nothing to test. */
static void batches_v6(void **state) {
    (void)state;
    struct udp probe;
    struct addr one = at("::1", 0);
    if (udp_open(&probe, &one)) {
        skip();
        return;
    }
    udp_close(&probe);
    batches("::1", "::1");
    batches("::", "::1");
    batches("::", "127.0.0.1");
}

/* One datagram that cannot go anywhere does not hold up the others. */
static void refused_ones_are_counted(void **state) {
    (void)state;
    struct udp server, client;
    struct addr local = at("127.0.0.1", 0);
    assert_int_equal(udp_open(&server, &local), 0);
    assert_int_equal(udp_open(&client, &local), 0);
    uint8_t x = 9, room[8];
    struct udp_out out[3] = {
        {.p = &x, .n = 1, .path = {.remote = server.local}},
        {.p = &x, .n = 1, .path = {.remote = at("2001:db8::1", 9)}}, /* not from an IPv4 socket */
        {.p = &x, .n = 1, .path = {.remote = server.local}}};
    assert_int_equal(udp_send(&client, out, 3), 3);
    assert_int_equal(client.tx_errors, 1);
    for (int i = 0; i < 2; i++) {
        struct udp_in in = {.p = room, .cap = sizeof room};
        assert_int_equal(receive(&server, &in, 1), 1);
    }
    udp_close(&server);
    udp_close(&client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_both_ways),
        cmocka_unit_test(kinds),
        cmocka_unit_test(keys_tell_apart),
        cmocka_unit_test(sockaddr_both_ways),
        cmocka_unit_test(machine_has_addresses),
        cmocka_unit_test(first_bytes),
        cmocka_unit_test(batches_v4),
        cmocka_unit_test(runs_arrive_as_they_are),
        cmocka_unit_test(batches_v6),
        cmocka_unit_test(refused_ones_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
