/* discreet: whatever happens in a room that keeps counts only, no word and no name is in the line that is
 * kept; what else the line says is understood as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "server/rooms/discreet.h"
#include "server/signaling/proto.h"
#include "tests/unit/room_rig.h"

static struct event whole(enum event_type type) {
    struct event e = {.seq = 7, .at_ms = 9, .type = type, .on = true, .n = 3, .amount = 5, .size = 2};
    STR_COPY(e.by, STR("u1"));
    STR_COPY(e.who, STR("u2"));
    STR_COPY(e.name, STR("NAME"));
    e.text = STR("TEXT");
    e.list = STR("WORD\n");
    return e;
}

static void no_words(void **state) {
    (void)state;
    for (unsigned type = 0; type < EV_COUNT; type++) {
        struct event e = whole((enum event_type)type), less = discreet_event(&e), back;
        struct buf b;
        buf_init(&b, 4096);
        proto_event(&b, &less);
        struct str line = buf_view(&b);
        assert_null(memmem(line.p, line.n, "TEXT", 4));
        /* lists of languages, and one */
        if (type != EV_CHANNELS && type != EV_INTERPRETS)
            assert_null(memmem(line.p, line.n, "WORD", 4));
        if (type != EV_CREATED && type != EV_AIR)
            assert_null(memmem(line.p, line.n, "NAME", 4));
        assert_int_equal(proto_event_parse(&back, line), 0);
        assert_true(back.seq == 7 && back.at_ms == 9 && (back.type == e.type || back.type == EV_UNKEPT));
        event_fini(&back);
        buf_fini(&b);
    }
}

static void who_is_there_is_kept(void **state) {
    static const enum event_type kept[] = {EV_CREATED, EV_OPENED,  EV_ENDED,  EV_WAITING, EV_JOINED,
                                           EV_LEFT,    EV_INVITED, EV_STAGED, EV_SOURCE,  EV_MUTED,
                                           EV_REMOVED, EV_HAND,    EV_ROLE,   EV_LOCKED};
    (void)state;
    for (size_t i = 0; i < countof(kept); i++) {
        struct event e = whole(kept[i]), less = discreet_event(&e);
        assert_int_equal(less.type, kept[i]);
        assert_string_equal(less.who, "u2");
    }
}

/* Restored without names, a room learns them as people come back; hands, places and first arrivals stay. */
static void names_come_back(void **state) {
    struct room r;
    struct room_cfg cfg = {&rig_lesson, RECORD_NEVER, true, 0};
    struct event came = {.seq = 1, .at_ms = 100, .type = EV_JOINED, .on = true}, less;
    struct event hand = {.seq = 2, .at_ms = 200, .type = EV_HAND, .on = true};
    (void)state;
    STR_COPY(came.who, STR("ann"));
    STR_COPY(came.name, STR("Ганна"));
    STR_COPY(hand.who, STR("ann"));
    room_init(&r, &cfg);
    less = discreet_event(&came);
    room_evolve(&r, &less);
    room_evolve(&r, &hand);
    assert_string_equal(room_member(&r, "ann")->name, DISCREET_NAME);
    struct command join = {.type = CMD_JOIN};
    STR_COPY(join.who, STR("ann"));
    STR_COPY(join.name, STR("Ганна"));
    assert_int_equal(rig_do(&r, NULL, join, 300, NULL), 0);
    const struct member *m = room_present(&r, "ann");
    assert_string_equal(m->name, "Ганна");
    assert_true(m->staged && m->hand_seq == 2 && m->joined_ms == 100);
    uint64_t seq = r.seq;
    assert_int_equal(rig_do(&r, NULL, join, 400, NULL), 0);
    assert_int_equal(r.seq, seq); /* once */
    room_fini(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_words),
        cmocka_unit_test(who_is_there_is_kept),
        cmocka_unit_test(names_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
