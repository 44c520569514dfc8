#include "media/net/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/list.h"
#include "media/base/mem.h"
#include "media/net/deframe.h"

enum {
    TCP_SLOT_BITS = 12,
    TCP_BACKLOG = 512, /* as many as may be strangers */
    TCP_EVENTS = 64,
    TCP_ACCEPTS = 64,      /* a turn */
    TCP_RX_BYTES = 65536,  /* a connection and turn */
    TCP_UNSENT = 16 << 10, /* in the kernel: what waits, waits here, where it can still be thrown away */
    TCP_DEAD_MS = 30000,   /* as RFC 7675 gives up consent */
};

enum conn_state { CONN_STRANGER, CONN_KEPT, CONN_CLOSING, CONN_DEAD, CONN_STATES };

struct conn {
    struct list in_state; /* those of one state, oldest first */
    struct list in_dirty; /* something to write, or to free */
    struct tcp *tcp;
    enum conn_state state;
    bool waits; /* for room in the kernel */
    int fd;
    struct addr_path path;
    int64_t since_us; /* in this state */
    size_t strange_bytes;
    struct deframe in;
    uint8_t *tx; /* [head, tail) waits; the frame begun at head ends at frame_end */
    size_t head, frame_end, tail;
    uint64_t queued, sent;    /* bytes, ever */
    uint64_t mark;            /* the queue's end at mark_us: shows how long things wait */
    int64_t mark_us, late_us; /* late_us: how long the mark waits already */
};
struct tcp {
    int fd, epoll, spare; /* spare: given up for a moment when descriptors run out, to turn people away */
    int family;
    uint16_t port;
    struct tcp_ops ops;
    int64_t now_us;
    struct list in_state[CONN_STATES], dirty;
    unsigned count[CONN_STATES];
    uint32_t generation;
    unsigned free_n;
    uint16_t free[TCP_CONNS_MAX];
    struct conn *slot[TCP_CONNS_MAX];
    struct tcp_stats stats;
    uint8_t rx[TCP_RX_BYTES];
};

static struct conn *find(const struct tcp *t, uint32_t stream) {
    struct conn *c = t->slot[stream & (TCP_CONNS_MAX - 1)];
    return c && c->path.stream == stream && c->state != CONN_DEAD ? c : NULL;
}

static void touch(struct conn *c) {
    if (list_empty(&c->in_dirty))
        list_put(&c->tcp->dirty, &c->in_dirty);
}

static void become(struct conn *c, enum conn_state state) {
    struct tcp *t = c->tcp;
    list_drop(&c->in_state);
    t->count[c->state]--;
    t->stats.turned_away += c->state == CONN_STRANGER && state != CONN_KEPT;
    c->state = state;
    c->since_us = t->now_us;
    t->count[state]++;
    list_put(&t->in_state[state], &c->in_state);
}

/* It ended by itself. Freed at the next flush: callers up the stack may still hold it. */
static void end(struct conn *c) {
    bool tell = c->state == CONN_KEPT;
    become(c, CONN_DEAD);
    touch(c);
    if (tell)
        c->tcp->ops.on_gone(c->tcp->ops.ctx, &c->path);
}

static void free_conn(struct conn *c) {
    struct tcp *t = c->tcp;
    unsigned slot = c->path.stream & (TCP_CONNS_MAX - 1);
    list_drop(&c->in_state);
    list_drop(&c->in_dirty);
    t->count[c->state]--;
    t->slot[slot] = NULL;
    t->free[t->free_n++] = (uint16_t)slot;
    close(c->fd); /* leaves the epoll set by it */
    munmap(c->tx, TCP_QUEUE_BYTES);
    mem_free(c);
}

/* ---- newcomers ---- */

static void set_up(int fd) {
    int on = 1, unsent = TCP_UNSENT, dead_ms = TCP_DEAD_MS;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
}

