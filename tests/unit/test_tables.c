/* tables: who may lay them, seat people, move, visit, call; what of it a screen, a message and a crash come
 * to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/rooms/program.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"

#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)
#define LAY(count, free) DO("host", .type = CMD_TABLES, .size = count, .on = free)
#define SEAT(by, who, no) DO(by, .type = CMD_SEAT, .list = STR(who), .n = no)
#define OPEN(is) DO("host", .type = CMD_TABLES_OPEN, .on = is)

static unsigned place(struct room *r, const char *id) { return room_table(r, room_member(r, id)); }

static int setup(void **state) {
    struct room *r = mem_zalloc(sizeof *r);
    room_init(r, &(struct room_cfg){&rig_lesson, RECORD_MANUAL, false, 0});
    rig_join(r, "host", ROLE_HOST);
    for (const char *const *id = (const char *const[]){"ann", "bob", "eve", "max", NULL}; *id; id++)
        rig_join(r, *id, ROLE_ATTENDEE);
    DO("host", .type = CMD_OPEN);
    *state = r;
    return 0;
}

static int teardown(void **state) {
    room_fini(*state);
    mem_free(*state);
    return 0;
}

static void by_hand(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("ann", .type = CMD_TABLES, .size = 2), -ERR_DENIED);
    assert_int_equal(LAY(TABLES_MAX + 1, false), -ERR_INVALID);
    assert_int_equal(OPEN(true), -ERR_CONFLICT);
    assert_int_equal(LAY(2, false), 0);
    assert_int_equal(SEAT("ann", "ann\n", 1), -ERR_DENIED);
    assert_int_equal(SEAT("host", "ann\nbob\n", 1), 0);
    assert_int_equal(SEAT("host", "eve\n", 2), 0);
    assert_int_equal(SEAT("host", "eve\n", 3), -ERR_MISSING);
    assert_int_equal(SEAT("host", "nobody\n", 1), -ERR_MISSING);
    assert_int_equal(place(r, "ann"), 0); /* not before they are open */
    assert_int_equal(OPEN(true), 0);
    assert_int_equal(place(r, "ann"), 1);
    assert_int_equal(place(r, "eve"), 2);
    assert_int_equal(place(r, "max"), 0);
    assert_int_equal(SEAT("host", "bob\n", 2), 0); /* moved while they talk */
    assert_int_equal(place(r, "bob"), 2);
    assert_int_equal(SEAT("bob", "", 1), -ERR_DENIED);
    assert_int_equal(DO("bob", .type = CMD_SEAT, .n = 2, .on = true), 0); /* steps out, and comes back */
    assert_int_equal(place(r, "bob"), 0);
    assert_int_equal(SEAT("bob", "", 2), 0);
    assert_int_equal(place(r, "bob"), 2);
    assert_int_equal(SEAT("host", "", 1), 0); /* a visit */
    assert_int_equal(place(r, "host"), 1);
    assert_int_equal(OPEN(false), 0);
    assert_int_equal(place(r, "ann"), 0);
    assert_int_equal(OPEN(true), 0); /* the same people */
    assert_int_equal(place(r, "ann"), 1);
    assert_int_equal(LAY(0, false), 0);
    assert_int_equal(place(r, "ann"), 0);
}

static void who_drops_comes_back_to_it(void **state) {
    struct room *r = *state;
    LAY(3, false);
    SEAT("host", "ann\n", 3);
    OPEN(true);
    assert_int_equal(DO(NULL, .type = CMD_LEAVE, .who = "ann", .reason = REASON_LOST), 0);
    assert_int_equal(place(r, "ann"), 0);
    rig_join(r, "ann", ROLE_ATTENDEE);
    assert_int_equal(place(r, "ann"), 3);
    DO("host", .type = CMD_REMOVE, .who = "ann");
    rig_join(r, "ann", ROLE_ATTENDEE);
    assert_int_equal(place(r, "ann"), 0);
}

static void dealt_evenly(void **state) {
    struct room *r = *state;
    unsigned n[4] = {0};
    assert_int_equal(DO("host", .type = CMD_TABLES_DEAL), -ERR_CONFLICT);
    LAY(3, false);
    SEAT("host", "ann\n", 2);
    assert_int_equal(DO("host", .type = CMD_TABLES_DEAL), 0);
    assert_int_equal(room_member(r, "ann")->table, 2);
    assert_int_equal(room_member(r, "host")->table, 0); /* goes round */
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        n[m->table]++;
    }
    assert_true(n[0] == 1 && n[1] >= 1 && n[1] <= 2 && n[2] >= 1 && n[2] <= 2 && n[3] >= 1 && n[3] <= 2);
    uint64_t seq = r->seq;
    assert_int_equal(DO("host", .type = CMD_TABLES_DEAL), 0);
    assert_int_equal(r->seq, seq);
}

static void free_choice(void **state) {
    struct room *r = *state;
    LAY(2, true);
    OPEN(true);
    assert_int_equal(SEAT("ann", "", 2), 0);
    assert_int_equal(place(r, "ann"), 2);
    assert_int_equal(SEAT("ann", "bob\n", 2), -ERR_DENIED);
    assert_int_equal(SEAT("ann", "", 0), 0);
    assert_int_equal(place(r, "ann"), 0);
}

