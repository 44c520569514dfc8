/* str: token readers, numbers, UTF-8; rd and wr cursors; buf and arena with their maxima. */
#include "media/base/arena.h"
#include "media/base/buf.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/base/rd.h"
#include "media/base/rnd.h"
#include "media/base/wr.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static void tokens(void **state) {
    (void)state;
    struct str s = STR("a=b;;c"), t;
    assert_true(str_until(&s, ';', &t) && str_is(t, "a=b"));
    assert_true(str_until(&t, '=', &t) == true);
    assert_true(str_until(&s, ';', &t) && t.n == 0);
    assert_true(str_until(&s, ';', &t) && str_is(t, "c"));
    assert_false(str_until(&s, ';', &t));

    s = STR("one\r\ntwo\n\nlast");
    assert_true(str_line(&s, &t) && str_is(t, "one"));
    assert_true(str_line(&s, &t) && str_is(t, "two"));
    assert_true(str_line(&s, &t) && t.n == 0);
    assert_true(str_line(&s, &t) && str_is(t, "last"));
    assert_false(str_line(&s, &t));

    s = STR("  m=audio \t 9  ");
    assert_true(str_word(&s, &t) && str_is(t, "m=audio"));
    assert_true(str_word(&s, &t) && str_is(t, "9"));
    assert_false(str_word(&s, &t));

    struct str none = {NULL, 0};
    assert_false(str_word(&none, &t) || str_line(&none, &t));
    assert_true(str_eq(none, STR("")) && str_starts(STR("x"), none) && str_trim(none).n == 0);
    assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
    assert_true(str_ieq(STR("Content-TYPE"), STR("content-type")) && !str_ieq(STR("a"), STR("ab")));
    assert_false(str_ieq(STR("@"), STR("`"))); /* only letters fold */
}

static void numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t max, value;
        bool ok;
    } rows[] = {
        {"0", 0, 0, true},
        {"1", 0, 0, false},
        {"65535", 65535, 65535, true},
        {"65536", 65535, 0, false},
        {"007", 7, 7, true},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, 0, false},
        {"99999999999999999999999", UINT64_MAX, 0, false},
        {"", 9, 0, false},
        {"-1", 9, 0, false},
        {"+1", 9, 0, false},
        {" 1", 9, 0, false},
        {"1x", 9, 0, false},
        {"9", 5, 0, false},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        uint64_t v = 4242;
        int got = str_u64(str_of(rows[i].text), rows[i].max, &v);
        if (got != (rows[i].ok ? 0 : -ERR_INVALID) || v != (rows[i].ok ? rows[i].value : 4242))
            fail_msg("\"%s\" <= %llu", rows[i].text, (unsigned long long)rows[i].max);
    }
}

static void utf8(void **state) {
    (void)state;
    static const char *const good[] = {"",
                                       "ascii",
                                       "їжак",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc3",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "a\xff",
                                      "\xe2\x82",
                                      "\xc3("};
    for (size_t i = 0; i < countof(good); i++)
        assert_true(str_utf8_ok(str_of(good[i])));
    for (size_t i = 0; i < countof(bad); i++)
        if (str_utf8_ok(str_of(bad[i])))
            fail_msg("bad row %zu accepted", i);
    assert_false(str_utf8_ok((struct str){"a\0b", 3}));
}

static void copies_fit_or_are_empty(void **state) {
    (void)state;
    char four[4] = "zzz";
    assert_true(STR_COPY(four, STR("abc")));
    assert_string_equal(four, "abc");
    assert_false(STR_COPY(four, STR("abcd")));
    assert_string_equal(four, "");
    assert_true(STR_COPY(four, ((struct str){NULL, 0})));
}

