/* The API from request to reply: events and their fields, joining, lists, attendance, captures. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/catalogue/space.h"
#include "server/http/ticket.h"

static struct web_rig w;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)

static struct meeting make(enum access_join join, enum access_watch watch) {
    struct meeting m = {.join = join, .watch = watch};
    house_meeting(&w.house, &m);
    return m;
}

static void test_event_fields(void **state) {
    (void)state;
    struct space sp = {.id = "teachers", .name_uk = "Ц", .name_en = "C", .about_uk = "", .about_en = ""};
    assert_int_equal(space_put(w.house.store, &sp), 0);
    static const struct {
        const char *body, *field;
    } bad[] = {
        {"{}", "title"},
        {"{\"title\":\"\"}", "title"},
        {"{\"title\":\"  \"}", "title"},
        {"{\"title\":\"a\\nb\"}", "title"},
        {"{\"title\":7}", "title"},
        {"{\"title\":\"Т\",\"description\":7}", "description"},
        {"{\"title\":\"Т\",\"space\":\"nowhere\"}", "space"},
        {"{\"title\":\"Т\",\"format\":\"opera\"}", "format"},
        {"{\"title\":\"Т\",\"record\":\"maybe\"}", "record"},
        {"{\"title\":\"Т\",\"access\":\"all\"}", "access"},
        {"{\"title\":\"Т\",\"visibility\":\"all\"}", "visibility"},
        {"{\"title\":\"Т\",\"lobby\":1}", "lobby"},
        {"{\"title\":\"Т\",\"starts_at\":\"noon\"}", "starts_at"},
        {"{\"title\":\"Т\",\"starts_at\":-5}", "starts_at"},
        {"{\"title\":\"Т\",\"starts_at\":99999999999999}", "starts_at"},
        {"{\"title\":\"Т\",\"duration_min\":1}", "duration_min"},
        {"{\"title\":\"Т\",\"duration_min\":1.5}", "duration_min"},
    };
    for (size_t i = 0; i < countof(bad); i++) {
        ASK(400, HOUSE_TEACHER, "POST /api/events", bad[i].body);
        assert_string_equal(web_str(w.json, "field"), bad[i].field);
    }
    ASK(403, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\",\"host\":\"u5\"}");
    ASK(201, HOUSE_STAFF, "POST /api/events", "{\"title\":\"Т\",\"host\":\"u5\"}");
    ASK(400, HOUSE_STAFF, "POST /api/events", "{\"title\":\"Т\",\"host\":\"u4\"}"); /* a learner */
    ASK(201, HOUSE_TEACHER, "POST /api/events",
        "{\"title\":\" Урок "
        "\",\"space\":\"teachers\",\"format\":\"webinar\",\"starts_at\":1790000100000,\"record\":\"auto\","
        "\"access\":\"public\",\"visibility\":\"unlisted\",\"description\":\"a\\nb\"}");
    const struct json *e = json_get(w.json, "event");
    assert_string_equal(web_str(e, "title"), "Урок");
    assert_string_equal(web_str(e, "record"), "auto");
    assert_string_equal(web_str(e, "role"), "host");
    assert_string_equal(web_str(json_get(e, "host"), "name"), "Оксана Коваль");
    char id[16];
    snprintf(id, sizeof id, "%s", web_str(e, "id"));
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s", id), "{\"starts_at\":null,\"space\":null}");
    e = json_get(w.json, "event");
    assert_true(json_is_null(json_get(e, "starts_at")) && json_is_null(json_get(e, "space")));
    assert_string_equal(web_str(e, "title"), "Урок");
    assert_int_equal(w.reply.effects[0].kind, EFFECT_ROOM_META);
    assert_string_equal(w.reply.effects[0].room, id);
    ASK(403, HOUSE_OTHER, web_line("PATCH /api/events/%s", id), "{\"title\":\"Мій\"}");
    ASK(200, HOUSE_STAFF, web_line("PATCH /api/events/%s", id), "{\"title\":\"Наш\"}");
    /* when it is live, the room's settings are the room's */
    house_log(&w.house, id, "\"type\":\"opened\"");
    ASK(409, HOUSE_TEACHER, web_line("PATCH /api/events/%s", id), "{\"format\":\"lesson\"}");
    assert_string_equal(web_str(w.json, "field"), "format");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s", id), "{\"title\":\"Інший\"}");
    ASK(409, HOUSE_TEACHER, web_line("DELETE /api/events/%s", id), NULL);
    ASK(403, HOUSE_OTHER, web_line("POST /api/events/%s/end", id), "{}");
    assert_false(meeting_end_asked(w.house.store, id));
    ASK(202, HOUSE_TEACHER, web_line("POST /api/events/%s/end", id), "{}");
    assert_true(meeting_end_asked(w.house.store, id)); /* whatever happens to the server now */
    assert_int_equal(w.reply.effects[0].kind, EFFECT_ROOM_END);
    house_log(&w.house, id, "\"type\":\"ended\"");
    assert_false(meeting_end_asked(w.house.store, id));
    ASK(409, HOUSE_TEACHER, web_line("POST /api/events/%s/end", id), "{}");
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s", id), NULL);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_ROOM_GONE);
    ASK(404, HOUSE_TEACHER, web_line("GET /api/events/%s", id), NULL);
}

