/* The API from request to reply: accounts, events, joining, rights, media files. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/space.h"
#include "server/http/ticket.h"

static struct web_rig w;

static const char *line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *line(const char *fmt, ...) {
    static char text[4][256];
    static int at;
    va_list ap;
    at = (at + 1) % 4;
    va_start(ap, fmt);
    vsnprintf(text[at], sizeof text[at], fmt, ap);
    va_end(ap);
    return text[at];
}

static bool flag(const struct json *j, const char *key) {
    bool v = false;
    (void)json_get_bool(j, key, &v);
    return v;
}

static int64_t number(const struct json *j, const char *key) {
    int64_t v = -12345;
    (void)json_get_int(j, key, &v);
    return v;
}

static void check(int want, int got) {
    if (want != got)
        fail_msg("status %d, not %d: " STR_FMT, got, want, STR_ARG(buf_view(&w.reply.body)));
}

#define ASK(status, person, text, body) check(status, web_ask(&w, person, text, body))

static struct meeting make(enum access_join join, enum access_watch watch) {
    struct meeting m = {.join = join, .watch = watch};
    house_meeting(&w.house, &m);
    return m;
}

static void test_signing_in_and_out(void **state) {
    (void)state;
    ASK(200, WEB_GUEST, "GET /api/session", NULL);
    assert_true(json_is_null(json_get(w.json, "user")));
    ASK(401, WEB_GUEST, "POST /api/session",
        "{\"email\":\"teacher@example.org\",\"password\":\"wrong-password\"}");
    assert_string_equal(web_error(&w), "auth");
    ASK(400, WEB_GUEST, "POST /api/session", "{\"email\":\"teacher@example.org\"}");
    assert_string_equal(web_str(w.json, "field"), "password");
    w.tls = true;
    ASK(200, WEB_GUEST, "POST /api/session",
        "{\"email\":\"teacher@example.org\",\"password\":\"" HOUSE_PASSWORD "\"}");
    assert_non_null(strstr(web_header(&w, "set-cookie"), "; HttpOnly; SameSite=Lax; Secure"));
    ASK(200, WEB_GUEST, "GET /api/me", NULL);
    assert_string_equal(web_str(json_get(w.json, "user"), "role"), "teacher");
    w.without_csrf = true;
    ASK(403, WEB_GUEST, "DELETE /api/session", NULL);
    ASK(204, WEB_GUEST, "DELETE /api/session", NULL);
    ASK(200, WEB_GUEST, "GET /api/session", NULL);
    assert_true(json_is_null(json_get(w.json, "user")));
    w.cookies[WEB_GUEST][0] = w.csrf[WEB_GUEST][0] = 0;
}

static void test_register_and_me(void **state) {
    (void)state;
    ASK(400, WEB_GUEST, "POST /api/register",
        "{\"name\":\"Н\",\"email\":\"n@example.org\",\"password\":\"short\"}");
    assert_string_equal(web_str(w.json, "field"), "password");
    ASK(409, WEB_GUEST, "POST /api/register",
        "{\"name\":\"Н\",\"email\":\"learner@example.org\",\"password\":\"long-enough\"}");
    assert_string_equal(web_str(w.json, "field"), "email");
    ASK(201, WEB_GUEST, "POST /api/register",
        "{\"name\":\"Н\",\"email\":\"n@example.org\",\"password\":\"long-enough\"}");
    assert_string_equal(web_str(json_get(w.json, "user"), "role"), "learner");
    ASK(403, WEB_GUEST, "PATCH /api/me", "{\"password\":\"much-longer\",\"old_password\":\"guess-guess\"}");
    ASK(200, WEB_GUEST, "PATCH /api/me",
        "{\"name\":\"Надія\",\"password\":\"much-longer\",\"old_password\":\"long-enough\"}");
    assert_string_equal(web_str(json_get(w.json, "user"), "name"), "Надія");
    ASK(403, WEB_GUEST, "POST /api/events", "{\"title\":\"Т\"}"); /* learners do not host */
    ASK(204, WEB_GUEST, "DELETE /api/session", NULL);
    ASK(401, WEB_GUEST, "POST /api/events", "{\"title\":\"Т\"}");
    w.cfg.registration = false;
    ASK(403, WEB_GUEST, "POST /api/register",
        "{\"name\":\"Н\",\"email\":\"m@example.org\",\"password\":\"long-enough\"}");
    w.cfg.registration = true;
    w.cookies[WEB_GUEST][0] = w.csrf[WEB_GUEST][0] = 0;
}