static void cursors_stick(void **state) {
    (void)state;
    uint8_t bytes[32];
    struct wr w = wr_init(bytes, sizeof bytes);
    wr_u8(&w, 1);
    wr_u16(&w, 0x0203);
    wr_u24(&w, 0x040506);
    wr_u32(&w, 0x0708090a);
    wr_u64(&w, 0x0b0c0d0e0f101112);
    wr_put(&w, "xy", 2);
    wr_zero(&w, 3);
    assert_false(w.bad);
    assert_int_equal(wr_len(&w), 23);
    wr_u64(&w, 1);
    wr_u16(&w, 1);
    assert_true(w.bad);
    wr_u8(&w, 1); /* would fit, but the cursor has failed */
    assert_int_equal(wr_len(&w), 31);

    struct rd r = rd_init(bytes, 23);
    assert_int_equal(rd_u8(&r), 1);
    assert_int_equal(rd_u16(&r), 0x0203);
    assert_int_equal(rd_u24(&r), 0x040506);
    assert_int_equal(rd_u32(&r), 0x0708090a);
    assert_true(rd_u64(&r) == 0x0b0c0d0e0f101112);
    struct rd inner = rd_sub(&r, 2);
    assert_int_equal(rd_u16(&inner), 'x' << 8 | 'y');
    assert_int_equal(rd_u8(&inner), 0);
    assert_true(inner.bad && !r.bad);
    assert_int_equal(rd_rest(&r).n, 3);
    assert_false(r.bad);
    assert_int_equal(rd_u32(&r), 0);
    assert_true(r.bad);
    assert_int_equal(rd_bytes(&r, 0).n, 0);
    rd_skip(&r, 1);
    inner = rd_sub(&r, 1);
    assert_true(inner.bad);

    struct rd none = rd_init(NULL, 0);
    assert_int_equal(rd_rest(&none).n, 0);
    assert_false(none.bad);
    assert_int_equal(rd_u64(&none), 0);
    assert_true(none.bad);
}

static void buf_keeps_its_maximum(void **state) {
    (void)state;
    struct buf b;
    size_t n = 0;
    buf_init(&b, 1000);
    assert_null(buf_take(&b, &n));
    for (int i = 0; i < 100; i++)
        buf_printf(&b, "%09d,", i);
    assert_false(b.over);
    assert_int_equal(b.n, 1000);
    assert_int_equal(strlen((char *)b.p), 1000);
    assert_true(b.cap <= 1001);
    buf_z(&b, "x");
    assert_true(b.over);
    assert_int_equal(b.n, 1000);
    buf_reset(&b);
    buf_str(&b, STR("fits"));
    assert_true(!b.over && str_is(buf_view(&b), "fits"));
    char *p = buf_take(&b, &n);
    assert_string_equal(p, "fits");
    assert_int_equal(n, 4);
    mem_free(p);
    assert_int_equal(b.n, 0);
    buf_put(&b, NULL, 0);
    buf_put(&b, "y", SIZE_MAX - 4);
    assert_true(b.over);
    assert_null(buf_take(&b, &n)); /* over: nothing to hand out */
    buf_fini(&b);
    buf_fini(&b);
}

static void arena_keeps_its_maximum(void **state) {
    (void)state;
    struct arena a;
    arena_init(&a, 100000);
    size_t taken = 0;
    for (size_t n = 0; n < 2000; n += 7) {
        uint8_t *p = arena_alloc(&a, n);
        if (!p)
            break;
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        if (n)
            memset(p, 0xff, n);
        taken += n;
    }
    assert_true(taken > 90000 && taken <= 100000 && a.used <= a.max);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 15));
    assert_null(arena_alloc(&a, 100001));
    arena_fini(&a);
    assert_string_equal(arena_printf(&a, "%s-%d", "room", 7), "room-7");
    assert_string_equal(arena_str(&a, STR("text")), "text");
    arena_fini(&a);
}

static void errors_have_rows(void **state) {
    (void)state;
    assert_int_equal(err_http(0), 200);
    assert_int_equal(err_http(-ERR_EXPIRED), 410);
    assert_string_equal(err_wire(ERR_FORGED), "denied");
    assert_string_equal(err_wire(-999), "internal");
    for (int e = 1; e < ERR_COUNT; e++)
        assert_true(err_http(e) >= 400 && err_http(e) < 600 && *err_text(-e));
}

static void ids_are_short_and_differ(void **state) {
    (void)state;
    char a[21], b[21];
    rnd_id(a, 20);
    rnd_id(b, 20);
    assert_int_equal(strlen(a), 20);
    assert_int_equal(strspn(a, "0123456789abcdefghjkmnpqrstvwxyz"), 20);
    assert_string_not_equal(a, b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),
        cmocka_unit_test(numbers),
        cmocka_unit_test(utf8),
        cmocka_unit_test(copies_fit_or_are_empty),
        cmocka_unit_test(cursors_stick),
        cmocka_unit_test(buf_keeps_its_maximum),
        cmocka_unit_test(arena_keeps_its_maximum),
        cmocka_unit_test(errors_have_rows),
        cmocka_unit_test(ids_are_short_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
