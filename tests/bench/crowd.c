#include "tests/bench/crowd.h"
#include "media/base/clock.h"
#include "media/base/mailbox.h"
#include "media/base/mem.h"
#include "tests/bench/post.h"
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 2048, TICK_MS = 10, PUBLISHER_PATIENCE_MS = 15000, PUBLISHER_NICE = -15 };
/* A large crowd is read in rounds so far apart, several packets a call, or one core could not carry it. What
 * is reported and measured goes by the kernel's clock, so nobody takes that for a queue. */
enum { LARGE = 400 };
#define ROUND_US INT64_C(10000)
#define STEP_EVERY_US INT64_C(20000) /* timers of the viewers are looked at that often */

struct crowd {
    struct crowd_cfg cfg;
    int epoll;
    bool spin; /* SPIN=1: never asleep, so that the server's core does not pay for waking it */
    struct viewer v[CROWD_MAX];
    unsigned n, seeing, blind, tickets;
    unsigned here[CROWD_MAX], heres; /* answered viewers, in order of arrival */
    struct mailbox *arrived;         /* indices, from the posters */
    int64_t step_us, round_us;
    uint32_t delay[CROWD_DELAY_MAX_US + 1]; /* how many packets took so many microseconds */
    uint64_t delays;
    /* publisher */
    pthread_t thread;
    struct camera camera;
    const char *ticket;
    atomic_bool stop, on_air;
    bool published;
    /* posters: viewers [next, until), one every_us */
    atomic_uint next;
    unsigned until;
    int64_t from_us, every_us;
};

void crowd_die(const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

/* What the scheduler counted for each thread, in nanoseconds: /proc/PID/stat has only hundredths of a second.
 */
int64_t crowd_cpu_us(int pid) {
    char path[300];
    int64_t sum_ns = 0;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    if (!threads)
        crowd_die("the server is gone");
    for (struct dirent *e; (e = readdir(threads));) {
        long long ns = 0;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!f)
            continue;
        if (fscanf(f, "%lld", &ns) == 1)
            sum_ns += ns;
        fclose(f);
    }
    closedir(threads);
    return sum_ns / 1000;
}

int64_t crowd_stolen_us(void) {
    long long ticks = 0;
    FILE *f = fopen("/proc/stat", "r");
    if (!f || fscanf(f, "cpu %*d %*d %*d %*d %*d %*d %*d %lld", &ticks) != 1)
        ticks = 0;
    if (f)
        fclose(f);
    return ticks * 1000000 / sysconf(_SC_CLK_TCK);
}

static double metric_of(struct str text, const char *name) {
    struct str line, key;
    while (str_line(&text, &line))
        if (str_until(&line, ' ', &key) && str_is(key, name))
            return strtod(line.p, NULL); /* ends at the line's */
    return 0;
}

static struct buf metrics(const struct crowd *c) {
    struct posted answer;
    struct post req = {c->cfg.http_port, "GET", "/metrics", NULL, NULL, STR("")};
    if (post(&req, &answer) || answer.status != 200)
        crowd_die("the server does not tell its metrics");
    return answer.body;
}

void crowd_metrics(const struct crowd *c, const char *const *names, double *out, unsigned n) {
    struct buf body = metrics(c);
    for (unsigned i = 0; i < n; i++)
        out[i] = metric_of(buf_view(&body), names[i]);
    buf_fini(&body);
}

struct crowd_work crowd_work(const struct crowd *c) {
    struct buf body = metrics(c);
    struct str text = buf_view(&body);
    struct crowd_work w = {.turns = metric_of(text, "somhub_media_turns_total"),
                           .rx_calls = metric_of(text, "somhub_media_rx_calls_total"),
                           .tx_calls = metric_of(text, "somhub_media_tx_calls_total"),
                           .tx_messages = metric_of(text, "somhub_media_tx_messages_total"),
                           .tx_packets = metric_of(text, "somhub_media_tx_packets_total"),
                           .rx_packets = metric_of(text, "somhub_media_rx_packets_total"),
                           .allocs = metric_of(text, "somhub_media_allocations_total"),
                           .rx_lost = metric_of(text, "somhub_media_rx_lost_total"),
                           .tx_dropped = metric_of(text, "somhub_media_tx_dropped_total")};
    buf_fini(&body);
    return w;
}

