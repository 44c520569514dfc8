/* bench_signal — many WebSockets in one room: how long a chat message takes to be with everybody. All sockets
 * are on this machine and read by this one thread, so the last figures hold its own work as well. Then, with
 * a poll that is open: so many answers to it within ten seconds, and how long each takes to be on disk.
 * Usage: bench_signal PORT PID SOCKETS MESSAGES [POLL ANSWERS] < tickets. Prints a JSON object. */
#include "media/base/clock.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "media/base/rd.h"
#include "tests/bench/crowd.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MESSAGE_MAX = 1 << 20,
    EVENTS = 512,
    JOINING_MAX = 50, /* sockets on their way in at one time */
    EARLY = 200,      /* who come first write a message each: what newcomers are then told of */
    SPEAK_EVERY_MS = 100,
    PATIENCE_S = 60,
    POLL_S = 10, /* in which all answer */
};

struct sock {
    int fd;
    enum { DIALLED, GREETED, IN } state;
    struct buf in;
    char ticket[CROWD_TICKET_MAX];
};
struct bench {
    struct sock *v;
    unsigned n, dialled, joined, messages;
    int epoll;
    uint16_t port;
    int64_t *sent_us;  /* by message */
    unsigned *seen;    /* by message: how many have it */
    int64_t *last_us;  /* by message: when the last had it */
    int64_t *delay_us; /* every delivery */
    size_t delays;
    uint64_t other; /* messages that are no chat of ours */
    unsigned long poll;
    unsigned answers, asked; /* to it: wanted, sent */
    int64_t *asked_us, *answer_us;
    size_t answered;
};

static void send_text(struct sock *s, const char *head, const struct buf *b) {
    struct buf out;
    buf_init(&out, 8192);
    buf_z(&out, head);
    buf_put(&out, b->p, b->n);
    if (out.over || send(s->fd, out.p, out.n, MSG_NOSIGNAL) != (ssize_t)out.n)
        crowd_die("a message of %zu bytes could not be sent at once", out.n);
    buf_fini(&out);
}

/* RFC 6455 5.2: a final text frame, masked (with zeros, which leaves the text as it is). */
static void send_frame(struct sock *s, const char *text) {
    size_t n = strlen(text);
    struct buf b;
    buf_init(&b, 4096);
    uint8_t head[8] = {0x81, (uint8_t)(0x80 | (n < 126 ? n : 126)), (uint8_t)(n >> 8), (uint8_t)n};
    if (n < 126)
        head[2] = head[3] = 0;
    buf_put(&b, head, n < 126 ? 6 : 8);
    buf_z(&b, text);
    send_text(s, "", &b);
    buf_fini(&b);
}

static void dial(struct bench *b, unsigned i) {
    struct sock *s = &b->v[i];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(b->port)};
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
    struct buf none = {0};
    char head[512];
    int one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    buf_init(&s->in, MESSAGE_MAX);
    if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&to, sizeof to))
        crowd_die("socket %u could not connect", i);
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(b->epoll, EPOLL_CTL_ADD, s->fd, &e);
    snprintf(head, sizeof head,
             "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: somhub.v1\r\n"
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
             b->port);
    send_text(s, head, &none);
}

static void on_chat(struct bench *b, struct str text, int64_t now_us) {
    uint64_t k;
    if (!str_starts(text, STR("bench ")) ||
        str_u64((struct str){text.p + 6, text.n - 6}, b->messages - 1, &k)) {
        b->other++;
        return;
    }
    b->seen[k]++;
    b->last_us[k] = now_us;
    b->delay_us[b->delays++] = now_us - b->sent_us[k];
}

/* The `ok` to an answer: its number is the request's. */
static void on_ok(struct bench *b, const struct json *m, int64_t now_us) {
    int64_t id = 0;
    if (!json_get_int(m, "id", &id) || id < 1 || (uint64_t)id > b->answers)
        crowd_die("an ok to nothing");
    b->answer_us[b->answered++] = now_us - b->asked_us[id - 1];
}

static void on_message(struct bench *b, struct sock *s, struct str text, int64_t now_us) {
    struct json *m;
    struct str type, said;
    if (json_parse(&m, text) || !json_get_str(m, "type", &type))
        crowd_die("the server sent no JSON: %.80s", text.p);
    if (str_is(type, "welcome")) {
        s->state = IN;
        b->joined++;
    } else if (str_is(type, "chat") && json_get_str(m, "text", &said)) {
        on_chat(b, said, now_us);
    } else if (str_is(type, "ok")) {
        on_ok(b, m, now_us);
    } else if (str_is(type, "error") || str_is(type, "bye")) {
        crowd_die("the server refuses: %.*s", (int)(text.n < 200 ? text.n : 200), text.p);
    } else {
        b->other++;
    }
    json_free(m);
}

