/* One VP9 stream of three spatial layers, its room on two workers: layers nobody follows, here or there, are
 * switched off at the publisher; who wants one has it with the first key picture that holds it. */
#include "media/base/mem.h"
#include "media/base/wr.h"
#include "media/rtc/follow.h"
#include "media/rtc/relay.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

enum { MS = 1000, SECOND = 1000000, FRAME_US = 33333, SIDS = 3, WORKERS = 2, HOME = 0, AWAY = 1 };
enum { PAGE_US = 150 * MS }; /* what the page takes to make its encoder anew, as measured with Chromium */

struct viewer {
    struct follow f;
    struct rewrite_drop drops[REWRITE_DROPS];
    int wants;
    unsigned sid, pictures; /* shown last; so many */
    int64_t shown_us, longest_us;
};
static struct {
    struct sendq out;
    struct env env[WORKERS];
    struct mailbox *box[WORKERS];
    struct router *room[WORKERS];
    struct relay *relay;
    struct track *track;
    int64_t now_us;
    uint64_t seq;
    unsigned picture, since_key, plis, wishes;
    bool key, deaf;             /* deaf: the page does not do as it is told */
    unsigned sids, sids_wanted; /* sent; as the server said last */
    int64_t wanted_us;
    struct viewer v[WORKERS];
} t;

static size_t send_none(void *ctx, const struct udp_out *v, size_t n) {
    (void)ctx;
    (void)v;
    return n;
}
static void on_drop(void *owner) { (void)owner; }
static void emit(void *ctx, const struct media_event *e) {
    (void)ctx;
    mem_free(e->text);
}
static void on_pli(struct track *track, void *owner, int64_t now_us) {
    (void)track;
    (void)owner;
    (void)now_us;
    t.key = true;
    t.plis++;
}
/* As the page does: only the lowest so many, after a moment. */
static void on_wish(struct feed *d, struct env *env) {
    assert_ptr_equal(env, &t.env[HOME]);
    unsigned n = 0;
    while (n < SIDS && d->doze.told & 1u << n)
        n++;
    assert_int_equal(d->doze.told >> n, 0); /* never a hole */
    t.wishes++;
    t.sids_wanted = t.deaf ? t.sids : n;
    t.wanted_us = t.now_us + PAGE_US;
}

static bool ready(const struct follow *f) {
    (void)f;
    return true;
}
static void closed(struct follow *f, int64_t now_us) {
    (void)f;
    (void)now_us;
}
static void on_packet(struct follow *f, const struct history_pkt *p, const struct rewrite_out *r,
                      int64_t now_us) {
    struct viewer *v = container_of(f, struct viewer, f);
    if (!r->marker || r->empty)
        return;
    if (v->pictures && now_us - v->shown_us > v->longest_us)
        v->longest_us = now_us - v->shown_us;
    v->sid = p->info.layer.sid;
    v->shown_us = now_us;
    v->pictures++;
}
static const struct follow_ops ops = {.ready = ready, .packet = on_packet, .closed = closed};

static void write_structure(struct wr *w) {
    wr_u8(w, (uint8_t)((t.sids - 1) << 5 | 0x10));
    for (unsigned i = 0; i < t.sids; i++) {
        wr_u16(w, (uint16_t)(320 << i));
        wr_u16(w, (uint16_t)(180 << i));
    }
}

static void layer_frame(unsigned sid) {
    enum { I = 0x80, P = 0x40, L = 0x20, B = 0x08, E = 0x04, V = 0x02, Z = 0x01, U = 0x10 };
    bool key = !t.since_key, top = sid + 1 == t.sids;
    uint8_t payload[64];
    struct wr w = wr_init(payload, sizeof payload);
    wr_u8(&w, (uint8_t)(I | L | B | E | (key ? 0 : P) | (key && !sid ? V : 0) | (top || !key ? Z : 0)));
    wr_u16(&w, (uint16_t)(0x8000 | (t.picture & 0x7fff)));
    wr_u8(&w, (uint8_t)(U | sid << 1 | (sid && key)));
    wr_u8(&w, (uint8_t)t.picture);
    if (key && !sid)
        write_structure(&w);
    wr_u32(&w, t.picture);
    struct rtp p = {
        .marker = top, .seq = (uint16_t)t.seq, .ts = t.picture * 3000, .payload = {payload, wr_len(&w)}};
    struct track_level none = {0};
    router_put(t.room[HOME], t.track, t.seq++, &p, &none, t.now_us);
}

