#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "server/store/query.h"

static void path_in(char dst[256], const struct house *h, const char *name) {
    snprintf(dst, 256, "%s/%s", h->dir, name);
}

static void test_every_statement_prepares(void **state) {
    (void)state;
    struct store *s;
    assert_int_equal(store_open(&s, ":memory:", false), 0);
    for (int i = 0; i < Q_COUNT; i++) {
        /* Stepped without its parameters a statement refuses; one that does not even prepare says the same,
         * so count the parameters by putting until it agrees. */
        bool prepared = false;
        for (int params = 0; params <= 20 && !prepared; params++) {
            assert_int_equal(store_begin(s), 0);
            struct query *q = query_begin(s, (enum query_name)i);
            for (int p = 0; p < params; p++)
                query_put_int(q, 0);
            int rc = query_row(q);
            prepared = rc >= 0 || rc == -ERR_CONFLICT;
            query_done(q);
            store_rollback(s);
        }
        if (!prepared)
            fail_msg("statement %d does not run", i);
    }
    store_close(s);
}

static void test_two_connections_migrate_once(void **state) {
    struct house *h = *state;
    struct store *a, *b;
    char path[256];
    path_in(path, h, "second.db");
    assert_int_equal(store_version(path), -ERR_MISSING);
    assert_int_equal(store_open(&a, path, true), 0);
    assert_int_equal(store_open(&b, path, false), 0);
    assert_int_equal(store_version(path), STORE_SCHEMA_VERSION);
    char text[64];
    assert_int_equal(store_check(b, text, sizeof text), 0);
    assert_string_equal(text, "ok");
    store_close(a);
    store_close(b);
}

static void test_newer_schema_is_refused(void **state) {
    struct house *h = *state;
    char path[256], cmd[400];
    path_in(path, h, "newer.db");
    struct store *s;
    assert_int_equal(store_open(&s, path, false), 0);
    store_close(s);
    /* user_version is a big-endian number at byte 60 of the file (SQLite file format 1.3) */
    snprintf(cmd, sizeof cmd,
             "printf '\\000\\000\\003\\347' | dd of=%s bs=1 seek=60 conv=notrunc status=none", path);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(store_version(path), 999);
    assert_int_equal(store_open(&s, path, false), -ERR_UNSUPPORTED);
}

static void test_rollback_leaves_nothing(void **state) {
    struct house *h = *state;
    struct user u = {.name = "Х", .email = "x@example.org", .created_at = 1}, found;
    assert_int_equal(store_begin(h->store), 0);
    assert_int_equal(user_add(h->store, &u, STR(HOUSE_PASSWORD)), 0);
    store_rollback(h->store);
    assert_int_equal(user_by_email(h->store, STR("x@example.org"), &found), -ERR_MISSING);
}

static void test_backup_is_a_database(void **state) {
    struct house *h = *state;
    struct store *s;
    struct user u;
    char path[256];
    path_in(path, h, "backup.db");
    assert_int_equal(store_backup(h->store, path), 0);
    assert_int_equal(store_open(&s, path, false), 0);
    assert_int_equal(user_by_email(s, STR("teacher@example.org"), &u), 0);
    store_close(s);
}

static void test_datadir(void **state) {
    struct house *h = *state;
    struct datadir a, b;
    char sentence[DATADIR_SENTENCE_MAX], dir[256], path[DATADIR_PATH_MAX + 64];
    path_in(dir, h, "data");
    assert_int_equal(datadir_open(&a, dir, true, sentence), 0);
    assert_true(a.fresh);
    /* the same key for everybody, and one server only */
    assert_int_equal(datadir_open(&b, dir, false, sentence), 0);
    assert_memory_equal(a.key, b.key, sizeof a.key);
    datadir_close(&b);
    assert_int_equal(datadir_open(&b, dir, true, sentence), -ERR_CONFLICT);
    assert_non_null(strstr(sentence, "Another server"));
    struct stat st;
    snprintf(path, sizeof path, "%s/secret.key", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(a.db, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    datadir_close(&a);

    struct store *s;
    assert_int_equal(store_open(&s, a.db, false), 0);
    store_close(s);
    assert_int_equal(datadir_open(&a, dir, true, sentence), 0);
    assert_false(a.fresh);
    static const char *const bad[] = {"",  "..",  "../x", "a/b",
                                      "A", "a b", "ы",    "abcdefghijabcdefghijabcdefghijabc"};
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(datadir_rec(a.path, bad[i], path), -ERR_INVALID);
    assert_int_equal(datadir_rec(a.path, "abc123", path), 0);
    assert_non_null(strstr(path, "/rec/abc123"));
    datadir_close(&a);
    assert_int_equal(datadir_open(&a, "/proc/nothing/here", false, sentence), -ERR_IO);
    assert_true(sentence[0]);
}

static void test_damaged_key_is_said(void **state) {
    struct house *h = *state;
    struct datadir d;
    char sentence[DATADIR_SENTENCE_MAX], path[256];
    path_in(path, h, "secret.key");
    assert_int_equal(truncate(path, 7), 0);
    assert_int_equal(datadir_open(&d, h->dir, false, sentence), -ERR_IO);
    assert_non_null(strstr(sentence, "damaged"));
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
        cmocka_unit_test(test_every_statement_prepares), cmocka_unit_test(test_two_connections_migrate_once),
        cmocka_unit_test(test_newer_schema_is_refused),  cmocka_unit_test(test_rollback_leaves_nothing),
        cmocka_unit_test(test_backup_is_a_database),     cmocka_unit_test(test_datadir),
        cmocka_unit_test(test_damaged_key_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
