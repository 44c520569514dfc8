#include "media/net/udp.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/base/err.h"

/* Room for one packet-info and, on the way out, one segment size. */
union ctl {
    char b[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
    struct cmsghdr align;
};

static void grow(int fd, int force, int plain) {
    int bytes = UDP_BUFFER_BYTES;
    /* FORCE goes past net.core.[rw]mem_max and needs CAP_NET_ADMIN; without it the kernel's maximum is what
     * we get. */
    if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof bytes))
        setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes);
}

static int bind_and_ask(struct udp *u, const struct addr *bind_to) {
    struct sockaddr_storage ss = {0};
    socklen_t len = addr_to_sockaddr(bind_to, u->family, &ss);
    int off = 0, on = 1;
    if (u->family == AF_INET6 && setsockopt(u->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off))
        return -ERR_IO;
    if (u->any && u->family == AF_INET && setsockopt(u->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on))
        return -ERR_IO;
    if (u->any && u->family == AF_INET6 && setsockopt(u->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on))
        return -ERR_IO;
    if (bind(u->fd, (struct sockaddr *)&ss, len))
        return errno == EADDRINUSE                         ? -ERR_BUSY
               : errno == EACCES                           ? -ERR_DENIED
               : errno == EADDRNOTAVAIL || errno == EINVAL ? -ERR_INVALID
                                                           : -ERR_IO;
    len = sizeof ss;
    if (getsockname(u->fd, (struct sockaddr *)&ss, &len))
        return -ERR_IO;
    return addr_from_sockaddr(&u->local, &ss, len);
}

int udp_open(struct udp *u, const struct addr *bind_to) {
    *u = (struct udp){.family = addr_is_v4(bind_to) ? AF_INET : AF_INET6, .any = addr_is_any(bind_to)};
    u->fd = socket(u->family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (u->fd < 0)
        return errno == EAFNOSUPPORT ? -ERR_INVALID : -ERR_IO;
    grow(u->fd, SO_RCVBUFFORCE, SO_RCVBUF);
    grow(u->fd, SO_SNDBUFFORCE, SO_SNDBUF);
    int r = bind_and_ask(u, bind_to);
    if (r)
        udp_close(u);
    return r;
}

void udp_close(struct udp *u) {
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
}

uint64_t udp_lost(const struct udp *u) {
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t n = sizeof info;
    return getsockopt(u->fd, SOL_SOCKET, SO_MEMINFO, info, &n) ? 0 : info[SK_MEMINFO_DROPS];
}

/* Our own address a datagram was sent to, out of its control messages. */
static void local_of(const struct udp *u, struct msghdr *h, struct addr *local) {
    *local = u->local;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = info.ipi_addr};
            addr_from_sockaddr(local, &in, sizeof in);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            memcpy(local->ip, &info.ipi6_addr, 16);
        }
    }
    local->port = u->local.port;
}

size_t udp_recv(struct udp *u, struct udp_in *v, size_t n) {
    struct mmsghdr m[UDP_BATCH];
    struct iovec iov[UDP_BATCH];
    struct sockaddr_storage from[UDP_BATCH];
    union ctl ctl[UDP_BATCH];
    n = n > UDP_BATCH ? UDP_BATCH : n;
    for (size_t i = 0; i < n; i++) {
        iov[i] = (struct iovec){v[i].p, v[i].cap};
        m[i].msg_hdr = (struct msghdr){.msg_name = &from[i],
                                       .msg_namelen = sizeof from[i],
                                       .msg_iov = &iov[i],
                                       .msg_iovlen = 1,
                                       .msg_control = u->any ? &ctl[i] : NULL,
                                       .msg_controllen = u->any ? sizeof ctl[i] : 0};
    }
    int got;
    do
        got = recvmmsg(u->fd, m, (unsigned)n, MSG_DONTWAIT, NULL);
    while (got < 0 && errno == EINTR);
    u->rx_calls++;
    for (int i = 0; i < got; i++) {
        v[i].n = m[i].msg_hdr.msg_flags & MSG_TRUNC ? 0 : m[i].msg_len;
        if (addr_from_sockaddr(&v[i].path.remote, &from[i], m[i].msg_hdr.msg_namelen))
            v[i].n = 0;
        local_of(u, &m[i].msg_hdr, &v[i].path.local);
    }
    return got < 0 ? 0 : (size_t)got;
}

static struct cmsghdr *put_ctl(struct msghdr *h, int level, int type, const void *data, size_t n) {
    struct cmsghdr *c = (struct cmsghdr *)((char *)h->msg_control + h->msg_controllen);
    *c = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(n)};
    memcpy(CMSG_DATA(c), data, n);
    h->msg_controllen += CMSG_SPACE(n);
    return c;
}

