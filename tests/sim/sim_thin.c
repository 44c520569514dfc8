/* Viewers behind lines of their own, through the whole plane in virtual time: what the server learns of a
 * line out of real packets and real feedback, and what the viewer behind it sees and hears. */
#include "media/rtc/rtcpw.h"
#include "tests/sim/hall.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const struct net_cfg clean = {.delay_us = 20 * MS};
static struct hall hall;

static struct view *view_of(struct hall *h, const struct hall_seat *s) {
    struct peer *p = map_get(&h->plane[s->plane]->peers, s->peer);
    assert_non_null(p);
    return p->view;
}

/* What is sent to a viewer is what is known to arrive; one who does not speak of it is known by his reports.
 */
static void test_heard(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 21);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    struct hall_seat *t = hall_publish(h, "teacher", CODEC_H264);
    t->level = 20;
    struct hall_seat *v = hall_view(h, 0, "v", CODEC_NONE, 1);
    h->silent = true;
    struct hall_seat *mute = hall_view(h, 0, "mute", CODEC_NONE, 1);
    hall_run(h, 10 * SECOND);
    const struct bwe *b = &view_of(h, v)->steer.bwe;
    assert_int_equal(b->by, BWE_BY_FEEDBACK);
    assert_int_equal(b->line, BWE_CLEAR);
    assert_true(v->end->feedbacks > 80);
    assert_int_equal(view_of(h, v)->steer.tx.lost, 0);
    assert_int_equal(b->loss_pm, 0);
    /* 30 pictures a second of 3 x 1100 + 300 bytes, 50 packets of sound, with their headers. */
    assert_in_range(b->acked_bps, 930000, 1100000);
    assert_int_equal(mute->end->feedbacks, 0);
    assert_int_equal(view_of(h, mute)->steer.bwe.by, BWE_BY_REPORTS);
    assert_false(view_of(h, mute)->steer.bwe.known);
    hall_close(h);
}

static struct net_cfg line(uint64_t bps, unsigned queue_ms) {
    return (struct net_cfg){
        .delay_us = 20 * MS, .rate_bps = bps, .queue_bytes = (unsigned)(bps / 8000 * queue_ms)};
}

static struct hall_seat *lecture(struct hall *h, uint64_t seed) {
    hall_open(h, 1, &clean, seed);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    struct hall_seat *t = hall_publish(h, "teacher", CODEC_H264);
    t->level = 20;
    hall_run(h, 2 * SECOND);
    return t;
}

/* Too thin for the picture: sound alone, whole, and he is told; when the line is wide the picture is back by
 * itself. Who sits beside him notices nothing. */
static void test_audio_only(void **state) {
    (void)state;
    struct hall *h = &hall;
    struct hall_seat *t = lecture(h, 22), *v = hall_view(h, 0, "v", CODEC_NONE, 1),
                     *other = hall_view(h, 0, "other", CODEC_NONE, 1);
    struct net_cfg wide = line(4000000, 200), thin = line(120000, 400);
    hall_line(h, v, &wide);
    hall_run(h, 6 * SECOND);
    assert_true(hall_screen(v, 0)->shown > 100);
    assert_null(strstr(v->slots, "audio_only"));
    hall_line(h, v, &thin);
    hall_run(h, 8 * SECOND);
    assert_non_null(strstr(v->slots, "\"audio_only\":true"));
    assert_non_null(strstr(v->slots, "\"paused\":true"));
    const struct endpoint_line *ear = hall_ear(v, t->source);
    assert_non_null(ear);
    uint32_t heard = ear->shown, shown = hall_screen(v, 0)->shown;
    hall_run(h, 30 * SECOND);
    assert_in_range(ear->shown - heard, 1490, 1501);
    assert_in_range(hall_screen(v, 0)->shown - shown, 0, 10);
    hall_line(h, v, &wide);
    int64_t wide_us = h->now_us;
    while (hall_screen(v, 0)->shown < shown + 60 && h->now_us - wide_us < 12 * SECOND)
        hall_run(h, 100 * MS);
    assert_true(h->now_us - wide_us < 10 * SECOND); /* 8 s, and 60 pictures */
    assert_null(strstr(v->slots, "audio_only"));
    hall_run(h, 20 * SECOND);
    assert_true(h->now_us - hall_screen(v, 0)->shown_us < 100 * MS);
    assert_int_equal(hall_screen(v, 0)->bad_ts, 0);
    assert_int_equal(hall_screen(other, 0)->skipped, 0);
    assert_true(hall_screen(other, 0)->longest_us < 200 * MS);
    assert_true(t->end->line[1].plis < 12);
    hall_close(h);
}

