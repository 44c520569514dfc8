/* What a room decides: which track is on which slot of which view, who is told to speak, what a block does.
 * Real tracks and views; their legs are down, so nothing is sent and nothing needs a network. */
#include "media/base/mem.h"
#include "media/rtc/peer.h"
#include "media/rtc/relay.h"
#include "media/rtc/router.h"
#include "media/rtc/tap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { MS = 1000, ROOM = 5, VIEWS_MAX = 4 };

static struct {
    struct sendq out;
    struct env env;
    struct router *room;
    struct leg leg;
    struct view view[VIEWS_MAX];
    unsigned views, plis, events[MEDIA_EV_QUALITY + 1];
    bool interprets; /* of the last track a tap was told of */
    unsigned speaking_circle;
    char speaking[200], slots[4096];
    int64_t now_us;
    uint64_t seq;
} t;

static size_t send_none(void *ctx, const struct udp_out *v, size_t n) {
    (void)ctx;
    (void)v;
    return n;
}
static void on_drop(void *owner) { (void)owner; }
static void emit(void *ctx, const struct media_event *e) {
    (void)ctx;
    t.events[e->type]++;
    t.interprets = e->type == MEDIA_EV_TAP_TRACK ? e->channel != 0 : t.interprets;
    if (e->type == MEDIA_EV_SPEAKING) {
        STR_COPY(t.speaking, str_of(e->text));
        t.speaking_circle = e->circle;
    }
    if (e->type == MEDIA_EV_SLOTS)
        STR_COPY(t.slots, str_of(e->text));
    mem_free(e->text);
}
static void on_pli(struct track *track, void *owner, int64_t now_us) {
    (void)track;
    (void)owner;
    (void)now_us;
    t.plis++;
}

static int setup(void **state) {
    (void)state;
    memset(&t, 0, sizeof t);
    sendq_init(&t.out, send_none, NULL, on_drop);
    t.env = (struct env){.out = &t.out, .emit = emit};
    heap_init(&t.env.timers);
    list_init(&t.env.dirty);
    list_init(&t.env.fresh);
    t.leg.env = &t.env;
    t.now_us = 1000000000;
    t.room = router_open(ROOM, &t.env, true);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (unsigned i = 0; i < t.views; i++)
        view_fini(&t.view[i]);
    router_close(t.room, t.now_us);
    assert_null(heap_top(&t.env.timers));
    heap_fini(&t.env.timers);
    return 0;
}

static struct track *add(const char *member, enum media_source source, enum codec codec) {
    struct track_cfg c = {.id = env_track_id(&t.env),
                          .source = source,
                          .codec = codec,
                          .member = member,
                          .pli = on_pli,
                          .env = &t.env,
                          .timer = &t.room->timer};
    struct track *track = track_open(&c);
    assert_int_equal(router_track_add(t.room, track, t.now_us), 0);
    return track;
}

/* One packet: a key frame of VP8, or sound of this level. */
static void feed(struct track *track, uint8_t level_dbov) {
    static const uint8_t key[] = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01, 1, 2, 3};
    struct rtp p = {.marker = true, .ts = (uint32_t)(t.now_us * 9 / 100), .payload = {key, sizeof key}};
    struct track_level level = {.has = !track->video, .voice = true, .dbov = level_dbov};
    router_put(t.room, track, ++t.seq, &p, &level, t.now_us);
}