static void set_out(const struct udp *u, const struct udp_out *o, struct msghdr *h, union ctl *ctl) {
    memset(ctl, 0, sizeof *ctl);
    h->msg_control = ctl;
    h->msg_controllen = 0;
    if (u->any && !addr_is_any(&o->path.local)) {
        if (u->family == AF_INET) {
            struct in_pktinfo info = {0};
            memcpy(&info.ipi_spec_dst, o->path.local.ip + 12, 4);
            put_ctl(h, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
        } else {
            struct in6_pktinfo info = {0};
            memcpy(&info.ipi6_addr, o->path.local.ip, 16);
            put_ctl(h, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
        }
    }
    if (o->segment && o->n > o->segment)
        put_ctl(h, IPPROTO_UDP, UDP_SEGMENT, &o->segment, sizeof o->segment);
    if (!h->msg_controllen)
        h->msg_control = NULL;
}

/* How many datagrams from v on the kernel can take as one and cut again (UDP_SEGMENT): the same way, the same
 * size, only the last shorter. One walk through the stack instead of many. */
static size_t run_of(const struct udp *u, const struct udp_out *v, size_t n) {
    size_t run = 1, bytes = v->n;
    if (u->single || v->segment)
        return 1;
    while (run < n && run < UDP_RUN_MAX && v[run - 1].n == v->n && v[run].n <= v->n && v[run].n &&
           (bytes += v[run].n) <= UDP_RUN_BYTES && !v[run].segment &&
           addr_eq(&v[run].path.remote, &v->path.remote) && addr_eq(&v[run].path.local, &v->path.local))
        run++;
    return run;
}

/* The pieces of a run: one where the datagrams lie end to end, as a sendq writes them. */
static size_t gather(struct iovec *iov, const struct udp_out *v, size_t run) {
    size_t k = 0;
    for (size_t i = 0; i < run; i++) {
        if (k && (const uint8_t *)iov[k - 1].iov_base + iov[k - 1].iov_len == v[i].p)
            iov[k - 1].iov_len += v[i].n;
        else
            iov[k++] = (struct iovec){(void *)(uintptr_t)v[i].p, v[i].n};
    }
    return k;
}

/* One system call's worth. The number dealt with; *blocked when the kernel's buffer was full. */
static size_t send_batch(struct udp *u, const struct udp_out *v, size_t n, bool *blocked) {
    struct mmsghdr m[UDP_BATCH];
    struct iovec iov[UDP_BATCH];
    struct sockaddr_storage to[UDP_BATCH];
    union ctl ctl[UDP_BATCH];
    size_t run[UDP_BATCH], k = 0;
    n = n > UDP_BATCH ? UDP_BATCH : n;
    for (size_t i = 0; i < n; i += run[k++]) {
        run[k] = run_of(u, v + i, n - i);
        m[k].msg_hdr = (struct msghdr){.msg_name = &to[k], .msg_iov = &iov[i]};
        m[k].msg_hdr.msg_iovlen = gather(&iov[i], v + i, run[k]);
        m[k].msg_hdr.msg_namelen = addr_to_sockaddr(&v[i].path.remote, u->family, &to[k]);
        struct udp_out first = v[i];
        if (run[k] > 1) {
            first.segment = (uint16_t)first.n;
            first.n *= run[k];
        }
        set_out(u, &first, &m[k].msg_hdr, &ctl[k]);
    }
    int sent = sendmmsg(u->fd, m, (unsigned)k, MSG_DONTWAIT);
    u->tx_calls++;
    if (sent >= 0) {
        u->tx_messages += (unsigned)sent;
        size_t done = 0;
        for (int i = 0; i < sent; i++)
            done += run[i];
        return done;
    }
    if (errno == EINTR)
        return 0;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
        *blocked = true;
        u->tx_blocked++;
        return 0;
    }
    if (run[0] > 1) {
        /* A device that cannot cut (EIO), a segment over the route's MTU, or a way that is closed for all of
         * them: each for itself. */
        bool single = u->single || errno == EIO;
        u->single = true;
        size_t done = send_batch(u, v, run[0], blocked);
        u->single = single;
        return done;
    }
    u->tx_errors++; /* sendmmsg fails only for its first message: that one is refused, the others get their
                       turn */
    return 1;
}

size_t udp_send(struct udp *u, const struct udp_out *v, size_t n) {
    size_t done = 0;
    bool blocked = false;
    while (done < n && !blocked)
        done += send_batch(u, v + done, n - done, &blocked);
    return done;
}