/* A key frame of forty packets does not fall on a line at once: a queue that holds less than half of it loses
 * none.
 */
static void test_key_frame(void **state) {
    (void)state;
    struct hall *h = &hall;
    struct hall_seat *t = lecture(h, 23), *v = hall_view(h, 0, "v", CODEC_NONE, 1);
    struct net_cfg shallow = line(20000000, 0);
    shallow.queue_bytes = 20000;
    hall_line(h, v, &shallow);
    hall_run(h, 4 * SECOND);
    for (unsigned i = 0; i < 10; i++) {
        endpoint_picture(t->end, 1, t->source, 40, true, h->now_us);
        t->picture_us = h->now_us + 33 * MS;
        hall_run(h, 1 * SECOND);
    }
    const struct endpoint_line *l = hall_screen(v, 0);
    assert_int_equal(net_stats(v->line).dropped, 0);
    assert_int_equal(l->skipped + l->recovered, 0);
    assert_int_equal(l->bad_ts, 0);
    assert_true(l->keys_shown >= 10);
    assert_true(l->longest_us < 150 * MS);
    assert_true(h->now_us - l->shown_us < 50 * MS);
    hall_close(h);
}

static void claim(struct hall *h, struct hall_seat *s, uint64_t bps) {
    uint8_t pkt[128];
    struct wr w = wr_init(pkt, sizeof pkt - SECURE_TRAILER_MAX);
    rtcpw_remb(&w, s->end->ssrc, bps, &s->end->line[3].ssrc, 1);
    endpoint_send_rtcp(s->end, pkt, wr_len(&w), h->now_us);
}

/* A client that knows nothing but REMB is believed, whatever it claims. */
static void test_remb(void **state) {
    (void)state;
    struct hall *h = &hall;
    h->silent = false;
    lecture(h, 24);
    h->silent = true;
    struct hall_seat *v = hall_view(h, 0, "v", CODEC_NONE, 1);
    hall_run(h, 3 * SECOND);
    uint32_t shown = hall_screen(v, 0)->shown;
    assert_true(shown > 50);
    claim(h, v, 0);
    hall_run(h, 1 * SECOND);
    assert_non_null(strstr(v->slots, "audio_only"));
    claim(h, v, UINT64_MAX >> 1);
    hall_run(h, 6 * SECOND);
    assert_null(strstr(v->slots, "audio_only"));
    assert_true(h->now_us - hall_screen(v, 0)->shown_us < 100 * MS);
    hall_close(h);
}

/* A worker that does not keep up: every fourth viewer has sound alone and is told whose fault it is, then
 * more of them; nobody misses a sound, and all pictures come back. */
static void test_strained(void **state) {
    (void)state;
    struct hall *h = &hall;
    struct hall_seat *t = lecture(h, 29), *v[8];
    for (unsigned i = 0; i < countof(v); i++)
        v[i] = hall_view(h, 0, "v", CODEC_NONE, 1);
    hall_run(h, 6 * SECOND);
    static const unsigned level[] = {0, 3, 4, 6, 0};
    for (unsigned k = 0; k < countof(level); k++) {
        h->plane[0]->env.strain = level[k];
        hall_run(h, 3 * SECOND);
        unsigned spared = 0, flow = 0;
        uint32_t heard[countof(v)], shown[countof(v)];
        for (unsigned i = 0; i < countof(v); i++) {
            heard[i] = hall_ear(v[i], t->source)->shown;
            shown[i] = hall_screen(v[i], 0)->shown;
        }
        hall_run(h, 2 * SECOND);
        for (unsigned i = 0; i < countof(v); i++) {
            bool told = strstr(v[i]->slots, "\"audio_only\":true,\"overload\":true") != NULL;
            uint32_t more = hall_screen(v[i], 0)->shown - shown[i];
            spared += told && !more;
            flow += !told && more >= 58;
            assert_in_range(hall_ear(v[i], t->source)->shown - heard[i], 99, 101);
            assert_int_equal(hall_ear(v[i], t->source)->bad_ts, 0);
        }
        assert_int_equal(spared, level[k] < 3 ? 0 : 2 * (level[k] - 2));
        assert_int_equal(flow, countof(v) - spared);
    }
    hall_close(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heard),     cmocka_unit_test(test_strained), cmocka_unit_test(test_audio_only),
        cmocka_unit_test(test_key_frame), cmocka_unit_test(test_remb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
