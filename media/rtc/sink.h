/* sink — everything that receives a track: a slot of a view, a tap, a relay to another worker. The forwarding
 * path calls these and knows nothing more. Interface only. Thread: the worker's. A sink is embedded in its
 * owner; it is attached to one track at a time (track_attach, track_detach). */
#ifndef SINK_H
#define SINK_H
#include "media/base/list.h"
#include "media/rtc/history.h"

struct sink;
struct track;
/* How many sinks ahead their memory is fetched. */
enum { SINK_WARM = 5 };
struct sink_ops {
    /* Its turn comes SINK_WARM - step sinks later: name (__builtin_prefetch) what it will touch; what was
     * named in the step before can be read by now. May be NULL. */
    void (*warm)(const struct sink *s, unsigned step);
    /* A new packet of the track, in order or late; it lies in the track's history. */
    void (*on_packet)(struct sink *s, const struct history_pkt *p, int64_t now_us);
    /* A sender report of the source: its NTP time and RTP timestamp. May be NULL. */
    void (*on_sr)(struct sink *s, uint64_t ntp, uint32_t ts, int64_t now_us);
    /* The track fell silent for long or was blocked; more may come. May be NULL. */
    void (*on_off)(struct sink *s, int64_t now_us);
    /* The track ended: the sink is detached already. */
    void (*on_gone)(struct sink *s, const struct track *t, int64_t now_us);
};
struct sink {
    struct list in_track;
    struct track *track; /* NULL when not attached */
    bool ahead; /* set within on_packet: it took all the history there is, packets that wait included */
    const struct sink_ops *ops;
};

#endif
