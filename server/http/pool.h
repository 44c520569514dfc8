/* pool — threads for synchronous work away from the control thread. There are two: the api threads (SQL,
 * files) and the door, where passwords are hashed: slow on purpose, so nobody else may have to queue behind
 * them. A task is handed over whole: while a thread has it, control does not touch it; then it comes back and
 * `done` runs on control. Thread: pool_put, pool_turn, pool_close on control. Limits: cfg.queue_max waiting
 * tasks; over it -ERR_BUSY. */
#ifndef POOL_H
#define POOL_H
#include <stdbool.h>
#include <stddef.h>

enum {
    POOL_THREADS = 4,
    POOL_QUEUE_MAX = 1024,
    /* A hash takes some 25 ms: whoever comes last waits two seconds, longer than that is refused. */
    DOOR_THREADS = 2,
    DOOR_QUEUE_MAX = 128,
    DOOR_NICE = 5,        /* guessing passwords takes no processor time from a class */
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

struct pool_cfg {
    unsigned threads;
    size_t queue_max;
    int nice; /* of the threads, see setpriority(2); 0 = as the process */
    struct pool_ctx_ops ops;
};

struct pool;
int pool_open(struct pool **out, const struct pool_cfg *cfg);
void pool_close(struct pool *p);                      /* finishes what waits, joins, runs the last `done`s */
int pool_put(struct pool *p, struct pool_task *task); /* 0 or -ERR_BUSY (the caller keeps the task) */
/* The same for what was begun or promised already and may not be refused for want of a place: it has its own,
 * of which there are POOL_OWED_MAX. */
int pool_put_owed(struct pool *p, struct pool_task *task);
int pool_fd(const struct pool *p); /* readable when pool_turn has work */
void pool_turn(struct pool *p);    /* runs the `done`s that wait */
size_t pool_waiting(const struct pool *p);

#endif
