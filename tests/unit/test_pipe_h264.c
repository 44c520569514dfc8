/* avc and depay: parameter sets, NAL units, and RTP payloads to pictures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/pipeline/depay.h"

/* Out of OpenH264 (Chromium), x264, and hand-made with cropping and frame_mbs_only 0. */
static const struct {
    const char *what;
    uint8_t nal[40];
    size_t n;
    int err;
    uint16_t width, height;
} sps_cases[] = {
    {"x264 baseline 640x360",
     {0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00,
      0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00, 0x3c, 0x0f, 0x16, 0x2e, 0x48},
     25,
     0,
     640,
     360},
    {"x264 high 1920x1080",
     {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00,
      0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60, 0xc6, 0x58},
     27,
     0,
     1920,
     1080},
    {"OpenH264 constrained baseline 1280x720",
     {0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 0x02, 0xdd, 0x00, 0xf0, 0x88, 0x45, 0x38},
     15,
     0,
     1280,
     720},
    {"cut", {0x67, 0x42, 0xc0, 0x1e, 0xd9}, 5, -ERR_INVALID, 0, 0},
    {"not an SPS", {0x68, 0xce, 0x3c, 0x80}, 4, -ERR_INVALID, 0, 0},
    {"empty", {0}, 0, -ERR_SHORT, 0, 0},
};
static void test_sps(void **state) {
    (void)state;
    for (size_t i = 0; i < countof(sps_cases); i++) {
        struct avc_sps s = {0};
        int err = avc_sps_parse(&s, (struct bytes){sps_cases[i].nal, sps_cases[i].n});
        if (err != sps_cases[i].err ||
            (!err && (s.width != sps_cases[i].width || s.height != sps_cases[i].height)))
            fail_msg("%s: err %d, %ux%u", sps_cases[i].what, err, s.width, s.height);
    }
}
static void test_config(void **state) {
    (void)state;
    struct buf sets, conf;
    struct bytes sps, pps;
    char codec[AVC_CODEC_MAX];
    static const uint8_t pps0[] = {0x68, 0xce, 0x3c, 0x80}, pps1[] = {0x68, 0x5e, 0x3c, 0x80};
    buf_init(&sets, AVC_SETS_MAX);
    buf_init(&conf, AVC_CONFIG_MAX);
    avc_put(&sets, (struct bytes){sps_cases[0].nal, sps_cases[0].n});
    assert_false(avc_config(&conf, (struct bytes){sets.p, sets.n})); /* no PPS */
    avc_put(&sets, (struct bytes){pps0, 4});
    avc_put(&sets, (struct bytes){pps1, 4});
    buf_reset(&conf);
    assert_true(avc_config(&conf, (struct bytes){sets.p, sets.n}));
    assert_int_equal(avc_config_parse((struct bytes){conf.p, conf.n}, &sps, &pps), 0);
    assert_int_equal(sps.n, sps_cases[0].n);
    assert_memory_equal(sps.p, sps_cases[0].nal, sps.n);
    assert_memory_equal(pps.p, pps0, 4);
    assert_int_equal(conf.p[conf.n - 4 - 2 - 4 - 2 - 1], 2); /* both PPS */
    avc_codec(codec, (struct bytes){conf.p, conf.n});
    assert_string_equal(codec, "avc1.42c01e");
    for (size_t n = 0; n < conf.n - 6; n++)
        assert_int_not_equal(avc_config_parse((struct bytes){conf.p, n}, &sps, &pps), 0);
    buf_fini(&sets);
    buf_fini(&conf);
}
static void test_annexb(void **state) {
    (void)state;
    static const uint8_t stream[] = {0, 0, 0, 1, 0x67, 1, 2, 0, 0, 0, 1, 0x68, 3, 0, 0, 1, 0x65, 4, 5, 6};
    static const size_t sizes[] = {3, 2, 4};
    struct rd r = rd_init(stream, sizeof stream);
    struct bytes nal;
    size_t i = 0;
    while (avc_next_annexb(&r, &nal))
        assert_int_equal(nal.n, sizes[i++]);
    assert_int_equal(i, 3);
}

/* --- depay --- */
struct step {
    uint32_t ts;
    bool marker, lost;
    uint8_t payload[24];
    size_t n;
};
static unsigned feed(struct depay *d, const struct step *v, size_t n, struct picture *last) {
    unsigned given = 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i].lost)
            depay_lost(d);
        given += depay_turn(d, v[i].ts, last);
        given += depay_push(d, v[i].ts, v[i].marker, (struct bytes){v[i].payload, v[i].n}, last);
    }
    return given;
}
/* STAP-A of the OpenH264 SPS and a PPS. */
#define SETS(t)                                                                                              \
    {                                                                                                        \
        t, false, false, {24,   0,    15,   0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0x28, 0x02,            \
                          0xdd, 0x00, 0xf0, 0x88, 0x45, 0x38, 0,    4,    0x68, 0xce, 0x3c},                 \
            24                                                                                               \
    }
