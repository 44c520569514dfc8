#include "tests/bench/client.h"
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/base/rnd.h"
#include "media/rtc/demux.h"
#include "media/rtc/rtcpw.h"
#include "media/rtc/stun.h"
#include "tests/bench/post.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, PACKET = 2048, RCVBUF_BYTES = 4 << 20 };
#define CHECK_EVERY_US INT64_C(50000)     /* until the first answer */
#define CONSENT_EVERY_US INT64_C(4000000) /* RFC 7675 5.1: "every 5 seconds" */
#define REPORT_EVERY_US INT64_C(1000000)

struct client {
    struct client_spec spec;
    int fd;
    struct sockaddr_in server;
    char location[POST_LOCATION_MAX + 1];
    char ufrag[9], pwd[25], remote_ufrag[64], remote_pwd[64];
    struct dtls *dtls;
    struct secure *secure;
    bool reachable; /* a check was answered */
    bool twcc;
    int64_t check_us, report_us;
    uint32_t ssrc; /* of our reports */
    struct twcc_rx rx;
    struct client_stream stream[CLIENT_SSRCS_MAX];
    unsigned streams;
};

/* ---- offer and answer ---- */

static const char exts[] =
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
static const char audio_codec[] = "a=rtpmap:111 opus/48000/2\r\n"
                                  "a=rtcp-fb:111 transport-cc\r\n"
                                  "a=fmtp:111 minptime=10;useinbandfec=1\r\n";
static const char video_codec[] =
    "a=rtpmap:102 H264/90000\r\n"
    "a=rtcp-fb:102 goog-remb\r\n"
    "a=rtcp-fb:102 transport-cc\r\n"
    "a=rtcp-fb:102 ccm fir\r\n"
    "a=rtcp-fb:102 nack\r\n"
    "a=rtcp-fb:102 nack pli\r\n"
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:103 rtx/90000\r\n"
    "a=fmtp:103 apt=102\r\n";

static void put_line(struct buf *b, const struct client *c, bool video, int mid) {
    buf_printf(b, "m=%s 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n",
               video ? "video" : "audio", video ? "102 103" : "111");
    buf_printf(b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=ice-options:trickle\r\na=fingerprint:sha-256 %s\r\n",
               c->ufrag, c->pwd, dtls_fingerprint());
    buf_printf(b, "a=setup:actpass\r\na=mid:%d\r\n%sa=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\n%s", mid, exts,
               c->spec.publish ? "sendonly" : "recvonly", video ? video_codec : audio_codec);
    if (!c->spec.publish)
        return;
    if (!video) {
        buf_printf(b, "a=msid:- mic\r\na=ssrc:%u cname:bench\r\n", CLIENT_SSRC_AUDIO);
        return;
    }
    buf_printf(
        b, "a=msid:- camera\r\na=ssrc-group:FID %u %u\r\na=ssrc:%u cname:bench\r\na=ssrc:%u cname:bench\r\n",
        CLIENT_SSRC_VIDEO, CLIENT_SSRC_RTX, CLIENT_SSRC_VIDEO, CLIENT_SSRC_RTX);
}

/* A publisher sends a microphone and a camera; a viewer brings the slots the web client brings at the least.
 */
static void put_offer(struct buf *b, const struct client *c) {
    int audio = c->spec.publish ? 1 : 3;
    buf_printf(b, "v=0\r\no=- %u 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE", rnd_u32() >> 1);
    for (int mid = 0; mid <= audio; mid++)
        buf_printf(b, " %d", mid);
    buf_z(b, "\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n");
    for (int mid = 0; mid < audio; mid++)
        put_line(b, c, false, mid);
    put_line(b, c, true, audio);
}

static int hex(char ch) {
    return ch >= '0' && ch <= '9'   ? ch - '0'
           : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10
           : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10
                                    : -1;
}

static bool parse_fp(struct str text, uint8_t out[DTLS_FP_BYTES]) {
    struct str byte;
    unsigned n = 0;
    for (; str_until(&text, ':', &byte); n++)
        if (n >= DTLS_FP_BYTES || byte.n != 2 || hex(byte.p[0]) < 0 || hex(byte.p[1]) < 0)
            return false;
        else
            out[n] = (uint8_t)(hex(byte.p[0]) << 4 | hex(byte.p[1]));
    return n == DTLS_FP_BYTES;
}

