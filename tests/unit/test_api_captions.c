/* The API from request to reply: captions while a lesson is made, and what its editors do with them after. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/mem.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"

static struct web_rig w;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)
/* A file as it is sent. */
#define BRING(status, person, text, body)                                                                    \
    (w.content_type = "application/octet-stream", web_expect(&w, person, status, text, body))

static void log_line(const struct meeting *m, const char *fields) { house_log(&w.house, m->id, fields); }

/* A class with captions: lines 2 and 3 in Ukrainian, 4 in English. */
static struct meeting classroom(void) {
    struct meeting m = {.join = JOIN_LINK, .watch = WATCH_UNLISTED};
    char take[96];
    house_meeting(&w.house, &m);
    log_line(&m, "\"type\":\"opened\"");
    log_line(&m, "\"type\":\"caption\",\"text\":\"добрий ден\",\"lang\":\"uk\"");
    log_line(&m, "\"type\":\"caption\",\"text\":\"зайве\",\"lang\":\"uk\"");
    log_line(&m, "\"type\":\"caption\",\"text\":\"Hello\",\"lang\":\"en\"");
    snprintf(take, sizeof take, "{\"take\":1,\"base_ms\":0,\"wall_ms\":%lld}\n", (long long)HOUSE_NOW_MS);
    house_file(&w.house, m.id, "takes.jsonl", take);
    return m;
}

static void body_is(const char *expected) {
    char text[4096];
    ssize_t n = w.reply.file_fd < 0
                    ? snprintf(text, sizeof text, "%.*s", (int)w.reply.body.n, (char *)w.reply.body.p)
                    : pread(w.reply.file_fd, text, sizeof text - 1, w.reply.file_offset);
    assert_true(n >= 0 && (w.reply.file_fd < 0 || n == w.reply.file_length));
    text[n] = 0;
    assert_string_equal(text, expected);
}

/* Which file it is, and when it was written. */
static struct stat stat_of(const struct meeting *m, const char *file) {
    char path[512];
    struct stat st;
    snprintf(path, sizeof path, "%s/rec/%s/%s", w.house.dir, m->id, file);
    assert_int_equal(stat(path, &st), 0);
    return st;
}

static bool is_same(struct stat a, struct stat b) {
    return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
           a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

static void get_is(const struct meeting *m, const char *lang, const char *expected) {
    struct str text;
    size_t n;
    char file[32];
    ASK(200, WEB_GUEST_2, web_line("GET /media/%s/captions-%s.vtt", m->id, lang), NULL);
    snprintf(file, sizeof file, "captions-%s.vtt", lang);
    char *z = recdir_read(w.house.dir, m->id, file, &n);
    assert_non_null(z);
    text = (struct str){z, n};
    assert_true(str_is(text, expected));
    mem_free(z);
}

static void test_while_it_is_recorded(void **state) {
    struct meeting m = classroom();
    (void)state;
    assert_int_equal(lesson_started(w.house.store, m.id, HOUSE_NOW_MS), 0);
    ASK(200, HOUSE_TEACHER, web_line("GET /api/lessons/%s", m.id), NULL);
    assert_int_equal(json_len(json_get(json_get(w.json, "recording"), "captions")), 2);
    char uk[64];
    STR_COPY(uk, str_of(web_line("GET /media/%s/captions-uk.vtt", m.id)));
    ASK(200, HOUSE_TEACHER, uk, NULL);
    body_is("WEBVTT\n\n2\n00:00:02.000 --> 00:00:03.000\nдобрий ден\n\n3\n00:00:03.000 --> "
            "00:00:05.250\nзайве\n");
    char etag[64];
    STR_COPY(etag, str_of(web_header(&w, "etag")));
    w.if_none_match = etag;
    ASK(304, HOUSE_TEACHER, uk, NULL);
    /* it grows, and is corrected */
    log_line(&m, "\"type\":\"caption_edit\",\"n\":2,\"text\":\"Добрий день\"");
    log_line(&m, "\"type\":\"caption_dropped\",\"n\":3");
    log_line(&m, "\"type\":\"caption\",\"text\":\"далі\",\"lang\":\"uk\"");
    w.if_none_match = etag;
    ASK(200, HOUSE_TEACHER, uk, NULL);
    body_is("WEBVTT\n\n2\n00:00:02.000 --> 00:00:04.550\nДобрий день\n\n7\n00:00:07.000 --> "
            "00:00:09.200\nдалі\n");
    ASK(200, HOUSE_TEACHER, web_line("GET /media/%s/captions-fr.vtt", m.id), NULL);
    body_is("WEBVTT\n");
    ASK(404, HOUSE_TEACHER, web_line("GET /media/%s/captions-x9.vtt", m.id), NULL);
    ASK(404, HOUSE_TEACHER, web_line("GET /media/%s/other.vtt", m.id), NULL);
    ASK(409, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), "{\"text\":\"ні\"}");
    ASK(404, HOUSE_LEARNER, uk, NULL); /* as the recording: for those who were there */
}

