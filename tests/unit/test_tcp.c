/* Datagrams over TCP: framing in any pieces, strangers that must prove themselves in time and number, a slow
 * receiver that costs a bounded queue, goodbyes. Real sockets on loopback, the time passed in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/net/deframe.h"
#include "media/net/tcp.h"

enum { WAIT_MS = 5000, SECOND = 1000000, HEARD_MAX = 8 };

struct rig {
    struct tcp *tcp;
    int64_t now_us;
    bool keeps; /* everybody who says something is no stranger */
    unsigned heard, gone;
    struct addr_path last, lost;
    char text[HEARD_MAX][64];
};

static void on_datagram(void *ctx, uint8_t *p, size_t n, const struct addr_path *path) {
    struct rig *r = ctx;
    if (n < 64)
        snprintf(r->text[r->heard % HEARD_MAX], 64, "%.*s", (int)n, (const char *)p);
    memset(p, 0, n);
    r->heard++;
    r->last = *path;
    if (r->keeps)
        tcp_keep(r->tcp, path->stream);
}

static void on_gone(void *ctx, const struct addr_path *path) {
    struct rig *r = ctx;
    r->gone++;
    r->lost = *path;
}

static void rig_open(struct rig *r) {
    *r = (struct rig){.now_us = SECOND, .keeps = true};
    struct tcp_ops ops = {on_datagram, on_gone, r};
    struct addr any;
    assert_int_equal(addr_parse(&any, STR("127.0.0.1"), 0), 0);
    assert_int_equal(tcp_open(&r->tcp, &any, &ops), 0);
}

