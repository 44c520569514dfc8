/* A class in which somebody with a good ticket and good keys turns evil after joining: a viewer whose
 * feedback lies or never ends, a publisher whose packets are malformed, too many, of layers nobody agreed on,
 * or jump. What it brings about is bounded and counted, and the person beside sees and hears as if nothing
 * were. */
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include "media/rtc/rtcpw.h"
#include "tests/sim/school.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const uint8_t key_frame[] = {0x65, 0, 0, 0, 99, 0, 0, 0, 1, 0, 1, 1, 0xa5, 1, 2, 3};

/* ---- a viewer ---- */

static void flood_feedback(struct hall_seat *evil, unsigned k) {
    uint8_t pkt[1400], fci[600];
    struct wr w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
    uint32_t ssrc = school_line(evil, k % 5)->ssrc;
    uint16_t seqs[64];
    uint16_t top = (uint16_t)school_line(evil, 3)->unwrap.top;
    for (unsigned i = 0; i < countof(seqs); i++)
        seqs[i] = (uint16_t)(top - 64 + i);
    rtcpw_rr(&w, evil->end->ssrc, NULL, 0);
    for (unsigned i = 0; i < 8; i++)
        rtcpw_pli(&w, evil->end->ssrc, ssrc);
    for (unsigned i = 0; i < 8; i++)
        rtcpw_fir(&w, evil->end->ssrc, ssrc, (uint8_t)(k + i));
    for (unsigned i = 0; i < 8; i++)
        rtcpw_nack(&w, evil->end->ssrc, school_line(evil, 3)->ssrc, seqs, countof(seqs));
    rtcpw_remb(&w, evil->end->ssrc, k % 2 ? 0 : UINT64_MAX / 2, &ssrc, 1);
    struct rtcp_report lie = {.ssrc = ssrc,
                              .fraction_lost = 255,
                              .lost = -0x800000,
                              .highest_seq = rnd_u32(),
                              .jitter = UINT32_MAX,
                              .lsr = rnd_u32(),
                              .dlsr = rnd_u32()};
    rtcpw_rr(&w, evil->end->ssrc, &lie, 1);
    school_say(evil, &w);
    w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX); /* transport-wide: random statuses */
    size_t n = 8 + rnd_u32() % (sizeof fci - 8);
    n -= n % 4;
    rnd_bytes(fci, sizeof fci);
    if (k % 2) { /* as many as may be, all arrived */
        fci[2] = 0x07;
        fci[3] = 0xff;
        fci[8] = 0x20 | fci[8] % 32;
    }
    wr_u8(&w, 0x80 | RTCP_FMT_TWCC);
    wr_u8(&w, RTCP_RTPFB);
    wr_u16(&w, (uint16_t)(2 + n / 4));
    wr_u32(&w, evil->end->ssrc);
    wr_u32(&w, ssrc);
    wr_put(&w, fci, n);
    school_say(evil, &w);
}

/* Floods of NACK, PLI, FIR, REMB of nothing and of everything, lying reports, feedback of anything. */
static void a_flood_of_feedback(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct hall_seat *evil = school_turned(hall_view(&school.hall, 0, "evil", CODEC_NONE, 2));
    hall_run(&school.hall, 2 * SECOND);
    struct school_mark m = school_mark();
    unsigned events = school.hall.events[MEDIA_EV_SLOTS] + school.hall.events[MEDIA_EV_LAYERS];
    uint64_t before = evil->bytes, others = school.victim->bytes;
    for (unsigned k = 0; k < 5000; k++) {
        flood_feedback(evil, k);
        if (k % 20 == 19)
            hall_run(&school.hall, 20 * MS);
    }
    school_unharmed(&m);
    /* What the budgets allow and no more: his picture, repeats (resend.h), probes of at most the picture's
     * rate. */
    uint64_t got = evil->bytes - before, fair = school.victim->bytes - others,
             repeats = RESEND_BURST_BYTES + (uint64_t)RESEND_RATE_BPS / 8 * 5;
    if (got > 2 * fair + repeats)
        fail_msg("%llu bytes for one who would get %llu", (unsigned long long)got, (unsigned long long)fair);
    struct media_stats n = school_counts();
    assert_true(n.nack_rx - m.n.nack_rx > 10000 && n.pli_rx - m.n.pli_rx > 5000);
    assert_int_equal(evil->down, 0);
    /* Nor is control made to tell of every change of mind. */
    assert_in_range(school.hall.events[MEDIA_EV_SLOTS] + school.hall.events[MEDIA_EV_LAYERS] - events, 0, 20);
    hall_close(&school.hall);
}

