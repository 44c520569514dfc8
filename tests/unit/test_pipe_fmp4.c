/* fmp4 writes, box reads: what was written is read back; a torn file gives its whole parts and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/pipeline/box.h"

static const uint8_t avcc[] = {1,    0x42, 0xe0, 0x1f, 0xff, 0xe1, 0,    4,   0x67,
                               0x42, 0xe0, 0x1f, 1,    0,    2,    0x68, 0xce};

static void put_part(struct buf *b, enum fmp4_kind kind, uint32_t seq, uint64_t tfdt, size_t n) {
    struct fmp4_sample v[64] = {0};
    for (size_t i = 0; i < n; i++)
        v[i] = (struct fmp4_sample){.dur = 3000 + (uint32_t)i, .size = 10 + (uint32_t)i, .sync = i % 4 == 0};
    fmp4_part(b, kind, seq, tfdt, v, n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < v[i].size; k++)
            buf_put(b, &(uint8_t){(uint8_t)(seq + i)}, 1);
}
static void test_init(void **state) {
    (void)state;
    struct fmp4_track cases[] = {
        {FMP4_VIDEO, 90000, 1280, 720, {avcc, sizeof avcc}, STR("camera"), NULL, false},
        {FMP4_VIDEO, 90000, 2, 2, {avcc, sizeof avcc}, STR(""), NULL, false},
        {FMP4_AUDIO, 48000, 0, 0, {(const uint8_t *)"\x11\x90", 2}, STR("audio"), NULL, false},
    };
    for (size_t i = 0; i < countof(cases); i++) {
        struct buf b;
        struct fmp4_track t;
        buf_init(&b, FMP4_INIT_MAX);
        fmp4_init(&b, &cases[i]);
        assert_int_equal(box_init(&t, (struct bytes){b.p, b.n}), 0);
        assert_int_equal(t.kind, cases[i].kind);
        assert_int_equal(t.timescale, cases[i].timescale);
        assert_int_equal(t.width, cases[i].width);
        assert_int_equal(t.height, cases[i].height);
        assert_true(str_eq(t.name, cases[i].name));
        assert_int_equal(t.config.n, cases[i].config.n);
        assert_memory_equal(t.config.p, cases[i].config.p, t.config.n);
        for (size_t n = 0; n < b.n; n++) /* cut anywhere: an error, never more */
            assert_int_not_equal(box_init(&t, (struct bytes){b.p, n}), 0);
        buf_fini(&b);
    }
}
static void test_parts(void **state) {
    (void)state;
    struct buf b;
    struct box_part p;
    struct fmp4_sample s;
    size_t off = 0, ends[4] = {0};
    buf_init(&b, 1 << 20);
    fmp4_segment_type(&b);
    ends[0] = 0;
    for (uint32_t i = 1; i <= 3; i++) {
        put_part(&b, FMP4_VIDEO, i, i * UINT64_C(5000000000), 5 * i);
        ends[i] = b.n;
    }
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(box_part(&p, (struct bytes){b.p, b.n}, &off), 0);
        assert_int_equal(off, ends[i]);
        assert_int_equal(p.end, ends[i]);
        assert_int_equal(p.tfdt, i * UINT64_C(5000000000));
        assert_int_equal(p.n, 5 * i);
        uint64_t dur = 0;
        const uint8_t *data = b.p + p.data;
        for (uint32_t k = 0; k < p.n; k++) {
            assert_true(box_sample(&p, &s));
            assert_int_equal(s.size, 10 + k);
            assert_int_equal(s.sync, k % 4 == 0);
            assert_int_equal(data[0], (uint8_t)(i + k));
            data += s.size;
            dur += s.dur;
        }
        assert_false(box_sample(&p, &s));
        assert_int_equal(dur, p.dur);
        const uint8_t *last = b.p + p.last_dur;
        assert_int_equal(last[2] << 8 | last[3], 3000 + p.n - 1);
    }
    assert_int_equal(box_part(&p, (struct bytes){b.p, b.n}, &off), -ERR_MISSING);
    /* torn after any byte: the whole parts in front of it, then an end */
    for (size_t n = 0; n < b.n; n++) {
        size_t whole = 0, expect = 0;
        int err;
        off = 0;
        while (!(err = box_part(&p, (struct bytes){b.p, n}, &off)))
            whole++;
        while (expect < 3 && ends[expect + 1] <= n)
            expect++;
        assert_int_equal(whole, expect);
        assert_int_equal(off, ends[expect]);
        assert_true(err == -ERR_SHORT || err == -ERR_MISSING);
    }
    buf_fini(&b);
}
/* Zeros behind the parts, as a file system leaves them after a power cut, are not a part. */
static void test_zero_tail(void **state) {
    (void)state;
    struct buf b;
    struct box_part p;
    size_t off = 0;
    buf_init(&b, 1 << 16);
    put_part(&b, FMP4_AUDIO, 1, 0, 12);
    size_t end = b.n;
    box_zero(&b, 5000);
    assert_int_equal(box_part(&p, (struct bytes){b.p, b.n}, &off), 0);
    assert_int_not_equal(box_part(&p, (struct bytes){b.p, b.n}, &off), 0);
    assert_int_equal(off, end);
    buf_fini(&b);
}
static void test_lies(void **state) {
    (void)state;
    struct buf b;
    struct box_part p;
    buf_init(&b, 1 << 16);
    put_part(&b, FMP4_VIDEO, 1, 0, 4);
    for (size_t i = 0; i < b.n; i++) /* any byte changed: accepted or refused, never read past the end */
        for (int bit = 0; bit < 8; bit++) {
            size_t off = 0;
            b.p[i] ^= (uint8_t)(1 << bit);
            if (!box_part(&p, (struct bytes){b.p, b.n}, &off))
                assert_true(p.data <= p.end && p.end <= b.n);
            b.p[i] ^= (uint8_t)(1 << bit);
        }
    buf_fini(&b);
}
int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_init), cmocka_unit_test(test_parts),
                                       cmocka_unit_test(test_zero_tail), cmocka_unit_test(test_lies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