static void test_depay_h264(void **state) {
    (void)state;
    struct depay d;
    struct picture p = {0};
    static const struct step fragments[] = {
        SETS(100),
        {100, false, false, {0x7c, 0x85, 1, 2, 3}, 5},
        {100, false, false, {0x7c, 0x05, 4, 5}, 4},
        {100, true, false, {0x7c, 0x45, 6}, 3},
    };
    depay_init(&d, DEPAY_H264);
    struct step fixed[countof(fragments)];
    memcpy(fixed, fragments, sizeof fixed);
    fixed[0].payload[23] = 0x80; /* last byte of the PPS */
    assert_int_equal(feed(&d, fixed, countof(fixed), &p), 1);
    assert_true(p.key);
    assert_int_equal(p.width, 1280);
    assert_int_equal(p.height, 720);
    assert_true(p.config.n > 20);
    struct rd r = rd_init(p.data.p, p.data.n);
    struct bytes nal;
    static const uint8_t types[] = {AVC_SPS, AVC_PPS, AVC_IDR};
    for (size_t i = 0; i < countof(types); i++) {
        assert_true(avc_next(&r, &nal));
        assert_int_equal(avc_type(nal), types[i]);
    }
    assert_int_equal(nal.n, 7); /* 0x65 1 2 3 4 5 6 */
    assert_int_equal(nal.p[0], 0x65);
    assert_int_equal(nal.p[6], 6);
    assert_false(avc_next(&r, &nal));

    static const struct step next[] = {{200, true, false, {0x41, 9, 9}, 3}};
    assert_int_equal(feed(&d, next, 1, &p), 1);
    assert_false(p.key);

    /* a packet is lost in the middle: the picture is dropped, and all until the next keyframe */
    static const struct step broken[] = {{300, false, false, {0x5c, 0x81, 1}, 3},
                                         {300, true, true, {0x5c, 0x41, 2}, 3},
                                         {400, true, false, {0x41, 7}, 2}};
    assert_int_equal(feed(&d, broken, countof(broken), &p), 0);
    assert_true(d.need_key);
    static const struct step again[] = {{500, true, false, {0x65, 8, 8}, 3}};
    assert_int_equal(feed(&d, again, 1, &p), 1); /* with the sets it knows */
    assert_true(p.key && p.config.n);

    /* no marker: the next timestamp closes it */
    static const struct step bare[] = {{600, false, false, {0x41, 1}, 2}, {700, false, false, {0x41, 2}, 2}};
    assert_int_equal(feed(&d, bare, 2, &p), 1);
    assert_int_equal(p.ts, 600);
    depay_fini(&d);
}
static void test_depay_refuses(void **state) {
    (void)state;
    static const struct step bad[] = {
        {1, true, false, {0x7c, 0x45, 1}, 3},  /* FU-A end without start */
        {2, true, false, {0x7c, 0xc5, 1}, 3},  /* start and end at once */
        {3, true, false, {0x7c, 0x87, 1}, 3},  /* fragmented SPS */
        {4, true, false, {24, 0, 9, 0x67}, 4}, /* STAP-A past its end */
        {5, true, false, {25, 0, 0}, 3},       /* STAP-B */
        {6, true, false, {0x65, 1}, 2},        /* keyframe without parameter sets */
        {7, true, false, {0}, 0},
    };
    struct depay d;
    struct picture p;
    depay_init(&d, DEPAY_H264);
    for (size_t i = 0; i < countof(bad); i++) {
        assert_int_equal(feed(&d, &bad[i], 1, &p), 0);
        assert_true(d.need_key);
    }
    assert_int_equal(d.malformed, 5);
    depay_fini(&d);
}
static void test_depay_vp8(void **state) {
    (void)state;
    static const struct step key[] = {
        /* X, S; I with a 15-bit picture id, L, T and K; then a 640x360 key frame in two packets */
        {10,
         false,
         false,
         {0x90, 0xf0, 0x81, 0x22, 7, 0x41, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01},
         16},
        {10, true, false, {0x80, 0x80, 0x05, 1, 2, 3}, 6},
    };
    static const struct step inter[] = {{20, true, false, {0x10, 0x11, 5}, 3}};
    static const struct step tail[] = {{30, true, true, {0x00, 5}, 2}};
    struct depay d;
    struct picture p = {0};
    depay_init(&d, DEPAY_VP8);
    assert_int_equal(feed(&d, inter, 1, &p), 0); /* nothing before a keyframe */
    assert_int_equal(feed(&d, key, 2, &p), 1);
    assert_true(p.key);
    assert_int_equal(p.width, 640);
    assert_int_equal(p.height, 360);
    assert_int_equal(p.data.n, 10 + 3);
    assert_int_equal(feed(&d, inter, 1, &p), 1);
    assert_false(p.key);
    assert_int_equal(feed(&d, tail, 1, &p), 0);
    assert_true(d.need_key);
    depay_fini(&d);
}
int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sps),           cmocka_unit_test(test_config),
        cmocka_unit_test(test_annexb),        cmocka_unit_test(test_depay_h264),
        cmocka_unit_test(test_depay_refuses), cmocka_unit_test(test_depay_vp8)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
