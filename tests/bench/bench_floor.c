/* bench_floor — what the kernel alone takes for the traffic bench_sfu makes: one thread sends ready datagrams
 * to so many sockets in the same rhythm (pictures of four packets, 30 a second; 50 sounds), another reads
 * them on the other core, as the crowd does. No cipher, nothing received, nothing rewritten: a server that
 * cost nothing itself would cost this. Usage: bench_floor SECONDS WINDOWS LEVEL… Environment: SPIN=1, the
 * reader never sleeps. Prints a JSON object. */
#include "media/base/clock.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "media/net/udp.h"
#include "tests/bench/crowd.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* As a viewer of bench_sfu gets them: payload, head and extensions, tag. */
enum {
    PICTURE = 4,
    FULL = 1144,
    REST = 912,
    SOUND = 128,
    WINDOWS = 15,
    EVENTS = 256,
    READ = 32,
    ROOM = 2048
};
#define PICTURE_US INT64_C(33333)
#define SOUND_US INT64_C(20000)

struct floor {
    unsigned n;
    int epoll;
    bool spin;
    struct udp from, to[CROWD_MAX];
    atomic_bool stop;
    uint64_t sent;
    atomic_ullong got;
};
static uint8_t lot[UDP_BATCH * FULL];

static void pin(unsigned core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core % (unsigned)sysconf(_SC_NPROCESSORS_ONLN), &set);
    sched_setaffinity(0, sizeof set, &set);
}

static int64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static unsigned read_all(int fd) {
    static uint8_t bytes[READ][ROOM];
    static char control[READ][CMSG_SPACE(sizeof(struct timespec))];
    struct iovec iov[READ];
    struct mmsghdr v[READ] = {0};
    unsigned sum = 0;
    for (int n = READ; n == READ; sum += n > 0 ? (unsigned)n : 0) {
        for (int i = 0; i < READ; i++) {
            iov[i] = (struct iovec){bytes[i], ROOM};
            v[i].msg_hdr.msg_iov = &iov[i];
            v[i].msg_hdr.msg_iovlen = 1;
            v[i].msg_hdr.msg_control = control[i];
            v[i].msg_hdr.msg_controllen = sizeof control[i];
        }
        n = recvmmsg(fd, v, READ, MSG_DONTWAIT, NULL);
    }
    return sum;
}

static void *reader(void *arg) {
    struct floor *f = arg;
    struct epoll_event e[EVENTS];
    pin(1);
    while (!atomic_load(&f->stop)) {
        int n = epoll_wait(f->epoll, e, EVENTS, f->spin ? 0 : 10);
        for (int i = 0; i < n; i++)
            atomic_fetch_add(&f->got, read_all(e[i].data.fd));
    }
    return NULL;
}

/* One picture or one sound to everybody, in batches of the send queue's size. */
static void send_one(struct floor *f, bool picture) {
    struct udp_out v[UDP_BATCH];
    unsigned n = 0, each = picture ? PICTURE : 1;
    for (unsigned i = 0; i < f->n; i++) {
        for (unsigned k = 0; k < each; k++, n++)
            v[n] = (struct udp_out){.p = lot + (size_t)n * (picture ? FULL : SOUND),
                                    .n = !picture       ? SOUND
                                         : k + 1 < each ? FULL
                                                        : REST,
                                    .path.remote = f->to[i].local};
        if (n + each <= UDP_BATCH && i + 1 < f->n)
            continue;
        f->sent += udp_send(&f->from, v, n);
        n = 0;
    }
}

static void sleep_until(int64_t at_us) {
    struct timespec t = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
        ;
}

static double window(struct floor *f, int64_t for_us) {
    int64_t picture_us = clock_mono_us(), sound_us = picture_us + 7000, until_us = picture_us + for_us;
    int64_t from_ns = cpu_ns();
    uint64_t had = f->sent;
    while (clock_mono_us() < until_us) {
        bool picture = picture_us < sound_us;
        sleep_until(picture ? picture_us : sound_us);
        send_one(f, picture);
        *(picture ? &picture_us : &sound_us) += picture ? PICTURE_US : SOUND_US;
    }
    return (double)(cpu_ns() - from_ns) / (double)(f->sent - had);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void open_more(struct floor *f, unsigned n) {
    struct addr any;
    int bytes = 4 << 20, one = 1;
    if (addr_parse(&any, STR("127.0.0.1"), 0))
        abort();
    for (; f->n < n; f->n++) {
        struct udp *to = &f->to[f->n];
        if (udp_open(to, &any))
            crowd_die("no socket for viewer %u", f->n);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = to->fd};
        epoll_ctl(f->epoll, EPOLL_CTL_ADD, to->fd, &e);
        setsockopt(to->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
        setsockopt(to->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
        struct sockaddr_storage ss = {0};
        socklen_t len = addr_to_sockaddr(&f->from.local, f->from.family, &ss);
        if (connect(to->fd, (struct sockaddr *)&ss, len)) /* as a browser's socket hears one server */
            crowd_die("viewer %u cannot be connected", f->n);
    }
}

int main(int argc, char **argv) {
    struct floor *f = mem_zalloc(sizeof *f);
    struct addr any;
    struct rlimit files;
    pthread_t thread;
    if (argc < 4)
        crowd_die("usage: bench_floor SECONDS WINDOWS LEVEL…");
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->spin = getenv("SPIN") && !strcmp(getenv("SPIN"), "1");
    unsigned windows = (unsigned)atoi(argv[2]);
    windows = windows < 1 ? 1 : windows > WINDOWS ? WINDOWS : windows;
    pin(0);
    if (addr_parse(&any, STR("127.0.0.1"), 0) || udp_open(&f->from, &any) ||
        pthread_create(&thread, NULL, reader, f))
        crowd_die("no socket, or no thread");
    struct json *all = json_object(), *levels = json_array();
    for (int i = 3; i < argc; i++) {
        double ns[WINDOWS];
        struct json *row = json_object();
        open_more(f, (unsigned)atoi(argv[i]));
        window(f, 1000000);
        uint64_t sent = f->sent, got = atomic_load(&f->got), messages = f->from.tx_messages;
        int64_t began_us = clock_mono_us(), stolen_us = crowd_stolen_us();
        for (unsigned k = 0; k < windows; k++)
            ns[k] = window(f, (int64_t)atoi(argv[1]) * 1000000);
        usleep(50000);
        qsort(ns, windows, sizeof *ns, by_size);
        json_set_int(row, "viewers", f->n);
        json_set_real(row, "cpu_us_per_packet", ns[windows / 2] / 1000);
        json_set_real(row, "stolen_percent",
                      100.0 * (double)(crowd_stolen_us() - stolen_us) / (double)(clock_mono_us() - began_us) /
                          (double)sysconf(_SC_NPROCESSORS_ONLN));
        json_set_real(row, "messages_per_1000",
                      (double)(f->from.tx_messages - messages) * 1000 / (double)(f->sent - sent));
        json_set_int(row, "lost", (int64_t)(f->sent - sent) - (int64_t)(atomic_load(&f->got) - got));
        json_add(levels, row);
    }
    atomic_store(&f->stop, true);
    pthread_join(thread, NULL);
    json_set(all, "levels", levels);
    struct buf text;
    buf_init(&text, 4096);
    json_write(all, &text);
    puts((char *)text.p);
    buf_fini(&text);
    json_free(all);
    return 0;
}
