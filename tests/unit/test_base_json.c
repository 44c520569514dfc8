/* json: bounded parsing, total accessors, ownership, output bounded by the buffer. */
#include "media/base/err.h"
#include "media/base/json.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void check_written(const struct json *j, const char *want) {
    struct buf b;
    buf_init(&b, 4096);
    json_write(j, &b);
    assert_false(b.over);
    assert_string_equal((char *)b.p, want);
    buf_fini(&b);
}

static void builds_and_writes(void **state) {
    (void)state;
    struct json *o = json_object(), *list = json_array();
    json_add_str(list, STR("a\"b"));
    json_add_int(list, -7);
    json_set(o, "list", list);
    json_set_z(o, "z", "Привіт");
    json_set_int(o, "big", INT64_MAX);
    json_set_real(o, "half", 0.5);
    json_set_real(o, "nan", NAN);
    json_set_bool(o, "yes", true);
    json_set_null(o, "none");
    json_set_str(o, "bad", STR("\xff\xfe"));
    check_written(o, "{\"list\":[\"a\\\"b\",-7],\"z\":\"Привіт\",\"big\":9223372036854775807,\"half\":0.5,"
                     "\"nan\":null,\"yes\":true,\"none\":null,\"bad\":\"\"}");
    struct json *copy = json_clone(o);
    json_set_int(json_get(copy, "list"), "not an object", 1);
    json_add_int(json_get(copy, "list"), 3);
    assert_int_equal(json_len(json_get(o, "list")), 2);
    assert_int_equal(json_len(json_get(copy, "list")), 3);
    json_free(copy);
    json_free(o);
}

static void refuses_what_is_not_bounded_json(void **state) {
    (void)state;
    static const char *const bad[] = {"",         " ",     "{",  "{\"a\":1,\"a\":2}", "[1,]", "\"\\u0000\"",
                                      "\"\xff\"", "{} {}", "nul"};
    for (size_t i = 0; i < countof(bad); i++) {
        struct json *j = (struct json *)&bad;
        if (json_parse(&j, str_of(bad[i])) != -ERR_INVALID)
            fail_msg("accepted: %s", bad[i]);
        assert_ptr_equal(j, &bad);
    }
}

static void depth_is_bounded(void **state) {
    (void)state;
    char text[2 * JSON_DEPTH_MAX + 3];
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        struct json *j = NULL;
        assert_int_equal(json_parse(&j, (struct str){text, 2 * (size_t)depth}),
                         depth <= JSON_DEPTH_MAX ? 0 : -ERR_INVALID);
        json_free(j);
    }
    struct json *quoted = NULL; /* brackets within text are text */
    assert_int_equal(json_parse(&quoted, STR("\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"")), 0);
    json_free(quoted);
}

static void accessors_are_total(void **state) {
    (void)state;
    struct json *j;
    assert_int_equal(json_parse(&j, STR("{\"s\":\"x\",\"i\":3,\"r\":1.5,\"b\":false,\"n\":null,\"a\":[1]}")),
                     0);
    struct str s = STR("kept");
    int64_t i = 42;
    bool b = true;
    assert_false(json_get_str(j, "i", &s) || json_get_str(j, "n", &s) || json_get_str(j, "absent", &s));
    assert_false(json_get_int(j, "s", &i) || json_get_int(j, "r", &i) || json_get_int(NULL, "i", &i));
    assert_false(json_get_bool(j, "i", &b) || json_get_bool(json_get(j, "a"), "b", &b));
    assert_true(str_is(s, "kept") && i == 42 && b);
    assert_true(json_get_str(j, "s", &s) && str_is(s, "x"));
    assert_true(json_get_int(j, "i", &i) && i == 3);
    assert_true(json_get_bool(j, "b", &b) && !b);
    assert_null(json_at(json_get(j, "a"), 1));
    assert_null(json_at(j, 0));
    assert_int_equal(json_len(j), 0);
    assert_true(json_is_object(j) && json_is_array(json_get(j, "a")) && !json_is_object(NULL));
    json_free(j);
    json_free(NULL);
}

static void members_come_in_order(void **state) {
    (void)state;
    struct json *j, *v;
    assert_int_equal(json_parse(&j, STR("{\"c\":1,\"a\":2,\"b\":3}")), 0);
    char keys[8] = "";
    struct str key;
    int64_t sum = 0, one;
    for (void *it = NULL; json_each(j, &it, &key, &v);) {
        strncat(keys, key.p, key.n);
        assert_true(json_int(v, &one));
        sum = sum * 10 + one;
    }
    assert_string_equal(keys, "cab");
    assert_int_equal(sum, 123);
    json_free(j);
}

static void output_is_bounded(void **state) {
    (void)state;
    struct json *arr = json_array();
    for (int i = 0; i < 100; i++)
        json_add_int(arr, i);
    struct buf b;
    buf_init(&b, 50);
    json_write(arr, &b);
    assert_true(b.over && b.n <= 50);
    buf_fini(&b);
    json_free(arr);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_and_writes),     cmocka_unit_test(refuses_what_is_not_bounded_json),
        cmocka_unit_test(depth_is_bounded),      cmocka_unit_test(accessors_are_total),
        cmocka_unit_test(members_come_in_order), cmocka_unit_test(output_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
