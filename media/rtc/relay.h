/* relay — a room's tracks, all layers, carried to another worker, where mirrors of them feed that worker's
 * views. The sending end is a sink of each track; packets are copied into the other worker's relay mailbox,
 * levels and clocks travel with them; requests for key frames and which layers are followed come back the
 * same way. Thread: each worker's own; the mailbox is the crossing. Limits: RELAY_BOX messages wait; past
 * that packets are dropped, counted, and a key frame is asked for. Every packet says all about its track, so
 * a lost message costs nothing that the next packet does not mend. */
#ifndef RELAY_H
#define RELAY_H
#include "media/base/mailbox.h"
#include "media/rtc/router.h"

enum { RELAY_BOX = 2048, RELAY_BATCH = 32 };
enum relay_kind {
    RELAY_PACKET,
    RELAY_SR,
    RELAY_OFF,
    RELAY_GONE,
    RELAY_HELLO,    /* a layer there is, though it may sleep; wish: what the publisher was told to send */
    RELAY_KEYFRAME, /* back: */
    RELAY_WISH,     /* which layers of the feed the mirror's views follow */
};

struct relay_msg {
    uint8_t kind, source, codec, pt;
    bool marker;
    uint8_t layer, layers, sid, wish,
        worker; /* sid: of RELAY_HELLO; wish: bits of layers; worker: who wishes */
    struct track_level level;
    uint16_t n, height;
    uint8_t dd_n;                     /* bytes of the dependency descriptor behind the payload */
    uint32_t track, feed, ts, ts_now; /* ts_now: of RELAY_SR */
    uint64_t room, seq, ntp;
    int64_t at_us;
    char member[MEDIA_MEMBER_ID_MAX + 1];
    uint8_t payload[RTP_PACKET_MAX];
};

struct relay { /* sending end: one room to one other worker */
    struct router_fan fan;
    struct router *room;
    unsigned worker;
    struct mailbox *to; /* borrowed: that worker's */
    struct list sinks;
};
struct relay *relay_open(struct router *r, unsigned worker, int64_t now_us);
void relay_close(struct relay *y);
/* Receiving end: one message for this room. A mirror is made when its first packet comes. */
void relay_apply(struct router *r, const struct relay_msg *m, int64_t now_us);

#endif
