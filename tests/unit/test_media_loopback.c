/* The facade with real threads and sockets: publisher -> worker -> viewers over loopback UDP, with loss,
 * switching, two workers and the relay between them, taps, and what happens when somebody goes. */
#include "media/base/err.h"
#include "media/base/clock.h"
#include "media/base/frame.h"
#include "media/base/meter.h"
#include "media/base/pcapng.h"
#include "tests/sim/lan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROOM = 41 };

static void stage(struct lan *l, const char *a, const char *b) {
    struct media_pick p[2] = {{a, MEDIA_CAMERA}, {b, MEDIA_CAMERA}};
    media_room_stage(l->media, ROOM, p, b ? 2 : 1);
}

struct want {
    struct lan_box *box;
    uint32_t source;
    unsigned pictures;
};
static bool shows(struct lan *l, void *arg) {
    struct want *w = arg;
    (void)l;
    struct endpoint_line *e = lan_showing(w->box, w->source);
    return e && e->shown >= w->pictures;
}
static void assert_shows(struct lan *l, struct lan_box *viewer, uint32_t source, unsigned pictures) {
    struct want w = {viewer, source, pictures};
    if (!lan_run(l, 60, shows, &w))
        fail_msg("%s does not show source %u (%u pictures): %s", viewer->member, source, pictures,
                 viewer->slots);
}

static void assert_clean(const struct lan_box *b) {
    for (unsigned i = 0; i < b->end->lines; i++) {
        const struct endpoint_line *l = &b->end->line[i];
        assert_int_equal(l->bad_ts, 0);
        assert_int_equal(l->bad_pid, 0);
        assert_int_equal(l->duplicates, 0);
    }
}

/* Three viewers' packets, and batches that are as large as what is in them. */
static bool is_metered(struct lan *l, void *arg) {
    (void)arg;
    struct meter m;
    media_meter_get(l->media, 0, &m);
    return hist_count(&m.transit_us) > 100 && hist_count(&m.turn_us) > 50 && hist_count(&m.batch) > 50 &&
           m.batch.sum >= hist_count(&m.transit_us);
}

static void test_one_to_three(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    l.told = true;
    stage(&l, "teacher", NULL);
    struct lan_box *teacher = lan_publish(&l, ROOM, "teacher", CODEC_H264), *v[3];
    teacher->level = 20;
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "v%d", i);
        v[i] = lan_view(&l, ROOM, name, CODEC_NONE, 2);
    }
    for (int i = 0; i < 3; i++) {
        assert_shows(&l, v[i], teacher->source, 20);
        assert_int_equal(v[i]->end->line[0].source, teacher->source); /* heard on the first audio slot */
        assert_true(v[i]->end->line[0].shown > 10);
        assert_int_equal(v[i]->end->line[3].skipped, 0);
        assert_clean(v[i]);
    }
    assert_int_equal(teacher->up, 1);
    assert_int_equal(lan_events(&l, MEDIA_EV_TRACK_ON, teacher->peer), 2);
    assert_string_equal(l.speaking, "teacher");
    assert_true(lan_run(&l, 60, is_metered, NULL));
    lan_run(&l, 0.3, NULL, NULL); /* the last handing over */
    struct meter m;
    media_meter_get(l.media, 0, &m);
    assert_true(hist_quantile(&m.transit_us, 500) > 0);
    assert_true(teacher->end->line[1].plis <= 3); /* at most one a second, however many join */
    assert_true(teacher->end->feedbacks > 0);
    lan_close(&l);
}

static void test_loss(void **state) {
    struct lan l;
    enum codec codec = *(enum codec *)*state;
    lan_open(&l, 1, 0);
    stage(&l, "teacher", NULL);
    struct lan_box *teacher = lan_publish(&l, ROOM, "teacher", codec);
    struct lan_box *v = lan_view(&l, ROOM, "viewer", codec, 1);
    assert_shows(&l, v, teacher->source, 10);
    l.loss_permille = 50;
    unsigned before = v->end->line[3].shown;
    lan_run(&l, 4, NULL, NULL);
    l.loss_permille = 0;
    assert_shows(&l, v, teacher->source, before + 100);
    assert_clean(v);
    const struct endpoint_line *in = &v->end->line[3];
    assert_true(in->recovered > 0);
    assert_int_equal(in->skipped, 0);
    /* A loss takes a few turns of everybody to mend, however long those are on this machine. */
    assert_true(in->longest_us < 600 * 1000 + 4 * l.stall_us);
    struct media_stats s;
    media_stats_get(l.media, &s);
    assert_true(s.nack_tx > 0 && s.nack_rx > 0 && s.rtx_tx > 0);
    lan_close(&l);
}