static void test_spaces(void **state) {
    (void)state;
    static const char good[] = "{\"name\":{\"uk\":\"Гурток\",\"en\":\"Club\"},\"place\":1}";
    ASK(401, WEB_GUEST, "PUT /api/spaces/club", good);
    ASK(403, HOUSE_TEACHER, "PUT /api/spaces/club", good);
    ASK(400, HOUSE_STAFF, "PUT /api/spaces/Club", good);
    assert_string_equal(web_str(w.json, "field"), "id");
    ASK(400, HOUSE_STAFF, "PUT /api/spaces/club", "{\"name\":{\"uk\":\"Гурток\"}}");
    assert_string_equal(web_str(w.json, "field"), "name");
    ASK(400, HOUSE_STAFF, "PUT /api/spaces/club", "{\"name\":\"Гурток\"}");
    ASK(200, HOUSE_STAFF, "PUT /api/spaces/club", good);
    ASK(200, HOUSE_STAFF, "PUT /api/spaces/club",
        "{\"name\":{\"uk\":\"Гурток 2\",\"en\":\"Club 2\"},\"about\":{\"uk\":\"Про\",\"en\":\"About\"}}");
    ASK(200, WEB_GUEST, "GET /api/spaces", NULL);
    const struct json *first = json_at(json_get(w.json, "spaces"), 0); /* it stays where it was */
    assert_string_equal(web_str(first, "id"), "club");
    assert_string_equal(web_str(json_get(first, "name"), "uk"), "Гурток 2");
    assert_string_equal(web_str(json_get(first, "about"), "en"), "About");
    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\",\"space\":\"club\"}");
    char id[16];
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "event"), "id"));
    ASK(409, HOUSE_STAFF, "DELETE /api/spaces/club", NULL);
    ASK(204, HOUSE_TEACHER, line("DELETE /api/events/%s", id), NULL);
    ASK(403, HOUSE_TEACHER, "DELETE /api/spaces/club", NULL);
    ASK(204, HOUSE_STAFF, "DELETE /api/spaces/club", NULL);
    ASK(404, HOUSE_STAFF, "DELETE /api/spaces/club", NULL);
}

/* Only the administrator, only when it is turned on, only what is live. */
static void test_captures(void **state) {
    (void)state;
    char id[16];
    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "event"), "id"));
    ASK(403, HOUSE_TEACHER, line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    ASK(403, HOUSE_STAFF, line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    ASK(403, HOUSE_ADMIN, line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    w.cfg.capture = true;
    ASK(409, HOUSE_ADMIN, line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    house_log(&w.house, id, "\"type\":\"opened\"");
    ASK(403, HOUSE_STAFF, line("POST /api/events/%s/capture", id), "{\"member\":\"u3\"}");
    ASK(400, HOUSE_ADMIN, line("POST /api/events/%s/capture", id), "{\"member\":\"../x\"}");
    assert_string_equal(web_str(w.json, "field"), "member");
    ASK(400, HOUSE_ADMIN, line("POST /api/events/%s/capture", id), "{\"member\":\"u3\",\"seconds\":61}");
    ASK(202, HOUSE_ADMIN, line("POST /api/events/%s/capture", id),
        "{\"member\":\"u3\",\"kind\":\"publish\",\"seconds\":5}");
    const struct effect *e = &w.reply.effects[0];
    assert_int_equal(e->kind, EFFECT_CAPTURE);
    assert_string_equal(e->capture.member, "u3");
    assert_int_equal(e->capture.ms, 5000);
    assert_false(e->capture.is_view);
    assert_non_null(strstr(web_str(w.json, "file"), "-u3-publish.pcapng"));
    w.cfg.capture = false;
}

struct voided {
    int64_t user, until_s, now_s;
    int n;
};
static void on_void(void *arg, int64_t user, int64_t until_s) {
    struct voided *v = arg;
    v->n++;
    v->user = user;
    v->until_s = until_s;
}
static struct voided voids(int64_t after_s) {
    struct voided v = {.now_s = w.now_ms / 1000 + after_s};
    assert_int_equal(user_each_void(w.house.store, v.now_s, 10, on_void, &v), 0);
    return v;
}

/* Tickets that are void stay void after a restart, for as long as they could live. */
static void test_void_tickets(void **state) {
    (void)state;
    char id[16];
    assert_int_equal(voids(0).n, 0);
    ASK(201, HOUSE_STAFF, "POST /api/users",
        "{\"name\":\"В\",\"email\":\"v2@example.org\",\"role\":\"learner\"}");
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "user"), "id"));
    ASK(200, HOUSE_STAFF, line("PATCH /api/users/%s", id), "{\"name\":\"Г\"}");
    assert_int_equal(voids(0).n, 0);
    ASK(200, HOUSE_STAFF, line("PATCH /api/users/%s", id), "{\"password\":\"новий пароль\"}");
    struct voided v = voids(60);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.user, user_id_of(str_of(id)));
    assert_int_equal(v.until_s, w.now_ms / 1000);
    assert_int_equal(voids(USER_TICKET_LIFE_S).n, 0);
    ASK(200, HOUSE_STAFF, line("PATCH /api/users/%s", id), "{\"state\":\"blocked\"}");
    v = voids(USER_TICKET_LIFE_S);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.until_s, v.now_s); /* blocked is blocked */
}

