/* A stream that goes from layer to layer of one picture, packet by packet: three layers with clocks, numbers
 * and picture ids of their own, packets lost and repaired late, layers that die; the follower is put on one
 * after the other. Whatever happens: no number twice, none left out but what its layer lost, time that of the
 * pictures and never back, each layer begins with a key frame and is whole from there on. */
#include "media/base/mem.h"
#include "media/base/wr.h"
#include "media/rtc/follow.h"
#include "media/rtc/router.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MS = 1000, SECOND = 1000000, FRAME_US = 33333, LAYERS = 3, OUT_MAX = 65536, LATE_US = 80 * MS };

struct layer {
    struct track *track;
    uint32_t ts_base;
    uint64_t seq;
    uint16_t pid;
    uint8_t tl0;
    bool key, dead;
    unsigned frame, plis;
};
struct late {
    unsigned layer;
    uint64_t seq;
    struct rtp rtp;
    uint8_t payload[64];
    int64_t at_us;
};
static struct {
    struct sendq out;
    struct env env;
    struct router *room;
    struct layer layer[LAYERS];
    struct rewrite_drop drops[REWRITE_DROPS];
    struct follow f;
    int64_t now_us, ntp_us;
    uint64_t random;
    unsigned loss_permille, late_n, told;
    struct late late[256];
    /* what came out */
    bool seen[OUT_MAX];
    bool any;
    uint16_t first, top, last_pid;
    uint32_t last_ts, ts_base;
    int64_t last_us;
    int64_t longest_us, worst_skew_us;
    unsigned packets, pictures, switches, shown, next_frame, held[FEED_TIDS];
} t;

static unsigned roll(unsigned n) { /* xorshift64 */
    t.random ^= t.random << 13;
    t.random ^= t.random >> 7;
    t.random ^= t.random << 17;
    return (unsigned)(t.random >> 33) % n;
}

/* ---- the room around ---- */

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
    (void)now_us;
    struct layer *l = owner;
    l->key = true;
    l->plis++;
}
static void on_wish(struct feed *d, struct env *env) {
    (void)env;
    t.told = d->doze.told;
}

/* ---- what the follower sends ---- */

static bool ready(const struct follow *f) {
    (void)f;
    return true;
}
static void closed(struct follow *f, int64_t now_us) {
    (void)f;
    (void)now_us;
}
/* The payload ends with its layer, picture, and whether it is a key frame's. */
static void on_packet(struct follow *f, const struct history_pkt *p, const struct rewrite_out *r,
                      int64_t now_us) {
    (void)f;
    const uint8_t *end = p->data + p->n;
    unsigned layer = end[-1], frame = (unsigned)(end[-4] << 16 | end[-3] << 8 | end[-2]);
    int64_t taken_us = (int64_t)frame * FRAME_US;
    assert_false(t.seen[r->seq]);
    t.seen[r->seq] = true;
    t.packets++;
    t.held[p->info.layer.tid]++;
    bool first = !t.any;
    if (first) {
        t.first = t.top = r->seq;
        t.ts_base = r->ts - (uint32_t)(taken_us * 9 / 100);
        t.last_us = now_us;
    }
    t.any = true;
    int64_t skew_us = (int64_t)(int32_t)(r->ts - t.ts_base - (uint32_t)(taken_us * 9 / 100)) * 100 / 9;
    t.worst_skew_us = skew_us > t.worst_skew_us ? skew_us : t.worst_skew_us;
    assert_true(skew_us > -2 * MS); /* never shown before its time */
    if (!first && !seq_newer(r->seq, t.top))
        return; /* late, in its place */
    if (!t.loss_permille)
        assert_true(first || r->seq == (uint16_t)(t.top + 1));
    t.top = r->seq;
    if (!p->info.layer.start)
        return;
    t.longest_us = now_us - t.last_us > t.longest_us ? now_us - t.last_us : t.longest_us;
    t.last_us = now_us;
    t.pictures++;
    bool another = first || layer != t.shown;
    t.switches += another && !first;
    if (another)
        assert_true(p->info.keyframe);
    else if (!t.loss_permille && f->tid == FOLLOW_TID_ALL && f->tid_target == FOLLOW_TID_ALL)
        assert_int_equal(frame, t.next_frame);
    if (!first && !t.loss_permille) {
        assert_true(seq_ts_newer(r->ts, t.last_ts));
        assert_int_equal(r->pid, (t.last_pid + 1) & 0x7fff);
    }
    t.shown = layer;
    t.next_frame = frame + 1;
    t.last_ts = r->ts;
    t.last_pid = r->pid;
}
static const struct follow_ops ops = {.ready = ready, .packet = on_packet, .closed = closed};

/* ---- the layers ---- */

static void put(unsigned layer, uint64_t seq, const struct rtp *p) {
    struct track_level none = {0};
    router_put(t.room, t.layer[layer].track, seq, p, &none, t.now_us);
}

