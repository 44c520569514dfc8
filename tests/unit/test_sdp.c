/* Offers of browsers and other senders and the answers they get, what is refused and in which words, and
 * every cut of every offer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "media/base/err.h"
#include "media/sdp.h"

enum { ANSWER_MAX = 100000 };
static const char FP[] =
    "5B:0C:4F:93:A1:D2:7E:38:66:19:C4:80:FB:2D:57:9A:E3:14:B6:0F:88:71:3C:DA:25:9E:46:F0:1B:C8:63:7D";

struct rig {
    char text[SDP_MAX_BYTES + 2], err[SDP_ERR_MAX];
    size_t n;
    struct sdp_offer offer;
    struct sdp_local local;
    struct sdp_negotiated agreed;
    struct buf answer;
    struct addr addrs[2];
    struct sdp_ssrc audio[3], video[12];
};

static int set_up(void **state) {
    struct rig *r = calloc(1, sizeof *r);
    addr_parse(&r->addrs[0], STR("198.51.100.1"), 7880);
    addr_parse(&r->addrs[1], STR("2001:db8::1"), 7880);
    for (uint32_t i = 0; i < 3; i++)
        r->audio[i] = (struct sdp_ssrc){100 + i, 0};
    for (uint32_t i = 0; i < 12; i++)
        r->video[i] = (struct sdp_ssrc){200 + i, 300 + i};
    r->local = (struct sdp_local){.ufrag = "ourufrag",
                                  .pwd = "ourpasswordourpasswordours",
                                  .fingerprint = FP,
                                  .cname = "room",
                                  .session_id = 7,
                                  .version = 1,
                                  .addrs = r->addrs,
                                  .addr_count = 2,
                                  .audio_count = 3,
                                  .video_count = 6,
                                  .audio = r->audio,
                                  .video = r->video};
    buf_init(&r->answer, ANSWER_MAX);
    *state = r;
    return 0;
}

static int tear_down(void **state) {
    struct rig *r = *state;
    buf_fini(&r->answer);
    free(r);
    return 0;
}

static void load(struct rig *r, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "tests/unit/vectors/%s.sdp", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    r->n = fread(r->text, 1, SDP_MAX_BYTES, f);
    fclose(f);
    assert_true(r->n > 500);
}

static void set_text(struct rig *r, const char *text) {
    r->n = strlen(text);
    memcpy(r->text, text, r->n);
}

static int parse(struct rig *r) { return sdp_parse(&r->offer, (struct str){r->text, r->n}, r->err); }

static int answer(struct rig *r, enum sdp_side side) {
    r->local.side = side;
    r->local.twcc = side == SDP_PUBLISH;
    buf_reset(&r->answer);
    int e = parse(r);
    return e ? e : sdp_answer(&r->answer, &r->offer, &r->local, &r->agreed, r->err);
}

static bool says(const struct rig *r, const char *what) {
    return strstr((const char *)r->answer.p, what) != NULL;
}

static unsigned count(const struct rig *r, const char *what) {
    unsigned n = 0;
    for (const char *p = (const char *)r->answer.p; (p = strstr(p, what)); p++)
        n++;
    return n;
}

/* ---- whole offers ---- */

struct expected {
    const char *name;
    enum sdp_side side;
    unsigned lines, accepted, video_line;
    uint8_t opus, h264, h264_rtx, vp8, vp8_rtx, mid_ext;
    uint32_t ssrc, rtx;
};
#define NO SDP_PT_NONE
/* chromium-*, firefox-*: what those browsers wrote, of a page that makes such lines; -class-: of our own
 * client's lines, by Chromium 156 and Firefox ESR 153 (tests/integration/offers.mjs takes them anew).
 * written-*: by hand, after offers that were published, for none of these programs runs here: that they are
 * understood is shown, not that they write so. */