static void verify(const char *role, const char *room) {
    struct ticket t;
    assert_int_equal(ticket_verify(&t, str_of(web_str(w.json, "ticket")), w.cfg.key, w.now_ms), 0);
    assert_string_equal(t.role, role);
    assert_string_equal(t.room, room);
    assert_string_equal(t.sub, web_str(w.json, "member"));
    assert_int_equal(t.exp_s * 1000, web_number(w.json, "expires_at"));
}

static void test_joining(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_PRIVATE), members = make(JOIN_MEMBERS, WATCH_PRIVATE),
                   list = make(JOIN_LIST, WATCH_PRIVATE);
    ASK(200, HOUSE_TEACHER, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Хтось інший\"}");
    verify("host", m.id);
    assert_string_equal(web_str(w.json, "name"), "Оксана Коваль"); /* accounts use their own */
    ASK(200, HOUSE_STAFF, web_line("POST /api/events/%s/join", m.id), NULL);
    verify("cohost", m.id);
    ASK(200, HOUSE_LEARNER, web_line("POST /api/events/%s/join", m.id), "{}");
    verify("attendee", m.id);
    ASK(400, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{}");
    assert_string_equal(web_str(w.json, "field"), "name");
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Гість\"}");
    verify("attendee", m.id);
    char first[64];
    snprintf(first, sizeof first, "%s", web_str(w.json, "member"));
    /* the same guest comes back as himself; another is another */
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Гість\"}");
    assert_string_equal(web_str(w.json, "member"), first);
    ASK(200, WEB_GUEST_2, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Гість\"}");
    assert_string_not_equal(web_str(w.json, "member"), first);
    /* codes */
    ASK(401, WEB_GUEST, web_line("POST /api/events/%s/join", m.id),
        "{\"name\":\"Г\",\"code\":\"aaaaaaaaaaaa\"}");
    char body[128];
    snprintf(body, sizeof body, "{\"name\":\"Г\",\"code\":\"%s\"}", m.codes[ROLE_SPEAKER]);
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), body);
    verify("speaker", m.id);
    ASK(401, WEB_GUEST, web_line("POST /api/events/%s/join", members.id), "{\"name\":\"Г\"}");
    ASK(200, HOUSE_LEARNER, web_line("POST /api/events/%s/join", members.id), "{}");
    ASK(404, WEB_GUEST, web_line("POST /api/events/%s/join", list.id), "{\"name\":\"Г\"}");
    ASK(404, HOUSE_LEARNER, web_line("POST /api/events/%s/join", list.id), "{}");
    ASK(404, HOUSE_LEARNER, web_line("GET /api/events/%s", list.id), NULL);
    snprintf(body, sizeof body, "{\"name\":\"Г\",\"code\":\"%s\"}", list.codes[ROLE_ATTENDEE]);
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", list.id), body);
    verify("attendee", list.id);
    ASK(201, HOUSE_TEACHER, web_line("POST /api/events/%s/people", list.id),
        "{\"email\":\"learner@example.org\",\"role\":\"speaker\"}");
    ASK(200, HOUSE_LEARNER, web_line("POST /api/events/%s/join", list.id), "{}");
    verify("speaker", list.id);
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s/people/u4", list.id), NULL);
    ASK(404, HOUSE_LEARNER, web_line("POST /api/events/%s/join", list.id), "{}");
    ASK(400, HOUSE_TEACHER, web_line("POST /api/events/%s/people", list.id),
        "{\"email\":\"learner@example.org\",\"role\":\"host\"}");
    ASK(404, HOUSE_TEACHER, web_line("POST /api/events/%s/people", list.id),
        "{\"email\":\"no@example.org\",\"role\":\"speaker\"}");
    /* removed for good; and over */
    house_log(&w.house, m.id, "\"type\":\"removed\",\"who\":\"u4\",\"ban\":true");
    ASK(403, HOUSE_LEARNER, web_line("POST /api/events/%s/join", m.id), "{}");
    house_log(&w.house, m.id, "\"type\":\"unbanned\",\"who\":\"u4\",\"name\":\"Марічка\"");
    ASK(200, HOUSE_LEARNER, web_line("POST /api/events/%s/join", m.id), "{}");
    house_log(&w.house, m.id, "\"type\":\"ended\"");
    ASK(410, HOUSE_TEACHER, web_line("POST /api/events/%s/join", m.id), "{}");
    ASK(404, HOUSE_TEACHER, "POST /api/events/nosuchroom/join", "{}");
    w.cookies[WEB_GUEST][0] = w.cookies[WEB_GUEST_2][0] = 0;
}

