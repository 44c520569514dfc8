/* attend and program: folds over the log, and the choice of picture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "server/rooms/attend.h"
#include "server/rooms/program.h"
#include "tests/unit/room_rig.h"

static void tell(struct attend *a, int64_t at_ms, enum event_type type, const char *who, enum role role) {
    struct event e = {.at_ms = at_ms, .type = type, .role = role, .on = true};
    STR_COPY(e.who, str_of(who));
    STR_COPY(e.by, str_of(who));
    snprintf(e.name, sizeof e.name, "Пан %s", who);
    attend_event(a, &e);
}

static const struct attend_row *row(const struct attend *a, const char *id) {
    for (size_t i = 0; i < a->n; i++)
        if (!strcmp(a->rows[i]->id, id))
            return a->rows[i];
    fail_msg("no row for %s", id);
    return NULL;
}

static void stays_are_summed(void **state) {
    struct attend a;
    (void)state;
    attend_init(&a);
    tell(&a, 1000, EV_JOINED, "ann", ROLE_ATTENDEE);
    tell(&a, 2000, EV_JOINED, "bob", ROLE_ATTENDEE);
    tell(&a, 3000, EV_CHAT, "ann", 0);
    tell(&a, 3500, EV_HAND, "ann", 0);
    tell(&a, 4000, EV_LEFT, "ann", 0);
    tell(&a, 6000, EV_JOINED, "ann", ROLE_ATTENDEE);
    tell(&a, 6500, EV_JOINED, "ann", ROLE_ATTENDEE); /* twice: as after a crash */
    tell(&a, 7000, EV_ROLE, "ann", ROLE_SPEAKER);
    tell(&a, 7500, EV_ROLE, "ann", ROLE_ATTENDEE);
    tell(&a, 8000, EV_REMOVED, "bob", 0);
    tell(&a, 8000, EV_LEFT, "nobody", 0);
    tell(&a, 10000, EV_ENDED, "", 0);
    attend_close(&a, 99000); /* all have gone already */
    assert_int_equal(a.n, 2);
    const struct attend_row *ann = row(&a, "ann"), *bob = row(&a, "bob");
    assert_int_equal(ann->total_ms, 3000 + 4000);
    assert_int_equal(ann->first_in_ms, 1000);
    assert_int_equal(ann->last_out_ms, 10000);
    assert_int_equal(ann->n, 2);
    assert_int_equal(ann->v[1].in_ms, 6000);
    assert_int_equal(ann->role, ROLE_SPEAKER);
    assert_int_equal(ann->messages, 1);
    assert_int_equal(ann->hands, 1);
    assert_string_equal(ann->name, "Пан ann");
    assert_int_equal(bob->total_ms, 6000);
    attend_fini(&a);
}

static void a_class_that_goes_on(void **state) {
    struct attend a;
    (void)state;
    attend_init(&a);
    tell(&a, 1000, EV_JOINED, "ann", ROLE_HOST);
    attend_close(&a, 61000);
    assert_int_equal(row(&a, "ann")->total_ms, 60000);
    tell(&a, 62000, EV_JOINED, "ann", ROLE_HOST);
    tell(&a, 61500, EV_LEFT, "ann", 0); /* the clock was set back: no negative stay */
    assert_int_equal(row(&a, "ann")->total_ms, 60000);
    attend_fini(&a);
}

static void many_stays(void **state) {
    struct attend a;
    (void)state;
    attend_init(&a);
    for (int i = 0; i < 2 * ATTEND_INTERVALS_MAX; i++) {
        tell(&a, 1000 + 10 * i, EV_JOINED, "ann", ROLE_ATTENDEE);
        tell(&a, 1005 + 10 * i, EV_LEFT, "ann", 0);
    }
    assert_int_equal(row(&a, "ann")->n, ATTEND_INTERVALS_MAX);
    assert_int_equal(row(&a, "ann")->total_ms, 5 * 2 * ATTEND_INTERVALS_MAX);
    attend_fini(&a);
}

/* A minute of random coming and going, against a count made second by second. */
static void the_sum_is_the_time(void **state) {
    struct rig_rnd rnd = {99};
    struct attend a;
    bool in[5] = {false};
    int64_t total[5] = {0};
    (void)state;
    attend_init(&a);
    for (int64_t t = 1000; t < 61000; t += 100) {
        for (int i = 0; i < 5; i++)
            total[i] += in[i] ? 100 : 0;
        int who = (int)rig_next(&rnd, 5);
        char id[8];
        snprintf(id, sizeof id, "u%d", who);
        if (rig_next(&rnd, 4))
            continue;
        in[who] = !in[who];
        tell(&a, t + 100, in[who] ? EV_JOINED : EV_LEFT, id, ROLE_ATTENDEE);
    }
    attend_close(&a, 61000);
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "u%d", i);
        assert_int_equal(row(&a, id)->total_ms, total[i]);
    }
    attend_fini(&a);
}

