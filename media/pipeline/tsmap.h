/* tsmap — RTP timestamps of a source to the one local timeline. The offset follows the least-delayed packets
 * of the last TSMAP_WINDOW_US (so it drifts with the sender's clock and ignores jitter), and where sender
 * reports came, it follows one such offset for all sources of a member, so that their lips and voice agree
 * (RFC 3550 6.4.1). Changes are slewed; jumps of the sender's timestamps are followed at once. Pure. Thread:
 * owner's. */
#ifndef TSMAP_H
#define TSMAP_H
#include <stdbool.h>
#include <stdint.h>

enum { TSMAP_BUCKETS = 8, TSMAP_BUCKET_US = 2000000, TSMAP_WINDOW_US = TSMAP_BUCKETS * TSMAP_BUCKET_US };

/* Least value of the last window. */
struct tsmap_min {
    int64_t v[TSMAP_BUCKETS];
    int64_t at_us; /* start of the newest bucket */
    unsigned newest;
    bool any;
};
/* One sender's clock: shared by its sources. */
struct tsmap_member {
    struct tsmap_min ntp;
};
struct tsmap {
    uint32_t hz;
    bool started, has_report;
    uint32_t ts; /* last, and unwrapped: */
    int64_t wide, first_us;
    int64_t offset_us; /* applied */
    int64_t slewed_us; /* RTP time of the last correction */
    int64_t late_us;   /* arrival since when everything is far too late; 0 = it is not */
    struct tsmap_min own;
    int64_t report_us; /* NTP time minus RTP time */
    uint64_t jumps;
};
void tsmap_init(struct tsmap *m, uint32_t hz);
/* Local time, in the clock of arrival_us, at which `ts` was captured. member may be NULL. */
int64_t tsmap_put(struct tsmap *m, struct tsmap_member *member, uint32_t ts, int64_t arrival_us);
void tsmap_report(struct tsmap *m, uint64_t ntp, uint32_t ts);
void tsmap_restart(struct tsmap *m); /* another SSRC */

#endif
