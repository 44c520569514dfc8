#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/catalogue/search.h"

/* One event a text; each query must find exactly those. */
static const char *const texts[] = {
    "Основи педагогіки",
    "ПЕДАГОГІЧНИЙ коучинг",
    "Запах м’яти",
    "Їжак у тумані",
    "Уроки математики для п'ятого класу",
    "Café philosophique",
    "Школа молодого вчителя",
    "Конференція 2026 року",
    "Книга про глину",
    "ґрунт і йод",
    "Lessons in fractions", /* ':' follows '9' */
    "Stories for classes",  /* ';' */
};

static const struct {
    const char *typed;
    const char *found; /* indices into texts, in order */
} cases[] = {
    {"педагогіка", "01"},
    {"ПЕДАГОГІКА", "01"},
    {"педагогікою", "01"},
    {"Педагогічні", "01"},
    {"м'ята", "2"},
    {"мʼята", "2"},
    {"мята", "2"},
    {"М’ЯТОЮ", "2"},
    {"їжаки", "3"},
    {"ЇЖАК", "3"},
    {"іжак", ""},
    {"урок", "4"},
    {"уроками", "4"},
    {"математика урок", "4"},
    {"математика педагогіка", ""},
    {"cafe", "5"},
    {"школи", "6"},
    {"вчителі", "6"},
    {"вчителька", "6"},
    {"lesson", ":"},
    {"FRACTION", ":"},
    {"story", ";"},
    {"class", ";"},
    {"конференції", "7"},
    {"2026", "7"},
    {"книгу", "8"},
    {"книзі", "8"},
    {"йод", "9"},
    {"грунт", ""},
    {"п’ятого", "4"},
    {"", NULL},
    {"   ", NULL},
    {"\"", ""},
    {"* OR title:", ""},
    {"NEAR(", ""},
    {"'); DROP TABLE event;--", ""},
};

static void test_ukrainian_forms_are_found(void **state) {
    struct house *h = *state;
    char ids[countof(texts)][MEETING_ID_CHARS + 1];
    for (size_t i = 0; i < countof(texts); i++) {
        struct meeting m = {.title = texts[i], .join = JOIN_PUBLIC};
        house_meeting(h, &m);
        memcpy(ids[i], m.id, sizeof ids[i]);
    }
    static struct meeting_list out;
    for (size_t c = 0; c < countof(cases); c++) {
        struct meeting_filter f = {.when = WHEN_ALL, .typed = str_of(cases[c].typed), .now_ms = HOUSE_NOW_MS};
        assert_int_equal(meeting_find(h->store, &f, &h->arena, &out), 0);
        char found[32] = "";
        for (size_t i = 0, n = 0; i < countof(texts); i++)
            for (size_t k = 0; k < out.n; k++)
                if (!strcmp(out.v[k].id, ids[i])) {
                    found[n++] = (char)('0' + i);
                    found[n] = 0;
                }
        if (cases[c].found && strcmp(found, cases[c].found) != 0)
            fail_msg("\"%s\" found %s, not %s", cases[c].typed, found, cases[c].found);
        if (!cases[c].found)
            assert_int_equal(out.n, countof(texts));
    }
}

static void test_hosts_name_and_changes_are_found(void **state) {
    struct house *h = *state;
    static struct meeting_list out;
    struct meeting m = {.title = "Старе слово", .join = JOIN_PUBLIC};
    house_meeting(h, &m);
    struct meeting_filter f = {.when = WHEN_ALL, .typed = STR("коваль старе"), .now_ms = HOUSE_NOW_MS};
    assert_int_equal(meeting_find(h->store, &f, &h->arena, &out), 0);
    assert_int_equal(out.total, 1);
    m.title = "Нове слово";
    assert_int_equal(meeting_update(h->store, &m), 0);
    assert_int_equal(meeting_find(h->store, &f, &h->arena, &out), 0);
    assert_int_equal(out.total, 0);
    f.typed = STR("нового слова");
    assert_int_equal(meeting_find(h->store, &f, &h->arena, &out), 0);
    assert_int_equal(out.total, 1);
    assert_int_equal(meeting_delete(h->store, m.id), 0);
    assert_int_equal(meeting_find(h->store, &f, &h->arena, &out), 0);
    assert_int_equal(out.total, 0);
}

static void test_query_text(void **state) {
    (void)state;
    static const struct {
        const char *typed, *query;
    } rows[] = {
        {"педагогіка", "\"педагогі\"*"},
        {"a\"b", "\"a\"* \"b\"*"},
        {"рука", "\"рук\"*"},
        {"lessons", "\"lesson\"*"},
        {"\xff\xfe", ""},
        {"''''", ""},
        {"1 2 3 4 5 6 7 8 9", "\"1\"* \"2\"* \"3\"* \"4\"* \"5\"* \"6\"* \"7\"* \"8\"*"},
    };
    char q[SEARCH_QUERY_MAX + 1];
    for (size_t i = 0; i < countof(rows); i++) {
        search_query(q, str_of(rows[i].typed));
        assert_string_equal(q, rows[i].query);
    }
}

static int setup(void **state) {
    static struct house h;
    house_open(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state) {
    house_close(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ukrainian_forms_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hosts_name_and_changes_are_found, setup, teardown),
        cmocka_unit_test(test_query_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
