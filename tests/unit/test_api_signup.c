/* The API from request to reply: terms of registration, the waiting list, approval, who may enter, the table.
 */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "server/catalogue/signup.h"

static struct web_rig w;
static struct meeting m;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)

static const char *path(const char *verb, const char *rest) {
    return web_line("%s /api/events/%s%s", verb, m.id, rest);
}

static void terms(const char *body) { ASK(200, HOUSE_TEACHER, path("PUT", "/signup"), body); }

/* Registers with these members more; gives the state, and the code into `code` unless NULL. */
static const char *enrol(int person, const char *name, const char *more, char code[32]) {
    char body[1024];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"consent\":true%s}", name, more);
    ASK(201, person, path("POST", "/register"), body);
    const struct json *r = json_get(w.json, "registration");
    if (code)
        snprintf(code, 32, "%s", web_str(r, "code"));
    return web_str(r, "state");
}

static const char *state_of(const char *code) {
    ASK(200, WEB_GUEST_2, web_line("GET /api/registrations/%s", code), NULL);
    return web_str(json_get(w.json, "registration"), "state");
}

static void test_terms(void **state) {
    (void)state;
    static const struct {
        const char *body, *field;
    } bad[] = {
        {"{\"capacity\":-1}", "capacity"},
        {"{\"capacity\":5001}", "capacity"},
        {"{\"required\":1}", "required"},
        {"{\"email\":\"maybe\"}", "email"},
        {"{\"consent\":7}", "consent"},
        {"{\"questions\":{}}", "questions"},
        {"{\"questions\":[{}]}", "questions"},
        {"{\"questions\":[{\"id\":\"a\",\"kind\":\"text\",\"label\":\" \"}]}", "questions"},
        {"{\"questions\":[{\"id\":\"A!\",\"kind\":\"text\",\"label\":\"x\"}]}", "questions"},
        {"{\"questions\":[{\"id\":\"a\",\"kind\":\"file\",\"label\":\"x\"}]}", "questions"},
        {"{\"questions\":[{\"id\":\"a\",\"kind\":\"choice\",\"label\":\"x\",\"options\":[\"y\"]}]}",
         "questions"},
        {"{\"questions\":[{\"id\":\"a\",\"kind\":\"choice\",\"label\":\"x\",\"options\":[\"y\",\"y\"]}]}",
         "questions"},
        {"{\"questions\":[{\"id\":\"a\",\"kind\":\"text\",\"label\":\"x\"},{\"id\":\"a\",\"kind\":\"text\","
         "\"label\":\"y\"}]}",
         "questions"},
    };
    for (size_t i = 0; i < countof(bad); i++) {
        ASK(400, HOUSE_TEACHER, path("PUT", "/signup"), bad[i].body);
        assert_string_equal(web_str(w.json, "field"), bad[i].field);
    }
    ASK(403, HOUSE_LEARNER, path("PUT", "/signup"), "{}");
    ASK(401, WEB_GUEST, path("PUT", "/signup"), "{}");
    ASK(403, WEB_GUEST, path("POST", "/register"),
        "{\"name\":\"Г\",\"consent\":true}"); /* there is none yet */
    terms("{\"capacity\":3,\"questions\":[{\"id\":\"why\",\"kind\":\"text\",\"label\":\"Чому?\",\"needed\":"
          "true}]}");
    ASK(200, WEB_GUEST, path("GET", ""), NULL);
    const struct json *r = json_get(json_get(w.json, "event"), "registration");
    assert_true(web_flag(r, "on"));
    assert_int_equal(web_number(r, "capacity"), 3);
    assert_string_equal(web_str(json_at(json_get(r, "questions"), 0), "label"), "Чому?");
    ASK(204, HOUSE_TEACHER, path("DELETE", "/signup"), "");
    ASK(404, HOUSE_TEACHER, path("DELETE", "/signup"), "");
}