static void test_users(void **state) {
    (void)state;
    ASK(403, HOUSE_TEACHER, "GET /api/users", NULL);
    ASK(401, WEB_GUEST, "GET /api/users", NULL);
    ASK(200, HOUSE_STAFF, "GET /api/users?q=example.org", NULL);
    assert_true(number(w.json, "total") >= HOUSE_PEOPLE);
    ASK(403, HOUSE_STAFF, "POST /api/users",
        "{\"name\":\"А\",\"email\":\"a2@example.org\",\"role\":\"admin\"}");
    assert_string_equal(web_str(w.json, "field"), "role");
    ASK(201, HOUSE_STAFF, "POST /api/users",
        "{\"name\":\"Б\",\"email\":\"b2@example.org\",\"role\":\"teacher\"}");
    assert_int_equal(strlen(web_str(w.json, "password")), 12);
    char id[16];
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "user"), "id"));
    ASK(200, HOUSE_STAFF, line("PATCH /api/users/%s", id), "{\"state\":\"blocked\"}");
    assert_int_equal(w.reply.n_effects, 1);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_USER_GONE);
    ASK(403, HOUSE_STAFF, line("PATCH /api/users/%s", id), "{\"role\":\"staff\"}");
    ASK(403, HOUSE_STAFF, "PATCH /api/users/u1", "{\"name\":\"Х\"}");
    ASK(409, HOUSE_ADMIN, "PATCH /api/users/u1", "{\"role\":\"teacher\"}");
    ASK(404, HOUSE_ADMIN, "PATCH /api/users/u999", "{\"name\":\"Х\"}");
    ASK(404, HOUSE_ADMIN, "PATCH /api/users/zzz", "{\"name\":\"Х\"}");
}

