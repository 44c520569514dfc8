/* The API from request to reply: signing in, accounts, spaces, and requests that somebody forged. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct web_rig w;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)

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
    ASK(200, HOUSE_STAFF, web_line("PATCH /api/users/%s", id), "{\"name\":\"Г\"}");
    assert_int_equal(voids(0).n, 0);
    ASK(200, HOUSE_STAFF, web_line("PATCH /api/users/%s", id), "{\"password\":\"новий пароль\"}");
    struct voided v = voids(60);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.user, user_id_of(str_of(id)));
    assert_int_equal(v.until_s, w.now_ms / 1000);
    assert_int_equal(voids(USER_TICKET_LIFE_S).n, 0);
    ASK(200, HOUSE_STAFF, web_line("PATCH /api/users/%s", id), "{\"state\":\"blocked\"}");
    v = voids(USER_TICKET_LIFE_S);
    assert_int_equal(v.n, 1);
    assert_int_equal(v.until_s, v.now_s); /* blocked is blocked */
}

static void test_users(void **state) {
    (void)state;
    ASK(403, HOUSE_TEACHER, "GET /api/users", NULL);
    ASK(401, WEB_GUEST, "GET /api/users", NULL);
    ASK(200, HOUSE_STAFF, "GET /api/users?q=example.org", NULL);
    assert_true(web_number(w.json, "total") >= HOUSE_PEOPLE);
    ASK(403, HOUSE_STAFF, "POST /api/users",
        "{\"name\":\"А\",\"email\":\"a2@example.org\",\"role\":\"admin\"}");
    assert_string_equal(web_str(w.json, "field"), "role");
    ASK(201, HOUSE_STAFF, "POST /api/users",
        "{\"name\":\"Б\",\"email\":\"b2@example.org\",\"role\":\"teacher\"}");
    assert_int_equal(strlen(web_str(w.json, "password")), 12);
    char id[16];
    snprintf(id, sizeof id, "%s", web_str(json_get(w.json, "user"), "id"));
    ASK(200, HOUSE_STAFF, web_line("PATCH /api/users/%s", id), "{\"state\":\"blocked\"}");
    assert_int_equal(w.reply.n_effects, 1);
    assert_int_equal(w.reply.effects[0].kind, EFFECT_USER_GONE);
    ASK(403, HOUSE_STAFF, web_line("PATCH /api/users/%s", id), "{\"role\":\"staff\"}");
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
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s", id), NULL);
    ASK(403, HOUSE_TEACHER, "DELETE /api/spaces/club", NULL);
    ASK(204, HOUSE_STAFF, "DELETE /api/spaces/club", NULL);
    ASK(404, HOUSE_STAFF, "DELETE /api/spaces/club", NULL);
}

static void test_places(void **state) {
    (void)state;
    ASK(200, WEB_GUEST, "GET /api/formats", NULL);
    assert_true(json_len(json_get(w.json, "formats")) >= 3);
    ASK(200, WEB_GUEST, "GET /api/spaces", NULL);
    ASK(200, WEB_GUEST, "HEAD /api/spaces", NULL);
}

/* Who tries the speed of his line needs no account; what he is sent cannot be packed. */
static void test_speed(void **state) {
    (void)state;
    ASK(200, WEB_GUEST, "GET /api/speed", NULL);
    assert_string_equal(w.reply.type, "application/octet-stream");
    assert_string_equal(web_header(&w, "cache-control"), "no-store");
    size_t n = w.reply.body.n, counts[256] = {0}, most = 0;
    assert_int_equal(n, 65536);
    for (size_t i = 0; i < n; i++)
        counts[w.reply.body.p[i]]++;
    for (size_t i = 0; i < 256; i++)
        most = counts[i] > most ? counts[i] : most;
    assert_true(most < 512); /* 256 of each on average, sixteen deviations */
    w.content_type = "application/octet-stream";
    ASK(204, WEB_GUEST, "POST /api/speed", "noise");
    ASK(415, WEB_GUEST, "POST /api/speed", "{}"); /* JSON is none */
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
        cmocka_unit_test(test_void_tickets),
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_forged_requests),
        cmocka_unit_test(test_spaces),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_speed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