/* What one line gets: an IPv4 address, a /64 of IPv6. */
static bool same_line(const struct addr *a, const struct addr *b) {
    return !memcmp(a->ip, b->ip, addr_is_v4(a) ? 16 : 8);
}

/* The oldest stranger makes room: of this line when it has its share, else of all when there is none left. */
static void make_room(struct tcp *t, const struct addr *from) {
    struct conn *oldest = NULL, *theirs = NULL;
    unsigned n = 0;
    list_each (&t->in_state[CONN_STRANGER], c, struct conn, in_state) {
        oldest = oldest ? oldest : c;
        if (!same_line(&c->path.remote, from))
            continue;
        theirs = theirs ? theirs : c;
        n++;
    }
    bool full = !t->free_n || t->count[CONN_STRANGER] >= TCP_STRANGERS_MAX;
    struct conn *goes = n >= TCP_STRANGERS_ADDR ? theirs : full ? oldest : NULL;
    if (!goes)
        return;
    become(goes, CONN_DEAD);
    free_conn(goes); /* nobody up the stack: this is said between connections */
}

static void admit(struct tcp *t, int fd, const struct addr *from) {
    make_room(t, from);
    uint8_t *tx = !t->free_n ? MAP_FAILED
                             : mmap(NULL, TCP_QUEUE_BYTES, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (tx == MAP_FAILED) {
        close(fd);
        t->stats.turned_away++;
        return;
    }
    struct conn *c = mem_zalloc(sizeof *c);
    unsigned slot = t->free[--t->free_n];
    t->generation++;
    t->generation += !(t->generation << TCP_SLOT_BITS); /* a number is never 0 */
    c->tcp = t;
    c->fd = fd;
    c->path = (struct addr_path){.remote = *from, .stream = t->generation << TCP_SLOT_BITS | slot};
    c->since_us = t->now_us;
    c->tx = tx;
    list_init(&c->in_dirty);
    list_put(&t->in_state[CONN_STRANGER], &c->in_state);
    t->count[CONN_STRANGER]++;
    t->slot[slot] = c;
    t->stats.accepted++;
    set_up(fd);
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = c->path.stream};
    if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &ev))
        end(c);
}

static int open_spare(void) { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

static void accept_all(struct tcp *t) {
    for (unsigned i = 0; i < TCP_ACCEPTS; i++) {
        struct sockaddr_storage ss;
        socklen_t len = sizeof ss;
        struct addr from;
        int fd = accept4(t->fd, (struct sockaddr *)&ss, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE) && t->spare >= 0) {
            /* No descriptors: whoever waits is turned away, or the listener would wake us for ever. */
            close(t->spare);
            fd = accept4(t->fd, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0)
                close(fd);
            t->spare = open_spare();
            t->stats.turned_away++;
            return;
        }
        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0)
            return;
        if (addr_from_sockaddr(&from, &ss, len))
            close(fd);
        else
            admit(t, fd, &from);
    }
}

/* ---- in ---- */

static bool on_frame(void *ctx, uint8_t *p, size_t n) {
    struct conn *c = ctx;
    struct tcp *t = c->tcp;
    t->ops.on_datagram(t->ops.ctx, p, n, &c->path);
    if (c->state == CONN_STRANGER && (c->strange_bytes += n) > TCP_STRANGER_BYTES)
        end(c);
    return c->state == CONN_STRANGER || c->state == CONN_KEPT;
}