static void test_corrected_afterwards(void **state) {
    struct meeting m = classroom();
    size_t n;
    (void)state;
    log_line(&m, "\"type\":\"caption_edit\",\"n\":2,\"text\":\"добрий день\"");
    house_record(&w.house, m.id, 60000);
    ASK(401, WEB_GUEST, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), "{\"text\":\"ні\"}");
    ASK(403, HOUSE_LEARNER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), "{\"text\":\"ні\"}");
    ASK(403, HOUSE_LEARNER, web_line("DELETE /api/lessons/%s/captions/uk/2", m.id), "");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id),
        "{\"text\":\"Добрий день!\"}");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), /* sent again */
        "{\"text\":\"Добрий день!\"}");
    ASK(200, HOUSE_STAFF, web_line("DELETE /api/lessons/%s/captions/uk/3", m.id), "");
    get_is(&m, "uk", "WEBVTT\n\n2\n00:00:02.000 --> 00:00:04.600\nДобрий день!\n");
    ASK(200, WEB_GUEST_2, web_line("GET /media/%s/timeline.jsonl", m.id), NULL);
    char *text = recdir_read(w.house.dir, m.id, RECDIR_TIMELINE, &n);
    assert_non_null(strstr(text, "Hello"));
    assert_null(strstr(text, "зайве"));
    assert_null(strstr(text, "ден\""));
    mem_free(text);
    /* taken back it is there again when somebody says what it is */
    ASK(200, HOUSE_STAFF, web_line("PATCH /api/lessons/%s/captions/uk/3", m.id), "{\"text\":\"треба\"}");
    get_is(&m, "uk",
           "WEBVTT\n\n2\n00:00:02.000 --> 00:00:03.000\nДобрий день!\n\n3\n00:00:03.000 --> "
           "00:00:05.250\nтреба\n");
    static const char *const no[] = {"uk/1", "uk/4", "uk/99", "uk/x", "en/2", "fr/2", "u/2", "ukr-/2"};
    for (size_t i = 0; i < countof(no); i++)
        ASK(404, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/%s", m.id, no[i]),
            "{\"text\":\"ні\"}");
    ASK(400, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), "{\"text\":\"\"}");
    ASK(400, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), "{}");
    /* the last of a language takes its file with it */
    ASK(200, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/en/4", m.id), "");
    assert_int_equal(json_len(json_get(w.json, "captions")), 1);
    ASK(404, WEB_GUEST_2, web_line("GET /media/%s/captions-en.vtt", m.id), NULL);
}