static void test_switching(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    stage(&l, "ann", NULL);
    struct lan_box *ann = lan_publish(&l, ROOM, "ann", CODEC_VP8),
                   *bob = lan_publish(&l, ROOM, "bob", CODEC_VP8);
    struct lan_box *v = lan_view(&l, ROOM, "viewer", CODEC_NONE, 1);
    struct lan_box *old = lan_view(&l, ROOM, "old", CODEC_H264, 1);
    assert_shows(&l, v, ann->source, 10);
    for (int i = 0; i < 3; i++) {
        stage(&l, i % 2 ? "ann" : "bob", NULL);
        assert_shows(&l, v, i % 2 ? ann->source : bob->source, v->end->line[3].shown + 15);
    }
    assert_clean(v);
    assert_true(v->end->line[3].switches >= 3);
    assert_non_null(strstr(v->slots, "\"who\":\"bob\",\"source\":\"camera\""));
    assert_non_null(strstr(old->slots, "\"unsupported\":true")); /* it offered no VP8 */
    assert_int_equal(old->end->line[3].received, 0);
    lan_close(&l);
}

static void test_two_workers(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 2, 2);
    stage(&l, "teacher", NULL);
    struct lan_box *teacher = lan_publish(&l, ROOM, "teacher", CODEC_H264), *v[5];
    teacher->level = 15;
    for (int i = 0; i < 5; i++) {
        char name[8];
        snprintf(name, sizeof name, "v%d", i);
        v[i] = lan_view(&l, ROOM, name, CODEC_NONE, 1);
    }
    unsigned elsewhere = 0;
    for (int i = 0; i < 5; i++) {
        assert_shows(&l, v[i], teacher->source, 30);
        assert_int_equal(v[i]->end->line[0].source, teacher->source);
        elsewhere += v[i]->port != teacher->port;
        assert_clean(v[i]);
    }
    assert_true(elsewhere >= 1 && elsewhere < 5);
    assert_int_equal(lan_events(&l, MEDIA_EV_TRACK_ON, 0), 2); /* mirrors raise none */
    struct media_stats s;
    media_stats_get(l.media, &s);
    assert_true(s.relay_packets > 100);
    assert_int_equal(s.relay_dropped, 0);

    /* When the last view over there leaves, the relay ends; when one comes again, it begins again. */
    for (int i = 0; i < 5; i++) {
        if (v[i]->port != teacher->port)
            lan_shut(v[i]);
    }
    lan_run(&l, 0.3, NULL, NULL);
    media_stats_get(l.media, &s);
    uint64_t relayed = s.relay_packets;
    lan_run(&l, 0.5, NULL, NULL);
    media_stats_get(l.media, &s);
    assert_int_equal(s.relay_packets, relayed);
    struct lan_box *back = lan_view(&l, ROOM, "back", CODEC_NONE, 1);
    assert_true(back->port != teacher->port);
    assert_shows(&l, back, teacher->source, 10);
    media_room_close(l.media, ROOM);
    lan_run(&l, 0.5, NULL, NULL);
    media_stats_get(l.media, &s);
    assert_int_equal(s.peers, 0);
    assert_int_equal(s.tracks, 0);
    lan_close(&l);
}

/* Without a limit views spread by load, but only when one worker is clearly busier. */
static void test_spread(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 2, 0);
    struct lan_box *first = lan_view(&l, ROOM, "first", CODEC_H264, 1), *b = first;
    unsigned here = 0;
    for (; here < LAN_BOXES_MAX - 2 && b->port == first->port; here++)
        b = lan_view(&l, ROOM, "more", CODEC_H264, 1);
    assert_true(here >= 45 && b->port != first->port);
    struct lan_box *other = lan_view(&l, ROOM + 1, "x", CODEC_H264, 1);
    assert_true(other->port != first->port); /* a new room begins where there is least to do */
    lan_close(&l);
}

