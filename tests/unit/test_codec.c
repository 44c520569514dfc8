/* codec, codec_vp8, codec_h264: descriptors, key frames, picture sizes out of real parameter sets, rewriting.
 */
#include "media/rtc/codec.h"
#include "media/base/err.h"
#include "media/rtc/codec_h264.h"
#include "media/rtc/codec_vp8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define BYTES(...) ((struct bytes){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
/* Frame tag of a key frame (P = 0), start code, 640 and 360 with scale bits set. */
#define VP8_KEY 0x50, 0x01, 0x02, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0x81

static void vp8_descriptors(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint8_t b[24];
        size_t n;
        int err;
        bool start, key, tl0;
        uint8_t head, pid_bits, tid;
        uint16_t pid;
    } rows[] = {
        {"no extension, key", {0x10, VP8_KEY}, 11, 0, true, true, false, 1, 0, 0, 0},
        {"no extension, delta", {0x10, 0x51}, 2, 0, true, false, false, 1, 0, 0, 0},
        {"not the first packet", {0x00, 0x50}, 2, 0, false, false, false, 1, 0, 0, 0},
        {"second partition", {0x11, 0x50}, 2, 0, false, false, false, 1, 0, 0, 0},
        {"7 bits", {0x90, 0x80, 0x45, 0x51}, 4, 0, true, false, false, 3, 7, 0, 0x45},
        {"15 bits", {0x90, 0x80, 0xc5, 0x67, 0x51}, 5, 0, true, false, false, 4, 15, 0, 0x4567},
        {"all of it",
         {0x90, 0xf0, 0xff, 0xff, 0x12, 0x9f, VP8_KEY},
         16,
         0,
         true,
         true,
         true,
         6,
         15,
         2,
         0x7fff},
        {"keyidx only", {0x90, 0x10, 0xdf, 0x51}, 4, 0, true, false, false, 3, 0, 0, 0},
        {"empty", {0}, 0, -ERR_SHORT, false, false, false, 0, 0, 0, 0},
        {"descriptor and nothing", {0x10}, 1, -ERR_SHORT, false, false, false, 0, 0, 0, 0},
        {"picture id cut", {0x90, 0x80, 0xc5}, 3, -ERR_SHORT, false, false, false, 0, 0, 0, 0},
        {"key frame cut", {0x10, VP8_KEY}, 10, -ERR_SHORT, false, false, false, 0, 0, 0, 0},
        {"bad start code",
         {0x10, 0x50, 1, 2, 0x9d, 1, 0x2b, 0, 0, 0, 0},
         11,
         -ERR_INVALID,
         false,
         false,
         false,
         0,
         0,
         0,
         0},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct codec_vp8 v;
        int err = codec_vp8_parse(&v, (struct bytes){rows[i].b, rows[i].n});
        if (err != rows[i].err || v.start != rows[i].start || v.keyframe != rows[i].key ||
            v.ids.has_tl0 != rows[i].tl0 || v.head_bytes != rows[i].head ||
            v.ids.pid_bits != rows[i].pid_bits || v.tid != rows[i].tid || v.ids.pid != rows[i].pid)
            fail_msg("%s: err %d", rows[i].what, err);
        if (v.keyframe) {
            assert_int_equal(v.width, 640);
            assert_int_equal(v.height, 360);
        }
    }
}

static void vp8_patch_keeps_the_rest(void **state) {
    (void)state;
    static const uint8_t pid7[] = {0x90, 0x80, 0x45, 0x51, 9},
                         pid15[] = {0x90, 0xe0, 0x80, 0x01, 7, 0x40, 0x51, 9}, none[] = {0x10, 0x51, 9};
    const struct bytes rows[] = {{pid7, sizeof pid7}, {pid15, sizeof pid15}, {none, sizeof none}};
    for (size_t i = 0; i < countof(rows); i++) {
        struct codec_vp8 v, again;
        uint8_t copy[16];
        memcpy(copy, rows[i].p, rows[i].n);
        assert_int_equal(codec_vp8_parse(&v, rows[i]), 0);
        assert_int_equal(codec_ids_patch(copy, rows[i].n, &v.ids, 0x7fff, 0xab), 0);
        assert_int_equal(codec_vp8_parse(&again, (struct bytes){copy, rows[i].n}), 0);
        assert_int_equal(again.ids.pid, v.ids.pid_bits == 15 ? 0x7fff : v.ids.pid_bits ? 0x7f : 0);
        assert_int_equal(again.ids.pid_bits, v.ids.pid_bits);
        assert_int_equal(again.ids.tl0, v.ids.has_tl0 ? 0xab : 0);
        assert_int_equal(again.tid, v.tid);
        assert_int_equal(codec_ids_patch(copy, rows[i].n, &v.ids, v.ids.pid, v.ids.tl0), 0);
        assert_memory_equal(copy, rows[i].p, rows[i].n);
        assert_int_equal(codec_ids_patch(copy, v.head_bytes - 1u, &v.ids, 1, 1), -ERR_SHORT);
    }
}