static void test_forged_requests(void **state) {
    (void)state;
    w.without_csrf = true;
    ASK(403, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    assert_string_equal(web_str(w.json, "field"), "csrf");
    w.origin = "https://evil.example.com";
    ASK(403, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    assert_string_equal(web_str(w.json, "field"), "origin");
    w.origin = "null";
    ASK(403, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    w.origin = "https://evil.example.com";
    ASK(403, WEB_GUEST, "POST /api/session", "{}");
    w.origin = "https://live.example.org";
    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    w.content_type = "text/plain";
    ASK(415, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    w.content_type = "application/json; charset=utf-8";
    ASK(201, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"Т\"}");
    static char big[70000];
    memset(big, ' ', sizeof big - 1);
    ASK(413, HOUSE_TEACHER, "POST /api/events", big);
    ASK(400, HOUSE_TEACHER, "POST /api/events", "{");
    ASK(400, HOUSE_TEACHER, "POST /api/events", "[1]");
    ASK(400, HOUSE_TEACHER, "POST /api/events", "{\"title\":\"a\",\"title\":\"b\"}");
    ASK(405, HOUSE_TEACHER, "PUT /api/events", "{}");
    ASK(404, HOUSE_TEACHER, "GET /api/nothing", NULL);
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
    ASK(200, HOUSE_TEACHER, line("PATCH /api/events/%s", id), "{\"starts_at\":null,\"space\":null}");
    e = json_get(w.json, "event");
    assert_true(json_is_null(json_get(e, "starts_at")) && json_is_null(json_get(e, "space")));
    assert_string_equal(web_str(e, "title"), "Урок");
    assert_int_equal(w.reply.effects[0].kind, EFFECT_ROOM_META);
    assert_string_equal(w.reply.effects[0].room, id);
    ASK(403, HOUSE_OTHER, line("PATCH /api/events/%s", id), "{\"title\":\"Мій\"}");
    ASK(200, HOUSE_STAFF, line("PATCH /api/events/%s", id), "{\"title\":\"Наш\"}");
    /* when it is live, the room's settings are the room's */
    house_log(&w.house, id, "\"type\":\"opened\"");
    ASK(409, HOUSE_TEACHER, line("PATCH /api/events/%s", id), "{\"format\":\"lesson\"}");
    assert_string_equal(web_str(w.json, "field"), "format");
    ASK(200, HOUSE_TEACHER, line("PATCH /api/events/%s", id), "{\"title\":\"Інший\"}");
    ASK(409, HOUSE_TEACHER, line("DELETE /api/events/%s", id), NULL);
    ASK(403, HOUSE_OTHER, line("POST /api/events/%s/end", id), "{}");
    assert_false(meeting_end_asked(w.house.store, id));
    ASK(202, HOUSE_TEACHER, line("POST /api/events/%s/end", id), "{}");
    assert_true(meeting_end_asked(w.house.store, id)); /* whatever happens to the server now */
    assert_int_equal(w.reply.effects[0].kind, EFFECT_ROOM_END);
    house_log(&w.house, id, "\"type\":\"ended\"");
    assert_false(meeting_end_asked(w.house.store, id));
    ASK(409, HOUSE_TEACHER, line("POST /api/events/%s/end", id), "{}");
    ASK(204, HOUSE_TEACHER, line("DELETE /api/events/%s", id), NULL);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_ROOM_GONE);
    ASK(404, HOUSE_TEACHER, line("GET /api/events/%s", id), NULL);
}

static void verify(const char *role, const char *room) {
    struct ticket t;
    assert_int_equal(ticket_verify(&t, str_of(web_str(w.json, "ticket")), w.cfg.key, w.now_ms), 0);
    assert_string_equal(t.role, role);
    assert_string_equal(t.room, room);
    assert_string_equal(t.sub, web_str(w.json, "member"));
    assert_int_equal(t.exp_s * 1000, number(w.json, "expires_at"));
}

static void test_joining(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_PRIVATE), members = make(JOIN_MEMBERS, WATCH_PRIVATE),
                   list = make(JOIN_LIST, WATCH_PRIVATE);
    ASK(200, HOUSE_TEACHER, line("POST /api/events/%s/join", m.id), "{\"name\":\"Хтось інший\"}");
    verify("host", m.id);
    assert_string_equal(web_str(w.json, "name"), "Оксана Коваль"); /* accounts use their own */
    ASK(200, HOUSE_STAFF, line("POST /api/events/%s/join", m.id), NULL);
    verify("cohost", m.id);
    ASK(200, HOUSE_LEARNER, line("POST /api/events/%s/join", m.id), "{}");
    verify("attendee", m.id);
    ASK(400, WEB_GUEST, line("POST /api/events/%s/join", m.id), "{}");
    assert_string_equal(web_str(w.json, "field"), "name");
    ASK(200, WEB_GUEST, line("POST /api/events/%s/join", m.id), "{\"name\":\"Гість\"}");
    verify("attendee", m.id);
    char first[64];
    snprintf(first, sizeof first, "%s", web_str(w.json, "member"));
    /* the same guest comes back as himself; another is another */
    ASK(200, WEB_GUEST, line("POST /api/events/%s/join", m.id), "{\"name\":\"Гість\"}");
    assert_string_equal(web_str(w.json, "member"), first);
    ASK(200, WEB_GUEST_2, line("POST /api/events/%s/join", m.id), "{\"name\":\"Гість\"}");
    assert_string_not_equal(web_str(w.json, "member"), first);
    /* codes */
    ASK(401, WEB_GUEST, line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\",\"code\":\"aaaaaaaaaaaa\"}");
    char body[128];
    snprintf(body, sizeof body, "{\"name\":\"Г\",\"code\":\"%s\"}", m.codes[ROLE_SPEAKER]);
    ASK(200, WEB_GUEST, line("POST /api/events/%s/join", m.id), body);
    verify("speaker", m.id);
    ASK(401, WEB_GUEST, line("POST /api/events/%s/join", members.id), "{\"name\":\"Г\"}");
    ASK(200, HOUSE_LEARNER, line("POST /api/events/%s/join", members.id), "{}");
    ASK(404, WEB_GUEST, line("POST /api/events/%s/join", list.id), "{\"name\":\"Г\"}");
    ASK(404, HOUSE_LEARNER, line("POST /api/events/%s/join", list.id), "{}");
    ASK(404, HOUSE_LEARNER, line("GET /api/events/%s", list.id), NULL);
    snprintf(body, sizeof body, "{\"name\":\"Г\",\"code\":\"%s\"}", list.codes[ROLE_ATTENDEE]);
    ASK(200, WEB_GUEST, line("POST /api/events/%s/join", list.id), body);
    verify("attendee", list.id);
    ASK(201, HOUSE_TEACHER, line("POST /api/events/%s/people", list.id),
        "{\"email\":\"learner@example.org\",\"role\":\"speaker\"}");
    ASK(200, HOUSE_LEARNER, line("POST /api/events/%s/join", list.id), "{}");
    verify("speaker", list.id);
    ASK(204, HOUSE_TEACHER, line("DELETE /api/events/%s/people/u4", list.id), NULL);
    ASK(404, HOUSE_LEARNER, line("POST /api/events/%s/join", list.id), "{}");
    ASK(400, HOUSE_TEACHER, line("POST /api/events/%s/people", list.id),
        "{\"email\":\"learner@example.org\",\"role\":\"host\"}");
    ASK(404, HOUSE_TEACHER, line("POST /api/events/%s/people", list.id),
        "{\"email\":\"no@example.org\",\"role\":\"speaker\"}");
    /* removed for good; and over */
    house_log(&w.house, m.id, "\"type\":\"removed\",\"who\":\"u4\",\"ban\":true");
    ASK(403, HOUSE_LEARNER, line("POST /api/events/%s/join", m.id), "{}");
    house_log(&w.house, m.id, "\"type\":\"ended\"");
    ASK(410, HOUSE_TEACHER, line("POST /api/events/%s/join", m.id), "{}");
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
        assert_int_equal(listed(HOUSE_OTHER, line("%s&mine=1", q), m.id), 0);
        assert_int_equal(listed(HOUSE_TEACHER, line("%s&mine=1", q), m.id), 1);
        assert_int_equal(listed(HOUSE_TEACHER, line("%s&when=past", q), m.id), 0);
        assert_int_equal(listed(HOUSE_TEACHER, line("%s&when=live", q), m.id), 0);
    }
    ASK(400, WEB_GUEST, "GET /api/events?when=never", NULL);
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
            ASK(200, WEB_GUEST, line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\"}");
            char joined[160];
            snprintf(
                joined, sizeof joined,
                "\"type\":\"joined\",\"who\":\"%s\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false",
                who == 3 ? "u4" : web_str(w.json, "member"));
            house_log(&w.house, m.id, joined);
            house_record(&w.house, m.id, 60000);
            house_file(&w.house, m.id, "lesson.mp4", "0123456789");
            int yes = rows[i].may[who] == 'y';
            const char *gets[] = {line("GET /api/lessons/%s", m.id), line("GET /media/%s/program.m3u8", m.id),
                                  line("GET /media/%s/timeline.jsonl", m.id)};
            for (size_t g = 0; g < countof(gets); g++)
                ASK(yes ? 200 : 404, person[who], gets[g], NULL);
            ASK(200, person[who], line("GET /api/events/%s", m.id), NULL);
            assert_int_equal(json_is_object(json_get(json_get(w.json, "event"), "lesson")), yes);
            ASK(person[who] >= WEB_GUEST ? 401
                : yes                    ? 204
                                         : 404,
                person[who], line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":5}");
            bool mine = who >= 5;
            ASK(mine                       ? 200
                : person[who] >= WEB_GUEST ? 401
                : yes                      ? 403
                                           : 404,
                person[who], line("PATCH /api/lessons/%s", m.id), "{\"title\":\"Нова назва\"}");
            ASK(mine                       ? 200
                : person[who] >= WEB_GUEST ? 401
                                           : 403,
                person[who], line("GET /api/events/%s/attendance", m.id), NULL);
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
        ASK(204, HOUSE_LEARNER, line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":31000}");
        assert_int_equal(in_catalogue(HOUSE_LEARNER, line("%s&mine=1", q), m.id), 1);
        assert_int_equal(number(json_at(json_get(w.json, "lessons"), 0), "position_ms"), 31000);
        assert_int_equal(in_catalogue(HOUSE_OTHER, line("%s&mine=1", q), m.id), 0);
        assert_int_equal(in_catalogue(HOUSE_TEACHER, line("%s&format=webinar", q), m.id), 0);
    }
}

