/* bench_flood — a class on a running server, and beside it a stranger, a viewer and a publisher who send
 * without end what they should not: what the server sets aside for that, what it counts, and what the class
 * notices. Usage: bench_flood PORT PID ROOM TEACHER-TICKET EVIL-TICKET < tickets of VIEWERS + 1. Prints a
 * JSON object: of each flood the datagrams sent and what each counter of /metrics grew by. */
#include "media/base/clock.h"
#include "media/base/json.h"
#include "media/base/rnd.h"
#include "media/rtc/rtcpw.h"
#include "tests/bench/crowd.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VIEWERS = 5, VIDEO_BPS = 1000000, BURST = 50, WIRE_MAX = 1400 };
#define TURN_US INT64_C(1000) /* and what the class takes; BURST datagrams after each */
#define FLOOD_US INT64_C(2000000)
#define SETTLE_US INT64_C(1000000)
#define PATIENCE_US INT64_C(20000000)

struct flood {
    struct crowd *crowd;
    struct client *viewer, *publisher;
    int stranger; /* a socket that passed no check */
    uint16_t seq;
    uint64_t sent;
};

static void nothing(void *ctx, struct client *c, const struct rtp *p, int64_t at_us) {
    (void)ctx;
    (void)c;
    (void)p;
    (void)at_us;
}

static struct client *member(struct crowd *crowd, const struct crowd_cfg *cfg, const char *ticket,
                             bool publish) {
    struct client_spec spec = {.publish = publish,
                               .http_port = cfg->http_port,
                               .room = cfg->room,
                               .ticket = ticket,
                               .on_rtp = nothing};
    struct client *c;
    char err[256] = "";
    if (client_open(&c, &spec, err))
        crowd_die("%s", err);
    for (int64_t end_us = clock_mono_us() + PATIENCE_US; !client_up(c);) {
        if (clock_mono_us() > end_us || client_read(c, clock_mono_us()))
            crowd_die("an evil member was not let in");
        client_step(c, clock_mono_us());
        crowd_pump(crowd, TURN_US);
    }
    return c;
}

/* ---- what is sent ---- */

/* RTP, a ClientHello, checks of nobody, rubbish. */
static void by_a_stranger(struct flood *f) {
    static const uint8_t first[] = {0x80, 22, 0, 0xff, 0x90, 63, 64, 3};
    uint8_t p[WIRE_MAX];
    size_t n = 1 + rnd_u32() % sizeof p;
    rnd_bytes(p, n);
    p[0] = first[f->sent % sizeof first];
    if (p[0] == 0 && n >= 20) {
        n = 20;
        p[1] = 1; /* a Binding request without anything in it (RFC 8489 5) */
        p[2] = p[3] = 0;
        memcpy(p + 4, "\x21\x12\xa4\x42", 4);
    }
    (void)!send(f->stranger, p, n, 0);
}

/* Media and reports of random SSRCs, sealed with no key, from an address that passed. */
static void forged(struct flood *f) {
    uint8_t p[WIRE_MAX];
    size_t n = 40 + rnd_u32() % (sizeof p - 40);
    rnd_bytes(p, n);
    p[0] = 0x80;
    p[1] = f->sent % 3 ? CLIENT_PT_H264 : RTCP_RR;
    client_wire(f->publisher, p, n);
}

/* Extensions of any id and length on a stream of his own. */
static void wrong_extensions(struct flood *f) {
    uint8_t p[200];
    unsigned words = rnd_u32() % 16;
    rnd_bytes(p, sizeof p);
    p[0] = 0x90;
    p[1] = CLIENT_PT_H264;
    p[2] = (uint8_t)(++f->seq >> 8);
    p[3] = (uint8_t)f->seq;
    for (unsigned i = 0; i < 4; i++)
        p[8 + i] = (uint8_t)(CLIENT_SSRC_VIDEO >> (24 - 8 * i));
    p[12] = f->sent % 2 ? 0xbe : 0x10; /* RFC 8285 4.2, 4.3 */
    p[13] = f->sent % 2 ? 0xde : 0x00;
    p[14] = 0;
    p[15] = (uint8_t)(f->sent % 5 ? words : 255); /* longer than the packet */
    client_send(f->publisher, p, 16 + 4 * words + rnd_u32() % 64);
}

