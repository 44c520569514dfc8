/* One VP9 stream of three spatial and three temporal layers, packet by packet, with packets lost and repaired
 * late; a follower is put on one quality after the other, and behind it stands a decoder that knows what each
 * frame is predicted from. Whatever happens: nothing arrives that cannot be decoded, every picture ends with
 * its mark, no number twice, none missing. */
#include "media/base/mem.h"
#include "media/base/wr.h"
#include "media/rtc/follow.h"
#include "media/rtc/router.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { MS = 1000, SECOND = 1000000, FRAME_US = 33333, SIDS = 3, PICTURES = 1 << 16, LATE_US = 80 * MS };

struct late {
    uint64_t seq;
    struct rtp rtp;
    uint8_t payload[64];
    int64_t at_us;
};
static struct {
    struct sendq out;
    struct env env;
    struct router *room;
    struct track *track;
    struct follow f;
    struct rewrite_drop drops[REWRITE_DROPS];
    int64_t now_us;
    uint64_t random, seq;
    unsigned loss_permille, late_n, plis, picture, since_key;
    bool key, full; /* full: upper layers are predicted from lower ones in every picture */
    unsigned sids;  /* sent */
    struct late late[512];
    /* the viewer */
    bool got[PICTURES][SIDS], seen[1 << 16];
    bool any;
    uint16_t first, top;
    unsigned pictures, keys, empties, shown_sid, shown_tid, marks, at_picture, worst_gap;
    unsigned bytes_of[SIDS];
} t;

static unsigned roll(unsigned n) { /* xorshift64 */
    t.random ^= t.random << 13;
    t.random ^= t.random >> 7;
    t.random ^= t.random << 17;
    return (unsigned)(t.random >> 33) % n;
}

/* ---- the sender: T0 T2 T1 T2, counted from the key picture ---- */

static unsigned tid_of(unsigned since_key) {
    static const unsigned TID[] = {0, 2, 1, 2};
    return TID[since_key % 4];
}
/* How many pictures back the one lies that this is predicted from; 0: from none. */
static unsigned back_of(unsigned since_key) {
    static const unsigned BACK[] = {4, 1, 2, 1};
    return since_key ? BACK[since_key % 4] : 0;
}

/* ---- the decoder ---- */