static const struct expected EXPECTED[] = {
    {"chromium-class-publish", SDP_PUBLISH, 5, 5, 1, 111, 108, 109, 96, 97, 4, 0, 0},
    {"chromium-class-view", SDP_VIEW, 15, 15, 3, 111, 108, 109, 96, 97, 4, 0, 0},
    {"firefox-class-publish", SDP_PUBLISH, 5, 5, 1, 109, 0, NO, 120, 124, 3, 0, 0},
    {"firefox-class-view", SDP_VIEW, 15, 15, 3, 109, 0, NO, 120, 124, 3, 0, 0},
    {"chromium-publish", SDP_PUBLISH, 4, 4, 1, 111, 108, 109, 96, 97, 4, 0, 0},
    {"chromium-view", SDP_VIEW, 9, 9, 3, 111, 108, 109, 96, 97, 4, 0, 0},
    {"chromium-datachannel-simulcast", SDP_PUBLISH, 3, 2, 0, 111, 108, 109, 96, 97, 9, 0, 0},
    {"firefox-publish", SDP_PUBLISH, 2, 2, 1, 109, 0, NO, 120, 124, 3, 807478995, 1106111821},
    {"firefox-view", SDP_VIEW, 9, 9, 3, 109, 0, NO, 120, 124, 3, 0, 0},
    {"written-safari17-publish", SDP_PUBLISH, 4, 4, 1, 111, 98, 99, 106, 107, 4, 371845202, 371845203},
    {"written-safari17-view", SDP_VIEW, 9, 9, 3, 111, 98, 99, 106, 107, 4, 0, 0},
    {"written-safari16-whep", SDP_VIEW, 2, 2, 0, 111, 98, 99, 104, 124, 9, 0, 0},
    {"written-obs-whip", SDP_PUBLISH, 2, 2, 1, 111, 96, NO, 0, NO, 0, 2411069126, 0},
    {"written-gstreamer-whip", SDP_PUBLISH, 2, 2, 0, 100, 96, 98, 97, 99, 0, 1540182736, 0},
};

static const struct sdp_line *audio_line(const struct rig *r) {
    for (unsigned i = 0; i < r->agreed.line_count; i++)
        if (r->agreed.line[i].kind == SDP_AUDIO)
            return &r->agreed.line[i];
    return NULL;
}

static void whole_offers(void **state) {
    struct rig *r = *state;
    for (size_t i = 0; i < countof(EXPECTED); i++) {
        const struct expected *e = &EXPECTED[i];
        load(r, e->name);
        r->local.video_count = 12;
        int got = answer(r, e->side);
        if (got)
            fail_msg("%s: %d %s", e->name, got, r->err);
        const struct sdp_line *v = &r->agreed.line[e->video_line], *a = audio_line(r);
        assert_int_equal(r->agreed.line_count, e->lines);
        assert_int_equal(r->agreed.accepted, e->accepted);
        assert_int_equal(r->agreed.active, e->accepted);
        assert_true(r->agreed.passive);
        assert_int_equal(a->codec[SDP_OPUS].pt, e->opus);
        /* Redundancy of sound where it is offered, first in the line; the red of video is another thing. */
        r->text[r->n] = 0;
        bool red = strstr(r->text, "red/48000/2") != NULL;
        assert_int_equal(a->codec[SDP_OPUS].red, red ? 63 : 0);
        assert_int_equal(says(r, "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"), red);
        assert_int_equal(says(r, "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"), red);
        assert_int_equal(v->kind, SDP_VIDEO);
        assert_int_equal(v->codec[SDP_H264].on, e->h264 != 0);
        assert_int_equal(v->codec[SDP_H264].pt, e->h264);
        assert_int_equal(v->codec[SDP_H264].rtx, e->h264_rtx);
        assert_int_equal(v->codec[SDP_VP8].pt, e->vp8);
        assert_int_equal(v->codec[SDP_VP8].rtx, e->vp8_rtx);
        assert_int_equal(v->ext[SDP_EXT_MID], e->mid_ext);
        bool simulcast = e->side == SDP_PUBLISH && r->offer.media[v->index].rid_count > 1;
        assert_int_equal(v->ext[SDP_EXT_RID] != 0, simulcast);
        if (e->ssrc) {
            assert_int_equal(v->ssrc_count, 1);
            assert_int_equal(v->ssrc[0].ssrc, e->ssrc);
            assert_int_equal(v->ssrc[0].rtx, e->rtx);
        }
        assert_int_equal(v->dir, e->side == SDP_PUBLISH ? SDP_RECVONLY : SDP_SENDONLY);
        assert_int_equal(count(r, "\r\nm="), e->lines);
        assert_int_equal(count(r, "a=candidate:"), 2);
        assert_true(says(r, "a=setup:passive\r\n") && says(r, "a=ice-lite\r\n"));
        assert_int_equal(says(r, "a=simulcast:recv ") && says(r, "a=rid:"), simulcast);
        assert_false(says(r, " tcp "));
        /* Our own parser must take what we write. */
        memcpy(r->text, r->answer.p, r->answer.n);
        r->n = r->answer.n;
        assert_int_equal(parse(r), 0);
        assert_int_equal(r->offer.media_count, e->lines);
        assert_true(r->offer.ice_lite && r->offer.has_bundle);
    }
}