static void calls_and_speaks(void **state) {
    struct room *r = *state;
    LAY(2, false);
    SEAT("host", "ann\n", 1);
    assert_int_equal(DO("host", .type = CMD_TABLE_VOICE, .on = true), -ERR_CONFLICT);
    OPEN(true);
    assert_int_equal(DO("bob", .type = CMD_TABLE_HELP, .n = 1, .on = true), -ERR_DENIED);
    assert_int_equal(DO("ann", .type = CMD_TABLE_HELP, .n = 1, .on = true), 0);
    assert_string_equal(r->tables.v[0].help, "ann");
    assert_int_equal(DO("host", .type = CMD_TABLE_HELP, .n = 1), 0);
    assert_string_equal(r->tables.v[0].help, "");
    assert_int_equal(DO("ann", .type = CMD_TABLE_VOICE, .on = true), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_TABLE_VOICE, .on = true), 0);
    assert_true(room_member(r, "host")->table_voice);
    OPEN(false);
    assert_false(room_member(r, "host")->table_voice);
}

static void a_table_has_its_own_picture(void **state) {
    struct room *r = *state;
    struct program p = {.since_ms = 0};
    struct media_pick picks[8];
    LAY(2, false);
    SEAT("host", "ann\nbob\n", 1);
    for (const char *const *id = (const char *const[]){"host", "ann", "max", NULL}; *id; id++)
        assert_int_equal(DO(*id, .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true), 0);
    assert_int_equal(program_picks(&p, r, 6, picks, 8), 3);
    OPEN(true);
    assert_int_equal(program_picks(&p, r, 6, picks, 8), 2);
    assert_int_equal(program_table_picks(r, 1, false, picks, 8), 1);
    assert_string_equal(picks[0].member, "ann");
    DO("host", .type = CMD_TABLE_VOICE, .on = true);
    assert_int_equal(program_table_picks(r, 1, false, picks, 8), 2);
    assert_int_equal(program_table_picks(r, 2, false, picks, 8), 1);
    assert_int_equal(program_picks(&p, r, 6, picks, 8), 2);
    DO("host", .type = CMD_CAMERAS, .on = true);
    assert_int_equal(program_table_picks(r, 1, false, picks, 8), 1);
    assert_int_equal(program_table_picks(r, 1, true, picks, 8), 2);
}

static void a_screen_stays_behind(void **state) {
    struct room *r = *state;
    LAY(2, false);
    SEAT("host", "ann\n", 1);
    assert_int_equal(DO("host", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), 0);
    OPEN(true);
    assert_true(room_member(r, "host")->sources & 1U << MEDIA_SCREEN); /* goes nowhere, so it goes on */
    SEAT("host", "", 1);
    assert_false(room_member(r, "host")->sources & 1U << MEDIA_SCREEN);
}

/* ---- through the hub ---- */

enum { HOST = 1, ANN = 2, BOB = 3, LATE = 5 };

static void what_is_said_stays_at_the_table(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    (void)state;
    rig_open(g, NULL);
    g->meta.format = STR("lesson");
    rig_class(g);
    rig_say(g, HOST, "{\"type\":\"tables\",\"id\":10,\"count\":2}");
    rig_say(g, HOST, "{\"type\":\"table\",\"id\":11,\"n\":1,\"name\":\"Ліс\",\"text\":\"Про що шумить?\"}");
    rig_say(g, HOST, "{\"type\":\"seat\",\"id\":12,\"n\":1,\"people\":[\"ann\"]}");
    rig_say(g, HOST, "{\"type\":\"tables_open\",\"id\":13,\"on\":true,\"seconds\":600}");
    assert_says(g, BOB, "seated", "\"who\":\"ann\",\"name\":\"Пані ann\",\"n\":1");
    assert_says(g, ANN, "tables_open", "\"seconds\":600");
    rig_say(g, ANN, "{\"type\":\"chat\",\"id\":14,\"text\":\"лише тут\"}");
    assert_says(g, ANN, "direct", "\"table\":1");
    assert_null(rig_last(g, BOB, "direct", NULL));
    assert_null(rig_last(g, HOST, "direct", NULL));
    rig_say(g, HOST, "{\"type\":\"seat\",\"id\":15,\"n\":1}");
    rig_say(g, ANN, "{\"type\":\"chat\",\"id\":16,\"text\":\"і вам\"}");
    assert_says(g, HOST, "direct", "\"text\":\"і вам\"");
    rig_crash(g);
    rig_enter(g, LATE, "ann", "attendee");
    assert_says(g, LATE, "welcome", "\"name\":\"Ліс\",\"text\":\"Про що шумить?\"");
    assert_says(g, LATE, "welcome", "лише тут");
    rig_enter(g, LATE + 1, "bob", "attendee");
    assert_null(rig_last(g, LATE + 1, "welcome", "лише тут"));
    rig_close(g);
    mem_free(g);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(by_hand),
        STORY(who_drops_comes_back_to_it),
        STORY(dealt_evenly),
        STORY(free_choice),
        STORY(calls_and_speaks),
        STORY(a_table_has_its_own_picture),
        STORY(a_screen_stays_behind),
        cmocka_unit_test(what_is_said_stays_at_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
