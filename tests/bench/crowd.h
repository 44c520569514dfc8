/* crowd — one publisher in a thread of its own and many viewers on the calling thread, against a running
 * server, with what a bench wants to know of them. At most CROWD_SEEING of them, evenly spread, decrypt all
 * they get and delays are theirs (who came first is served first, so it may not be those); the others only
 * begin to, as the machine has to serve them as well. Thread: the caller's, which must pump; joins are posted
 * from CROWD_POSTERS threads, as HTTP blocks. Limits: CROWD_MAX viewers. Errors end the program with a
 * sentence: a bench that limps measures nothing. */
#ifndef CROWD_H
#define CROWD_H
#include "tests/bench/camera.h"
#include <stdio.h>

enum {
    CROWD_MAX = 2000,
    CROWD_POSTERS = 4,
    CROWD_DELAY_MAX_US = 1000000,
    CROWD_TICKET_MAX = 1200,
    CROWD_SEEING = 100
};

struct crowd_cfg {
    uint16_t http_port;
    int pid; /* the server's */
    const char *room;
    unsigned video_bps;
};
struct crowd;
struct viewer {
    struct crowd *crowd;
    struct client *client;
    int64_t asked_us;           /* the offer was about to be sent */
    int64_t audio_us, video_us; /* the first packet of each, 0 not yet */
    char ticket[CROWD_TICKET_MAX];
};
struct crowd_sums {
    uint64_t expected, got, bytes;
    unsigned streams;
};

/* What the server's workers did since it began (its /metrics). */
struct crowd_work {
    double turns, rx_calls, tx_calls, tx_messages, tx_packets, rx_packets, allocs;
    double rx_lost, tx_dropped; /* the kernel had no room for them */
};

struct crowd *crowd_open(const struct crowd_cfg *cfg); /* one for a process; raises the limit of open files */
void crowd_close(struct crowd *c);
/* Starts the publisher and waits until it is connected. */
void crowd_publish(struct crowd *c, const char *ticket);
/* Viewers read their tickets from `in`, one a line, until there are n. */
void crowd_tickets(struct crowd *c, FILE *in, unsigned n);
/* Brings the crowd to n viewers, `every_us` apart, and pumps until all see and hear or `patience_us` is over.
 */
void crowd_join(struct crowd *c, unsigned n, int64_t every_us, int64_t patience_us);
/* Viewer i leaves and comes back at once, as another peer of the same person. */
void crowd_swap(struct crowd *c, unsigned i);
/* How many of those that were swapped left again, or are here now, without having seen and heard. */
unsigned crowd_blind(const struct crowd *c);
void crowd_pump(struct crowd *c, int64_t for_us);
/* Counts and delays begin anew; then pump, then read. */
void crowd_count_anew(struct crowd *c);
struct crowd_sums crowd_sums(const struct crowd *c);
int64_t crowd_delay_us(const struct crowd *c, double quantile); /* 0 < quantile < 1; -1: none measured */
const struct viewer *crowd_viewer(const struct crowd *c, unsigned i);
const struct camera *crowd_camera(const struct crowd *c); /* plain counters, read while it runs */

struct crowd_work crowd_work(const struct crowd *c);
/* Values of it, by name; 0 where there is none. */
void crowd_metrics(const struct crowd *c, const char *const *names, double *out, unsigned n);
int64_t crowd_cpu_us(int pid); /* of all threads the process has, so far */
int64_t crowd_rss_bytes(int pid);
/* Time the host gave to others while this machine wanted it, of all cores, so far: figures taken meanwhile
 * are too high. 0 where nobody counts it. */
int64_t crowd_stolen_us(void);
void crowd_die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