/* Malformed RTCP of every kind, well sealed. */
static void malformed_reports(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct hall_seat *evil = school_turned(hall_view(&school.hall, 0, "evil", CODEC_NONE, 2));
    struct school_mark m = school_mark();
    for (unsigned k = 0; k < 20000; k++) {
        uint8_t pkt[400];
        struct wr w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
        uint8_t rest[200];
        rnd_bytes(rest, sizeof rest);
        wr_u8(&w, (uint8_t)(0x80 | (rnd_u32() & 0x3f)));
        wr_u8(&w, (uint8_t)(200 + rnd_u32() % 8));
        wr_u16(&w, (uint16_t)(k % 4 ? rnd_u32() % 50 : rnd_u32()));
        wr_put(&w, rest, rnd_u32() % sizeof rest);
        wr_zero(&w, -wr_len(&w) & 3);
        school_say(k % 2 ? evil : school.teacher, &w);
        if (k % 100 == 99)
            hall_run(&school.hall, 20 * MS);
    }
    hall_run(&school.hall, SECOND);
    assert_int_equal(school.teacher->down + school.victim->down + evil->down, 0);
    assert_true(school.hall.now_us - hall_screen(school.victim, 0)->shown_us < 100 * MS);
    assert_in_range(school_line(school.teacher, 1)->plis - m.plis, 0, 8);
    hall_close(&school.hall);
}

/* ---- a publisher ---- */

/* Extensions of wrong ids and lengths, truncated, too long, in both forms; payload types nobody agreed on. */
static void wrong_extensions(void **state) {
    (void)state;
    school_open(CODEC_H264);
    struct hall_seat *evil = school_turned(hall_publish(&school.hall, "evil", CODEC_H264));
    struct school_mark m = school_mark();
    for (unsigned k = 0; k < 20000; k++) {
        uint8_t ext[64];
        rnd_bytes(ext, sizeof ext);
        if (k % 2) /* an element of a known id and any length */
            ext[0] = (uint8_t)((1 + k / 2 % 6) << 4 | (rnd_u32() & 15));
        struct endpoint_line *l = school_line(evil, k % 2);
        struct school_shot x = {
            .pt = (uint8_t)(k % 5 ? k % 2 ? ENDPOINT_PT_H264 : ENDPOINT_PT_OPUS : rnd_u32() & 127),
            .seq = l->seq++,
            .ts = (uint32_t)k * 90,
            .ssrc = l->ssrc,
            .ext = {ext, 1 + rnd_u32() % sizeof ext},
            .payload = {key_frame, rnd_u32() % sizeof key_frame}};
        school_shoot(evil, &x);
        if (k % 100 == 99)
            hall_run(&school.hall, 20 * MS);
    }
    school_unharmed(&m);
    assert_int_equal(evil->down, 0);
    assert_true(school_counts().rx_refused - m.n.rx_refused > 1000);
    hall_close(&school.hall);
}

/* Layers nobody agreed on, a hundred names, one SSRC that changes its name, twenty SSRCs of one name. */
static void lies_about_layers(void **state) {
    (void)state;
    school_open(CODEC_VP8);
    school.hall.rids = 3;
    struct hall_seat *evil = school_turned(hall_publish(&school.hall, "evil", CODEC_VP8));
    school.hall.rids = 0;
    struct school_mark m = school_mark();
    size_t allocs = mem_allocs();
    for (unsigned k = 0; k < 10000; k++) {
        char name[8];
        unsigned what = k % 4;
        int n = what == 0   ? snprintf(name, sizeof name, "r%u", k / 4 % 100)
                : what == 1 ? snprintf(name, sizeof name, "%c", 'a' + (int)(rnd_u32() % 3))
                            : snprintf(name, sizeof name, "%c", 'a' + (int)(k / 4 % 3));
        uint8_t ext[24];
        struct wr w = wr_init(ext, sizeof ext);
        wr_u8(&w, (uint8_t)(ENDPOINT_EXT_MID << 4));
        wr_u8(&w, '1');
        wr_u8(&w, (uint8_t)(ENDPOINT_EXT_RID << 4 | (n - 1)));
        wr_put(&w, name, (size_t)n);
        static const uint8_t vp8_key[] = {0x90, 0x80, 1,    0x10, 0, 0, 0x9d, 1, 0x2a,
                                          0x80, 2,    0x68, 1,    0, 0, 0,    99};
        struct school_shot x = {.pt = ENDPOINT_PT_VP8,
                                .seq = (uint16_t)(k / 4),
                                .ts = school.hall.now_us * 9 / 100 & UINT32_MAX,
                                .ssrc = what == 1   ? 0x51000000u
                                        : what == 2 ? 0x52000000u + k / 4 % 20
                                                    : 0x53000000u + k / 4,
                                .ext = {ext, wr_len(&w)},
                                .payload = {vp8_key, sizeof vp8_key}};
        school_shoot(evil, &x);
        if (k % 20 == 19)
            hall_run(&school.hall, 10 * MS);
    }
    assert_true(school_counts().tracks <= m.n.tracks + 4);
    assert_true(mem_allocs() - allocs < 60 * PUBLISH_LEARN_MAX);
    assert_true(school_counts().rx_refused - m.n.rx_refused > 1000);
    school_unharmed(&m);
    hall_close(&school.hall);
}