static void test_answers(void **state) {
    (void)state;
    terms("{\"email\":\"needed\",\"questions\":[{\"id\":\"why\",\"kind\":\"text\",\"label\":\"Чому?\","
          "\"needed\":true},"
          "{\"id\":\"kind\",\"kind\":\"choice\",\"label\":\"Хто?\",\"options\":[\"Вчитель\",\"Учень\"]},"
          "{\"id\":\"ok\",\"kind\":\"yesno\",\"label\":\"Читав?\",\"needed\":true}]}");
    static const struct {
        const char *body, *field;
    } bad[] = {
        {"{\"consent\":true,\"email\":\"a@b\"}", "name"},
        {"{\"name\":\"Г\",\"email\":\"a@b\"}", "consent"},
        {"{\"name\":\"Г\",\"email\":\"a@b\",\"consent\":false}", "consent"},
        {"{\"name\":\"Г\",\"consent\":true}", "email"},
        {"{\"name\":\"Г\",\"consent\":true,\"email\":\"a@b\\r\\nBcc: x@y\"}", "email"},
        {"{\"name\":\"Г\",\"consent\":true,\"email\":\"a@b\"}", "why"},
        {"{\"name\":\"Г\",\"consent\":true,\"email\":\"a@b\",\"answers\":{\"why\":7}}", "why"},
        {"{\"name\":\"Г\",\"consent\":true,\"email\":\"a@b\",\"answers\":{\"why\":\"т\",\"kind\":\"Інший\"}}",
         "kind"},
        {"{\"name\":\"Г\",\"consent\":true,\"email\":\"a@b\",\"answers\":{\"why\":\"т\",\"ok\":false}}",
         "ok"},
    };
    for (size_t i = 0; i < countof(bad); i++) {
        ASK(400, WEB_GUEST, path("POST", "/register"), bad[i].body);
        assert_string_equal(web_str(w.json, "field"), bad[i].field);
    }
    char code[32];
    enrol(WEB_GUEST, "=HYPERLINK(1)",
          ",\"email\":\"Mama@Example.org\",\"answers\":{\"why\":\"+cmd|' /C calc'!A0 "
          "\\\"<b>\\\"\",\"ok\":true,\"more\":1}",
          code);
    ASK(200, WEB_GUEST_2, web_line("GET /api/registrations/%s", code), NULL);
    const struct json *answers = json_get(json_get(w.json, "registration"), "answers");
    assert_null(json_get(answers, "more")); /* what was not asked is not kept */
    ASK(200, HOUSE_TEACHER, path("GET", "/registrations.csv"), NULL);
    const char *csv = (const char *)w.reply.body.p;
    assert_non_null(strstr(csv, "\r\n\"'=HYPERLINK(1)\";\"mama@example.org\";confirmed;"));
    assert_non_null(strstr(csv, ";\"'+cmd|' /C calc'!A0 \"\"<b>\"\"\";\"\";\"yes\"\r\n"));
    ASK(403, HOUSE_LEARNER, path("GET", "/registrations.csv"), NULL);
    ASK(401, WEB_GUEST, path("GET", "/registrations"), NULL);
}

static void test_waiting_list(void **state) {
    (void)state;
    char first[32], second[32], third[32];
    terms("{\"capacity\":1,\"email\":\"none\"}");
    assert_string_equal(enrol(WEB_GUEST, "Перша", ",\"email\":\"x@y\"", first), "confirmed");
    assert_string_equal(web_str(json_get(w.json, "registration"), "email"), ""); /* not asked for, not kept */
    assert_string_equal(enrol(WEB_GUEST, "Друга", "", second), "waiting");
    assert_string_equal(enrol(HOUSE_LEARNER, "", "", third), "waiting");
    assert_int_equal(web_number(json_get(w.json, "registration"), "place"), 2);
    ASK(409, HOUSE_LEARNER, path("POST", "/register"), "{\"consent\":true}");
    ASK(200, WEB_GUEST_2, web_line("PATCH /api/registrations/%s", first), "{\"cancel\":true}");
    assert_string_equal(state_of(second), "confirmed");
    assert_string_equal(state_of(third), "waiting");
    assert_int_equal(web_number(json_get(w.json, "registration"), "place"), 1);
    terms("{\"capacity\":2,\"email\":\"none\"}");
    assert_string_equal(state_of(third), "confirmed");
    /* Called off and registered anew: at the end of the list. */
    ASK(200, HOUSE_LEARNER, web_line("PATCH /api/registrations/%s", third), "{\"cancel\":true}");
    assert_string_equal(enrol(WEB_GUEST_2, "Четверта", "", NULL), "confirmed");
    assert_string_equal(enrol(HOUSE_LEARNER, "", "", third), "waiting");
    ASK(404, WEB_GUEST, "GET /api/registrations/aaaaaaaaaaaaaaaaaaaa", NULL);
    ASK(404, WEB_GUEST, "GET /api/registrations/a", NULL);
}

