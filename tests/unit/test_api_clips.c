/* The API of shared videos: who may bring a lesson into a room, and who then may read its files there. */
#include "tests/unit/web_rig.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/catalogue/roomlog.h"
#include "server/catalogue/shared.h"
#include "server/catalogue/upload.h"

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

/* ---- uploaded ---- */

#define PIECE(status, person, text, body)                                                                    \
    do {                                                                                                     \
        w.content_type = "application/octet-stream";                                                         \
        ASK(status, person, text, body);                                                                     \
    } while (0)

/* As if ffmpeg had made it of what was brought. */
static struct upload uploaded(const struct meeting *m, const char *title) {
    struct upload d;
    char body[160], path[UPLOAD_PATH_MAX + 64], dir[UPLOAD_DIR_MAX];
    snprintf(body, sizeof body, "{\"title\":\"%s\",\"bytes\":5}", title);
    ASK(201, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m->id), body);
    assert_string_equal(web_str(json_get(w.json, "clip"), "state"), "uploading");
    char id[32];
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "clip"), "id"));
    PIECE(200, HOUSE_TEACHER, web_line("PUT /api/events/%s/clips/%s?offset=0", m->id, id), "video");
    assert_int_equal(w.reply.effects[0].kind, EFFECT_UPLOADS);
    assert_int_equal(upload_lease(w.house.store, UPLOAD_SLIDES, &d), 0);
    assert_int_equal(upload_lease(w.house.store, UPLOAD_VIDEO, &d), 1);
    assert_string_equal(d.id, id);
    d.length_ms = 61000;
    assert_int_equal(upload_dir(w.house.dir, m->id, UPLOAD_VIDEO, dir), 0);
    snprintf(path, sizeof path, "%s/%s.hls", dir, id);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/%s.hls/program-00000.m4s", dir, id);
    FILE *f = fopen(path, "we");
    assert_true(f && fputs("0123456789", f) >= 0);
    fclose(f);
    assert_int_equal(upload_ready(w.house.store, &d), 0);
    upload_spent(w.house.dir, &d);
    return d;
}

static void who_may_upload(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE), other = {.join = JOIN_LIST, .watch = WATCH_PRIVATE};
    static const struct {
        int person, status;
    } rows[] = {{HOUSE_TEACHER, 201}, {HOUSE_STAFF, 201}, {HOUSE_ADMIN, 201},
                {HOUSE_LEARNER, 403}, {HOUSE_OTHER, 403}, {WEB_GUEST, 401}};
    const char *good = "{\"title\":\"Дослід\",\"bytes\":10}";
    for (size_t i = 0; i < countof(rows); i++)
        ASK(rows[i].status, rows[i].person, web_line("POST /api/events/%s/clips", m.id), good);
    house_meeting(&w.house, &other);
    ASK(404, HOUSE_OTHER, web_line("POST /api/events/%s/clips", other.id), good);
    static const struct {
        const char *body, *field;
        int status;
    } bad[] = {{"{\"title\":\"x\",\"bytes\":2147483649}", "bytes", 413},
               {"{\"title\":\"x\",\"bytes\":0}", "bytes", 400},
               {"{\"title\":\"x\",\"bytes\":-1}", "bytes", 400},
               {"{\"title\":\"x\",\"bytes\":\"9\"}", "bytes", 400},
               {"{\"title\":\"a\\nb\",\"bytes\":9}", "title", 400},
               {"{\"bytes\":9}", "title", 400}};
    for (size_t i = 0; i < countof(bad); i++) {
        ASK(bad[i].status, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), bad[i].body);
        assert_string_equal(web_str(w.json, "field"), bad[i].field);
    }
    /* Neither list shows the other's, and an address of one finds none of the other. */
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/clips", m.id), NULL);
    assert_int_equal(json_len(json_get(w.json, "clips")), 3);
    char id[32];
    snprintf(id, sizeof id, "%s", web_str(json_at(json_get(w.json, "clips"), 0), "id"));
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/decks", m.id), NULL);
    assert_int_equal(json_len(json_get(w.json, "decks")), 0);
    ASK(404, HOUSE_TEACHER, web_line("GET /api/events/%s/decks/%s", m.id, id), NULL);
    ASK(404, HOUSE_TEACHER, web_line("GET /api/events/%s/clips/%s", other.id, id), NULL);
    ASK(403, HOUSE_LEARNER, web_line("DELETE /api/events/%s/clips/%s", m.id, id), NULL);
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s/clips/%s", m.id, id), NULL);
    assert_int_equal(w.reply.n_effects, 0); /* no room knew of it */
    house_log(&w.house, m.id, "\"type\":\"opened\"");
    house_log(&w.house, m.id, "\"type\":\"ended\"");
    ASK(410, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), good);
}

