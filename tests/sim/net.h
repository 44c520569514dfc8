/* net — one direction of a network in virtual time: delay, jitter, loss (single or in bursts), reordering,
 * repeats, a bottleneck with a queue. The same seed gives the same fate to the same packets. It hides the
 * fates and the queue. Limits: NET_FLYING packets under way, NET_BYTES each; what is over a limit is dropped
 * and counted. */
#ifndef NET_H
#define NET_H
#include "media/base/str.h"

enum { NET_FLYING = 8192, NET_BYTES = 1600, NET_PPM = 1000000 };

struct net_cfg {
    int64_t delay_us, jitter_us; /* each packet takes delay + [0, jitter), and does not overtake by that */
    unsigned loss_ppm;           /* chance that a loss begins at a packet */
    unsigned burst;              /* how many packets one loss takes; 0 is 1 */
    unsigned reorder_ppm;        /* chance to be held back by reorder_us, so that others overtake */
    int64_t reorder_us;
    unsigned repeat_ppm;   /* chance to arrive twice */
    uint64_t rate_bps;     /* bottleneck; 0 = none */
    unsigned queue_bytes;  /* before the bottleneck; what does not fit is dropped */
    unsigned bucket_bytes; /* it lets through at once after a pause, as shapers do (tc-tbf: burst) */
};
struct net_packet {
    int64_t sent_us, at_us;
    uint64_t tag; /* the caller's: who sent it, to whom */
    uint64_t order;
    size_t n;
    uint8_t data[NET_BYTES];
};
struct net_stats {
    uint64_t sent, delivered, lost, dropped; /* lost by chance, dropped by the queue or a limit */
};
struct net;

struct net *net_open(const struct net_cfg *cfg, uint64_t seed);
void net_close(struct net *n);
void net_set(struct net *n, const struct net_cfg *cfg); /* from the next packet on */
void net_send(struct net *n, uint64_t tag, const void *data, size_t bytes, int64_t now_us);
int64_t net_next_us(const struct net *n); /* next arrival; INT64_MAX when nothing is under way */
bool net_recv(struct net *n, int64_t now_us, struct net_packet *out);
struct net_stats net_stats(const struct net *n);

#endif