static void test_approval_and_the_door(void **state) {
    (void)state;
    char code[32], mine[64];
    terms("{\"required\":true,\"approval\":true,\"email\":\"none\"}");
    ASK(403, WEB_GUEST, path("POST", "/join"), "{\"name\":\"Г\"}");
    assert_string_equal(web_str(w.json, "field"), "registration");
    ASK(200, WEB_GUEST, path("GET", ""), NULL);
    assert_string_equal(web_str(json_get(w.json, "event"), "needs"), "registration");
    assert_string_equal(enrol(WEB_GUEST, "Гостя", "", code), "pending");
    int64_t id = web_number(json_get(w.json, "registration"), "id");
    ASK(403, WEB_GUEST, path("POST", "/join"), "{\"name\":\"Гостя\"}");
    ASK(200, WEB_GUEST, path("GET", ""), NULL);
    assert_string_equal(web_str(json_get(w.json, "event"), "needs"), "pending");
    ASK(400, HOUSE_TEACHER, web_line("PATCH /api/events/%s/registrations/%lld", m.id, (long long)id),
        "{\"state\":\"invited\"}");
    ASK(403, HOUSE_LEARNER, web_line("PATCH /api/events/%s/registrations/%lld", m.id, (long long)id),
        "{\"state\":\"confirmed\"}");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s/registrations/%lld", m.id, (long long)id),
        "{\"state\":\"confirmed\"}");
    ASK(200, WEB_GUEST, path("POST", "/join"), "{\"name\":\"Гостя\"}");
    snprintf(mine, sizeof mine, "%s", web_str(w.json, "member"));
    /* From another device, by his address: the same person. Without it: nobody. */
    ASK(403, WEB_GUEST_2, path("POST", "/join"), "{\"name\":\"Гостя\"}");
    ASK(200, WEB_GUEST_2, web_line("POST /api/events/%s/join?reg=%s", m.id, code), "{\"name\":\"Гостя\"}");
    assert_string_equal(web_str(w.json, "member"), mine);
    ASK(200, HOUSE_TEACHER, path("GET", "/registrations"), NULL);
    assert_int_equal(json_len(json_get(w.json, "registrations")), 1);
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s/registrations/%lld", m.id, (long long)id),
        "{\"state\":\"refused\"}");
    ASK(403, WEB_GUEST, path("POST", "/join"), "{\"name\":\"Гостя\"}");
    ASK(200, HOUSE_TEACHER, path("POST", "/join"), "{}"); /* the host needs none */
    ASK(501, HOUSE_TEACHER, path("POST", "/registrations"), "{\"emails\":[\"a@b\"]}"); /* no mail here */
    ASK(200, WEB_GUEST_2, web_line("GET /api/registrations/%s/event.ics", code), NULL);
    assert_non_null(strstr((const char *)w.reply.body.p, "STATUS:CANCELLED"));
}