static struct view *look(const char *member, unsigned video_slots, bool vp8) {
    struct sdp_line line[3 + MEDIA_VIDEO_SLOTS_MAX] = {0};
    struct sdp_ssrc audio[3] = {{1, 0}, {2, 0}, {3, 0}}, video[MEDIA_VIDEO_SLOTS_MAX];
    for (unsigned i = 0; i < 3 + video_slots; i++) {
        line[i].kind = i < 3 ? SDP_AUDIO : SDP_VIDEO;
        line[i].slot = (int)(i < 3 ? i : i - 3);
        snprintf(line[i].mid, sizeof line[i].mid, "%u", i);
        line[i].codec[i < 3 ? SDP_OPUS
                      : vp8 ? SDP_VP8
                            : SDP_H264] = (struct sdp_codec_choice){.pt = 100, .rtx = 101, .on = true};
        if (i >= 3)
            video[i - 3] = (struct sdp_ssrc){i * 10, i * 10 + 1};
    }
    struct view_cfg c = {.peer = t.views + 1,
                         .member = member,
                         .leg = &t.leg,
                         .line = line,
                         .line_count = 3 + video_slots,
                         .audio = audio,
                         .video = video};
    struct view *v = &t.view[t.views++];
    view_init(v, &c);
    router_view_add(t.room, v);
    return v;
}

static void stage(const char *a, const char *b, const char *c) {
    struct view_pick p[3] = {{.source = MEDIA_CAMERA}, {.source = MEDIA_CAMERA}, {.source = MEDIA_CAMERA}};
    STR_COPY(p[0].member, str_of(a));
    STR_COPY(p[1].member, str_of(b));
    STR_COPY(p[2].member, str_of(c));
    router_stage(t.room, 0, p, 3);
}

static void settle(void) {
    while (!list_empty(&t.env.fresh))
        track_flush(list_entry(t.env.fresh.next, struct track, in_fresh), t.now_us);
    while (!list_empty(&t.env.dirty))
        router_settle(list_entry(t.env.dirty.next, struct router, in_dirty), t.now_us);
}

static void pass(int64_t us) {
    for (int64_t end_us = t.now_us + us; t.now_us < end_us; t.now_us += 10 * MS) {
        for (struct heap_node *h; (h = heap_top(&t.env.timers)) && h->at_us <= t.now_us;) {
            heap_drop(&t.env.timers, h);
            struct env_timer *timer = container_of(h, struct env_timer, node);
            timer->fire(timer, t.now_us);
        }
        settle();
    }
}

/* "a b -": the members on a view's video slots. */
static void assert_seen(const struct view *v, const char *expect) {
    char got[200] = "";
    for (unsigned i = 0; i < v->video_n; i++) {
        const struct feed *on = slot_feed(&v->slot[v->audio_n + i]);
        size_t n = strlen(got);
        snprintf(got + n, sizeof got - n, "%s%s", i ? " " : "", on ? on->member : "-");
    }
    assert_string_equal(got, expect);
}
static bool hears(const struct view *v, const char *member) {
    for (unsigned i = 0; i < v->audio_n; i++) {
        if (slot_feed(&v->slot[i]) && !strcmp(slot_feed(&v->slot[i])->member, member))
            return true;
    }
    return false;
}

static void test_minimal_movement(void **state) {
    (void)state;
    static const char *const who[] = {"a", "b", "c", "d"};
    struct track *cam[4];
    for (unsigned i = 0; i < 4; i++) {
        cam[i] = add(who[i], MEDIA_CAMERA, CODEC_VP8);
        feed(cam[i], 0);
    }
    struct view *v = look("viewer", 3, true), *small = look("small", 1, true), *own = look("b", 3, true);
    stage("a", "b", "c");
    settle();
    assert_seen(v, "a b c");
    assert_seen(small, "a");
    assert_seen(own, "a c -"); /* nobody is sent his own picture by the stage */
    stage("c", "d", "a");      /* b goes, d comes: only one slot changes */
    settle();
    assert_seen(v, "a d c");
    assert_seen(small, "c"); /* the most important one */
    stage("d", "nobody", "");
    settle();
    assert_seen(v, "- d -");
    v->want[0] = (struct view_pick){"b", MEDIA_CAMERA};
    v->want[1] = (struct view_pick){"", MEDIA_CAMERA};
    v->want_n = 2;
    own->want[0] = (struct view_pick){"b", MEDIA_CAMERA}; /* asked for by name it is */
    own->want_n = 1;
    router_view_changed(t.room, v);
    router_view_changed(t.room, own);
    settle();
    assert_seen(v, "b - -");
    assert_seen(own, "b - -");
    v->audio_only = true;
    router_view_changed(t.room, v);
    settle();
    assert_seen(v, "- - -");
    router_track_drop(t.room, cam[1], t.now_us);
    settle();
    assert_seen(own, "- - -");
}

