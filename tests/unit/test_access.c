/* Who may do what: the whole matrix in one table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/catalogue/access.h"

enum who {
    STRANGER,
    GUEST_CAME,
    GUEST_BANNED,
    LEARNER,
    CAME,
    BANNED,
    NAMED,
    NAMED_SPEAKER,
    TEACHER,
    STAFF,
    ADMIN,
    HOST,
    WHO_COUNT
};

static struct access_facts facts_of(enum who who) {
    struct access_facts f = {.named = ACCESS_NOBODY, .code = ACCESS_NOBODY, .granted = ACCESS_NOBODY};
    f.user = who == STRANGER || who == GUEST_CAME || who == GUEST_BANNED ? 0 : 7;
    f.user_role = who == STAFF                    ? USER_STAFF
                  : who == ADMIN                  ? USER_ADMIN
                  : who == TEACHER || who == HOST ? USER_TEACHER
                                                  : USER_LEARNER;
    f.is_host = who == HOST;
    f.came = who == GUEST_CAME || who == GUEST_BANNED || who == CAME || who == BANNED;
    f.banned = who == GUEST_BANNED || who == BANNED;
    f.named = who == NAMED ? ROLE_ATTENDEE : who == NAMED_SPEAKER ? ROLE_SPEAKER : ACCESS_NOBODY;
    return f;
}

/* Columns: who, in the order of the enum. May join as a: attendee, s: speaker, c: cohost, h: host; x: sees it
 * but may not join; . does not see it. */
// clang-format off
static const struct {
    enum access_join join;
    const char *may;
} joining[] = {
    /*              SGbLCBNnTsAH */
    {JOIN_PUBLIC,  "aaxaaxasacch"},
    {JOIN_LINK,    "aaxaaxasacch"},
    {JOIN_MEMBERS, ".xxaaxasacch"},
    {JOIN_LIST,    ".xx.xxas.cch"},
};
// clang-format on

static void test_joining(void **state) {
    (void)state;
    static const char letters[ROLE_COUNT] = {'a', 's', 'c', 'h'};
    for (size_t i = 0; i < countof(joining); i++)
        for (int who = 0; who < WHO_COUNT; who++) {
            struct access_facts f = facts_of((enum who)who);
            f.join = joining[i].join;
            for (int life = 0; life < LIFE_COUNT; life++) {
                f.life = (enum life)life;
                struct access a = access_of(&f);
                char want = joining[i].may[who];
                char got = a.join ? letters[a.role] : a.see ? 'x' : '.';
                if (life == LIFE_ENDED && want != '.')
                    want = 'x';
                if (got != want)
                    fail_msg("join %s, who %d, life %d: %c, not %c", access_join_name(f.join), who, life, got,
                             want);
            }
        }
}

// clang-format off
static const struct {
    enum access_watch watch;
    bool live;
    const char *may; /* w: watches */
} watching[] = {
    /*                        SGbLCBNnTsAH */
    {WATCH_PRIVATE,  false, ".w..w.ww.www"},
    {WATCH_UNLISTED, false, "ww.ww.wwwwww"},
    {WATCH_PUBLIC,   false, "ww.ww.wwwwww"},
    {WATCH_PRIVATE,  true,  ".w..w.ww.www"},
    {WATCH_UNLISTED, true,  ".w..w.ww.www"}, /* a live recording is for those who are in the room */
    {WATCH_PUBLIC,   true,  ".w..w.ww.www"},
};
// clang-format on

static void test_watching(void **state) {
    (void)state;
    for (size_t i = 0; i < countof(watching); i++)
        for (int who = 0; who < WHO_COUNT; who++)
            for (int join = 0; join < JOIN_COUNT; join++) {
                struct access_facts f = facts_of((enum who)who);
                f.join = (enum access_join)join;
                f.watch = watching[i].watch;
                f.live = watching[i].live;
                f.life = f.live ? LIFE_OPEN : LIFE_ENDED;
                assert_false(access_of(&f).watch); /* nothing is recorded */
                f.recorded = true;
                struct access a = access_of(&f);
                if (a.watch != (watching[i].may[who] == 'w'))
                    fail_msg("watch %s live %d, who %d: %d", access_watch_name(f.watch), f.live, who,
                             a.watch);
                assert_true(!a.watch || a.see);
            }
}

static void test_editing(void **state) {
    (void)state;
    static const char may[] = ".........eee";
    for (int who = 0; who < WHO_COUNT; who++) {
        struct access_facts f = facts_of((enum who)who);
        f.life = LIFE_OPEN;
        struct access a = access_of(&f);
        assert_int_equal(a.edit, may[who] == 'e');
        assert_int_equal(a.may_end, may[who] == 'e');
        f.life = LIFE_SCHEDULED;
        assert_false(access_of(&f).may_end);
    }
}

static void test_codes(void **state) {
    (void)state;
    struct access_facts f = facts_of(STRANGER);
    f.join = JOIN_LIST;
    f.code = ROLE_SPEAKER;
    struct access a = access_of(&f);
    assert_true(a.join && a.see && !a.edit);
    assert_int_equal(a.role, ROLE_SPEAKER);
    /* a code lowers nobody, and lets no banned one back */
    f = facts_of(HOST);
    f.code = ROLE_ATTENDEE;
    assert_int_equal(access_of(&f).role, ROLE_HOST);
    f = facts_of(GUEST_BANNED);
    f.code = ROLE_COHOST;
    assert_false(access_of(&f).join);
}

static void test_signing_in_helps(void **state) {
    (void)state;
    struct access_facts f = facts_of(STRANGER);
    f.join = JOIN_MEMBERS;
    assert_true(access_of(&f).needs_signin);
    f.join = JOIN_LIST; /* would tell that it exists */
    assert_false(access_of(&f).needs_signin);
    f.join = JOIN_PUBLIC;
    assert_false(access_of(&f).needs_signin);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joining),          cmocka_unit_test(test_watching),
        cmocka_unit_test(test_editing),          cmocka_unit_test(test_codes),
        cmocka_unit_test(test_signing_in_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
