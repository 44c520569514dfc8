#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/catalogue/password.h"
#include "server/catalogue/signin.h"
#include "server/store/query.h"

static int try(struct house *h, const char *email, const char *password, const char *addr, int64_t now_ms) {
    struct signin in;
    int64_t retry_ms = 0;
    int err = signin_check(h->store, str_of(email), str_of(password), str_of(addr), now_ms, &in, &retry_ms);
    assert_int_equal(err == -ERR_RATE, retry_ms > 0);
    return err;
}

static void test_right_and_wrong(void **state) {
    struct house *h = *state;
    assert_int_equal(try(h, "teacher@example.org", HOUSE_PASSWORD, "10.0.0.1", 1000), 0);
    assert_int_equal(try(h, "  TEACHER@Example.org ", HOUSE_PASSWORD, "10.0.0.1", 1000), 0);
    assert_int_equal(try(h, "teacher@example.org", "wrong-password", "10.0.0.1", 1000), -ERR_AUTH);
    assert_int_equal(try(h, "nobody@example.org", HOUSE_PASSWORD, "10.0.0.1", 1000), -ERR_AUTH);
    assert_int_equal(try(h, "not an e-mail", HOUSE_PASSWORD, "10.0.0.1", 1000), -ERR_AUTH);
    assert_int_equal(try(h, "", "", "10.0.0.1", 1000), -ERR_AUTH);
    struct user u = h->people[HOUSE_OTHER];
    u.blocked = true;
    assert_int_equal(user_update(h->store, &u), 0);
    assert_int_equal(try(h, "other@example.org", HOUSE_PASSWORD, "10.0.0.1", 1000), -ERR_AUTH);
}

static void stored(struct house *h, int64_t id, char out[PASSWORD_HASH_MAX + 1]) {
    struct query *q = query_begin(h->store, Q_USER_PASS);
    query_put_int(q, id);
    assert_int_equal(query_row(q), 1);
    assert_true(str_copy(out, PASSWORD_HASH_MAX + 1, query_get_str(q)));
    query_done(q);
}

/* On disk: argon2id (RFC 9106) with the memory and passes we say, a salt of its own each time, and nowhere
 * the password itself; of who is added as of who changes it. */
static void test_only_a_hash_is_kept(void **state) {
    struct house *h = *state;
    char kept[PASSWORD_HASH_MAX + 1], other[PASSWORD_HASH_MAX + 1], head[64];
    int64_t id = h->people[HOUSE_LEARNER].id;
    snprintf(head, sizeof head, "$argon2id$v=19$m=%d,t=%d,p=1$", PASSWORD_MEM_BYTES >> 10, PASSWORD_PASSES);
    stored(h, id, kept);
    stored(h, h->people[HOUSE_STAFF].id, other);
    assert_true(str_starts(str_of(kept), str_of(head)));
    assert_true(str_starts(str_of(other), str_of(head)));
    assert_null(strstr(kept, HOUSE_PASSWORD));
    assert_string_not_equal(kept, other); /* of the same password */
    assert_int_equal(user_set_password(h->store, id, STR("inshe-slovo")), 0);
    stored(h, id, other);
    assert_true(str_starts(str_of(other), str_of(head)));
    assert_string_not_equal(kept, other);
    assert_true(user_password_is(h->store, id, STR("inshe-slovo")));
    assert_false(user_password_is(h->store, id, STR(HOUSE_PASSWORD)));
    assert_int_equal(user_set_password(h->store, id, STR(HOUSE_PASSWORD)), 0);
}

static void test_guessing_is_braked(void **state) {
    struct house *h = *state;
    int64_t now = 100000000;
    for (int i = 0; i < THROTTLE_PAIR_TRIES; i++)
        assert_int_equal(try(h, "learner@example.org", "wrong-password", "10.0.0.2", now), -ERR_AUTH);
    /* even the right one waits now, but not from elsewhere: nobody locks him out */
    assert_int_equal(try(h, "learner@example.org", HOUSE_PASSWORD, "10.0.0.2", now), -ERR_RATE);
    assert_int_equal(try(h, "learner@example.org", HOUSE_PASSWORD, "10.0.0.3", now), 0);
    assert_int_equal(try(h, "admin@example.org", HOUSE_PASSWORD, "10.0.0.2", now), 0);
    now += THROTTLE_FIRST_MS;
    assert_int_equal(try(h, "learner@example.org", "wrong-password", "10.0.0.2", now), -ERR_AUTH);
    assert_int_equal(try(h, "learner@example.org", HOUSE_PASSWORD, "10.0.0.2", now + THROTTLE_FIRST_MS),
                     -ERR_RATE);
    assert_int_equal(try(h, "learner@example.org", HOUSE_PASSWORD, "10.0.0.2", now + 2 * THROTTLE_FIRST_MS),
                     0);
    /* success forgives */
    assert_int_equal(try(h, "learner@example.org", "wrong-password", "10.0.0.2", now + 2 * THROTTLE_FIRST_MS),
                     -ERR_AUTH);
    assert_int_equal(try(h, "learner@example.org", HOUSE_PASSWORD, "10.0.0.2", now + 2 * THROTTLE_FIRST_MS),
                     0);
}

static void test_address_is_braked(void **state) {
    struct house *h = *state;
    char email[64];
    int64_t now = 200000000;
    for (int i = 0; i < THROTTLE_ADDR_TRIES; i++) {
        snprintf(email, sizeof email, "nobody%d@example.org", i);
        assert_int_equal(try(h, email, "wrong-password", "10.0.0.9", now), -ERR_AUTH);
    }
    assert_int_equal(try(h, "admin@example.org", HOUSE_PASSWORD, "10.0.0.9", now), -ERR_RATE);
    assert_int_equal(try(h, "admin@example.org", HOUSE_PASSWORD, "10.0.0.8", now), 0);
    /* forgotten in time */
    assert_int_equal(signin_sweep(h->store, now + THROTTLE_FORGET_MS), 0);
    assert_int_equal(try(h, "admin@example.org", HOUSE_PASSWORD, "10.0.0.9", now + THROTTLE_FORGET_MS), 0);
}