static void pick(struct viewer *v) {
    struct feed *d = v->f.feed;
    if (!d)
        return;
    int layer = v->wants;
    while (layer > 0 && !feed_can(d, layer, t.now_us))
        layer--;
    follow_pick(&v->f, layer, FOLLOW_TID_ALL, t.now_us);
}

static void turn(unsigned w) {
    struct env *e = &t.env[w];
    struct relay_msg m;
    while (mailbox_get(t.box[w], &m, 1))
        relay_apply(t.room[w], &m, t.now_us);
    while (!list_empty(&e->fresh))
        track_flush(list_entry(e->fresh.next, struct track, in_fresh), t.now_us);
    for (struct heap_node *h; (h = heap_top(&e->timers)) && h->at_us <= t.now_us;) {
        heap_drop(&e->timers, h);
        struct env_timer *timer = container_of(h, struct env_timer, node);
        timer->fire(timer, t.now_us);
    }
    while (!list_empty(&e->dirty)) {
        router_settle(list_entry(e->dirty.next, struct router, in_dirty), t.now_us);
        pick(&t.v[w]);
    }
}

static void run(int64_t for_us) {
    for (int64_t end_us = t.now_us + for_us; t.now_us < end_us; t.now_us += FRAME_US) {
        if (t.sids != t.sids_wanted && t.now_us >= t.wanted_us) {
            t.sids = t.sids_wanted;
            t.key = true;
        }
        t.since_key = t.key ? 0 : t.since_key + 1;
        t.key = false;
        t.picture++;
        for (unsigned sid = 0; sid < t.sids; sid++)
            layer_frame(sid);
        for (unsigned w = 0; w < WORKERS; w++)
            turn(w);
    }
}

/* From here on this one wants this layer, as view_choose does it. */
static void want(unsigned w, int layer) {
    t.v[w].wants = layer;
    pick(&t.v[w]);
    feed_doze(t.v[w].f.feed, &t.env[w], t.now_us);
}

/* A viewer on this worker. */
static void look(unsigned w, int layer) {
    struct feed *d = list_entry(t.room[w]->feeds.next, struct feed, in_room);
    struct viewer *v = &t.v[w];
    assert_true(d->svc);
    v->wants = layer;
    v->f.rewrite.drop = v->drops;
    follow_to(&v->f, d);
    pick(v);
}

static int setup(void **state) {
    (void)state;
    memset(&t, 0, sizeof t);
    sendq_init(&t.out, send_none, NULL, on_drop);
    t.now_us = 100 * SECOND;
    t.seq = 70000;
    t.sids = t.sids_wanted = SIDS;
    t.key = true;
    for (unsigned w = 0; w < WORKERS; w++) {
        assert_int_equal(mailbox_open(&t.box[w], sizeof(struct relay_msg), RELAY_BOX), 0);
        t.env[w] = (struct env){.out = &t.out, .emit = emit, .worker = w, .relay = t.box};
        heap_init(&t.env[w].timers);
        list_init(&t.env[w].dirty);
        list_init(&t.env[w].fresh);
        t.room[w] = router_open(1, &t.env[w], w == HOME);
        follow_init(&t.v[w].f, &ops, 90000, 42);
    }
    struct track_cfg c = {.id = env_track_id(&t.env[HOME]),
                          .source = MEDIA_CAMERA,
                          .codec = CODEC_VP9,
                          .member = "a",
                          .layers = 1,
                          .pli = on_pli,
                          .wish = on_wish,
                          .env = &t.env[HOME],
                          .timer = &t.room[HOME]->timer};
    t.track = track_open(&c);
    assert_int_equal(router_track_add(t.room[HOME], t.track, t.now_us), 0);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    if (t.relay)
        relay_close(t.relay);
    for (unsigned w = 0; w < WORKERS; w++) {
        follow_fini(&t.v[w].f);
        router_close(t.room[w], t.now_us);
        heap_fini(&t.env[w].timers);
        mailbox_close(t.box[w]);
    }
    return 0;
}

