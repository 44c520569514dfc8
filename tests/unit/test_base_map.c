/* map and smap against an array model under random operations; limits; iteration with dropping. */
#include "media/base/err.h"
#include "media/base/map.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { KEYS = 500, MAX = 300, STEPS = 200000 };

static uint32_t step(uint32_t *x) { return *x = *x * 1664525u + 1013904223u, *x >> 8; }

static int values[KEYS];

static void map_is_its_model(void **state) {
    (void)state;
    struct map m;
    void *model[KEYS] = {0};
    size_t n = 0;
    uint32_t x = 1;
    map_init(&m, MAX);
    assert_null(map_get(&m, 0));
    for (int i = 0; i < STEPS; i++) {
        unsigned k = step(&x) % KEYS;
        /* Phases of growth and of shrinking, so tombstones gather and get cleaned. */
        bool put = step(&x) % 10 < ((i / 20000) % 2 ? 3u : 7u);
        uint64_t key = (uint64_t)k << 32;
        if (put) {
            void *v = &values[step(&x) % KEYS];
            int want = !model[k] && n == MAX ? -ERR_FULL : 0;
            assert_int_equal(map_put(&m, key, v), want);
            n += !want && !model[k];
            model[k] = want ? model[k] : v;
        } else {
            assert_ptr_equal(map_drop(&m, key), model[k]);
            n -= model[k] != NULL;
            model[k] = NULL;
        }
        assert_int_equal(m.n, n);
        unsigned other = step(&x) % KEYS;
        assert_ptr_equal(map_get(&m, (uint64_t)other << 32), model[other]);
        assert_true(m.cap <= 1024);
    }
    size_t seen = 0, it = 0;
    uint64_t key;
    for (void *v; (v = map_next(&m, &it, &key)); seen++)
        assert_ptr_equal(v, model[key >> 32]);
    assert_int_equal(seen, n);
    map_fini(&m);
}

static void smap_is_its_model(void **state) {
    (void)state;
    struct smap m;
    void *model[KEYS] = {0};
    size_t n = 0;
    uint32_t x = 2;
    smap_init(&m, MAX);
    for (int i = 0; i < STEPS; i++) {
        char text[SMAP_KEY_MAX + 1];
        unsigned k = step(&x) % KEYS;
        /* Lengths on both sides of the hash's eight-byte words. */
        int len = snprintf(text, sizeof text, "%u%.*s", k, (int)(k % 20), "abcdefghijklmnopqrst");
        struct str key = {text, (size_t)len};
        if (step(&x) % 10 < ((i / 20000) % 2 ? 3u : 7u)) {
            void *v = &values[step(&x) % KEYS];
            int want = !model[k] && n == MAX ? -ERR_FULL : 0;
            assert_int_equal(smap_put(&m, key, v), want);
            n += !want && !model[k];
            model[k] = want ? model[k] : v;
        } else {
            assert_ptr_equal(smap_drop(&m, key), model[k]);
            n -= model[k] != NULL;
            model[k] = NULL;
        }
        assert_int_equal(m.n, n);
        assert_ptr_equal(smap_get(&m, key), model[k]);
    }
    size_t seen = 0, it = 0;
    struct str key;
    while (smap_next(&m, &it, &key))
        seen++;
    assert_int_equal(seen, n);
    smap_fini(&m);
}

static void refuses(void **state) {
    (void)state;
    struct smap s;
    struct map m;
    char longest[SMAP_KEY_MAX + 1];
    memset(longest, 'k', sizeof longest);
    smap_init(&s, 10);
    assert_int_equal(smap_put(&s, (struct str){longest, SMAP_KEY_MAX + 1}, &s), -ERR_TOO_LARGE);
    assert_int_equal(smap_put(&s, (struct str){longest, SMAP_KEY_MAX}, &s), 0);
    assert_null(smap_get(&s, (struct str){longest, SMAP_KEY_MAX + 1}));
    assert_ptr_equal(smap_get(&s, (struct str){longest, SMAP_KEY_MAX}), &s);
    assert_int_equal(smap_put(&s, STR(""), &m), 0);
    assert_ptr_equal(smap_get(&s, (struct str){NULL, 0}), &m);
    assert_int_equal(smap_put(&s, STR("x"), NULL), -ERR_INVALID);
    smap_fini(&s);
    map_init(&m, 0);
    assert_int_equal(map_put(&m, 1, &m), -ERR_FULL);
    assert_int_equal(map_put(&m, 1, NULL), -ERR_INVALID);
    assert_null(map_drop(&m, 1));
    map_fini(&m);
}

static void drops_while_iterating(void **state) {
    (void)state;
    struct map m;
    map_init(&m, 1000);
    for (uint64_t k = 0; k < 1000; k++)
        assert_int_equal(map_put(&m, k, &values[k % KEYS]), 0);
    size_t it = 0, dropped = 0;
    uint64_t key;
    while (map_next(&m, &it, &key))
        if (key % 3)
            dropped += map_drop(&m, key) != NULL;
    assert_int_equal(dropped, 666);
    assert_int_equal(m.n, 334);
    it = 0;
    while (map_next(&m, &it, &key))
        assert_int_equal(key % 3, 0);
    map_fini(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_is_its_model),
        cmocka_unit_test(smap_is_its_model),
        cmocka_unit_test(refuses),
        cmocka_unit_test(drops_while_iterating),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
