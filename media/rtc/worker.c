#include "media/rtc/worker.h"
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/meter.h"
#include "media/net/tcp.h"
#include "media/rtc/plane.h"
#include "media/rtc/strain.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    WORKER_EPOLL = 16,
    WORKER_CMDS = 64,   /* commands a turn */
    WORKER_BATCHES = 8, /* of datagrams a turn */
    WORKER_STATS = sizeof(struct media_stats) / sizeof(uint64_t),
    WORKER_METER = sizeof(struct meter) / sizeof(uint64_t),
    WORKER_METER_US = 100000, /* between two handings over */
    WORKER_RX_BYTES = RTP_PACKET_MAX + 64,
    WORKER_PORT_TRIES = 16, /* for a number that is free for UDP and TCP */
};
#define WORKER_IDLE_US INT64_C(1000000) /* longest sleep */
#define WORKER_RETRY_US INT64_C(10000)  /* while events wait for control */
/* What an epoll event is about; below WORKER_TAP ids of taps follow. */
enum { WORKER_FD_UDP, WORKER_FD_BOX, WORKER_FD_RELAY, WORKER_FD_TCP, WORKER_FD_TAPS };

struct worker {
    unsigned index;
    struct udp udp;
    struct tcp *tcp; /* NULL: not wanted */
    int64_t now_us;  /* of this turn */
    int epoll;
    bool started, stop;
    bool coarse; /* the kernel has no epoll_pwait2 */
    pthread_t thread;
    struct mailbox *box, *events;
    struct mailbox *const *relay;
    atomic_bool starved;         /* control found the mailbox full */
    struct media_event *pending; /* events control has no room for yet */
    size_t pending_n, pending_cap;
    bool relay_more;
    uint64_t turns;
    _Atomic uint64_t stats[WORKER_STATS];
    struct meter meter;
    struct strain strain;
    int64_t metered_us, handshakes_us; /* handshakes: processor time they took so far */
    _Atomic uint64_t metered[WORKER_METER];
    struct udp_in in[UDP_BATCH];
    uint8_t rx[UDP_BATCH][WORKER_RX_BYTES];
    struct plane plane;
};

static size_t worker_send(void *ctx, const struct udp_out *v, size_t n) {
    struct worker *w = ctx;
    size_t done = udp_send(&w->udp, v, n);
    hist_add(&w->meter.batch, n, 1);
    if (w->plane.env.oldest_us)
        hist_add(&w->meter.transit_us, (uint64_t)(clock_mono_us() - w->plane.env.oldest_us), n);
    return done;
}

static void worker_emit(void *ctx, const struct media_event *e) {
    struct worker *w = ctx;
    struct worker_event item = {.e = *e};
    if (!w->pending_n && !mailbox_put(w->events, &item))
        return;
    /* Quality comes again by itself; the rest is owed. */
    if (e->type == MEDIA_EV_QUALITY || w->pending_n == WORKER_PENDING_MAX) {
        mem_free(e->text);
        return;
    }
    if (w->pending_n == w->pending_cap) {
        w->pending_cap = w->pending_cap ? w->pending_cap * 2 : 64;
        w->pending = mem_realloc(w->pending, w->pending_cap * sizeof *w->pending);
    }
    w->pending[w->pending_n++] = *e;
}

static void worker_retry(struct worker *w) {
    size_t i = 0;
    for (; i < w->pending_n; i++) {
        struct worker_event item = {.e = w->pending[i]};
        if (mailbox_put(w->events, &item))
            break;
    }
    if (i)
        memmove(w->pending, w->pending + i, (w->pending_n - i) * sizeof *w->pending);
    w->pending_n -= i;
}

static void worker_watch(void *ctx, int fd, uint64_t tap, bool on) {
    struct worker *w = ctx;
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = WORKER_FD_TAPS + tap};
    if (epoll_ctl(w->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &ev))
        LOG_ERROR("cannot watch tap fd=%d", fd);
}

/* All that waits, within reason: a turn may be long (a packet for two thousand viewers, a signature), and
 * what is left in the socket meanwhile, a publisher's packets among it, overflows. */
