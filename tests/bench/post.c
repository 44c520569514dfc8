#include "tests/bench/post.h"
#include "media/base/err.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <stdatomic.h>
#include <unistd.h>

static int dial(uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct timeval patience = {.tv_sec = POST_TIMEOUT_S};
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) {
        close(fd);
        return -ERR_IO;
    }
    return fd;
}

static int send_all(int fd, const struct buf *b) {
    for (size_t at = 0; at < b->n;) {
        ssize_t n = send(fd, b->p + at, b->n - at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -ERR_IO;
        at += (size_t)n;
    }
    return 0;
}

static int read_all(int fd, struct buf *b) {
    char chunk[16384];
    for (;;) {
        ssize_t n = recv(fd, chunk, sizeof chunk, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -ERR_IO;
        if (!n)
            return b->over ? -ERR_TOO_LARGE : 0;
        buf_put(b, chunk, (size_t)n);
    }
}

/* "HTTP/1.1 201 Created", header lines, an empty line, the body (the connection's end is the body's end). */
static int understand(struct str all, struct posted *out) {
    struct str line, word, name;
    uint64_t status;
    if (!str_line(&all, &line) || !str_word(&line, &word) || !str_word(&line, &word) ||
        str_u64(word, 999, &status))
        return -ERR_IO;
    out->status = (int)status;
    while (str_line(&all, &line) && line.n) {
        if (!str_until(&line, ':', &name))
            continue;
        if (str_ieq(name, STR("location")))
            STR_COPY(out->location, str_trim(line));
        if (str_ieq(name, STR("transfer-encoding")))
            return -ERR_UNSUPPORTED;
    }
    buf_str(&out->body, all);
    return 0;
}

static atomic_uint homes;

int post(const struct post *req, struct posted *out) {
    struct buf text, reply;
    *out = (struct posted){0};
    buf_init(&out->body, POST_REPLY_MAX);
    int fd = dial(req->port);
    if (fd < 0)
        return fd;
    buf_init(&text, POST_REPLY_MAX);
    buf_init(&reply, POST_REPLY_MAX);
    buf_printf(&text, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\nContent-Length: %zu\r\n",
               req->method, req->path, req->port, req->body.n);
    /* Everybody calls from a home of his own, for the limits are by address; told to servers that believe it.
     * Who has no ticket is the bench itself, on this machine. */
    unsigned home = atomic_fetch_add(&homes, 1);
    if (req->bearer)
        buf_printf(&text, "X-Forwarded-For: 10.%u.%u.%u\r\nAuthorization: Bearer %s\r\n", home >> 16 & 255,
                   home >> 8 & 255, home & 255, req->bearer);
    if (req->type)
        buf_printf(&text, "Content-Type: %s\r\n", req->type);
    buf_z(&text, "\r\n");
    buf_str(&text, req->body);
    int err = send_all(fd, &text);
    if (!err)
        err = read_all(fd, &reply);
    if (!err)
        err = understand(buf_view(&reply), out);
    close(fd);
    buf_fini(&text);
    buf_fini(&reply);
    return err;
}
