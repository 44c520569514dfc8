#include "server/app/uploads.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/jobs/filming.h"
#include "server/jobs/paging.h"

#define BIN "/usr/bin"
enum { QUEUE_MAX = 8, NICE = 10 };

/* There is one errand at most: make or find one, tell the room, note that it was told, and again. */
struct uploads {
    struct uploads_cfg cfg;
    struct hub *hub;
    struct pool *pool;
    struct pool_task task;
    int stop_fd;
    bool is_busy, is_wanted, was_returned; /* wanted: look again afterwards */
    struct upload one;                     /* of the errand */
    bool is_made, is_told, was_leased;
    _Atomic bool is_littered; /* files may be there that no event has */
};
struct worker {
    struct store *store;
    struct uploads *uploads;
};

/* ---- the thread ---- */

static void on_progress(void *arg, int64_t percent) {
    struct worker *w = arg;
    if (percent != w->uploads->one.percent)
        (void)upload_progress(w->store, &w->uploads->one, percent);
    w->uploads->one.percent = percent;
}

static int make_slides(struct worker *w, struct upload *d, enum upload_why *why) {
    const struct paging p = {w->uploads->cfg.data, BIN,         d, w->uploads->stop_fd,
                             PAGING_SILENCE_MS,    on_progress, w};
    return paging_make(&p, &d->pages, why);
}

static int make_video(struct worker *w, struct upload *d, enum upload_why *why) {
    const struct filming p = {w->uploads->cfg.data, BIN,         d, w->uploads->stop_fd,
                              FILMING_SILENCE_MS,   on_progress, w};
    return filming_make(&p, &d->length_ms, why);
}

/* True: it is there to be shown. */
static bool make(struct worker *w, struct upload *d) {
    enum upload_why why = UPLOAD_FINE;
    const char *data = w->uploads->cfg.data;
    int err = d->kind == UPLOAD_VIDEO ? make_video(w, d, &why) : make_slides(w, d, &why);
    if (err == -ERR_BUSY) /* the server stops: the next start takes it up */
        return false;
    if (err) {
        LOG_INFO("nothing made of upload=%s event=%s why=%s", d->id, d->event,
                 err == -ERR_INVALID ? upload_why_name(why) : err_wire(err));
        (void)upload_failed(w->store, d, err == -ERR_INVALID ? why : UPLOAD_SERVER);
        if (err != -ERR_INVALID)
            upload_remove_files(data, d);
        return false;
    }
    err = upload_ready(w->store, d);
    if (err == -ERR_MISSING) /* the event was deleted meanwhile */
        upload_remove_files(data, d);
    if (!err)
        LOG_INFO("made upload=%s event=%s pages=%lld length_ms=%lld", d->id, d->event, (long long)d->pages,
                 (long long)d->length_ms);
    return !err;
}

static void run(struct pool_task *t, void *ctx) {
    struct uploads *d = container_of(t, struct uploads, task);
    struct worker *w = ctx;
    if (!d->was_returned)
        d->was_returned = !upload_return(w->store, d->cfg.kind);
    if (atomic_exchange(&d->is_littered, false) && upload_sweep(w->store, d->cfg.data))
        LOG_WARN("files of forgotten events not looked for: the next start does");
    if (d->is_told)
        (void)upload_told(w->store, &d->one);
    d->is_told = d->is_made = false;
    d->was_leased = upload_lease(w->store, d->cfg.kind, &d->one) > 0; /* then there may be another */
    d->is_made = d->was_leased ? make(w, &d->one) : upload_untold(w->store, d->cfg.kind, &d->one) > 0;
    if (d->is_made)
        upload_spent(d->cfg.data, &d->one);
}

static void *worker_open(void *arg) {
    struct worker *w = mem_zalloc(sizeof *w);
    w->uploads = arg;
    if (!store_open(&w->store, w->uploads->cfg.db, false))
        return w;
    mem_free(w);
    return NULL;
}

static void worker_close(void *ctx) {
    struct worker *w = ctx;
    store_close(w->store);
    mem_free(w);
}

/* ---- control ---- */

static void look(struct uploads *d) {
    d->is_wanted = false;
    d->is_busy = !pool_put(d->pool, &d->task);
}

/* A room that refuses it (it has ended, or has as many as it may) has heard of it as well. */
static void on_told(void *ctx, int err, const char *text) {
    struct uploads *d = ctx;
    if (err)
        LOG_INFO("not in the room upload=%s event=%s text=\"%s\"", d->one.id, d->one.event, text);
    d->is_told = err != -ERR_IO && err != -ERR_BUSY;
    d->is_busy = false;
    if (d->is_told && d->hub)
        look(d);
}

static void done(struct pool_task *t) {
    struct uploads *d = container_of(t, struct uploads, task);
    if (d->is_made && d->hub) {
        bool video = d->cfg.kind == UPLOAD_VIDEO;
        struct command c = {.type = video ? CMD_CLIP : CMD_DECK,
                            .text = str_of(d->one.title),
                            .size = (uint64_t)(video ? d->one.length_ms : d->one.pages)};
        snprintf(c.name, sizeof c.name, "%s%s", video ? FILM_UPLOADED : "", d->one.id);
        hub_command(d->hub, d->one.event, &c, on_told, d);
        return;
    }
    d->is_busy = false;
    if ((d->is_wanted || d->was_leased) && d->hub)
        look(d);
}

void uploads_wake(struct uploads *d) {
    d->is_wanted = true;
    if (!d->is_busy)
        look(d);
}

void uploads_sweep(struct uploads *d) {
    atomic_store(&d->is_littered, true);
    uploads_wake(d);
}

void uploads_set_hub(struct uploads *d, struct hub *h) {
    if (d)
        d->hub = h;
}
struct pool *uploads_pool(struct uploads *d) {
    return d->pool;
}

int uploads_open(struct uploads **out, const struct uploads_cfg *cfg) {
    struct uploads *d = mem_zalloc(sizeof *d);
    d->cfg = *cfg;
    d->is_littered = true; /* by a server that died */
    d->task.run = run;
    d->task.done = done;
    d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct pool_cfg p = {1, QUEUE_MAX, NICE, {worker_open, worker_close, d}};
    if (d->stop_fd < 0 || pool_open(&d->pool, &p)) {
        if (d->stop_fd >= 0)
            close(d->stop_fd);
        mem_free(d);
        return -ERR_IO;
    }
    *out = d;
    return 0;
}

void uploads_close(struct uploads *d) {
    uint64_t one = 1;
    if (!d)
        return;
    d->hub = NULL;
    (void)!write(d->stop_fd, &one, sizeof one);
    pool_close(d->pool);
    close(d->stop_fd);
    mem_free(d);
}