static void test_waits(void **state) {
    (void)state;
    assert_int_equal(signin_wait_ms(4, 5), 0);
    assert_int_equal(signin_wait_ms(5, 5), THROTTLE_FIRST_MS);
    assert_int_equal(signin_wait_ms(6, 5), 2 * THROTTLE_FIRST_MS);
    assert_int_equal(signin_wait_ms(1000000000, 5), THROTTLE_MAX_MS);
}

static void test_sessions(void **state) {
    struct house *h = *state;
    const struct user *u = &h->people[HOUSE_TEACHER];
    struct signin a, b, found;
    int64_t now = HOUSE_NOW_MS;
    assert_int_equal(signin_open(h->store, u, now, &a), 0);
    assert_int_equal(signin_open(h->store, u, now, &b), 0);
    assert_string_not_equal(a.token, b.token);
    assert_int_equal(signin_find(h->store, str_of(a.token), now, &found), 0);
    assert_int_equal(found.user.id, u->id);
    assert_string_equal(found.csrf, a.csrf);
    assert_false(found.renewed);
    char wrong[SIGNIN_TOKEN_CHARS + 1];
    memcpy(wrong, a.token, sizeof wrong);
    wrong[5] = wrong[5] == 'a' ? 'b' : 'a';
    assert_int_equal(signin_find(h->store, str_of(wrong), now, &found), -ERR_AUTH);
    assert_int_equal(signin_find(h->store, (struct str){"", 0}, now, &found), -ERR_AUTH);
    /* renewed by use, over without */
    assert_int_equal(signin_find(h->store, str_of(a.token), now + SIGNIN_RENEW_MS + 1, &found), 0);
    assert_true(found.renewed);
    assert_int_equal(signin_find(h->store, str_of(b.token), now + SIGNIN_LIFE_MS, &found), -ERR_AUTH);
    assert_int_equal(signin_find(h->store, str_of(a.token), now + SIGNIN_LIFE_MS, &found), 0);
    /* one closed, then all but one */
    assert_int_equal(signin_close(h->store, &b), 0);
    assert_int_equal(signin_find(h->store, str_of(b.token), now, &found), -ERR_AUTH);
    assert_int_equal(signin_open(h->store, u, now, &b), 0);
    assert_int_equal(signin_close_user(h->store, u->id, &a), 0);
    assert_int_equal(signin_find(h->store, str_of(b.token), now, &found), -ERR_AUTH);
    assert_int_equal(signin_find(h->store, str_of(a.token), now, &found), 0);
    assert_int_equal(signin_close_user(h->store, u->id, NULL), 0);
    assert_int_equal(signin_find(h->store, str_of(a.token), now, &found), -ERR_AUTH);
}

static void test_accounts(void **state) {
    struct house *h = *state;
    static const char *const bad[] = {"",      "@",     "a@",    "@b",      "a",
                                      "a@b@c", "a b@c", "a@b\n", "\"a\"@b", "<a@b>"};
    char email[USER_EMAIL_MAX + 1];
    for (size_t i = 0; i < countof(bad); i++)
        if (user_email(email, str_of(bad[i])) == 0 &&
            strcmp(bad[i], "a@b\n") != 0) /* blanks around are cut */
            fail_msg("%s", bad[i]);
    struct user u = {.name = "Ще один", .email = "Teacher@example.org", .created_at = 1};
    assert_int_equal(user_add(h->store, &u, STR(HOUSE_PASSWORD)), -ERR_CONFLICT);
    (void)STR_COPY(u.email, STR("new@example.org"));
    assert_int_equal(user_add(h->store, &u, STR("short")), -ERR_INVALID);
    assert_int_equal(user_add(h->store, &u, STR("сімсиму")), -ERR_INVALID); /* 7 characters, 14 bytes */
    u.name[0] = 0;
    assert_int_equal(user_add(h->store, &u, STR(HOUSE_PASSWORD)), -ERR_INVALID);
    assert_false(user_name_ok(STR("a\nb")));
    assert_false(user_name_ok(STR("   ")));
    assert_false(user_name_ok(STR("\xff")));
    assert_false(user_name_ok(STR("\xe2\x80\xae"
                                  "nimda"))); /* U+202E would show it as "admin" */
    /* somebody must be able to administer */
    u = h->people[HOUSE_ADMIN];
    u.role = USER_STAFF;
    assert_int_equal(user_update(h->store, &u), -ERR_CONFLICT);
    u.role = USER_ADMIN;
    u.blocked = true;
    assert_int_equal(user_update(h->store, &u), -ERR_CONFLICT);
    u = h->people[HOUSE_STAFF];
    u.role = USER_ADMIN;
    assert_int_equal(user_update(h->store, &u), 0);
    u = h->people[HOUSE_ADMIN];
    u.role = USER_STAFF;
    assert_int_equal(user_update(h->store, &u), 0);
    assert_int_equal(user_id_of(STR("u12")), 12);
    assert_int_equal(user_id_of(STR("u")), 0);
    assert_int_equal(user_id_of(STR("g12")), 0);
    assert_int_equal(user_id_of(STR("u-1")), 0);
}

static int setup(void **state) {
    static struct house h;
    house_open(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state) {
    house_close(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_and_wrong),
        cmocka_unit_test(test_only_a_hash_is_kept),
        cmocka_unit_test(test_guessing_is_braked),
        cmocka_unit_test(test_address_is_braked),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_accounts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
