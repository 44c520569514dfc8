/* Whole rooms over a simulated network in virtual time: what people see and hear when packets are lost, late
 * and out of order, when many come at once, when the stage changes, when a worker relays, when a socket is
 * slow, when somebody is hostile. Asserted is what a person would notice, and what it costs the publisher. */
#include "media/base/rnd.h"
#include "tests/sim/hall.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const struct net_cfg clean = {.delay_us = 20 * MS};
/* 3 % loss in pairs, 40 ms each way, jitter, reordering. */
static const struct net_cfg rough = {.delay_us = 40 * MS,
                                     .jitter_us = 10 * MS,
                                     .loss_ppm = 15000,
                                     .burst = 2,
                                     .reorder_ppm = 10000,
                                     .reorder_us = 15 * MS};

static struct hall hall;

static void view_many(struct hall *h, unsigned plane, unsigned n, unsigned slots) {
    for (unsigned i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%u", h->seats);
        hall_view(h, plane, name, CODEC_NONE, slots);
    }
}

static void assert_continuous(const struct hall_seat *s) {
    for (unsigned i = 0; i < s->end->lines; i++) {
        const struct endpoint_line *l = &s->end->line[i];
        assert_int_equal(l->bad_ts, 0);
        assert_int_equal(l->bad_pid, 0);
    }
}

/* A lecture over a bad line: everybody sees every picture, nothing stands still for long. */
static void lecture(unsigned planes, enum codec codec) {
    struct hall *h = &hall;
    hall_open(h, planes, &rough, 3 + codec);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    struct hall_seat *t = hall_publish(h, "teacher", codec);
    t->level = 20;
    hall_run(h, 2 * SECOND);
    view_many(h, 0, 6, 2);
    if (planes > 1)
        view_many(h, 1, 6, 2);
    hall_run(h, 40 * SECOND);
    for (unsigned i = 1; i < h->seats; i++) {
        const struct hall_seat *v = &h->seat[i];
        const struct endpoint_line *l = hall_screen(v, 0);
        assert_int_equal(v->up, 1);
        assert_continuous(v);
        assert_true(v->first_us - v->joined_us < 2 * SECOND);
        assert_true((l->shown + l->skipped) * 33 * (int64_t)MS > h->now_us - v->first_us - 500 * MS);
        assert_true(l->shown * 1000ul >= (l->shown + l->skipped) * 999ul); /* 99.9 % of the pictures */
        assert_true(l->longest_us <= 900 * MS);
        assert_non_null(hall_ear(v, t->source));
        /* Audio is not repaired: loss is loss. */
        assert_true(hall_ear(v, t->source)->shown * 20 * (int64_t)MS > (h->now_us - v->first_us) * 93 / 100);
        assert_true(l->reports > 5);
    }
    assert_true(t->end->line[1].plis <= 42); /* the budget, whatever happens */
    assert_true(t->end->line[1].plis <= 12); /* and repairs make it rarely needed */
    hall_close(h);
}
static void test_lecture_h264(void **state) {
    (void)state;
    lecture(1, CODEC_H264);
}
static void test_lecture_vp8(void **state) {
    (void)state;
    lecture(1, CODEC_VP8);
}
static void test_lecture_relayed(void **state) {
    (void)state;
    lecture(2, CODEC_H264);
}

/* The stage changes every two seconds among three cameras, on a bad line and across the relay. */
static void test_stage_changes(void **state) {
    (void)state;
    static const char *const who[] = {"ann", "bob", "eve"};
    struct hall *h = &hall;
    hall_open(h, 2, &rough, 2);
    for (unsigned i = 0; i < 3; i++)
        hall_publish(h, who[i], CODEC_VP8);
    view_many(h, 0, 2, 1);
    view_many(h, 1, 2, 1);
    for (unsigned k = 0; k < 24; k++) {
        hall_stage(h, &who[k % 3], 1);
        hall_run(h, 1500 * MS);
        for (unsigned i = 3; i < h->seats; i++) {
            if (hall_screen(&h->seat[i], 0)->source != k % 3 + 1)
                fail_msg("change %u: %s still shows %u", k, h->seat[i].member,
                         hall_screen(&h->seat[i], 0)->source);
        }
        hall_run(h, 500 * MS);
    }
    for (unsigned i = 3; i < h->seats; i++) {
        assert_continuous(&h->seat[i]);
        assert_true(hall_screen(&h->seat[i], 0)->switches >= 23);
    }
    hall_close(h);
}