/* Numbers, times, picture ids and sender reports that jump, of one who is on the stage: his picture is his
 * affair, but no outgoing number is used twice, and when the stage is the teacher's again, so is the picture.
 */
static void jumping_numbers(void **state) {
    (void)state;
    school_open(CODEC_VP8);
    struct hall_seat *evil = school_turned(hall_publish(&school.hall, "evil", CODEC_VP8));
    struct school_mark m = school_mark();
    hall_stage(&school.hall, (const char *const[]){"evil"}, 1);
    uint16_t seq = 0;
    for (unsigned k = 0; k < 6000; k++) {
        uint8_t vp8[40] = {0x90, 0xc0}, pkt[200];
        struct wr w = wr_init(vp8 + 2, sizeof vp8 - 2);
        wr_u16(&w, (uint16_t)(0x8000 | rnd_u32()));
        wr_u8(&w, (uint8_t)rnd_u32());
        wr_put(&w, "\x10\x00\x00\x9d\x01\x2a\x80\x02\x68\x01", 10);
        seq = (uint16_t)(k % 3 ? seq + 1u : rnd_u32());
        struct school_shot x = {.pt = ENDPOINT_PT_VP8,
                                .seq = seq,
                                .ts = rnd_u32(),
                                .ssrc = school_line(evil, 1)->ssrc,
                                .payload = {vp8, 2 + wr_len(&w)}};
        school_shoot(evil, &x);
        struct rtcp_sr sr = {.ntp = k % 5 ? rnd_u64() : k % 2 ? UINT64_MAX : 0, .ts = rnd_u32()};
        w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
        rtcpw_sr(&w, school_line(evil, 1)->ssrc, &sr, NULL, 0);
        school_say(evil, &w);
        if (k % 10 == 9)
            hall_run(&school.hall, 10 * MS);
    }
    hall_stage(&school.hall, (const char *const[]){"teacher"}, 1);
    hall_run(&school.hall, 2 * SECOND);
    const struct endpoint_line *l = school_line(school.victim, 3);
    assert_int_equal(l->duplicates, 0);
    assert_int_equal(l->source, school.teacher->source);
    assert_true(school.hall.now_us - l->shown_us < 100 * MS);
    assert_true(l->shown - m.shown > 30);
    hall_close(&school.hall);
}

/* One on the stage sends as much as his line gives: what others get of it is bounded, sound more than
 * pictures. */
static void a_flood_of_media(void **state) {
    (void)state;
    static uint8_t big[1200] = {0x65};
    school_open(CODEC_H264);
    struct hall_seat *evil = school_turned(hall_publish(&school.hall, "evil", CODEC_H264));
    hall_stage(&school.hall, (const char *const[]){"teacher", "evil"}, 2);
    for (unsigned sound = 0; sound < 2; sound++) {
        struct endpoint_line *l = school_line(evil, !sound);
        uint8_t ext[] = {ENDPOINT_EXT_LEVEL << 4, 0x80, 0, 0}; /* as loud as can be */
        hall_run(&school.hall, 5 * SECOND);
        struct school_mark m = school_mark();
        uint64_t before = school.victim->bytes;
        int64_t from_us = school.hall.now_us;
        for (unsigned k = 0; k < 30000; k++) { /* 150 Mbit/s for two seconds */
            struct school_shot x = {.pt = sound ? ENDPOINT_PT_OPUS : ENDPOINT_PT_H264,
                                    .seq = l->seq++,
                                    .ts = (uint32_t)(school.hall.now_us * (sound ? 48 : 90) / 1000),
                                    .ssrc = l->ssrc,
                                    .ext = {ext, sound ? sizeof ext : 0},
                                    .payload = {big, sizeof big}};
            school_shoot(evil, &x);
            if (k % 15 == 14)
                hall_run(&school.hall, MS);
        }
        uint64_t bps = (school.victim->bytes - before) * 8000000 / (uint64_t)(school.hall.now_us - from_us),
                 most = (sound ? PUBLISH_SOUND_BPS : PUBLISH_VIDEO_BPS) + 5 * 1000 * 1000;
        if (bps > most)
            fail_msg("%s: the school.victim is sent %llu bit/s", sound ? "sound" : "video",
                     (unsigned long long)bps);
        assert_true(school_counts().rx_refused - m.n.rx_refused > 10000);
        school_unharmed(&m);
    }
    hall_close(&school.hall);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_of_feedback), cmocka_unit_test(malformed_reports),
        cmocka_unit_test(wrong_extensions),    cmocka_unit_test(lies_about_layers),
        cmocka_unit_test(jumping_numbers),     cmocka_unit_test(a_flood_of_media),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
