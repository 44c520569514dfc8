/* The API of slides: who may bring them, what they may be, how they come in pieces, who may read the pages.
 */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "server/catalogue/upload.h"
#include "server/catalogue/roomlog.h"
#include "server/http/ticket.h"

static struct web_rig w;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)
#define PIECE(status, person, text, body)                                                                    \
    do {                                                                                                     \
        w.content_type = "application/octet-stream";                                                         \
        ASK(status, person, text, body);                                                                     \
    } while (0)

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

static struct meeting make(enum access_join join) {
    struct meeting m = {.join = join, .watch = WATCH_PRIVATE};
    house_meeting(&w.house, &m);
    return m;
}

static const char *promise(const struct meeting *m, int person, const char *body) {
    static char id[32];
    ASK(201, person, web_line("POST /api/events/%s/decks", m->id), body);
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "deck"), "id"));
    return id;
}

static void who_may_bring_them(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK), other = make(JOIN_LIST);
    static const struct {
        int person, status;
    } rows[] = {{HOUSE_TEACHER, 201}, {HOUSE_STAFF, 201}, {HOUSE_ADMIN, 201},
                {HOUSE_LEARNER, 403}, {HOUSE_OTHER, 403}, {WEB_GUEST, 401}};
    for (size_t i = 0; i < countof(rows); i++)
        ASK(rows[i].status, rows[i].person, web_line("POST /api/events/%s/decks", m.id),
            "{\"title\":\"Урок\",\"bytes\":10}");
    ASK(404, HOUSE_OTHER, web_line("POST /api/events/%s/decks", other.id), "{\"title\":\"x\",\"bytes\":10}");
    char deck[16];
    snprintf(deck, sizeof deck, "%s", promise(&m, HOUSE_TEACHER, "{\"title\":\"x\",\"bytes\":10}"));
    ASK(404, HOUSE_TEACHER, web_line("GET /api/events/%s/decks/%s", other.id, deck), NULL); /* another's */
    ASK(403, HOUSE_LEARNER, web_line("GET /api/events/%s/decks", m.id), NULL);
    ASK(403, HOUSE_LEARNER, web_line("DELETE /api/events/%s/decks/%s", m.id, deck), "");
    PIECE(403, HOUSE_LEARNER, web_line("PUT /api/events/%s/decks/%s?offset=0", m.id, deck), "%PDF-");
    w.without_csrf = true;
    PIECE(403, HOUSE_TEACHER, web_line("PUT /api/events/%s/decks/%s?offset=0", m.id, deck), "%PDF-");
}

static void __attribute__((format(printf, 2, 3))) happens(const struct meeting *m, const char *fmt, ...) {
    char json[256];
    int64_t seq = roomlog_last(w.house.store, m->id) + 1;
    va_list args;
    va_start(args, fmt);
    vsnprintf(json, sizeof json, fmt, args);
    va_end(args);
    struct roomlog_line l = {str_of(m->id), (uint64_t)seq, HOUSE_NOW_MS + seq, str_of(json), false};
    assert_int_equal(roomlog_append(w.house.store, &l, 1), 0);
}
#define JOINED "{\"type\":\"joined\",\"by\":\"\",\"who\":\"%s\",\"name\":\"x\",\"role\":\"%s\"}"
#define ROLE "{\"type\":\"role\",\"by\":\"u9\",\"who\":\"%s\",\"name\":\"x\",\"role\":\"%s\"}"
#define OWN_ROLE "{\"type\":\"role\",\"by\":\"\",\"who\":\"%s\",\"name\":\"x\",\"role\":\"%s\"}"
#define REMOVED "{\"type\":\"removed\",\"by\":\"u9\",\"who\":\"%s\",\"ban\":%s}"

static const char *bearer_of(const char *sub, const char *room, int64_t life_s) {
    static char text[TICKET_MAX + 16];
    char jwt[TICKET_MAX + 1];
    struct ticket t = {.name = "Гостя", .role = "attendee", .iat_s = w.now_ms / 1000 - 100};
    t.exp_s = w.now_ms / 1000 + life_s;
    STR_COPY(t.sub, str_of(sub));
    STR_COPY(t.room, str_of(room));
    assert_int_equal(ticket_mint(jwt, &t, w.cfg.key), 0);
    snprintf(text, sizeof text, "Bearer %s", jwt);
    return text;
}

static void guest_asks(int status, const struct meeting *m, const char *bearer) {
    w.bearer = bearer;
    ASK(status, WEB_GUEST, web_line("POST /api/events/%s/decks", m->id), "{\"title\":\"Урок\",\"bytes\":10}");
}