/* Two editors of one line: who has not seen what it says now is told so, and nothing is overwritten. */
static void test_two_editors(void **state) {
    struct meeting m = classroom();
    char two[96], patch[96], drop[96], first[64], second[64];
    (void)state;
    house_record(&w.house, m.id, 60000);
    STR_COPY(two, str_of(web_line("GET /api/lessons/%s/captions/uk/2", m.id)));
    STR_COPY(patch, str_of(web_line("PATCH /api/lessons/%s/captions/uk/2", m.id)));
    STR_COPY(drop, str_of(web_line("DELETE /api/lessons/%s/captions/uk/2", m.id)));
    ASK(401, WEB_GUEST, two, NULL);
    ASK(403, HOUSE_LEARNER, two, NULL);
    ASK(200, HOUSE_TEACHER, two, NULL);
    assert_string_equal(web_str(json_get(w.json, "cue"), "text"), "добрий ден");
    STR_COPY(first, str_of(web_header(&w, "etag")));
    assert_string_equal(web_str(json_get(w.json, "cue"), "etag"), first);
    w.if_match = first;
    ASK(200, HOUSE_TEACHER, patch, "{\"text\":\"Добрий день\"}");
    STR_COPY(second, str_of(web_header(&w, "etag")));
    assert_string_not_equal(second, first);
    assert_string_equal(web_str(json_get(w.json, "cue"), "etag"), second);
    w.if_match = first;
    ASK(412, HOUSE_STAFF, patch, "{\"text\":\"Доброго дня\"}");
    assert_string_equal(web_str(w.json, "error"), "precondition");
    assert_non_null(strstr(web_str(w.json, "text"), "read it again"));
    w.if_match = first;
    ASK(412, HOUSE_STAFF, drop, "");
    ASK(200, HOUSE_STAFF, two, NULL);
    assert_string_equal(web_str(json_get(w.json, "cue"), "text"), "Добрий день");
    assert_string_equal(web_header(&w, "etag"), second);
    w.if_match = second;
    ASK(200, HOUSE_STAFF, drop, "");
    w.if_match = second;
    ASK(412, HOUSE_TEACHER, patch, "{\"text\":\"пізно\"}");
    ASK(200, HOUSE_TEACHER, two, NULL);
    assert_string_equal(web_str(json_get(w.json, "cue"), "text"), "");
    ASK(200, HOUSE_TEACHER, patch, "{\"text\":\"Без умови\"}"); /* a script that does not care */
    w.if_match = "*";
    ASK(200, HOUSE_TEACHER, patch, "{\"text\":\"Будь-що\"}");
    ASK(404, HOUSE_TEACHER, web_line("GET /api/lessons/%s/captions/uk/99", m.id), NULL);
    ASK(404, HOUSE_TEACHER, web_line("GET /api/lessons/%s/captions/en/2", m.id), NULL);
    /* of a file, and of another file in its place */
    BRING(200, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/captions/uk?name=a.srt", m.id),
          "1\n00:00:01,000 --> 00:00:02,000\nраз\nі ще\n\n2\n00:00:03,000 --> 00:00:04,000\nдва\n");
    ASK(200, HOUSE_TEACHER, web_line("GET /api/lessons/%s/captions/uk/1", m.id), NULL);
    assert_string_equal(web_str(json_get(w.json, "cue"), "text"), "раз\nі ще");
    ASK(200, HOUSE_TEACHER, two, NULL);
    STR_COPY(first, str_of(web_header(&w, "etag")));
    BRING(200, HOUSE_STAFF, web_line("PUT /api/lessons/%s/captions/uk?name=b.srt", m.id),
          "1\n00:00:01,000 --> 00:00:02,000\nінше\n\n2\n00:00:03,000 --> 00:00:04,000\nзовсім\n");
    w.if_match = first;
    ASK(412, HOUSE_TEACHER, patch, "{\"text\":\"Два\"}");
}

