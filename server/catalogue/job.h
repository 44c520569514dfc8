/* job — work that may wait (closing a torn recording, the MP4, the poster), as rows: a queue that survives
 * the server. Who runs it: server/jobs. Thread: the connection's. */
#ifndef JOB_H
#define JOB_H
#include "server/store/store.h"

enum job_kind { JOB_FINISH, JOB_POSTER, JOB_MP4, JOB_KIND_COUNT };
enum job_state { JOB_WAITING, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_STATE_COUNT };
enum {
    JOB_TRIES_MAX = 4,
    JOB_RETRY_FIRST_MS = 15 * 1000, /* then four times as long each */
    JOB_TEXT_MAX = 200,
    JOB_LIST_MAX = 8
};

struct job {
    int64_t id;
    char event[33];
    enum job_kind kind;
    enum job_state state;
    int64_t percent, attempts, run_at;
    char text[JOB_TEXT_MAX + 1]; /* why it failed last */
};

const char *job_kind_name(enum job_kind k);
const char *job_state_name(enum job_state st);
int job_kind_of(struct str name);

/* A kind of job is there once an event: asking again runs it again. -ERR_CONFLICT while it waits or runs. */
int job_put(struct store *s, const char *event, enum job_kind kind, int64_t now_ms);
int job_list(struct store *s, const char *event, struct job out[JOB_LIST_MAX]); /* the number, or -ERR_x */
/* Takes the next that is due: 1, or 0 when none is; -ERR_x. */
int job_lease(struct store *s, int64_t now_ms, struct job *out);
int64_t job_next_ms(struct store *s); /* when the next is due; INT64_MAX when none waits */
int job_progress(struct store *s, int64_t id, int64_t percent);
int job_done(struct store *s, int64_t id);
/* Failed once: waits for its next try, or is given up after JOB_TRIES_MAX. *final tells which. */
int job_failed(struct store *s, const struct job *j, struct str why, int64_t now_ms, bool *final);
/* What a crash left running waits again. */
int job_return(struct store *s, int64_t now_ms);
int64_t job_retry_ms(int64_t attempts); /* pure: the pause after so many tries */

#endif