static void read_conn(struct conn *c) {
    struct tcp *t = c->tcp;
    ssize_t n = recv(c->fd, t->rx, sizeof t->rx, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (c->state == CONN_CLOSING && n > 0)
        return; /* whatever it still says */
    if (n <= 0 || deframe_feed(&c->in, t->rx, (size_t)n, on_frame, c))
        end(c);
}

/* ---- out ---- */

static void watch_room(struct conn *c, bool on) {
    if (c->waits == on)
        return;
    struct epoll_event ev = {.events = EPOLLIN | (on ? EPOLLOUT : 0), .data.u64 = c->path.stream};
    c->waits = on;
    epoll_ctl(c->tcp->epoll, EPOLL_CTL_MOD, c->fd, &ev);
}

static void judge_delay(struct conn *c) {
    int64_t now_us = c->tcp->now_us;
    if (c->sent >= c->mark) {
        c->mark = c->queued;
        c->mark_us = now_us;
    }
    c->late_us = c->sent == c->queued ? 0 : now_us - c->mark_us;
    if (c->late_us < TCP_STALE_US)
        return;
    /* The frame begun must end, or the other side could not follow any more. */
    size_t cut = c->tail - c->frame_end;
    c->tail = c->frame_end;
    c->queued -= cut;
    c->mark = c->queued;
    c->mark_us = now_us;
}

static void write_conn(struct conn *c) {
    ssize_t n = send(c->fd, c->tx + c->head, c->tail - c->head, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
        end(c);
        return;
    }
    c->head += n > 0 ? (size_t)n : 0;
    c->sent += n > 0 ? (size_t)n : 0;
    while (c->frame_end < c->head)
        c->frame_end += DEFRAME_HEAD + deframe_length(c->tx + c->frame_end);
    judge_delay(c);
    bool rest = c->head < c->tail;
    if (!rest)
        c->head = c->frame_end = c->tail = 0;
    watch_room(c, rest);
}

bool tcp_send(struct tcp *t, uint32_t stream, const uint8_t *p, size_t n) {
    struct conn *c = find(t, stream);
    bool small = n <= TCP_SMALL_BYTES;
    size_t limit = TCP_QUEUE_BYTES - (small ? 0 : TCP_RESERVE_BYTES);
    if (!c || n > DEFRAME_MAX || c->tail - c->head + DEFRAME_HEAD + n > limit ||
        (!small && c->late_us >= TCP_LATE_US)) {
        t->stats.refused++;
        return false;
    }
    if (c->tail + DEFRAME_HEAD + n > TCP_QUEUE_BYTES) {
        memmove(c->tx, c->tx + c->head, c->tail - c->head);
        c->tail -= c->head;
        c->frame_end -= c->head;
        c->head = 0;
    }
    deframe_head(c->tx + c->tail, n);
    memcpy(c->tx + c->tail + DEFRAME_HEAD, p, n);
    c->tail += DEFRAME_HEAD + n;
    c->queued += DEFRAME_HEAD + n;
    touch(c);
    return true;
}

/* ---- a turn ---- */

void tcp_receive(struct tcp *t, int64_t now_us) {
    struct epoll_event ev[TCP_EVENTS];
    t->now_us = now_us;
    int n = epoll_wait(t->epoll, ev, TCP_EVENTS, 0);
    for (int i = 0; i < n; i++) {
        struct conn *c = ev[i].data.u64 ? find(t, (uint32_t)ev[i].data.u64) : NULL;
        if (!ev[i].data.u64)
            accept_all(t);
        if (c && ev[i].events & EPOLLOUT)
            touch(c);
        if (c && ev[i].events & ~(unsigned)EPOLLOUT)
            read_conn(c);
    }
}

static void expire(struct tcp *t, enum conn_state state) {
    list_each (&t->in_state[state], c, struct conn, in_state) {
        if (t->now_us - c->since_us < TCP_STRANGER_US)
            return;
        end(c);
    }
}

void tcp_flush(struct tcp *t, int64_t now_us) {
    t->now_us = now_us;
    expire(t, CONN_STRANGER);
    expire(t, CONN_CLOSING);
    while (!list_empty(&t->dirty)) {
        struct conn *c = list_entry(t->dirty.next, struct conn, in_dirty);
        list_drop(&c->in_dirty);
        if (c->state != CONN_DEAD && c->head < c->tail)
            write_conn(c);
        if (c->state == CONN_CLOSING && c->head == c->tail)
            become(c, CONN_DEAD);
        if (c->state == CONN_DEAD)
            free_conn(c);
    }
}

int64_t tcp_next_us(const struct tcp *t) {
    int64_t at = INT64_MAX;
    for (enum conn_state s = CONN_STRANGER; s <= CONN_CLOSING; s++) {
        const struct list *l = &t->in_state[s];
        if (s == CONN_KEPT || list_empty(l))
            continue;
        int64_t due = list_entry(l->next, struct conn, in_state)->since_us + TCP_STRANGER_US;
        at = due < at ? due : at;
    }
    return at;
}

void tcp_keep(struct tcp *t, uint32_t stream) {
    struct conn *c = find(t, stream);
    if (c && c->state == CONN_STRANGER)
        become(c, CONN_KEPT);
}

void tcp_drop(struct tcp *t, uint32_t stream) {
    struct conn *c = find(t, stream);
    if (!c || c->state == CONN_CLOSING)
        return;
    become(c, CONN_CLOSING);
    touch(c);
}

void tcp_stats(const struct tcp *t, struct tcp_stats *out) {
    *out = t->stats;
    out->connections = t->count[CONN_STRANGER] + t->count[CONN_KEPT];
}

/* ---- opening and closing ---- */

static int listen_on(struct tcp *t, const struct addr *bind_to) {
    struct sockaddr_storage ss = {0};
    socklen_t len = addr_to_sockaddr(bind_to, t->family, &ss);
    struct addr local;
    int off = 0, on = 1;
    t->fd = socket(t->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (t->fd < 0)
        return errno == EAFNOSUPPORT ? -ERR_INVALID : -ERR_IO;
    if (t->family == AF_INET6 && setsockopt(t->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off))
        return -ERR_IO;
    /* A server that was restarted may have its port back while old connections still time out. */
    if (setsockopt(t->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on))
        return -ERR_IO;
    if (bind(t->fd, (struct sockaddr *)&ss, len) || listen(t->fd, TCP_BACKLOG))
        return errno == EADDRINUSE                         ? -ERR_BUSY
               : errno == EACCES                           ? -ERR_DENIED
               : errno == EADDRNOTAVAIL || errno == EINVAL ? -ERR_INVALID
                                                           : -ERR_IO;
    len = sizeof ss;
    if (getsockname(t->fd, (struct sockaddr *)&ss, &len) || addr_from_sockaddr(&local, &ss, len))
        return -ERR_IO;
    t->port = local.port;
    return 0;
}

int tcp_open(struct tcp **out, const struct addr *bind_to, const struct tcp_ops *ops) {
    struct tcp *t = mem_zalloc(sizeof *t);
    t->fd = -1;
    t->family = addr_is_v4(bind_to) ? AF_INET : AF_INET6;
    t->ops = *ops;
    t->spare = open_spare();
    for (unsigned s = 0; s < CONN_STATES; s++)
        list_init(&t->in_state[s]);
    list_init(&t->dirty);
    while (t->free_n < TCP_CONNS_MAX) {
        t->free[t->free_n] = (uint16_t)(TCP_CONNS_MAX - 1 - t->free_n);
        t->free_n++;
    }
    t->epoll = epoll_create1(EPOLL_CLOEXEC);
    int err = t->epoll < 0 ? -ERR_IO : listen_on(t, bind_to);
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = 0};
    if (!err && epoll_ctl(t->epoll, EPOLL_CTL_ADD, t->fd, &ev))
        err = -ERR_IO;
    if (err) {
        tcp_close(t);
        return err;
    }
    *out = t;
    return 0;
}

void tcp_close(struct tcp *t) {
    if (!t)
        return;
    for (unsigned s = 0; s < CONN_STATES; s++)
        list_each (&t->in_state[s], c, struct conn, in_state) {
            free_conn(c);
        }
    const int fds[] = {t->fd, t->epoll, t->spare};
    for (unsigned i = 0; i < countof(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    mem_free(t);
}

int tcp_fd(const struct tcp *t) { return t->epoll; }
uint16_t tcp_port(const struct tcp *t) { return t->port; }