/* One frame off the front of what came; how many bytes it was, 0 when it is not whole yet. */
static size_t take_frame(struct bench *b, struct sock *s, struct bytes in, int64_t now_us) {
    struct rd r = rd_init(in.p, in.n);
    unsigned op = rd_u8(&r) & 15u;
    uint64_t n = rd_u8(&r) & 127u;
    n = n == 126 ? rd_u16(&r) : n == 127 ? rd_u64(&r) : n;
    struct bytes body = rd_bytes(&r, (size_t)n);
    if (r.bad)
        return 0;
    if (op == 1)
        on_message(b, s, (struct str){(const char *)body.p, body.n}, now_us);
    return in.n - rd_left(&r);
}

static void greet(struct sock *s, struct bytes *in) {
    struct str all = {(const char *)in->p, in->n};
    const char *end = memmem(all.p, all.n, "\r\n\r\n", 4);
    char join[CROWD_TICKET_MAX + 80];
    if (!end)
        return;
    if (!str_starts(all, STR("HTTP/1.1 101")))
        crowd_die("no WebSocket: %.60s", all.p);
    size_t n = (size_t)(end - all.p) + 4;
    *in = (struct bytes){in->p + n, in->n - n};
    s->state = GREETED;
    snprintf(join, sizeof join, "{\"type\":\"join\",\"id\":1,\"ticket\":\"%s\",\"since\":0}", s->ticket);
    send_frame(s, join);
}

static void on_readable(struct bench *b, struct sock *s) {
    char chunk[65536];
    ssize_t n = recv(s->fd, chunk, sizeof chunk, MSG_DONTWAIT);
    if (n == 0)
        crowd_die("the server closed a socket");
    if (n < 0)
        return;
    int64_t now_us = clock_mono_us();
    buf_put(&s->in, chunk, (size_t)n);
    if (s->in.over)
        crowd_die("a message is larger than %d bytes", MESSAGE_MAX);
    struct bytes in = {s->in.p, s->in.n};
    if (s->state == DIALLED)
        greet(s, &in);
    for (size_t took; s->state != DIALLED && (took = take_frame(b, s, in, now_us));)
        in = (struct bytes){in.p + took, in.n - took};
    if (!in.n) {
        buf_fini(&s->in);
        return;
    }
    memmove(s->in.p, in.p, in.n);
    s->in.n = in.n;
}

static void turn(struct bench *b, int ms) {
    struct epoll_event e[EVENTS];
    int n = epoll_wait(b->epoll, e, EVENTS, ms);
    for (int i = 0; i < n; i++)
        on_readable(b, &b->v[e[i].data.u32]);
}

static void join(struct bench *b, unsigned n) {
    int64_t until_us = clock_mono_us() + PATIENCE_S * INT64_C(1000000);
    while (b->joined < n) {
        while (b->dialled < n && b->dialled - b->joined < JOINING_MAX)
            dial(b, b->dialled++);
        turn(b, 10);
        if (clock_mono_us() > until_us)
            crowd_die("only %u of %u are in", b->joined, n);
    }
}

/* Some come and write, as before any class. */
static void gather(struct bench *b) {
    static const char text[] =
        "{\"type\":\"chat\",\"text\":\"Доброго дня! Мене добре чути, чи видно презентацію?\"}";
    unsigned n = b->n < EARLY ? b->n : EARLY;
    join(b, n);
    uint64_t told = b->other + (uint64_t)n * n;
    for (unsigned i = 0; i < n; i++)
        send_frame(&b->v[i], text);
    for (int64_t until_us = clock_mono_us() + PATIENCE_S * INT64_C(1000000); b->other < told; turn(b, 10))
        if (clock_mono_us() > until_us)
            crowd_die("the first messages do not come");
}

/* Messages one after the other, each from another member, as no one may say so much alone. */
static void talk(struct bench *b) {
    int64_t next_us = clock_mono_us(), until_us = next_us + PATIENCE_S * INT64_C(1000000);
    size_t all = (size_t)b->n * b->messages;
    for (unsigned k = 0; b->delays < all;) {
        int64_t now_us = clock_mono_us();
        if (k < b->messages && now_us >= next_us) {
            char text[80];
            snprintf(text, sizeof text, "{\"type\":\"chat\",\"text\":\"bench %u\"}", k);
            b->sent_us[k] = now_us;
            send_frame(&b->v[k++ % b->n], text);
            next_us += SPEAK_EVERY_MS * 1000;
        }
        turn(b, 5);
        if (now_us > until_us)
            crowd_die("%zu of %zu deliveries came", b->delays, all);
    }
}

/* Evenly over the ten seconds, who came first first; who has answered changes his mind if there are not
 * enough. */
