/* rtp: packets of RFC 3550 with both extension forms, hostile lengths, our own writer, RTX; seq: wrap and
 * unwrap. */
#include "media/rtc/rtp.h"
#include "media/base/err.h"
#include "media/rtc/seq.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define BYTES(...) ((struct bytes){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
#define HEAD(b0, b1) b0, b1, 0x12, 0x34, 0x00, 0x01, 0x02, 0x03, 0xde, 0xad, 0xbe, 0xef

static void plain(void **state) {
    (void)state;
    struct rtp p;
    assert_int_equal(rtp_parse(&p, BYTES(HEAD(0x80, 0x80 | 111), 'a', 'b')), 0);
    assert_true(p.marker);
    assert_int_equal(p.pt, 111);
    assert_int_equal(p.seq, 0x1234);
    assert_int_equal(p.ts, 0x00010203);
    assert_int_equal(p.ssrc, 0xdeadbeef);
    assert_int_equal(p.payload.n, 2);
    assert_memory_equal(p.payload.p, "ab", 2);
    for (unsigned i = 0; i <= RTP_EXT_ID_MAX; i++)
        assert_null(p.ext[i].p);
}

static void csrcs_and_padding(void **state) {
    (void)state;
    struct rtp p;
    assert_int_equal(rtp_parse(&p, BYTES(HEAD(0xa2, 96), 1, 2, 3, 4, 5, 6, 7, 8, 'x', 0, 0, 3)), 0);
    assert_int_equal(p.padding, 3);
    assert_int_equal(p.payload.n, 1);
    assert_int_equal(p.payload.p[0], 'x');
    /* A probe: nothing but padding. */
    assert_int_equal(rtp_parse(&p, BYTES(HEAD(0xa0, 96), 0, 0, 0, 4)), 0);
    assert_int_equal(p.payload.n, 0);
    assert_int_equal(p.padding, 4);
}

static void one_byte_extensions(void **state) {
    (void)state;
    struct rtp p;
    uint8_t level;
    bool voice;
    uint16_t seq;
    struct bytes b = BYTES(HEAD(0x90, 96), 0xbe, 0xde, 0, 4, 0x10, 0x80 | 25, 0x00, 0x21, 0x0a, 0x0b, 0x41,
                           'm', '0', 0x00, 0xf0, 0x52, 1, 2, 3, 0, 'p');
    assert_int_equal(rtp_parse(&p, b), 0);
    assert_int_equal(p.payload.n, 1);
    assert_true(rtp_audio_level(&p, 1, &level, &voice));
    assert_int_equal(level, 25);
    assert_true(voice);
    assert_true(rtp_transport_cc(&p, 2, &seq));
    assert_int_equal(seq, 0x0a0b);
    assert_int_equal(rtp_mid(&p, 4).n, 2);
    assert_memory_equal(rtp_mid(&p, 4).p, "m0", 2);
    assert_null(p.ext[5].p); /* after the id that ends processing */
    assert_false(rtp_audio_level(&p, 0, &level, &voice));
    assert_false(rtp_transport_cc(&p, 1, &seq)); /* one byte long */
    assert_int_equal(rtp_mid(&p, 9).n, 0);
    assert_false(rtp_audio_level(&p, 200, &level, &voice));
}

static void two_byte_extensions(void **state) {
    (void)state;
    struct rtp p;
    struct bytes b = BYTES(HEAD(0x90, 96), 0x10, 0x05, 0, 3, 1, 0, 0, 15, 2, 7, 8, 200, 1, 9, 0, 0);
    assert_int_equal(rtp_parse(&p, b), 0);
    assert_non_null(p.ext[1].p);
    assert_int_equal(p.ext[1].n, 0);
    assert_int_equal(p.ext[15].n, 2);
    assert_int_equal(p.ext[15].p[1], 8);
    /* Another profile: stepped over. */
    b = BYTES(HEAD(0x90, 96), 0xab, 0xcd, 0, 1, 0x1f, 0, 0, 0, 'p');
    assert_int_equal(rtp_parse(&p, b), 0);
    assert_int_equal(p.payload.n, 1);
}