/* The claims of a ticket that was answered to a join, as text. */
static const char *claims(void) {
    static char text[1024];
    struct str jwt;
    size_t n = 0;
    assert_true(json_get_str(w.json, "ticket", &jwt));
    const char *dot = memchr(jwt.p, '.', jwt.n);
    assert_non_null(dot);
    assert_int_equal(sodium_base642bin((uint8_t *)text, sizeof text - 1, dot + 1, strcspn(dot + 1, "."), NULL,
                                       &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    text[n] = 0;
    return text;
}

static void test_interpreters(void **state) {
    (void)state;
    static const char *const bad[] = {"{\"email\":\"a\",\"langs\":[\"en\"]}",
                                      "{\"email\":\"a@b.ua\"}",
                                      "{\"email\":\"a@b.ua\",\"langs\":[]}",
                                      "{\"email\":\"a@b.ua\",\"langs\":[\"en\",\"en\"]}",
                                      "{\"email\":\"a@b.ua\",\"langs\":[\"e\\nuk\"]}",
                                      "{\"email\":\"a@b.ua\",\"langs\":[\"en\",\"uk\",\"pl\"]}"};
    char code[32];
    for (size_t i = 0; i < countof(bad); i++)
        ASK(400, HOUSE_TEACHER, path("POST", "/interpreters"), bad[i]);
    ASK(403, HOUSE_LEARNER, path("POST", "/interpreters"), "{\"email\":\"a@b.ua\",\"langs\":[\"en\"]}");
    ASK(401, WEB_GUEST, path("POST", "/interpreters"), "{\"email\":\"a@b.ua\",\"langs\":[\"en\"]}");
    terms("{\"required\":true,\"capacity\":1,\"approval\":true}");
    ASK(201, HOUSE_TEACHER, path("POST", "/interpreters"),
        "{\"email\":\"Iryna@b.ua\",\"name\":\"Ірина\",\"langs\":[\"en\",\"uk\"]}");
    const struct json *r = json_get(w.json, "registration");
    assert_string_equal(web_str(r, "state"), "invited");
    snprintf(code, sizeof code, "%s", web_str(r, "code")); /* no mail here: the host passes it on */
    long long n = web_number(r, "id");
    /* By her address she is let in, with her languages; nobody else has any. */
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join?reg=%s", m.id, code), "{\"name\":\"Ірина\"}");
    assert_non_null(strstr(claims(), "\"langs\":\"en\\nuk\""));
    ASK(200, WEB_GUEST, path("POST", "/join"), "{\"name\":\"Ірина\"}"); /* known by her browser */
    assert_non_null(strstr(claims(), "\"langs\""));
    ASK(200, HOUSE_TEACHER, path("POST", "/join"), "{}");
    assert_null(strstr(claims(), "\"langs\""));
    /* An account's e-mail is that account, on the list once. */
    for (int i = 0; i < 2; i++)
        ASK(201, HOUSE_TEACHER, path("POST", "/interpreters"),
            web_line("{\"email\":\"%s\",\"langs\":[\"pl\"]}", w.house.people[HOUSE_LEARNER].email));
    ASK(200, HOUSE_TEACHER, path("GET", "/registrations"), NULL);
    assert_int_equal(json_len(json_get(w.json, "registrations")), 2);
    ASK(200, HOUSE_LEARNER, path("POST", "/join"), "{}");
    assert_non_null(strstr(claims(), "\"langs\":\"pl\""));
    /* Not any more. */
    ASK(403, HOUSE_LEARNER, web_line("DELETE /api/events/%s/interpreters/%lld", m.id, n), "");
    ASK(204, HOUSE_TEACHER, web_line("DELETE /api/events/%s/interpreters/%lld", m.id, n), "");
    ASK(404, HOUSE_TEACHER, web_line("DELETE /api/events/%s/interpreters/%lld", m.id, n), "");
    ASK(403, WEB_GUEST, web_line("POST /api/events/%s/join?reg=%s", m.id, code), "{\"name\":\"Ірина\"}");
}

static void test_little_is_kept(void **state) {
    (void)state;
    char code[32];
    terms("{\"email\":\"needed\",\"questions\":[{\"id\":\"q\",\"kind\":\"text\",\"label\":\"?\"}]}");
    enrol(WEB_GUEST, "Г", ",\"email\":\"a@b\",\"answers\":{\"q\":\"т\"}", code);
    assert_int_equal(signup_sweep(w.house.store, m.starts_at + 2 * 86400000LL), 0);
    state_of(code);
    assert_string_equal(web_str(json_get(w.json, "registration"), "email"), "a@b");
    assert_int_equal(signup_sweep(w.house.store, m.starts_at + (SIGNUP_KEEP_DAYS + 1) * 86400000LL), 0);
    state_of(code);
    assert_string_equal(web_str(json_get(w.json, "registration"), "email"), "");
    assert_null(json_get(json_get(json_get(w.json, "registration"), "answers"), "q"));
}

static int set_up(void **state) {
    (void)state;
    web_open(&w);
    m = (struct meeting){.join = JOIN_PUBLIC, .starts_at = w.now_ms + 3 * 86400000LL};
    house_meeting(&w.house, &m);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    web_close(&w);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_terms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_waiting_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approval_and_the_door, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_interpreters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_little_is_kept, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