static void test_unsupported(void **state) {
    (void)state;
    feed(add("a", MEDIA_CAMERA, CODEC_VP8), 0);
    struct view *v = look("viewer", 1, false);
    stage("a", "", "");
    settle();
    assert_true(slot_unsupported(&v->slot[3]));
    assert_string_equal(
        t.slots, "{\"video\":[{\"mid\":\"3\",\"who\":\"a\",\"source\":\"camera\",\"unsupported\":true}],"
                 "\"audio\":[{\"mid\":\"0\"},{\"mid\":\"1\"},{\"mid\":\"2\"}]}");
    assert_int_equal(t.plis, 0); /* nobody could use the key frame */
}

/* A picture appears with its first key frame, not before; it is asked for once a second. */
static void test_appears(void **state) {
    (void)state;
    static const uint8_t delta[] = {0x10, 0x11, 0, 0, 1, 2, 3};
    struct track *cam = add("a", MEDIA_CAMERA, CODEC_VP8);
    struct view *v = look("viewer", 1, true);
    stage("a", "", "");
    struct rtp p = {.marker = true, .ts = 1, .payload = {delta, sizeof delta}};
    struct track_level none = {0};
    for (int i = 0; i < 250; i++) {
        router_put(t.room, cam, ++t.seq, &p, &none, t.now_us);
        pass(10 * MS);
    }
    assert_seen(v, "-");
    assert_int_equal(t.events[MEDIA_EV_TRACK_ON], 0);
    assert_int_equal(t.plis, 3); /* 2.5 s */
    feed(cam, 0);
    settle();
    assert_seen(v, "a");
    assert_int_equal(t.events[MEDIA_EV_TRACK_ON], 1);
    pass(4000 * MS); /* nothing more comes */
    assert_seen(v, "-");
    assert_int_equal(t.events[MEDIA_EV_TRACK_OFF], 1);
}

static void speak(struct track *const *mic, unsigned n, unsigned loud, int64_t us) {
    for (int64_t end_us = t.now_us + us; t.now_us < end_us;) {
        for (unsigned i = 0; i < n; i++)
            feed(mic[i], i == loud ? 15 : 127);
        pass(20 * MS);
    }
}

static void test_hearing(void **state) {
    (void)state;
    static const char *const who[] = {"a", "b", "c", "d", "e"};
    struct track *mic[5];
    for (unsigned i = 0; i < 5; i++)
        mic[i] = add(who[i], MEDIA_MIC, CODEC_OPUS);
    struct track *cam = add("d", MEDIA_CAMERA, CODEC_VP8);
    feed(cam, 0);
    stage("", "d", "");
    struct view *v = look("viewer", 2, true), *own = look("d", 2, true);
    speak(mic, 5, 5, 200 * MS);
    unsigned moves = t.events[MEDIA_EV_SLOTS];
    speak(mic, 5, 3, 300 * MS);
    assert_true(hears(v, "d"));
    assert_false(hears(own, "d"));
    assert_string_equal(t.speaking, "d");
    assert_ptr_equal(slot_feed(&v->slot[0]), mic[3]->feed); /* beside his picture on the first video slot */
    speak(mic, 5, 4, 300 * MS);
    assert_true(hears(v, "e") && hears(v, "d") && hears(own, "e"));
    speak(mic, 5, 5, 3000 * MS);
    assert_string_equal(t.speaking, "");
    assert_true(hears(v, "d") && hears(v, "e")); /* silence moves nothing */
    assert_true(t.events[MEDIA_EV_SLOTS] - moves <= 6);
    unsigned told = t.events[MEDIA_EV_SPEAKING];
    for (unsigned k = 0; k < 20; k++) { /* two who interrupt each other: the list stays calm */
        feed(mic[0], k % 2 ? 10 : 30);
        feed(mic[1], k % 2 ? 30 : 10);
        pass(100 * MS);
    }
    assert_true(t.events[MEDIA_EV_SPEAKING] - told <= 4);
}