static bool heard_gone(struct lan *l, void *arg) {
    return lan_events(l, MEDIA_EV_PEER_DOWN, *(uint64_t *)arg) > 0;
}
/* Both tracks of box 0 are off and box 1's slots are empty. */
static bool tracks_off(struct lan *l, void *arg) {
    (void)arg;
    return lan_events(l, MEDIA_EV_TRACK_OFF, l->box[0].peer) >= 2 && !strstr(l->box[1].slots, "who");
}
static bool viewer_bye(struct lan *l, void *arg) {
    (void)l;
    struct lan_box *b = arg;
    return b->end->bye && b->end->failed; /* BYE, then close_notify */
}

static void test_leaving(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    stage(&l, "ann", NULL);
    struct lan_box *ann = lan_publish(&l, ROOM, "ann", CODEC_H264),
                   *v = lan_view(&l, ROOM, "v", CODEC_NONE, 1);
    assert_shows(&l, v, ann->source, 5);
    ann->camera = ann->mic = false; /* nothing more is sent: the tracks go off, the slots empty */
    assert_true(lan_run(&l, 8, tracks_off, NULL));
    ann->camera = ann->mic = true;
    assert_shows(&l, v, ann->source, v->end->line[3].shown + 5);
    assert_int_equal(lan_events(&l, MEDIA_EV_TRACK_ON, ann->peer), 4);
    endpoint_leave(ann->end, 0); /* the page is closed */
    assert_true(lan_run(&l, 5, heard_gone, &ann->peer));
    lan_shut(v); /* the server closes: an orderly goodbye reaches the viewer, no event follows */
    assert_true(lan_run(&l, 5, viewer_bye, v));
    assert_int_equal(v->down, 0);
    struct media_stats s;
    media_stats_get(l.media, &s);
    assert_int_equal(s.tracks, 0);
    lan_close(&l);
}

static bool blocked_off(struct lan *l, void *arg) {
    return lan_events(l, MEDIA_EV_TRACK_OFF, *(uint64_t *)arg) >= 1;
}

static void test_block(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    stage(&l, "ann", NULL);
    struct lan_box *ann = lan_publish(&l, ROOM, "ann", CODEC_H264),
                   *v = lan_view(&l, ROOM, "v", CODEC_NONE, 1);
    ann->level = 20;
    assert_shows(&l, v, ann->source, 5);
    media_source_block(l.media, ROOM, "ann", MEDIA_CAMERA, true);
    assert_true(lan_run(&l, 3, blocked_off, &ann->peer));
    lan_run(&l, 0.2, NULL, NULL); /* what was under way arrives */
    unsigned shown = v->end->line[3].shown;
    lan_run(&l, 0.5, NULL, NULL);
    assert_int_equal(v->end->line[3].shown, shown);
    assert_true(v->end->line[0].shown > 0);
    media_source_block(l.media, ROOM, "ann", MEDIA_CAMERA, false);
    assert_shows(&l, v, ann->source, shown + 5);
    assert_clean(v);
    media_view_audio_only(l.media, v->peer, true);
    lan_run(&l, 0.3, NULL, NULL);
    shown = v->end->line[3].shown;
    lan_run(&l, 0.4, NULL, NULL);
    assert_int_equal(v->end->line[3].shown, shown);
    lan_close(&l);
}