static int listed(int person, const char *query, const char *id) {
    int found = 0;
    ASK(200, person, query, NULL);
    const struct json *rows = json_get(w.json, "events");
    for (size_t i = 0; i < json_len(rows); i++)
        found += !strcmp(web_str(json_at(rows, i), "id"), id);
    return found;
}

static void test_lists_show_what_one_may_know(void **state) {
    (void)state;
    static const struct {
        enum access_join join;
        const char
            *seen; /* by guest, learner, teacher (host), other teacher, staff; then staff with when=all */
    } rows[] = {
        {JOIN_PUBLIC, "yyyyyy"}, {JOIN_MEMBERS, "-yyyyy"}, {JOIN_LINK, "--y--y"}, {JOIN_LIST, "--y--y"}};
    static const int people[] = {WEB_GUEST, HOUSE_LEARNER, HOUSE_TEACHER, HOUSE_OTHER, HOUSE_STAFF};
    for (size_t i = 0; i < countof(rows); i++) {
        struct meeting m = {.title = "Рідкісне слово ґуральня", .join = rows[i].join};
        house_meeting(&w.house, &m);
        const char *q = "GET /api/events?q=%D2%91%D1%83%D1%80%D0%B0%D0%BB%D1%8C%D0%BD%D1%8F";
        for (size_t p = 0; p < countof(people); p++)
            if (listed(people[p], q, m.id) != (rows[i].seen[p] == 'y'))
                fail_msg("access %s person %zu", access_join_name(rows[i].join), p);
        char all[160];
        snprintf(all, sizeof all, "%s&when=all", q);
        assert_int_equal(listed(HOUSE_STAFF, all, m.id), rows[i].seen[5] == 'y');
        assert_int_equal(listed(HOUSE_OTHER, web_line("%s&mine=1", q), m.id), 0);
        assert_int_equal(listed(HOUSE_TEACHER, web_line("%s&mine=1", q), m.id), 1);
        assert_int_equal(listed(HOUSE_TEACHER, web_line("%s&when=past", q), m.id), 0);
        assert_int_equal(listed(HOUSE_TEACHER, web_line("%s&when=live", q), m.id), 0);
    }
    ASK(400, WEB_GUEST, "GET /api/events?when=never", NULL);
}

