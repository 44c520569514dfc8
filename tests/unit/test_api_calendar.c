/* The API from request to reply: series and their parts, calling off, .ics, feeds, the QR code. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <libical/ical.h>

#include "server/calendar/zone.h"

static struct web_rig w;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)
enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

/* HOUSE_NOW_MS is in September 2026; 18:00 in Kyiv of the Tuesday after it. */
static int64_t tuesday_ms(void) {
    int64_t day = w.now_ms / DAY_MS + 1;
    while ((day + 3) % 7 != 1) /* 1 January 1970 was a Thursday */
        day++;
    return zone_moment_s("Europe/Kyiv", day * 86400 + 18 * 3600) * 1000;
}

static const struct json *calendar(int person, const char *more) {
    ASK(200, person,
        web_line("GET /api/calendar?from=%lld&to=%lld%s", (long long)w.now_ms,
                 (long long)(w.now_ms + 60LL * DAY_MS), more),
        NULL);
    return json_get(w.json, "events");
}

static void make_series(char first[16], const char *rule, const char *more) {
    char body[512];
    snprintf(body, sizeof body,
             "{\"title\":\"Гурток\",\"access\":\"public\",\"starts_at\":%lld,\"repeat\":{\"rule\":\"%s\"}%s}",
             (long long)tuesday_ms(), rule, more);
    ASK(201, HOUSE_TEACHER, "POST /api/events", body);
    snprintf(first, 16, "%s", web_str(json_get(w.json, "event"), "id"));
}

static int64_t wall_of(const struct json *e) {
    return zone_wall_s("Europe/Kyiv", web_number(e, "starts_at") / 1000);
}

static void test_series(void **state) {
    (void)state;
    char first[16], second[16], third[16];
    static const char *const bad[] = {"FREQ=HOURLY", "", "FREQ=WEEKLY;UNTIL=20200101"};
    for (size_t i = 0; i < countof(bad); i++) {
        char body[256];
        snprintf(body, sizeof body, "{\"title\":\"Г\",\"starts_at\":%lld,\"repeat\":{\"rule\":\"%s\"}}",
                 (long long)tuesday_ms(), bad[i]);
        ASK(400, HOUSE_TEACHER, "POST /api/events", body);
        assert_string_equal(web_str(w.json, "field"), "repeat");
    }
    ASK(400, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Г\",\"repeat\":{\"rule\":\"FREQ=WEEKLY\"}}");
    assert_string_equal(web_str(w.json, "field"), "starts_at");
    ASK(400, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Г\",\"zone\":\"Mars/Base\"}");

    make_series(first, "FREQ=WEEKLY;COUNT=8", "");
    assert_string_equal(web_str(json_get(json_get(w.json, "event"), "series"), "rule"),
                        "FREQ=WEEKLY;COUNT=8");
    const struct json *v = calendar(WEB_GUEST, "");
    assert_int_equal(json_len(v), 8);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(wall_of(json_at(v, i)) % 86400, 18 * 3600); /* the end of summer time lies between */
    snprintf(second, sizeof second, "%s", web_str(json_at(v, 1), "id"));
    snprintf(third, sizeof third, "%s", web_str(json_at(v, 2), "id"));
    int64_t second_at = web_number(json_at(v, 1), "starts_at"),
            third_at = web_number(json_at(v, 2), "starts_at");

    /* One is moved alone to the next day; then the third and those after it go to Wednesday, 19:30. */
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s", second),
        web_line("{\"starts_at\":%lld}", (long long)(second_at + DAY_MS)));
    assert_true(web_flag(json_get(json_get(w.json, "event"), "series"), "moved"));
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s", third),
        web_line("{\"scope\":\"following\",\"title\":\"Новий гурток\",\"starts_at\":%lld}",
                 (long long)(third_at + DAY_MS + 90 * 60000)));
    assert_false(web_flag(json_get(json_get(w.json, "event"), "series"), "moved"));
    v = calendar(WEB_GUEST, "");
    assert_string_equal(web_str(json_at(v, 0), "title"), "Гурток");
    assert_int_equal(web_number(json_at(v, 0), "starts_at"), tuesday_ms());
    assert_int_equal(web_number(json_at(v, 1), "starts_at"), second_at + DAY_MS);
    for (size_t i = 2; i < 8; i++) {
        assert_string_equal(web_str(json_at(v, i), "title"), "Новий гурток");
        assert_int_equal(wall_of(json_at(v, i)) % 86400, 19 * 3600 + 1800);
        assert_int_equal((wall_of(json_at(v, i)) / 86400 + 3) % 7, 2);
    }
    /* All: what was moved alone keeps its time, and is renamed as the others. */
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s", first),
        web_line("{\"scope\":\"all\",\"title\":\"Усі\",\"starts_at\":%lld}",
                 (long long)(tuesday_ms() - HOUR_MS)));
    v = calendar(WEB_GUEST, "");
    assert_int_equal(web_number(json_at(v, 0), "starts_at"), tuesday_ms() - HOUR_MS);
    assert_int_equal(web_number(json_at(v, 1), "starts_at"), second_at + DAY_MS);
    assert_int_equal(wall_of(json_at(v, 5)) % 86400, 17 * 3600);
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(web_str(json_at(v, i), "title"), "Усі");
    ASK(400, HOUSE_TEACHER, web_line("PATCH /api/events/%s", first), "{\"scope\":\"some\"}");
    ASK(403, HOUSE_LEARNER, web_line("PATCH /api/events/%s", first), "{\"scope\":\"all\",\"title\":\"Х\"}");
}

