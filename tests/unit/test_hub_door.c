/* Those who wait are told their place, how many wait and the host's message; the second camera is what the
 * recorder is told to show beside the program while no screen is shared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "tests/unit/hub_rig.h"

enum { HOST = 1, ANN = 2, BOB = 3, CAT = 4, DAN = 5 };

static void a_place_in_the_queue(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    rig_open(r, NULL);
    rig_enter(r, HOST, "host", "host");
    rig_say(r, HOST, "{\"type\":\"lobby\",\"on\":true}");
    rig_enter(r, CAT, "cat", "attendee");
    rig_enter(r, DAN, "dan", "attendee");
    rig_pass(r, 1000000);
    assert_says(r, CAT, "queue", "\"place\":1,\"count\":2}");
    assert_says(r, DAN, "queue", "\"place\":2,\"count\":2}");
    assert_silent(r, HOST, "queue", NULL);
    rig_clear(r, DAN);
    rig_say(r, HOST, "{\"type\":\"lobby_text\",\"text\":\"О десятій\"}");
    rig_pass(r, 1000000);
    assert_says(r, DAN, "queue", "\"text\":\"О десятій\"");
    assert_silent(r, DAN, "lobby_text", NULL); /* who waits gets no events */
    rig_clear(r, DAN);
    rig_say(r, HOST, "{\"type\":\"admit\",\"who\":\"cat\"}");
    rig_pass(r, 1000000);
    assert_says(r, DAN, "queue", "\"place\":1,\"count\":1");
    assert_int_equal(rig_count(r, DAN, "queue"), 1);
    rig_clear(r, CAT);
    rig_say(r, HOST, "{\"type\":\"admit\",\"who\":\"*\"}");
    rig_pass(r, 1000000);
    assert_silent(r, CAT, "queue", NULL);
    rig_close(r);
    mem_free(r);
}

static void the_second_camera_is_recorded(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    rig_open(r, NULL);
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"record\",\"on\":true}");
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"content\",\"on\":true}");
    assert_true(rig_ordered(r, "screen r1 host content"));
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"screen\",\"on\":true}");
    assert_true(rig_ordered(r, "screen r1 host"));
    rig_close(r);
    mem_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_in_the_queue),
        cmocka_unit_test(the_second_camera_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
