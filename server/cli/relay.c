#include "server/cli/relay.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/rnd.h"
#include "server/signaling/turnmsg.h"

enum { STUN_HEAD = 20, AGAIN_MS = 500 /* RFC 8489 6.2.1: "RTO … 500 ms or greater" */ };

static bool ready(int fd, short what, int64_t until_us) {
    int64_t left_ms = (until_us - clock_mono_us()) / 1000;
    struct pollfd p = {.fd = fd, .events = what};
    return left_ms > 0 && poll(&p, 1, (int)left_ms) == 1;
}

/* A connected socket; -1 silent, -2 no such name. */
static int dial(const struct turn_url *u) {
    char host[256], port[8];
    struct addrinfo hints = {.ai_socktype = u->tcp ? SOCK_STREAM : SOCK_DGRAM}, *list;
    snprintf(host, sizeof host, STR_FMT, STR_ARG(u->host));
    snprintf(port, sizeof port, "%u", u->port);
    if (getaddrinfo(host, port, &hints, &list))
        return -2;
    int fd = -1;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        int err = 0;
        socklen_t n = sizeof err;
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
            continue;
        connect(fd, a->ai_addr, a->ai_addrlen);
        if (!ready(fd, POLLOUT, clock_mono_us() + RELAY_WAIT_MS * 1000) ||
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) || err) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* RFC 8489 6.2.2: over TCP messages follow each other, each says its length. */
static bool receive_stream(int fd, uint8_t *dst, size_t *n, int64_t until_us) {
    size_t want = STUN_HEAD;
    for (*n = 0; *n < want;) {
        ssize_t k = ready(fd, POLLIN, until_us) ? recv(fd, dst + *n, want - *n, 0) : 0;
        if (k <= 0)
            return false;
        *n += (size_t)k;
        if (*n == STUN_HEAD)
            want += (size_t)dst[2] << 8 | dst[3];
        if (want > TURNMSG_MAX)
            return false;
    }
    return true;
}

/* Sends the request, over UDP again and again, and reads the answer to it into buf. */
static bool ask(int fd, const struct turn_url *u, const struct turnmsg_ask *a, struct turnmsg_reply *reply,
                uint8_t buf[TURNMSG_MAX]) {
    uint8_t request[TURNMSG_MAX];
    int64_t until_us = clock_mono_us() + RELAY_WAIT_MS * 1000;
    int n = turnmsg_write(a, request, sizeof request);
    size_t got = 0;
    if (n < 0 || send(fd, request, (size_t)n, MSG_NOSIGNAL) != n)
        return false;
    if (u->tcp)
        return receive_stream(fd, buf, &got, until_us) && !turnmsg_parse(reply, (struct bytes){buf, got}, a);
    while (clock_mono_us() < until_us) {
        int64_t again_us = clock_mono_us() + AGAIN_MS * 1000;
        while (ready(fd, POLLIN, again_us)) {
            ssize_t k = recv(fd, buf, TURNMSG_MAX, 0);
            if (k < 0)
                return false; /* the port is closed there */
            if (!turnmsg_parse(reply, (struct bytes){buf, (size_t)k}, a))
                return true;
        }
        send(fd, request, (size_t)n, MSG_NOSIGNAL);
    }
    return false;
}

static enum relay_finding allocate(int fd, const struct turn_url *u, const struct turn_pass *pass,
                                   struct addr *relayed, unsigned *error) {
    uint8_t first[TURNMSG_MAX], second[TURNMSG_MAX];
    struct turnmsg_reply reply;
    struct turnmsg_ask a = {.method = TURNMSG_ALLOCATE};
    rnd_bytes(a.tid, sizeof a.tid);
    if (!ask(fd, u, &a, &reply, first))
        return RELAY_SILENT;
    *error = reply.error;
    if (reply.success || reply.error != 401) /* RFC 8656 7.2: without credentials it must be 401 */
        return RELAY_STRANGE;
    a.user = str_of(pass->user);
    a.password = str_of(pass->credential);
    a.realm = reply.realm;
    a.nonce = reply.nonce;
    rnd_bytes(a.tid, sizeof a.tid);
    if (!ask(fd, u, &a, &reply, second))
        return RELAY_SILENT;
    *error = reply.error;
    if (!reply.success || !reply.has_relayed)
        return reply.error == 401 ? RELAY_REFUSES : RELAY_STRANGE;
    *relayed = reply.relayed;
    a.method = TURNMSG_REFRESH; /* given back; when that is lost, it ends by itself in ten minutes */
    rnd_bytes(a.tid, sizeof a.tid);
    ask(fd, u, &a, &reply, second);
    return RELAY_WORKS;
}

enum relay_finding relay_try(const struct turn_url *u, const struct turn_pass *pass, struct addr *relayed,
                             unsigned *error) {
    *error = 0;
    int fd = dial(u);
    if (fd < 0)
        return fd == -2 ? RELAY_UNNAMED : RELAY_SILENT;
    enum relay_finding f = u->tls ? RELAY_LISTENS : allocate(fd, u, pass, relayed, error);
    close(fd);
    return f;
}