/* Silence is not sent on; a soft instrument, in which nobody finds a voice, is. */
static void test_silence(void **state) {
    (void)state;
    static const uint8_t frame[40] = {0xf8};
    struct track *mic = add("a", MEDIA_MIC, CODEC_OPUS);
    static const struct {
        uint8_t dbov;
        bool voice, audible;
    } row[] = {
        {30, true, true}, {58, false, true}, {74, false, true}, {75, false, false}, {127, true, false}};
    for (size_t i = 0; i < countof(row); i++) {
        for (int k = 0; k < 80; k++) {
            struct rtp p = {.ts = (uint32_t)(t.now_us * 48 / 1000), .payload = {frame, sizeof frame}};
            struct track_level level = {.has = true, .voice = row[i].voice, .dbov = row[i].dbov};
            router_put(t.room, mic, ++t.seq, &p, &level, t.now_us);
            pass(20 * MS);
        }
        assert_int_equal(mic->audible, row[i].audible);
    }
}

static void test_block(void **state) {
    (void)state;
    struct track *mic = add("a", MEDIA_MIC, CODEC_OPUS);
    feed(mic, 20);
    settle();
    assert_int_equal(t.events[MEDIA_EV_TRACK_ON], 1);
    router_block(t.room, "a", MEDIA_MIC, true, t.now_us);
    assert_true(router_blocked(t.room, "a", MEDIA_MIC));
    assert_false(router_blocked(t.room, "a", MEDIA_CAMERA));
    assert_false(router_blocked(t.room, "b", MEDIA_MIC));
    assert_int_equal(t.events[MEDIA_EV_TRACK_OFF], 1);
    router_block(t.room, "a", MEDIA_MIC, false, t.now_us);
    assert_false(router_blocked(t.room, "a", MEDIA_MIC));
    assert_int_equal(t.room->blocked.n, 0);
}

/* The newest track of a member's source is the one shown: he came back before the old one timed out. */
static void test_return(void **state) {
    (void)state;
    struct track *old = add("a", MEDIA_CAMERA, CODEC_VP8);
    feed(old, 0);
    struct view *v = look("viewer", 1, true);
    stage("a", "", "");
    settle();
    assert_ptr_equal(slot_feed(&v->slot[3]), old->feed);
    struct track *fresh = add("a", MEDIA_CAMERA, CODEC_VP8);
    feed(fresh, 0);
    settle();
    assert_ptr_equal(slot_feed(&v->slot[3]), fresh->feed);
}

static void test_limit(void **state) {
    (void)state;
    for (unsigned i = 0; i < ROUTER_TRACKS_MAX; i++)
        add("a", MEDIA_MIC, CODEC_OPUS);
    struct track_cfg c = {.id = 9999,
                          .source = MEDIA_MIC,
                          .codec = CODEC_OPUS,
                          .member = "z",
                          .env = &t.env,
                          .timer = &t.room->timer};
    struct track *one = track_open(&c);
    assert_true(router_track_add(t.room, one, t.now_us) < 0);
    track_close(one, t.now_us);
}