/* x264's parameter sets for these pictures. */
static const struct {
    const char *hex;
    uint16_t width, height;
} sps_rows[] = {
    {"6742c01ed900a02ff97016a0c0c0d4a0000003002000000791e2c5c9", 640, 360},       /* constrained baseline */
    {"674d4028eca03c0113f2e02d40404050000003001000000303c8f1831960", 1920, 1080}, /* main, cropped */
    {"6764001facd9405005bb016a02020280000003008000001e478c18cb", 1280, 720},      /* high */
    {"67f4001f919b281b07bc5f80b506060640000003004000000f23c60c6580", 854, 480},   /* 4:4:4 */
    {"677a000dbcd9415087888fc05a83030320000003002000000791e28532c0", 322, 242},   /* 4:2:2 */
    {"674d4028eca03c0227ef016a02020280000003008000001e4f8b16cb", 1920, 1080},     /* interlaced */
    {"67640014acd947278888c05a8303035280000003008000001e478a14cb", 98, 50},       /* scaling matrices */
    {"6742c00d8c8d40a8cb34d00f08846a", 326, 182},                                 /* OpenH264 */
};

static size_t unhex(const char *hex, uint8_t *dst) {
    size_t n = 0;
    for (unsigned v; sscanf(hex + 2 * n, "%2x", &v) == 1; n++)
        dst[n] = (uint8_t)v;
    return n;
}

static void h264_sizes(void **state) {
    (void)state;
    for (size_t i = 0; i < countof(sps_rows); i++) {
        uint8_t b[64];
        uint16_t w, h;
        size_t n = unhex(sps_rows[i].hex, b);
        assert_int_equal(codec_h264_sps((struct bytes){b, n}, &w, &h), 0);
        if (w != sps_rows[i].width || h != sps_rows[i].height)
            fail_msg("row %zu: %ux%u", i, w, h);
        /* Cut anywhere: an answer, and no size unless enough was there. */
        for (size_t k = 0; k < n; k++)
            if (codec_h264_sps((struct bytes){b, k}, &w, &h))
                assert_true(w == 0 && h == 0);
        assert_int_equal(codec_h264_sps((struct bytes){b, 6}, &w, &h), -ERR_SHORT);
    }
    uint16_t w, h;
    assert_int_equal(codec_h264_sps(BYTES(0x68, 1, 2, 3, 4, 5), &w, &h), -ERR_UNSUPPORTED);
    /* A side of 2^25 macroblocks; then 32 leading zeros. */
    assert_int_equal(codec_h264_sps(BYTES(0x67, 66, 0, 30, 0xf8, 0, 0, 1, 0, 0, 0, 0x70), &w, &h),
                     -ERR_INVALID);
    assert_int_equal(codec_h264_sps(BYTES(0x67, 66, 0, 30, 0, 0, 0, 0, 1, 1, 1, 1, 0xff), &w, &h),
                     -ERR_INVALID);
}

/* ---- parameter sets no encoder at hand makes, written bit by bit ---- */
struct sps {
    unsigned profile, chroma, separate, lists, order, order_frames, fields, crop[4], mbs_w, mbs_h;
};
struct put {
    uint8_t b[1024];
    size_t n; /* bits */
};

static void put_bit(struct put *p, unsigned v) {
    p->b[p->n / 8] |= (uint8_t)((v & 1) << (7 - p->n % 8));
    p->n++;
}
static void put_bits(struct put *p, unsigned v, unsigned n) {
    while (n--)
        put_bit(p, v >> n);
}
static void put_ue(struct put *p, unsigned v) {
    unsigned n = 0;
    while ((v + 1) >> (n + 1))
        n++;
    put_bits(p, 0, n);
    put_bits(p, v + 1, n + 1);
}
static void put_se(struct put *p, int v) { put_ue(p, v > 0 ? 2u * (unsigned)v - 1 : 2u * (unsigned)-v); }

static void put_lists(struct put *p, const struct sps *s) {
    put_bit(p, s->lists > 0);
    for (unsigned i = 0; s->lists && i < (s->chroma == 3 ? 12u : 8u); i++) {
        put_bit(p, i < s->lists);
        unsigned n = i >= s->lists ? 0 : i % 2 == 0 ? 4 : i < 6 ? 16 : 64;
        for (unsigned j = 0; j < n; j++)
            put_se(p, i % 2 ? (int)j % 3 - 1 : j == 3 ? -8 : 0); /* even ones end early: a next scale of 0 */
    }
}