/* Two hundred people enter in four seconds: the teacher's encoder hardly notices, and each sees a picture
 * soon. */
static void test_rush(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 3);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    struct hall_seat *t = hall_publish(h, "teacher", CODEC_H264);
    hall_run(h, 10 * SECOND);
    unsigned before = t->end->line[1].plis;
    for (unsigned i = 0; i < 200; i++) {
        view_many(h, 0, 1, 1);
        hall_run(h, 20 * MS);
    }
    hall_run(h, 2 * SECOND);
    assert_true(t->end->line[1].plis - before <= 6); /* one a second */
    unsigned soon = 0;
    for (unsigned i = 1; i < h->seats; i++) {
        assert_true(h->seat[i].first_us > 0);
        int64_t took = h->seat[i].first_us - h->seat[i].joined_us;
        assert_true(took <=
                    1500 * MS); /* RTTs of ICE and DTLS, then at worst a second's wait for the budget */
        soon += took <= 700 * MS;
    }
    assert_true(soon > 80);
    hall_close(h);
}

/* Six microphones, two speak by turns: they are heard at once, nobody hears himself. */
static void test_speakers(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 5);
    struct hall_seat *mic[6];
    for (unsigned i = 0; i < 6; i++) {
        char name[8];
        snprintf(name, sizeof name, "m%u", i);
        mic[i] = hall_publish(h, name, CODEC_H264);
        mic[i]->camera = false;
    }
    struct hall_seat *v = hall_view(h, 0, "listener", CODEC_NONE, 1),
                     *own = hall_view(h, 0, "m4", CODEC_NONE, 1);
    hall_run(h, 3 * SECOND);
    for (unsigned k = 0; k < 12; k++) {
        unsigned i = (k * 5) % 6;
        mic[i]->level = 18;
        int64_t began = h->now_us;
        hall_run(h, 400 * MS); /* 20 ms there, 20 ms back, and the 300 ms promised */
        const struct endpoint_line *ear = hall_ear(v, mic[i]->source);
        if (!ear)
            fail_msg("m%u is not heard 400 ms after it began to speak", i);
        assert_true(h->speaking_us >= began);
        assert_true(str_starts(str_of(h->speaking), str_of(mic[i]->member)) ||
                    strstr(h->speaking, mic[i]->member));
        assert_null(hall_ear(own, mic[4]->source));
        uint32_t heard = ear->shown;
        hall_run(h, 1000 * MS);
        assert_true(ear->shown - heard >= 45);
        mic[i]->level = 127;
        hall_run(h, 2 * SECOND);
    }
    assert_string_equal(h->speaking, "");
    hall_close(h);
}

/* The socket takes nothing for a while: video stops whole, asks a key frame, goes on. */
static void test_slow_socket(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 6);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    struct hall_seat *t = hall_publish(h, "teacher", CODEC_H264);
    view_many(h, 0, 2, 1);
    hall_run(h, 4 * SECOND);
    unsigned plis = t->end->line[1].plis;
    h->sendable = 3;
    hall_run(h, 300 * MS);
    h->sendable = UINT32_MAX;
    hall_run(h, 3 * SECOND);
    struct media_stats n;
    plane_stats(h->plane[0], &n);
    assert_true(n.tx_dropped > 0);
    assert_true(t->end->line[1].plis > plis);
    for (unsigned i = 1; i < h->seats; i++) {
        const struct endpoint_line *l = hall_screen(&h->seat[i], 0);
        assert_continuous(&h->seat[i]);
        assert_true(h->now_us - l->shown_us < 200 * MS);
        assert_true(l->longest_us < 2 * SECOND);
    }
    hall_close(h);
}