static void refuses(void **state) {
    (void)state;
    static const struct {
        const char *what;
        int err;
        uint8_t bytes[32];
        size_t n;
    } rows[] = {
        {"empty", -ERR_SHORT, {0}, 0},
        {"11 bytes", -ERR_SHORT, {HEAD(0x80, 96)}, 11},
        {"version 1", -ERR_INVALID, {HEAD(0x40, 96)}, 12},
        {"csrc cut", -ERR_SHORT, {HEAD(0x81, 96), 0, 0, 0}, 15},
        {"extension head cut", -ERR_SHORT, {HEAD(0x90, 96), 0xbe, 0xde, 0}, 15},
        {"extension past the end", -ERR_SHORT, {HEAD(0x90, 96), 0xbe, 0xde, 0, 2, 0, 0, 0, 0}, 20},
        {"element past its block", -ERR_INVALID, {HEAD(0x90, 96), 0xbe, 0xde, 0, 1, 0x1f, 0, 0, 0, 9, 9}, 22},
        {"two-byte element past", -ERR_INVALID, {HEAD(0x90, 96), 0x10, 0, 0, 1, 1, 3, 0, 0, 9, 9}, 22},
        {"two-byte length missing", -ERR_INVALID, {HEAD(0x90, 96), 0x10, 0, 0, 1, 0, 0, 0, 7}, 20},
        {"padding without bytes", -ERR_INVALID, {HEAD(0xa0, 96)}, 12},
        {"padding of 0", -ERR_INVALID, {HEAD(0xa0, 96), 0}, 13},
        {"padding of more than there is", -ERR_INVALID, {HEAD(0xa0, 96), 1, 3}, 14},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct rtp p;
        int err = rtp_parse(&p, (struct bytes){rows[i].bytes, rows[i].n});
        if (err != rows[i].err)
            fail_msg("%s: %d", rows[i].what, err);
    }
    static uint8_t big[RTP_PACKET_MAX + 1] = {0x80};
    struct rtp p;
    assert_int_equal(rtp_parse(&p, (struct bytes){big, RTP_PACKET_MAX}), 0);
    assert_int_equal(rtp_parse(&p, (struct bytes){big, RTP_PACKET_MAX + 1}), -ERR_TOO_LARGE);
}

static void demultiplexes(void **state) {
    (void)state;
    assert_true(rtp_is_rtcp(BYTES(0x80, 200)));
    assert_true(rtp_is_rtcp(BYTES(0x8f, 206)));
    assert_false(rtp_is_rtcp(BYTES(0x80, 0x80 | 111)));
    assert_false(rtp_is_rtcp(BYTES(0x80, 96)));
    assert_false(rtp_is_rtcp(BYTES(0x80)));
    assert_false(rtp_is_rtcp(BYTES(0x16, 200)));
}

static void writes_what_it_parses(void **state) {
    (void)state;
    struct rtp_out o = {.pt = 102,
                        .marker = true,
                        .seq = 65535,
                        .ts = 0xfffffff0,
                        .ssrc = 0x01020304,
                        .map = {.mid = 4, .abs_send_time = 2, .transport_cc = 3, .audio_level = 14},
                        .mid = "video-slot-00016",
                        .mid_n = 16,
                        .has_level = true,
                        .level_dbov = 33,
                        .abs_send_time = 0xabcdef,
                        .transport_seq = 0x0102};
    uint8_t buf[RTP_PACKET_MAX];
    struct rtp p;
    uint8_t level;
    bool voice;
    uint16_t seq;
    int n = rtp_write(&o, BYTES(1, 2, 3), buf, sizeof buf);
    assert_true(n > 0);
    assert_int_equal(rtp_parse(&p, (struct bytes){buf, (size_t)n}), 0);
    assert_true(p.marker && p.pt == 102 && p.seq == 65535 && p.ts == 0xfffffff0 && p.ssrc == 0x01020304);
    assert_int_equal(p.padding, 0);
    assert_int_equal(p.payload.n, 3);
    assert_ptr_equal(p.payload.p + 3, buf + n);
    assert_memory_equal(rtp_mid(&p, 4).p, "video-slot-00016", 16);
    assert_true(rtp_transport_cc(&p, 3, &seq) && seq == 0x0102);
    assert_true(rtp_audio_level(&p, 14, &level, &voice) && level == 33 && !voice);
    assert_int_equal(p.ext[2].n, 3);
    assert_memory_equal(p.ext[2].p, "\xab\xcd\xef", 3);
    assert_int_equal(rtp_write(&o, BYTES(1, 2, 3), buf, (size_t)n - 1), -ERR_TOO_LARGE);
    /* Nothing negotiated: no extension block at all. Ids of the two-byte form are left out too. */
    o.map = (struct rtp_ext_map){.mid = 15};
    n = rtp_write(&o, BYTES(9), buf, sizeof buf);
    assert_int_equal(n, 13);
    assert_int_equal(buf[0], 0x80);
}