/* NACK of all there is, PLI, FIR, REMB of nothing and of everything, feedback of any statuses. */
static void feedback(struct flood *f) {
    const struct client_stream *s;
    unsigned n = client_streams(f->viewer, &s);
    uint32_t ssrc = n ? s[f->sent % n].ssrc : 1, me = 0x66660001;
    uint8_t p[WIRE_MAX];
    uint16_t seqs[64];
    struct wr w = wr_init(p, sizeof p - SECURE_TRAILER_MAX);
    for (unsigned i = 0; i < countof(seqs); i++)
        seqs[i] = (uint16_t)((n ? s[f->sent % n].top : 0) - i);
    rtcpw_rr(&w, me, NULL, 0);
    rtcpw_pli(&w, me, ssrc);
    rtcpw_fir(&w, me, ssrc, (uint8_t)f->sent);
    rtcpw_nack(&w, me, ssrc, seqs, countof(seqs));
    rtcpw_remb(&w, me, f->sent % 2 ? 0 : UINT64_MAX / 2, &ssrc, 1);
    uint8_t fci[200];
    rnd_bytes(fci, sizeof fci);
    wr_u8(&w, 0x80 | RTCP_FMT_TWCC);
    wr_u8(&w, RTCP_RTPFB);
    wr_u16(&w, 2 + sizeof fci / 4);
    wr_u32(&w, me);
    wr_u32(&w, ssrc);
    wr_put(&w, fci, sizeof fci);
    client_say(f->viewer, p, wr_len(&w));
}

/* ---- how it goes ---- */

static void run(struct flood *f, void (*one)(struct flood *f), int64_t for_us) {
    int64_t began_us = clock_mono_us();
    while (clock_mono_us() - began_us < for_us) {
        for (unsigned i = 0; one && i < BURST; i++, f->sent++)
            one(f);
        crowd_pump(f->crowd, TURN_US);
        struct client *evil[] = {f->viewer, f->publisher};
        for (unsigned i = 0; i < countof(evil); i++) {
            if (client_read(evil[i], clock_mono_us()))
                crowd_die("an evil member was cut off"); /* then the flood would be none */
            client_step(evil[i], clock_mono_us());
        }
    }
}

static struct json *flood(struct flood *f, const char *name, void (*one)(struct flood *f), int pid) {
#define M "somhub_media_"
    static const char *const counters[] = {
        M "unknown_datagrams_total", M "bad_auth_total", M "rx_refused_total",
        M "nack_rx_total",           M "pli_rx_total",   M "tx_packets_total"};
    double before[countof(counters)], after[countof(counters)];
    struct json *row = json_object();
    int64_t rss = crowd_rss_bytes(pid);
    crowd_metrics(f->crowd, counters, before, countof(counters));
    f->sent = 0;
    crowd_count_anew(f->crowd);
    run(f, one, FLOOD_US);
    uint64_t sent = f->sent;
    run(f, NULL, SETTLE_US);
    crowd_metrics(f->crowd, counters, after, countof(counters));
    struct crowd_sums s = crowd_sums(f->crowd);
    json_set_z(row, "flood", name);
    json_set_int(row, "sent", (int64_t)sent);
    json_set_int(row, "grown_kb", (crowd_rss_bytes(pid) - rss) / 1024);
    json_set_int(row, "class_expected", (int64_t)s.expected);
    json_set_int(row, "class_lost", (int64_t)s.expected - (int64_t)s.got);
    for (unsigned i = 0; i < countof(counters); i++)
        json_set_int(row, counters[i] + strlen(M), (int64_t)(after[i] - before[i]));
    return row;
}

static int stranger_to(uint16_t port) {
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
        crowd_die("no socket");
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 6)
        crowd_die("usage: bench_flood PORT PID ROOM TEACHER-TICKET EVIL-TICKET < tickets");
    struct crowd_cfg cfg = {(uint16_t)atoi(argv[1]), atoi(argv[2]), argv[3], VIDEO_BPS};
    struct crowd *c = crowd_open(&cfg);
    struct flood f = {.crowd = c};
    crowd_tickets(c, stdin, VIEWERS + 1);
    crowd_publish(c, argv[4]);
    crowd_join(c, VIEWERS, TURN_US, PATIENCE_US);
    f.viewer = member(c, &cfg, crowd_viewer(c, VIEWERS)->ticket, false);
    f.publisher = member(c, &cfg, argv[5], true);
    f.stranger = stranger_to(client_port(f.viewer));
    run(&f, NULL, SETTLE_US);
    struct json *all = json_object(), *rows = json_array();
    int64_t rss = crowd_rss_bytes(cfg.pid);
    json_add(rows, flood(&f, "stranger", by_a_stranger, cfg.pid));
    json_add(rows, flood(&f, "forged", forged, cfg.pid));
    json_add(rows, flood(&f, "extensions", wrong_extensions, cfg.pid));
    json_add(rows, flood(&f, "feedback", feedback, cfg.pid));
    json_set(all, "floods", rows);
    json_set_int(all, "rss_kb_before", rss / 1024);
    json_set_int(all, "rss_kb_after", crowd_rss_bytes(cfg.pid) / 1024);
    json_set_int(all, "keyframes_asked", (int64_t)crowd_camera(c)->asked);
    struct buf text;
    buf_init(&text, 65536);
    json_write(all, &text);
    puts((char *)text.p);
    buf_fini(&text);
    json_free(all);
    close(f.stranger);
    client_close(f.viewer);
    client_close(f.publisher);
    crowd_close(c);
    return 0;
}
