#include "media/base/mailbox.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A bounded ring in which every cell carries the turn it waits for (D. Vyukov, "Bounded MPMC queue"): a
 * writer claims a place by moving `tail`, fills the cell, and publishes it by advancing the cell's turn. */
enum { CELL_ALIGN = 16 };

struct cell {
    atomic_size_t turn;
    _Alignas(CELL_ALIGN) unsigned char item[];
};

struct mailbox {
    size_t item_bytes, stride, capacity;
    int fd;
    atomic_bool rung; /* the eventfd was written and the reader has not answered yet */
    unsigned char *cells;
    atomic_size_t tail;
    char apart[64]; /* writers' and reader's ends on cache lines of their own */
    size_t head;    /* reader's */
};

static struct cell *cell_at(const struct mailbox *m, size_t pos) {
    return (struct cell *)(void *)(m->cells + pos % m->capacity * m->stride);
}

int mailbox_open(struct mailbox **out, size_t item_bytes, size_t capacity) {
    if (!item_bytes || !capacity)
        return -ERR_INVALID;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0)
        return -ERR_IO;
    struct mailbox *m = mem_zalloc(sizeof *m);
    m->item_bytes = item_bytes;
    m->stride = sizeof(struct cell) + (item_bytes + CELL_ALIGN - 1) / CELL_ALIGN * CELL_ALIGN;
    /* With one cell "free for the next turn" and "holds this turn" would be the same number. */
    m->capacity = capacity < 2 ? 2 : capacity;
    m->cells = mem_zalloc(m->stride * m->capacity);
    m->fd = fd;
    for (size_t i = 0; i < m->capacity; i++)
        atomic_init(&cell_at(m, i)->turn, i);
    *out = m;
    return 0;
}

void mailbox_close(struct mailbox *m) {
    if (!m)
        return;
    close(m->fd);
    mem_free(m->cells);
    mem_free(m);
}

int mailbox_fd(const struct mailbox *m) { return m->fd; }

static void ring(struct mailbox *m) {
    uint64_t one = 1;
    if (!atomic_exchange(&m->rung, true))
        while (write(m->fd, &one, sizeof one) < 0 && errno == EINTR)
            ;
}

int mailbox_put(struct mailbox *m, const void *item) {
    size_t pos = atomic_load_explicit(&m->tail, memory_order_relaxed);
    for (;;) {
        struct cell *c = cell_at(m, pos);
        size_t turn = atomic_load_explicit(&c->turn, memory_order_acquire);
        if (turn == pos) {
            if (atomic_compare_exchange_weak_explicit(&m->tail, &pos, pos + 1, memory_order_relaxed,
                                                      memory_order_relaxed)) {
                memcpy(c->item, item, m->item_bytes);
                atomic_store_explicit(&c->turn, pos + 1, memory_order_release);
                ring(m);
                return 0;
            }
        } else if ((ptrdiff_t)(turn - pos) < 0) {
            return -ERR_FULL;
        } else {
            pos = atomic_load_explicit(&m->tail, memory_order_relaxed);
        }
    }
}

static size_t take(struct mailbox *m, unsigned char *out, size_t max) {
    size_t n = 0;
    for (; n < max; n++) {
        struct cell *c = cell_at(m, m->head);
        if (atomic_load_explicit(&c->turn, memory_order_acquire) != m->head + 1)
            break;
        memcpy(out + n * m->item_bytes, c->item, m->item_bytes);
        atomic_store_explicit(&c->turn, m->head + m->capacity, memory_order_release);
        m->head++;
    }
    return n;
}

size_t mailbox_get(struct mailbox *m, void *out, size_t max) {
    size_t n = take(m, out, max);
    if (n == max)
        return n;
    /* Empty: answer the bell, then look again. A writer that published before the exchange is seen by the
     * second look; one that publishes after it finds the bell unrung and rings. */
    uint64_t count;
    if (read(m->fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
        return n;
    atomic_exchange(&m->rung, false);
    size_t more = take(m, (unsigned char *)out + n * m->item_bytes, max - n);
    if (n + more == max)
        ring(m); /* there may be a rest whose bell was just answered */
    return n + more;
}

bool mailbox_wait(struct mailbox *m, int timeout_ms) {
    struct pollfd p = {.fd = m->fd, .events = POLLIN};
    return poll(&p, 1, timeout_ms) > 0;
}
