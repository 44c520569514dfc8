/* reorder — RTP packets of one source back into sequence: in-order packets pass without a copy; packets after
 * a gap are held while the gap may still be filled by a retransmission, then the gap is declared lost. Pure
 * but for held copies. Thread: owner's. Limits: REORDER_SPAN numbers ahead are held. */
#ifndef REORDER_H
#define REORDER_H
#include "media/base/str.h"

enum { REORDER_SPAN = 1024, REORDER_PACKET_MAX = 1600 };

struct reorder_packet {
    uint32_t ts;
    uint16_t seq;
    bool marker, lost_before; /* lost_before: at least one packet is missing in front of this one */
    int64_t arrival_us;
    struct bytes payload;
};
struct reorder_held;
struct reorder {
    struct reorder_held *held[REORDER_SPAN], *out; /* out: the one whose payload the caller is looking at */
    size_t count;
    bool started, lost;
    uint64_t next; /* unwrapped */
    int64_t gap_us, wait_us;
    uint64_t lost_packets, late_packets;
};
void reorder_init(struct reorder *r, int64_t wait_us);
void reorder_fini(struct reorder *r);
void reorder_restart(struct reorder *r); /* another SSRC: numbers begin anew */
/* True: *p is next in order, deliver it now (then reorder_next for what it released). False: held, late or
 * double. */
bool reorder_put(struct reorder *r, struct reorder_packet *p);
/* The next held packet that is in order or whose gap is overdue at now_us. Its payload holds until the next
 * call. */
bool reorder_next(struct reorder *r, int64_t now_us, struct reorder_packet *out);
/* When a gap runs out; INT64_MAX if none is open. */
int64_t reorder_due_us(const struct reorder *r);

#endif