static void turn(void) {
    while (!list_empty(&t.env.fresh))
        track_flush(list_entry(t.env.fresh.next, struct track, in_fresh), t.now_us);
    for (struct heap_node *h; (h = heap_top(&t.env.timers)) && h->at_us <= t.now_us;) {
        heap_drop(&t.env.timers, h);
        struct env_timer *timer = container_of(h, struct env_timer, node);
        timer->fire(timer, t.now_us);
    }
    while (!list_empty(&t.env.dirty))
        router_settle(list_entry(t.env.dirty.next, struct router, in_dirty), t.now_us);
}

/* L1T2: every second picture depends on the base only and can be left out. */
static void picture(unsigned i, unsigned frame) {
    static const uint16_t height[LAYERS] = {180, 360, 720};
    struct layer *l = &t.layer[i];
    bool key = l->key, base = key || !(frame % 2);
    l->key = false;
    l->tl0 = (uint8_t)(l->tl0 + base);
    unsigned n = key ? 6 : 1 + i * 2;
    for (unsigned k = 0; k < n; k++) {
        struct late p = {.layer = i, .seq = l->seq++, .at_us = t.now_us + LATE_US};
        struct wr w = wr_init(p.payload, sizeof p.payload);
        wr_u8(&w, k ? 0x80 : 0x90);
        wr_u8(&w, 0xe0);
        wr_u16(&w, (uint16_t)(0x8000 | l->pid));
        wr_u8(&w, l->tl0);
        wr_u8(&w, base ? 0 : 0x60); /* TID 1, Y */
        if (!k) {
            wr_u24(&w, key ? 0x100000 : 0x110000);
            if (key) {
                wr_put(&w, "\x9d\x01\x2a\x80\x02", 5);
                wr_u8(&w, (uint8_t)height[i]);
                wr_u8(&w, (uint8_t)(height[i] >> 8));
            }
        }
        wr_u24(&w, frame);
        wr_u8(&w, (uint8_t)i);
        p.rtp = (struct rtp){.marker = k + 1 == n,
                             .seq = (uint16_t)p.seq,
                             .ts = l->ts_base + (uint32_t)((int64_t)frame * FRAME_US * 9 / 100),
                             .payload = {p.payload, wr_len(&w)}};
        if (roll(1000) >= t.loss_permille)
            put(i, p.seq, &p.rtp);
        else if (t.late_n < sizeof t.late / sizeof *t.late)
            t.late[t.late_n++] = p;
    }
    l->pid = (l->pid + 1) & 0x7fff;
}

static void repair(void) {
    unsigned kept = 0;
    for (unsigned i = 0; i < t.late_n; i++) {
        t.late[i].rtp.payload.p = t.late[i].payload;
        if (t.late[i].at_us <= t.now_us)
            put(t.late[i].layer, t.late[i].seq, &t.late[i].rtp);
        else
            t.late[kept++] = t.late[i];
    }
    t.late_n = kept;
}

static void run(int64_t for_us) {
    for (int64_t end_us = t.now_us + for_us; t.now_us < end_us; t.now_us += FRAME_US / 3) {
        unsigned step = (unsigned)(t.now_us / (FRAME_US / 3)), frame = step / 3, i = step % 3;
        repair();
        if (!t.layer[i].dead)
            picture(i, frame);
        if (frame % 30 == 15 && !t.layer[i].dead) { /* a report once a second, however it travelled */
            struct layer *l = &t.layer[i];
            int64_t us = (int64_t)frame * FRAME_US;
            uint64_t ntp =
                ((uint64_t)(us / SECOND) + 3900000000u) << 32 | ((uint64_t)(us % SECOND) << 32) / SECOND;
            uint32_t ts = l->ts_base + (uint32_t)(us * 9 / 100);
            track_sr(l->track, ntp, ts, ts + roll(900), t.now_us);
        }
        turn();
    }
}

static int setup(void **state) {
    (void)state;
    memset(&t, 0, sizeof t);
    sendq_init(&t.out, send_none, NULL, on_drop);
    t.env = (struct env){.out = &t.out, .emit = emit};
    heap_init(&t.env.timers);
    list_init(&t.env.dirty);
    list_init(&t.env.fresh);
    t.now_us = (int64_t)FRAME_US / 3 * 3 * 1000;
    t.random = 88172645463325252u;
    t.room = router_open(1, &t.env, true);
    for (unsigned i = 0; i < LAYERS; i++) {
        struct layer *l = &t.layer[i];
        struct track_cfg c = {.id = env_track_id(&t.env),
                              .source = MEDIA_CAMERA,
                              .codec = CODEC_VP8,
                              .member = "a",
                              .feed = 77,
                              .layer = i,
                              .layers = LAYERS,
                              .rid = (const char *[]){"q", "h", "f"}[i],
                              .pli = on_pli,
                              .wish = on_wish,
                              .owner = l,
                              .env = &t.env,
                              .timer = &t.room->timer};
        *l = (struct layer){.seq = 70000 + 1000 * i, .pid = (uint16_t)(100 * i), .key = true};
        l->ts_base = (uint32_t)roll(UINT32_MAX);
        l->track = track_open(&c);
        assert_int_equal(router_track_add(t.room, l->track, t.now_us), 0);
    }
    follow_init(&t.f, &ops, 90000, 42);
    t.f.rewrite.drop = t.drops;
    follow_to(&t.f, t.layer[0].track->feed);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    follow_fini(&t.f);
    router_close(t.room, t.now_us);
    heap_fini(&t.env.timers);
    return 0;
}

