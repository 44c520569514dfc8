/* pool — the api threads: synchronous work (SQL, passwords, files) away from the control thread. A task is
 * handed over whole: while a thread has it, control does not touch it; then it comes back and `done` runs on
 * control. Thread: pool_put, pool_turn, pool_close on control. Limits: POOL_QUEUE_MAX waiting tasks; over it
 * -ERR_BUSY. */
#ifndef POOL_H
#define POOL_H
#include <stdbool.h>
#include <stddef.h>

enum {
    POOL_THREADS = 4,
    POOL_QUEUE_MAX = 1024,
    POOL_OWED_MAX = 16384 /* more than there can be connections that are sent a file, and rooms */
};

struct pool_task {
    void (*run)(struct pool_task *task, void *ctx); /* api thread; ctx is that thread's own */
    void (*done)(struct pool_task *task);           /* control thread; frees the task */
    struct pool_task *next;
    bool owed; /* the pool's */
};
struct pool_ctx_ops {
    void *(*open)(void *arg); /* on the thread that will use it; NULL = could not (pool_open fails) */
    void (*close)(void *ctx);
    void *arg;
};

struct pool;
int pool_open(struct pool **out, unsigned threads, struct pool_ctx_ops ops);
void pool_close(struct pool *p);                      /* finishes what waits, joins, runs the last `done`s */
int pool_put(struct pool *p, struct pool_task *task); /* 0 or -ERR_BUSY (the caller keeps the task) */
/* The same for what was begun or promised already and may not be refused for want of a place: it has its own,
 * of which there are POOL_OWED_MAX. */
int pool_put_owed(struct pool *p, struct pool_task *task);
int pool_fd(const struct pool *p); /* readable when pool_turn has work */
void pool_turn(struct pool *p);    /* runs the `done`s that wait */
size_t pool_waiting(const struct pool *p);

#endif
