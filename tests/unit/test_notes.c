/* notes: who may write, what a whole takes the place of, how much is kept, and what a newcomer is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"

enum { HOST = 1, ANN = 2, LATE = 5 };
#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)
#define NOTE(by, data) DO(by, .type = CMD_NOTE, .text = data)
#define WHOLE(by, upto, data) DO(by, .type = CMD_NOTE_WHOLE, .n = upto, .text = data)

static int setup(void **state) { return rig_three(state, &rig_webinar); }

static struct str long_data(size_t n) {
    char *p = mem_strdup("");
    p = mem_realloc(p, n + 1);
    memset(p, 'A', n);
    p[n] = 0;
    return (struct str){p, n};
}

static void who_may_write(void **state) {
    struct room *r = *state;
    assert_int_equal(NOTE("ann", STR("AQID")), -ERR_DENIED);
    assert_int_equal(WHOLE("ann", 1, STR("AQID")), -ERR_DENIED);
    assert_int_equal(NOTE("sp", STR("AQID")), 0);
    assert_int_equal(NOTE("host", STR("AQI=")), 0);
    static const struct str bad[] = {{"", 0},     {"AQI", 3},   {"AQ=I", 4},
                                     {"A===", 4}, {"AQ\"D", 4}, {"AQ-D", 4}};
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(NOTE("sp", bad[i]), -ERR_INVALID);
    assert_int_equal(r->notes.count, 2);
    assert_int_equal(r->notes.bytes, 8);
}

/* What came after the number stays; who is second with a whole changes nothing. */
static void a_whole_takes_the_place(void **state) {
    struct room *r = *state;
    assert_int_equal(NOTE("sp", STR("AAAA")), 0);
    assert_int_equal(NOTE("sp", STR("BBBB")), 0);
    uint64_t two = r->seq;
    assert_int_equal(NOTE("host", STR("CCCC")), 0);
    uint64_t three = r->seq;
    assert_int_equal(WHOLE("sp", three + 1, STR("AABB")), -ERR_MISSING);
    assert_int_equal(WHOLE("sp", 0, STR("AABB")), -ERR_MISSING);
    assert_int_equal(WHOLE("sp", two, STR("AAAABBBB")), 0);
    uint64_t at = r->seq;
    assert_int_equal(r->notes.count, 1);
    assert_int_equal(r->notes.bytes, 12);
    assert_string_equal(r->notes.whole, "AAAABBBB");
    assert_int_equal(WHOLE("host", two, STR("BBAA")), 0);
    assert_int_equal(r->seq, at); /* so already */
    assert_int_equal(WHOLE("host", three, STR("CCCC")), 0);
    assert_int_equal(r->notes.count, 0);
    assert_int_equal(r->notes.bytes, 4);
}

static void it_is_bounded(void **state) {
    struct room *r = *state;
    struct str largest = long_data(ROOM_DATA_MAX), larger = long_data(ROOM_DATA_MAX + 4);
    assert_int_equal(NOTE("sp", larger), -ERR_INVALID);
    assert_int_equal(NOTE("sp", largest), 0);
    assert_int_equal(NOTE("sp", largest), 0);
    assert_int_equal(NOTE("sp", largest), -ERR_FULL);
    assert_int_equal(WHOLE("sp", r->seq, largest), 0); /* and there is room again */
    assert_int_equal(r->notes.bytes, ROOM_DATA_MAX);
    for (int i = 0; i < NOTES_UPDATES_MAX; i++)
        assert_int_equal(NOTE("sp", STR("AQID")), 0);
    assert_int_equal(NOTE("sp", STR("AQID")), -ERR_FULL);
    assert_int_equal(WHOLE("sp", r->seq, STR("AQID")), 0);
    assert_int_equal(NOTE("sp", STR("AQID")), 0);
    mem_free((char *)largest.p);
    mem_free((char *)larger.p);
}

/* Through the hub: all are told, and who comes later, or after a crash, has it. */
static void newcomers_have_it(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    (void)state;
    rig_open(g, NULL);
    rig_class(g);
    rig_say(g, ANN, "{\"type\":\"note\",\"id\":2,\"update\":\"AQID\"}");
    assert_says(g, ANN, "error", "\"denied\"");
    rig_say(g, HOST, "{\"type\":\"note\",\"id\":3,\"update\":\"<b>=\"}");
    assert_says(g, HOST, "error", "\"field\":\"update\"");
    rig_say(g, HOST, "{\"type\":\"note\",\"id\":4,\"update\":\"AAAA\"}");
    assert_says(g, HOST, "ok", "\"id\":4");
    assert_says(g, ANN, "note", "\"update\":\"AAAA\"");
    uint64_t n = rig_seq(rig_last(g, ANN, "note", NULL));
    rig_enter(g, LATE, "eve", "attendee");
    assert_says(g, LATE, "welcome", "\"notes\":{\"updates\":[{\"n\":");
    rig_say(g, HOST, "{\"type\":\"note\",\"id\":5,\"update\":\"BBBB\"}");
    rig_say(g, HOST, "{\"type\":\"note_whole\",\"id\":6,\"n\":%llu,\"update\":\"CCCC\"}",
            (unsigned long long)n);
    assert_says(g, ANN, "note_whole", "\"update\":\"CCCC\"");
    rig_crash(g);
    rig_enter(g, LATE + 1, "eve", "attendee");
    assert_says(g, LATE + 1, "welcome", "\"whole\":\"CCCC\",\"updates\":[{\"n\":");
    assert_says(g, LATE + 1, "welcome", "\"update\":\"BBBB\"}]");
    rig_close(g);
    mem_free(g);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, rig_three_over)
    const struct CMUnitTest tests[] = {
        STORY(who_may_write),
        STORY(a_whole_takes_the_place),
        STORY(it_is_bounded),
        cmocka_unit_test(newcomers_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
