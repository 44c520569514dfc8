/* child — one supervised process: spawned with descriptors from 3 on, JSON lines (or plain bytes) in on
 * stdin, lines out on stdout, its stderr goes to our log as it is. Reports lines and the exit; restarts
 * nothing (its owner decides). It leads a session of its own: signals of our terminal do not reach it, and
 * child_kill's reach what it has started, too. Thread: control (the uv loop's). Ownership: child_open's
 * caller owns the handle until the exit callback, after which it is gone. Limits: a line is at most
 * CHILD_LINE_MAX bytes, longer ones kill the child; at most CHILD_INPUT_MAX bytes wait for a child that does
 * not read its lines (then it is killed: it hangs), CHILD_FEED_MAX for one that does not read plain bytes
 * (then they are left out). */
#ifndef CHILD_H
#define CHILD_H
#include <stdbool.h>
#include "media/base/str.h"

enum {
    CHILD_LINE_MAX = 16384,
    CHILD_INPUT_MAX = 1 << 20,
    CHILD_FEED_MAX = 64000,
    CHILD_END_MS = 2000 /* for what waits, once its input ends: then it is thrown away */
};

struct uv_loop_s;
struct child;
struct child_ops {
    void (*on_line)(void *arg, struct str line);
    void (*on_exit)(void *arg, int exit_status, int signal); /* last call; the handle is gone afterwards */
    void *arg;
};

struct child_cfg {
    const char *const *argv; /* [0] is the program's path, or a name to be found in PATH */
    const char *const *env;  /* NULL = as ours */
    int fd3, fd4;            /* the child's; -1 = none; ours are closed in any case */
    bool low_priority;
};
int child_open(struct child **out, struct uv_loop_s *loop, const struct child_cfg *cfg, struct child_ops ops);
void child_write(struct child *c, struct str line); /* appends the newline */
bool child_feed(struct child *c, struct bytes b);   /* false: left out */
/* Its stdin ends, once it has read what waits, or CHILD_END_MS later. Nothing is taken after it. */
void child_end(struct child *c);
void child_kill(struct child *c, int signal);

#endif