static void test_cancel(void **state) {
    (void)state;
    char first[16], second[16];
    make_series(first, "FREQ=WEEKLY;COUNT=4", "");
    const struct json *v = calendar(WEB_GUEST, "");
    snprintf(second, sizeof second, "%s", web_str(json_at(v, 1), "id"));
    ASK(401, WEB_GUEST, web_line("POST /api/events/%s/cancel", second), "{}");
    ASK(403, HOUSE_LEARNER, web_line("POST /api/events/%s/cancel", second), "{}");
    ASK(200, HOUSE_TEACHER, web_line("POST /api/events/%s/cancel", second), "{}");
    assert_string_equal(web_str(json_get(w.json, "event"), "needs"), "cancelled");
    assert_false(web_flag(json_get(json_get(w.json, "event"), "can"), "join"));
    ASK(409, HOUSE_TEACHER, web_line("POST /api/events/%s/cancel", second), "{}");
    ASK(410, WEB_GUEST, web_line("POST /api/events/%s/join", second), "{\"name\":\"Г\"}");
    ASK(200, HOUSE_TEACHER, web_line("POST /api/events/%s/cancel", first), "{\"scope\":\"all\"}");
    v = calendar(WEB_GUEST, "");
    assert_int_equal(json_len(v), 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(web_flag(json_at(v, i), "cancelled"));
    ASK(200, WEB_GUEST, "GET /api/events?when=upcoming", NULL); /* announced no more */
    assert_int_equal(web_number(w.json, "total"), 0);
    ASK(200, WEB_GUEST, web_line("GET /api/events/%s/event.ics", second), NULL);
    assert_non_null(strstr((const char *)w.reply.body.p, "STATUS:CANCELLED\r\n"));
    assert_non_null(strstr((const char *)w.reply.body.p, "SEQUENCE:1\r\n"));
}

static void test_who_sees(void **state) {
    (void)state;
    struct meeting m = {.join = JOIN_LIST, .starts_at = w.now_ms + DAY_MS};
    house_meeting(&w.house, &m);
    struct meeting link = {.join = JOIN_LINK, .starts_at = w.now_ms + DAY_MS};
    house_meeting(&w.house, &link);
    struct meeting members = {.join = JOIN_MEMBERS, .starts_at = w.now_ms + 2 * DAY_MS};
    house_meeting(&w.house, &members);
    assert_int_equal(json_len(calendar(WEB_GUEST, "")), 0);
    assert_int_equal(json_len(calendar(HOUSE_LEARNER, "")), 1);
    assert_int_equal(json_len(calendar(HOUSE_LEARNER, "&mine=1")), 0);
    assert_int_equal(json_len(calendar(HOUSE_TEACHER, "&mine=1")), 3);
    assert_int_equal(json_len(calendar(HOUSE_STAFF, "")), 3);
    ASK(404, WEB_GUEST, web_line("GET /api/events/%s/event.ics", m.id), NULL);
    ASK(404, WEB_GUEST, web_line("GET /api/events/%s/qr.svg", m.id), NULL);
    ASK(400, WEB_GUEST, "GET /api/calendar", NULL);
    ASK(400, WEB_GUEST, "GET /api/calendar?from=0&to=99999999999", NULL);
}

static void test_feed(void **state) {
    (void)state;
    char first[16], url[256], old[256];
    make_series(first, "FREQ=WEEKLY;COUNT=3", "");
    ASK(401, WEB_GUEST, "GET /api/me/feed", NULL);
    ASK(200, HOUSE_TEACHER, "GET /api/me/feed", NULL);
    assert_true(json_is_null(json_get(w.json, "url")));
    ASK(200, HOUSE_TEACHER, "POST /api/me/feed", "{}");
    snprintf(old, sizeof old, "%s", strstr(web_str(w.json, "url"), "/ical/"));
    ASK(200, WEB_GUEST, web_line("GET %s", old), NULL); /* whoever has the address */
    icalcomponent *cal = icalparser_parse_string((const char *)w.reply.body.p);
    assert_int_equal(icalcomponent_count_components(cal, ICAL_VEVENT_COMPONENT), 3);
    icalcomponent_free(cal);
    /* A new one ends the old; none is none; a changed letter is none. */
    ASK(200, HOUSE_TEACHER, "POST /api/me/feed", "{}");
    snprintf(url, sizeof url, "%s", strstr(web_str(w.json, "url"), "/ical/"));
    ASK(404, WEB_GUEST, web_line("GET %s", old), NULL);
    ASK(200, WEB_GUEST, web_line("GET %s", url), NULL);
    char forged[256];
    snprintf(forged, sizeof forged, "%s", url);
    forged[strlen(forged) - 5] ^= 1;
    ASK(404, WEB_GUEST, web_line("GET %s", forged), NULL);
    ASK(404, WEB_GUEST, "GET /ical/u3-1-.ics", NULL);
    ASK(204, HOUSE_TEACHER, "DELETE /api/me/feed", "");
    ASK(404, WEB_GUEST, web_line("GET %s", url), NULL);
    ASK(200, HOUSE_TEACHER, "GET /api/me/feed", NULL);
    assert_true(json_is_null(json_get(w.json, "url")));
}

static void test_space_feed_and_qr(void **state) {
    (void)state;
    char first[16];
    ASK(200, HOUSE_STAFF, "PUT /api/spaces/teachers", "{\"name\":{\"uk\":\"Центр, освіти\",\"en\":\"C\"}}");
    make_series(first, "FREQ=WEEKLY;COUNT=2", ",\"space\":\"teachers\"");
    struct meeting secret = {.join = JOIN_LINK, .starts_at = w.now_ms + DAY_MS, .title = "Таємна"};
    (void)STR_COPY(secret.space, STR("teachers"));
    house_meeting(&w.house, &secret);
    ASK(404, WEB_GUEST, "GET /api/spaces/nowhere/calendar.ics", NULL);
    ASK(200, WEB_GUEST, "GET /api/spaces/teachers/calendar.ics", NULL);
    assert_string_equal(w.reply.type, "text/calendar; charset=utf-8");
    assert_non_null(strstr((const char *)w.reply.body.p, "X-WR-CALNAME:Центр\\, освіти"));
    assert_null(strstr((const char *)w.reply.body.p, "Таємна"));
    ASK(200, WEB_GUEST, web_line("GET /api/events/%s/qr.svg", first), NULL);
    assert_string_equal(w.reply.type, "image/svg+xml");
}

static int set_up(void **state) {
    (void)state;
    web_open(&w);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    web_close(&w);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_series, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cancel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_sees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_feed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_space_feed_and_qr, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
