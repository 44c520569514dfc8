#include "media/base/intake.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "media/base/map.h"

/* Reads for one call, of a socket from which nothing passes. Of TLS the library cannot be told to come again:
 * what is more than this closes the connection. */
enum { SWALLOW_MAX = 64, SWALLOW_TLS_MAX = 512 };

static _Thread_local struct {
    intake_fn *see;
    struct map by_fd; /* fd + 1 → who */
} here;

void intake_open(intake_fn *see, size_t sockets_max) {
    here.see = see;
    map_init(&here.by_fd, sockets_max);
}

void intake_close(void) {
    if (here.see)
        map_fini(&here.by_fd);
    here.see = NULL;
}

int intake_add(int fd, void *who) { return map_put(&here.by_fd, (uint64_t)fd + 1, who); }
void intake_drop(int fd) { map_drop(&here.by_fd, (uint64_t)fd + 1); }

static bool passes(int fd, const void *p, size_t n) {
    void *who = here.see && fd >= 0 ? map_get(&here.by_fd, (uint64_t)fd + 1) : NULL;
    return !who || here.see(who, p, n);
}

__attribute__((visibility("default"))) ssize_t recv(int fd, void *dst, size_t n, int flags) {
    for (int i = 0; i < SWALLOW_MAX; i++) {
        ssize_t got = recvfrom(fd, dst, n, flags, NULL, NULL);
        if (got <= 0 || flags & MSG_PEEK || passes(fd, dst, (size_t)got))
            return got;
    }
    errno = EAGAIN;
    return -1;
}

__attribute__((visibility("default"))) int SSL_read(SSL *ssl, void *dst, int n) {
    size_t got = 0;
    for (int i = 0; i < SWALLOW_TLS_MAX && SSL_read_ex(ssl, dst, (size_t)(n > 0 ? n : 0), &got); i++)
        if (passes(SSL_get_fd(ssl), dst, got))
            return (int)got;
    return SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN ? 0 : -1;
}