static void late_early_and_how_many(void **state) {
    enum { MIN = 60000, OPENED = 100 * MIN, ENDED = 160 * MIN };
    static const struct {
        const char *who;
        int in, out, late, early; /* minutes */
    } class[] = {
        {"ann", 95, 160, 0, 0},
        {"bob", 105, 155, 0, 0}, /* the grace, to the moment */
        {"cat", 106, 160, 6, 0},
        {"dan", 100, 130, 0, 30},
    };
    struct attend a;
    unsigned there[8];
    static const unsigned want[8] = {1, 3, 4, 4, 3, 3, 2, 0}; /* at 95, 105, 115 … */
    (void)state;
    attend_init(&a);
    for (size_t i = 0; i < 4; i++)
        tell(&a, (int64_t) class[i].in * MIN, EV_JOINED, class[i].who, ROLE_ATTENDEE);
    for (size_t i = 0; i < 4; i++)
        if (class[i].out < 160)
            tell(&a, (int64_t) class[i].out * MIN, EV_LEFT, class[i].who, 0);
    attend_close(&a, ENDED);
    for (size_t i = 0; i < 4; i++) {
        const struct attend_row *r = attend_of(&a, class[i].who);
        assert_int_equal(attend_late_ms(r, OPENED), class[i].late * MIN);
        assert_int_equal(attend_early_ms(r, ENDED), class[i].early * MIN);
        assert_int_equal(r->here, class[i].out == 160);
        assert_int_equal(attend_late_ms(r, 0), 0);
        assert_int_equal(attend_early_ms(r, 0), 0);
    }
    assert_null(attend_of(&a, "eve"));
    attend_curve(&a, 95 * MIN, 10 * MIN, there, 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(there[i], want[i]);
    attend_fini(&a);
}

/* ---- program ---- */

static void camera(struct room *r, const char *id, bool on) {
    struct command c = {.type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = on};
    assert_int_equal(rig_do(r, id, c, 3, NULL), 0);
}

/* An open lesson with these on stage, cameras on. In place: a room's lists point into it. */
static void stage_of(struct room *r, const char *const *ids) {
    room_init(r, &(struct room_cfg){&rig_lesson, RECORD_NEVER, false, 0});
    rig_do(r, NULL, (struct command){.type = CMD_OPEN}, 1, NULL);
    for (; *ids; ids++) {
        assert_int_equal(rig_join(r, *ids, strcmp(*ids, "host") ? ROLE_SPEAKER : ROLE_HOST), 0);
        camera(r, *ids, true);
    }
}

static void the_program_follows_without_nerves(void **state) {
    static const char *const people[] = {"ann", "bob", "host", NULL}, *const nobody[] = {NULL};
    struct room s;
    struct program p;
    (void)state;
    p = (struct program){0};
    stage_of(&s, nobody);
    assert_false(program_update(&p, &s, "", 0));
    assert_string_equal(p.who, "");
    room_fini(&s);
    stage_of(&s, people);
    assert_true(program_update(&p, &s, "", 1000));
    assert_string_equal(p.who, "host");                /* nobody speaks: a host */
    assert_false(program_update(&p, &s, "bob", 5000)); /* a cough */
    assert_int_equal(program_next_ms(&p), 6000);
    assert_false(program_update(&p, &s, "", 5500));
    assert_false(program_update(&p, &s, "bob", 6000));
    assert_false(program_update(&p, &s, "bob", 6900));
    assert_true(program_update(&p, &s, "bob", 7000));
    assert_string_equal(p.who, "bob");
    assert_false(program_update(&p, &s, "ann", 7500)); /* leads soon, but bob has just come */
    assert_false(program_update(&p, &s, "ann", 9900));
    assert_int_equal(program_next_ms(&p), 10000);
    assert_true(program_update(&p, &s, "ann", 10000));
    assert_false(program_update(&p, &s, "nobody", 20000)); /* who has no camera leads nothing */
    camera(&s, "ann", false);
    assert_true(program_update(&p, &s, "ann", 20001)); /* a camera that goes is left at once */
    assert_string_equal(p.who, "host");
    STR_COPY(s.spotlight, STR("bob"));
    assert_true(program_update(&p, &s, "host", 20002)); /* the spotlight is a word of command */
    assert_string_equal(p.who, "bob");
    room_fini(&s);
}

static void picks(void **state) {
    static const char *const people[] = {"ann", "bob", "cat", "host", NULL};
    struct room r;
    struct program p;
    struct media_pick out[8];
    (void)state;
    stage_of(&r, people);
    p = (struct program){0};
    program_update(&p, &r, "", 1000);
    assert_int_equal(program_picks(&p, &r, 6, out, 8), 4);
    assert_string_equal(out[0].member, "ann"); /* stage order */
    assert_string_equal(out[3].member, "host");
    assert_int_equal(program_picks(&p, &r, 2, out, 8), 4);
    assert_string_equal(out[0].member, "ann");
    assert_string_equal(out[1].member, "host"); /* the program is within the slots */
    struct command screen = {.type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true};
    assert_int_equal(rig_do(&r, "cat", screen, 2, NULL), 0);
    STR_COPY(r.spotlight, STR("bob"));
    assert_int_equal(program_picks(&p, &r, 6, out, 8), 5);
    assert_string_equal(out[0].member, "cat");
    assert_int_equal(out[0].source, MEDIA_SCREEN);
    assert_string_equal(out[1].member, "bob");
    assert_string_equal(out[2].member, "ann");
    assert_string_equal(program_screen(&r).member, "cat");
    assert_int_equal(program_picks(&p, &r, 6, out, 3), 3);
    assert_int_equal(program_picks(&p, &r, 6, out, 0), 0);
    room_fini(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_are_summed),
        cmocka_unit_test(a_class_that_goes_on),
        cmocka_unit_test(many_stays),
        cmocka_unit_test(the_sum_is_the_time),
        cmocka_unit_test(late_early_and_how_many),
        cmocka_unit_test(the_program_follows_without_nerves),
        cmocka_unit_test(picks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