static void worker_receive(struct worker *w, int64_t now_us) {
    size_t n = UDP_BATCH;
    for (unsigned k = 0; k < WORKER_BATCHES && n == UDP_BATCH; k++) {
        n = udp_recv(&w->udp, w->in, UDP_BATCH);
        plane_warm(&w->plane, w->in, n);
        for (size_t i = 0; i < n; i++)
            plane_datagram(&w->plane, w->in[i].p, w->in[i].n, &w->in[i].path, now_us);
    }
}

/* Timed apart: who comes in is no strain, for he waits and nobody else. */
static void worker_shake(struct worker *w, int64_t now_us) {
    int64_t began_us = clock_thread_us();
    plane_shake(&w->plane, now_us);
    w->handshakes_us += clock_thread_us() - began_us;
}

static void worker_stream_in(void *ctx, uint8_t *p, size_t n, const struct addr_path *path) {
    struct worker *w = ctx;
    plane_datagram(&w->plane, p, n, path, w->now_us);
}

static void worker_stream_gone(void *ctx, const struct addr_path *path) {
    struct worker *w = ctx;
    plane_stream_gone(&w->plane, path);
}

static bool worker_stream_send(void *ctx, uint32_t stream, const uint8_t *p, size_t n) {
    struct worker *w = ctx;
    return tcp_send(w->tcp, stream, p, n);
}

static void worker_stream_keep(void *ctx, uint32_t stream) {
    struct worker *w = ctx;
    tcp_keep(w->tcp, stream);
}

static void worker_stream_drop(void *ctx, uint32_t stream) {
    struct worker *w = ctx;
    tcp_drop(w->tcp, stream);
}

static void worker_commands(struct worker *w, int64_t now_us) {
    struct cmd c[WORKER_CMDS];
    size_t n = mailbox_get(w->box, c, WORKER_CMDS);
    for (size_t i = 0; i < n; i++) {
        w->stop = w->stop || c[i].type == CMD_STOP;
        plane_command(&w->plane, &c[i], now_us);
    }
    if (atomic_exchange(&w->starved, false)) {
        struct worker_event item = {.wake = true};
        if (mailbox_put(w->events, &item))
            atomic_store(&w->starved, true); /* control is behind: it will look by itself after reading */
    }
}

static void worker_publish_stats(struct worker *w) {
    uint64_t v[WORKER_STATS];
    struct media_stats s;
    plane_stats(&w->plane, &s);
    s.tx_dropped += w->udp.tx_errors;
    if (w->tcp) {
        struct tcp_stats t;
        tcp_stats(w->tcp, &t);
        s.tcp_connections = t.connections;
        s.tcp_turned_away = t.turned_away;
    }
    s.turns = w->turns;
    s.rx_calls = w->udp.rx_calls;
    s.tx_calls = w->udp.tx_calls;
    s.tx_messages = w->udp.tx_messages;
    s.allocs = mem_allocs_here();
    memcpy(v, &s, sizeof v);
    for (unsigned i = 0; i < WORKER_STATS; i++)
        atomic_store_explicit(&w->stats[i], v[i], memory_order_relaxed);
}

/* Does the worker keep up? Handshakes are left out of the sum: a class that comes in is no reason to show it
 * less, and they wait for packets, not packets for them. */
static void worker_look(struct worker *w, int64_t now_us) {
    if (now_us - w->strain.at_us < STRAIN_LOOK_US)
        return;
    w->meter.rx_lost = udp_lost(&w->udp);
    bool changed =
        strain_look(&w->strain, (uint64_t)(clock_thread_us() - w->handshakes_us), w->meter.rx_lost, now_us);
    w->meter.busy_pm = w->strain.busy_pm;
    w->meter.strain = w->plane.env.strain = w->strain.level;
    w->meter.looks = w->strain.looks;
    if (changed)
        LOG_WARN("media worker=%u busy_pm=%u rx_lost=%llu: pictures left out, level=%u of %d", w->index,
                 w->strain.busy_pm, (unsigned long long)w->meter.rx_lost, w->strain.level, STRAIN_MAX);
}

