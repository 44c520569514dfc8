/* track: what of one picture waits for the rest of it, for how long, and that each sink gets its share in one
 * piece. */
#include "media/rtc/track.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { SINKS = 3, SEEN_MAX = 200 };

static struct {
    struct env env;
    struct sink sink[SINKS];
    unsigned n;
    struct {
        unsigned sink;
        uint64_t seq;
    } seen[SEEN_MAX];
} t;

static void on_packet(struct sink *s, const struct history_pkt *p, int64_t now_us) {
    (void)now_us;
    assert_true(t.n < SEEN_MAX);
    t.seen[t.n].sink = (unsigned)(s - t.sink);
    t.seen[t.n++].seq = p->seq;
}
static void on_gone(struct sink *s, const struct track *track, int64_t now_us) {
    (void)s;
    (void)track;
    (void)now_us;
}
static const struct sink_ops ops = {.on_packet = on_packet, .on_gone = on_gone};

static struct track *open_track(enum codec codec) {
    memset(&t, 0, sizeof t);
    list_init(&t.env.fresh);
    struct track *track =
        track_open(&(struct track_cfg){.id = 1, .codec = codec, .member = "m", .env = &t.env});
    for (unsigned i = 0; i < SINKS; i++) {
        t.sink[i].ops = &ops;
        list_init(&t.sink[i].in_track);
        track_attach(track, &t.sink[i]);
    }
    return track;
}

static const struct history_pkt *come(struct track *track, uint64_t seq, bool marker, int64_t now_us) {
    static const uint8_t slice[] = {0x41, 1, 2, 3};
    struct rtp p = {.marker = marker, .seq = (uint16_t)seq, .payload = {slice, sizeof slice}};
    const struct history_pkt *h = track_store(track, seq, &p, &(struct track_level){0}, now_us);
    assert_non_null(h);
    track_fan(track, h, now_us);
    return h;
}

static void a_picture_waits_for_its_end(void **state) {
    (void)state;
    struct track *track = open_track(CODEC_H264);
    const struct history_pkt *first = come(track, 10, false, 5000);
    assert_int_equal(track->due_us, 5000 + TRACK_HOLD_US);
    assert_true(track_holds(track, first));
    come(track, 11, false, 5400);
    assert_int_equal(track->due_us, 5000 + TRACK_HOLD_US); /* the first one's patience, not the last one's */
    come(track, 12, true, 5500);
    assert_int_equal(track->due_us, 5500);
    assert_int_equal(t.n, 0);
    track_flush(track, 5500);
    assert_true(list_empty(&t.env.fresh));
    assert_false(track_holds(track, first));
    assert_int_equal(t.n, 3 * SINKS);
    for (unsigned i = 0; i < t.n; i++) {
        assert_int_equal(t.seen[i].sink, i / 3);
        assert_int_equal(t.seen[i].seq, 10 + i % 3);
    }
    /* One that comes late belongs to a picture that left: nothing to wait for. */
    come(track, 14, false, 6000);
    track_flush(track, 6000 + TRACK_HOLD_US);
    come(track, 13, false, 9000);
    assert_int_equal(track->due_us, 9000);
    track_close(track, 9000);
}

static void sound_waits_for_nothing(void **state) {
    (void)state;
    struct track *track = open_track(CODEC_OPUS);
    come(track, 1, false, 5000);
    assert_int_equal(track->due_us, 5000);
    track_close(track, 5000);
    assert_int_equal(t.n, SINKS); /* closing loses nothing */
}

static void a_large_picture_leaves_in_parts(void **state) {
    (void)state;
    struct track *track = open_track(CODEC_H264);
    for (unsigned i = 0; i <= TRACK_FRESH_MAX; i++)
        come(track, 1 + i, false, 5000 + i);
    assert_int_equal(t.n, TRACK_FRESH_MAX * SINKS);
    assert_int_equal(track->fresh_n, 1);
    assert_int_equal(track->due_us, 5000 + TRACK_FRESH_MAX + TRACK_HOLD_US);
    track_close(track, 6000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_waits_for_its_end),
        cmocka_unit_test(sound_waits_for_nothing),
        cmocka_unit_test(a_large_picture_leaves_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