/* From 127.0.0.`host`. */
static int dial_from(const struct rig *r, unsigned host) {
    struct sockaddr_in from = {.sin_family = AF_INET},
                       to = {.sin_family = AF_INET, .sin_port = htons(tcp_port(r->tcp))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static int dial(const struct rig *r) { return dial_from(r, 1); }

static void turn(struct rig *r) {
    tcp_receive(r->tcp, r->now_us);
    tcp_flush(r->tcp, r->now_us);
}

static unsigned connections(const struct rig *r) {
    struct tcp_stats s;
    tcp_stats(r->tcp, &s);
    return s.connections;
}

static uint64_t turned_away(const struct rig *r) {
    struct tcp_stats s;
    tcp_stats(r->tcp, &s);
    return s.turned_away;
}

/* Turns until the count is there: what the kernel still carries comes when it comes, and wakes the fd. */
#define turn_until(r, cond)                                                                                  \
    do {                                                                                                     \
        turn(r);                                                                                             \
        while (!(cond)) {                                                                                    \
            struct pollfd pfd_ = {.fd = tcp_fd((r)->tcp), .events = POLLIN};                                 \
            if (poll(&pfd_, 1, WAIT_MS) <= 0)                                                                \
                fail_msg("nothing came: %s", #cond);                                                         \
            turn(r);                                                                                         \
        }                                                                                                    \
    } while (0)

static void say(int fd, const char *text) {
    uint8_t frame[DEFRAME_HEAD + 64];
    size_t n = strlen(text);
    deframe_head(frame, n);
    memcpy(frame + DEFRAME_HEAD, text, n);
    assert_int_equal(send(fd, frame, DEFRAME_HEAD + n, MSG_NOSIGNAL), DEFRAME_HEAD + n);
}

/* Reads one frame's length and payload; -1 at the end of the stream. */
static int hear(int fd, uint8_t *dst) {
    uint8_t head[DEFRAME_HEAD];
    if (recv(fd, head, sizeof head, MSG_WAITALL) != sizeof head)
        return -1;
    size_t n = deframe_length(head);
    return recv(fd, dst, n, MSG_WAITALL) == (ssize_t)n ? (int)n : -1;
}

static bool is_closed(int fd) {
    uint8_t b;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, WAIT_MS) == 1 && recv(fd, &b, 1, 0) <= 0;
}

static void both_ways(void **state) {
    (void)state;
    struct rig r;
    rig_open(&r);
    int fd = dial(&r);
    say(fd, "one");
    say(fd, "two");
    turn_until(&r, r.heard == 2);
    assert_string_equal(r.text[0], "one");
    assert_string_equal(r.text[1], "two");
    assert_true(r.last.stream != 0 && addr_is_loopback(&r.last.remote));
    assert_true(tcp_send(r.tcp, r.last.stream, (const uint8_t *)"three", 5));
    assert_true(tcp_send(r.tcp, r.last.stream, (const uint8_t *)"fours", 5));
    tcp_flush(r.tcp, r.now_us);
    uint8_t got[DEFRAME_MAX];
    assert_int_equal(hear(fd, got), 5);
    assert_memory_equal(got, "three", 5);
    assert_int_equal(hear(fd, got), 5);
    assert_int_equal(tcp_next_us(r.tcp), INT64_MAX);
    close(fd);
    turn_until(&r, r.gone == 1);
    assert_int_equal(r.lost.stream, r.last.stream);
    assert_false(tcp_send(r.tcp, r.last.stream, (const uint8_t *)"x", 1));
    assert_int_equal(connections(&r), 0);
    tcp_close(r.tcp);
}

/* A byte at a time, empty frames between; then a length nobody may ask for. */
static void in_pieces(void **state) {
    (void)state;
    struct rig r;
    rig_open(&r);
    int fd = dial(&r);
    static const uint8_t bytes[] = {0, 0, 0, 2, 'h', 'i', 0, 0, 0, 1, '!'};
    for (size_t i = 0; i < sizeof bytes; i++) {
        assert_int_equal(send(fd, bytes + i, 1, MSG_NOSIGNAL), 1);
        turn_until(&r, connections(&r) == 1);
    }
    turn_until(&r, r.heard == 2);
    assert_string_equal(r.text[0], "hi");
    assert_string_equal(r.text[1], "!");
    static const uint8_t endless[] = {0xff, 0xff, 1, 2, 3};
    assert_int_equal(send(fd, endless, sizeof endless, MSG_NOSIGNAL), sizeof endless);
    turn_until(&r, r.gone == 1);
    assert_true(is_closed(fd));
    close(fd);
    tcp_close(r.tcp);
}

/* Slow loris: whoever proves nothing is closed in time, and keeps nobody out. */
static void strangers(void **state) {
    (void)state;
    struct rig r;
    rig_open(&r);
    r.keeps = false;
    int slow = dial(&r), chatty = dial(&r), first = dial(&r);
    turn_until(&r, connections(&r) == 3);
    assert_int_equal(tcp_next_us(r.tcp), r.now_us + TCP_STRANGER_US);
    uint8_t half[2] = {0, 100};
    assert_int_equal(send(slow, half, sizeof half, MSG_NOSIGNAL), 2);
    char text[61] = {0};
    memset(text, 'x', 60);
    for (int i = 0; i < TCP_STRANGER_BYTES / 60 + 1; i++)
        say(chatty, text);
    turn_until(&r, connections(&r) == 2);
    assert_true(is_closed(chatty));
    assert_int_equal(turned_away(&r), 1);
    r.now_us += TCP_STRANGER_US - 1;
    turn(&r);
    assert_int_equal(connections(&r), 2);
    r.now_us++;
    turn(&r);
    assert_int_equal(connections(&r), 0);
    assert_true(is_closed(slow) && is_closed(first));
    assert_int_equal(r.gone, 0); /* nobody knew them */
    close(slow);
    close(chatty);
    close(first);
    tcp_close(r.tcp);
}

static void too_many_strangers(void **state) {
    (void)state;
    struct rig r;
    static int fd[TCP_STRANGERS_MAX + 8];
    rig_open(&r);
    int known = dial(&r);
    say(known, "hello");
    turn_until(&r, r.heard == 1);
    for (unsigned i = 0; i < countof(fd); i++) {
        fd[i] = dial_from(&r, 2 + i / 100);
        turn(&r);
    }
    turn_until(&r, turned_away(&r) == 8);
    assert_int_equal(connections(&r), 1 + TCP_STRANGERS_MAX);
    assert_true(is_closed(fd[0]) && is_closed(fd[7])); /* the oldest made room */
    say(fd[8], "still here");
    say(known, "me too");
    turn_until(&r, r.heard == 3);
    for (unsigned i = 0; i < countof(fd); i++)
        close(fd[i]);
    close(known);
    tcp_close(r.tcp);
}

/* A flood from one address makes room among its own, whoever else is at the door stays. */
static void one_address_shuts_nobody_out(void **state) {
    (void)state;
    struct rig r;
    static int fd[TCP_STRANGERS_MAX + 200];
    rig_open(&r);
    int other = dial_from(&r, 9);
    turn_until(&r, connections(&r) == 1);
    for (unsigned i = 0; i < countof(fd); i++) {
        fd[i] = dial(&r);
        turn(&r);
    }
    turn_until(&r, turned_away(&r) == countof(fd) - TCP_STRANGERS_ADDR);
    assert_int_equal(connections(&r), 1 + TCP_STRANGERS_ADDR);
    say(other, "here I am");
    turn_until(&r, r.heard == 1);
    assert_string_equal(r.text[0], "here I am");
    assert_true(is_closed(fd[0]));
    for (unsigned i = 0; i < countof(fd); i++)
        close(fd[i]);
    close(other);
    tcp_close(r.tcp);
}

/* Who does not read costs a bounded queue: large packets are refused first, small ones still go for a while,
 * and what has waited too long is thrown away at a frame's end. Then the stream goes on, whole. */
static void a_slow_reader(void **state) {
    (void)state;
    struct rig r;
    static uint8_t big[1200], small[100], got[DEFRAME_MAX];
    rig_open(&r);
    int fd = dial(&r);
    say(fd, "hello");
    turn_until(&r, r.heard == 1);
    memset(big, 'b', sizeof big);
    memset(small, 's', sizeof small);
    unsigned taken = 0, refused = 0;
    for (unsigned i = 0; i < 40000 && !refused; i++) {
        if (tcp_send(r.tcp, r.last.stream, big, sizeof big))
            taken++;
        else
            refused++;
        tcp_flush(r.tcp, r.now_us);
    }
    assert_true(refused == 1 && taken > 100);
    assert_true(tcp_send(r.tcp, r.last.stream, small, sizeof small)); /* the reserve */
    r.now_us += TCP_STALE_US;
    tcp_flush(r.tcp, r.now_us);
    assert_false(tcp_send(r.tcp, r.last.stream, big, sizeof big)); /* it is late */
    assert_true(tcp_send(r.tcp, r.last.stream, small, sizeof small));
    tcp_flush(r.tcp, r.now_us);
    unsigned bigs = 0, smalls = 0;
    tcp_drop(r.tcp, r.last.stream);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    for (int n; (n = poll(&p, 1, 0) == 1 ? hear(fd, got) : -1) >= 0;) {
        assert_true(n == sizeof big || n == sizeof small);
        assert_int_equal(got[0], n == sizeof big ? 'b' : 's');
        bigs += n == sizeof big;
        smalls += n == sizeof small;
        turn(&r);
    }
    assert_true(bigs > 0 && bigs < taken); /* what had waited too long was thrown away … */
    assert_true(smalls <= 1);
    assert_int_equal(r.gone, 0); /* … and it was told to go, so nobody is told */
    close(fd);
    tcp_close(r.tcp);
}

static void goodbye(void **state) {
    (void)state;
    struct rig r;
    rig_open(&r);
    int fd = dial(&r);
    say(fd, "hello");
    turn_until(&r, r.heard == 1);
    assert_true(tcp_send(r.tcp, r.last.stream, (const uint8_t *)"bye", 3));
    tcp_drop(r.tcp, r.last.stream);
    tcp_flush(r.tcp, r.now_us);
    uint8_t got[DEFRAME_MAX];
    assert_int_equal(hear(fd, got), 3);
    assert_true(is_closed(fd));
    assert_int_equal(r.gone, 0);
    close(fd);
    tcp_close(r.tcp);
}

static void refusals(void **state) {
    (void)state;
    struct rig r;
    struct tcp *other = NULL;
    struct addr same, foreign;
    rig_open(&r);
    struct tcp_ops ops = {on_datagram, on_gone, &r};
    assert_int_equal(addr_parse(&same, STR("127.0.0.1"), tcp_port(r.tcp)), 0);
    assert_int_equal(tcp_open(&other, &same, &ops), -ERR_BUSY);
    assert_int_equal(addr_parse(&foreign, STR("203.0.113.1"), 0), 0);
    assert_int_equal(tcp_open(&other, &foreign, &ops), -ERR_INVALID);
    assert_false(tcp_send(r.tcp, 12345, (const uint8_t *)"x", 1));
    tcp_keep(r.tcp, 12345);
    tcp_drop(r.tcp, 12345);
    tcp_close(r.tcp);
    tcp_close(NULL);
}

/* Both ends of every connection are here: more than the 1,024 files a login has at first on Debian. */
static int raise_limit(void **state) {
    struct rlimit r;
    (void)state;
    if (getrlimit(RLIMIT_NOFILE, &r))
        return -1;
    r.rlim_cur = r.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(in_pieces),
        cmocka_unit_test(strangers),
        cmocka_unit_test(too_many_strangers),
        cmocka_unit_test(one_address_shuts_nobody_out),
        cmocka_unit_test(a_slow_reader),
        cmocka_unit_test(goodbye),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, raise_limit, NULL);
}
