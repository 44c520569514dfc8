/* Looking for something in a room's chat: what folds together, what is found, page by page and around a
 * message, what was changed or taken back; and that nobody finds what he may not read, in no way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/fold.h"
#include "media/base/mem.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"

enum { S = 1000000, HOST = 1, ANN = 2, BOB = 3 };

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

static void folds(void **state) {
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"ҐАНОК Єва ЇЖАК", "ґанок єва їжак"},
        {"М’ята мʼята м'ЯТА", "м'ята м'ята м'ята"},
        {"И\xcc\x86од і\xcc\x88жа", "йод їжа"},
        {"a \t\n\xc2\xa0 B", "a b"},
        {"ÀÉ ĀŁŻ ΣΩ ӘҒ", "àé āłż σω әғ"},
        {"", ""},
        {"×Þß", "×þß"},
        {"\xff\xfe", " "},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf b;
        buf_init(&b, 200);
        fold_text(&b, str_of(rows[i].from));
        assert_string_equal(b.n ? (char *)b.p : "", rows[i].to);
        buf_fini(&b);
    }
}

static uint64_t said(struct rig *r, uint64_t conn, const char *text, const char *more) {
    rig_say(r, conn, "{\"type\":\"chat\",\"text\":\"%s\"%s}", text, more);
    rig_pass(r, S); /* its rate */
    for (uint64_t c = HOST; c <= BOB; c++)
        rig_say(r, c, "{\"type\":\"ping\"}");
    return r->log[r->log_n - 1].seq;
}

/* How many lines `conn` finds; the answer in *note. */
static size_t finds(struct rig *r, uint64_t conn, const char *text, uint64_t before, const char **note) {
    struct json *j;
    rig_pass(r, 2 * S);
    rig_clear(r, conn);
    rig_say(r, conn,
            before ? "{\"type\":\"find\",\"id\":9,\"text\":\"%s\",\"n\":%llu}"
                   : "{\"type\":\"find\",\"id\":9,\"text\":\"%s\"}",
            text, (unsigned long long)before);
    const char *found = rig_last(r, conn, "found", "\"id\":9");
    assert_non_null(found);
    assert_int_equal(json_parse(&j, str_of(found)), 0);
    size_t n = json_len(json_get(j, "lines"));
    json_free(j);
    if (note)
        *note = found;
    return n;
}

static void words(void **state) {
    struct rig *r = *state;
    const char *note;
    said(r, ANN, "Коли буде М’ЯТА?", "");
    said(r, HOST, "мята? ні, м'ята — у серпні", "");
    assert_int_equal(finds(r, BOB, "мʼята", 0, &note), 2);
    assert_int_equal(finds(r, BOB, "серпні м'ята", 0, &note), 1);
    assert_int_equal(finds(r, BOB, "СЕРПНІ", 0, NULL), 1);
    assert_int_equal(finds(r, BOB, "пані ann", 0, NULL), 1); /* by the name of who wrote it */
    assert_int_equal(finds(r, BOB, "вересні", 0, NULL), 0);
    rig_say(r, BOB, "{\"type\":\"find\",\"id\":5,\"text\":\" \"}");
    assert_says(r, BOB, "error", "\"invalid\"");
}

static void changes(void **state) {
    struct rig *r = *state;
    const char *note;
    uint64_t a = said(r, ANN, "перше слово", ""), b = said(r, ANN, "друге слово", "");
    rig_say(r, ANN, "{\"type\":\"chat_edit\",\"n\":%llu,\"text\":\"інше\"}", (unsigned long long)a);
    rig_say(r, ANN, "{\"type\":\"chat_edit\",\"n\":%llu,\"text\":\"зовсім інше\"}", (unsigned long long)a);
    rig_say(r, HOST, "{\"type\":\"unchat\",\"n\":%llu}", (unsigned long long)b);
    assert_int_equal(finds(r, BOB, "слово", 0, NULL), 0);
    assert_int_equal(finds(r, BOB, "інше", 0, &note), 1);
    assert_non_null(strstr(note, "зовсім інше"));
    assert_non_null(strstr(note, "\"edited\":true"));
    rig_say(r, BOB, "{\"type\":\"around\",\"id\":6,\"n\":%llu}", (unsigned long long)b);
    assert_says(r, BOB, "error", "\"not_found\"");
}