static void test_restart(void **state) {
    (void)state;
    struct lan l;
    char err[160];
    lan_open(&l, 1, 0);
    stage(&l, "ann", NULL);
    struct lan_box *ann = lan_publish(&l, ROOM, "ann", CODEC_H264),
                   *v = lan_view(&l, ROOM, "v", CODEC_NONE, 1);
    assert_shows(&l, v, ann->source, 5);
    struct buf offer, answer;
    buf_init(&offer, SDP_MAX_BYTES);
    buf_init(&answer, SDP_MAX_BYTES);
    char before[64];
    STR_COPY(before, str_of(v->end->remote_ufrag));
    endpoint_renew(v->end);
    endpoint_offer(v->end, &offer);
    assert_int_equal(media_peer_restart(l.media, v->peer, buf_view(&offer), &answer, err), 0);
    v->end->reachable = false;
    assert_true(endpoint_answer(v->end, buf_view(&answer), 0));
    assert_string_not_equal(before, v->end->remote_ufrag);
    assert_shows(&l, v, ann->source, v->end->line[3].shown + 30);
    assert_true(v->end->reachable); /* a check with the new credentials was answered */
    assert_clean(v);
    assert_int_equal(media_peer_restart(l.media, 999, buf_view(&offer), &answer, err), -ERR_MISSING);
    buf_reset(&answer);
    assert_int_equal(media_peer_fragment(l.media, v->peer,
                                         STR("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
                                             "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"),
                                         &answer, err),
                     0);
    assert_true(answer.n > 0);
    buf_fini(&offer);
    buf_fini(&answer);
    lan_close(&l);
}

struct tapped {
    int fd;
    unsigned rtp[3], sr, gone; /* rtp by enum frame_media */
    uint32_t video;
    bool key;
};
static bool tap_read(struct lan *l, void *arg) {
    struct tapped *t = arg;
    uint8_t msg[FRAME_MAX];
    (void)l;
    for (ssize_t n; (n = recv(t->fd, msg, sizeof msg, MSG_DONTWAIT)) > 0;) {
        struct frame f;
        assert_int_equal(frame_parse(&f, (struct bytes){msg, (size_t)n}), 0);
        if (f.kind == FRAME_RTP && !t->rtp[f.media]++ && f.media == FRAME_VIDEO) {
            t->video = f.track;
            t->key = (f.payload.p[12] & 31) == 7; /* a recording begins at an SPS */
        }
        t->sr += f.kind == FRAME_SR;
        t->gone += f.kind == FRAME_GONE;
    }
    return t->rtp[FRAME_VIDEO] > 40 && t->rtp[FRAME_AUDIO] > 20 && t->sr >= 2;
}
static bool tap_gone(struct lan *l, void *arg) {
    tap_read(l, arg);
    return ((struct tapped *)arg)->gone == 2;
}
static bool asked(struct lan *l, void *arg) {
    (void)arg;
    return l->box[0].end->line[1].plis > 0;
}
static bool tap_ended(struct lan *l, void *arg) {
    (void)arg;
    return lan_events(l, MEDIA_EV_TAP_GONE, 0) == 1;
}