static void view_slots(void **state) {
    struct rig *r = *state;
    load(r, "chromium-view");
    r->local.audio_count = 2;
    r->local.video_count = 4;
    assert_int_equal(answer(r, SDP_VIEW), 0);
    static const int SLOT[] = {0, 1, -1, 0, 1, 2, 3, -1, -1};
    for (unsigned i = 0; i < countof(SLOT); i++) {
        assert_int_equal(r->agreed.line[i].slot, SLOT[i]);
        assert_int_equal(r->agreed.line[i].dir, SLOT[i] < 0 ? SDP_INACTIVE : SDP_SENDONLY);
    }
    assert_int_equal(r->agreed.active, 6);
    assert_int_equal(r->agreed.accepted, 9);
    assert_true(says(r, "a=ssrc-group:FID 203 303\r\na=ssrc:203 cname:room\r\na=ssrc:303 cname:room\r\n"));
    assert_true(says(r, "a=msid:slot-3 v3\r\n") && says(r, "a=ssrc:101 cname:room\r\n"));
    assert_false(says(r, "a=ssrc:204") || says(r, "a=ssrc:102"));
    assert_false(says(r, "transport-cc"));
}

static void publish_order_and_mute(void **state) {
    struct rig *r = *state;
    load(r, "chromium-publish");
    r->local.inactive[2] = true;
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_true(says(r, "UDP/TLS/RTP/SAVPF 108 109 96 97\r\n"));
    assert_int_equal(r->agreed.line[2].dir, SDP_INACTIVE);
    assert_int_equal(r->agreed.active, 3);
    r->local.prefer = SDP_VP8;
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_true(says(r, "UDP/TLS/RTP/SAVPF 96 97 108 109\r\n"));
    r->local.prefer = SDP_H264;
    r->local.inactive[2] = false;
    assert_int_equal(answer(r, SDP_VIEW), 0); /* they only send: nothing to show them */
    assert_int_equal(r->agreed.active, 0);
}

/* Which of a line's answered formats stands where. */
static void layered_codecs_are_asked_for(void **state) {
    struct rig *r = *state;
    load(r, "chromium-publish");
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_false(says(r, "VP9/") || says(r, "AV1/"));
    r->local.prefer = SDP_VP9;
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_true(
        says(r, "UDP/TLS/RTP/SAVPF 98 99 108 109 96 97\r\n")); /* profile 0, its RTX, then the others */
    assert_true(says(r, "a=rtpmap:98 VP9/90000\r\na=fmtp:98 profile-id=0\r\n"));
    assert_true(says(r, "a=extmap-allow-mixed\r\n"));
    assert_false(says(r, "AV1/"));
    r->local.prefer = SDP_AV1;
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_true(says(r, "UDP/TLS/RTP/SAVPF 45 46 108 109 96 97\r\n") && says(r, "a=rtpmap:45 AV1/90000\r\n"));
    assert_int_equal(r->agreed.line[1].ext[SDP_EXT_DD], 0); /* it was not offered */
    load(r, "chromium-datachannel-simulcast"); /* sizes as streams: not in what has them as layers */
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_true(says(r, "m=video 9 UDP/TLS/RTP/SAVPF 108 109 96 97 45 46\r\n"));
    load(r, "chromium-view");
    r->local.prefer = SDP_VP9;
    assert_int_equal(answer(r, SDP_VIEW), 0);
    assert_true(says(r, "VP9/90000") && says(r, "H264/90000") && says(r, "VP8/90000"));
}

