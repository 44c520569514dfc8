#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/gate.h"

static struct sockaddr_storage address(const char *text) {
    struct sockaddr_storage s = {0};
    struct sockaddr_in *a4 = (void *)&s;
    struct sockaddr_in6 *a6 = (void *)&s;
    if (inet_pton(AF_INET, text, &a4->sin_addr) == 1)
        s.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &a6->sin6_addr) == 1)
        s.ss_family = AF_INET6;
    return s;
}

static void names_one_line_as_one(void **state) {
    static const struct {
        const char *from, *name;
    } rows[] = {
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
        {"2001:db8:1:2:ffff::1", "2001:db8:1:2::"},
        {"::1", "::"},
        {"", "?"},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        char name[GATE_ADDR_MAX];
        struct sockaddr_storage s = address(rows[i].from);
        gate_name(name, (const struct sockaddr *)&s);
        assert_string_equal(name, rows[i].name);
    }
}

static void names_texts_alike(void **state) {
    static const char *const rows[][2] = {
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
        {"2001:db8:1:2:ffff::1", "2001:db8:1:2::"},
        {"2001:DB8:1:3::1", "2001:db8:1:3::"},
        {"::1", "::"},
        {"unknown", "unknown"},
        {"", ""},
    };
    char name[GATE_ADDR_MAX], longest[200];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gate_name_text(name, str_of(rows[i][0]));
        assert_string_equal(name, rows[i][1]);
    }
    memset(longest, 'x', sizeof longest);
    gate_name_text(name, (struct str){longest, sizeof longest});
    assert_int_equal(strlen(name), GATE_ADDR_MAX - 1);
}

static void who_is_on_this_machine(void **state) {
    static const struct {
        const char *ip, *forwarded;
        bool local;
    } rows[] = {
        {"127.0.0.1", "", true},
        {"127.8.9.10", "", true},
        {"::1", "", true},
        {"::ffff:127.0.0.1", "", true},
        {"128.0.0.1", "", false},
        {"192.0.2.7", "", false},
        {"::2", "", false},
        {"::", "", false},
        {"::ffff:192.0.2.7", "", false},
        {"2001:db8::7f00:1", "", false},
        {"127.0.0.1", "192.0.2.7", false}, /* a proxy on this machine */
        {"127.0.0.1", "127.0.0.1, 192.0.2.7", false},
        {"", "", false},
        {"127.0.0.1.example", "", false},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        if (gate_is_local(rows[i].ip, str_of(rows[i].forwarded)) != rows[i].local)
            fail_msg("row %zu: %s", i, rows[i].ip);
    }
}

static void a_stranger_takes_his_own_places_only(void **state) {
    struct gate g;
    struct gate_guest *v[GATE_FRESH_MAX];
    (void)state;
    gate_init(&g, 2 * GATE_SHARE * GATE_FRESH_MAX, false);
    for (size_t i = 0; i < countof(v); i++)
        assert_non_null(v[i] = gate_enter(&g, "192.0.2.1"));
    assert_false(gate_has_place(&g, "192.0.2.1"));
    assert_null(gate_enter(&g, "192.0.2.1"));
    struct gate_guest *other = gate_enter(&g, "192.0.2.2");
    assert_non_null(other);

    gate_spoke(v[0]); /* a request: the connection is none of the silent any more */
    gate_spoke(v[0]);
    struct gate_guest *one_more = gate_enter(&g, "192.0.2.1");
    assert_non_null(one_more);
    assert_null(gate_enter(&g, "192.0.2.1"));
    gate_leave(&g, v[1]);
    v[1] = gate_enter(&g, "192.0.2.1");
    assert_non_null(v[1]);

    for (size_t i = 0; i < countof(v); i++)
        gate_leave(&g, v[i]);
    gate_leave(&g, one_more);
    gate_leave(&g, other);
    gate_leave(&g, NULL);
    assert_int_equal(g.open, 0);
    assert_int_equal(g.by_addr.n, 0);
    gate_fini(&g);
}

static void slow_readers_are_counted_while_they_read(void **state) {
    struct gate g;
    static struct gate_guest *v[GATE_BUSY_MAX + 1];
    (void)state;
    gate_init(&g, GATE_SHARE * countof(v), false);
    for (size_t i = 0; i < countof(v); i++) {
        v[i] = gate_enter(&g, "192.0.2.1");
        gate_spoke(v[i]);
        assert_int_equal(gate_work(&g, v[i]), i < GATE_BUSY_MAX);
    }
    assert_true(gate_work(&g, v[0])); /* its next request while the first is answered is no other one */
    gate_rest(v[0]);
    gate_rest(v[0]);
    assert_true(gate_work(&g, v[GATE_BUSY_MAX]));
    assert_false(gate_work(&g, v[0]));
    gate_leave(&g, v[1]); /* gone in the middle of it */
    assert_true(gate_work(&g, v[0]));
    for (size_t i = 0; i < countof(v); i++)
        gate_leave(&g, i == 1 ? NULL : v[i]);
    assert_int_equal(g.by_addr.n, 0);
    gate_fini(&g);
}

static void few_places_are_shared(void **state) {
    enum { ALL = 40, SHARE = ALL / GATE_SHARE };
    struct gate g;
    struct gate_guest *v[SHARE];
    (void)state;
    gate_init(&g, ALL, false);
    for (size_t i = 0; i < SHARE; i++) {
        assert_non_null(v[i] = gate_enter(&g, "192.0.2.1"));
        gate_spoke(v[i]);
    }
    assert_null(gate_enter(&g, "192.0.2.1"));
    struct gate_guest *other = gate_enter(&g, "192.0.2.2");
    assert_non_null(other);
    for (size_t i = 0; i < SHARE; i++)
        gate_leave(&g, v[i]);
    gate_leave(&g, other);
    gate_fini(&g);
}

static void behind_a_proxy_only_the_whole_counts(void **state) {
    enum { ALL = GATE_BUSY_MAX + 10 };
    struct gate g;
    static struct gate_guest *v[ALL];
    (void)state;
    gate_init(&g, ALL, true);
    for (size_t i = 0; i < ALL; i++) {
        assert_non_null(v[i] = gate_enter(&g, "127.0.0.1"));
        assert_true(gate_work(&g, v[i]));
    }
    assert_null(gate_enter(&g, "127.0.0.1"));
    assert_null(gate_enter(&g, "192.0.2.2"));
    for (size_t i = 0; i < ALL; i++)
        gate_leave(&g, v[i]);
    gate_fini(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_one_line_as_one),
        cmocka_unit_test(names_texts_alike),
        cmocka_unit_test(who_is_on_this_machine),
        cmocka_unit_test(a_stranger_takes_his_own_places_only),
        cmocka_unit_test(slow_readers_are_counted_while_they_read),
        cmocka_unit_test(few_places_are_shared),
        cmocka_unit_test(behind_a_proxy_only_the_whole_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