/* A file of so many bytes has come, all but the last of them a hole, and something was made of it. */
static void comes_whole(struct upload *d) {
    char path[UPLOAD_PATH_MAX];
    struct upload leased;
    bool whole = false;
    assert_int_equal(upload_add(w.house.store, w.house.dir, d, HOUSE_NOW_MS), 0);
    assert_int_equal(upload_path(w.house.dir, d, path), 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && !ftruncate(fd, d->bytes - 1) && !close(fd));
    assert_int_equal(upload_piece(w.house.store, w.house.dir, d, d->bytes - 1,
                                  (struct bytes){(const uint8_t *)"", 1}, &whole),
                     0);
    assert_true(whole);
    assert_int_equal(upload_lease(w.house.store, UPLOAD_VIDEO, &leased), 1);
    assert_int_equal(upload_ready(w.house.store, &leased), 0);
}

/* Of the event, not of the disk: what came takes no room there. */
static void so_many_bytes_of_an_event(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE);
    struct upload d = {.kind = UPLOAD_VIDEO, .bytes = upload_rules(UPLOAD_VIDEO)->bytes_max, .title = "x"};
    (void)STR_COPY(d.event, str_of(m.id));
    for (int i = 0; i < 4; i++)
        comes_whole(&d);
    ASK(429, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), "{\"title\":\"x\",\"bytes\":1}");
    ASK(201, HOUSE_TEACHER, web_line("POST /api/events/%s/decks", m.id), "{\"title\":\"x\",\"bytes\":1}");
}

static void who_may_see_an_upload(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE), other = make(WATCH_PRIVATE);
    struct upload d = uploaded(&m, "Дослід");
#define SEEN(room, file) web_line("GET /media/%s/clips/%s/%s", (room).id, d.id, file)
    house_log(&w.house, m.id, "\"type\":\"opened\"");
    ASK(200, HOUSE_TEACHER, SEEN(m, "program-00000.m4s"), NULL);
    assert_int_equal(w.reply.file_length, 10);
    ASK(404, WEB_GUEST, SEEN(m, "program-00000.m4s"), NULL);
    ASK(404, HOUSE_LEARNER, SEEN(m, "clip.json"), NULL);
    ASK(404, HOUSE_TEACHER, SEEN(other, "program-00000.m4s"), NULL);
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\"}");
    char joined[160];
    snprintf(joined, sizeof joined,
             "\"type\":\"joined\",\"who\":\"%s\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false",
             web_str(w.json, "member"));
    ASK(404, WEB_GUEST, SEEN(m, "clip.json"), NULL); /* a ticket is not yet being let in */
    house_log(&w.house, m.id, joined);
    ASK(200, WEB_GUEST, SEEN(m, "clip.json"), NULL);
    assert_int_equal(web_number(w.json, "length_ms"), 61000);
    ASK(200, WEB_GUEST, SEEN(m, "program-00000.m4s"), NULL);
    ASK(401, WEB_GUEST, web_line("DELETE /api/events/%s/clips/%s", m.id, d.id), NULL);
    static const char *const none[] = {"x.m4s", "lesson.mp4", "captions-uk.vtt", "takes.jsonl", "clip.jsonl"};
    for (size_t i = 0; i < countof(none); i++)
        ASK(404, HOUSE_TEACHER, SEEN(m, none[i]), NULL);
    /* After the end, too, for who may watch the lesson or was there; gone with it. */
    house_log(&w.house, m.id, "\"type\":\"ended\"");
    ASK(200, WEB_GUEST, SEEN(m, "program-00000.m4s"), NULL);
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s", m.id), NULL);
    ASK(404, HOUSE_TEACHER, SEEN(m, "program-00000.m4s"), NULL);
    char dir[UPLOAD_DIR_MAX];
    struct stat st;
    assert_int_equal(upload_dir(w.house.dir, m.id, UPLOAD_VIDEO, dir), 0);
    assert_int_not_equal(stat(dir, &st), 0);
}

