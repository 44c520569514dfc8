/* The API from request to reply: the catalogue, who may watch what, a lesson's document and its files. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/catalogue/lesson.h"

static struct web_rig w;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)

static struct meeting make(enum access_join join, enum access_watch watch) {
    struct meeting m = {.join = join, .watch = watch};
    house_meeting(&w.house, &m);
    return m;
}

/* role × visibility × route: the same people at the same doors. */
static void test_lesson_rights(void **state) {
    (void)state;
    static const struct {
        enum access_watch watch;
        const char *may; /* guest, guest who came, learner, learner who came, other teacher, host, staff */
    } rows[] = {{WATCH_PRIVATE, "-y-y-yy"}, {WATCH_UNLISTED, "yyyyyyy"}, {WATCH_PUBLIC, "yyyyyyy"}};
    enum { PEOPLE = 7 };
    for (size_t i = 0; i < countof(rows); i++) {
        for (int who = 0; who < PEOPLE; who++) {
            static const int person[PEOPLE] = {WEB_GUEST_2, WEB_GUEST,     HOUSE_LEARNER, HOUSE_LEARNER,
                                               HOUSE_OTHER, HOUSE_TEACHER, HOUSE_STAFF};
            struct meeting m = make(JOIN_LINK, rows[i].watch);
            w.cookies[WEB_GUEST][0] = 0;
            ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\"}");
            char joined[160];
            snprintf(
                joined, sizeof joined,
                "\"type\":\"joined\",\"who\":\"%s\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false",
                who == 3 ? "u4" : web_str(w.json, "member"));
            house_log(&w.house, m.id, joined);
            house_record(&w.house, m.id, 60000);
            house_file(&w.house, m.id, "lesson.mp4", "0123456789");
            int yes = rows[i].may[who] == 'y';
            const char *gets[] = {web_line("GET /api/lessons/%s", m.id),
                                  web_line("GET /media/%s/program.m3u8", m.id),
                                  web_line("GET /media/%s/timeline.jsonl", m.id)};
            for (size_t g = 0; g < countof(gets); g++)
                ASK(yes ? 200 : 404, person[who], gets[g], NULL);
            ASK(200, person[who], web_line("GET /api/events/%s", m.id), NULL);
            assert_int_equal(json_is_object(json_get(json_get(w.json, "event"), "lesson")), yes);
            ASK(person[who] >= WEB_GUEST ? 401
                : yes                    ? 204
                                         : 404,
                person[who], web_line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":5}");
            bool mine = who >= 5;
            ASK(mine                       ? 200
                : person[who] >= WEB_GUEST ? 401
                : yes                      ? 403
                                           : 404,
                person[who], web_line("PATCH /api/lessons/%s", m.id), "{\"title\":\"Нова назва\"}");
            ASK(mine                       ? 200
                : person[who] >= WEB_GUEST ? 401
                                           : 403,
                person[who], web_line("GET /api/events/%s/attendance", m.id), NULL);
        }
    }
}

static int in_catalogue(int person, const char *query, const char *id) {
    int found = 0;
    ASK(200, person, query, NULL);
    const struct json *rows = json_get(w.json, "lessons");
    for (size_t i = 0; i < json_len(rows); i++)
        found += !strcmp(web_str(json_at(rows, i), "id"), id);
    return found;
}