/* "1 1 udp 2130706431 127.0.0.1 8189 typ host": the loopback address is ours to use, else the first. */
static void take_candidate(struct client *c, struct str text) {
    struct str word[6];
    uint64_t port;
    char ip[INET_ADDRSTRLEN];
    struct in_addr a;
    for (unsigned i = 0; i < 6; i++)
        if (!str_word(&text, &word[i]))
            return;
    if (!str_ieq(word[2], STR("udp")) || !STR_COPY(ip, word[4]) || inet_pton(AF_INET, ip, &a) != 1 ||
        str_u64(word[5], 65535, &port))
        return;
    if (c->server.sin_port && strcmp(ip, "127.0.0.1") != 0)
        return;
    c->server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = a};
}

static bool take_answer(struct client *c, struct str sdp, uint8_t fp[DTLS_FP_BYTES]) {
    struct str line, key;
    bool has_fp = false;
    while (str_line(&sdp, &line)) {
        if (!str_until(&line, ':', &key))
            continue;
        if (str_is(key, "a=ice-ufrag"))
            STR_COPY(c->remote_ufrag, line);
        else if (str_is(key, "a=ice-pwd"))
            STR_COPY(c->remote_pwd, line);
        else if (str_is(key, "a=fingerprint") && str_starts(line, STR("sha-256 ")))
            has_fp = parse_fp((struct str){line.p + 8, line.n - 8}, fp);
        else if (str_is(key, "a=candidate"))
            take_candidate(c, line);
        else if (str_is(key, "a=extmap") && str_starts(line, STR("3 ")))
            c->twcc = true;
    }
    return has_fp && c->remote_ufrag[0] && c->remote_pwd[0] && c->server.sin_port;
}

/* ---- opening ---- */

static int open_socket(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, bytes = RCVBUF_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes))
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    return fd;
}

static int ask(struct client *c, uint8_t fp[DTLS_FP_BYTES], char err[256]) {
    char path[128];
    struct buf offer;
    struct posted answer;
    snprintf(path, sizeof path, "/%s/%s", c->spec.publish ? "whip" : "whep", c->spec.room);
    buf_init(&offer, POST_REPLY_MAX);
    put_offer(&offer, c);
    struct post req = {c->spec.http_port, "POST", path, c->spec.ticket, "application/sdp", buf_view(&offer)};
    int e = post(&req, &answer);
    buf_fini(&offer);
    if (e) {
        snprintf(err, 256, "POST %s: no answer (%s)", path, err_text(e));
    } else if (answer.status != 201) {
        snprintf(err, 256, "POST %s: %d %.*s", path, answer.status,
                 (int)(answer.body.n < 160 ? answer.body.n : 160),
                 answer.body.n ? (char *)answer.body.p : "");
        e = -ERR_DENIED;
    } else if (!take_answer(c, buf_view(&answer.body), fp)) {
        snprintf(err, 256, "POST %s: the answer lacks credentials, fingerprint or a candidate", path);
        e = -ERR_INVALID;
    }
    STR_COPY(c->location, str_of(answer.location));
    buf_fini(&answer.body);
    return e;
}

int client_open(struct client **out, const struct client_spec *spec, char err[256]) {
    uint8_t fp[DTLS_FP_BYTES];
    struct client *c = mem_zalloc(sizeof *c);
    c->spec = *spec;
    rnd_id(c->ufrag, sizeof c->ufrag - 1);
    rnd_id(c->pwd, sizeof c->pwd - 1);
    c->ssrc = rnd_u32() | 1;
    c->fd = open_socket();
    int e = c->fd < 0 ? -ERR_IO : ask(c, fp, err);
    int64_t now_us = clock_mono_us();
    if (!e)
        e = connect(c->fd, (struct sockaddr *)&c->server, sizeof c->server) ? -ERR_IO : 0;
    if (!e)
        e = dtls_open(&c->dtls, DTLS_CLIENT, fp, now_us);
    if (e) {
        if (c->fd >= 0)
            close(c->fd);
        mem_free(c);
        return e;
    }
    twcc_rx_init(&c->rx);
    c->check_us = now_us;
    c->report_us = now_us + REPORT_EVERY_US + rnd_u32() % REPORT_EVERY_US;
    *out = c;
    return 0;
}

