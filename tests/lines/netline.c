/* netline — lines of a chosen quality between a server and its clients, for tests that want a real kernel and
 * real browsers on both ends. Each name given gets a network namespace of its own; the first is the server's,
 * and every other is joined to it by a pair of TAP devices (`eth0` there, the client's name at the server).
 * Whole Ethernet frames walk between the two ends through this program, which holds them back, loses them or
 * lets none through: it does what netem does, on kernels that have none, for UDP and TCP alike. Rate is left
 * to `tc tbf` on the devices.
 *
 *   netline SERVER CLIENT...      prints "ns NAME PATH" for each namespace, then "ready"
 *   stdin: CLIENT up|down|both [delay=MS] [jitter=MS] [loss=PERCENT] [cut=0|1]     answered by "ok" or "bad"
 *
 * Needs the right to make namespaces and devices (root). Nothing has a name in the system: when the program
 * ends, by itself at the end of its input or by any signal, namespaces and devices are gone with it. One
 * thread. Limits: CLIENTS_MAX lines, QUEUE_FRAMES frames on the way in one direction; what is over is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 8, QUEUE_FRAMES = 8192, FRAME_MAX = 2048, TURN_FRAMES = 64 };

struct frame {
    int64_t due_us;
    unsigned len;
    uint8_t bytes[FRAME_MAX];
};
/* One direction: what came from `from` leaves at `to`. */
struct way {
    int from, to;
    int64_t delay_us, jitter_us;
    double loss; /* 0..1 */
    bool cut;
    uint64_t rnd;
    unsigned head, count;
    struct frame *queue; /* QUEUE_FRAMES, a ring; in order of due_us */
};
struct line {
    const char *name;
    struct way up, down; /* up: from the client */
};

static struct line lines[CLIENTS_MAX];
static unsigned line_count;

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* xorshift64*: the same losses in every run that sees the same frames. */
static double next_random(struct way *w) {
    w->rnd ^= w->rnd >> 12;
    w->rnd ^= w->rnd << 25;
    w->rnd ^= w->rnd >> 27;
    return (double)((w->rnd * 0x2545F4914F6CDD1DULL) >> 11) / 9007199254740992.0;
}

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "netline: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- namespaces and devices ---- */

static int make_namespace(void) {
    if (unshare(CLONE_NEWNET))
        fail("a network namespace (root is needed)");
    int fd = open("/proc/self/ns/net", O_RDONLY);
    if (fd < 0)
        fail("/proc/self/ns/net");
    return fd;
}

/* The device lives in the namespace in which its file was opened. */
static int make_tap(int ns, const char *name) {
    if (setns(ns, CLONE_NEWNET))
        fail("setns");
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        fail("/dev/net/tun");
    struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    if (ioctl(fd, TUNSETIFF, &r))
        fail(name);
    return fd;
}

static void init_way(struct way *w, int from, int to, uint64_t seed) {
    *w = (struct way){.from = from, .to = to, .rnd = 0x9E3779B97F4A7C15ULL * (seed + 1)};
    w->queue = calloc(QUEUE_FRAMES, sizeof *w->queue);
    if (!w->queue)
        fail("memory");
}

static void make_lines(int n, char **names) {
    int server = make_namespace();
    printf("ns %s /proc/%d/fd/%d\n", names[0], getpid(), server);
    for (int i = 1; i < n; i++) {
        int ns = make_namespace();
        printf("ns %s /proc/%d/fd/%d\n", names[i], getpid(), ns);
        int there = make_tap(ns, "eth0"), here = make_tap(server, names[i]);
        struct line *l = &lines[line_count++];
        l->name = names[i];
        init_way(&l->up, there, here, line_count * 2);
        init_way(&l->down, here, there, line_count * 2 + 1);
    }
    printf("ready\n");
}

/* ---- frames ---- */

/* Keeps the order: a frame leaves no earlier than the one before it. */
static void take_frames(struct way *w, int64_t now) {
    static struct frame spare;
    for (int i = 0; i < TURN_FRAMES; i++) {
        bool full = w->count == QUEUE_FRAMES;
        struct frame *f = full ? &spare : &w->queue[(w->head + w->count) % QUEUE_FRAMES];
        ssize_t got = read(w->from, f->bytes, sizeof f->bytes);
        if (got <= 0)
            return;
        if (full || w->cut || next_random(w) < w->loss)
            continue;
        f->len = (unsigned)got;
        f->due_us = now + w->delay_us + (int64_t)(next_random(w) * (double)w->jitter_us);
        if (w->count) {
            int64_t before = w->queue[(w->head + w->count - 1) % QUEUE_FRAMES].due_us;
            f->due_us = f->due_us < before ? before : f->due_us;
        }
        w->count++;
    }
}

