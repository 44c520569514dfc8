/* Polls through the hub: who is told what, live, on return and in a snapshot; ten thousand answers are told
 * in sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "server/signaling/tally.h"
#include "tests/unit/hub_rig.h"

enum { HOST = 1, ANN = 2, BOB = 3, FIRST = 10, CROWD = 1000, ANSWERS = 10000, SECONDS = 10, BURST = 50 };

static int setup(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    rig_open(r, NULL);
    rig_class(r);
    *state = r;
    return 0;
}

static int teardown(void **state) {
    rig_close(*state);
    mem_free(*state);
    return 0;
}

static uint64_t poll(struct rig *r, const char *more) {
    rig_say(
        r, HOST,
        "{\"type\":\"poll\",\"kind\":\"single\",\"text\":\"Секретна чернетка\",\"options\":[\"так\",\"ні\"],"
        "\"right\":[1]%s}",
        more);
    uint64_t n = rig_seq(rig_last(r, HOST, "poll", NULL));
    rig_say(r, HOST, "{\"type\":\"poll_open\",\"id\":2,\"n\":%llu}", (unsigned long long)n);
    return n;
}

static void answer(struct rig *r, uint64_t conn, uint64_t n, int pick) {
    rig_say(r, conn, "{\"type\":\"poll_answer\",\"id\":9,\"n\":%llu,\"picks\":[%d]}", (unsigned long long)n,
            pick);
}

/* Nothing this connection was ever told has these words in it. */
static void never_told(const struct rig *r, uint64_t conn, const char *words) {
    for (size_t i = 0; i < r->inbox[conn].n; i++)
        if (strstr(r->inbox[conn].v[i], words))
            fail_msg("%llu was told: %s", (unsigned long long)conn, r->inbox[conn].v[i]);
}

static void told_to_whom(void **state) {
    struct rig *r = *state;
    uint64_t n = poll(r, "");
    assert_says(r, HOST, "poll", "\"right\":[1]");
    assert_silent(r, ANN, "poll", NULL);
    assert_says(r, ANN, "poll_opened", "\"options\":[\"так\",\"ні\"]");
    answer(r, ANN, n, 1);
    assert_says(r, ANN, "ok", "\"id\":9");
    assert_silent(r, BOB, "poll_answer", NULL);
    assert_silent(r, HOST, "poll_answer", NULL);
    assert_says(r, HOST, "tally", "\"answers\":1,\"counts\":[0,1]");
    assert_silent(r, BOB, "tally", NULL);
    never_told(r, ANN, "right");
    rig_say(r, HOST, "{\"type\":\"poll_close\",\"n\":%llu}", (unsigned long long)n);
    assert_says(r, HOST, "poll_tally", "\"counts\":[0,1]");
    assert_says(r, BOB, "poll_closed", NULL);
    never_told(r, BOB, "counts");
    rig_say(r, HOST, "{\"type\":\"poll_show\",\"n\":%llu,\"on\":true}", (unsigned long long)n);
    assert_says(r, BOB, "poll_shown", "\"right\":[1]");
    assert_says(r, BOB, "poll_shown", "\"counts\":[0,1]");
    rig_say(r, HOST, "{\"type\":\"scores\"}");
    assert_says(r, BOB, "scores", "\"names\":[\"Пані ann\"],\"counts\":[1]");
}

static void coming_back(void **state) {
    struct rig *r = *state;
    uint64_t since = r->log[r->log_n - 1].seq, n = poll(r, "");
    answer(r, ANN, n, 0);
    rig_enter_since(r, 5, "bob", "attendee", since);
    assert_says(r, 5, "welcome", "\"resumed\":true");
    assert_says(r, 5, "poll_opened", NULL);
    assert_silent(r, 5, "poll", NULL);
    never_told(r, 5, "\"picks\"");
    rig_enter_since(r, 11, "ann", "attendee", since);
    assert_says(r, 11, "welcome", "\"resumed\":true");
    assert_says(r, 11, "welcome", "\"picks\":[0]"); /* the cut may have taken the ok */
    rig_enter(r, 6, "bob", "attendee");
    assert_says(r, 6, "welcome", "\"state\":\"open\"");
    assert_says(r, 6, "welcome", "\"answers\":[]");
    never_told(r, 6, "right");
    never_told(r, 6, "counts");
    rig_enter(r, 7, "ann", "attendee");
    assert_says(r, 7, "welcome", "\"picks\":[0]");
    rig_enter(r, 8, "host", "host");
    assert_says(r, 8, "welcome", "\"right\":[1]");
    assert_says(r, 8, "tally", "\"counts\":[1,0]");
    rig_crash(r);
    rig_enter(r, 9, "ann", "attendee");
    assert_says(r, 9, "welcome", "\"picks\":[0]");
    rig_say(r, 9, "{\"type\":\"poll_answer\",\"n\":%llu,\"picks\":[1]}", (unsigned long long)n);
    rig_enter(r, 10, "host", "host");
    assert_says(r, 10, "tally", "\"counts\":[0,1]");
}

