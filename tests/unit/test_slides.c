/* slides: who may bring, turn and take away decks, what they come to, and what a newcomer is told of them. */
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

enum { HOST = 1, ANN = 2, BOB = 3, LATE = 5 };
#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)
#define DECK(file, pages_) DO(NULL, .type = CMD_DECK, .name = file, .text = STR("Урок 1"), .size = pages_)

static int setup(void **state) { return rig_three(state, &rig_webinar); }

static void only_the_server_brings_them(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("host", .type = CMD_DECK, .name = "x", .text = STR("x"), .size = 3), -ERR_DENIED);
    assert_int_equal(DECK("d1", 0), -ERR_INVALID);
    assert_int_equal(DECK("d1", DECK_PAGES_MAX + 1), -ERR_INVALID);
    assert_int_equal(DECK("", 1), -ERR_INVALID);
    assert_int_equal(DO(NULL, .type = CMD_DECK, .name = "d1", .text = STR("a\nb"), .size = 1), -ERR_INVALID);
    assert_int_equal(DECK("d1", DECK_PAGES_MAX), 0);
    uint64_t n = r->seq;
    assert_int_equal(DECK("d1", 3), 0); /* told twice, it is there once */
    assert_int_equal(r->slides.deck_count, 1);
    assert_string_equal(slides_find(r, n)->title, "Урок 1");
    for (int i = 1; i < DECKS_MAX; i++) {
        char file[8];
        snprintf(file, sizeof file, "e%d", i);
        struct command c = {.type = CMD_DECK, .text = STR("x"), .size = 1};
        STR_COPY(c.name, str_of(file));
        assert_int_equal(rig_do(r, NULL, c, 2000, NULL), 0);
    }
    assert_int_equal(DECK("one-more", 1), -ERR_FULL);
}

static void turned_by_who_may(void **state) {
    struct room *r = *state;
    assert_int_equal(DECK("d1", 5), 0);
    uint64_t one = r->seq;
    assert_int_equal(DECK("d2", 2), 0);
    uint64_t two = r->seq;
    assert_int_equal(r->slides.shown, 0); /* that it is there does not yet show it */
    assert_int_equal(DO("ann", .type = CMD_SLIDE, .n = one, .amount = 1), -ERR_DENIED);
    assert_int_equal(DO("ann", .type = CMD_DECK_DROP, .n = one), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_SLIDE, .n = one), 0);
    assert_int_equal(DO("sp", .type = CMD_SLIDE, .n = one, .amount = 6), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_SLIDE, .n = 999, .amount = 1), -ERR_MISSING);
    assert_int_equal(DO("host", .type = CMD_SLIDE, .n = one, .amount = 4), 0);
    uint64_t seq = r->seq;
    assert_int_equal(DO("sp", .type = CMD_SLIDE, .n = one, .amount = 4), 0);
    assert_int_equal(r->seq, seq); /* so already */
    assert_int_equal(DO("host", .type = CMD_SLIDE, .n = two), 0);
    assert_int_equal(slides_find(r, two)->page, 1);
    assert_int_equal(DO("host", .type = CMD_SLIDE), 0);
    assert_int_equal(r->slides.shown, 0);
    assert_int_equal(DO("host", .type = CMD_SLIDE, .n = one), 0); /* where it was left */
    assert_int_equal(slides_find(r, one)->page, 4);
    assert_int_equal(DO("host", .type = CMD_DECK_DROP, .n = one), 0);
    assert_int_equal(r->slides.shown, 0);
    assert_null(slides_find(r, one));
    assert_int_equal(DO("host", .type = CMD_DECK_DROP, .n = one), -ERR_MISSING);
}

/* ---- ink ---- */

