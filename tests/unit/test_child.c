/* child: its input ends behind what was written, for a while: a child that does not read holds nobody up. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include <uv.h>
#include "media/base/clock.h"
#include "server/pipes/child.h"

/* Counts what comes to it, once it is let. */
struct counter {
    uv_loop_t loop;
    struct child *child;
    int gate;
    size_t fed, counted;
    bool is_gone;
};

static void on_line(void *arg, struct str line) {
    uint64_t n = 0;
    assert_int_equal(str_u64(str_trim(line), SIZE_MAX, &n), 0);
    ((struct counter *)arg)->counted = (size_t)n;
}

static void on_gone(void *arg, int status, int sig) {
    (void)status, (void)sig;
    ((struct counter *)arg)->is_gone = true;
}

/* Until no more is taken: its pipe is full, and so is the queue. */
static void fill(struct counter *c) {
    static const char *const argv[] = {"/bin/sh", "-c", "read line <&3; exec wc -c", NULL};
    static const uint8_t piece[4000];
    int gate[2];
    *c = (struct counter){.gate = -1};
    uv_loop_init(&c->loop);
    assert_int_equal(pipe(gate), 0);
    c->gate = gate[1];
    struct child_cfg cfg = {.argv = argv, .fd3 = gate[0], .fd4 = -1};
    assert_int_equal(child_open(&c->child, &c->loop, &cfg, (struct child_ops){on_line, on_gone, c}), 0);
    for (; child_feed(c->child, (struct bytes){piece, sizeof piece}); c->fed += sizeof piece)
        uv_run(&c->loop, UV_RUN_NOWAIT);
    assert_true(c->fed > CHILD_FEED_MAX);
    child_end(c->child);
    child_end(c->child);
    assert_false(child_feed(c->child, (struct bytes){piece, 1}));
    child_write(c->child, STR("late"));
}

static void let_read(struct counter *c) {
    assert_int_equal(write(c->gate, "\n", 1), 1);
    while (!c->is_gone)
        uv_run(&c->loop, UV_RUN_ONCE);
    close(c->gate);
    while (uv_run(&c->loop, UV_RUN_ONCE))
        ;
    assert_int_equal(uv_loop_close(&c->loop), 0);
}

static void the_end_is_delivered(void **state) {
    struct counter c;
    (void)state;
    fill(&c);
    uv_run(&c.loop, UV_RUN_NOWAIT);
    let_read(&c);
    assert_int_equal(c.counted, c.fed);
}

static void nobody_waits_for_ever(void **state) {
    struct counter c;
    (void)state;
    fill(&c);
    int64_t began_us = clock_mono_us();
    uv_run(&c.loop, UV_RUN_ONCE); /* nothing but the limit wakes it */
    assert_true(clock_mono_us() - began_us >= CHILD_END_MS * 900LL);
    let_read(&c);
    assert_in_range(c.counted, 1, c.fed - 1);
}

/* One that cannot be started, and one that dies in the middle, end as any other. */
static void gone_before(void **state) {
    static const char *const none[] = {"/nowhere/at/all", NULL}, *const dies[] = {"/bin/sleep", "600", NULL};
    struct counter c = {.gate = -1};
    (void)state;
    uv_loop_init(&c.loop);
    struct child_cfg cfg = {.argv = none, .fd3 = -1, .fd4 = -1};
    child_open(&c.child, &c.loop, &cfg, (struct child_ops){on_line, on_gone, &c});
    child_end(c.child);
    while (uv_run(&c.loop, UV_RUN_ONCE))
        ;
    assert_true(c.is_gone);
    cfg.argv = dies;
    c.is_gone = false;
    child_open(&c.child, &c.loop, &cfg, (struct child_ops){on_line, on_gone, &c});
    while (child_feed(c.child, (struct bytes){(const uint8_t *)"0123456789", 10}))
        ;
    child_end(c.child);
    child_kill(c.child, SIGKILL);
    while (uv_run(&c.loop, UV_RUN_ONCE))
        ;
    assert_true(c.is_gone);
    assert_int_equal(uv_loop_close(&c.loop), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_is_delivered),
        cmocka_unit_test(nobody_waits_for_ever),
        cmocka_unit_test(gone_before),
    };
    signal(SIGPIPE, SIG_IGN); /* as the server does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
