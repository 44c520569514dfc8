/* poll: made, answered, closed, shown; what each kind takes for an answer; grouping; points; names that are
 * not kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/rooms/image.h"
#include "tests/unit/room_rig.h"

#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)
#define PICKS(...) .numbers = {.n = sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), .v = {__VA_ARGS__}}

static int setup(void **state) {
    struct room *r = mem_zalloc(sizeof *r);
    room_init(r, &(struct room_cfg){&rig_webinar, RECORD_NEVER, false, 0});
    assert_int_equal(rig_join(r, "host", ROLE_HOST), 0);
    assert_int_equal(rig_join(r, "a1", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "a2", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "a3", ROLE_ATTENDEE), 0);
    *state = r;
    return 0;
}

static int teardown(void **state) {
    room_fini(*state);
    mem_free(*state);
    return 0;
}

/* Makes it, opens it; its number. */
static uint64_t opened(struct room *r, struct command cmd) {
    cmd.type = CMD_POLL;
    if (!cmd.text.n)
        cmd.text = STR("Скільки буде 2 × 2?");
    assert_int_equal(rig_do(r, "host", cmd, 2000, NULL), 0);
    assert_int_equal(DO("host", .type = CMD_POLL_OPEN, .n = r->seq), 0);
    return r->seq - 1;
}

static struct poll_tally tally(const struct room *r, uint64_t n) {
    struct poll_tally t;
    poll_tally_get(poll_find(r, n), &t);
    return t;
}

static void shapes(void **state) {
    struct room *r = *state;
    static const struct {
        struct command cmd;
        int err;
    } rows[] = {
        {{.kind = POLL_SINGLE, .list = STR("a\nb\n")}, 0},
        {{.kind = POLL_SINGLE, .list = STR("a\n")}, -ERR_INVALID},
        {{.kind = POLL_SINGLE, .list = STR("a\nb\n"), .set = 4}, -ERR_INVALID},
        {{.kind = POLL_MULTIPLE, .list = STR("a\nb\nc\n"), .set = 6, .amount = 3}, 0},
        {{.kind = POLL_MULTIPLE, .list = STR("a\nb\nc\n"), .set = 6, .amount = 1001}, -ERR_INVALID},
        {{.kind = POLL_RANK, .list = STR("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n")}, -ERR_INVALID},
        {{.kind = POLL_SCALE, .size = 5}, 0},
        {{.kind = POLL_SCALE, .size = 1}, -ERR_INVALID},
        {{.kind = POLL_SCALE, .size = 5, .list = STR("ні\n")}, -ERR_INVALID},
        {{.kind = POLL_WORDS}, 0},
        {{.kind = POLL_WORDS, .list = STR("a\nb\n")}, -ERR_INVALID},
        {{.kind = POLL_KIND_COUNT}, -ERR_INVALID},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct command cmd = rows[i].cmd;
        cmd.type = CMD_POLL;
        cmd.text = STR("Питання?");
        if (rig_do(r, "host", cmd, 2000, NULL) != rows[i].err)
            fail_msg("row %zu", i);
    }
    assert_int_equal(DO("a1", .type = CMD_POLL, .kind = POLL_WORDS, .text = STR("?")), -ERR_DENIED);
    for (size_t n = r->poll_count; n < POLLS_MAX; n++)
        assert_int_equal(DO("host", .type = CMD_POLL, .kind = POLL_WORDS, .text = STR("?")), 0);
    assert_int_equal(DO("host", .type = CMD_POLL, .kind = POLL_WORDS, .text = STR("?")), -ERR_FULL);
}

static void a_draft_is_edited_and_dropped(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("host", .type = CMD_POLL, .kind = POLL_WORDS, .text = STR("Чернетка")), 0);
    uint64_t n = r->seq;
    assert_int_equal(
        DO("host", .type = CMD_POLL, .n = n, .kind = POLL_SINGLE, .text = STR("Інше"), .list = STR("a\nb\n")),
        0);
    assert_string_equal(poll_find(r, n)->question, "Інше");
    assert_int_equal(r->poll_count, 1);
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = n, PICKS(0)), -ERR_CONFLICT);
    assert_int_equal(DO("host", .type = CMD_POLL_CLOSE, .n = n), -ERR_CONFLICT);
    assert_int_equal(DO("host", .type = CMD_POLL_OPEN, .n = n), 0);
    assert_int_equal(DO("host", .type = CMD_POLL_DROP, .n = n), -ERR_CONFLICT);
    assert_int_equal(DO("host", .type = CMD_POLL, .n = n, .kind = POLL_WORDS, .text = STR("?")),
                     -ERR_CONFLICT);
    assert_int_equal(DO("host", .type = CMD_POLL_OPEN, .n = 999), -ERR_MISSING);
    assert_int_equal(DO("host", .type = CMD_POLL, .kind = POLL_WORDS, .text = STR("?")), 0);
    assert_int_equal(DO("host", .type = CMD_POLL_DROP, .n = r->seq), 0);
    assert_int_equal(r->poll_count, 1);
}