/* The newest first, as the database gives them: twice `talk` messages, or half of them and their deletions;
 * the oldest has the word. How many answers it takes to find it, 0: never. */
static size_t answers_until(size_t talk, bool is_changed) {
    uint64_t before = 0;
    for (size_t answers = 1; answers < 10; answers++) {
        struct find_query q = {.before = before, .text = "скарб"};
        struct find f;
        bool more = true;
        find_init(&f, &q);
        for (uint64_t seq = 2 * talk; more && seq; seq--) {
            struct event e = {.seq = seq, .type = EV_CHAT, .text = STR("пісок")};
            if (seq % 2 == 0 && seq > 2 && is_changed)
                e = (struct event){.seq = seq, .type = EV_UNCHAT, .n = seq - 1};
            else if (seq == 1)
                e.text = STR("скарб");
            more = find_take(&f, &e);
        }
        size_t found = f.n;
        uint64_t next = f.next;
        find_fini(&f);
        if (found || !next)
            return found ? answers : 0;
        assert_true(!before || next < before);
        before = next;
    }
    return 0;
}

static void to_the_end(void **state) {
    (void)state;
    assert_int_equal(answers_until(1000, false), 1);
    assert_int_equal(answers_until(1000, true), 1);
    assert_int_equal(answers_until(FIND_LINES_MAX, false), 2);
    assert_int_equal(answers_until(2 * FIND_CHANGES_MAX, true), 2);
}

/* Older than what the room remembers; twenty at a time; and what stood around one. */
static void pages(void **state) {
    struct rig *r = *state;
    char text[64];
    const char *note;
    uint64_t first = 0, n = 0;
    for (int i = 0; i < 2 * FIND_RESULTS + 5; i++) {
        snprintf(text, sizeof text, "скарб %d", i);
        n = said(r, ANN, text, "");
        first = first ? first : n;
    }
    for (int i = 0; i < ROOM_CHAT_KEEP + 10; i++)
        said(r, BOB, "пісок", "");
    assert_int_equal(finds(r, BOB, "скарб", 0, &note), FIND_RESULTS);
    size_t all = FIND_RESULTS;
    for (int64_t next = 1; next;) {
        struct json *j;
        assert_int_equal(json_parse(&j, str_of(note)), 0);
        next = 0;
        (void)json_get_int(j, "next", &next);
        json_free(j);
        all += next ? finds(r, BOB, "скарб", (uint64_t)next, &note) : 0;
    }
    assert_int_equal(all, 2 * FIND_RESULTS + 5);
    rig_pass(r, 2 * S);
    rig_say(r, BOB, "{\"type\":\"around\",\"id\":6,\"n\":%llu}", (unsigned long long)first + 3);
    note = rig_last(r, BOB, "found", "\"id\":6");
    assert_non_null(note);
    assert_non_null(strstr(note, "\"скарб 0\""));
    assert_non_null(strstr(note, "\"скарб 18\""));
    assert_null(strstr(note, "\"скарб 19\""));
    rig_say(r, BOB, "{\"type\":\"around\",\"id\":7,\"n\":%llu}", (unsigned long long)first - 1);
    assert_says(r, BOB, "error", "\"not_found\"");
}

