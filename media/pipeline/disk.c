#include "media/pipeline/disk.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/mailbox.h"
#include "media/base/mem.h"

enum op_kind { OP_FILE, OP_PART, OP_LIST, OP_END };
struct op {
    enum op_kind kind;
    unsigned slot;
    bool sync;
    char name[DISK_NAME_MAX];
    char *p; /* owned by the op */
    size_t n;
};
struct done {
    size_t n; /* bytes of the op */
    int err;  /* errno, 0 if it went well */
    bool end;
};
struct disk {
    struct mailbox *ops, *done;
    pthread_t thread;
    int dir;
    /* caller's side */
    size_t waiting_ops, waiting_bytes;
    uint64_t written;
    int err;
    char why[96];
    /* thread's side */
    struct {
        int fd;
        char name[DISK_NAME_MAX];
    } slots[DISK_SLOTS];
    bool failed;
};

static int write_all(int fd, const char *p, size_t n) {
    struct stat st;
    if (fstat(fd, &st))
        return errno;
    for (size_t at = 0; at < n;) {
        ssize_t k = write(fd, p + at, n - at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            int err = k ? errno : ENOSPC;
            if (ftruncate(fd, st.st_size)) /* what was whole before stays whole */
                return errno;
            return err;
        }
        at += (size_t)k;
    }
    return 0;
}
static int do_file(struct disk *d, const struct op *o) {
    char tmp[DISK_NAME_MAX + 8];
    snprintf(tmp, sizeof tmp, "%s.tmp", o->name);
    int fd = openat(d->dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno;
    int err = write_all(fd, o->p, o->n);
    if (!err && fdatasync(fd))
        err = errno;
    close(fd);
    if (!err && renameat(d->dir, tmp, d->dir, o->name))
        err = errno;
    if (err)
        unlinkat(d->dir, tmp, 0);
    else if (fsync(d->dir))
        err = errno;
    return err;
}
static void close_slot(struct disk *d, unsigned slot) {
    if (d->slots[slot].fd >= 0)
        close(d->slots[slot].fd);
    d->slots[slot].fd = -1;
    d->slots[slot].name[0] = 0;
}
static int do_part(struct disk *d, const struct op *o) {
    int *fd = &d->slots[o->slot].fd;
    if (strcmp(d->slots[o->slot].name, o->name)) {
        close_slot(d, o->slot);
        *fd = openat(d->dir, o->name, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
        if (*fd < 0)
            return errno;
        STR_COPY(d->slots[o->slot].name, str_of(o->name));
        if (fsync(d->dir))
            return errno;
    }
    int err = write_all(*fd, o->p, o->n);
    return err ? err : o->sync && fdatasync(*fd) ? errno : 0;
}
static int do_list(struct disk *d, const struct op *o) {
    int seg = d->slots[o->slot].fd;
    if (seg >= 0 && fdatasync(seg))
        return errno;
    close_slot(d, o->slot);
    int fd = openat(d->dir, o->name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
        return errno;
    int err = write_all(fd, o->p, o->n);
    if (!err && fdatasync(fd))
        err = errno;
    close(fd);
    return err;
}
static int do_op(struct disk *d, const struct op *o) {
    switch (o->kind) {
    case OP_FILE:
        return do_file(d, o);
    case OP_PART:
        return do_part(d, o);
    case OP_LIST:
        return do_list(d, o);
    case OP_END:
        break;
    }
    return 0;
}
static void *run(void *arg) {
    struct disk *d = arg;
    for (;;) {
        struct op o;
        if (!mailbox_get(d->ops, &o, 1)) {
            mailbox_wait(d->ops, -1);
            continue;
        }
        struct done done = {.n = o.n, .err = d->failed ? EIO : do_op(d, &o), .end = o.kind == OP_END};
        d->failed |= done.err != 0;
        mem_free(o.p);
        mailbox_put(d->done, &done); /* as large as ops: it has room for every operation under way */
        if (done.end)
            return NULL;
    }
}

int disk_open(struct disk **out, const char *dir) {
    struct disk *d = mem_zalloc(sizeof *d);
    for (unsigned i = 0; i < DISK_SLOTS; i++)
        d->slots[i].fd = -1;
    d->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->dir < 0 || mailbox_open(&d->ops, sizeof(struct op), DISK_QUEUE) ||
        mailbox_open(&d->done, sizeof(struct done), DISK_QUEUE) || pthread_create(&d->thread, NULL, run, d)) {
        if (d->dir >= 0)
            close(d->dir);
        if (d->ops)
            mailbox_close(d->ops);
        if (d->done)
            mailbox_close(d->done);
        mem_free(d);
        return -ERR_IO;
    }
    *out = d;
    return 0;
}
static void collect(struct disk *d) {
    struct done done;
    while (mailbox_get(d->done, &done, 1)) {
        d->waiting_ops--;
        d->waiting_bytes -= done.n;
        if (!done.err) {
            d->written += done.n;
        } else if (!d->err) {
            d->err = -ERR_IO;
            if (done.err == ENOSPC || done.err == EDQUOT)
                snprintf(d->why, sizeof d->why, "the disk is full; what was recorded until now is kept");
            else
                snprintf(d->why, sizeof d->why, "writing the recording failed: %s", strerror(done.err));
        }
    }
}
static void submit(struct disk *d, struct op *o, struct buf *bytes) {
    if (bytes)
        o->p = buf_take(bytes, &o->n);
    collect(d);
    while (d->waiting_ops >= DISK_QUEUE || (d->waiting_ops && d->waiting_bytes + o->n > DISK_BYTES_MAX)) {
        mailbox_wait(d->done, -1);
        collect(d);
    }
    d->waiting_ops++;
    d->waiting_bytes += o->n;
    mailbox_put(d->ops, o);
}
void disk_file(struct disk *d, const char *name, struct buf *bytes) {
    struct op o = {.kind = OP_FILE};
    STR_COPY(o.name, str_of(name));
    submit(d, &o, bytes);
}
void disk_part(struct disk *d, unsigned slot, const char *name, struct buf *bytes, bool sync) {
    struct op o = {.kind = OP_PART, .slot = slot, .sync = sync};
    STR_COPY(o.name, str_of(name));
    submit(d, &o, bytes);
}
void disk_list(struct disk *d, unsigned slot, const char *name, struct buf *text) {
    struct op o = {.kind = OP_LIST, .slot = slot};
    STR_COPY(o.name, str_of(name));
    submit(d, &o, text);
}
int disk_flush(struct disk *d) {
    collect(d);
    while (d->waiting_ops) {
        mailbox_wait(d->done, -1);
        collect(d);
    }
    return d->err;
}
int disk_status(struct disk *d, const char **why) {
    collect(d);
    *why = d->why;
    return d->err;
}
uint64_t disk_bytes(struct disk *d) {
    collect(d);
    return d->written;
}
int disk_fd(const struct disk *d) { return mailbox_fd(d->done); }
void disk_close(struct disk *d) {
    if (!d)
        return;
    struct op end = {.kind = OP_END};
    submit(d, &end, NULL);
    pthread_join(d->thread, NULL);
    for (unsigned i = 0; i < DISK_SLOTS; i++)
        close_slot(d, i);
    mailbox_close(d->ops);
    mailbox_close(d->done);
    close(d->dir);
    mem_free(d);
}
