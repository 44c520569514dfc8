/* formats kept by the staff: seen, copied, changed, hidden, made the default, restored, deleted; who may; two
 * at once; what an event keeps of the format it was opened with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "server/catalogue/formatbook.h"
#include "server/catalogue/formatdoc.h"
#include "tests/unit/web_rig.h"

static struct web_rig *w;
#define ASK(status, person, line, body) web_expect(w, person, status, line, body)

static int setup(void **state) {
    *state = w = calloc(1, sizeof *w);
    web_open(w);
    return 0;
}
static int teardown(void **state) {
    web_close(w);
    free(*state);
    return 0;
}

/* What a PUT is sent: a shipped format under another id, one value put otherwise. */
static const char *doc_of(const char *from, const char *id, const char *key, const char *value) {
    static char text[8192];
    struct format f = *formats_find(&w->formats, str_of(from));
    struct json *v = NULL;
    struct buf b;
    (void)STR_COPY(f.id, str_of(id));
    struct json *j = formatdoc_json(&f);
    if (key) {
        assert_int_equal(json_parse(&v, str_of(value)), 0);
        json_set(j, key, v);
    }
    buf_init(&b, sizeof text - 1);
    json_write(j, &b);
    snprintf(text, sizeof text, STR_FMT, STR_ARG(buf_view(&b)));
    buf_fini(&b);
    json_free(j);
    return text;
}

static void as_new(void) { w->if_none_match = "*"; }

/* As this person sees the format now, or as `tag` says. */
static void as_seen(const char *id, const char *tag) {
    static char seen[32];
    if (!tag) {
        ASK(200, HOUSE_STAFF, web_line("GET /api/formats/%s", id), NULL);
        snprintf(seen, sizeof seen, "%s", web_header(w, "etag"));
        tag = seen;
    }
    w->if_match = tag;
}

static const struct json *listed(const char *id) {
    ASK(200, WEB_GUEST, "GET /api/formats", NULL);
    const struct json *list = json_get(w->json, "formats");
    for (size_t i = 0; i < json_len(list); i++)
        if (!strcmp(web_str(json_at(list, i), "id"), id))
            return json_at(list, i);
    return NULL;
}

static void who_may(void **state) {
    (void)state;
    ASK(200, WEB_GUEST, "GET /api/formats", NULL);
    assert_null(json_get(w->json, "log"));
    assert_null(json_get(json_at(json_get(w->json, "formats"), 0), "events"));
    size_t all = json_len(json_get(w->json, "formats"));
    ASK(200, HOUSE_STAFF, "GET /api/formats?names=1", NULL);
    const struct json *first = json_at(json_get(w->json, "formats"), 0);
    assert_int_equal(json_len(json_get(w->json, "formats")), all);
    assert_non_null(json_get(json_get(first, "name"), "uk"));
    assert_true(json_get(first, "video") && !json_get(first, "roles") && !json_get(w->json, "log"));
    for (size_t i = 0; i < all; i++) {
        const struct json *f = json_at(json_get(w->json, "formats"), i);
        if (!strcmp(web_str(f, "id"), "webinar") || !strcmp(web_str(f, "id"), "lesson"))
            assert_int_equal(web_flag(f, "talks"), !strcmp(web_str(f, "id"), "lesson"));
    }
    static const int who[] = {WEB_GUEST, HOUSE_LEARNER, HOUSE_TEACHER};
    for (size_t i = 0; i < countof(who); i++) {
        int no = who[i] == WEB_GUEST ? 401 : 403;
        ASK(no, who[i], "GET /api/formats/webinar", NULL);
        ASK(no, who[i], "PUT /api/formats/webinar", "{}");
        ASK(no, who[i], "PATCH /api/formats/webinar", "{\"hidden\":true}");
        ASK(no, who[i], "DELETE /api/formats/webinar", NULL);
    }
    ASK(200, HOUSE_ADMIN, "GET /api/formats/webinar", NULL);
    assert_string_equal(web_header(w, "etag"), "\"0\"");
    ASK(404, HOUSE_STAFF, "GET /api/formats/circus", NULL);
}