static void test_catalogue(void **state) {
    (void)state;
    const char *q =
        "GET /api/catalogue?q=%D0%B6%D0%B0%D0%B9%D0%B2%D0%BE%D1%80%D0%BE%D0%BD%D0%BE%D0%BA"; /* жайворонок */
    static const struct {
        enum access_watch watch;
        const char *seen; /* guest, learner (came), other teacher, host, staff */
    } rows[] = {{WATCH_PRIVATE, "-y-yy"}, {WATCH_UNLISTED, "-y-yy"}, {WATCH_PUBLIC, "yyyyy"}};
    static const int people[] = {WEB_GUEST, HOUSE_LEARNER, HOUSE_OTHER, HOUSE_TEACHER, HOUSE_STAFF};
    for (size_t i = 0; i < countof(rows); i++) {
        struct meeting m = {.title = "Пісня жайворонка", .join = JOIN_LINK, .watch = rows[i].watch};
        house_meeting(&w.house, &m);
        house_log(&w.house, m.id,
                  "\"type\":\"joined\",\"who\":\"u4\",\"name\":\"М\",\"role\":\"attendee\",\"stage\":false");
        assert_int_equal(in_catalogue(HOUSE_TEACHER, q, m.id), 0); /* not recorded yet */
        house_record(&w.house, m.id, 60000);
        for (size_t p = 0; p < countof(people); p++)
            if (in_catalogue(people[p], q, m.id) != (rows[i].seen[p] == 'y'))
                fail_msg("visibility %s person %zu", access_watch_name(rows[i].watch), p);
        ASK(204, HOUSE_LEARNER, web_line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":31000}");
        assert_int_equal(in_catalogue(HOUSE_LEARNER, web_line("%s&mine=1", q), m.id), 1);
        assert_int_equal(web_number(json_at(json_get(w.json, "lessons"), 0), "position_ms"), 31000);
        assert_int_equal(in_catalogue(HOUSE_OTHER, web_line("%s&mine=1", q), m.id), 0);
        assert_int_equal(in_catalogue(HOUSE_TEACHER, web_line("%s&format=webinar", q), m.id), 0);
    }
}

static void test_lesson_document(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_UNLISTED);
    ASK(404, HOUSE_TEACHER, web_line("GET /api/lessons/%s", m.id), NULL);
    house_record(&w.house, m.id, 60000);
    ASK(200, HOUSE_TEACHER, web_line("GET /api/lessons/%s", m.id), NULL);
    const struct json *r = json_get(w.json, "recording");
    assert_string_equal(web_str(r, "state"), "ready");
    assert_int_equal(web_number(r, "duration_ms"), 60000);
    assert_int_equal(web_number(json_get(r, "screen"), "offset_ms"), 61000);
    assert_int_equal(json_len(json_get(r, "languages")), 1);
    assert_string_equal(web_str(json_at(json_get(r, "languages"), 0), "lang"), "zh-hant");
    assert_string_equal(web_str(json_at(json_get(r, "languages"), 0), "playlist"),
                        web_line("/media/%s/audio-zh-hant.m3u8", m.id));
    const struct json *spans = json_get(json_get(r, "screen"), "spans");
    assert_int_equal(json_len(spans), 1);
    assert_int_equal(json_len(json_at(spans, 0)), 2);
    assert_int_equal(web_number(json_at(json_get(r, "takes"), 0), "wall_ms"), HOUSE_NOW_MS);
    assert_int_equal(json_len(json_get(w.json, "jobs")), 2);
    ASK(200, WEB_GUEST, web_line("GET /api/lessons/%s", m.id), NULL);
    assert_int_equal(json_len(json_get(w.json, "jobs")), 1); /* that an MP4 is on its way */
    ASK(409, HOUSE_TEACHER, web_line("POST /api/lessons/%s/jobs", m.id), "{\"kind\":\"mp4\"}");
    ASK(409, HOUSE_TEACHER, web_line("POST /api/lessons/%s/jobs", m.id), "{\"kind\":\"finish\"}");
    ASK(400, HOUSE_TEACHER, web_line("POST /api/lessons/%s/jobs", m.id), "{}");
    ASK(403, HOUSE_LEARNER, web_line("POST /api/lessons/%s/jobs", m.id), "{\"kind\":\"mp4\"}");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s", m.id), "{\"visibility\":\"public\"}");
    assert_string_equal(web_str(json_get(w.json, "event"), "visibility"), "public");
    ASK(400, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/position", m.id), "{}");
    ASK(400, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":-1}");
    ASK(204, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":777}");
    ASK(200, HOUSE_TEACHER, web_line("GET /api/lessons/%s/position", m.id), NULL);
    assert_int_equal(web_number(w.json, "position_ms"), 777);
}

