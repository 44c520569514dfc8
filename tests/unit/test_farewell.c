/* farewell: who still sends reads his answer to the end and is not reset; who never ends is cut off, by
 * bytes, by time, by being one too many. Real sockets. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <uv.h>
#include "media/base/clock.h"
#include "server/http/farewell.h"

struct pair {
    int ours, theirs;
};
static uv_loop_t loop;
static struct farewell farewell;

static struct pair connected(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    struct pair p;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(door, (struct sockaddr *)&a, n), 0);
    assert_int_equal(listen(door, 1), 0);
    getsockname(door, (struct sockaddr *)&a, &n);
    p.theirs = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(p.theirs, (struct sockaddr *)&a, n), 0);
    p.ours = accept(door, NULL, NULL);
    close(door);
    return p;
}

/* The last word is said, and what owns the connection closes it. */
static void leave(struct pair *p) {
    assert_int_equal(send(p->ours, "no", 2, 0), 2);
    farewell_copy(&farewell, p->ours);
    shutdown(p->ours, SHUT_WR);
    close(p->ours);
}

static void turns(void) {
    for (int i = 0; i < 20; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

static void who_still_sends_reads_it(void **state) {
    static const char piece[4096];
    struct pair p = connected();
    char said[8];
    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(send(p.theirs, piece, sizeof piece, 0), sizeof piece);
    leave(&p);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(send(p.theirs, piece, sizeof piece, MSG_NOSIGNAL), sizeof piece);
        turns();
    }
    assert_int_equal(recv(p.theirs, said, sizeof said, 0), 2);
    assert_int_equal(recv(p.theirs, said, sizeof said, 0), 0); /* an end, no reset */
    assert_int_equal(farewell.n, 1);
    close(p.theirs);
    while (farewell.n)
        uv_run(&loop, UV_RUN_ONCE);
}

static void nobody_goes_on_for_ever(void **state) {
    static const char piece[65536];
    struct pair p = connected(), quiet = connected();
    size_t sent = 0;
    (void)state;
    leave(&p);
    fcntl(p.theirs, F_SETFL, O_NONBLOCK);
    for (ssize_t n; farewell.n; turns())
        sent += (n = send(p.theirs, piece, sizeof piece, MSG_NOSIGNAL)) > 0 ? (size_t)n : 0;
    assert_true(sent > FAREWELL_BYTES);
    close(p.theirs);
    int64_t began_us = clock_mono_us();
    leave(&quiet);
    while (farewell.n)
        uv_run(&loop, UV_RUN_ONCE);
    assert_true(clock_mono_us() - began_us >= FAREWELL_MS * 900LL);
    close(quiet.theirs);
}

static void one_too_many(void **state) {
    struct pair p[FAREWELL_MAX + 1];
    char said[8];
    (void)state;
    for (int i = 0; i <= FAREWELL_MAX; i++) {
        p[i] = connected();
        leave(&p[i]);
    }
    assert_int_equal(farewell.n, FAREWELL_MAX);
    turns();
    assert_int_equal(recv(p[0].theirs, said, sizeof said, 0), 2);
    for (int i = 0; i <= FAREWELL_MAX; i++)
        close(p[i].theirs);
    farewell_fini(&farewell);
    assert_int_equal(farewell.n, 0);
    while (uv_run(&loop, UV_RUN_ONCE))
        ;
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
    uv_loop_init(&loop);
    farewell_init(&farewell, &loop);
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_still_sends_reads_it),
        cmocka_unit_test(nobody_goes_on_for_ever),
        cmocka_unit_test(one_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