static void one_is_made_changed_and_deleted(void **state) {
    (void)state;
    ASK(404, HOUSE_STAFF, "PUT /api/formats/club", doc_of("webinar", "club", NULL, NULL));
    as_new();
    ASK(201, HOUSE_STAFF, "PUT /api/formats/club", doc_of("webinar", "club", NULL, NULL));
    assert_int_equal(w->reply.n_effects, 1);
    assert_string_equal(w->reply.effects[0].room, "club");
    assert_false(web_flag(json_get(w->json, "format"), "shipped"));
    as_new();
    ASK(412, HOUSE_STAFF, "PUT /api/formats/club", doc_of("webinar", "club", NULL, NULL));
    as_new();
    ASK(400, HOUSE_STAFF, "PUT /api/formats/other", doc_of("webinar", "club2", NULL, NULL));
    assert_non_null(listed("club"));

    ASK(412, HOUSE_STAFF, "PUT /api/formats/club", doc_of("webinar", "club", "lobby", "true"));
    as_seen("club", NULL);
    ASK(200, HOUSE_STAFF, "PUT /api/formats/club", doc_of("webinar", "club", "lobby", "true"));
    assert_true(web_flag(listed("club"), "lobby"));
    ASK(200, HOUSE_STAFF, "GET /api/formats/club", NULL);
    const struct json *log = json_get(w->json, "log");
    assert_int_equal(json_len(log), 2);
    assert_string_equal(web_str(json_at(log, 0), "did"), "changed");
    assert_string_equal(web_str(json_at(log, 0), "by"), w->house.people[HOUSE_STAFF].name);
    assert_int_equal(web_number(json_at(log, 0), "at"), w->now_ms);

    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Гурток\",\"format\":\"club\"}");
    assert_true(web_flag(json_get(w->json, "event"), "lobby"));
    const char *event = web_line("DELETE /api/events/%s", web_str(json_get(w->json, "event"), "id"));
    as_seen("club", NULL);
    ASK(409, HOUSE_STAFF, "DELETE /api/formats/club", NULL);
    assert_non_null(strstr(web_str(w->json, "text"), "Events use this format"));
    ASK(204, HOUSE_TEACHER, event, NULL);
    as_seen("club", NULL);
    ASK(204, HOUSE_STAFF, "DELETE /api/formats/club", NULL);
    assert_null(listed("club"));
    ASK(404, HOUSE_STAFF, "GET /api/formats/club", NULL);
    w->if_match = "*";
    ASK(404, HOUSE_STAFF, "PATCH /api/formats/club", "{\"hidden\":true}");
    as_new();
    ASK(404, HOUSE_STAFF, "DELETE /api/formats/club", NULL);
    as_new();
    ASK(201, HOUSE_STAFF, "PUT /api/formats/club", doc_of("cafe", "club", NULL, NULL));
}

static void two_at_once(void **state) {
    (void)state;
    as_seen("webinar", "\"0\"");
    ASK(200, HOUSE_STAFF, "PUT /api/formats/webinar", doc_of("webinar", "webinar", "stage_max", "5"));
    as_seen("webinar", "\"0\"");
    ASK(412, HOUSE_ADMIN, "PUT /api/formats/webinar", doc_of("webinar", "webinar", "stage_max", "6"));
    as_seen("webinar", "\"0\"");
    ASK(412, HOUSE_ADMIN, "PATCH /api/formats/webinar", "{\"hidden\":true}");
    assert_int_equal(web_number(listed("webinar"), "stage_max"), 5);
    /* the row itself refuses, too, should two be between looking and writing */
    struct formatbook_entry was;
    assert_int_equal(formatbook_get(w->house.store, &w->formats, STR("webinar"), &was), 0);
    struct formatbook_change c = {
        .was = &was, .deed = FORMAT_HIDDEN, .by = &w->house.people[HOUSE_ADMIN], .at_ms = w->now_ms};
    assert_int_equal(formatbook_put(w->house.store, &w->formats, &c), 0);
    assert_int_equal(formatbook_put(w->house.store, &w->formats, &c), -ERR_PRECONDITION);
}