static void marks_are_checked(void **state) {
    (void)state;
    static const struct {
        bool ok;
        const char *text;
    } rows[] = {
        {true, "AAABAQE"},          /* a dot */
        {true, "AAEF_x8A_T_-Pw"},   /* from corner to corner */
        {true, "gAABAgI"},          /* a dot on a board */
        {true, "gAAB_v8__v8_"},     /* at its end */
        {false, "gAABgICAAYCAgAE"}, /* a number of four bytes */
        {false, "gAABAgKAgAA"},     /* longer than it must be */
        {true, "AgABAQECAg"},       {true, "BgABAAA"},  {false, ""}, {false, "AAAB"}, /* no point */
        {false, "AAABAQ"},                                                            /* half a point */
        {false, "AAABAQE="},                                                          /* padded */
        {false, "AAABAQF"},                                                           /* bits left over */
        {false, "AAABAQ E"},        {false, "BwABAAA"},                               /* no such tool */
        {false, "AAgBAQE"},                                                           /* no such colour */
        {false, "AAAAAQE"},                                                           /* no width */
        {false, "AABBAQE"},                                                           /* too wide */
        {false, "AgABAQE"},     /* a line of one point */
        {false, "BgABAQECAg"},  /* words at two */
        {false, "AAABgCABAQE"}, /* 4096 */
        {false, "AAABAAAB"},    /* left of the page: a third number alone */
        {false, "AAABAAABAA"},  /* left of the page */
        {false, "AAABgQABAQE"}, /* a number longer than it must be */
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (ink_ok(str_of(rows[i].text)) != rows[i].ok)
            fail_msg("%s", rows[i].text);
    char big[INK_CHARS_MAX + 8] = "AAAB";
    memset(big + 4, 'A', sizeof big - 5);
    assert_false(ink_ok(str_of(big)));
    big[INK_CHARS_MAX] = 0;
    assert_false(ink_ok(str_of(big))); /* more points than a stroke has */
}

static void drawn_erased_cleared(void **state) {
    struct room *r = *state;
    const struct str dot = STR("AAABAQE"), words = STR("BgABAAA");
    assert_int_equal(DECK("d1", 3), 0);
    uint64_t deck = r->seq;
    assert_int_equal(DO("ann", .type = CMD_INK, .n = deck, .amount = 1, .list = dot), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = deck, .amount = 4, .list = dot), -ERR_MISSING);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = deck, .amount = 0, .list = dot), -ERR_MISSING);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = 999, .amount = 1, .list = dot), -ERR_MISSING);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = deck, .amount = 1, .list = STR("x")), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = deck, .amount = 1, .list = words), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = deck, .amount = 1, .list = dot, .text = STR("a")),
                     -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = deck, .amount = 1, .list = words, .text = STR("a\nb")),
                     -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = deck, .amount = 1, .list = words, .text = STR("2 × 2")),
                     0);
    uint64_t by_sp = r->seq;
    assert_int_equal(DO("host", .type = CMD_INK, .n = deck, .amount = 1, .list = dot), 0);
    uint64_t by_host = r->seq;
    assert_int_equal(DO("host", .type = CMD_INK, .n = deck, .amount = 2, .list = dot), 0);
    assert_int_equal(DO("sp", .type = CMD_INK_DROP, .n = by_host), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_INK_CLEAR, .n = deck, .amount = 1), 0); /* one's own */
    assert_null(ink_find(r, by_sp));
    assert_non_null(ink_find(r, by_host));
    assert_int_equal(DO("host", .type = CMD_INK_DROP, .n = by_host), 0);
    assert_int_equal(DO("host", .type = CMD_INK_DROP, .n = by_host), -ERR_MISSING);
    assert_int_equal(r->ink.count, 1);
    assert_int_equal(DO("host", .type = CMD_INK_CLEAR, .n = deck, .amount = 2), 0);
    uint64_t seq = r->seq;
    assert_int_equal(DO("host", .type = CMD_INK_CLEAR, .n = deck, .amount = 2), 0);
    assert_int_equal(r->seq, seq);
    for (int i = 0; i < INK_MARKS_MAX; i++)
        assert_int_equal(DO("host", .type = CMD_INK, .n = deck, .amount = 1, .list = dot), 0);
    assert_int_equal(DO("host", .type = CMD_INK, .n = deck, .amount = 1, .list = dot), -ERR_FULL);
    assert_int_equal(DO("host", .type = CMD_DECK_DROP, .n = deck), 0);
    assert_int_equal(r->ink.count, 0);
    assert_int_equal(r->ink.bytes, 0);
}