static uint32_t rd_u32_at(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool captured(struct lan *l, void *arg) {
    return lan_events(l, MEDIA_EV_CAPTURE, *(uint64_t *)arg) == 1;
}

/* What a viewer gets is in the capture as it was before protection: RTP, and pictures of known sources. */
static void test_capture(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    stage(&l, "ann", NULL);
    struct lan_box *ann = lan_publish(&l, ROOM, "ann", CODEC_H264),
                   *v = lan_view(&l, ROOM, "v", CODEC_NONE, 1);
    assert_shows(&l, v, ann->source, 5);
    assert_int_equal(media_peer_capture(l.media, 999, 100), -ERR_MISSING);
    assert_int_equal(media_peer_capture(l.media, v->peer, 1000), 0);
    assert_int_equal(media_peer_capture(l.media, v->peer, 300), 0); /* lost: one at a time */
    assert_true(lan_run(&l, 5, captured, &v->peer));
    assert_int_equal(media_peer_capture(l.media, ann->peer, 60000), 0);
    lan_run(&l, 1, NULL, NULL);
    endpoint_leave(ann->end, 0); /* the peer goes before its time is up */
    assert_true(lan_run(&l, 5, captured, &ann->peer));
    for (unsigned i = 0; i < l.count; i++) {
        if (l.event[i].type != MEDIA_EV_CAPTURE)
            continue;
        const struct pcapng *c = (const void *)l.event[i].text;
        unsigned rtp = 0;
        assert_true(c->kept > 10 && !c->left_out);
        for (size_t at = 48; at < c->n; at += rd_u32_at(c->file + at + 4)) {
            const uint8_t *pkt = c->file + at + 28 + 28; /* behind the block's head, IPv4 and UDP */
            rtp += pkt[0] >> 6 == 2 && pkt[1] >= 96 && (pkt[1] & 127) != 72;
        }
        assert_true(rtp > 5);
    }
    lan_close(&l);
}

static void test_tap(void **state) {
    (void)state;
    struct lan l;
    int fd[2];
    uint64_t tap;
    lan_open(&l, 1, 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
    struct lan_box *ann = lan_publish(&l, ROOM, "ann", CODEC_H264);
    assert_int_equal(media_tap_open(l.media, ROOM, fd[0], &tap), 0);
    struct tapped t = {.fd = fd[1]};
    assert_true(lan_run(&l, 6, tap_read, &t));
    assert_true(t.key);
    assert_int_equal(lan_events(&l, MEDIA_EV_TAP_TRACK, 0), 2);
    unsigned plis = ann->end->line[1].plis;
    assert_int_equal(plis, 0);
    struct frame ask = {.kind = FRAME_KEYFRAME, .track = t.video};
    uint8_t msg[FRAME_MAX];
    int n = frame_write(&ask, msg, sizeof msg);
    assert_true(n > 0 && send(fd[1], msg, (size_t)n, 0) == n);
    assert_true(lan_run(&l, 3, asked, NULL));
    lan_shut(ann);
    assert_true(lan_run(&l, 3, tap_gone, &t));
    close(fd[1]);
    assert_true(lan_run(&l, 3, tap_ended, NULL));
    lan_close(&l);
}

/* Control says more at once than the worker's mailbox holds: nothing is lost or out of order. */
static void test_flood(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    struct lan_box *ann = lan_publish(&l, ROOM, "ann", CODEC_H264),
                   *v = lan_view(&l, ROOM, "v", CODEC_NONE, 1);
    for (unsigned i = 0; i < 30000; i++)
        stage(&l, i % 2 ? "nobody" : "somebody", NULL);
    stage(&l, "ann", NULL);
    for (unsigned i = 0; i < 200; i++)
        media_room_stage(l.media, 1000 + i, NULL, 0);
    assert_shows(&l, v, ann->source, 10);
    for (unsigned i = 0; i < 200; i++)
        media_room_close(l.media, 1000 + i);
    lan_close(&l);
}

/* By TCP like by UDP, in any mixture; the answer names both. */
static void test_tcp(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    stage(&l, "teacher", NULL);
    l.tcp = true;
    struct lan_box *teacher = lan_publish(&l, ROOM, "teacher", CODEC_H264);
    struct lan_box *a = lan_view(&l, ROOM, "a", CODEC_NONE, 2);
    l.tcp = false;
    struct lan_box *b = lan_view(&l, ROOM, "b", CODEC_NONE, 2);
    teacher->packets = 12;
    assert_shows(&l, a, teacher->source, 30);
    assert_shows(&l, b, teacher->source, 30);
    assert_clean(a);
    assert_clean(b);
    struct media_stats st;
    media_stats_get(l.media, &st);
    assert_int_equal(st.tcp_connections, 2);
    assert_int_equal(st.tx_dropped, 0);
    lan_close(&l);
}

static bool is_dropping(struct lan *l, void *arg) {
    struct media_stats st;
    media_stats_get(l->media, &st);
    return st.tx_dropped > *(uint64_t *)arg;
}

/* A viewer by TCP who stops reading: his own pictures are dropped, nobody else's; when he reads again he gets
 * a picture from a key frame on, not seconds of the past. */
static void test_tcp_slow_reader(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    stage(&l, "teacher", NULL);
    struct lan_box *teacher = lan_publish(&l, ROOM, "teacher", CODEC_H264);
    struct lan_box *b = lan_view(&l, ROOM, "b", CODEC_NONE, 2);
    l.tcp = true;
    struct lan_box *a = lan_view(&l, ROOM, "a", CODEC_NONE, 2);
    assert_shows(&l, a, teacher->source, 10);
    assert_shows(&l, b, teacher->source, 10);
    teacher->packets = 24; /* 6 Mb/s: within what is sent freely to a line nobody speaks of (PACE_FREE_BPS) */
    a->deaf = true;
    uint64_t none = 0;
    assert_true(lan_run(&l, 60, is_dropping, &none));
    uint32_t had = lan_showing(b, teacher->source)->shown, keys = lan_showing(a, teacher->source)->keys_shown;
    assert_shows(&l, b, teacher->source, had + 30);
    assert_int_equal(lan_showing(b, teacher->source)->skipped, 0);
    teacher->packets = 4;
    a->deaf = false;
    assert_shows(&l, a, teacher->source, lan_showing(a, teacher->source)->shown + 60);
    assert_true(lan_showing(a, teacher->source)->keys_shown > keys);
    assert_clean(a);
    lan_close(&l);
}

static bool is_down(struct lan *l, void *arg) {
    (void)l;
    return ((struct lan_box *)arg)->down > 0;
}
static bool no_streams(struct lan *l, void *arg) {
    (void)arg;
    struct media_stats st;
    media_stats_get(l->media, &st);
    return !st.tcp_connections;
}

/* Who leaves takes his connection with him; whose connection breaks may come back on another. */
static void test_tcp_comes_and_goes(void **state) {
    (void)state;
    struct lan l;
    lan_open(&l, 1, 0);
    stage(&l, "teacher", NULL);
    struct lan_box *teacher = lan_publish(&l, ROOM, "teacher", CODEC_H264);
    l.tcp = true;
    struct lan_box *a = lan_view(&l, ROOM, "a", CODEC_NONE, 2), *b = lan_view(&l, ROOM, "b", CODEC_NONE, 2);
    assert_shows(&l, a, teacher->source, 10);
    assert_shows(&l, b, teacher->source, 10);
    lan_redial(b);
    assert_shows(&l, b, teacher->source, lan_showing(b, teacher->source)->shown + 30);
    assert_int_equal(b->down, 0);
    lan_shut(a);
    endpoint_leave(b->end, clock_mono_us());
    assert_true(lan_run(&l, 8, is_down, b));
    assert_true(lan_run(&l, 8, no_streams, NULL));
    lan_close(&l);
}

static void test_refusals(void **state) {
    (void)state;
    struct lan l;
    char err[160];
    uint64_t peer;
    struct buf answer;
    lan_open(&l, 1, 0);
    buf_init(&answer, SDP_MAX_BYTES);
    struct media_peer_spec s = {
        .kind = MEDIA_VIEW, .room = ROOM, .member = "a", .offer = STR("rubbish"), .video_slots = 2};
    assert_true(media_peer_open(l.media, &s, &peer, &answer, err) < 0);
    assert_true(err[0]);
    s.member = "no\"quotes";
    assert_int_equal(media_peer_open(l.media, &s, &peer, &answer, err), -ERR_INVALID);
    struct media_stats st;
    media_stats_get(l.media, &st);
    assert_int_equal(st.peers, 0);
    struct media *other = NULL;
    char sentence[256];
    struct media_cfg cfg = {.listen = "127.0.0.1", .port = media_port(l.media, 0), .workers = 1};
    assert_int_equal(media_open(&other, &cfg, sentence), -ERR_BUSY);
    assert_non_null(strstr(sentence, "taken"));
    cfg.listen = "no address";
    assert_int_equal(media_open(&other, &cfg, sentence), -ERR_INVALID);
    buf_fini(&answer);
    lan_close(&l);
}

int main(void) {
    enum codec h264 = CODEC_H264, vp8 = CODEC_VP8;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_to_three),
        {"test_loss_h264", test_loss, NULL, NULL, &h264},
        {"test_loss_vp8", test_loss, NULL, NULL, &vp8},
        cmocka_unit_test(test_switching),
        cmocka_unit_test(test_two_workers),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_leaving),
        cmocka_unit_test(test_block),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_capture),
        cmocka_unit_test(test_tap),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_tcp_slow_reader),
        cmocka_unit_test(test_tcp_comes_and_goes),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
