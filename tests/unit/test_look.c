/* look, lobby and program: layouts, cameras for hosts only, a second camera, asking for silence, the queue at
 * the door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/rooms/program.h"
#include "tests/unit/room_rig.h"

static struct room room;
#define DO(by, ...) rig_do(&room, by, (struct command){__VA_ARGS__}, 2000, NULL)

static int set_up(void **state) {
    (void)state;
    room_init(&room, &(struct room_cfg){&rig_lesson, RECORD_MANUAL, false, 0});
    rig_join(&room, "host", ROLE_HOST);
    rig_join(&room, "sp", ROLE_SPEAKER);
    rig_join(&room, "ann", ROLE_ATTENDEE);
    assert_int_equal(DO("host", .type = CMD_OPEN), 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    room_fini(&room);
    return 0;
}

static void layouts(void **state) {
    (void)state;
    assert_int_equal(room.layout, LAYOUT_FREE);
    assert_int_equal(DO("ann", .type = CMD_LAYOUT, .layout = LAYOUT_GRID), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_LAYOUT, .layout = LAYOUT_COUNT), -ERR_INVALID);
    uint64_t seq = room.seq;
    assert_int_equal(DO("host", .type = CMD_LAYOUT, .layout = LAYOUT_SIDE), 0);
    assert_int_equal(DO("host", .type = CMD_LAYOUT, .layout = LAYOUT_SIDE), 0);
    assert_true(room.layout == LAYOUT_SIDE && room.seq == seq + 1); /* so already is no event */
}

static size_t shown(bool all, struct media_pick out[8]) {
    struct program p = {.who = "host"};
    return all ? program_picks_all(&p, &room, 6, out, 8) : program_picks(&p, &room, 6, out, 8);
}

static void cameras(void **state) {
    struct media_pick v[8];
    struct program p = {.who = ""};
    (void)state;
    DO("ann", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true);
    assert_int_equal(shown(false, v), 1);
    assert_int_equal(DO("ann", .type = CMD_CAMERAS, .on = true), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_CAMERAS, .on = true), 0);
    assert_int_equal(shown(false, v), 0);
    assert_int_equal(shown(true, v), 1);
    /* Nor is it the recording's, however loud she is. */
    program_update(&p, &room, "ann", 5000);
    program_update(&p, &room, "ann", 60000);
    assert_string_equal(p.who, "");
    DO("sp", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true);
    assert_int_equal(shown(false, v), 1);
    assert_string_equal(v[0].member, "sp");
    assert_int_equal(DO("host", .type = CMD_ROLE, .who = "ann", .role = ROLE_SPEAKER), 0);
    assert_int_equal(shown(false, v), 2);
    assert_int_equal(DO("host", .type = CMD_SPOTLIGHT, .who = "ann"), 0);
    assert_int_equal(DO("host", .type = CMD_ROLE, .who = "ann", .role = ROLE_ATTENDEE), 0);
    assert_int_equal(shown(false, v), 1); /* a spotlight shows nobody against the rule */
    assert_int_equal(shown(true, v), 2);
}

static void a_second_camera(void **state) {
    struct media_pick v[8];
    (void)state;
    assert_string_equal(program_screen(&room).member, "");
    assert_int_equal(DO("ann", .type = CMD_SOURCE, .source = MEDIA_CONTENT, .on = true), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true), 0);
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_CONTENT, .on = true), 0);
    assert_int_equal(shown(false, v), 2);
    assert_true(v[0].source == MEDIA_CONTENT && v[1].source == MEDIA_CAMERA);
    assert_int_equal(program_screen(&room).source, MEDIA_CONTENT);
    /* Two of them, the spotlit person's first; a screen goes before both. */
    assert_int_equal(DO("host", .type = CMD_SOURCE, .source = MEDIA_CONTENT, .on = true), 0);
    assert_int_equal(DO("host", .type = CMD_SPOTLIGHT, .who = "sp"), 0);
    assert_int_equal(shown(false, v), 3);
    assert_string_equal(v[0].member, "sp");
    assert_string_equal(v[1].member, "host");
    assert_int_equal(DO("host", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), 0);
    assert_int_equal(shown(false, v), 4);
    assert_true(v[0].source == MEDIA_SCREEN && program_screen(&room).source == MEDIA_SCREEN);
    assert_int_equal(DO("sp", .type = CMD_UNSTAGE), 0);
    assert_int_equal(room_member(&room, "sp")->sources & 1U << MEDIA_CONTENT, 0);
}

static void asking_for_silence(void **state) {
    struct events es;
    (void)state;
    DO("ann", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true);
    DO("sp", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true);
    DO("host", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true);
    assert_int_equal(DO("ann", .type = CMD_MUTE_ASK, .who = "sp"), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_MUTE_ASK, .who = "nobody"), -ERR_MISSING);
    assert_int_equal(rig_do(&room, "host", (struct command){.type = CMD_MUTE_ASK, .who = "*"}, 2000, &es), 0);
    assert_int_equal(es.n, 2); /* those who speak, but not hosts */
    events_fini(&es);
    assert_true(room_member(&room, "ann")->sources & 1U << MEDIA_MIC); /* asked, not done */
    DO("ann", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = false);
    assert_int_equal(rig_do(&room, "host", (struct command){.type = CMD_MUTE_ASK, .who = "ann"}, 2000, &es),
                     0);
    assert_int_equal(es.n, 0);
    events_fini(&es);
}

static void at_the_door(void **state) {
    (void)state;
    assert_int_equal(DO("ann", .type = CMD_LOBBY_TEXT, .text = STR("x")), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_LOBBY_TEXT, .text = STR("Починаємо о десятій")), 0);
    assert_string_equal(room.lobby_text, "Починаємо о десятій");
    char *long_text = mem_zalloc(LOBBY_TEXT_CHARS + 2);
    memset(long_text, 'a', LOBBY_TEXT_CHARS + 1);
    assert_int_equal(DO("host", .type = CMD_LOBBY_TEXT, .text = str_of(long_text)), -ERR_INVALID);
    mem_free(long_text);
    assert_int_equal(DO("host", .type = CMD_LOBBY_TEXT), 0);
    assert_string_equal(room.lobby_text, "");
    DO("host", .type = CMD_LOBBY, .on = true);
    rig_join(&room, "x", ROLE_ATTENDEE);
    rig_join(&room, "y", ROLE_ATTENDEE);
    rig_join(&room, "z", ROLE_ATTENDEE);
    assert_int_equal(room_place(&room, room_member(&room, "z")), 3);
    assert_int_equal(DO("host", .type = CMD_ADMIT, .who = "x"), 0);
    assert_int_equal(room_place(&room, room_member(&room, "z")), 2);
    assert_int_equal(room_place(&room, room_member(&room, "x")), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(layouts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cameras, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_camera, set_up, tear_down),
        cmocka_unit_test_setup_teardown(asking_for_silence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_the_door, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
