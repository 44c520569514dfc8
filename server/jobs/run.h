/* run — one short-lived child process with a stdout of JSON lines, at idle priority, that dies with its
 * parent. Blocks the calling thread until the child is gone. No shell, no inherited descriptors but stdio.
 * Limits: a line longer than RUN_LINE_MAX is passed over. */
#ifndef RUN_H
#define RUN_H
#include "media/base/str.h"

enum {
    RUN_ARGS_MAX = 96,
    RUN_TEXT_MAX = 256,
    RUN_LINE_MAX = 4096,
    RUN_NO_PROGRAM = 127 /* its exit status */
};

struct box;
struct run {
    const char *argv[RUN_ARGS_MAX]; /* argv[0]: the program's path; NULL-terminated */
    int stop_fd;                    /* readable: stop the child */
    bool idle;                      /* nice 19, idle disk */
    bool with_stderr;               /* its complaints are lines, too */
    const struct box *box;          /* what it may do; NULL: all that we may */
    int silence_ms, stop_ms;        /* without a line: killed; between SIGTERM and SIGKILL */
    void (*line)(void *arg, struct str line);
    void *arg;
    const bool *enough; /* NULL, or set by `line`: the child is ended as one that fell silent */
    int *status;        /* NULL, or: as of waitpid, -1 when it was ended for its silence */
};

/* 0 when it exited with 0; -ERR_BUSY when stopped by stop_fd; else -ERR_IO with `why`, a sentence. */
int run_child(const struct run *r, char why[RUN_TEXT_MAX]);

#endif
