/* worker — the thread around one plane: its UDP socket, its TCP listener of the same number, its mailbox of
 * commands, relayed packets, taps' fds and deadlines in one epoll loop, one `now` a turn. Thread:
 * worker_open, worker_close, worker_put and worker_stats are control's (stats: any); the rest runs inside.
 * Ownership: worker owns its socket, plane and mailboxes. Limits: WORKER_BOX commands wait (then -ERR_FULL:
 * control keeps the command and is woken when there is room); WORKER_PENDING_MAX events wait for a slow
 * control, past that they are dropped and counted as log lines. */
#ifndef WORKER_H
#define WORKER_H
#include "media/rtc/cmd.h"

enum { WORKER_BOX = 4096, WORKER_PENDING_MAX = 65536 };

struct worker;
struct worker_event {
    bool wake; /* no event: a full command mailbox has room again */
    struct media_event e;
};
struct worker_cfg {
    unsigned index;
    struct addr bind;
    bool tcp;               /* listen there for ICE-TCP too */
    struct mailbox *events; /* borrowed: struct worker_event, shared by all workers */
    struct mailbox *const
        *relay; /* borrowed: relay mailboxes of all workers, [index] is ours; NULL: one worker */
    int64_t ntp_minus_mono_us;
};
int worker_open(struct worker **out, const struct worker_cfg *c); /* udp_open's and tcp_open's errors */
int worker_start(struct worker *w);                               /* -ERR_IO */
/* Peers get their goodbyes, the thread ends. NULL is fine. */
void worker_close(struct worker *w);
uint16_t worker_port(const struct worker *w);
/* 0: the worker has it and owns c->p. -ERR_FULL: nothing kept; a wake event will follow. */
int worker_put(struct worker *w, const struct cmd *c);
void worker_stats(struct worker *w, struct media_stats *sum); /* adds */
struct meter;
void worker_meter(struct worker *w, struct meter *out); /* as of a moment ago */
/* Processor time for packets in thousandths of a core, and how many looks at it were taken. */
void worker_busy(struct worker *w, unsigned *busy_pm, uint32_t *looks);

#endif
