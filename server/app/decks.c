#include "server/app/decks.h"

#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/jobs/paging.h"

#define POPPLER_BIN "/usr/bin"
enum { QUEUE_MAX = 8, NICE = 10 };

/* There is one errand at most: make or find a deck, tell the room, note that it was told, and again. */
struct decks {
    struct decks_cfg cfg;
    struct hub *hub;
    struct pool *pool;
    struct pool_task task;
    int stop_fd;
    bool is_busy, is_wanted, was_returned; /* wanted: look again afterwards */
    struct deck_row deck;                  /* of the errand */
    bool is_made, is_told, was_leased;
    _Atomic bool is_littered; /* files may be there that no event has */
};
struct worker {
    struct store *store;
    struct decks *decks;
};

/* ---- the thread ---- */

static void on_progress(void *arg, int64_t percent) {
    struct worker *w = arg;
    if (percent != w->decks->deck.percent)
        (void)deck_progress(w->store, &w->decks->deck, percent);
    w->decks->deck.percent = percent;
}

/* True: its pages are there. */
static bool make(struct worker *w, struct deck_row *deck) {
    enum deck_why why;
    int64_t pages;
    const struct paging p = {w->decks->cfg.data, POPPLER_BIN, deck, w->decks->stop_fd,
                             PAGING_SILENCE_MS,  on_progress, w};
    int err = paging_make(&p, &pages, &why);
    if (err == -ERR_BUSY) /* the server stops: the next start takes it up */
        return false;
    deck->pages = pages;
    if (err) {
        LOG_INFO("no pages deck=%s event=%s why=%s", deck->id, deck->event, err_wire(err));
        (void)deck_failed(w->store, deck, err == -ERR_INVALID ? why : DECK_SERVER);
        if (err != -ERR_INVALID)
            deck_remove_files(w->decks->cfg.data, deck->event, deck->id);
        return false;
    }
    err = deck_ready(w->store, deck, pages);
    if (err == -ERR_MISSING) /* the event was deleted meanwhile */
        deck_remove_files(w->decks->cfg.data, deck->event, deck->id);
    if (!err)
        LOG_INFO("pages made deck=%s event=%s pages=%lld", deck->id, deck->event, (long long)pages);
    return !err;
}

static void run(struct pool_task *t, void *ctx) {
    struct decks *d = container_of(t, struct decks, task);
    struct worker *w = ctx;
    if (!d->was_returned)
        d->was_returned = !deck_return(w->store);
    if (atomic_exchange(&d->is_littered, false) && deck_sweep(w->store, d->cfg.data))
        LOG_WARN("files of forgotten slides not looked for: the next start does");
    if (d->is_told)
        (void)deck_told(w->store, &d->deck);
    d->is_told = d->is_made = false;
    d->was_leased = deck_lease(w->store, &d->deck) > 0; /* then there may be another */
    d->is_made = d->was_leased ? make(w, &d->deck) : deck_untold(w->store, &d->deck) > 0;
}

static void *worker_open(void *arg) {
    struct worker *w = mem_zalloc(sizeof *w);
    w->decks = arg;
    if (!store_open(&w->store, w->decks->cfg.db, false))
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

static void look(struct decks *d) {
    d->is_wanted = false;
    d->is_busy = !pool_put(d->pool, &d->task);
}

/* A room that refuses it (it has ended, or has as many as it may) has heard of it as well. */
static void on_told(void *ctx, int err, const char *text) {
    struct decks *d = ctx;
    if (err)
        LOG_INFO("slides not in the room deck=%s event=%s text=\"%s\"", d->deck.id, d->deck.event, text);
    d->is_told = err != -ERR_IO && err != -ERR_BUSY;
    d->is_busy = false;
    if (d->is_told && d->hub)
        look(d);
}

static void done(struct pool_task *t) {
    struct decks *d = container_of(t, struct decks, task);
    if (d->is_made && d->hub) {
        struct command c = {.type = CMD_DECK, .text = str_of(d->deck.title), .size = (uint64_t)d->deck.pages};
        (void)STR_COPY(c.name, str_of(d->deck.id));
        hub_command(d->hub, d->deck.event, &c, on_told, d);
        return;
    }
    d->is_busy = false;
    if ((d->is_wanted || d->was_leased) && d->hub)
        look(d);
}

void decks_wake(struct decks *d) {
    d->is_wanted = true;
    if (!d->is_busy)
        look(d);
}

void decks_sweep(struct decks *d) {
    atomic_store(&d->is_littered, true);
    decks_wake(d);
}

void decks_set_hub(struct decks *d, struct hub *h) {
    if (d)
        d->hub = h;
}
struct pool *decks_pool(struct decks *d) {
    return d->pool;
}

int decks_open(struct decks **out, const struct decks_cfg *cfg) {
    struct decks *d = mem_zalloc(sizeof *d);
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

void decks_close(struct decks *d) {
    uint64_t one = 1;
    if (!d)
        return;
    d->hub = NULL;
    (void)!write(d->stop_fd, &one, sizeof one);
    pool_close(d->pool);
    close(d->stop_fd);
    mem_free(d);
}