/* Who falls silent is gone after thirty seconds (RFC 7675), who never came too; others do not notice. */
static void test_consent(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 8);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    hall_publish(h, "teacher", CODEC_H264);
    view_many(h, 0, 3, 1);
    struct hall_seat *gone = &h->seat[1], *never = &h->seat[2], *stays = &h->seat[3];
    never->mute_wire = true;
    hall_run(h, 5 * SECOND);
    int64_t cut = h->now_us;
    gone->mute_wire = true;
    hall_run(h, 40 * SECOND);
    assert_int_equal(gone->down, 1);
    assert_true(gone->down_us - cut <= 30 * (int64_t)SECOND && gone->down_us - cut >= 25 * (int64_t)SECOND);
    assert_int_equal(never->up, 0);
    assert_int_equal(never->down, 1);
    assert_int_equal(stays->down, 0);
    assert_int_equal(h->plane[0]->peers.n, 2);
    assert_true(h->now_us - hall_screen(stays, 0)->shown_us < 100 * MS);
    hall_close(h);
}

static void inject_out(void *ctx, const uint8_t *p, size_t n, int64_t now_us) {
    (void)now_us;
    hall_inject(&hall, ctx, p, n);
}

/* A publisher with good keys sends under thousands of SSRCs, strangers send rubbish and replays: counted,
 * bounded, harmless. */
static void test_hostile(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &clean, 9);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    struct hall_seat *t = hall_publish(h, "teacher", CODEC_H264);
    struct hall_seat *bad = hall_publish(h, "bad", CODEC_H264);
    view_many(h, 0, 1, 1);
    hall_run(h, 3 * SECOND);
    size_t allocs = mem_allocs();
    bad->end->spec.out = inject_out;
    for (unsigned k = 0; k < 5000; k++) {
        uint8_t pkt[200];
        struct rtp_out o = {.pt = ENDPOINT_PT_H264,
                            .seq = (uint16_t)k,
                            .ssrc = 0x40000000u + k,
                            .map = {.mid = ENDPOINT_EXT_MID},
                            .mid = "77",
                            .mid_n = 2};
        int n = rtp_write(&o, (struct bytes){(const uint8_t *)"\x65rubbish", 8}, pkt, 150);
        assert_true(n > 0);
        if (k < 200)
            endpoint_send_rtp(bad->end, pkt, (size_t)n, h->now_us);
        else
            hall_inject(h, bad, pkt, (size_t)n); /* not even authentic */
        uint8_t junk[128];
        rnd_bytes(junk, sizeof junk);
        hall_inject(h, NULL, junk, 1 + k % sizeof junk);
        hall_inject(h, t, junk, 1 + k % sizeof junk);
    }
    allocs = mem_allocs() - allocs;
    bad->end->spec.out = t->end->spec.out;
    hall_run(h, 2 * SECOND);
    assert_int_equal(bad->down + t->down, 0);
    assert_true(allocs < 3 * (PUBLISH_LEARN_MAX + SECURE_SSRCS_MAX));
    assert_int_equal(h->plane[0]->env.n.tracks, 4);
    assert_true(h->plane[0]->env.n.bad_auth + h->plane[0]->env.n.unknown_datagrams > 1000);
    const struct endpoint_line *l = hall_screen(&h->seat[2], 0);
    assert_continuous(&h->seat[2]);
    assert_true(h->now_us - l->shown_us < 100 * MS);
    assert_int_equal(l->skipped, 0);
    hall_close(h);
}

/* A room that is closed leaves nothing behind on either worker, and everybody hears of it. */
static void test_end(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 2, &clean, 10);
    hall_stage(h, (const char *const[]){"ann", "bob"}, 2);
    hall_publish(h, "ann", CODEC_H264);
    hall_publish(h, "bob", CODEC_H264);
    view_many(h, 0, 3, 3);
    view_many(h, 1, 3, 3);
    hall_run(h, 4 * SECOND);
    for (unsigned i = 2; i < h->seats; i++) {
        assert_true(hall_screen(&h->seat[i], 0)->shown > 50);
        assert_true(hall_screen(&h->seat[i], 1)->shown > 50);
    }
    struct cmd c = {.type = CMD_ROOM_CLOSE, .room = HALL_ROOM};
    plane_command(h->plane[0], &c, h->now_us);
    plane_command(h->plane[1], &c, h->now_us);
    hall_run(h, 1 * SECOND);
    for (unsigned i = 0; i < h->seats; i++)
        assert_true(h->seat[i].end->bye && h->seat[i].end->failed);
    for (unsigned p = 0; p < 2; p++) {
        assert_int_equal(h->plane[p]->env.n.peers, 0);
        assert_int_equal(h->plane[p]->env.n.tracks, 0);
        assert_int_equal(h->plane[p]->addrs.n, 0);
        assert_int_equal(h->plane[p]->ufrags.n, 0);
        assert_int_equal(h->plane[p]->rooms.n, 0);
        assert_int_equal(h->plane[p]->env.timers.n, 0);
    }
    hall_close(h);
}