static void a_board_for_all(void **state) {
    struct room *r = *state;
    const struct str dot = STR("gAABAgI"), on_page = STR("AAABAQE");
    assert_int_equal(DO("ann", .type = CMD_BOARD, .text = STR("Дошка")), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_BOARD, .text = STR("a\nb")), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_BOARD, .text = STR("Дошка")), 0);
    uint64_t n = r->seq;
    assert_int_equal(DO("sp", .type = CMD_SLIDE, .n = n), 0);
    assert_int_equal(r->slides.shown, n);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = n, .amount = 1, .list = on_page), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_INK, .n = n, .amount = 1, .list = dot), 0);
    assert_int_equal(DO("ann", .type = CMD_INK, .n = n, .amount = 1, .list = dot), -ERR_DENIED);
    assert_int_equal(DO("ann", .type = CMD_BOARD_OPEN, .n = n, .on = true), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_BOARD_OPEN, .n = 999, .on = true), -ERR_MISSING);
    assert_int_equal(DO("sp", .type = CMD_BOARD_OPEN, .n = n, .on = true), 0);
    assert_int_equal(DO("ann", .type = CMD_INK, .n = n, .amount = 1, .list = dot), 0);
    assert_int_equal(DO("ann", .type = CMD_INK_DROP, .n = r->seq), 0);
    assert_int_equal(DO("ann", .type = CMD_INK, .n = n, .amount = 1, .list = dot), 0);
    assert_int_equal(DO("ann", .type = CMD_INK_CLEAR, .n = n, .amount = 1), 0);
    assert_int_equal(r->ink.count, 1); /* the speaker's */
    assert_int_equal(DO("sp", .type = CMD_BOARD_OPEN, .n = n, .on = false), 0);
    assert_int_equal(DO("ann", .type = CMD_INK_CLEAR, .n = n, .amount = 1), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_DECK_DROP, .n = n), 0);
    assert_int_equal(r->ink.count, 0);
}

static void done(void *ctx, int err, const char *text) {
    (void)text;
    *(int *)ctx = err;
}

/* The newest place of a hand, at once and then ten times a second at most; nothing of it stays. */
static void points(struct rig *g, uint64_t n) {
    static const char *const dots[] = {"AAABAQE", "AAABAgI", "AAABAwM"};
    uint64_t before = rig_seq(rig_last(g, BOB, "ink", NULL));
    for (size_t i = 0; i < countof(dots); i++)
        rig_say(g, HOST, "{\"type\":\"point\",\"n\":%llu,\"page\":7,\"ink\":\"%s\"}", (unsigned long long)n,
                dots[i]);
    assert_int_equal(rig_count(g, BOB, "pointing"), 1);
    assert_says(g, BOB, "pointing", "\"who\":\"host\"");
    assert_says(g, BOB, "pointing", "\"page\":7,\"ink\":\"AAABAQE\"}");
    rig_pass(g, 100000);
    assert_int_equal(rig_count(g, BOB, "pointing"), 2);
    assert_says(g, BOB, "pointing", "\"ink\":\"AAABAwM\"}");
    rig_pass(g, 1000000);
    rig_say(g, HOST, "{\"type\":\"point\",\"n\":%llu,\"page\":7}", (unsigned long long)n);
    assert_int_equal(rig_count(g, BOB, "pointing"), 3);
    rig_say(g, ANN, "{\"type\":\"point\",\"id\":21,\"n\":%llu,\"page\":7}", (unsigned long long)n);
    assert_says(g, ANN, "error", "\"id\":21,\"error\":\"denied\"");
    rig_say(g, HOST, "{\"type\":\"point\",\"id\":22,\"n\":%llu,\"page\":13}", (unsigned long long)n);
    assert_says(g, HOST, "error", "\"id\":22,\"error\":\"not_found\"");
    rig_say(g, HOST, "{\"type\":\"point\",\"id\":23,\"n\":%llu,\"page\":7,\"ink\":\"AgABAQECAg\"}",
            (unsigned long long)n);
    assert_says(g, HOST, "error", "\"id\":23,\"error\":\"invalid\"");
    rig_say(g, HOST, "{\"type\":\"ink\",\"n\":%llu,\"page\":7,\"ink\":\"AAABAQE\"}", (unsigned long long)n);
    assert_int_equal(rig_seq(rig_last(g, BOB, "ink", NULL)), before + 2); /* eve came, and this */
}

