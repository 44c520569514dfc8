/* jobs — the thread that does what may wait: leases a job, runs somhub-pipe for it at low priority, keeps its
 * progress in the row, publishes the result, tries again with growing pauses. Also sweeps what is over
 * (sign-ins). Thread: open, wake and close from control; the rest is the module's own thread with its own
 * store connection. Limits: one child at a time; a child silent for JOBS_SILENCE_MS is killed. */
#ifndef JOBS_H
#define JOBS_H
#include "media/base/str.h"

enum { JOBS_SILENCE_MS = 10 * 60 * 1000, JOBS_STOP_MS = 2000, JOBS_SWEEP_MS = 3600 * 1000 };

struct jobs_cfg {
    const char *db_path, *data_dir, *pipe_path; /* copied */
};
struct jobs;

/* Jobs a crash left running wait again. -ERR_IO. */
int jobs_open(struct jobs **out, const struct jobs_cfg *cfg);
void jobs_wake(struct jobs *j); /* there may be work */
/* The running child is stopped; its job starts anew next time. */
void jobs_close(struct jobs *j);

#endif