static void an_upload_is_brought_and_deleted(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE), other = make(WATCH_PRIVATE);
    struct upload d = uploaded(&m, "Дослід");
    char body[64];
    snprintf(body, sizeof body, "{\"clip\":\"%s\"}", d.id);
    ASK(202, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), body);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_CLIP);
    assert_int_equal(strncmp(w.reply.effects[0].clip.file, "clip-", 5), 0);
    assert_int_equal(w.reply.effects[0].clip.length_ms, 61000);
    ASK(404, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", other.id), body);
    ASK(403, HOUSE_LEARNER, web_line("POST /api/events/%s/clips", m.id), body);
    ASK(201, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), "{\"title\":\"x\",\"bytes\":1}");
    snprintf(body, sizeof body, "{\"clip\":\"%s\"}", web_str(json_get(w.json, "clip"), "id"));
    ASK(409, HOUSE_TEACHER, web_line("POST /api/events/%s/clips", m.id), body); /* not ready */
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s/clips/%s", m.id, d.id), NULL);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_CLIP_GONE);
    ASK(404, HOUSE_TEACHER, SEEN(m, "program-00000.m4s"), NULL);
}

static void captions_of_an_upload(void **state) {
    (void)state;
    struct meeting m = make(WATCH_PRIVATE);
    struct upload d = uploaded(&m, "Дослід");
#define CC(method, lang) web_line(method " /api/events/%s/clips/%s/captions/" lang, m.id, d.id)
    const char *srt = "1\n00:00:00,500 --> 00:00:02,000\nВода <i>тепла</i>\n";
    PIECE(403, HOUSE_LEARNER, CC("PUT", "uk?name=x.srt"), srt);
    PIECE(400, HOUSE_TEACHER, CC("PUT", "uk"), srt);
    PIECE(404, HOUSE_TEACHER, CC("PUT", "Укр?name=x.srt"), srt);
    PIECE(400, HOUSE_TEACHER, CC("PUT", "uk?name=x.srt"), "1\n00:00:00,500 -> 00:00:02,000\nx\n");
    assert_int_equal(web_number(json_at(json_get(w.json, "errors"), 0), "line"), 2);
    PIECE(200, HOUSE_TEACHER, CC("PUT", "uk?name=x.srt"), srt);
    struct json *one = json_at(json_get(json_get(w.json, "clip"), "captions"), 0);
    assert_string_equal(web_str(one, "file"), "x.srt");
    char url[128];
    snprintf(url, sizeof url, "GET %s", web_str(one, "url"));
    ASK(200, HOUSE_TEACHER, url, NULL);
    assert_true(str_starts(buf_view(&w.reply.body), STR("WEBVTT\n")));
    ASK(404, WEB_GUEST, url, NULL);
    ASK(404, HOUSE_TEACHER, SEEN(m, "captions-en.vtt"), NULL);
    static const char *const langs[] = {"en", "pl", "de", "fr", "es", "it", "cs"};
    for (size_t i = 0; i < countof(langs); i++) {
        char line[160];
        snprintf(line, sizeof line, "PUT /api/events/%s/clips/%s/captions/%s?name=x.srt", m.id, d.id,
                 langs[i]);
        PIECE(200, HOUSE_TEACHER, line, srt);
    }
    PIECE(429, HOUSE_TEACHER, CC("PUT", "tr?name=x.srt"), srt);
    PIECE(200, HOUSE_TEACHER, CC("PUT", "uk?name=y.srt"), srt); /* in the place of the first */
    ASK(200, HOUSE_TEACHER, CC("DELETE", "uk"), NULL);
    ASK(404, HOUSE_TEACHER, CC("DELETE", "uk"), NULL);
    ASK(404, HOUSE_TEACHER, url, NULL);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {STORY(who_may_bring_what),    STORY(who_may_read_it),
                                       STORY(before_it_begins),      STORY(for_some_hours),
                                       STORY(who_may_upload),        STORY(so_many_bytes_of_an_event),
                                       STORY(who_may_see_an_upload), STORY(an_upload_is_brought_and_deleted),
                                       STORY(captions_of_an_upload)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