static void what_is_wrong_is_told_beside_its_field(void **state) {
    (void)state;
    as_new();
    ASK(400, HOUSE_STAFF, "PUT /api/formats/secret", doc_of("consultation", "secret", "record", "\"auto\""));
    const struct json *errors = json_get(w->json, "errors");
    assert_int_equal(json_len(errors), 1);
    assert_string_equal(web_str(json_at(errors, 0), "field"), "keep");
    assert_string_equal(web_str(json_at(errors, 0), "why"), "keep_counts");
    as_new();
    ASK(400, HOUSE_STAFF, "PUT /api/formats/secret",
        doc_of("webinar", "secret", "roles",
               "{\"host\":[],\"cohost\":[],\"speaker\":[\"fly\"],\"attendee\":[\"run\"]}"));
    errors = json_get(w->json, "errors");
    assert_int_equal(json_len(errors), 3);
    assert_string_equal(web_str(json_at(errors, 0), "field"), "roles.speaker");
    assert_string_equal(web_str(json_at(errors, 2), "why"), "nobody_opens");
    as_new();
    ASK(400, HOUSE_STAFF, "PUT /api/formats/Secret", "{}");
    assert_null(listed("secret"));
}

static void hidden_and_default(void **state) {
    (void)state;
    assert_true(web_flag(listed("lesson"), "default"));
    as_seen("lesson", NULL);
    ASK(409, HOUSE_STAFF, "PATCH /api/formats/lesson", "{\"hidden\":true}");
    as_seen("webinar", NULL);
    ASK(200, HOUSE_STAFF, "PATCH /api/formats/webinar", "{\"default\":true}");
    assert_true(web_flag(listed("webinar"), "default"));
    assert_false(web_flag(listed("lesson"), "default"));
    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Без виду\"}");
    assert_string_equal(web_str(json_get(w->json, "event"), "format"), "webinar");
    const char *event = web_line("PATCH /api/events/%s", web_str(json_get(w->json, "event"), "id"));
    as_seen("lesson", NULL);
    ASK(200, HOUSE_STAFF, "PATCH /api/formats/lesson", "{\"hidden\":true}");
    assert_true(web_flag(listed("lesson"), "hidden"));
    ASK(400, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Урок\",\"format\":\"lesson\"}");
    ASK(400, HOUSE_TEACHER, event, "{\"format\":\"lesson\"}");
    as_seen("lesson", NULL);
    ASK(409, HOUSE_STAFF, "PATCH /api/formats/lesson", "{\"default\":true}");
    as_seen("lesson", NULL);
    ASK(400, HOUSE_STAFF, "PATCH /api/formats/lesson", "{\"hidden\":false,\"default\":true}");
    as_seen("lesson", NULL);
    ASK(400, HOUSE_STAFF, "PATCH /api/formats/lesson", "{\"colour\":true}");
    as_seen("lesson", NULL);
    ASK(200, HOUSE_STAFF, "PATCH /api/formats/lesson", "{\"hidden\":false}");
    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Урок\",\"format\":\"lesson\"}");
}

static void what_was_shipped_comes_back(void **state) {
    (void)state;
    as_seen("lesson", NULL);
    ASK(200, HOUSE_STAFF, "PUT /api/formats/lesson", doc_of("lesson", "lesson", "stage_max", "7"));
    assert_true(web_flag(json_get(w->json, "format"), "changed"));
    as_seen("lesson", NULL);
    ASK(409, HOUSE_STAFF, "DELETE /api/formats/lesson", NULL);
    as_seen("lesson", NULL);
    ASK(200, HOUSE_STAFF, "PATCH /api/formats/lesson", "{\"restore\":true}");
    assert_int_equal(web_number(listed("lesson"), "stage_max"), 40);
    as_new();
    ASK(201, HOUSE_STAFF, "PUT /api/formats/own", doc_of("lesson", "own", NULL, NULL));
    as_seen("own", NULL);
    ASK(409, HOUSE_STAFF, "PATCH /api/formats/own", "{\"restore\":true}");
}