static void expect_file(int64_t offset, int64_t length) {
    assert_true(w.reply.file_fd >= 0);
    assert_int_equal(w.reply.file_offset, offset);
    assert_int_equal(w.reply.file_length, length);
}

static void test_media_files(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_UNLISTED);
    house_record(&w.house, m.id, 60000);
    house_file(&w.house, m.id, "lesson.mp4", "0123456789");
    house_file(&w.house, m.id, "p1-0001.m4s", "0123456789");
    house_file(&w.house, m.id, "a1-0001.m4s", "0123456789");
    house_file(&w.house, m.id, "x.part", "0123456789");
    ASK(200, WEB_GUEST, web_line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    expect_file(0, 10);
    assert_string_equal(w.reply.type, "video/mp4");
    assert_non_null(strstr(web_header(&w, "cache-control"), "immutable"));
    char etag[64];
    snprintf(etag, sizeof etag, "%s", web_header(&w, "etag"));
    w.if_none_match = etag;
    ASK(304, WEB_GUEST, web_line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    assert_int_equal(w.reply.file_fd, -1);
    assert_string_equal(web_header(&w, "etag"), etag);
    w.range = "bytes=2-4";
    ASK(206, WEB_GUEST, web_line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    expect_file(2, 3);
    assert_string_equal(web_header(&w, "content-range"), "bytes 2-4/10");
    w.range = "bytes=2-4";
    w.if_range = "\"other\"";
    ASK(200, WEB_GUEST, web_line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    expect_file(0, 10);
    w.range = "bytes=10-";
    ASK(416, WEB_GUEST, web_line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    assert_string_equal(web_header(&w, "content-range"), "bytes */10");
    assert_int_equal(w.reply.file_fd, -1);
    w.if_match = "\"other\"";
    ASK(412, WEB_GUEST, web_line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    w.range = "bytes=2-4";
    ASK(200, WEB_GUEST, web_line("HEAD /media/%s/p1-0001.m4s", m.id), NULL);
    ASK(200, WEB_GUEST, web_line("GET /media/%s/a1-0001.m4s", m.id), NULL);
    assert_string_equal(w.reply.type, "audio/mp4");
    ASK(200, WEB_GUEST, web_line("GET /media/%s/program.m3u8", m.id), NULL);
    assert_string_equal(web_header(&w, "cache-control"), "no-cache");
    ASK(200, WEB_GUEST, web_line("GET /media/%s/lesson.mp4?download=1", m.id), NULL);
    assert_non_null(strstr(web_header(&w, "content-disposition"), "filename*=UTF-8''%D0%A3"));
    assert_null(strstr(web_header(&w, "cache-control"), "immutable"));
}

static void test_media_names_lead_nowhere(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_UNLISTED), other = make(JOIN_LINK, WATCH_PRIVATE);
    char path[256], target[256];
    house_record(&w.house, m.id, 60000);
    house_record(&w.house, other.id, 60000);
    house_file(&w.house, m.id, "x.part", "0");
    snprintf(path, sizeof path, "%s/rec/%s/link.json", w.house.dir, m.id);
    snprintf(target, sizeof target, "%s/secret.key", w.house.dir);
    assert_int_equal(symlink(target, path), 0);
    static const char *const names[] = {
        "x.part",
        "link.json",
        "none.m4s",
        ".m3u8",
        "-x.m3u8",
        "..m3u8",
        "a..m3u8",
        "A.m3u8",
        "program.m3u8.",
        "program",
        "%2e%2e",
        "..%2fsecret.key",
        "program%00.m3u8",
        "..%5csecret.key",
        "secret.key",
        "x%20y.m3u8",
        "somhub.db",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.m3u8"};
    for (size_t i = 0; i < countof(names); i++) {
        snprintf(path, sizeof path, "GET /media/%s/%s", m.id, names[i]);
        int status = web_ask(&w, HOUSE_TEACHER, path, NULL);
        if (status != 404 && status != 400)
            fail_msg("%s: %d", names[i], status);
        assert_int_equal(w.reply.file_fd, -1);
    }
    snprintf(path, sizeof path, "GET /media/%s/../%s/program.m3u8", m.id, other.id);
    ASK(400, WEB_GUEST, path, NULL);
    ASK(404, WEB_GUEST, web_line("GET /media/%s/program.m3u8", other.id), NULL);
    ASK(404, WEB_GUEST, "GET /media/nosuchroom/program.m3u8", NULL);
}

static void test_live_recording_is_for_those_inside(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_PUBLIC);
    house_log(&w.house, m.id, "\"type\":\"opened\"");
    house_file(&w.house, m.id, "program.m3u8", "#EXTM3U\n");
    house_file(&w.house, m.id, "takes.jsonl", "{\"take\":1,\"base_ms\":0,\"wall_ms\":1}\n");
    ASK(404, HOUSE_TEACHER, web_line("GET /api/lessons/%s", m.id), NULL);
    assert_int_equal(lesson_started(w.house.store, m.id, HOUSE_NOW_MS), 0);
    w.cookies[WEB_GUEST][0] = 0;
    /* a ticket is not yet being let in: the lobby may be between */
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\"}");
    char member[40], joined[160];
    snprintf(member, sizeof member, "%s", web_str(w.json, "member"));
    ASK(404, WEB_GUEST, web_line("GET /media/%s/program.m3u8", m.id), NULL);
    snprintf(joined, sizeof joined,
             "\"type\":\"joined\",\"who\":\"%s\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false",
             member);
    house_log(&w.house, m.id, joined);
    ASK(200, WEB_GUEST, web_line("GET /media/%s/program.m3u8", m.id), NULL);
    ASK(200, WEB_GUEST, web_line("GET /api/lessons/%s", m.id), NULL);
    assert_string_equal(web_str(json_get(w.json, "recording"), "state"), "live");
    assert_int_equal(json_len(json_get(json_get(w.json, "recording"), "takes")), 1);
    assert_int_equal(json_len(json_get(json_get(w.json, "recording"), "languages")), 0);
    static const char *const files[] = {"audio-uk.m3u8", "audio-en.m3u8", "audio-.m3u8", "audio-x.m3u8",
                                        "audio-EN_.m3u8"};
    for (size_t i = 0; i < countof(files); i++)
        house_file(&w.house, m.id, files[i], "#EXTM3U\n");
    house_file(&w.house, m.id, "a1-1-0002-en.m4s", "sound");
    ASK(200, WEB_GUEST, web_line("GET /api/lessons/%s", m.id), NULL);
    const struct json *langs = json_get(json_get(w.json, "recording"), "languages");
    assert_int_equal(json_len(langs), 2); /* by code, and no other file */
    assert_string_equal(web_str(json_at(langs, 0), "lang"), "en");
    assert_string_equal(web_str(json_at(langs, 1), "lang"), "uk");
    ASK(200, WEB_GUEST, web_line("GET /media/%s/audio-en.m3u8", m.id), NULL);
    ASK(200, WEB_GUEST, web_line("GET /media/%s/a1-1-0002-en.m4s", m.id), NULL);
    snprintf(joined, sizeof joined, "\"type\":\"removed\",\"who\":\"%s\",\"ban\":true", member);
    house_log(&w.house, m.id, joined);
    ASK(404, WEB_GUEST, web_line("GET /media/%s/program.m3u8", m.id), NULL);
    ASK(404, WEB_GUEST_2, web_line("GET /media/%s/program.m3u8", m.id), NULL);
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
        cmocka_unit_test(test_lesson_rights),
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_lesson_document),
        cmocka_unit_test(test_media_files),
        cmocka_unit_test(test_media_names_lead_nowhere),
        cmocka_unit_test(test_live_recording_is_for_those_inside),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
