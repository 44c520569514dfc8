#include "server/http/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mailbox.h"
#include "media/base/mem.h"

struct pool {
    pthread_mutex_t lock; /* guards head, tail, waiting, stop, ready, failed */
    pthread_cond_t work, started;
    struct pool_task *head, *tail;
    size_t waiting[2]; /* by pool_task.owed */
    bool stop, failed;
    unsigned threads, ready;
    pthread_t *tids;
    struct pool_cfg cfg;
    struct mailbox *done; /* struct pool_task * */
};

static struct pool_task *next_task(struct pool *p) {
    pthread_mutex_lock(&p->lock);
    while (!p->head && !p->stop)
        pthread_cond_wait(&p->work, &p->lock);
    struct pool_task *t = p->head;
    if (t) {
        p->head = t->next;
        if (!p->head)
            p->tail = NULL;
        p->waiting[t->owed]--;
    }
    pthread_mutex_unlock(&p->lock);
    return t;
}

static void *thread_main(void *arg) {
    struct pool *p = arg;
    if (p->cfg.nice)
        setpriority(PRIO_PROCESS, 0, p->cfg.nice); /* Linux: of this thread alone */
    void *ctx = p->cfg.ops.open(p->cfg.ops.arg);
    pthread_mutex_lock(&p->lock);
    p->ready++;
    if (!ctx)
        p->failed = true;
    pthread_cond_signal(&p->started);
    pthread_mutex_unlock(&p->lock);
    if (!ctx)
        return NULL;
    for (struct pool_task *t; (t = next_task(p)) != NULL;) {
        t->run(t, ctx);
        /* The mailbox holds more than can ever be out, so this cannot fail. */
        mailbox_put(p->done, &t);
    }
    p->cfg.ops.close(ctx);
    return NULL;
}

int pool_open(struct pool **out, const struct pool_cfg *cfg) {
    struct pool *p = mem_zalloc(sizeof *p);
    int rc = mailbox_open(&p->done, sizeof(struct pool_task *), 2 * (cfg->queue_max + POOL_OWED_MAX));
    if (rc) {
        mem_free(p);
        return rc;
    }
    p->cfg = *cfg;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    pthread_cond_init(&p->started, NULL);
    p->tids = mem_zalloc(cfg->threads * sizeof *p->tids);
    for (unsigned i = 0; i < cfg->threads; i++)
        if (!pthread_create(&p->tids[p->threads], NULL, thread_main, p))
            p->threads++;
    pthread_mutex_lock(&p->lock);
    while (p->ready < p->threads)
        pthread_cond_wait(&p->started, &p->lock);
    bool failed = p->failed || !p->threads;
    pthread_mutex_unlock(&p->lock);
    if (failed) {
        pool_close(p);
        return -ERR_IO;
    }
    *out = p;
    return 0;
}

void pool_close(struct pool *p) {
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads; i++)
        pthread_join(p->tids[i], NULL);
    pool_turn(p);
    mailbox_close(p->done);
    pthread_cond_destroy(&p->work);
    pthread_cond_destroy(&p->started);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->tids);
    mem_free(p);
}

static int put(struct pool *p, struct pool_task *task, bool owed, size_t max) {
    pthread_mutex_lock(&p->lock);
    bool full = p->waiting[owed] >= max || p->stop;
    if (!full) {
        task->next = NULL;
        task->owed = owed;
        if (p->tail)
            p->tail->next = task;
        else
            p->head = task;
        p->tail = task;
        p->waiting[owed]++;
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->lock);
    return full ? -ERR_BUSY : 0;
}

int pool_put(struct pool *p, struct pool_task *task) { return put(p, task, false, p->cfg.queue_max); }
int pool_put_owed(struct pool *p, struct pool_task *task) { return put(p, task, true, POOL_OWED_MAX); }

int pool_fd(const struct pool *p) { return mailbox_fd(p->done); }

void pool_turn(struct pool *p) {
    struct pool_task *batch[64];
    for (size_t n; (n = mailbox_get(p->done, batch, 64)) > 0;)
        for (size_t i = 0; i < n; i++)
            batch[i]->done(batch[i]);
}

size_t pool_waiting(const struct pool *p) {
    struct pool *q = (struct pool *)p;
    pthread_mutex_lock(&q->lock);
    size_t n = p->waiting[false] + p->waiting[true];
    pthread_mutex_unlock(&q->lock);
    return n;
}