static void test_a_file_is_brought(void **state) {
    static const char vtt[] = "WEBVTT\n\n00:01.000 --> 00:02.000\n<b>Раз</b>\nі два\n\n"
                              "00:03.000 --> 00:04.000\nтри\n";
    struct meeting m = classroom();
    (void)state;
    house_record(&w.house, m.id, 60000);
    char uk[96];
    STR_COPY(uk, str_of(web_line("PUT /api/lessons/%s/captions/uk?name=%%D0%%B0.vtt", m.id)));
    ASK(415, HOUSE_TEACHER, uk, "{}");
    BRING(401, WEB_GUEST, uk, vtt);
    BRING(403, HOUSE_LEARNER, uk, vtt);
    BRING(400, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/captions/uk", m.id), vtt);
    BRING(404, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/captions/UK?name=a.vtt", m.id), vtt);
    BRING(400, HOUSE_TEACHER, uk, "WEBVTT\n\n00:01.000 -> 00:02.000\nраз\n");
    const struct json *fault = json_at(json_get(w.json, "errors"), 0);
    assert_int_equal(web_number(fault, "line"), 4);
    assert_string_equal(web_str(fault, "fault"), "times");
    assert_non_null(strstr(web_str(w.json, "text"), "Line 4: "));
    BRING(200, HOUSE_TEACHER, uk, vtt);
    assert_string_equal(web_str(json_at(json_get(w.json, "captions"), 1), "file"), "а.vtt");
    get_is(
        &m, "uk",
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nРаз\nі два\n\n2\n00:00:03.000 --> 00:00:04.000\nтри\n");
    get_is(&m, "en", "WEBVTT\n\n4\n00:00:04.000 --> 00:00:06.250\nHello\n");
    /* its cues are corrected as lines are */
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), "{\"text\":\"Три.\"}");
    ASK(200, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/uk/1", m.id), "");
    ASK(404, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/uk/3", m.id), "");
    get_is(&m, "uk", "WEBVTT\n\n2\n00:00:03.000 --> 00:00:04.000\nТри.\n");
    /* another in its place, of which nothing was corrected yet; and published anew it is the same */
    BRING(200, HOUSE_TEACHER, uk, "1\n00:00:01,000 --> 00:00:02,000\nсам\n");
    get_is(&m, "uk", "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nсам\n");
    house_record(&w.house, m.id, 60000);
    get_is(&m, "uk", "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nсам\n");
    BRING(200, HOUSE_STAFF, web_line("PUT /api/lessons/%s/captions/pl?name=pl.srt", m.id),
          "1\n00:00:01,000 --> 00:00:02,000\ndzień\n");
    assert_int_equal(json_len(json_get(w.json, "captions")), 3);
    /* taken away: what was typed is there again */
    ASK(200, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/uk", m.id), "");
    ASK(404, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/uk", m.id), "");
    ASK(200, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/pl", m.id), "");
    assert_int_equal(json_len(json_get(w.json, "captions")), 2);
    get_is(&m, "uk",
           "WEBVTT\n\n2\n00:00:02.000 --> 00:00:03.000\nдобрий ден\n\n3\n00:00:03.000 --> "
           "00:00:05.250\nзайве\n");
}

static void test_eight_languages(void **state) {
    static const char srt[] = "1\n00:00:01,000 --> 00:00:02,000\nx\n";
    struct meeting m = classroom();
    (void)state;
    house_record(&w.house, m.id, 60000);
    for (int i = 0; i < 8; i++)
        BRING(200, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/captions/a%c?name=a", m.id, 'a' + i), srt);
    assert_int_equal(json_len(json_get(w.json, "captions")), 8); /* the typed ones have no place left */
    BRING(429, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/captions/zz?name=a", m.id), srt);
    BRING(200, HOUSE_TEACHER, web_line("PUT /api/lessons/%s/captions/ab?name=b", m.id), srt);
}

/* However many read what is being said, it is written down once; then once more when there is more. */
static void test_many_readers(void **state) {
    struct meeting m = classroom();
    char uk[64], etag[64];
    (void)state;
    assert_int_equal(lesson_started(w.house.store, m.id, HOUSE_NOW_MS), 0);
    STR_COPY(uk, str_of(web_line("GET /media/%s/captions-uk.vtt", m.id)));
    ASK(200, HOUSE_TEACHER, uk, NULL);
    STR_COPY(etag, str_of(web_header(&w, "etag")));
    struct stat made = stat_of(&m, "captions-uk.vtt"), other = stat_of(&m, "captions-en.vtt");
    for (int i = 0; i < 20; i++) {
        ASK(200, HOUSE_TEACHER, uk, NULL);
        ASK(200, HOUSE_TEACHER, web_line("GET /api/lessons/%s", m.id), NULL);
        ASK(200, HOUSE_TEACHER, web_line("GET /media/%s/captions-en.vtt", m.id), NULL);
        ASK(200, HOUSE_TEACHER, web_line("GET /media/%s/captions-fr.vtt", m.id), NULL);
    }
    assert_true(is_same(made, stat_of(&m, "captions-uk.vtt")));
    log_line(&m, "\"type\":\"caption\",\"text\":\"далі\",\"lang\":\"uk\"");
    w.if_none_match = etag;
    ASK(200, HOUSE_TEACHER, uk, NULL);
    assert_false(is_same(made, stat_of(&m, "captions-uk.vtt")));
    STR_COPY(etag, str_of(web_header(&w, "etag")));
    w.if_none_match = etag;
    ASK(304, HOUSE_TEACHER, uk, NULL);
    assert_true(is_same(other, stat_of(&m, "captions-en.vtt"))); /* nothing was said in that */
}

/* A hundred corrections cost one file, when somebody reads it; and what was acknowledged is in the database.
 */
static void test_many_corrections(void **state) {
    struct meeting m = classroom();
    char said[64], long_one[256];
    (void)state;
    memset(long_one, 'x', sizeof long_one);
    long_one[sizeof long_one - 1] = 0;
    for (int i = 0; i < 40; i++) { /* so many that one that goes is not the last */
        char line[600];
        snprintf(line, sizeof line, "\"type\":\"caption\",\"text\":\"%.200s\",\"lang\":\"uk\"", long_one);
        log_line(&m, line);
    }
    house_record(&w.house, m.id, 60000);
    struct stat uk = stat_of(&m, "captions-uk.vtt"), en = stat_of(&m, "captions-en.vtt"),
                timeline = stat_of(&m, RECDIR_TIMELINE);
    for (int i = 0; i < 100; i++) {
        snprintf(said, sizeof said, "{\"text\":\"виправлено %d\"}", i);
        ASK(200, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/uk/2", m.id), said);
        assert_int_equal(json_len(json_get(w.json, "captions")), 2);
    }
    assert_true(is_same(uk, stat_of(&m, "captions-uk.vtt")));
    assert_true(is_same(timeline, stat_of(&m, RECDIR_TIMELINE)));
    ASK(200, WEB_GUEST_2, web_line("GET /media/%s/captions-uk.vtt", m.id), NULL);
    size_t n;
    char *text = recdir_read(w.house.dir, m.id, "captions-uk.vtt", &n);
    assert_non_null(strstr(text, "виправлено 99\n"));
    mem_free(text);
    assert_true(is_same(en, stat_of(&m, "captions-en.vtt")) &&
                is_same(timeline, stat_of(&m, RECDIR_TIMELINE)));
    uk = stat_of(&m, "captions-uk.vtt");
    ASK(200, WEB_GUEST_2, web_line("GET /media/%s/captions-uk.vtt", m.id), NULL);
    assert_true(is_same(uk, stat_of(&m, "captions-uk.vtt")));
    ASK(200, WEB_GUEST_2, web_line("GET /media/%s/timeline.jsonl", m.id), NULL);
    text = recdir_read(w.house.dir, m.id, RECDIR_TIMELINE, &n);
    assert_non_null(strstr(text, "виправлено 99\""));
    mem_free(text);
    /* one taken back of so many writes nothing; the last of a few does */
    ASK(200, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/uk/2", m.id), "");
    assert_true(is_same(uk, stat_of(&m, "captions-uk.vtt")));
    ASK(200, HOUSE_TEACHER, web_line("DELETE /api/lessons/%s/captions/en/4", m.id), "");
    assert_int_equal(json_len(json_get(w.json, "captions")), 1);
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/lessons/%s/captions/en/4", m.id), "{\"text\":\"Back\"}");
    assert_int_equal(json_len(json_get(w.json, "captions")), 2);
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
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(test_while_it_is_recorded), STORY(test_many_readers), STORY(test_corrected_afterwards),
        STORY(test_many_corrections),     STORY(test_two_editors),  STORY(test_a_file_is_brought),
        STORY(test_eight_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
