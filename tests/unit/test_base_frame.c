/* frame: what is written parses back; what a child or tap must not be sent is refused. */
#include "media/base/err.h"
#include "media/base/frame.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const uint8_t rtp[FRAME_MAX] = {0x80, 96};

static struct frame sample(uint8_t kind, size_t payload) {
    return (struct frame){kind, FRAME_VIDEO, FRAME_H264, 3, 0xdeadbeef, -5000000000, 90000, {rtp, payload}};
}

static void round_trip(void **state) {
    (void)state;
    static const struct {
        uint8_t kind;
        size_t payload;
    } rows[] = {{FRAME_RTP, 12},
                {FRAME_RTP, FRAME_MAX - FRAME_HEAD},
                {FRAME_SR, 12},
                {FRAME_GONE, 0},
                {FRAME_KEYFRAME, 0}};
    for (size_t i = 0; i < countof(rows); i++) {
        uint8_t wire[FRAME_MAX];
        struct frame f = sample(rows[i].kind, rows[i].payload), got;
        int n = frame_write(&f, wire, sizeof wire);
        assert_int_equal(n, FRAME_HEAD + rows[i].payload);
        assert_int_equal(frame_parse(&got, (struct bytes){wire, (size_t)n}), 0);
        assert_int_equal(got.kind, f.kind);
        assert_int_equal(got.media, f.media);
        assert_int_equal(got.codec, f.codec);
        assert_int_equal(got.flags, f.flags);
        assert_int_equal(got.track, f.track);
        assert_true(got.arrival_us == f.arrival_us);
        assert_int_equal(got.clock_hz, f.clock_hz);
        assert_int_equal(got.payload.n, f.payload.n);
        if (got.payload.n)
            assert_memory_equal(got.payload.p, f.payload.p, f.payload.n);
        for (int cut = 0; cut < FRAME_HEAD; cut++)
            assert_int_equal(frame_parse(&got, (struct bytes){wire, (size_t)cut}), -ERR_SHORT);
    }
}

static void refuses(void **state) {
    (void)state;
    uint8_t wire[FRAME_MAX + 1] = {0};
    struct frame f = sample(FRAME_RTP, FRAME_MAX - FRAME_HEAD + 1), got;
    assert_int_equal(frame_write(&f, wire, sizeof wire), -ERR_TOO_LARGE);
    f.payload.n = 100;
    assert_int_equal(frame_write(&f, wire, FRAME_HEAD + 99), -ERR_TOO_LARGE);
    static const struct {
        uint8_t at, value;
        size_t payload;
    } rows[] = {
        {0, 0, 12},             /* unknown kind */
        {0, 17, 0},             /* unknown kind */
        {1, 3, 12},             /* unknown media */
        {1, 0, 12},             /* no media */
        {2, FRAME_AV1 + 1, 12}, /* unknown codec */
        {2, 0, 12},             /* no codec */
        {0, FRAME_RTP, 11},     /* shorter than an RTP header */
        {0, FRAME_SR, 11},
        {0, FRAME_SR, 13},
        {0, FRAME_GONE, 1},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        f = sample(FRAME_RTP, rows[i].payload);
        int n = frame_write(&f, wire, sizeof wire);
        wire[rows[i].at] = rows[i].value;
        if (frame_parse(&got, (struct bytes){wire, (size_t)n}) != -ERR_INVALID)
            fail_msg("row %zu accepted", i);
    }
    f = sample(FRAME_RTP, 12);
    f.clock_hz = 0;
    int n = frame_write(&f, wire, sizeof wire);
    assert_int_equal(frame_parse(&got, (struct bytes){wire, (size_t)n}), -ERR_INVALID);
    f = sample(FRAME_RTP, 12);
    frame_write(&f, wire, sizeof wire);
    assert_int_equal(frame_parse(&got, (struct bytes){wire, FRAME_MAX + 1}), -ERR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