static void test_attendance(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_PRIVATE);
    house_log(&w.house, m.id, "\"type\":\"created\",\"format\":\"lesson\",\"on\":false");
    house_log(&w.house, m.id,
              "\"type\":\"joined\",\"who\":\"u4\",\"name\":\"=Марічка \\\"М\\\"; "
              "Левчук\",\"role\":\"attendee\",\"stage\":false");
    house_log(&w.house, m.id, "\"type\":\"opened\"");
    house_log(&w.house, m.id, "\"type\":\"left\",\"who\":\"u4\",\"reason\":\"left\"");
    house_log(&w.house, m.id, "\"type\":\"ended\"");
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/attendance", m.id), NULL);
    const struct json *row = json_at(json_get(w.json, "rows"), 0);
    assert_string_equal(web_str(row, "member"), "u4");
    assert_int_equal(web_number(row, "total_ms"), 2000);
    assert_int_equal(json_len(json_get(row, "intervals")), 1);
    assert_false(web_flag(row, "here"));
    int64_t there = 0;
    assert_true(json_int(json_at(json_get(json_get(w.json, "curve"), "counts"), 0), &there));
    assert_int_equal(there, 1);
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/attendance.csv", m.id), NULL);
    const char *csv = (const char *)w.reply.body.p;
    assert_memory_equal(csv, "\xef\xbb\xbf", 3);
    assert_non_null(strstr(csv, "\"'=Марічка \"\"М\"\"; Левчук\";attendee;"));
    ASK(403, HOUSE_OTHER, web_line("GET /api/events/%s/attendance.csv", m.id), NULL);
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/moderation", m.id), NULL);
    assert_true(web_flag(w.json, "kept"));
    assert_int_equal(json_len(json_get(w.json, "rows")), 0); /* nobody decided over anybody */
    ASK(403, HOUSE_OTHER, web_line("GET /api/events/%s/moderation", m.id), NULL);
    ASK(403, HOUSE_OTHER, web_line("GET /api/events/%s/moderation.csv", m.id), NULL);
    /* His own row, and nobody else's, is everybody's who was there. */
    ASK(200, HOUSE_LEARNER, web_line("GET /api/events/%s/attendance/me", m.id), NULL);
    assert_string_equal(web_str(json_get(w.json, "row"), "member"), "u4");
    assert_int_equal(json_len(json_get(w.json, "rows")), 0);
    ASK(200, HOUSE_OTHER, web_line("GET /api/events/%s/attendance/me", m.id), NULL);
    assert_true(json_is_null(json_get(w.json, "row")));
    ASK(200, WEB_GUEST, web_line("GET /api/events/%s/attendance/me", m.id), NULL);
    assert_true(json_is_null(json_get(w.json, "row")));
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s", m.id), NULL);
    assert_true(web_flag(json_get(json_get(w.json, "event"), "can"), "attendance"));
}

static void test_who_kept_order(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_PRIVATE);
    house_log(&w.house, m.id, "\"type\":\"created\",\"format\":\"lesson\",\"on\":false");
    house_log(
        &w.house, m.id,
        "\"type\":\"joined\",\"who\":\"u4\",\"name\":\"=Марічка\",\"role\":\"attendee\",\"stage\":false");
    house_log(&w.house, m.id, "\"type\":\"limited\",\"role\":\"attendee\",\"off\":[\"chat\"]");
    house_log(&w.house, m.id, "\"type\":\"removed\",\"who\":\"u4\",\"ban\":true");
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/moderation", m.id), NULL);
    assert_int_equal(json_len(json_get(w.json, "rows")), 1); /* the server itself removes nobody */
    const struct json *row = json_at(json_get(w.json, "rows"), 0);
    assert_string_equal(web_str(row, "type"), "limited");
    assert_int_equal(json_len(json_get(row, "off")), 1);
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/moderation.csv", m.id), NULL);
    const char *csv = (const char *)w.reply.body.p;
    assert_non_null(strstr(csv, ";limited;\"\";\"\";\"\";\"{"));
}

/* Only the administrator, only when it is turned on, only what is live. */
static void test_captures(void **state) {
    (void)state;
    char id[16];
    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "event"), "id"));
    ASK(403, HOUSE_TEACHER, web_line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    ASK(403, HOUSE_STAFF, web_line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    ASK(403, HOUSE_ADMIN, web_line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    w.cfg.capture = true;
    ASK(409, HOUSE_ADMIN, web_line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    house_log(&w.house, id, "\"type\":\"opened\"");
    ASK(403, HOUSE_STAFF, web_line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    ASK(400, HOUSE_ADMIN, web_line("POST /api/events/%s/capture", id), "{\"member\":\"../x\"}");
    assert_string_equal(web_str(w.json, "field"), "member");
    ASK(400, HOUSE_ADMIN, web_line("POST /api/events/%s/capture", id), "{\"member\":\"u3\",\"seconds\":61}");
    ASK(202, HOUSE_ADMIN, web_line("POST /api/events/%s/capture", id),
        "{\"member\":\"u3\",\"kind\":\"publish\",\"seconds\":5}");
    const struct effect *e = &w.reply.effects[0];
    assert_int_equal(e->kind, EFFECT_CAPTURE);
    assert_string_equal(e->capture.member, "u3");
    assert_int_equal(e->capture.ms, 5000);
    assert_false(e->capture.is_view);
    assert_non_null(strstr(web_str(w.json, "file"), "-u3-publish.pcapng"));
    w.cfg.capture = false;
}

static int setup(void **state) {
    (void)state;
    web_open(&w);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    web_close(&w);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_fields),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_lists_show_what_one_may_know),
        cmocka_unit_test(test_attendance),
        cmocka_unit_test(test_who_kept_order),
        cmocka_unit_test(test_captures),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