static void nobody_draws_the_large_one(void **state) {
    (void)state;
    run(SECOND);
    look(HOME, 0);
    run(DOZE_IDLE_US + 2 * SECOND);
    assert_int_equal(t.sids, 1);
    struct viewer *v = &t.v[HOME];
    for (unsigned i = 0; i < 5; i++) {
        unsigned plis = t.plis;
        v->longest_us = 0;
        want(HOME, 2);
        run(PAGE_US + 3 * FRAME_US); /* the very first picture in three sizes */
        assert_int_equal(t.sids, 3);
        assert_int_equal(v->sid, 2);
        assert_int_equal(t.plis, plis); /* for that no key picture was asked for */
        assert_true(v->longest_us < 3 * FRAME_US);
        want(HOME, 1);
        run(DOZE_IDLE_US + 4 * SECOND);
        assert_int_equal(t.sids, 2);
        assert_int_equal(v->sid, 1);
        want(HOME, 0);
        run(DOZE_IDLE_US + 4 * SECOND);
        assert_int_equal(t.sids, 1);
        assert_true(v->longest_us < 3 * FRAME_US);
    }
    assert_true(t.wishes <= 1 + 5 * 3);
}

/* A publisher whose line is too thin for the large one keeps it back: the viewer goes on, nobody is asked
 * again and again. */
static void a_layer_that_does_not_come(void **state) {
    (void)state;
    run(SECOND);
    look(HOME, 0);
    run(DOZE_IDLE_US + 2 * SECOND);
    assert_int_equal(t.sids, 1);
    struct viewer *v = &t.v[HOME];
    unsigned plis = t.plis, before = v->pictures, wishes = t.wishes;
    v->longest_us = 0;
    t.deaf = true;
    want(HOME, 2);
    assert_int_equal(t.wishes, wishes + 1);
    run(20 * SECOND);
    assert_true(t.wishes - wishes <= 2 + DOZE_TRIES); /* until it is not wanted any more, and that */
    assert_int_equal(v->sid, 0);
    assert_true(v->pictures - before >= 595 && v->longest_us < 2 * FRAME_US);
    assert_true(t.plis - plis <= 2);
}

static void across_workers(void **state) {
    (void)state;
    run(2 * SECOND);
    look(HOME, 0);
    run(DOZE_IDLE_US + 2 * SECOND);
    assert_int_equal(t.sids, 1);
    t.relay = relay_open(t.room[HOME], AWAY, t.now_us); /* somebody comes who is placed elsewhere */
    run(SECOND);
    look(AWAY, 0);
    struct feed *there = t.v[AWAY].f.feed;
    assert_int_equal(there->n, 3); /* it knows of those that sleep */
    assert_int_equal(there->layer[2].height, 720);
    run(DOZE_IDLE_US + 4 * SECOND);
    assert_int_equal(t.sids, 1);
    for (unsigned i = 0; i < 3; i++) {
        want(AWAY, 2);
        run(PAGE_US + 6 * FRAME_US);
        assert_int_equal(t.sids, 3);
        assert_int_equal(t.v[AWAY].sid, 2);
        assert_int_equal(t.v[HOME].sid, 0);
        run(DOZE_IDLE_US + 4 * SECOND); /* and stays as long as it is looked at there */
        assert_int_equal(t.sids, 3);
        want(AWAY, 0);
        run(DOZE_IDLE_US + 4 * SECOND);
        assert_int_equal(t.sids, 1);
        assert_int_equal(t.v[AWAY].sid, 0);
    }
    assert_true(t.v[AWAY].longest_us < 4 * FRAME_US && t.v[HOME].longest_us < 4 * FRAME_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_draws_the_large_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_layer_that_does_not_come, setup, teardown),
        cmocka_unit_test_setup_teardown(across_workers, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