static void data_channel_is_refused(void **state) {
    struct rig *r = *state;
    load(r, "chromium-datachannel-simulcast");
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    const struct sdp_line *d = &r->agreed.line[2];
    assert_int_equal(d->refusal, SDP_REFUSED_KIND);
    assert_true(says(r, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    assert_true(says(r, "a=group:BUNDLE 0 1\r\n"));
    assert_int_equal(r->offer.media[0].rid_count, 3);
}

/* ---- small offers, to turn one screw at a time ---- */

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define ICE "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"
#define PRINT                                                                                                \
    "a=fingerprint:sha-256 "                                                                                 \
    "5B:0C:4F:93:A1:D2:7E:38:66:19:C4:80:FB:2D:57:9A:E3:14:B6:0F:88:71:3C:DA:25:9E:46:F0:1B:"                \
    "C8:63:7D\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n"
#define GOOD HEAD "a=group:BUNDLE a v\r\n" ICE PRINT "a=setup:actpass\r\n"

#define EXT_MID "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
#define EXT_RID "a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
#define RIDS "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\n"

/* What becomes of layers offered in many ways; "": one stream without a name, as ever. */
static void layers(void **state) {
    static const struct {
        const char *lines, *expect;
    } TABLE[] = {
        {EXT_MID EXT_RID RIDS "a=simulcast:send q;h;f\r\n", "q;h;f"},
        {EXT_MID EXT_RID "a=simulcast:send f;h;q\r\n" RIDS, "f;h;q"},
        {EXT_MID EXT_RID RIDS "a=simulcast:recv x;y send q,f;~h\r\n", "q;h"},
        {EXT_MID EXT_RID RIDS "a=rid:g send\r\na=simulcast:send q;h;f;g\r\n", "q;h;f"},
        {EXT_MID EXT_RID RIDS "a=simulcast:send q;q;h\r\n", "q;h"},
        {EXT_MID EXT_RID RIDS "a=simulcast:send q;none;f\r\n", "q;f"},
        {EXT_MID EXT_RID RIDS "a=simulcast:send q\r\n", ""},
        {EXT_MID EXT_RID RIDS "a=simulcast:recv q;h\r\n", ""},
        {EXT_MID EXT_RID RIDS "a=simulcast:send\r\n", ""},
        {EXT_MID EXT_RID RIDS "a=simulcast:send ;,;~\r\n", ""},
        {EXT_MID EXT_RID RIDS, ""},
        {EXT_MID EXT_RID "a=simulcast:send q;h\r\n", ""},
        {EXT_MID EXT_RID "a=rid:q recv\r\na=rid:h send\r\na=simulcast:send q;h\r\n", ""},
        {EXT_MID EXT_RID "a=rid:q$ send\r\na=rid:h send\r\na=simulcast:send q$;h\r\n", ""},
        {EXT_MID EXT_RID "a=rid:12345678901234567 send\r\na=rid:h send\r\na=simulcast:send "
                         "12345678901234567;h\r\n",
         ""},
        {EXT_MID EXT_RID "a=rid:q send pt=96;max-width=320\r\na=rid:h send max-fps=30\r\na=simulcast:send "
                         "q;h\r\n",
         "q;h"},
        {EXT_MID EXT_RID "a=rid:q send pt=97,98\r\na=rid:h send\r\na=rid:f send pt=1,96\r\na=simulcast:send "
                         "q;h;f\r\n",
         "h;f"},
        {EXT_RID RIDS "a=simulcast:send q;h;f\r\n", ""},
        {EXT_MID RIDS "a=simulcast:send q;h;f\r\n", ""},
    };
    struct rig *r = *state;
    char text[2000], wanted[64];
    for (size_t i = 0; i < countof(TABLE); i++) {
        snprintf(text, sizeof text, GOOD AUDIO VIDEO "%s", TABLE[i].lines);
        set_text(r, text);
        assert_int_equal(answer(r, SDP_PUBLISH), 0);
        const struct sdp_line *l = &r->agreed.line[1];
        snprintf(wanted, sizeof wanted, "a=simulcast:recv %s\r\n", TABLE[i].expect);
        if (!TABLE[i].expect[0]) {
            assert_int_equal(l->rid_count, 0);
            assert_false(says(r, "simulcast") || says(r, "a=rid") || l->ext[SDP_EXT_RID]);
        } else if (!says(r, wanted) || l->rid_count < 2 || !l->ext[SDP_EXT_RID]) {
            fail_msg("row %zu", i);
        }
    }
    assert_int_equal(answer(r, SDP_VIEW), 0); /* who watches sends none */
    assert_false(says(r, "simulcast"));
    set_text(r, GOOD AUDIO VIDEO EXT_MID EXT_RID
             "a=rid:q send max-width=320\r\na=rid:h send\r\na=simulcast:send q;h\r\n");
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_true(says(r, "a=rid:q recv max-width=320\r\na=rid:h recv\r\n"));
}

static void refusals(void **state) {
    static const struct {
        const char *offer;
        int err;
        const char *sentence;
    } TABLE[] = {
        {"", ERR_INVALID, "no media"},
        {"hello", ERR_INVALID, "begin with v=0"},
        {HEAD, ERR_INVALID, "no media"},
        {HEAD "a=group:BUNDLE a\r\n" PRINT AUDIO, ERR_INVALID, "no ICE credentials"},
        {HEAD "a=group:BUNDLE a\r\n" ICE AUDIO, ERR_INVALID, "no sha-256 DTLS fingerprint"},
        {HEAD "a=ice-ufrag:abc\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n" PRINT AUDIO, ERR_INVALID,
         "ice-ufrag must be"},
        {HEAD "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n" PRINT AUDIO, ERR_INVALID, "ice-pwd must be"},
        {HEAD "a=ice-ufrag:ab d\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n" PRINT AUDIO, ERR_INVALID,
         "ice-ufrag"},
        {GOOD "a=ice-lite\r\n" AUDIO, ERR_UNSUPPORTED, "ICE-lite"},
        {GOOD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=rtpmap:111 opus/48000/2\r\n", ERR_INVALID,
         "rtcp-mux"},
        {GOOD "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\na=rtcp-mux\r\n", ERR_UNSUPPORTED,
         "no common codec"},
        {GOOD "m=audio 9 RTP/AVP 111\r\na=mid:a\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n",
         ERR_UNSUPPORTED, "no common codec"},
        {GOOD "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\n", ERR_UNSUPPORTED, "no open audio or video"},
        {GOOD "m=audio 9 UDP/TLS/RTP/SAVPF 128\r\na=mid:a\r\n", ERR_INVALID, "not 0..127"},
        {GOOD "m=audio x UDP/TLS/RTP/SAVPF 111\r\n", ERR_INVALID, "m-line 1 is malformed"},
        {GOOD "m=audio\r\n", ERR_INVALID, "m-line 1 is malformed"},
        {GOOD "m=audio 70000 UDP/TLS/RTP/SAVPF 111\r\n", ERR_INVALID, "m-line 1 is malformed"},
        {GOOD AUDIO AUDIO, ERR_INVALID, "same mid"},
        {GOOD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:12345678901234567\r\n", ERR_INVALID, "a=mid must"},
        {GOOD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:\"\r\n", ERR_INVALID, "a=mid must"},
        {GOOD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus\r\n", ERR_INVALID,
         "rtpmap of payload type 111"},
        {GOOD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/x/2\r\n", ERR_INVALID, "rtpmap"},
        {GOOD "a=fingerprint:sha-256 00:11\r\n" AUDIO, ERR_INVALID, "fingerprint has a wrong length"},
        {GOOD "a=fingerprint:sha-256 "
              "ZZ:0C:4F:93:A1:D2:7E:38:66:19:C4:80:FB:2D:57:9A:E3:14:B6:0F:88:71:3C:DA:25:"
              "9E:46:F0:1B:C8:63:7D\r\n" AUDIO,
         ERR_INVALID, "not hexadecimal"},
        {GOOD "a=fingerprint\r\n" AUDIO, ERR_INVALID, "fingerprint line is malformed"},
        {GOOD "a=setup:holdconn\r\n" AUDIO, ERR_INVALID, "a=setup must be"},
        {GOOD "a=extmap:x urn:x\r\n" AUDIO, ERR_INVALID, "extmap"},
        {GOOD "a=x:\xff\r\n" AUDIO, ERR_INVALID, "not text"},
    };
    struct rig *r = *state;
    for (size_t i = 0; i < countof(TABLE); i++) {
        set_text(r, TABLE[i].offer);
        int got = answer(r, SDP_PUBLISH);
        if (got != -TABLE[i].err || !strstr(r->err, TABLE[i].sentence))
            fail_msg("row %zu: %d %s", i, got, r->err);
        assert_true(r->answer.n == 0);
    }
}

static void limits(void **state) {
    struct rig *r = *state;
    struct buf b;
    buf_init(&b, SDP_MAX_BYTES + 100);
    buf_z(&b, GOOD);
    for (int i = 0; i < SDP_MEDIA_MAX + 1; i++)
        buf_printf(&b, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:%d\r\n", i);
    memcpy(r->text, b.p, r->n = b.n);
    assert_int_equal(parse(r), -ERR_TOO_LARGE);
    assert_non_null(strstr(r->err, "m-lines"));
    buf_reset(&b);
    buf_z(&b, GOOD "m=audio 9 UDP/TLS/RTP/SAVPF");
    for (int i = 0; i < SDP_PAYLOADS_MAX + 1; i++)
        buf_printf(&b, " %d", i);
    buf_z(&b, "\r\n");
    memcpy(r->text, b.p, r->n = b.n);
    assert_int_equal(parse(r), -ERR_TOO_LARGE);
    assert_non_null(strstr(r->err, "payload types"));
    buf_reset(&b);
    buf_z(&b, GOOD AUDIO);
    for (int i = 0; i < SDP_LINES_MAX; i++)
        buf_z(&b, "a=x\n");
    memcpy(r->text, b.p, r->n = b.n);
    assert_int_equal(parse(r), -ERR_TOO_LARGE);
    assert_non_null(strstr(r->err, "lines"));
    memset(r->text, 'x', r->n = SDP_MAX_BYTES + 1);
    assert_int_equal(parse(r), -ERR_TOO_LARGE);
    /* SSRCs past the cap are not an error: they are learned from the mid extension. */
    buf_reset(&b);
    buf_z(&b, GOOD AUDIO);
    for (int i = 1; i < 100; i++)
        buf_printf(&b, "a=ssrc:%d cname:x\r\na=ssrc-group:FID %d %d\r\n", i, i + 1000, i + 2000);
    memcpy(r->text, b.p, r->n = b.n);
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_int_equal(r->agreed.line[0].ssrc_count, SDP_SSRCS_MAX);
    buf_fini(&b);
    /* An answer that does not fit is an error, not half an answer. */
    struct buf tiny;
    buf_init(&tiny, 300);
    load(r, "chromium-view");
    assert_int_equal(parse(r), 0);
    assert_int_equal(sdp_answer(&tiny, &r->offer, &r->local, &r->agreed, r->err), -ERR_TOO_LARGE);
    buf_fini(&tiny);
}

static void bundle_rules(void **state) {
    struct rig *r = *state;
    set_text(r, HEAD "a=group:BUNDLE a\r\n" ICE PRINT AUDIO VIDEO); /* v is outside the group */
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_int_equal(r->agreed.line[0].refusal, SDP_ACCEPTED);
    assert_int_equal(r->agreed.line[1].refusal, SDP_REFUSED_BUNDLE);
    assert_true(says(r, "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"));
    set_text(r, HEAD ICE PRINT
             "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n" VIDEO);
    assert_int_equal(answer(r, SDP_PUBLISH), 0); /* no group, and no mid on the first line: that line alone */
    assert_int_equal(r->agreed.accepted, 1);
    assert_false(says(r, "BUNDLE"));
    assert_int_equal(count(r, "a=mid:"), 1);
}

static void setup_and_levels(void **state) {
    struct rig *r = *state;
    set_text(r, GOOD "a=sendonly\r\n" AUDIO "a=setup:passive\r\n" VIDEO "a=setup:passive\r\n");
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_false(r->agreed.passive);
    assert_true(says(r, "a=setup:active\r\n"));
    assert_int_equal(r->agreed.line[0].dir, SDP_RECVONLY); /* the session's direction */
    assert_true(str_is(r->agreed.remote_ufrag, "abcd"));
    assert_int_equal(r->agreed.remote_fp[31], 0x7d);
    set_text(r, GOOD AUDIO "a=ice-ufrag:wxyz\r\na=setup:active\r\na=recvonly\r\n");
    assert_int_equal(answer(r, SDP_PUBLISH), 0);
    assert_true(str_is(r->agreed.remote_ufrag, "wxyz")); /* the line's own comes first */
    assert_int_equal(r->agreed.line[0].dir, SDP_INACTIVE);
}

static void h264_choice(void **state) {
    static const struct {
        const char *fmtp;
        enum sdp_side side;
        int pt;
    } TABLE[] = {
        {"a=fmtp:1 packetization-mode=1;profile-level-id=42001f\r\na=fmtp:2 "
         "packetization-mode=1;profile-level-id=42e01f\r\n",
         SDP_VIEW, 2},
        {"a=fmtp:1 packetization-mode=0;profile-level-id=42e01f\r\na=fmtp:2 "
         "packetization-mode=1;profile-level-id=42001f\r\n",
         SDP_PUBLISH, 2},
        {"a=fmtp:1 packetization-mode=1;profile-level-id=640c1f\r\na=fmtp:2 "
         "packetization-mode=1;profile-level-id=4d001f\r\n",
         SDP_VIEW, 2},
        {"a=fmtp:1 profile-level-id=42e01f\r\na=fmtp:2 profile-level-id=f4001f;packetization-mode=1\r\n",
         SDP_PUBLISH, 1},
        {"a=fmtp:1 profile-level-id=42e01f\r\na=fmtp:2 profile-level-id=f4001f;packetization-mode=1\r\n",
         SDP_VIEW, 0},
        {"a=fmtp:1 packetization-mode=2\r\na=fmtp:2 packetization-mode=1\r\n", SDP_VIEW, 2},
        {"a=fmtp:1 profile-level-id=zzzzzz;packetization-mode=99;apt=999;=;;x\r\n", SDP_PUBLISH, 1},
    };
    struct rig *r = *state;
    for (size_t i = 0; i < countof(TABLE); i++) {
        char text[1024];
        snprintf(text, sizeof text, "%s%s%s",
                 GOOD "m=video 9 UDP/TLS/RTP/SAVPF 1 2 3\r\na=mid:v\r\na=rtcp-mux\r\n"
                      "a=rtpmap:1 H264/90000\r\na=rtpmap:2 H264/90000\r\na=rtpmap:3 VP8/90000\r\n",
                 TABLE[i].fmtp, "");
        set_text(r, text);
        assert_int_equal(answer(r, TABLE[i].side), 0);
        assert_int_equal(r->agreed.line[0].codec[SDP_H264].on, TABLE[i].pt != 0);
        assert_int_equal(r->agreed.line[0].codec[SDP_H264].pt, TABLE[i].pt);
    }
}

/* A network may cut anything anywhere; no cut may crash, and an accepted cut must still answer. */
static void every_cut(void **state) {
    struct rig *r = *state;
    for (size_t i = 0; i < countof(EXPECTED); i++) {
        load(r, EXPECTED[i].name);
        size_t whole = r->n, step = whole > 3000 ? 37 : 1;
        for (r->n = 0; r->n < whole; r->n += step)
            if (answer(r, EXPECTED[i].side) == 0)
                assert_true(r->agreed.accepted > 0 && r->answer.n > 100);
    }
}

static void fragments(void **state) {
    struct rig *r = *state;
    struct sdp_fragment f;
    assert_int_equal(
        sdp_parse_fragment(&f,
                           STR("a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
                               "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
                               "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\n"
                               "a=candidate:1 1 udp 1 x.local 1 typ host\r\na=end-of-candidates\r\n"),
                           r->err),
        0);
    assert_true(str_is(f.ufrag, "EsAw") && str_is(f.mid, "0"));
    assert_int_equal(f.candidate_count, 2);
    assert_true(f.end_of_candidates);
    assert_int_equal(sdp_parse_fragment(&f, STR("a=mid:0\r\na=candidate:x\r\n"), r->err), 0);
    assert_int_equal(f.ufrag.n, 0);
    assert_int_equal(sdp_parse_fragment(&f, STR("a=ice-ufrag:EsAw\r\n"), r->err), -ERR_INVALID);
    assert_int_equal(sdp_parse_fragment(&f, STR("a=ice-ufrag:EsAw\r\na=ice-pwd:short\r\n"), r->err),
                     -ERR_INVALID);
    assert_int_equal(sdp_parse_fragment(&f, STR("\xff"), r->err), -ERR_INVALID);
    assert_int_equal(sdp_parse_fragment(&f, STR(""), r->err), -ERR_INVALID);
    assert_int_equal(sdp_parse_fragment(&f, STR("junk\r\na=mid:0\r\n"), r->err), -ERR_INVALID);
    assert_int_equal(sdp_parse_fragment(&f, STR("a=end-of-candidates\r\n"), r->err), 0);
    memset(r->text, '\n', SDP_MAX_BYTES + 1);
    assert_int_equal(sdp_parse_fragment(&f, (struct str){r->text, SDP_MAX_BYTES + 1}, r->err),
                     -ERR_TOO_LARGE);
    assert_int_equal(sdp_parse_fragment(&f, (struct str){r->text, SDP_LINES_MAX + 1}, r->err),
                     -ERR_TOO_LARGE);
    assert_int_equal(sdp_write_fragment(&r->answer, &r->local, STR("0")), 0);
    assert_int_equal(sdp_parse_fragment(&f, buf_view(&r->answer), r->err), 0);
    assert_true(str_is(f.ufrag, "ourufrag") && str_is(f.pwd, "ourpasswordourpasswordours") &&
                str_is(f.mid, "0"));
    assert_int_equal(f.candidate_count, 2);
}

/* RFC 6544: after UDP, of lower priority, for browsers to dial. */
static void tcp_candidates(void **state) {
    struct rig *r = *state;
    load(r, "chromium-view");
    r->local.tcp = true;
    assert_int_equal(answer(r, SDP_VIEW), 0);
    r->local.tcp = false;
    assert_int_equal(count(r, "a=candidate:"), 4);
    const char *udp = strstr((const char *)r->answer.p, " udp "),
               *tcp = strstr((const char *)r->answer.p, " tcp ");
    assert_true(udp && tcp && udp < tcp);
    assert_int_equal(count(r, " typ host tcptype passive\r\n"), 2);
    assert_true(strtoul(udp + 5, NULL, 10) > strtoul(tcp + 5, NULL, 10));
    assert_int_equal(strtoul(tcp + 5, NULL, 10) >> 8 & 0xffff, 4 << 13 | 8191); /* 6544 4.2: passive is 4 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_offers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tcp_candidates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(view_slots, set_up, tear_down),
        cmocka_unit_test_setup_teardown(publish_order_and_mute, set_up, tear_down),
        cmocka_unit_test_setup_teardown(layered_codecs_are_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(data_channel_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(layers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bundle_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(setup_and_levels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(h264_choice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fragments, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