/* The two forms byte for byte, and not a byte past what there is room for. */
static void writes_both_forms(void **state) {
    (void)state;
    static const uint8_t dd[20] = {0xc1, 0xaa, 0xbb, 4,  5,  6,  7,  8,  9, 10,
                                   11,   12,   13,   14, 15, 16, 17, 18, 19};
    struct rtp_out o = {.pt = 96,
                        .seq = 0x1234,
                        .ts = 0x01020304,
                        .ssrc = 0x05060708,
                        .map = {.mid = 4, .transport_cc = 3, .dd = 7},
                        .mid = "1",
                        .mid_n = 1,
                        .transport_seq = 0x0a0b,
                        .dd = {dd, 4},
                        .dd_frame = 0x0c0d};
    static const uint8_t one[] = {0x90, 96,   0x12, 0x34, 1,    2, 3,    4,   5,    6,
                                  7,    8,    0xbe, 0xde, 0,    3, 0x40, '1', 0x31, 0x0a,
                                  0x0b, 0x73, 0xc1, 0x0c, 0x0d, 4, 0,    0,   'p'};
    static const uint8_t two[] = {0x10, 0, 0, 8, 4, 1, '1', 3, 2, 0x0a, 0x0b, 7, 20, 0xc1, 0x0c, 0x0d, 4};
    uint8_t buf[128];
    memset(buf, 0xee, sizeof buf);
    assert_int_equal(rtp_write(&o, BYTES('p'), buf, sizeof one), sizeof one);
    assert_memory_equal(buf, one, sizeof one);
    assert_int_equal(buf[sizeof one], 0xee);
    o.dd.n = sizeof dd;
    assert_int_equal(rtp_write(&o, BYTES('p'), buf, sizeof buf), RTP_HEAD + 4 + 32 + 1);
    assert_memory_equal(buf + RTP_HEAD, two, sizeof two);
    assert_memory_equal(buf + RTP_HEAD + sizeof two, dd + 4, sizeof dd - 4);
    for (size_t cap = 0; cap < RTP_HEAD + 4 + 32 + 1; cap++) {
        memset(buf, 0xee, sizeof buf);
        assert_int_equal(rtp_write(&o, BYTES('p'), buf, cap), -ERR_TOO_LARGE);
        assert_int_equal(buf[cap], 0xee);
    }
}

static void rtx(void **state) {
    (void)state;
    struct rtp_out o = {.pt = 97, .seq = 7, .ts = 5, .ssrc = 9, .rtx = true, .osn = 0xfffe};
    uint8_t buf[64];
    struct rtp p;
    int n = rtp_write(&o, BYTES('q'), buf, sizeof buf);
    assert_int_equal(rtp_parse(&p, (struct bytes){buf, (size_t)n}), 0);
    assert_int_equal(rtp_rtx_unwrap(&p), 0);
    assert_int_equal(p.seq, 0xfffe);
    assert_int_equal(p.payload.n, 1);
    assert_int_equal(p.payload.p[0], 'q');
    assert_int_equal(rtp_rtx_unwrap(&p), -ERR_SHORT);
    p.payload.n = 0;
    assert_int_equal(rtp_rtx_unwrap(&p), -ERR_SHORT);
}

static void send_time(void **state) {
    (void)state;
    assert_int_equal(rtp_abs_send_time(0), 0);
    assert_int_equal(rtp_abs_send_time(1000000), 1 << 18);
    assert_int_equal(rtp_abs_send_time(64000000), 0);
    assert_int_equal(rtp_abs_send_time(63999999), 0xffffff);
    assert_int_equal(rtp_abs_send_time(INT64_C(1000000) * 3600 * 24 * 3650 + 500000), 1 << 17);
}

static void sequence_numbers(void **state) {
    (void)state;
    assert_true(seq_newer(1, 0) && seq_newer(0, 65535) && seq_newer(32767, 0));
    assert_false(seq_newer(0, 0) || seq_newer(0, 1) || seq_newer(65535, 0) || seq_newer(32768, 0));
    assert_true(seq_ts_newer(5, 0xfffffff0) && !seq_ts_newer(0xfffffff0, 5));
    struct seq_unwrap u = {0};
    assert_int_equal(seq_unwrap(&u, 65534), 0x10000 + 65534);
    assert_int_equal(seq_unwrap(&u, 1), 0x20001);
    assert_int_equal(seq_unwrap(&u, 65535), 0x1ffff);
    assert_int_equal(u.top, 0x20001);
    assert_int_equal(seq_peek(&u, 2), 0x20002);
    assert_int_equal(u.top, 0x20001);
    struct seq_unwrap v = {0};
    seq_unwrap(&v, 0);
    assert_int_equal(seq_unwrap(&v, 40000), 40000); /* far back before the first: below, still not 0 */
    /* Against the true numbers, with steps of up to ±1000 over many cycles. */
    struct seq_unwrap w = {0};
    uint64_t top = 0x10000 + 777;
    uint32_t x = 1;
    assert_int_equal(seq_unwrap(&w, 777), top);
    for (int i = 0; i < 100000; i++) {
        x = x * 1664525u + 1013904223u;
        uint64_t s = top + x / 65536 % 2001 - 1000;
        assert_int_equal(seq_unwrap(&w, (uint16_t)s), s);
        top = s > top ? s : top;
    }
    assert_true(top > 100 * 65536);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(csrcs_and_padding),
        cmocka_unit_test(one_byte_extensions),
        cmocka_unit_test(two_byte_extensions),
        cmocka_unit_test(refuses),
        cmocka_unit_test(demultiplexes),
        cmocka_unit_test(writes_what_it_parses),
        cmocka_unit_test(writes_both_forms),
        cmocka_unit_test(rtx),
        cmocka_unit_test(send_time),
        cmocka_unit_test(sequence_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