/* A relay whose reader sleeps: counted, bounded, one key frame asked for; afterwards it goes on. */
static void test_relay_overflow(void **state) {
    (void)state;
    struct mailbox *box[2] = {NULL, NULL};
    static struct relay_msg m;
    assert_int_equal(mailbox_open(&box[1], sizeof m, 8), 0);
    t.env.relay = box;
    struct track *cam = add("a", MEDIA_CAMERA, CODEC_VP8);
    struct relay *y = relay_open(t.room, 1, t.now_us);
    for (unsigned i = 0; i < 20; i++) {
        feed(cam, 0);
        settle();
    }
    assert_int_equal(t.env.n.relay_packets, 8);
    assert_int_equal(t.env.n.relay_dropped, 12);
    assert_int_equal(t.plis, 1);
    unsigned got = 0;
    for (uint64_t last = 0; mailbox_get(box[1], &m, 1); last = m.seq, got++) {
        assert_int_equal(m.kind, RELAY_PACKET);
        assert_string_equal(m.member, "a");
        assert_true(m.seq > last && m.codec == CODEC_VP8 && m.room == ROOM);
    }
    assert_int_equal(got, 8);
    feed(cam, 0);
    settle();
    assert_int_equal(mailbox_get(box[1], &m, 1), 1);
    router_track_drop(t.room, cam, t.now_us);
    assert_true(mailbox_get(box[1], &m, 1) == 1 && (m.kind == RELAY_OFF || m.kind == RELAY_GONE));
    relay_close(y);
    mailbox_close(box[1]);
}

/* A child that does not read: the socket fills, packets are dropped and counted, nothing blocks. */
static void test_tap_full(void **state) {
    (void)state;
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
    struct track *cam = add("a", MEDIA_CAMERA, CODEC_VP8);
    feed(cam, 0);
    struct tap *tap = tap_open(t.room, 3, fd[0], t.now_us);
    assert_int_equal(t.events[MEDIA_EV_TAP_TRACK], 1);
    for (unsigned i = 0; i < 5000; i++) {
        feed(cam, 0);
        settle();
    }
    assert_true(t.env.n.tap_packets > 10 && t.env.n.tap_dropped > 10);
    assert_int_equal(t.plis, 1);
    assert_false(tap->gone);
    close(fd[1]);
    tap_on_readable(tap, t.now_us);
    assert_true(tap->gone);
    tap_close(tap);
}

/* What a viewer of three voices and six pictures costs here; keys and DTLS come to it (bench sfu: 60 kB in
 * all). */
/* Small groups: who is in another circle is neither heard nor seen, not even when asked for by name. */
static void test_circles(void **state) {
    (void)state;
    static const char *const who[] = {"a", "b", "c"};
    struct view_pick pick = {.source = MEDIA_CAMERA};
    struct track *mic[3], *cam[3];
    for (unsigned i = 0; i < 3; i++) {
        mic[i] = add(who[i], MEDIA_MIC, CODEC_OPUS);
        cam[i] = add(who[i], MEDIA_CAMERA, CODEC_VP8);
        feed(cam[i], 0);
    }
    struct view *a = look("a", 2, true), *c = look("c", 2, true);
    stage("a", "b", "c");
    router_move(t.room, "a", 1, false, t.now_us);
    router_move(t.room, "b", 1, false, t.now_us);
    STR_COPY(pick.member, STR("b"));
    router_stage(t.room, 1, &pick, 1);
    speak(mic, 3, 2, 300 * MS);
    assert_string_equal(t.speaking, "c");
    assert_int_equal(t.speaking_circle, 0);
    assert_false(hears(a, "c"));
    assert_false(hears(c, "a") || hears(c, "b"));
    assert_seen(a, "b -");
    assert_seen(c, "- -");
    speak(mic, 3, 1, 300 * MS);
    assert_string_equal(t.speaking, "b");
    assert_int_equal(t.speaking_circle, 1);
    assert_true(hears(a, "b"));
    STR_COPY(a->want[0].member, STR("c"));
    a->want[0].source = MEDIA_CAMERA;
    a->want_n = 1;
    router_view_changed(t.room, a);
    settle();
    assert_seen(a, "- -");
    router_move(t.room, "c", 0, true, t.now_us); /* speaks to all */
    speak(mic, 3, 2, 300 * MS);
    assert_true(hears(a, "c"));
    assert_seen(a, "c -");
    assert_false(hears(c, "a"));
    router_move(t.room, "c", 0, false, t.now_us);
    settle();
    assert_false(hears(a, "c"));
    router_move(t.room, "a", 0, false, t.now_us); /* and back among all */
    speak(mic, 3, 0, 300 * MS);
    assert_true(hears(c, "a"));
    assert_seen(c, "a -");
    assert_int_equal(t.room->circles.n, 1); /* b alone is elsewhere */
}

