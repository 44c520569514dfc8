#include "server/http/farewell.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "media/base/mem.h"

enum { PIECE_BYTES = 16384, TURN_PIECES = 16 };

struct parting {
    struct farewell *owner; /* NULL: it is closing */
    struct list link;
    uv_poll_t poll;
    uv_timer_t timer;
    unsigned handles; /* not yet closed */
    int fd;
    size_t bytes;
};

static void on_closed(uv_handle_t *h) {
    struct parting *c = h->data;
    if (--c->handles)
        return;
    close(c->fd);
    mem_free(c);
}

static void end(struct parting *c) {
    if (!c->owner)
        return;
    c->owner->n--;
    c->owner = NULL;
    list_drop(&c->link);
    uv_poll_stop(&c->poll);
    uv_close((uv_handle_t *)&c->poll, on_closed);
    uv_close((uv_handle_t *)&c->timer, on_closed);
}

static void on_timer(uv_timer_t *t) { end(t->data); }

static void on_readable(uv_poll_t *p, int status, int events) {
    struct parting *c = p->data;
    char piece[PIECE_BYTES];
    (void)events;
    for (int i = 0; !status && i < TURN_PIECES; i++) {
        ssize_t n = recvfrom(c->fd, piece, sizeof piece, MSG_DONTWAIT, NULL, NULL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        c->bytes += n > 0 ? (size_t)n : 0;
        if (n <= 0 || c->bytes > FAREWELL_BYTES) {
            end(c);
            return;
        }
    }
    if (status)
        end(c);
}

void farewell_init(struct farewell *l, struct uv_loop_s *loop) {
    *l = (struct farewell){.loop = loop};
    list_init(&l->all);
}

void farewell_fini(struct farewell *l) {
    list_each (&l->all, c, struct parting, link) {
        end(c);
    }
}

void farewell_copy(struct farewell *l, int fd) {
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return;
    if (l->n == FAREWELL_MAX)
        end(list_entry(l->all.next, struct parting, link));
    struct parting *c = mem_zalloc(sizeof *c);
    c->owner = l;
    c->fd = copy;
    c->handles = 2;
    uv_poll_init(l->loop, &c->poll, copy);
    uv_timer_init(l->loop, &c->timer);
    c->poll.data = c->timer.data = c;
    uv_poll_start(&c->poll, UV_READABLE, on_readable);
    uv_timer_start(&c->timer, on_timer, FAREWELL_MS, 0);
    list_put(&l->all, &c->link);
    l->n++;
}