static void decodes(const struct history_pkt *p, unsigned n, unsigned sid) {
    const uint8_t *end = p->data + p->n;
    unsigned since_key = (unsigned)(end[-2] << 8 | end[-1]), back = back_of(since_key);
    bool upon = sid && (t.full || !since_key);
    if (back)
        assert_true(t.got[n - back][sid]);
    if (upon)
        assert_true(t.got[n][sid - 1]);
    t.got[n][sid] = true;
    t.keys += !since_key && !sid;
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
    (void)now_us;
    assert_false(t.seen[r->seq]);
    t.seen[r->seq] = true;
    bool late = t.any && !seq_newer(r->seq, t.top);
    t.first = t.any ? t.first : r->seq;
    t.top = late ? t.top : r->seq;
    t.any = true;
    if (r->empty) {
        t.empties++;
        assert_true(t.loss_permille);
        return;
    }
    const uint8_t *end = p->data + p->n;
    unsigned n = (unsigned)(end[-5] << 16 | end[-4] << 8 | end[-3]), sid = p->info.layer.sid;
    t.bytes_of[sid] += p->n;
    if (t.loss_permille) { /* what is decodable after a loss is the decoder's business */
        t.pictures += r->marker;
        return;
    }
    if (t.marks && !late && n != t.at_picture && t.pictures)
        assert_true(t.marks == t.pictures); /* the one before was ended */
    if (p->info.layer.end)
        decodes(p, n, sid);
    t.at_picture = n;
    t.marks += r->marker;
    if (!r->marker)
        return;
    t.pictures++;
    t.shown_sid = sid;
    t.shown_tid = p->info.layer.tid;
    assert_true(p->info.layer.end && sid == (f->sid < t.sids ? f->sid : t.sids - 1));
}
static const struct follow_ops ops = {.ready = ready, .packet = on_packet, .closed = closed};

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
    (void)owner;
    (void)now_us;
    t.key = true;
    t.plis++;
}
static void put(uint64_t seq, const struct rtp *p) {
    struct track_level none = {0};
    router_put(t.room, t.track, seq, p, &none, t.now_us);
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

static void write_structure(struct wr *w) {
    wr_u8(w, (uint8_t)((t.sids - 1) << 5 | 0x10));
    for (unsigned i = 0; i < t.sids; i++) {
        wr_u16(w, (uint16_t)(320 << i));
        wr_u16(w, (uint16_t)(180 << i));
    }
}

static void layer_frame(unsigned sid) {
    enum { I = 0x80, P = 0x40, L = 0x20, B = 0x08, E = 0x04, V = 0x02, Z = 0x01, U = 0x10, PACKETS = 2 };
    bool key = !t.since_key;
    unsigned tid = tid_of(t.since_key);
    bool up = tid == 0 || t.since_key % 4 == 2;
    for (unsigned k = 0; k < PACKETS; k++) {
        struct late p = {.seq = t.seq++, .at_us = t.now_us + LATE_US};
        struct wr w = wr_init(p.payload, sizeof p.payload);
        bool sizes = key && !sid && !k, leaf = sid + 1 == t.sids || (!t.full && !key);
        wr_u8(&w, (uint8_t)(I | L | (key ? 0 : P) | (k ? 0 : B) | (k + 1 == PACKETS ? E : 0) |
                            (sizes ? V : 0) | (leaf ? Z : 0)));
        wr_u16(&w, (uint16_t)(0x8000 | (t.picture & 0x7fff)));
        wr_u8(&w, (uint8_t)(tid << 5 | (up ? U : 0) | sid << 1 | (sid && (t.full || key))));
        wr_u8(&w, 0);
        if (sizes)
            write_structure(&w);
        wr_u24(&w, t.picture);
        wr_u16(&w, (uint16_t)t.since_key);
        p.rtp = (struct rtp){.marker = sid + 1 == t.sids && k + 1 == PACKETS,
                             .seq = (uint16_t)p.seq,
                             .ts = t.picture * 3000,
                             .payload = {p.payload, wr_len(&w)}};
        if (roll(1000) >= t.loss_permille)
            put(p.seq, &p.rtp);
        else if (t.late_n < sizeof t.late / sizeof *t.late)
            t.late[t.late_n++] = p;
    }
}

static void repair(void) {
    unsigned kept = 0;
    for (unsigned i = 0; i < t.late_n; i++) {
        t.late[i].rtp.payload.p = t.late[i].payload;
        if (t.late[i].at_us <= t.now_us)
            put(t.late[i].seq, &t.late[i].rtp);
        else
            t.late[kept++] = t.late[i];
    }
    t.late_n = kept;
}

static void run(int64_t for_us) {
    for (int64_t end_us = t.now_us + for_us; t.now_us < end_us; t.now_us += FRAME_US) {
        repair();
        t.since_key = t.key ? 0 : t.since_key + 1;
        t.key = false;
        t.picture++;
        for (unsigned sid = 0; sid < t.sids; sid++)
            layer_frame(sid);
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
    t.now_us = 100 * SECOND;
    t.random = 88172645463325252u;
    t.seq = 70000;
    t.sids = SIDS;
    t.key = true;
    t.room = router_open(1, &t.env, true);
    struct track_cfg c = {.id = env_track_id(&t.env),
                          .source = MEDIA_CAMERA,
                          .codec = CODEC_VP9,
                          .member = "a",
                          .pli = on_pli,
                          .env = &t.env,
                          .timer = &t.room->timer};
    t.track = track_open(&c);
    assert_int_equal(router_track_add(t.room, t.track, t.now_us), 0);
    follow_init(&t.f, &ops, 90000, 42);
    t.f.rewrite.drop = t.drops;
    follow_to(&t.f, t.track->feed);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    follow_fini(&t.f);
    router_close(t.room, t.now_us);
    heap_fini(&t.env.timers);
    return 0;
}

static void none_missing(void) {
    for (uint16_t s = t.first; s != t.top; s++)
        assert_true(t.seen[s]);
}

static void every_quality_is_whole(void **state) {
    (void)state;
    run(SECOND);
    const struct feed *d = t.track->feed;
    assert_true(d->svc && d->n == 3 && d->layer[0].height == 180 && d->layer[2].height == 720);
    for (unsigned i = 0; i < 200; i++) {
        unsigned sid = roll(SIDS), tid = roll(4), before = t.pictures;
        follow_pick(&t.f, (int)sid, tid, t.now_us);
        run(1300 * MS);
        assert_true(t.f.sid == sid && t.f.tid == tid); /* within the budget of a key frame a second */
        assert_true(t.pictures - before >= 9);         /* a quarter of the pictures at the least */
    }
    none_missing();
    assert_true(t.keys >= 50);
}

static void all_of_a_layer_is_seen(void **state) {
    (void)state;
    run(SECOND);
    follow_pick(&t.f, 1, FOLLOW_TID_ALL, t.now_us);
    run(2 * SECOND);
    unsigned before = t.pictures, small = t.bytes_of[0], large = t.bytes_of[2], plis = t.plis;
    run(4 * SECOND);
    assert_true(t.pictures - before >= 120);
    assert_true(t.bytes_of[0] == small && t.bytes_of[2] == large); /* k-SVC: no other layer is needed */
    assert_int_equal(t.plis, plis);
}

static void down_at_once_when_all_is_here(void **state) {
    (void)state;
    t.full = true;
    run(SECOND);
    follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    run(2 * SECOND);
    unsigned plis = t.plis;
    follow_pick(&t.f, 0, FOLLOW_TID_ALL, t.now_us);
    run(FRAME_US);
    assert_int_equal(t.shown_sid, 0);
    follow_pick(&t.f, 0, 0, t.now_us);
    run(SECOND);
    assert_int_equal(t.plis, plis);
    follow_pick(&t.f, 0, FOLLOW_TID_ALL, t.now_us); /* up in time: at the next base picture */
    run(200 * MS);
    assert_true(t.f.tid == FOLLOW_TID_ALL && t.plis == plis);
    follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    run(1300 * MS);
    assert_true(t.shown_sid == 2 && t.plis == plis + 1);
}

static void losses_leave_no_hole(void **state) {
    (void)state;
    t.loss_permille = 30;
    run(SECOND);
    for (unsigned i = 0; i < 60; i++) {
        follow_pick(&t.f, (int)roll(SIDS), roll(4), t.now_us);
        run(2 * SECOND);
    }
    unsigned missing = 0, on_its_way = 60;
    for (uint16_t s = t.first; s != (uint16_t)(t.top - on_its_way); s++)
        missing += !t.seen[s];
    assert_true(t.empties > 20 && t.pictures > 1000);
    assert_true(missing <= 6); /* repaired only after the run that hid them had been forgotten */
}

static void a_layer_that_stops_is_left(void **state) {
    (void)state;
    run(SECOND);
    follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    run(2 * SECOND);
    assert_int_equal(t.shown_sid, 2);
    t.sids = 2; /* its sender's line is too thin: without a key picture */
    unsigned before = t.pictures, plis = t.plis;
    run(2 * SECOND); /* the follower notices by itself, before anybody picks anew */
    assert_int_equal(t.shown_sid, 1);
    assert_true(t.pictures - before >= 25);
    run(10 * SECOND);
    assert_true(t.plis - plis <= 2);    /* and does not go on asking for what is not there */
    for (unsigned i = 0; i < 20; i++) { /* its owner looks again now and then */
        run(100 * MS);
        follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    }
    assert_int_equal(t.shown_sid, 1);
    assert_true(t.plis - plis <= 2);
    t.sids = 3;
    t.key = true;
    for (unsigned i = 0; i < 20; i++) {
        run(100 * MS);
        follow_pick(&t.f, 2, FOLLOW_TID_ALL, t.now_us);
    }
    assert_int_equal(t.shown_sid, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_quality_is_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(all_of_a_layer_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(down_at_once_when_all_is_here, setup, teardown),
        cmocka_unit_test_setup_teardown(losses_leave_no_hole, setup, teardown),
        cmocka_unit_test_setup_teardown(a_layer_that_stops_is_left, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