static void answer_all(struct bench *b) {
    int64_t from_us = clock_mono_us(), until_us = from_us + PATIENCE_S * INT64_C(1000000);
    while (b->answered < b->answers) {
        int64_t now_us = clock_mono_us();
        int64_t due = (now_us - from_us) * b->answers / (POLL_S * INT64_C(1000000));
        for (; b->asked < b->answers && b->asked < due; b->asked++) {
            char text[96];
            snprintf(text, sizeof text, "{\"type\":\"poll_answer\",\"id\":%u,\"n\":%lu,\"picks\":[%u]}",
                     b->asked + 1, b->poll, b->asked / b->n % 2);
            b->asked_us[b->asked] = now_us;
            send_frame(&b->v[b->asked % b->n], text);
        }
        turn(b, 2);
        if (now_us > until_us)
            crowd_die("%zu of %u answers were taken", b->answered, b->answers);
    }
}

static int by_value(const void *x, const void *y) {
    int64_t a = *(const int64_t *)x, c = *(const int64_t *)y;
    return a < c ? -1 : a > c;
}

static void put(struct json *out, const char *name, int64_t *us, size_t n) {
    char key[64];
    qsort(us, n, sizeof *us, by_value);
    snprintf(key, sizeof key, "%s_p50_ms", name);
    json_set_real(out, key, (double)us[n / 2] / 1000);
    snprintf(key, sizeof key, "%s_p99_ms", name);
    json_set_real(out, key, (double)us[n * 99 / 100] / 1000);
}

static void poll(struct bench *b, int pid, struct json *out) {
    b->asked_us = mem_zalloc(b->answers * sizeof *b->asked_us);
    b->answer_us = mem_zalloc(b->answers * sizeof *b->answer_us);
    uint64_t told = b->other;
    int64_t from_us = clock_mono_us(), cpu_us = crowd_cpu_us(pid);
    answer_all(b);
    json_set_int(out, "poll_answers", b->answers);
    json_set_real(out, "poll_s", (double)(clock_mono_us() - from_us) / 1e6);
    json_set_real(out, "cpu_us_per_answer", (double)(crowd_cpu_us(pid) - cpu_us) / b->answers);
    json_set_int(out, "told_of_answers", (int64_t)(b->other - told)); /* nobody here is told any */
    put(out, "answer", b->answer_us, b->answered);
}

int main(int argc, char **argv) {
    if (argc != 5 && argc != 7)
        crowd_die("usage: bench_signal PORT PID SOCKETS MESSAGES [POLL ANSWERS] < tickets");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int pid = atoi(argv[2]);
    struct bench b = {
        .port = (uint16_t)atoi(argv[1]), .n = (unsigned)atoi(argv[3]), .messages = (unsigned)atoi(argv[4])};
    if (argc == 7) {
        b.poll = strtoul(argv[5], NULL, 10);
        b.answers = (unsigned)atoi(argv[6]);
    }
    b.epoll = epoll_create1(EPOLL_CLOEXEC);
    b.v = mem_zalloc(b.n * sizeof *b.v);
    b.sent_us = mem_zalloc(b.messages * sizeof *b.sent_us);
    b.last_us = mem_zalloc(b.messages * sizeof *b.last_us);
    b.seen = mem_zalloc(b.messages * sizeof *b.seen);
    b.delay_us = mem_zalloc((size_t)b.n * b.messages * sizeof *b.delay_us);
    for (unsigned i = 0; i < b.n; i++) {
        if (!fgets(b.v[i].ticket, sizeof b.v[i].ticket, stdin))
            crowd_die("%u tickets are not enough", i);
        b.v[i].ticket[strcspn(b.v[i].ticket, "\n")] = 0;
    }
    int64_t rss = crowd_rss_bytes(pid);
    gather(&b);
    int64_t join_us = clock_mono_us(), join_cpu_us = crowd_cpu_us(pid);
    unsigned late = b.n - b.joined;
    join(&b, b.n);
    int64_t joined_us = clock_mono_us() - join_us;
    join_cpu_us = crowd_cpu_us(pid) - join_cpu_us;
    rss = crowd_rss_bytes(pid) - rss;
    fprintf(stderr, "bench_signal: %u are in\n", b.n);
    int64_t cpu_us = crowd_cpu_us(pid);
    talk(&b);
    cpu_us = crowd_cpu_us(pid) - cpu_us;
    struct json *out = json_object();
    json_set_int(out, "sockets", b.n);
    json_set_int(out, "messages", b.messages);
    json_set_int(out, "joins_per_s", (int64_t)late * 1000000 / joined_us);
    json_set_real(out, "cpu_us_per_join", late ? (double)join_cpu_us / late : 0);
    json_set_int(out, "rss_kb_per_socket", rss / 1024 / b.n);
    put(out, "delivery", b.delay_us, b.delays);
    for (unsigned k = 0; k < b.messages; k++)
        b.last_us[k] -= b.sent_us[k];
    put(out, "to_everybody", b.last_us, b.messages);
    json_set_real(out, "cpu_us_per_delivery", (double)cpu_us / (double)b.delays);
    json_set_int(out, "other_messages", (int64_t)b.other);
    if (b.answers)
        poll(&b, pid, out);
    struct buf text;
    buf_init(&text, 65536);
    json_write(out, &text);
    puts((char *)text.p);
    return 0;
}