/* The NAL unit with its emulation prevention bytes. */
static size_t put_sps(const struct sps *s, uint8_t *dst) {
    struct put p = {.n = 0};
    put_bits(&p, s->profile, 8);
    put_bits(&p, 30, 16);
    put_ue(&p, 0);
    if (s->profile == 100 || s->profile == 244) {
        put_ue(&p, s->chroma);
        if (s->chroma == 3)
            put_bit(&p, s->separate);
        put_ue(&p, 0);
        put_ue(&p, 0);
        put_bit(&p, 0);
        put_lists(&p, s);
    }
    put_ue(&p, 4);
    put_ue(&p, s->order);
    if (s->order == 0)
        put_ue(&p, 2);
    if (s->order == 1) {
        put_bit(&p, 1);
        put_se(&p, -1);
        put_se(&p, 2);
        put_ue(&p, s->order_frames);
        for (unsigned i = 0; i < s->order_frames; i++)
            put_se(&p, (int)i - 3);
    }
    put_ue(&p, 1);
    put_bit(&p, 0);
    put_ue(&p, s->mbs_w - 1);
    put_ue(&p, s->mbs_h - 1);
    put_bit(&p, !s->fields);
    if (s->fields)
        put_bit(&p, 0);
    put_bit(&p, 1);
    bool crop = s->crop[0] || s->crop[1] || s->crop[2] || s->crop[3];
    put_bit(&p, crop);
    for (unsigned i = 0; crop && i < 4; i++)
        put_ue(&p, s->crop[i]);
    put_bits(&p, 1, 2);
    size_t n = 0, zeros = 0;
    dst[n++] = 0x67;
    for (size_t i = 0; i < (p.n + 7) / 8; i++) {
        if (zeros == 2 && p.b[i] <= 3) {
            dst[n++] = 3;
            zeros = 0;
        }
        zeros = p.b[i] ? 0 : zeros + 1;
        dst[n++] = p.b[i];
    }
    return n;
}

static void h264_rare_parameter_sets(void **state) {
    (void)state;
    static const struct {
        struct sps sps;
        int err;
        uint16_t width, height;
    } rows[] = {
        {{66, 0, 0, 0, 0, 0, 0, {0}, 40, 23}, 0, 640, 368},
        {{66, 0, 0, 0, 2, 0, 0, {0, 0, 0, 4}, 40, 23}, 0, 640, 360},
        {{66, 0, 0, 0, 1, 0, 0, {1, 2, 3, 4}, 40, 23}, 0, 634, 354},
        {{66, 0, 0, 0, 1, 40, 0, {0}, 40, 23}, 0, 640, 368},
        {{66, 0, 0, 0, 1, 200, 0, {0}, 40, 23}, -ERR_SHORT, 0, 0}, /* longer than we look */
        {{66, 0, 0, 0, 1, 256, 0, {0}, 40, 23}, -ERR_INVALID, 0, 0},
        {{66, 0, 0, 0, 3, 0, 0, {0}, 40, 23}, -ERR_INVALID, 0, 0},
        {{66, 0, 0, 0, 0, 0, 1, {0, 0, 0, 2}, 120, 34}, 0, 1920, 1080}, /* fields: the unit is 4 lines */
        {{100, 1, 0, 8, 0, 0, 0, {0}, 80, 45}, 0, 1280, 720},
        {{100, 0, 0, 3, 0, 0, 0, {1, 0, 1, 0}, 80, 45},
         0,
         1279,
         719}, /* monochrome: cropped by single samples */
        {{244, 2, 0, 0, 0, 0, 0, {1, 0, 1, 0}, 80, 45}, 0, 1278, 719},
        {{244, 3, 0, 12, 0, 0, 0, {1, 0, 1, 0}, 80, 45}, 0, 1279, 719},
        {{244, 3, 1, 1, 0, 0, 0, {0}, 80, 45}, 0, 1280, 720},
        {{244, 4, 0, 0, 0, 0, 0, {0}, 80, 45}, -ERR_INVALID, 0, 0},
        {{66, 0, 0, 0, 0, 0, 0, {10, 10, 0, 0}, 2, 2}, -ERR_INVALID, 0, 0}, /* nothing left */
        {{66, 0, 0, 0, 0, 0, 0, {0}, 1024, 1024}, 0, 16384, 16384},
        {{66, 0, 0, 0, 0, 0, 0, {0}, 1025, 1}, -ERR_INVALID, 0, 0},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        uint8_t nal[2048];
        uint16_t w, h;
        size_t n = put_sps(&rows[i].sps, nal);
        int err = codec_h264_sps((struct bytes){nal, n}, &w, &h);
        if (err != rows[i].err || w != rows[i].width || h != rows[i].height)
            fail_msg("row %zu: %d, %ux%u", i, err, w, h);
        for (size_t k = 0; k < n; k++)
            if (codec_h264_sps((struct bytes){nal, k}, &w, &h))
                assert_true(!w && !h);
    }
}