static void answers_count(void **state) {
    struct room *r = *state;
    uint64_t n = opened(r, (struct command){.kind = POLL_MULTIPLE, .list = STR("a\nb\nc\n")});
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = n, PICKS(0, 2)), 0);
    assert_int_equal(DO("a2", .type = CMD_POLL_ANSWER, .n = n, PICKS(2)), 0);
    assert_int_equal(DO("a2", .type = CMD_POLL_ANSWER, .n = n, PICKS(2)), 0); /* so already */
    assert_int_equal(DO("a3", .type = CMD_POLL_ANSWER, .n = n, PICKS(3)), -ERR_INVALID);
    assert_int_equal(DO("a3", .type = CMD_POLL_ANSWER, .n = n, PICKS(1, 1)), -ERR_INVALID);
    assert_int_equal(DO("a3", .type = CMD_POLL_ANSWER, .n = n), -ERR_INVALID);
    assert_int_equal(DO("a3", .type = CMD_POLL_ANSWER, .n = n, PICKS(1), .text = STR("b")), -ERR_INVALID);
    struct poll_tally t = tally(r, n);
    assert_int_equal(t.answers, 2);
    assert_int_equal(t.counts.n, 3);
    assert_int_equal(t.counts.v[0], 1);
    assert_int_equal(t.counts.v[2], 2);
    poll_tally_fini(&t);
    assert_int_equal(DO("a2", .type = CMD_POLL_ANSWER, .n = n, PICKS(1)), 0); /* thought better of it */
    assert_int_equal(DO("host", .type = CMD_POLL_SHOW, .n = n, .on = true), -ERR_CONFLICT);
    assert_int_equal(DO("host", .type = CMD_POLL_CLOSE, .n = n), 0);
    assert_int_equal(DO("a3", .type = CMD_POLL_ANSWER, .n = n, PICKS(0)), -ERR_CONFLICT);
    t = tally(r, n);
    assert_int_equal(t.answers, 2);
    assert_int_equal(t.counts.v[1], 1);
    assert_int_equal(t.counts.v[2], 1);
    poll_tally_fini(&t);
    struct events es;
    struct command show = {.type = CMD_POLL_SHOW, .n = n, .on = true};
    assert_int_equal(rig_do(r, "host", show, 2000, &es), 0);
    assert_int_equal(es.n, 1);
    assert_int_equal(es.v[0].numbers.v[0], 1);
    events_fini(&es);
    assert_true(poll_find(r, n)->is_shown);
}

static void scales_and_ranks(void **state) {
    struct room *r = *state;
    uint64_t scale =
        opened(r, (struct command){.kind = POLL_SCALE, .size = 5, .list = STR("важко\nлегко\n")});
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = scale, PICKS(0)), -ERR_INVALID);
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = scale, PICKS(6)), -ERR_INVALID);
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = scale, PICKS(5)), 0);
    struct poll_tally t = tally(r, scale);
    assert_int_equal(t.counts.n, 5);
    assert_int_equal(t.counts.v[4], 1);
    poll_tally_fini(&t);
    uint64_t rank = opened(r, (struct command){.kind = POLL_RANK, .list = STR("a\nb\nc\n")});
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = rank, PICKS(2, 0)), -ERR_INVALID);
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = rank, PICKS(2, 0, 1)), 0);
    assert_int_equal(DO("a2", .type = CMD_POLL_ANSWER, .n = rank, PICKS(2, 1, 0)), 0);
    t = tally(r, rank);
    assert_int_equal(t.counts.v[0], 3);
    assert_int_equal(t.counts.v[1], 3);
    assert_int_equal(t.counts.v[2], 6);
    poll_tally_fini(&t);
}