/* It counts each packet of a turn, so it is handed over seldom. */
static void worker_publish_meter(struct worker *w) {
    uint64_t v[WORKER_METER];
    int64_t now_us = clock_mono_us();
    hist_add(&w->meter.turn_us, (uint64_t)(now_us - w->now_us), 1);
    if (now_us - w->metered_us < WORKER_METER_US)
        return;
    w->metered_us = now_us;
    worker_look(w, now_us);
    memcpy(v, &w->meter, sizeof v);
    for (unsigned i = 0; i < WORKER_METER; i++)
        atomic_store_explicit(&w->metered[i], v[i], memory_order_relaxed);
}

static int64_t worker_timeout_us(const struct worker *w, int64_t now_us) {
    if (w->relay_more)
        return 0;
    int64_t at_us = plane_next_us(&w->plane);
    at_us = w->tcp ? env_min(at_us, tcp_next_us(w->tcp)) : at_us;
    int64_t us = at_us <= now_us ? 0 : at_us - now_us;
    us = w->pending_n ? env_min(us, WORKER_RETRY_US) : us;
    return env_min(us, WORKER_IDLE_US);
}

/* A picture is held for a millisecond, which epoll_wait's would make two. Kernels before 5.11 have nothing
 * better. */
static int worker_wait(struct worker *w, struct epoll_event *ev) {
    int64_t us = worker_timeout_us(w, clock_mono_us());
    struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    if (!w->coarse) {
        int n = epoll_pwait2(w->epoll, ev, WORKER_EPOLL, &t, NULL);
        if (n >= 0 || errno != ENOSYS)
            return n;
        w->coarse = true;
    }
    return epoll_wait(w->epoll, ev, WORKER_EPOLL, (int)((us + 999) / 1000));
}

static void worker_turn(struct worker *w) {
    struct epoll_event ev[WORKER_EPOLL];
    int n = worker_wait(w, ev);
    w->turns++;
    int64_t now_us = w->now_us = clock_mono_us();
    bool relay = w->relay_more;
    w->plane.env.oldest_us = 0;
    for (int i = 0; i < n; i++) {
        switch (ev[i].data.u64) {
        case WORKER_FD_UDP:
            worker_receive(w, now_us);
            break;
        case WORKER_FD_BOX:
            worker_commands(w, now_us);
            break;
        case WORKER_FD_RELAY:
            relay = true;
            break;
        case WORKER_FD_TCP:
            tcp_receive(w->tcp, now_us);
            break;
        default:
            plane_tap_readable(&w->plane, ev[i].data.u64 - WORKER_FD_TAPS, now_us);
        }
    }
    w->relay_more = relay && plane_relay(&w->plane, now_us);
    plane_turn(&w->plane, now_us);
    if (w->plane.shake.n)
        worker_shake(w, now_us);
    if (w->tcp)
        tcp_flush(w->tcp, now_us);
    if (w->pending_n)
        worker_retry(w);
    worker_publish_stats(w);
    worker_publish_meter(w);
}

static void *worker_run(void *arg) {
    struct worker *w = arg;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL); /* signals are control's */
    while (!w->stop)
        worker_turn(w);
    plane_fini(&w->plane, clock_mono_us());
    if (w->tcp)
        tcp_flush(w->tcp, clock_mono_us());
    return NULL;
}

static int worker_poll_add(struct worker *w, int fd, uint64_t what) {
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = what};
    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &ev) ? -ERR_IO : 0;
}

static int worker_poll_open(struct worker *w) {
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0)
        return -ERR_IO;
    int err = worker_poll_add(w, w->udp.fd, WORKER_FD_UDP);
    err = err ? err : worker_poll_add(w, mailbox_fd(w->box), WORKER_FD_BOX);
    if (!err && w->relay)
        err = worker_poll_add(w, mailbox_fd(w->relay[w->index]), WORKER_FD_RELAY);
    if (!err && w->tcp)
        err = worker_poll_add(w, tcp_fd(w->tcp), WORKER_FD_TCP);
    return err;
}

/* One number for both. When the kernel chooses it, it may be another program's TCP port: then another. */
static int worker_sockets_open(struct worker *w, const struct worker_cfg *c) {
    struct tcp_ops ops = {worker_stream_in, worker_stream_gone, w};
    for (unsigned i = 1;; i++) {
        int err = udp_open(&w->udp, &c->bind);
        if (err || !c->tcp)
            return err;
        struct addr same = c->bind;
        same.port = w->udp.local.port;
        err = tcp_open(&w->tcp, &same, &ops);
        if (!err)
            return 0;
        udp_close(&w->udp);
        if (err != -ERR_BUSY || c->bind.port || i == WORKER_PORT_TRIES)
            return err;
    }
}