static void give_frames(struct way *w, int64_t now) {
    for (; w->count && w->queue[w->head].due_us <= now; w->count--) {
        struct frame *f = &w->queue[w->head];
        /* A device that is down or full loses the frame, as a cable does. */
        if (!w->cut && write(w->to, f->bytes, f->len) < 0 && errno != EAGAIN && errno != EIO)
            fail("write");
        w->head = (w->head + 1) % QUEUE_FRAMES;
    }
}

/* ---- commands ---- */

static void set_way(struct way *w, const char *key, double v) {
    if (!strcmp(key, "delay"))
        w->delay_us = (int64_t)(v * 1000);
    else if (!strcmp(key, "jitter"))
        w->jitter_us = (int64_t)(v * 1000);
    else if (!strcmp(key, "loss"))
        w->loss = v / 100;
    else
        w->cut = v != 0;
}

static bool command(char *text) {
    char *rest, *name = strtok_r(text, " ", &rest), *which = strtok_r(NULL, " ", &rest);
    struct line *l = NULL;
    for (unsigned i = 0; name && i < line_count; i++)
        if (!strcmp(lines[i].name, name))
            l = &lines[i];
    if (!l || !which)
        return false;
    bool both = !strcmp(which, "both"), up = both || !strcmp(which, "up"),
         down = both || !strcmp(which, "down");
    for (char *word; (up || down) && (word = strtok_r(NULL, " ", &rest));) {
        char *value = strchr(word, '='), *end;
        if (!value)
            return false;
        *value++ = 0;
        double v = strtod(value, &end);
        bool known = !strcmp(word, "delay") || !strcmp(word, "jitter") || !strcmp(word, "loss") ||
                     !strcmp(word, "cut");
        if (!known || end == value || *end || v < 0 || v > 60000)
            return false;
        if (up)
            set_way(&l->up, word, v);
        if (down)
            set_way(&l->down, word, v);
    }
    return up || down;
}

/* False at the end of the input. */
static bool read_commands(void) {
    static char text[1024];
    static size_t len;
    ssize_t got = read(STDIN_FILENO, text + len, sizeof text - 1 - len);
    if (got <= 0)
        return false;
    len += (size_t)got;
    text[len] = 0;
    char *from = text;
    for (char *end; (end = strchr(from, '\n')); from = end + 1) {
        *end = 0;
        puts(command(from) ? "ok" : "bad");
    }
    len -= (size_t)(from - text);
    memmove(text, from, len);
    return len < sizeof text - 1;
}

static int64_t sooner(const struct way *w, int64_t at) {
    return w->count && w->queue[w->head].due_us < at ? w->queue[w->head].due_us : at;
}

static void run(void) {
    struct pollfd p[1 + 2 * CLIENTS_MAX] = {{.fd = STDIN_FILENO, .events = POLLIN}};
    for (unsigned i = 0; i < line_count; i++) {
        p[1 + 2 * i] = (struct pollfd){.fd = lines[i].up.from, .events = POLLIN};
        p[2 + 2 * i] = (struct pollfd){.fd = lines[i].down.from, .events = POLLIN};
    }
    for (;;) {
        int64_t now = now_us(), at = now + 1000000;
        for (unsigned i = 0; i < line_count; i++)
            at = sooner(&lines[i].down, sooner(&lines[i].up, at));
        int64_t wait = at > now ? at - now : 0;
        struct timespec t = {.tv_sec = wait / 1000000, .tv_nsec = wait % 1000000 * 1000};
        if (ppoll(p, 1 + 2 * line_count, &t, NULL) < 0 && errno != EINTR)
            fail("poll");
        if (p[0].revents && !read_commands())
            return;
        now = now_us();
        for (unsigned i = 0; i < line_count; i++) {
            take_frames(&lines[i].up, now);
            take_frames(&lines[i].down, now);
            give_frames(&lines[i].up, now);
            give_frames(&lines[i].down, now);
        }
    }
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 2 + CLIENTS_MAX) {
        fprintf(stderr, "usage: netline SERVER CLIENT...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* A wire does not wait for its turn; where this is not allowed it has to. */
    (void)!setpriority(PRIO_PROCESS, 0, -15);
    make_lines(argc - 1, argv + 1);
    run();
    return 0;
}