void client_close(struct client *c) {
    if (!c)
        return;
    struct posted answer;
    struct post req = {c->spec.http_port, "DELETE", c->location, c->spec.ticket, NULL, STR("")};
    if (c->location[0] == '/') {
        post(&req, &answer);
        buf_fini(&answer.body);
    }
    dtls_close(c->dtls);
    secure_close(c->secure);
    close(c->fd);
    mem_free(c);
}

int client_fd(const struct client *c) { return c->fd; }

bool client_up(const struct client *c) { return c->secure != NULL; }

/* ---- out ---- */

static void put_wire(struct client *c, const void *p, size_t n) {
    /* A full buffer loses the datagram, as a network would; everything here is repeated or measured as loss.
     */
    while (send(c->fd, p, n, 0) < 0 && errno == EINTR)
        ;
}

static void flush_dtls(struct client *c) {
    uint8_t out[DTLS_MTU];
    size_t n;
    while (c->reachable && (n = dtls_next_out(c->dtls, out, sizeof out)))
        put_wire(c, out, n);
}

static void send_check(struct client *c) {
    uint8_t out[STUN_MAX];
    char username[80];
    int n = snprintf(username, sizeof username, "%s:%s", c->remote_ufrag, c->ufrag);
    struct stun m = {.cls = STUN_REQUEST, .method = STUN_BINDING};
    rnd_bytes(m.tid, sizeof m.tid);
    m.has = STUN_HAS_USERNAME | STUN_HAS_PRIORITY | STUN_HAS_USE_CANDIDATE | STUN_HAS_CONTROLLING;
    m.username = (struct str){username, (size_t)n};
    m.priority = 1845501695; /* RFC 8445 5.1.2.1 for a peer-reflexive candidate */
    m.tie_breaker = rnd_u64();
    n = stun_write(&m, str_of(c->remote_pwd), out, sizeof out);
    if (n > 0)
        put_wire(c, out, (size_t)n);
}

static void send_rtcp(struct client *c, struct wr *w, size_t cap) {
    int n = w->bad ? -ERR_TOO_LARGE : secure_protect_rtcp(c->secure, w->start, wr_len(w), cap);
    if (n > 0)
        put_wire(c, w->start, (size_t)n);
}

static void send_report(struct client *c) {
    uint8_t out[1400];
    struct rtcp_report block[CLIENT_SSRCS_MAX] = {0};
    for (unsigned i = 0; i < c->streams; i++) {
        block[i].ssrc = c->stream[i].ssrc;
        block[i].highest_seq = c->stream[i].turns << 16 | c->stream[i].top;
    }
    struct wr w = wr_init(out, sizeof out - SECURE_TRAILER_MAX);
    rtcpw_rr(&w, c->ssrc, block, c->streams);
    rtcpw_cname(&w, c->ssrc, STR("bench"));
    send_rtcp(c, &w, sizeof out);
}

static void send_feedback(struct client *c, int64_t now_us) {
    uint8_t out[TWCC_PACKET_MAX + SECURE_TRAILER_MAX];
    int n;
    while (c->streams &&
           (n = twcc_rx_write(&c->rx, c->ssrc, c->stream[0].ssrc, now_us, out, TWCC_PACKET_MAX)) > 0) {
        struct wr w = wr_init(out, TWCC_PACKET_MAX);
        w.p += n;
        send_rtcp(c, &w, sizeof out);
    }
}

int client_send(struct client *c, const uint8_t *packet, size_t n) {
    uint8_t out[RTP_PACKET_MAX + SECURE_TRAILER_MAX];
    if (!c->secure || n > RTP_PACKET_MAX)
        return -ERR_CONFLICT;
    memcpy(out, packet, n);
    int len = secure_protect(c->secure, out, n, sizeof out);
    if (len < 0)
        return len;
    put_wire(c, out, (size_t)len);
    return 0;
}

int client_say(struct client *c, const uint8_t *rtcp, size_t n) {
    uint8_t out[RTP_PACKET_MAX + SECURE_TRAILER_MAX];
    if (!c->secure || n > RTP_PACKET_MAX)
        return -ERR_CONFLICT;
    memcpy(out, rtcp, n);
    int len = secure_protect_rtcp(c->secure, out, n, sizeof out);
    if (len > 0)
        put_wire(c, out, (size_t)len);
    return len < 0 ? len : 0;
}

