#include "tests/sim/endpoint.h"
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include "media/rtc/demux.h"
#include "media/rtc/stun.h"
#include <stdio.h>

#define CHECK_US INT64_C(50000)
#define CONSENT_US INT64_C(4000000)
#define REPORT_US INT64_C(500000)

/* ---- offer and answer ---- */

/* Each end numbers its extensions as it likes (RFC 8285 5): a viewer's id is never the publisher's for the
 * same thing, nor another viewer's, and often theirs for another. */
static const struct rtp_ext_map publisher_ids = {.audio_level = ENDPOINT_EXT_LEVEL,
                                                 .abs_send_time = ENDPOINT_EXT_TIME,
                                                 .transport_cc = ENDPOINT_EXT_WIDE,
                                                 .mid = ENDPOINT_EXT_MID};
static const struct rtp_ext_map viewer_ids[ENDPOINT_VIEW_IDS] = {
    {.audio_level = 4, .abs_send_time = 3, .transport_cc = 1, .mid = 2},
    {.audio_level = 2, .abs_send_time = 14, .transport_cc = 12, .mid = 7}};

static void put_exts(struct buf *b, const struct rtp_ext_map *ids) {
    buf_printf(b,
               "a=extmap:%u urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
               "a=extmap:%u http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
               "a=extmap:%u urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
               ids->audio_level, ids->abs_send_time, ids->mid);
    if (ids->transport_cc)
        buf_printf(
            b, "a=extmap:%u http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n",
            ids->transport_cc);
}
static const char opus[] = "a=rtpmap:111 opus/48000/2\r\n"
                           "a=fmtp:111 minptime=10;useinbandfec=1\r\n";

static const char layers[] = "a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
                             "a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";

static const char redundancy[] = "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n";

