/* The API of shared videos: who may bring a lesson into a room, and who then may read its files there. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/catalogue/roomlog.h"
#include "server/catalogue/shared.h"

static struct web_rig w;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)

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

static struct meeting make(enum access_watch watch) {
    struct meeting m = {.join = JOIN_LINK, .watch = watch};
    house_meeting(&w.house, &m);
    return m;
}

static struct meeting lesson(enum access_watch watch) {
    struct meeting m = make(watch);
    house_record(&w.house, m.id, 60000);
    house_file(&w.house, m.id, "program-1.m4s", "0123456789");
    house_file(&w.house, m.id, "timeline.jsonl", "{}");
    return m;
}

static void bring(int status, int person, const struct meeting *m, const char *id) {
    char body[64];
    snprintf(body, sizeof body, "{\"lesson\":\"%s\"}", id);
    ASK(status, person, web_line("POST /api/events/%s/clips", m->id), body);
}

static void who_may_bring_what(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE), mine = lesson(WATCH_PRIVATE), all = lesson(WATCH_PUBLIC),
                   none = make(WATCH_PUBLIC), theirs = {.join = JOIN_LIST, .watch = WATCH_PRIVATE};
    bring(202, HOUSE_TEACHER, &m, mine.id);
    assert_int_equal(w.reply.n_effects, 1);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_CLIP);
    assert_string_equal(w.reply.effects[0].room, m.id);
    assert_int_equal(w.reply.effects[0].clip.length_ms, 60000);
    assert_int_equal(web_number(json_get(w.json, "clip"), "length_ms"), 60000);
    bring(202, HOUSE_STAFF, &m, all.id);
    bring(403, HOUSE_LEARNER, &m, all.id); /* he leads nothing there */
    bring(401, WEB_GUEST, &m, all.id);
    bring(404, HOUSE_TEACHER, &m, none.id); /* was not recorded */
    bring(404, HOUSE_TEACHER, &m, "nosuch1234");
    bring(404, HOUSE_TEACHER, &m, "../../etc");
    ASK(400, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), "{}");
    ASK(400, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), "{\"lesson\":7}");
    /* Who leads a room but may not watch a lesson does not get it through that room. */
    theirs.host = w.house.people[HOUSE_OTHER].id;
    house_meeting(&w.house, &theirs);
    bring(404, HOUSE_OTHER, &theirs, mine.id);
    bring(202, HOUSE_OTHER, &theirs, all.id);
    w.without_csrf = true;
    bring(403, HOUSE_TEACHER, &m, mine.id);
}

static void who_may_read_it(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE), other = make(WATCH_PRIVATE), film = lesson(WATCH_PRIVATE);
    const char *segment = "program-1.m4s";
#define FILE_AT(room, file) web_line("GET /media/%s/video/%s/%s", (room).id, film.id, file)
    house_log(&w.house, m.id, "\"type\":\"opened\"");
    ASK(404, HOUSE_TEACHER, FILE_AT(m, segment), NULL); /* not brought: his own, but not through here */
    bring(202, HOUSE_TEACHER, &m, film.id);
    ASK(200, HOUSE_TEACHER, FILE_AT(m, segment), NULL);
    ASK(404, WEB_GUEST, FILE_AT(m, segment), NULL);
    ASK(404, HOUSE_LEARNER, FILE_AT(m, segment), NULL);
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\"}");
    char joined[160];
    snprintf(joined, sizeof joined,
             "\"type\":\"joined\",\"who\":\"%s\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false",
             web_str(w.json, "member"));
    ASK(404, WEB_GUEST, FILE_AT(m, segment), NULL); /* a ticket is not yet being let in */
    house_log(&w.house, m.id, joined);
    ASK(200, WEB_GUEST, FILE_AT(m, segment), NULL);
    ASK(200, WEB_GUEST, FILE_AT(m, "program.m3u8"), NULL);
    w.range = "bytes=2-4";
    ASK(206, WEB_GUEST, FILE_AT(m, segment), NULL);
    assert_int_equal(w.reply.file_length, 3);
    /* Pictures and sound, not what was said; no other room; not the lesson by its own address. */
    static const char *const none[] = {"timeline.jsonl", "lesson.mp4",  "poster.jpg",
                                       "manifest.json",  "takes.jsonl", "x.m4s"};
    for (size_t i = 0; i < countof(none); i++)
        ASK(404, WEB_GUEST, FILE_AT(m, none[i]), NULL);
    ASK(404, WEB_GUEST, FILE_AT(other, segment), NULL);
    ASK(404, HOUSE_TEACHER, FILE_AT(other, segment), NULL);
    ASK(404, WEB_GUEST, web_line("GET /media/%s/%s", film.id, segment), NULL);
    ASK(400, WEB_GUEST, web_line("GET /media/%s/video/%s/%s", m.id, "..", segment), NULL);
    house_log(&w.house, m.id, "\"type\":\"ended\"");
    ASK(404, WEB_GUEST, FILE_AT(m, segment), NULL);
}

/* Who leads it sees it before the event, too; of one that is called off nobody sees anything. */
static void before_it_begins(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE), film = lesson(WATCH_PRIVATE);
    const char *segment = "program-1.m4s";
    bring(202, HOUSE_TEACHER, &m, film.id);
    ASK(200, HOUSE_TEACHER, FILE_AT(m, segment), NULL);
    ASK(404, HOUSE_LEARNER, FILE_AT(m, segment), NULL);
    ASK(200, HOUSE_TEACHER, web_line("POST /api/events/%s/cancel", m.id), "{}");
    ASK(404, HOUSE_TEACHER, FILE_AT(m, segment), NULL);
}

static void for_some_hours(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE), film = lesson(WATCH_PRIVATE);
    struct store *s = w.house.store;
    const int64_t now = HOUSE_NOW_MS;
    assert_int_equal(shared_put(s, m.id, film.id, now), 0);
    assert_int_equal(shared_check(s, m.id, str_of(film.id), now + SHARED_LIFE_MS - 1), 0);
    assert_int_equal(shared_check(s, m.id, str_of(film.id), now + SHARED_LIFE_MS), -ERR_MISSING);
    assert_int_equal(shared_put(s, m.id, film.id, now + 1000), 0); /* brought anew */
    assert_int_equal(shared_check(s, m.id, str_of(film.id), now + SHARED_LIFE_MS), 0);
    assert_int_equal(shared_check(s, film.id, str_of(m.id), now), -ERR_MISSING);
    for (int i = 1; i < SHARED_PER_EVENT_MAX; i++)
        assert_int_equal(shared_put(s, m.id, make(WATCH_PRIVATE).id, now), 0);
    assert_int_equal(shared_put(s, m.id, make(WATCH_PRIVATE).id, now), -ERR_FULL);
    assert_int_equal(shared_put(s, m.id, film.id, now), 0);
    /* A room that forgets forgets this, too. */
    const struct roomlog_line over = {
        str_of(m.id), 1, now, STR("{\"seq\":1,\"at\":1,\"by\":\"\",\"type\":\"ended\",\"forget\":true}"),
        false};
    assert_true(roomlog_append(s, &over, 1) >= 0);
    assert_int_equal(shared_check(s, m.id, str_of(film.id), now), -ERR_MISSING);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {STORY(who_may_bring_what), STORY(who_may_read_it),
                                       STORY(before_it_begins), STORY(for_some_hours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