void client_wire(struct client *c, const uint8_t *datagram, size_t n) { put_wire(c, datagram, n); }

uint16_t client_port(const struct client *c) { return ntohs(c->server.sin_port); }

void client_step(struct client *c, int64_t now_us) {
    if (now_us >= c->check_us) {
        send_check(c);
        c->check_us = now_us + (c->reachable ? CONSENT_EVERY_US : CHECK_EVERY_US);
    }
    if (c->reachable && now_us >= dtls_next_us(c->dtls)) {
        dtls_on_timer(c->dtls, now_us);
        flush_dtls(c);
    }
    if (!c->secure)
        return;
    if (!c->spec.publish && c->twcc)
        send_feedback(c, now_us);
    if (now_us >= c->report_us) {
        send_report(c);
        c->report_us = now_us + REPORT_EVERY_US;
    }
}

int64_t client_next_us(const struct client *c) {
    int64_t next = c->check_us, dtls = c->reachable ? dtls_next_us(c->dtls) : INT64_MAX;
    int64_t report = c->secure ? c->report_us : INT64_MAX;
    int64_t feedback = c->secure && c->twcc ? twcc_rx_next_us(&c->rx) : INT64_MAX;
    next = dtls < next ? dtls : next;
    next = report < next ? report : next;
    return feedback < next ? feedback : next;
}

/* ---- in ---- */

static int on_dtls(struct client *c, struct bytes d, int64_t now_us) {
    enum dtls_state state = dtls_feed(c->dtls, d, now_us);
    flush_dtls(c);
    struct secure_keys keys;
    if (state == DTLS_READY && !c->secure && !dtls_export_keys(c->dtls, &keys))
        return secure_open(&c->secure, &keys);
    return state == DTLS_FAILED || state == DTLS_CLOSED ? -ERR_IO : 0;
}

static struct client_stream *stream_of(struct client *c, uint32_t ssrc, uint16_t seq) {
    for (unsigned i = 0; i < c->streams; i++)
        if (c->stream[i].ssrc == ssrc)
            return &c->stream[i];
    if (c->streams == CLIENT_SSRCS_MAX)
        return NULL;
    struct client_stream *s = &c->stream[c->streams++];
    *s = (struct client_stream){.ssrc = ssrc, .first = seq, .top = seq, .base = seq};
    return s;
}

static bool is_known(const struct client *c, struct bytes d) {
    struct rtp p;
    for (unsigned i = 0; !rtp_parse(&p, d) && i < c->streams; i++)
        if (c->stream[i].ssrc == p.ssrc)
            return true;
    return false;
}

/* The monotonic time at which the kernel had it: what a packet waits for a busy load program is no queue of
 * the line, and browsers do not report it as one. */
static int64_t arrived_us(int64_t at_us, int64_t now_us) {
    struct timespec t;
    if (!at_us)
        return now_us;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t waited_us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 - at_us;
    return waited_us > 0 ? clock_mono_us() - waited_us : now_us;
}

static void on_rtp(struct client *c, struct bytes d, int64_t at_us, int64_t now_us) {
    struct rtp p;
    uint16_t wide;
    int n = -ERR_CONFLICT;
    if (c->spec.blind && is_known(c, d))
        n = (int)d.n;
    else if (c->secure)
        n = secure_unprotect(c->secure, (uint8_t *)(uintptr_t)d.p, d.n);
    if (n < 0 || rtp_parse(&p, (struct bytes){d.p, (size_t)n}))
        return;
    if (c->twcc && rtp_transport_cc(&p, CLIENT_EXT_TWCC, &wide))
        twcc_rx_on(&c->rx, wide, arrived_us(at_us, now_us));
    struct client_stream *s = p.pt == CLIENT_PT_RTX ? NULL : stream_of(c, p.ssrc, p.seq);
    if (s) {
        if ((int16_t)(p.seq - s->top) > 0) {
            s->turns += p.seq < s->top;
            s->top = p.seq;
        }
        s->got++;
        s->bytes += (size_t)n;
    }
    if (c->spec.on_rtp)
        c->spec.on_rtp(c->spec.ctx, c, &p, at_us);
}