int worker_open(struct worker **out, const struct worker_cfg *c) {
    struct worker *w = mem_zalloc(sizeof *w);
    w->index = c->index;
    w->events = c->events;
    w->relay = c->relay;
    w->epoll = -1;
    int err = worker_sockets_open(w, c);
    if (err) {
        mem_free(w);
        return err;
    }
    err = mailbox_open(&w->box, sizeof(struct cmd), WORKER_BOX);
    err = err ? err : worker_poll_open(w);
    struct plane_cfg pc = {.worker = c->index,
                           .send = worker_send,
                           .send_ctx = w,
                           .streams = {worker_stream_send, worker_stream_keep, worker_stream_drop, w},
                           .emit = worker_emit,
                           .emit_ctx = w,
                           .watch = worker_watch,
                           .watch_ctx = w,
                           .relay = c->relay,
                           .ntp_minus_mono_us = c->ntp_minus_mono_us};
    plane_init(&w->plane, &pc);
    for (unsigned i = 0; i < UDP_BATCH; i++) {
        w->in[i].p = w->rx[i];
        w->in[i].cap = sizeof w->rx[i];
    }
    if (err) {
        worker_close(w);
        return err;
    }
    *out = w;
    return 0;
}

int worker_start(struct worker *w) {
    if (pthread_create(&w->thread, NULL, worker_run, w))
        return -ERR_IO;
    w->started = true;
    char name[16];
    snprintf(name, sizeof name, "media-%u", w->index);
    pthread_setname_np(w->thread, name);
    return 0;
}

static void worker_drain(struct worker *w) {
    struct cmd c;
    while (mailbox_get(w->box, &c, 1)) {
        if (c.type == CMD_TAP_OPEN)
            close(c.fd);
        cmd_fini(&c);
    }
    for (size_t i = 0; i < w->pending_n; i++)
        mem_free(w->pending[i].text);
}

void worker_close(struct worker *w) {
    if (!w)
        return;
    if (w->started) {
        struct cmd stop = {.type = CMD_STOP};
        while (mailbox_put(w->box, &stop))
            sched_yield(); /* full: the worker is emptying it */
        pthread_join(w->thread, NULL);
    } else {
        plane_fini(&w->plane, clock_mono_us());
    }
    if (w->box) {
        worker_drain(w);
        mailbox_close(w->box);
    }
    if (w->epoll >= 0)
        close(w->epoll);
    udp_close(&w->udp);
    tcp_close(w->tcp);
    mem_free(w->pending);
    mem_free(w);
}

uint16_t worker_port(const struct worker *w) { return w->udp.local.port; }

int worker_put(struct worker *w, const struct cmd *c) {
    if (!mailbox_put(w->box, c))
        return 0;
    /* The flag first, then once more: either there is room by now, or the worker empties the mailbox after
     * having seen the flag. */
    atomic_store(&w->starved, true);
    return mailbox_put(w->box, c);
}

void worker_stats(struct worker *w, struct media_stats *sum) {
    uint64_t v[WORKER_STATS];
    memcpy(v, sum, sizeof v);
    for (unsigned i = 0; i < WORKER_STATS; i++)
        v[i] += atomic_load_explicit(&w->stats[i], memory_order_relaxed);
    memcpy(sum, v, sizeof v);
}

void worker_meter(struct worker *w, struct meter *out) {
    uint64_t v[WORKER_METER];
    for (unsigned i = 0; i < WORKER_METER; i++)
        v[i] = atomic_load_explicit(&w->metered[i], memory_order_relaxed);
    memcpy(out, v, sizeof v);
}

void worker_busy(struct worker *w, unsigned *busy_pm, uint32_t *looks) {
    *busy_pm = (unsigned)atomic_load_explicit(&w->metered[offsetof(struct meter, busy_pm) / sizeof(uint64_t)],
                                              memory_order_relaxed);
    *looks = (uint32_t)atomic_load_explicit(&w->metered[offsetof(struct meter, looks) / sizeof(uint64_t)],
                                            memory_order_relaxed);
}