/* Whom the room made co-host, for as long as he is one; nobody else by his ticket, nor he by one that is
 * over. */
static void who_was_made_cohost(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK), other = make(JOIN_LINK);
    char learner[24];
    snprintf(learner, sizeof learner, "u%lld", (long long)w.house.people[HOUSE_LEARNER].id);
    happens(&m, JOINED, learner, "attendee");
    ASK(403, HOUSE_LEARNER, web_line("GET /api/events/%s/decks", m.id), NULL);
    happens(&m, ROLE, learner, "cohost");
    ASK(200, HOUSE_LEARNER, web_line("GET /api/events/%s/decks", m.id), NULL);
    ASK(403, HOUSE_LEARNER, web_line("GET /api/events/%s/decks", other.id), NULL);
    char deck[16];
    snprintf(deck, sizeof deck, "%s", promise(&m, HOUSE_LEARNER, "{\"title\":\"x\",\"bytes\":10}"));
    happens(&m, ROLE, learner, "attendee"); /* in the middle of it */
    PIECE(403, HOUSE_LEARNER, web_line("PUT /api/events/%s/decks/%s?offset=0", m.id, deck), "%PDF-");
    happens(&m, OWN_ROLE, learner, "cohost"); /* a newer ticket says so: that is not the room's word */
    ASK(403, HOUSE_LEARNER, web_line("GET /api/events/%s/decks", m.id), NULL);
    happens(&m, ROLE, learner, "cohost");
    happens(&m, REMOVED, learner, "false");
    ASK(403, HOUSE_LEARNER, web_line("GET /api/events/%s/decks", m.id), NULL);

    happens(&m, JOINED, "gone", "attendee");
    happens(&m, JOINED, "gtwo", "attendee");
    guest_asks(401, &m, bearer_of("gone", m.id, 60));
    happens(&m, ROLE, "gone", "cohost");
    guest_asks(201, &m, bearer_of("gone", m.id, 60));
    guest_asks(401, &m, bearer_of("gone", m.id, -1)); /* over */
    guest_asks(401, &m, bearer_of("gtwo", m.id, 60)); /* another's */
    guest_asks(401, &m, bearer_of("gone", other.id, 60));
    guest_asks(401, &other, bearer_of("gone", m.id, 60));
    guest_asks(401, &m, "Bearer a.b.c");
    happens(&m, REMOVED, "gone", "true");
    guest_asks(401, &m, bearer_of("gone", m.id, 60));
}

static void what_they_may_be(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK);
    static const struct {
        int status;
        const char *body;
    } rows[] = {
        {400, "{\"bytes\":10}"},
        {400, "{\"title\":\"x\"}"},
        {400, "{\"title\":\"x\",\"bytes\":0}"},
        {400, "{\"title\":\"x\",\"bytes\":-1}"},
        {400, "{\"title\":\"a\\nb\",\"bytes\":1}"},
        {400, "{\"title\":\"\\u202eabc\",\"bytes\":1}"},
        {400, "{\"title\":\"  \",\"bytes\":1}"},
        {413, "{\"title\":\"x\",\"bytes\":104857601}"},
        {201, "{\"title\":\"../../<b>\\\"x\",\"bytes\":104857600}"},
    };
    for (size_t i = 0; i < countof(rows); i++)
        ASK(rows[i].status, HOUSE_TEACHER, web_line("POST /api/events/%s/decks", m.id), rows[i].body);
    for (int i = 0; i < 4; i++)
        promise(&m, HOUSE_TEACHER, "{\"title\":\"x\",\"bytes\":104857600}");
    ASK(429, HOUSE_TEACHER, web_line("POST /api/events/%s/decks", m.id), "{\"title\":\"x\",\"bytes\":1}");
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/decks", m.id), NULL);
    assert_int_equal(json_len(json_get(w.json, "decks")), 5);
}