static void h264_packets(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint8_t b[24];
        size_t n;
        int err;
        bool sps, pps, idr, start;
    } rows[] = {
        {"slice", {0x41, 0x9a}, 2, 0, false, false, false, true},
        {"idr", {0x65, 0x88}, 2, 0, false, false, true, true},
        {"sps", {0x67, 0x42, 0xc0, 0x1e, 0xd9}, 5, 0, true, false, false, true},
        {"pps", {0x68, 0xce}, 2, 0, false, true, false, true},
        {"stap sps pps idr",
         {0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce, 0, 1, 0x65},
         12,
         0,
         true,
         true,
         true,
         true},
        {"fu start of idr", {0x7c, 0x85, 1}, 3, 0, false, false, true, true},
        {"fu middle of idr", {0x7c, 0x05, 1}, 3, 0, false, false, false, false},
        {"fu end of idr", {0x7c, 0x45, 1}, 3, 0, false, false, false, false},
        {"fu start of slice", {0x5c, 0x81, 1}, 3, 0, false, false, false, true},
        {"one byte", {0x65}, 1, -ERR_SHORT, false, false, false, false},
        {"stap empty", {0x78, 0}, 2, -ERR_INVALID, false, false, false, false},
        {"stap unit of 0", {0x78, 0, 0, 0x67}, 4, -ERR_INVALID, false, false, false, false},
        {"stap past the end",
         {0x78, 0, 2, 0x67, 0x42, 0, 9, 0x65},
         8,
         -ERR_INVALID,
         false,
         false,
         false,
         false},
        {"stap-b", {0x79, 0, 2, 0x67, 0x42}, 5, -ERR_UNSUPPORTED, false, false, false, false},
        {"fu-b", {0x7d, 0x85, 0, 0}, 4, -ERR_UNSUPPORTED, false, false, false, false},
        {"type 0", {0x60, 1}, 2, -ERR_INVALID, false, false, false, false},
        {"type 31", {0x7f, 1}, 2, -ERR_INVALID, false, false, false, false},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct codec_h264 h;
        int err = codec_h264_parse(&h, (struct bytes){rows[i].b, rows[i].n});
        if (err != rows[i].err || h.sps != rows[i].sps || h.pps != rows[i].pps || h.idr != rows[i].idr ||
            h.start != rows[i].start)
            fail_msg("%s: err %d", rows[i].what, err);
    }
}

static void looks(void **state) {
    (void)state;
    struct codec_info i;
    uint8_t stap[64] = {0x78, 0}, n = (uint8_t)unhex(sps_rows[2].hex, stap + 3);
    stap[2] = n;
    assert_int_equal(codec_look(CODEC_H264, (struct bytes){stap, n + 3u}, &i), 0);
    assert_true(i.keyframe && i.width == 1280 && i.height == 720);
    assert_int_equal(codec_look(CODEC_H264, BYTES(0x65, 0x88), &i), 0);
    assert_true(!i.keyframe && i.idr);
    assert_int_equal(codec_look(CODEC_VP8, BYTES(0x10, VP8_KEY), &i), 0);
    assert_true(i.keyframe && i.width == 640 && i.layer.start);
    assert_int_equal(codec_look(CODEC_VP8, BYTES(0x90), &i), -ERR_SHORT);
    assert_false(i.keyframe);
    assert_int_equal(codec_look(CODEC_OPUS, BYTES(0xf8, 0xff), &i), 0);
    assert_true(i.silence);
    assert_int_equal(codec_look(CODEC_OPUS, BYTES(0xf8, 0xff, 0xfe), &i), 0);
    assert_false(i.silence || i.keyframe);
    assert_int_equal(codec_clock_hz(CODEC_OPUS), 48000);
    assert_int_equal(codec_clock_hz(CODEC_VP8), 90000);
    assert_string_equal(codec_name(CODEC_H264), "h264");
    assert_string_equal(codec_name(CODEC_VP8), "vp8");
    assert_string_equal(codec_name(CODEC_OPUS), "opus");
    assert_string_equal(codec_name(CODEC_NONE), "");
    assert_int_equal(codec_look(CODEC_NONE, BYTES(1), &i), 0);
    assert_false(i.keyframe || i.silence);
    assert_true(codec_is_video(CODEC_VP8) && codec_is_video(CODEC_H264) && !codec_is_video(CODEC_OPUS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vp8_descriptors), cmocka_unit_test(vp8_patch_keeps_the_rest),
        cmocka_unit_test(h264_sizes),      cmocka_unit_test(h264_rare_parameter_sets),
        cmocka_unit_test(h264_packets),    cmocka_unit_test(looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