static void test_lesson_document(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_UNLISTED);
    ASK(404, HOUSE_TEACHER, line("GET /api/lessons/%s", m.id), NULL);
    house_record(&w.house, m.id, 60000);
    ASK(200, HOUSE_TEACHER, line("GET /api/lessons/%s", m.id), NULL);
    const struct json *r = json_get(w.json, "recording");
    assert_string_equal(web_str(r, "state"), "ready");
    assert_int_equal(number(r, "duration_ms"), 60000);
    assert_int_equal(number(json_get(r, "screen"), "offset_ms"), 61000);
    assert_int_equal(number(json_at(json_get(r, "takes"), 0), "wall_ms"), HOUSE_NOW_MS);
    assert_int_equal(json_len(json_get(w.json, "jobs")), 2);
    ASK(200, WEB_GUEST, line("GET /api/lessons/%s", m.id), NULL);
    assert_int_equal(json_len(json_get(w.json, "jobs")), 1); /* that an MP4 is on its way */
    ASK(409, HOUSE_TEACHER, line("POST /api/lessons/%s/jobs", m.id), "{\"kind\":\"mp4\"}");
    ASK(409, HOUSE_TEACHER, line("POST /api/lessons/%s/jobs", m.id), "{\"kind\":\"finish\"}");
    ASK(400, HOUSE_TEACHER, line("POST /api/lessons/%s/jobs", m.id), "{}");
    ASK(403, HOUSE_LEARNER, line("POST /api/lessons/%s/jobs", m.id), "{\"kind\":\"mp4\"}");
    ASK(200, HOUSE_TEACHER, line("PATCH /api/lessons/%s", m.id), "{\"visibility\":\"public\"}");
    assert_string_equal(web_str(json_get(w.json, "event"), "visibility"), "public");
    ASK(400, HOUSE_TEACHER, line("PUT /api/lessons/%s/position", m.id), "{}");
    ASK(400, HOUSE_TEACHER, line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":-1}");
    ASK(204, HOUSE_TEACHER, line("PUT /api/lessons/%s/position", m.id), "{\"position_ms\":777}");
    ASK(200, HOUSE_TEACHER, line("GET /api/lessons/%s/position", m.id), NULL);
    assert_int_equal(number(w.json, "position_ms"), 777);
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
    ASK(200, WEB_GUEST, line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    expect_file(0, 10);
    assert_string_equal(w.reply.type, "video/mp4");
    assert_non_null(strstr(web_header(&w, "cache-control"), "immutable"));
    char etag[64];
    snprintf(etag, sizeof etag, "%s", web_header(&w, "etag"));
    w.if_none_match = etag;
    ASK(304, WEB_GUEST, line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    assert_int_equal(w.reply.file_fd, -1);
    assert_string_equal(web_header(&w, "etag"), etag);
    w.range = "bytes=2-4";
    ASK(206, WEB_GUEST, line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    expect_file(2, 3);
    assert_string_equal(web_header(&w, "content-range"), "bytes 2-4/10");
    w.range = "bytes=2-4";
    w.if_range = "\"other\"";
    ASK(200, WEB_GUEST, line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    expect_file(0, 10);
    w.range = "bytes=10-";
    ASK(416, WEB_GUEST, line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    assert_string_equal(web_header(&w, "content-range"), "bytes */10");
    assert_int_equal(w.reply.file_fd, -1);
    w.if_match = "\"other\"";
    ASK(412, WEB_GUEST, line("GET /media/%s/p1-0001.m4s", m.id), NULL);
    w.range = "bytes=2-4";
    ASK(200, WEB_GUEST, line("HEAD /media/%s/p1-0001.m4s", m.id), NULL);
    ASK(200, WEB_GUEST, line("GET /media/%s/a1-0001.m4s", m.id), NULL);
    assert_string_equal(w.reply.type, "audio/mp4");
    ASK(200, WEB_GUEST, line("GET /media/%s/program.m3u8", m.id), NULL);
    assert_string_equal(web_header(&w, "cache-control"), "no-cache");
    ASK(200, WEB_GUEST, line("GET /media/%s/lesson.mp4?download=1", m.id), NULL);
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
    ASK(404, WEB_GUEST, line("GET /media/%s/program.m3u8", other.id), NULL);
    ASK(404, WEB_GUEST, "GET /media/nosuchroom/program.m3u8", NULL);
}

static void test_live_recording_is_for_those_inside(void **state) {
    (void)state;
    struct meeting m = make(JOIN_LINK, WATCH_PUBLIC);
    house_log(&w.house, m.id, "\"type\":\"opened\"");
    house_file(&w.house, m.id, "program.m3u8", "#EXTM3U\n");
    house_file(&w.house, m.id, "takes.jsonl", "{\"take\":1,\"base_ms\":0,\"wall_ms\":1}\n");
    ASK(404, HOUSE_TEACHER, line("GET /api/lessons/%s", m.id), NULL);
    assert_int_equal(lesson_started(w.house.store, m.id, HOUSE_NOW_MS), 0);
    w.cookies[WEB_GUEST][0] = 0;
    /* a ticket is not yet being let in: the lobby may be between */
    ASK(200, WEB_GUEST, line("POST /api/events/%s/join", m.id), "{\"name\":\"Г\"}");
    char member[40], joined[160];
    snprintf(member, sizeof member, "%s", web_str(w.json, "member"));
    ASK(404, WEB_GUEST, line("GET /media/%s/program.m3u8", m.id), NULL);
    snprintf(joined, sizeof joined,
             "\"type\":\"joined\",\"who\":\"%s\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false",
             member);
    house_log(&w.house, m.id, joined);
    ASK(200, WEB_GUEST, line("GET /media/%s/program.m3u8", m.id), NULL);
    ASK(200, WEB_GUEST, line("GET /api/lessons/%s", m.id), NULL);
    assert_string_equal(web_str(json_get(w.json, "recording"), "state"), "live");
    assert_int_equal(json_len(json_get(json_get(w.json, "recording"), "takes")), 1);
    snprintf(joined, sizeof joined, "\"type\":\"removed\",\"who\":\"%s\",\"ban\":true", member);
    house_log(&w.house, m.id, joined);
    ASK(404, WEB_GUEST, line("GET /media/%s/program.m3u8", m.id), NULL);
    ASK(404, WEB_GUEST_2, line("GET /media/%s/program.m3u8", m.id), NULL);
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
    ASK(200, HOUSE_TEACHER, line("GET /api/events/%s/attendance", m.id), NULL);
    const struct json *row = json_at(json_get(w.json, "rows"), 0);
    assert_string_equal(web_str(row, "member"), "u4");
    assert_int_equal(number(row, "total_ms"), 2000);
    assert_int_equal(json_len(json_get(row, "intervals")), 1);
    ASK(200, HOUSE_TEACHER, line("GET /api/events/%s/attendance.csv", m.id), NULL);
    const char *csv = (const char *)w.reply.body.p;
    assert_memory_equal(csv, "\xef\xbb\xbf", 3);
    assert_non_null(strstr(csv, "\"'=Марічка \"\"М\"\"; Левчук\";attendee;"));
    ASK(403, HOUSE_OTHER, line("GET /api/events/%s/attendance.csv", m.id), NULL);
    ASK(200, HOUSE_TEACHER, line("GET /api/events/%s", m.id), NULL);
    assert_true(flag(json_get(json_get(w.json, "event"), "can"), "attendance"));
}

static void test_places(void **state) {
    (void)state;
    ASK(200, WEB_GUEST, "GET /api/formats", NULL);
    assert_true(json_len(json_get(w.json, "formats")) >= 3);
    ASK(200, WEB_GUEST, "GET /api/spaces", NULL);
    ASK(200, WEB_GUEST, "HEAD /api/spaces", NULL);
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
        cmocka_unit_test(test_signing_in_and_out),
        cmocka_unit_test(test_register_and_me),
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_spaces),
        cmocka_unit_test(test_void_tickets),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_forged_requests),
        cmocka_unit_test(test_event_fields),
        cmocka_unit_test(test_joining),
        cmocka_unit_test(test_lists_show_what_one_may_know),
        cmocka_unit_test(test_lesson_rights),
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_lesson_document),
        cmocka_unit_test(test_media_files),
        cmocka_unit_test(test_media_names_lead_nowhere),
        cmocka_unit_test(test_live_recording_is_for_those_inside),
        cmocka_unit_test(test_attendance),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