static void piece_by_piece(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK);
    char deck[16];
    snprintf(deck, sizeof deck, "%s", promise(&m, HOUSE_TEACHER, "{\"title\":\"x\",\"bytes\":10}"));
    const char *at0 = web_line("PUT /api/events/%s/decks/%s?offset=0", m.id, deck);
    ASK(415, HOUSE_TEACHER, at0, "%PDF-");
    PIECE(400, HOUSE_TEACHER, web_line("PUT /api/events/%s/decks/%s", m.id, deck), "%PDF-");
    PIECE(409, HOUSE_TEACHER, web_line("PUT /api/events/%s/decks/%s?offset=3", m.id, deck), "%PDF-");
    PIECE(413, HOUSE_TEACHER, web_line("PUT /api/events/%s/decks/%s?offset=0", m.id, deck), "%PDF-and more");
    PIECE(200, HOUSE_TEACHER, web_line("PUT /api/events/%s/decks/%s?offset=0", m.id, deck), "%PDF-");
    assert_int_equal(web_number(json_get(w.json, "deck"), "received"), 5);
    ASK(200, HOUSE_TEACHER, web_line("GET /api/events/%s/decks/%s", m.id, deck), NULL);
    assert_int_equal(web_number(json_get(w.json, "deck"), "received"), 5);
    assert_int_equal(w.reply.n_effects, 0);
    PIECE(200, HOUSE_TEACHER, web_line("PUT /api/events/%s/decks/%s?offset=5", m.id, deck), "-1.4\n");
    assert_string_equal(web_str(json_get(w.json, "deck"), "state"), "waiting");
    assert_int_equal(w.reply.n_effects, 1);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_UPLOADS);
    PIECE(409, HOUSE_TEACHER, web_line("PUT /api/events/%s/decks/%s?offset=10", m.id, deck), "x");
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s/decks/%s", m.id, deck), "");
    ASK(404, HOUSE_TEACHER, web_line("GET /api/events/%s/decks/%s", m.id, deck), NULL);
}

/* What was made of a deck, in its place. */
static void put_file(const struct meeting *m, const char *name) {
    char dir[UPLOAD_DIR_MAX], path[UPLOAD_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/decks", w.house.dir);
    mkdir(path, 0700);
    assert_int_equal(upload_dir(w.house.dir, m->id, UPLOAD_SLIDES, dir), 0);
    mkdir(dir, 0700);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs("0123456789", f);
    fclose(f);
}

static void who_may_read_them(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK), other = make(JOIN_LINK);
    put_file(&m, "abcdefghij-p001.jpg");
    put_file(&m, "abcdefghij.pdf");
    put_file(&m, "abcdefghij.json");
    put_file(&m, "secret.txt");
    ASK(404, WEB_GUEST, web_line("GET /media/%s/slides/abcdefghij-p001.jpg", m.id),
        NULL); /* the event is open to him, its room he has not entered */
    ASK(404, HOUSE_LEARNER, web_line("GET /media/%s/slides/abcdefghij-p001.jpg", m.id), NULL);
    ASK(200, HOUSE_TEACHER, web_line("GET /media/%s/slides/abcdefghij-p001.jpg", m.id), NULL);
    assert_string_equal(w.reply.type, "image/jpeg");
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\"}");
    char joined[160];
    snprintf(joined, sizeof joined,
             "\"type\":\"joined\",\"who\":\"%s\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false",
             web_str(w.json, "member"));
    /* A ticket is not yet being let in: there may be a lobby. */
    ASK(404, WEB_GUEST, web_line("GET /media/%s/slides/abcdefghij-p001.jpg", m.id), NULL);
    house_log(&w.house, m.id, joined);
    ASK(200, WEB_GUEST, web_line("GET /media/%s/slides/abcdefghij-p001.jpg", m.id), NULL);
    ASK(404, WEB_GUEST, web_line("GET /media/%s/slides/abcdefghij-p001.jpg", other.id), NULL);
    w.range = "bytes=2-4";
    ASK(206, WEB_GUEST, web_line("GET /media/%s/slides/abcdefghij.pdf", m.id), NULL);
    assert_int_equal(w.reply.file_length, 3);
    static const char *const none[] = {"secret.txt",      "abcdefghij-p002.jpg", "abcdefghij",
                                       "abcdefghij.work", "abcdefghi%2e.pdf",    "ABCDEFGHIJ.pdf"};
    for (size_t i = 0; i < countof(none); i++)
        ASK(404, HOUSE_TEACHER, web_line("GET /media/%s/slides/%s", m.id, none[i]), NULL);
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s", m.id), "");
    char dir[UPLOAD_DIR_MAX];
    struct stat st;
    assert_int_equal(upload_dir(w.house.dir, m.id, UPLOAD_SLIDES, dir), 0);
    assert_int_not_equal(stat(dir, &st), 0); /* they go with it */
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {STORY(who_may_bring_them), STORY(who_was_made_cohost),
                                       STORY(what_they_may_be), STORY(piece_by_piece),
                                       STORY(who_may_read_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