/* An open event keeps the rules it was opened with; a planned one takes the newest. */
static void an_open_event_keeps_its_rules(void **state) {
    struct meeting open = {.title = "Йде", .description = ""}, planned = {.title = "Буде", .description = ""},
                   found;
    struct format f;
    (void)state;
    open.record = planned.record = RECORD_AUTO;
    (void)STR_COPY(open.format, STR("webinar"));
    (void)STR_COPY(planned.format, STR("webinar"));
    house_meeting(&w->house, &open);
    house_meeting(&w->house, &planned);
    house_log(&w->house, open.id, "\"type\":\"created\",\"format\":\"webinar\",\"on\":false");
    house_log(&w->house, open.id, "\"type\":\"opened\"");
    as_seen("webinar", NULL);
    ASK(200, HOUSE_STAFF, "PUT /api/formats/webinar", doc_of("consultation", "webinar", "stage_max", "3"));
    struct store *s = w->house.store;
    assert_int_equal(meeting_get(s, str_of(open.id), &w->arena, &found), 0);
    assert_int_equal(found.format_n, 0);
    assert_int_equal(formatbook_of(s, &w->formats, &found, &f), 0);
    assert_int_equal(f.stage_max, 12);
    assert_false(formatbook_forgets(s, &w->formats, &found));
    assert_int_equal(found.record, RECORD_AUTO);
    assert_int_equal(meeting_get(s, str_of(planned.id), &w->arena, &found), 0);
    assert_int_equal(found.format_n, -1);
    assert_int_equal(formatbook_of(s, &w->formats, &found, &f), 0);
    assert_int_equal(f.stage_max, 3);
    assert_true(formatbook_forgets(s, &w->formats, &found));
    assert_int_equal(found.record, RECORD_NEVER);
    /* opened now, it keeps that for good */
    house_log(&w->house, planned.id, "\"type\":\"created\",\"format\":\"webinar\",\"on\":false");
    house_log(&w->house, planned.id, "\"type\":\"opened\"");
    as_seen("webinar", NULL);
    ASK(200, HOUSE_STAFF, "PATCH /api/formats/webinar", "{\"restore\":true}");
    assert_int_equal(meeting_get(s, str_of(planned.id), &w->arena, &found), 0);
    assert_int_equal(formatbook_of(s, &w->formats, &found, &f), 0);
    assert_int_equal(f.stage_max, 3);
    assert_true(formatbook_forgets(s, &w->formats, &found));
}

/* Old changes go, but not what a format or an event stands on. */
static void old_changes_go(void **state) {
    struct formatbook_entry was;
    struct formatbook_line log[FORMATBOOK_LOG_MAX];
    (void)state;
    as_new();
    ASK(201, HOUSE_STAFF, "PUT /api/formats/club", doc_of("webinar", "club", NULL, NULL));
    for (int i = 0; i < FORMATBOOK_CHANGES_MAX + 20; i++) {
        assert_int_equal(formatbook_get(w->house.store, &w->formats, STR("cafe"), &was), 0);
        struct formatbook_change c = {.was = &was,
                                      .deed = i % 2 ? FORMAT_SHOWN : FORMAT_HIDDEN,
                                      .by = &w->house.people[HOUSE_ADMIN],
                                      .at_ms = w->now_ms};
        assert_int_equal(formatbook_put(w->house.store, &w->formats, &c), 0);
    }
    assert_non_null(listed("club"));
    assert_int_equal(formatbook_log(w->house.store, STR("club"), &w->arena, log, FORMATBOOK_LOG_MAX), 1);
    assert_int_equal(log[0].n, 1);
    char sentence[FORMATS_SENTENCE_MAX];
    assert_int_equal(formatbook_check(w->house.store, &w->formats, sentence), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_may, setup, teardown),
        cmocka_unit_test_setup_teardown(one_is_made_changed_and_deleted, setup, teardown),
        cmocka_unit_test_setup_teardown(two_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told_beside_its_field, setup, teardown),
        cmocka_unit_test_setup_teardown(hidden_and_default, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_shipped_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(an_open_event_keeps_its_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(old_changes_go, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