static void private_ones(void **state) {
    struct rig *r = *state;
    uint64_t n = said(r, ANN, "таємне ведучим", ",\"hosts\":true");
    said(r, HOST, "таємне Ганні", ",\"who\":\"ann\"");
    assert_int_equal(finds(r, ANN, "таємне", 0, NULL), 2);
    assert_int_equal(finds(r, HOST, "таємне", 0, NULL), 2);
    assert_int_equal(finds(r, BOB, "таємне", 0, NULL), 0);
    rig_say(r, BOB, "{\"type\":\"around\",\"id\":6,\"n\":%llu}", (unsigned long long)n);
    assert_says(r, BOB, "error", "\"not_found\"");
    rig_say(r, HOST, "{\"type\":\"role\",\"who\":\"bob\",\"role\":\"cohost\"}");
    assert_int_equal(finds(r, BOB, "таємне", 0, NULL),
                     1); /* what is for the hosts, not what is Ann's alone */
    /* The right goes while the answer is on its way. */
    r->is_manual = true;
    rig_pass(r, 2 * S);
    rig_say(r, BOB, "{\"type\":\"find\",\"id\":11,\"text\":\"таємне\"}");
    rig_say(r, BOB, "{\"type\":\"find\",\"id\":12,\"text\":\"таємне\"}");
    assert_says(r, BOB, "error", "\"busy\"");
    rig_say(r, HOST, "{\"type\":\"role\",\"who\":\"bob\",\"role\":\"attendee\"}");
    r->is_manual = false;
    rig_settle(r);
    assert_says(r, BOB, "found", "\"id\":11,\"lines\":[]");
}

static void tables(void **state) {
    struct rig *r = *state;
    (void)state;
    struct format table_format = rig_webinar;
    table_format.tables = true;
    table_format.can[ROLE_HOST] |= CAN_TABLES;
    rig_close(r);
    memset(r, 0, sizeof *r);
    r->formats = &table_format;
    r->format_count = 1;
    rig_open(r, NULL);
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"tables\",\"count\":2}");
    rig_say(r, HOST, "{\"type\":\"seat\",\"n\":1,\"people\":[\"ann\"]}");
    rig_say(r, HOST, "{\"type\":\"seat\",\"n\":2,\"people\":[\"bob\"]}");
    rig_say(r, HOST, "{\"type\":\"tables_open\",\"on\":true}");
    said(r, ANN, "за столом", "");
    assert_int_equal(finds(r, ANN, "столом", 0, NULL), 1);
    assert_int_equal(finds(r, BOB, "столом", 0, NULL), 0);
    assert_int_equal(finds(r, HOST, "столом", 0, NULL), 0);
    rig_say(r, HOST, "{\"type\":\"tables\",\"count\":2}"); /* other tables under the same numbers */
    rig_say(r, HOST, "{\"type\":\"seat\",\"n\":1,\"people\":[\"bob\"]}");
    assert_int_equal(finds(r, BOB, "столом", 0, NULL), 0);
    r->formats = NULL;
}

/* A room that keeps no words is looked through in memory, and asks no disk. */
static void forgetful(void **state) {
    struct rig *r = *state;
    struct format counts = rig_webinar;
    counts.keep = KEEP_COUNTS;
    rig_close(r);
    memset(r, 0, sizeof *r);
    r->formats = &counts;
    r->format_count = 1;
    rig_open(r, NULL);
    rig_class(r);
    said(r, ANN, "лишиться тут", "");
    said(r, ANN, "лишиться ведучим", ",\"hosts\":true");
    r->is_manual = true; /* the disk does not answer */
    rig_pass(r, 2 * S);
    rig_say(r, BOB, "{\"type\":\"find\",\"id\":9,\"text\":\"лишиться\"}");
    assert_says(r, BOB, "found", "тут");
    assert_silent(r, BOB, "found", "ведучим");
    assert_int_equal(r->finding_n, 0);
    r->is_manual = false;
    rig_settle(r);
    r->formats = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds),
        cmocka_unit_test_setup_teardown(words, setup, teardown),
        cmocka_unit_test_setup_teardown(changes, setup, teardown),
        cmocka_unit_test(to_the_end),
        cmocka_unit_test_setup_teardown(pages, setup, teardown),
        cmocka_unit_test_setup_teardown(private_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(tables, setup, teardown),
        cmocka_unit_test_setup_teardown(forgetful, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