/* A publisher whose SDP declares no SSRC is known by the mid of its packets, its repairs too. */
static void test_undeclared(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 1, &rough, 11);
    hall_stage(h, (const char *const[]){"obs"}, 1);
    h->undeclared = true;
    struct hall_seat *t = hall_publish(h, "obs", CODEC_H264);
    view_many(h, 0, 2, 1);
    hall_run(h, 20 * SECOND);
    assert_true(t->end->line[1].rtx_sent > 10);
    for (unsigned i = 1; i < h->seats; i++) {
        const struct endpoint_line *l = hall_screen(&h->seat[i], 0);
        assert_continuous(&h->seat[i]);
        assert_true(l->longest_us <= 900 * MS);
        assert_true(l->shown * 33 * (int64_t)MS > h->now_us - h->seat[i].first_us - 500 * MS);
    }
    hall_close(h);
}

static void heads_are_right(const struct hall *h, const struct hall_seat *v) {
    const struct endpoint_heads *n = &v->end->heads;
    uint64_t sounds = 0;
    for (unsigned i = 0; i < 3; i++)
        sounds += v->end->line[i].received;
    assert_int_equal(n->bad, 0);
    assert_true(n->packets > 3000);
    assert_int_equal(n->mids, n->packets);
    assert_int_equal(n->times, n->packets);
    assert_int_equal(n->wides, n->packets);
    assert_int_equal(n->jumps, 0);
    assert_true(sounds > 600);
    assert_in_range(n->levels, sounds * 9 / 10, sounds); /* the rest are the silences before */
    /* One way takes 20 ms, and sent is when it was written for this viewer, not when it was captured. */
    assert_in_range(n->youngest_us, 20 * MS - 10, 20 * MS + 10);
    assert_in_range(n->oldest_us, 20 * MS - 10, 22 * MS);
    assert_non_null(hall_ear(v, h->seat[0].source));
    assert_true(hall_screen(v, 0)->shown > 150);
}

/* Header extensions are mapped for each direction and each viewer: what came under the publisher's ids goes
 * out under the ids the viewer offered, with the viewer's own mid, time and number and the speaker's level.
 */
static void test_extensions(void **state) {
    (void)state;
    struct hall *h = &hall;
    hall_open(h, 2, &clean, 12);
    hall_stage(h, (const char *const[]){"teacher", "guest"}, 2);
    struct hall_seat *t = hall_publish(h, "teacher", CODEC_VP8), *g = hall_publish(h, "guest", CODEC_VP8);
    struct hall_seat *v[] = {hall_view(h, 0, "v1", CODEC_NONE, 2), hall_view(h, 0, "v2", CODEC_NONE, 2),
                             hall_view(h, 1, "v3", CODEC_NONE, 2)}; /* the last beyond the relay */
    for (unsigned k = 0; k < 10; k++) {
        t->level = (uint8_t)(15 + 3 * k);
        g->level = (uint8_t)(50 + 2 * k); /* at the end no voice any more */
        hall_run(h, 1 * SECOND);
    }
    const struct rtp_ext_map *ids[] = {&t->end->ids, &v[0]->end->ids, &v[1]->end->ids};
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned k = 0; k < i; k++)
            assert_true(ids[i]->mid != ids[k]->mid && ids[i]->abs_send_time != ids[k]->abs_send_time &&
                        ids[i]->transport_cc != ids[k]->transport_cc &&
                        ids[i]->audio_level != ids[k]->audio_level);
        heads_are_right(h, v[i]);
    }
    hall_close(h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lecture_h264),
        cmocka_unit_test(test_lecture_vp8),
        cmocka_unit_test(test_lecture_relayed),
        cmocka_unit_test(test_stage_changes),
        cmocka_unit_test(test_rush),
        cmocka_unit_test(test_speakers),
        cmocka_unit_test(test_slow_socket),
        cmocka_unit_test(test_consent),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_undeclared),
        cmocka_unit_test(test_extensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