static void hop(unsigned times, int64_t dwell_us) {
    run(2 * SECOND);
    for (unsigned i = 0; i < times; i++) {
        follow_pick(&t.f, (int)roll(LAYERS), FOLLOW_TID_ALL, t.now_us);
        run(dwell_us + roll(SECOND));
    }
}

static void goes_over_unseen(void **state) {
    (void)state;
    hop(150, 1200 * MS);
    assert_true(t.switches > 60);
    assert_true(t.longest_us < 100 * MS);    /* nothing stands still for a switch */
    assert_true(t.worst_skew_us < 110 * MS); /* and sound stays with the picture */
    for (unsigned i = 0; i < LAYERS; i++)
        assert_true(t.layer[i].plis <= 180);
}

static void losses_cost_nothing_but_themselves(void **state) {
    (void)state;
    t.loss_permille = 30;
    hop(100, 1500 * MS);
    assert_true(t.switches > 30);
    assert_true(t.longest_us < 500 * MS);
    unsigned missing = 0;
    for (uint16_t s = t.first; s != t.top; s++)
        missing += !t.seen[s];
    assert_true(missing <= t.switches * 3); /* what was repaired after its layer had been left */
}

static void a_layer_that_dies_is_left(void **state) {
    (void)state;
    run(2 * SECOND);
    follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    run(2 * SECOND);
    assert_int_equal(t.shown, 2);
    t.layer[2].dead = true;
    for (unsigned i = 0; i < 20; i++) { /* its owner looks again as layers go: to the next smaller one */
        run(100 * MS);
        follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    }
    assert_int_equal(t.shown, 1);
    assert_true(t.longest_us < 1100 * MS); /* FEED_STALE_US, and a key frame */
    t.layer[2].dead = false;
    t.layer[2].key = true;
    t.longest_us = 0;
    for (unsigned i = 0; i < 30; i++) {
        run(100 * MS);
        follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    }
    assert_int_equal(t.shown, 2);
    assert_true(t.longest_us < 100 * MS);
}

static void temporal_layers_are_left_out(void **state) {
    (void)state;
    run(2 * SECOND);
    follow_pick(&t.f, 1, 0, t.now_us);
    run(SECOND);
    unsigned upper = t.held[1], base = t.held[0];
    run(10 * SECOND);
    assert_int_equal(t.held[1], upper); /* on_packet: no gap in numbers, none in picture ids */
    assert_true(t.held[0] - base >= 150 * 3 - 10);
    follow_pick(&t.f, 1, FOLLOW_TID_ALL, t.now_us);
    run(10 * SECOND);
    assert_true(t.held[1] - upper >= 150 * 3 - 10);
}

static void layers_without_followers_sleep(void **state) {
    (void)state;
    t.told = 7;
    run(2 * SECOND);
    follow_pick(&t.f, 1, FOLLOW_TID_ALL, t.now_us);
    run(DOZE_IDLE_US + SECOND);
    assert_int_equal(t.told, 1 | 2);
    follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    run(SECOND); /* the room looks at its feeds twice a second even if nobody asked it to settle */
    assert_int_equal(t.told & 4, 4);
}

/* Key pictures and nothing between, each when it is asked for, and after them the picture moves again. */
static void stills_come_one_by_one(void **state) {
    (void)state;
    run(2 * SECOND);
    t.f.still = t.f.frugal = true;
    follow_pick(&t.f, 0, FOLLOW_TID_ALL, t.now_us);
    run(SECOND);
    unsigned asked = t.layer[0].plis;
    for (unsigned i = 1; i <= 10; i++) {
        assert_int_equal(t.pictures, i);
        assert_int_equal(t.packets, i * 6); /* picture(): what a key picture has */
        assert_int_equal(t.f.state, FOLLOW_REST);
        t.next_frame = 0;
        follow_wake(&t.f, t.now_us);
        t.shown = LAYERS; /* on_packet: the next one must be a key picture again */
        run(5 * SECOND);
    }
    assert_true(t.layer[0].plis - asked <= 10);
    t.f.still = t.f.frugal = false;
    unsigned pictures = t.pictures;
    t.shown = LAYERS;
    follow_wake(&t.f, t.now_us);
    run(5 * SECOND);
    assert_true(t.pictures - pictures > 4 * 30);
    assert_int_equal(t.f.state, FOLLOW_FLOW);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(goes_over_unseen, setup, teardown),
        cmocka_unit_test_setup_teardown(losses_cost_nothing_but_themselves, setup, teardown),
        cmocka_unit_test_setup_teardown(a_layer_that_dies_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(temporal_layers_are_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(stills_come_one_by_one, setup, teardown),
        cmocka_unit_test_setup_teardown(layers_without_followers_sleep, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
