/* The administrator's words: help for whoever asks, and what a new password ends. */
#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "media/base/clock.h"
#include "server/cli/cli.h"

static int say(const char *const words[]) {
    char text[12][128], *argv[13];
    int argc = 0;
    for (; words[argc]; argc++) {
        STR_COPY(text[argc], str_of(words[argc]));
        argv[argc] = text[argc];
    }
    argv[argc] = NULL;
    return cli_main(argc, argv);
}
#define SAY(...) say((const char *const[]){"somhub", __VA_ARGS__, NULL})

static void test_help_is_no_mistake(void **state) {
    (void)state;
    assert_int_equal(SAY("user", "--help"), 0);
    assert_int_equal(SAY("token", "--help"), 0);
    assert_int_equal(SAY("token", "--room", "x", "-h"), 0);
    assert_int_equal(SAY("opera", "--help"), 0);
    assert_int_equal(SAY("opera"), 2);
    assert_int_equal(SAY("token", "--rom", "x"), 2);
}

static void on_void(void *arg, int64_t user, int64_t until_s) {
    int64_t *found = arg;
    (void)until_s;
    *found = user;
}

/* Whoever has the old one is out, also of rooms: his tickets let nobody in from the server's next start on.
 */
static void test_a_new_password_voids_tickets(void **state) {
    struct house *h = *state;
    int64_t found = 0, now_s = clock_wall_ms() / 1000;
    assert_int_equal(user_each_void(h->store, now_s, 10, on_void, &found), 0);
    assert_int_equal(found, 0);
    assert_int_equal(SAY("user", "password", "--data", h->dir, "--email", "teacher@example.org"), 0);
    assert_false(user_password_is(h->store, h->people[HOUSE_TEACHER].id, STR(HOUSE_PASSWORD)));
    assert_int_equal(user_each_void(h->store, now_s, 10, on_void, &found), 0);
    assert_int_equal(found, h->people[HOUSE_TEACHER].id);
    assert_int_equal(SAY("user", "password", "--data", h->dir, "--email", "nobody@example.org"), 1);
}

static int setup(void **state) {
    static struct house h;
    house_open(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state) {
    house_close(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_is_no_mistake),
        cmocka_unit_test(test_a_new_password_voids_tickets),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