/* Through the hub: all are told, and who comes later or comes back has it. */
static void everybody_follows(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    int err = 1;
    (void)state;
    rig_open(g, NULL);
    rig_class(g);
    struct command c = {.type = CMD_DECK, .name = "abc123", .text = STR("Урок \"1\" <b>"), .size = 12};
    hub_command(g->hub, "r1", &c, done, &err);
    rig_pass(g, 1000);
    rig_settle(g);
    rig_pass(g, 1000);
    assert_int_equal(err, 0);
    assert_says(g, ANN, "deck", "\"file\":\"abc123\",\"pages\":12");
    uint64_t n = rig_seq(rig_last(g, ANN, "deck", NULL));
    rig_say(g, ANN, "{\"type\":\"slide\",\"id\":3,\"n\":%llu}", (unsigned long long)n);
    assert_says(g, ANN, "error", "\"denied\"");
    rig_say(g, ANN, "{\"type\":\"deck\",\"id\":4,\"file\":\"x\",\"text\":\"x\",\"pages\":1}");
    assert_says(g, ANN, "error", "\"unsupported\"");
    rig_say(g, HOST, "{\"type\":\"slide\",\"id\":5,\"n\":%llu,\"page\":7}", (unsigned long long)n);
    assert_says(g, HOST, "ok", "\"id\":5");
    assert_says(g, BOB, "slide", "\"page\":7");
    rig_say(g, HOST, "{\"type\":\"slide\",\"id\":6,\"n\":%llu,\"page\":13}", (unsigned long long)n);
    assert_says(g, HOST, "error", "\"invalid\"");
    rig_say(g, HOST, "{\"type\":\"ink\",\"id\":7,\"n\":%llu,\"page\":7,\"ink\":\"AAABAQE\"}",
            (unsigned long long)n);
    assert_says(g, BOB, "ink", "\"page\":7,\"ink\":\"AAABAQE\"}");
    rig_say(g, HOST, "{\"type\":\"ink\",\"id\":8,\"n\":%llu,\"page\":7,\"ink\":\"AAABAQF\"}",
            (unsigned long long)n);
    assert_says(g, HOST, "error", "\"field\":\"ink\"");
    rig_say(g, ANN, "{\"type\":\"ink\",\"id\":9,\"n\":%llu,\"page\":7,\"ink\":\"AAABAQE\"}",
            (unsigned long long)n);
    assert_says(g, ANN, "error", "\"id\":9,\"error\":\"denied\"");
    rig_enter(g, LATE, "eve", "attendee");
    assert_says(g, LATE, "welcome", "\"page\":7,\"by\":\"host\",\"ink\":\"AAABAQE\"}]");
    assert_says(g, LATE, "welcome", "\"text\":\"Урок \\\"1\\\" <b>\",\"pages\":12,\"page\":7}],\"shown\":");
    points(g, n);
    rig_crash(g);
    rig_enter(g, LATE + 1, "eve", "attendee");
    assert_says(g, LATE + 1, "welcome", "\"page\":7}],\"shown\":");
    rig_close(g);
    mem_free(g);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, rig_three_over)
    const struct CMUnitTest tests[] = {
        STORY(only_the_server_brings_them), STORY(turned_by_who_may), STORY(marks_are_checked),
        STORY(drawn_erased_cleared),        STORY(a_board_for_all),   cmocka_unit_test(everybody_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