/* What is said at a table is in no recording; who comes back is. */
static void test_tap_of_the_first_circle(void **state) {
    (void)state;
    int fd[2];
    struct track *mic = add("a", MEDIA_MIC, CODEC_OPUS);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
    struct tap *tap = tap_open(t.room, 3, fd[0], t.now_us);
    speak(&mic, 1, 0, 100 * MS);
    uint64_t before = t.env.n.tap_packets;
    assert_true(before > 0);
    router_move(t.room, "a", 1, false, t.now_us);
    settle(); /* the child is told that it is gone */
    uint64_t gone = t.env.n.tap_packets;
    speak(&mic, 1, 0, 200 * MS);
    assert_int_equal(t.env.n.tap_packets, gone);
    unsigned tracks = t.events[MEDIA_EV_TAP_TRACK];
    router_move(t.room, "a", 0, false, t.now_us);
    speak(&mic, 1, 0, 200 * MS);
    assert_int_equal(t.events[MEDIA_EV_TAP_TRACK], tracks + 1);
    assert_true(t.env.n.tap_packets > gone);
    tap_close(tap);
    close(fd[1]);
}

/* Who interprets is a track of another kind from the first packet to the last, on the air only; as a voice of
 * the room he is another one. */
static void test_tap_of_channels(void **state) {
    (void)state;
    int fd[2];
    struct track *mic = add("a", MEDIA_MIC, CODEC_OPUS);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
    struct tap *tap = tap_open(t.room, 3, fd[0], t.now_us);
    speak(&mic, 1, 0, 100 * MS);
    assert_int_equal(t.events[MEDIA_EV_TAP_TRACK], 1);
    assert_false(t.interprets);
    router_voice(t.room, "a", MEDIA_CHANNEL_NONE, t.now_us); /* an interpreter, and not on the air */
    settle();
    uint64_t gone = t.env.n.tap_packets;
    speak(&mic, 1, 0, 200 * MS);
    assert_int_equal(t.env.n.tap_packets, gone);
    router_voice(t.room, "a", 2, t.now_us);
    speak(&mic, 1, 0, 200 * MS);
    assert_int_equal(t.events[MEDIA_EV_TAP_TRACK], 2);
    assert_true(t.interprets && t.env.n.tap_packets > gone);
    router_voice(t.room, "a", 1, t.now_us); /* another language: the same voice */
    speak(&mic, 1, 0, 100 * MS);
    assert_int_equal(t.events[MEDIA_EV_TAP_TRACK], 2);
    router_voice(t.room, "a", 0, t.now_us);
    speak(&mic, 1, 0, 100 * MS);
    assert_int_equal(t.events[MEDIA_EV_TAP_TRACK], 3);
    assert_false(t.interprets);
    tap_close(tap);
    close(fd[1]);
}

static void test_size(void **state) {
    (void)state;
    size_t bytes = sizeof(struct peer) + sizeof(struct view) + 9 * sizeof(struct slot);
    assert_true(bytes < 26 * 1024);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_minimal_movement, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unsupported, setup, teardown),
        cmocka_unit_test_setup_teardown(test_appears, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hearing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
        cmocka_unit_test_setup_teardown(test_block, setup, teardown),
        cmocka_unit_test_setup_teardown(test_return, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_relay_overflow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tap_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_circles, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tap_of_the_first_circle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tap_of_channels, setup, teardown),
        cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