static void words_are_grouped(void **state) {
    struct room *r = *state;
    uint64_t n = opened(r, (struct command){.kind = POLL_WORDS});
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = n, .text = STR("Ґанок  Їжака")), 0);
    assert_int_equal(DO("a2", .type = CMD_POLL_ANSWER, .n = n, .text = STR(" ґАНОК їжака ")), 0);
    assert_int_equal(DO("a3", .type = CMD_POLL_ANSWER, .n = n, .text = STR("інше")), 0);
    assert_int_equal(DO("host", .type = CMD_POLL_ANSWER, .n = n, .text = STR("дурниця")), 0);
    struct poll_tally t = tally(r, n);
    assert_int_equal(t.counts.n, 3);
    assert_int_equal(t.counts.v[0], 2);
    assert_true(str_is(t.groups, "Ґанок Їжака\nінше\nдурниця\n"));
    poll_tally_fini(&t);
    assert_int_equal(DO("host", .type = CMD_POLL_HIDE, .n = n, .text = STR("Дурниця")), 0);
    assert_int_equal(DO("host", .type = CMD_POLL_CLOSE, .n = n), 0);
    t = tally(r, n);
    assert_true(str_is(t.groups, "Ґанок Їжака\nінше\n"));
    assert_int_equal(t.answers, 4);
    poll_tally_fini(&t);
}

static void points(void **state) {
    struct room *r = *state;
    struct command quiz = {.kind = POLL_SINGLE, .list = STR("3\n4\n"), .set = 2, .amount = 5};
    uint64_t n = opened(r, quiz);
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = n, PICKS(1)), 0);
    assert_int_equal(DO("a2", .type = CMD_POLL_ANSWER, .n = n, PICKS(0)), 0);
    struct poll_tally t;
    poll_scores(r, &t);
    assert_int_equal(t.answers, 0); /* not before it is closed */
    poll_tally_fini(&t);
    assert_int_equal(DO("host", .type = CMD_POLL_CLOSE, .n = n), 0);
    quiz.kind = POLL_MULTIPLE;
    quiz.set = 3;
    quiz.amount = 0; /* one */
    n = opened(r, quiz);
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = n, PICKS(1, 0)), 0);
    assert_int_equal(DO("a2", .type = CMD_POLL_ANSWER, .n = n, PICKS(0, 1)), 0);
    assert_int_equal(DO("a3", .type = CMD_POLL_ANSWER, .n = n, PICKS(0)), 0);
    assert_int_equal(DO("host", .type = CMD_POLL_CLOSE, .n = n), 0);
    poll_scores(r, &t);
    assert_true(str_is(t.groups, "Пан a1\nПан a2\n"));
    assert_int_equal(t.counts.v[0], 6);
    assert_int_equal(t.counts.v[1], 1);
    poll_tally_fini(&t);
}

static void see(void *ctx, const struct event *e) {
    unsigned *named = ctx;
    *named += e->type == EV_POLL_ANSWER;
}

static void without_names(void **state) {
    struct room *r = *state;
    char alias[ROOM_ID_MAX + 1];
    struct events es;
    uint64_t n =
        opened(r, (struct command){.kind = POLL_SINGLE, .list = STR("a\nb\n"), .on = true, .set = 1});
    struct command answer = {.type = CMD_POLL_ANSWER, .n = n, PICKS(1)};
    assert_int_equal(rig_do(r, "a1", answer, 2000, &es), 0);
    rig_alias(alias, "a1");
    assert_string_equal(es.v[0].by, alias);
    assert_string_equal(es.v[0].who, "");
    assert_string_equal(es.v[0].name, "");
    events_fini(&es);
    assert_null(poll_answer_of(poll_find(r, n), "a1"));
    assert_int_equal(DO("a1", .type = CMD_POLL_ANSWER, .n = n, PICKS(0)), 0); /* one person is one answer */
    assert_int_equal(poll_find(r, n)->answer_count, 1);
    struct actor nameless = {false, "a2", NULL};
    events_init(&es);
    assert_int_equal(room_decide(r, &nameless, &answer, 2000, &es),
                     -ERR_INVALID); /* rather none than with a name */
    events_fini(&es);
    assert_int_equal(DO("host", .type = CMD_POLL_CLOSE, .n = n), 0);
    assert_int_equal(r->answers_kept, 0); /* only the sum is left, here and in an image */
    unsigned kept = 0;
    room_image(r, see, &kept);
    assert_int_equal(kept, 0);
    struct poll_tally t = tally(r, n);
    assert_int_equal(t.counts.v[0], 1);
    poll_tally_fini(&t);
    poll_scores(r, &t);
    assert_int_equal(t.answers, 0);
    poll_tally_fini(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shapes, setup, teardown),
        cmocka_unit_test_setup_teardown(a_draft_is_edited_and_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_count, setup, teardown),
        cmocka_unit_test_setup_teardown(scales_and_ranks, setup, teardown),
        cmocka_unit_test_setup_teardown(words_are_grouped, setup, teardown),
        cmocka_unit_test_setup_teardown(points, setup, teardown),
        cmocka_unit_test_setup_teardown(without_names, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
