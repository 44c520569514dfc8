/* child — one supervised somhub-pipe process: spawned with fd 3, JSON lines in on stdin, JSON lines out on
 * stdout, its stderr goes to our log as it is. Reports lines and the exit; restarts nothing (its owner
 * decides). Thread: control (the uv loop's). Ownership: child_open's caller owns the handle until the exit
 * callback, after which it is gone. Limits: a line is at most CHILD_LINE_MAX bytes, longer ones kill the
 * child; at most CHILD_INPUT_MAX bytes wait for a child that does not read (then it is killed: it hangs). */
#ifndef CHILD_H
#define CHILD_H
#include <stdbool.h>
#include "media/base/str.h"

enum { CHILD_LINE_MAX = 16384, CHILD_INPUT_MAX = 1 << 20 };

struct uv_loop_s;
struct child;
struct child_ops {
    void (*on_line)(void *arg, struct str line);
    void (*on_exit)(void *arg, int exit_status, int signal); /* last call; the handle is gone afterwards */
    void *arg;
};

/* argv[0] is the program's path. fd3 (or -1) becomes the child's descriptor 3; ours is closed in any case. */
int child_open(struct child **out, struct uv_loop_s *loop, const char *const argv[], int fd3,
               bool low_priority, struct child_ops ops);
void child_write(struct child *c, struct str line); /* appends the newline */
void child_kill(struct child *c, int signal);

#endif