/* What people only are told in sum takes no place from what they are told one by one. */
static void answers_leave_room_to_resume(void **state) {
    struct rig *r = *state;
    uint64_t n = poll(r, ""), since = r->log[r->log_n - 1].seq;
    for (int i = 0; i < HUB_TAIL_MAX / 4; i++) {
        answer(r, ANN, n, i % 2);
        rig_pass(r, 1100000);
        rig_say(r, HOST, "{\"type\":\"ping\"}");
        rig_say(r, ANN, "{\"type\":\"ping\"}");
    }
    rig_enter_since(r, 5, "bob", "attendee", since);
    assert_says(r, 5, "welcome", "\"resumed\":true");
}

static void nameless(void **state) {
    struct rig *r = *state;
    uint64_t n = poll(r, ",\"anonymous\":true");
    size_t before = r->log_n;
    answer(r, ANN, n, 1);
    answer(r, BOB, n, 0);
    answer(r, ANN, n, 0); /* one person is one answer */
    assert_says(r, HOST, "ok", "\"id\":2");
    rig_pass(r, 1000000);
    assert_says(r, HOST, "tally", "\"answers\":2,\"counts\":[2,0]");
    for (size_t i = before; i < r->log_n; i++) {
        assert_null(strstr(r->log[i].json, "ann"));
        assert_null(strstr(r->log[i].json, "bob"));
        assert_non_null(strstr(r->log[i].json, "\"by\":\"."));
    }
    rig_enter(r, 5, "ann", "attendee");
    assert_says(r, 5, "welcome", "\"answers\":[{\"n\":"); /* she is told which is hers */
    uint64_t second = poll(r, ",\"anonymous\":true");
    answer(r, BOB, second, 0);
    const char *one = strstr(r->log[before + 1].json, "\"by\":"),
               *two = strstr(r->log[r->log_n - 1].json, "\"by\":");
    assert_non_null(one);
    assert_non_null(two);
    assert_memory_not_equal(one, two, 12); /* two answers of one person cannot be put together */
}

static void ten_thousand(void **state) {
    struct rig *r = *state;
    for (uint64_t c = FIRST; c < FIRST + CROWD; c++) {
        char id[16];
        snprintf(id, sizeof id, "g%u", (unsigned)c);
        rig_enter(r, c, id, "attendee");
    }
    uint64_t n = poll(r, "");
    for (uint64_t c = 0; c < FIRST + CROWD; c++)
        rig_clear(r, c);
    for (int i = 0; i < ANSWERS; i++) { /* each thinks anew, once a second */
        answer(r, FIRST + (uint64_t)(i % CROWD), n, (i / CROWD) % 2);
        if (i % BURST == BURST - 1)
            rig_pass(r, SECONDS * 1000000LL * BURST / ANSWERS);
    }
    for (uint64_t c = FIRST; c < FIRST + CROWD; c++)
        for (size_t i = 0; i < r->inbox[c].n; i++)
            if (!strstr(r->inbox[c].v[i], "\"type\":\"ok\"") &&
                !strstr(r->inbox[c].v[i], "\"type\":\"presence\""))
                fail_msg("told one by one: %s", r->inbox[c].v[i]);
    assert_int_equal(rig_count(r, FIRST, "ok"), ANSWERS / CROWD);
    assert_in_range(rig_count(r, HOST, "tally"), SECONDS, SECONDS * 1000 / TALLY_POLLS_MS + 2);
    rig_pass(r, 1000000);
    assert_says(r, HOST, "tally", "\"answers\":1000,\"counts\":[0,1000]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(told_to_whom, setup, teardown),
        cmocka_unit_test_setup_teardown(coming_back, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_leave_room_to_resume, setup, teardown),
        cmocka_unit_test_setup_teardown(nameless, setup, teardown),
        cmocka_unit_test_setup_teardown(ten_thousand, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
