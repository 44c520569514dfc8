/* leg — the sending end of one peer: where to, under which keys. Packets are written in place into the
 * worker's send queue, protected there, and go with its next batch. Thread: the worker's. Owner: its peer. */
#ifndef LEG_H
#define LEG_H
#include "media/rtc/env.h"
#include "media/rtc/red.h"
#include "media/rtc/secure.h"

enum { LEG_RTCP_MAX = 1200 };

struct steer;

struct leg {
    struct env *env;
    struct secure *secure; /* NULL until DTLS is done */
    struct addr_path path; /* valid when `up` */
    bool up;               /* a path is nominated and keys are there */
    bool saves;            /* its viewer counts every byte: sound goes once */
    uint64_t tx_bytes;
    struct pcapng *capture;  /* NULL: nobody looks */
    struct steer *steer;     /* borrowed: the viewing peer's; NULL of one that publishes */
    struct env_timer *timer; /* borrowed: its peer's */
    struct red_need red;     /* by the losses its viewer reports, of any stream: they share the path */
};

/* Where to write the next packet (SENDQ_BYTES long, keep SECURE_TRAILER_MAX free); NULL while the leg is not
 * up. */
static inline uint8_t *leg_next(struct leg *l) { return l->up ? sendq_next(l->env->out) : NULL; }
/* Protects and queues the RTP packet of n bytes written to leg_next. False when it could not be protected. */
bool leg_rtp(struct leg *l, uint8_t *pkt, size_t n, void *owner);
bool leg_rtcp(struct leg *l, uint8_t *pkt, size_t n);
/* Keeps a packet as it is without protection; leg_see: if anybody looks. */
void leg_keep(struct leg *l, bool is_out, struct bytes pkt);
static inline void leg_see(struct leg *l, bool is_out, struct bytes pkt) {
    if (l->capture)
        leg_keep(l, is_out, pkt);
}

#endif