static void on_rtcp(struct client *c, struct bytes d) {
    int n = c->secure ? secure_unprotect_rtcp(c->secure, (uint8_t *)(uintptr_t)d.p, d.n) : -ERR_CONFLICT;
    if (n < 0 || !c->spec.on_rtcp)
        return;
    struct rtcp_iter it = rtcp_iter((struct bytes){d.p, (size_t)n});
    struct rtcp p;
    while (rtcp_next(&it, &p) > 0)
        c->spec.on_rtcp(c->spec.ctx, c, &p);
}

/* A full agent checks its way to us as well, and waits for the answer (RFC 8445 7.3). */
static void answer_check(struct client *c, const struct stun *m) {
    uint8_t out[STUN_REPLY_MAX];
    struct stun reply = {.cls = STUN_SUCCESS, .method = STUN_BINDING, .has = STUN_HAS_MAPPED};
    struct sockaddr_storage from = {0};
    memcpy(reply.tid, m->tid, sizeof reply.tid);
    memcpy(&from, &c->server, sizeof c->server);
    if (stun_verify(m, str_of(c->pwd)) || addr_from_sockaddr(&reply.mapped, &from, sizeof c->server))
        return;
    int n = stun_write(&reply, str_of(c->pwd), out, sizeof out);
    if (n > 0)
        put_wire(c, out, (size_t)n);
}

static int on_datagram(struct client *c, struct bytes d, int64_t at_us, int64_t now_us) {
    struct stun m;
    switch (demux_kind(d)) {
    case DEMUX_STUN:
        if (stun_parse(&m, d))
            return 0;
        if (m.cls == STUN_REQUEST)
            answer_check(c, &m);
        if (m.cls == STUN_SUCCESS && !c->reachable && !stun_verify(&m, str_of(c->remote_pwd))) {
            c->reachable = true;
            c->check_us = now_us + CONSENT_EVERY_US;
            flush_dtls(c);
        }
        return 0;
    case DEMUX_DTLS:
        return on_dtls(c, d, now_us);
    case DEMUX_RTP:
        on_rtp(c, d, at_us, now_us);
        return 0;
    case DEMUX_RTCP:
        on_rtcp(c, d);
        return 0;
    case DEMUX_DROP:
        return 0;
    }
    return 0;
}

/* SO_TIMESTAMPNS: the wall clock at which the kernel took the datagram in. */
static int64_t kernel_us(struct msghdr *h) {
    for (struct cmsghdr *m = CMSG_FIRSTHDR(h); m; m = CMSG_NXTHDR(h, m)) {
        struct timespec t;
        if (m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&t, CMSG_DATA(m), sizeof t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
    }
    return 0;
}

int client_read(struct client *c, int64_t now_us) {
    static _Thread_local uint8_t bytes[BATCH][PACKET];
    static _Thread_local char control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
    struct iovec iov[BATCH];
    struct mmsghdr v[BATCH] = {0};
    int n, err = 0;
    do {
        for (int i = 0; i < BATCH; i++) {
            iov[i] = (struct iovec){bytes[i], PACKET};
            v[i].msg_hdr.msg_iov = &iov[i];
            v[i].msg_hdr.msg_iovlen = 1;
            v[i].msg_hdr.msg_control = control[i];
            v[i].msg_hdr.msg_controllen = sizeof control[i];
        }
        n = recvmmsg(c->fd, v, BATCH, 0, NULL);
        for (int i = 0; i < n && !err; i++)
            err = on_datagram(c, (struct bytes){bytes[i], v[i].msg_len}, kernel_us(&v[i].msg_hdr), now_us);
    } while (n == BATCH && !err);
    return err;
}

/* ---- counting ---- */

unsigned client_streams(const struct client *c, const struct client_stream **out) {
    *out = c->stream;
    return c->streams;
}

static uint64_t extended(const struct client_stream *s) { return (uint64_t)s->turns << 16 | s->top; }

void client_count_anew(struct client *c) {
    for (unsigned i = 0; i < c->streams; i++) {
        c->stream[i].got = c->stream[i].bytes = 0;
        c->stream[i].base = extended(&c->stream[i]) + 1;
    }
}

uint64_t client_expected(const struct client_stream *s) {
    uint64_t top = extended(s);
    return top + 1 > s->base ? top + 1 - s->base : 0;
}