int64_t crowd_rss_bytes(int pid) {
    char path[64];
    long pages;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%*d %ld", &pages) != 1)
        crowd_die("the server is gone");
    fclose(f);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

struct crowd *crowd_open(const struct crowd_cfg *cfg) {
    struct crowd *c = mem_zalloc(sizeof *c);
    struct rlimit files;
    char err[256];
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (secure_global_init() || dtls_global_init(NULL, NULL, err))
        crowd_die("DTLS or SRTP cannot be set up");
    c->cfg = *cfg;
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->spin = getenv("SPIN") && !strcmp(getenv("SPIN"), "1");
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    if (mailbox_open(&c->arrived, sizeof(unsigned), CROWD_MAX) ||
        epoll_ctl(c->epoll, EPOLL_CTL_ADD, mailbox_fd(c->arrived), &e))
        crowd_die("no event loop");
    return c;
}

void crowd_close(struct crowd *c) {
    if (c->published) {
        atomic_store(&c->stop, true);
        pthread_join(c->thread, NULL);
    }
    for (unsigned i = 0; i < c->n; i++)
        client_close(c->v[i].client);
    mailbox_close(c->arrived);
    close(c->epoll);
    mem_free(c);
}

/* ---- publisher ---- */

static void wait_for(int fd, int64_t us) {
    struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (us > 0)
        ppoll(&p, 1, &t, NULL);
}

static void *publisher(void *arg) {
    struct crowd *c = arg;
    struct client *client;
    char err[256] = "";
    /* It goes before the viewers: they are behind when the core is full, not the lesson. Only root may; else
     * it is as it is. */
    setpriority(PRIO_PROCESS, (id_t)gettid(), PUBLISHER_NICE);
    struct client_spec spec = {.publish = true,
                               .http_port = c->cfg.http_port,
                               .room = c->cfg.room,
                               .ticket = c->ticket,
                               .on_rtcp = camera_on_rtcp,
                               .ctx = &c->camera};
    if (client_open(&client, &spec, err))
        crowd_die("the publisher: %s", err);
    while (!atomic_load(&c->stop)) {
        int64_t now_us = clock_mono_us(), next_us = client_next_us(client);
        if (client_read(client, now_us))
            crowd_die("the publisher was cut off");
        client_step(client, now_us);
        if (client_up(client) && !atomic_load(&c->on_air)) {
            camera_init(&c->camera, client, c->cfg.video_bps, now_us);
            atomic_store(&c->on_air, true);
        }
        if (atomic_load(&c->on_air)) {
            camera_step(&c->camera, now_us);
            next_us = camera_next_us(&c->camera) < next_us ? camera_next_us(&c->camera) : next_us;
        }
        wait_for(client_fd(client), next_us - clock_mono_us());
    }
    client_close(client);
    return NULL;
}

void crowd_publish(struct crowd *c, const char *ticket) {
    c->ticket = ticket;
    c->published = true;
    if (pthread_create(&c->thread, NULL, publisher, c))
        crowd_die("no thread for the publisher");
    for (int ms = 0; !atomic_load(&c->on_air); ms += TICK_MS) {
        if (ms > PUBLISHER_PATIENCE_MS)
            crowd_die("the publisher does not get connected");
        crowd_pump(c, TICK_MS * 1000);
    }
}

const struct camera *crowd_camera(const struct crowd *c) { return &c->camera; }

/* ---- viewers ---- */

static void on_rtp(void *ctx, struct client *client, const struct rtp *p, int64_t at_us) {
    struct viewer *v = ctx;
    struct crowd *c = v->crowd;
    int64_t sent_us, *first = p->pt == CLIENT_PT_OPUS ? &v->audio_us : &v->video_us;
    (void)client;
    if (!*first) {
        *first = clock_mono_us();
        c->seeing += v->audio_us && v->video_us;
    }
    if (camera_stamp(p, &sent_us) && at_us) {
        int64_t us = at_us - sent_us;
        c->delay[us < 0 ? 0 : us > CROWD_DELAY_MAX_US ? CROWD_DELAY_MAX_US : us]++;
        c->delays++;
    }
}

void crowd_tickets(struct crowd *c, FILE *in, unsigned n) {
    for (; c->tickets < n; c->tickets++) {
        char *ticket = c->v[c->tickets].ticket;
        if (n > CROWD_MAX || !fgets(ticket, CROWD_TICKET_MAX, in))
            crowd_die("%u tickets are not enough", c->tickets);
        ticket[strcspn(ticket, "\n")] = 0;
    }
}

static void sleep_until(int64_t at_us) {
    struct timespec t = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
        ;
}

static struct client_spec viewer_spec(struct crowd *c, unsigned i) {
    c->v[i].crowd = c;
    c->v[i].asked_us = clock_mono_us();
    return (struct client_spec){.http_port = c->cfg.http_port,
                                .room = c->cfg.room,
                                .ticket = c->v[i].ticket,
                                .on_rtp = on_rtp,
                                .ctx = &c->v[i],
                                .blind = i % (c->tickets / CROWD_SEEING + 1)};
}

static void *poster(void *arg) {
    struct crowd *c = arg;
    for (unsigned i; (i = atomic_fetch_add(&c->next, 1)) < c->until;) {
        char err[256] = "";
        sleep_until(c->from_us + (int64_t)(i - c->n) * c->every_us);
        struct client_spec spec = viewer_spec(c, i);
        if (client_open(&c->v[i].client, &spec, err))
            crowd_die("viewer %u: %s", i, err);
        mailbox_put(c->arrived, &i); /* holds them all */
    }
    return NULL;
}

static void greet(struct crowd *c) {
    unsigned i;
    while (mailbox_get(c->arrived, &i, 1)) {
        struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
        epoll_ctl(c->epoll, EPOLL_CTL_ADD, client_fd(c->v[i].client), &e);
        client_step(c->v[i].client, clock_mono_us());
        c->here[c->heres++] = i;
    }
}

static void read_viewer(struct crowd *c, unsigned i, int64_t now_us) {
    if (client_read(c->v[i].client, now_us))
        crowd_die("viewer %u was cut off", i);
    client_step(c->v[i].client, now_us);
}

void crowd_pump(struct crowd *c, int64_t for_us) {
    int64_t now_us = clock_mono_us(), until_us = now_us + for_us;
    for (; now_us < until_us; now_us = clock_mono_us()) {
        static struct epoll_event e[EVENTS];
        if (c->n >= LARGE && !c->spin)
            sleep_until(c->round_us);
        c->round_us = clock_mono_us() + ROUND_US;
        int n = epoll_wait(c->epoll, e, EVENTS, c->spin ? 0 : TICK_MS);
        now_us = clock_mono_us();
        for (int i = 0; i < n; i++)
            if (e[i].data.u32 == UINT32_MAX)
                greet(c);
            else
                read_viewer(c, e[i].data.u32, now_us);
        if (now_us < c->step_us)
            continue;
        for (unsigned i = 0; i < c->heres; i++)
            if (now_us >= client_next_us(c->v[c->here[i]].client))
                client_step(c->v[c->here[i]].client, now_us);
        c->step_us = now_us + STEP_EVERY_US;
    }
}

void crowd_join(struct crowd *c, unsigned n, int64_t every_us, int64_t patience_us) {
    pthread_t posters[CROWD_POSTERS];
    if (n > c->tickets || n < c->n)
        crowd_die("no tickets for %u viewers", n);
    atomic_store(&c->next, c->n);
    c->until = n;
    c->every_us = every_us;
    c->from_us = clock_mono_us() + TICK_MS * 1000;
    for (int i = 0; i < CROWD_POSTERS; i++)
        if (pthread_create(&posters[i], NULL, poster, c))
            crowd_die("no thread to post from");
    int64_t until_us = c->from_us + (int64_t)(n - c->n) * every_us + patience_us;
    unsigned had = c->n;
    while (c->seeing < n && clock_mono_us() < until_us)
        crowd_pump(c, TICK_MS * 1000);
    for (int i = 0; i < CROWD_POSTERS; i++)
        pthread_join(posters[i], NULL);
    c->n = n;
    if (c->seeing < n)
        crowd_die("only %u of %u viewers see and hear (there were %u)", c->seeing, n, had);
}

void crowd_swap(struct crowd *c, unsigned i) {
    struct viewer *v = &c->v[i];
    char err[256] = "";
    c->blind += !v->audio_us || !v->video_us;
    epoll_ctl(c->epoll, EPOLL_CTL_DEL, client_fd(v->client), NULL);
    client_close(v->client);
    c->seeing -= v->audio_us && v->video_us;
    v->audio_us = v->video_us = 0;
    struct client_spec spec = viewer_spec(c, i);
    if (client_open(&v->client, &spec, err))
        crowd_die("viewer %u does not come back: %s", i, err);
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(c->epoll, EPOLL_CTL_ADD, client_fd(v->client), &e);
    client_step(v->client, clock_mono_us());
}

unsigned crowd_blind(const struct crowd *c) { return c->blind + c->n - c->seeing; }

const struct viewer *crowd_viewer(const struct crowd *c, unsigned i) { return &c->v[i]; }

/* ---- counting ---- */

void crowd_count_anew(struct crowd *c) {
    memset(c->delay, 0, sizeof c->delay);
    c->delays = 0;
    for (unsigned i = 0; i < c->n; i++)
        client_count_anew(c->v[i].client);
}

struct crowd_sums crowd_sums(const struct crowd *c) {
    struct crowd_sums sums = {0};
    for (unsigned i = 0; i < c->n; i++) {
        const struct client_stream *s;
        for (unsigned k = client_streams(c->v[i].client, &s); k--; sums.streams++) {
            sums.expected += client_expected(&s[k]);
            sums.got += s[k].got;
            sums.bytes += s[k].bytes;
        }
    }
    return sums;
}

int64_t crowd_delay_us(const struct crowd *c, double quantile) {
    uint64_t below = 0, want = (uint64_t)((double)c->delays * quantile);
    for (int64_t us = 0; us <= CROWD_DELAY_MAX_US && c->delays; us++)
        if ((below += c->delay[us]) > want)
            return us;
    return -1;
}