static void put_video_codec(struct buf *b, bool h264, bool silent) {
    int pt = h264 ? ENDPOINT_PT_H264 : ENDPOINT_PT_VP8;
    buf_printf(b, "a=rtpmap:%d %s/90000\r\n", pt, h264 ? "H264" : "VP8");
    static const char *const fb[] = {"goog-remb", "ccm fir", "nack", "nack pli", "transport-cc"};
    for (size_t i = 0; i < countof(fb) - silent; i++)
        buf_printf(b, "a=rtcp-fb:%d %s\r\n", pt, fb[i]);
    if (h264)
        buf_printf(b, "a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n",
                   pt);
    buf_printf(b, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n", pt + 1, pt + 1, pt);
}

static const struct endpoint_size {
    const char *rid;
    uint16_t width, height, bytes; /* of an ordinary picture: 144, 480 and 1440 kbit/s at 30 a second */
} sizes[ENDPOINT_LAYERS_MAX] = {{"q", 320, 180, 600}, {"h", 640, 360, 2000}, {"f", 1280, 720, 6000}};

static void put_layers(struct buf *b, unsigned n) {
    buf_z(b, "a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
             "a=extmap:6 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n");
    for (unsigned k = 0; k < n; k++)
        buf_printf(b, "a=rid:%s send\r\n", sizes[k].rid);
    for (unsigned k = 0; k < n; k++)
        buf_printf(b, "%s%s", k ? ";" : "a=simulcast:send ", sizes[k].rid);
    buf_z(b, "\r\n");
}

static void put_line(struct buf *b, const struct endpoint *e, const struct endpoint_line *l) {
    bool h264 = e->spec.codec != CODEC_VP8, vp8 = e->spec.codec != CODEC_H264;
    buf_printf(b, "m=%s 9 UDP/TLS/RTP/SAVPF%s%s%s\r\nc=IN IP4 0.0.0.0\r\n", l->video ? "video" : "audio",
               l->video      ? ""
               : e->spec.red ? " 111 63"
                             : " 111",
               l->video && h264 ? " 102 103" : "", l->video && vp8 ? " 96 97" : "");
    buf_printf(b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=ice-options:trickle\r\na=fingerprint:sha-256 %s\r\n",
               e->ufrag, e->pwd, dtls_fingerprint());
    buf_printf(b, "a=setup:actpass\r\na=mid:%s\r\n", l->mid);
    put_exts(b, &e->ids);
    buf_printf(b, "a=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n", e->spec.publish ? "sendonly" : "recvonly");
    if (!l->video)
        buf_z(b, opus);
    if (!l->video && e->spec.red)
        buf_z(b, redundancy);
    if (!l->video && !e->spec.silent)
        buf_z(b, "a=rtcp-fb:111 transport-cc\r\n");
    if (l->video && h264)
        put_video_codec(b, true, e->spec.silent);
    if (l->video && vp8)
        put_video_codec(b, false, e->spec.silent);
    if (l->rid)
        put_layers(b, e->spec.layers);
    if (l->video && e->spec.rids) {
        buf_z(b, layers);
        for (unsigned i = 0; i < e->spec.rids; i++)
            buf_printf(b, "a=rid:%c send\r\n", 'a' + i);
        for (unsigned i = 0; i < e->spec.rids; i++)
            buf_printf(b, "%s%c", i ? ";" : "a=simulcast:send ", 'a' + i);
        buf_z(b, "\r\n");
    }
    if (!e->spec.publish || e->spec.undeclared || l->rid || (l->video && e->spec.rids))
        return;
    if (l->video)
        buf_printf(b, "a=ssrc-group:FID %u %u\r\na=ssrc:%u cname:sim\r\n", l->ssrc, l->rtx, l->rtx);
    buf_printf(b, "a=ssrc:%u cname:sim\r\n", l->ssrc);
}

void endpoint_offer(const struct endpoint *e, struct buf *out) {
    buf_printf(out, "v=0\r\no=- %u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE", e->ssrc >> 1);
    for (unsigned i = 0; i < e->lines; i++)
        buf_printf(out, " %s", e->line[i].mid);
    buf_z(out, "\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n");
    for (unsigned i = 0; i < e->lines; i++)
        put_line(out, e, &e->line[i]);
}

void endpoint_renew(struct endpoint *e) {
    rnd_id(e->ufrag, sizeof e->ufrag - 1);
    rnd_id(e->pwd, sizeof e->pwd - 1);
}

bool endpoint_answer(struct endpoint *e, struct str sdp, int64_t now_us) {
    char err[SDP_ERR_MAX];
    struct sdp_offer *a = mem_zalloc(sizeof *a); /* an answer reads by the same grammar */
    bool ok = !sdp_parse(a, sdp, err) && a->media_count == e->lines &&
              STR_COPY(e->remote_ufrag, a->media[0].ufrag) && STR_COPY(e->remote_pwd, a->media[0].pwd);
    for (unsigned i = 0; ok && i < e->lines; i++) {
        ok = str_is(a->media[i].mid, e->line[i].mid);
        if (!e->spec.publish && a->media[i].ssrc_count) {
            e->line[i].ssrc = a->media[i].ssrc[0].ssrc;
            e->line[i].rtx = a->media[i].ssrc[0].rtx;
        }
    }
    if (ok && !e->dtls)
        ok = a->media[0].has_fp && !dtls_open(&e->dtls, DTLS_CLIENT, a->media[0].fp, now_us);
    mem_free(a);
    e->check_us = now_us;
    return ok;
}

/* ---- life ---- */

struct endpoint_line *endpoint_layer(struct endpoint *e, unsigned k) {
    return &e->line[k ? e->lines + k - 1 : e->spec.audio];
}

void endpoint_sleep(struct endpoint *e, unsigned k, bool asleep) {
    struct endpoint_line *l = endpoint_layer(e, k);
    l->key_wanted = l->key_wanted || (l->asleep && !asleep);
    l->asleep = asleep;
}

static void open_layers(struct endpoint *e) {
    e->streams = e->lines;
    for (unsigned k = 0; e->spec.layers > 1 && k < e->spec.layers; k++) {
        struct endpoint_line *l = endpoint_layer(e, k);
        l->rid = sizes[k].rid;
        l->width = sizes[k].width;
        l->height = sizes[k].height;
        l->bytes = sizes[k].bytes;
        e->streams += k > 0;
    }
}

struct endpoint *endpoint_open(const struct endpoint_spec *s) {
    struct endpoint *e = mem_zalloc(sizeof *e);
    e->spec = *s;
    e->ids = s->publish ? publisher_ids : viewer_ids[s->ids % ENDPOINT_VIEW_IDS];
    if (s->silent)
        e->ids.transport_cc = 0;
    e->heads.youngest_us = INT64_MAX;
    e->heads.oldest_us = INT64_MIN;
    e->ssrc = rnd_u32() | 1;
    e->check_us = e->report_us = INT64_MAX;
    endpoint_renew(e);
    e->lines = s->audio + s->video;
    twcc_rx_init(&e->rx);
    open_layers(e);
    for (unsigned i = 0; i < e->streams; i++) {
        struct endpoint_line *l = &e->line[i];
        snprintf(l->mid, sizeof l->mid, "%u", i);
        l->video = i >= s->audio;
        l->pli_gap_us = INT64_MAX;
        l->width = l->width ? l->width : 640;
        l->height = l->height ? l->height : 360;
        nack_init(&l->nack);
        if (!s->publish)
            continue;
        l->ssrc = rnd_u32() | 1;
        l->rtx = l->video ? rnd_u32() | 1 : 0;
        l->seq = (uint16_t)rnd_u32();
        l->ts = rnd_u32();
        l->rtx_seq = (uint16_t)rnd_u32();
        l->key_wanted = true;
        l->sent = l->video ? mem_zalloc(ENDPOINT_SENT_RING * sizeof *l->sent) : NULL;
    }
    return e;
}

void endpoint_close(struct endpoint *e) {
    if (!e)
        return;
    for (unsigned i = 0; i < e->streams; i++)
        mem_free(e->line[i].sent);
    dtls_close(e->dtls);
    secure_close(e->secure);
    secure_close(e->voice);
    mem_free(e);
}

/* ---- out ---- */

size_t endpoint_check(const struct endpoint *e, uint8_t *out, size_t cap) {
    char name[80];
    int n = snprintf(name, sizeof name, "%s:%s", e->remote_ufrag, e->ufrag);
    struct stun m = {.cls = STUN_REQUEST,
                     .method = STUN_BINDING,
                     .has = STUN_HAS_USERNAME | STUN_HAS_PRIORITY | STUN_HAS_USE_CANDIDATE |
                            STUN_HAS_CONTROLLING,
                     .username = {name, (size_t)n},
                     .priority = 1845501695,
                     .tie_breaker = e->ssrc};
    rnd_bytes(m.tid, sizeof m.tid);
    n = stun_write(&m, str_of(e->remote_pwd), out, cap);
    return n > 0 ? (size_t)n : 0;
}

static void send_check(struct endpoint *e, int64_t now_us) {
    uint8_t out[STUN_MAX];
    e->spec.out(e->spec.ctx, out, endpoint_check(e, out, sizeof out), now_us);
}

static void flush_dtls(struct endpoint *e, int64_t now_us) {
    uint8_t out[DTLS_MTU];
    for (size_t n; e->reachable && (n = dtls_next_out(e->dtls, out, sizeof out));)
        e->spec.out(e->spec.ctx, out, n, now_us);
}

void endpoint_send_rtp(struct endpoint *e, uint8_t *pkt, size_t n, int64_t now_us) {
    int len = secure_protect(e->secure, pkt, n, n + SECURE_TRAILER_MAX);
    if (len > 0)
        e->spec.out(e->spec.ctx, pkt, (size_t)len, now_us);
}

void endpoint_send_rtcp(struct endpoint *e, uint8_t *pkt, size_t n, int64_t now_us) {
    bool report = !e->spec.publish && pkt[1] == RTCP_RR;
    int len = secure_protect_rtcp(report ? e->voice : e->secure, pkt, n, n + SECURE_TRAILER_MAX);
    if (len > 0)
        e->spec.out(e->spec.ctx, pkt, (size_t)len, now_us);
}

void endpoint_leave(struct endpoint *e, int64_t now_us) {
    dtls_shutdown(e->dtls);
    flush_dtls(e, now_us);
}

void endpoint_step(struct endpoint *e, int64_t now_us) {
    if (now_us >= e->check_us) {
        send_check(e, now_us);
        e->check_us = now_us + (e->reachable ? CONSENT_US : CHECK_US);
    }
    if (e->dtls && e->reachable && now_us >= dtls_next_us(e->dtls)) {
        dtls_on_timer(e->dtls, now_us);
        flush_dtls(e, now_us);
    }
    if (!e->secure)
        return;
    endpoint_nacks(e, now_us);
    endpoint_tell(e, now_us);
    if (now_us >= e->report_us) {
        endpoint_report(e, now_us);
        e->report_us = now_us + REPORT_US;
    }
}

int64_t endpoint_next_us(const struct endpoint *e) {
    int64_t at = e->check_us, d = e->dtls && e->reachable ? dtls_next_us(e->dtls) : INT64_MAX;
    at = d < at ? d : at;
    if (!e->secure)
        return at;
    at = e->report_us < at ? e->report_us : at;
    at = twcc_rx_next_us(&e->rx) < at ? twcc_rx_next_us(&e->rx) : at;
    for (unsigned i = 0; i < e->lines && !e->spec.publish; i++) {
        int64_t n = e->line[i].video ? nack_next_us(&e->line[i].nack) : INT64_MAX;
        at = n < at ? n : at;
    }
    return at;
}

/* ---- in ---- */

static void on_dtls(struct endpoint *e, struct bytes d, int64_t now_us) {
    if (!e->dtls)
        return;
    enum dtls_state s = dtls_feed(e->dtls, d, now_us);
    flush_dtls(e, now_us);
    struct secure_keys keys;
    if (s == DTLS_READY && !e->secure && !dtls_export_keys(e->dtls, &keys)) {
        e->failed = secure_open(&e->secure, &keys) || secure_open(&e->voice, &keys);
        e->report_us = now_us + REPORT_US;
    }
    e->failed = e->failed || s == DTLS_FAILED || s == DTLS_CLOSED;
}

/* A full agent answers a question of its server's. */
static void answer_check(struct endpoint *e, const struct stun *m, int64_t now_us) {
    uint8_t out[STUN_REPLY_MAX];
    struct stun res = {.cls = STUN_SUCCESS, .method = STUN_BINDING};
    memcpy(res.tid, m->tid, sizeof res.tid);
    int n = stun_verify(m, str_of(e->pwd)) ? 0 : stun_write(&res, str_of(e->pwd), out, sizeof out);
    if (n > 0)
        e->spec.out(e->spec.ctx, out, (size_t)n, now_us);
}

static void on_stun(struct endpoint *e, struct bytes d, int64_t now_us) {
    struct stun m;
    if (!stun_parse(&m, d) && m.cls == STUN_REQUEST)
        answer_check(e, &m, now_us);
    if (stun_parse(&m, d) || m.cls != STUN_SUCCESS || stun_verify(&m, str_of(e->remote_pwd)) || e->reachable)
        return;
    e->reachable = true;
    e->check_us = now_us + CONSENT_US;
    flush_dtls(e, now_us);
}

void endpoint_feed(struct endpoint *e, const uint8_t *p, size_t n, int64_t now_us) {
    uint8_t pkt[2048];
    if (n > sizeof pkt)
        return;
    memcpy(pkt, p, n);
    struct bytes d = {pkt, n};
    enum demux kind = demux_kind(d);
    if (kind == DEMUX_STUN) {
        on_stun(e, d, now_us);
    } else if (kind == DEMUX_DTLS) {
        on_dtls(e, d, now_us);
    } else if (kind == DEMUX_RTP && e->secure) {
        struct rtp r;
        int len = secure_unprotect(e->secure, pkt, n);
        if (len > 0 && !rtp_parse(&r, (struct bytes){pkt, (size_t)len}))
            endpoint_on_rtp(e, &r, now_us);
    } else if (kind == DEMUX_RTCP && e->secure) {
        int len = secure_unprotect_rtcp(e->secure, pkt, n);
        if (len > 0)
            endpoint_on_rtcp(e, (struct bytes){pkt, (size_t)len}, now_us);
    }
}
