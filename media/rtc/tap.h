/* tap — hands every feed of a room to a somhub-pipe child, of a picture the largest layer that flows: frames
 * of media/base/frame.h over a SOCK_SEQPACKET socket that never blocks. A full socket drops, counts, and asks
 * for a key frame; the child asks for key frames by FRAME_KEYFRAME. Packets go as they come, late ones too:
 * the child puts them in order. Thread: the worker's. Ownership: takes the fd. Owner: plane. Limits:
 * TAP_READS_MAX messages read a turn. */
#ifndef TAP_H
#define TAP_H
#include "media/rtc/router.h"

enum { TAP_READS_MAX = 32 };

enum {
    TAP_HOLD_US = 5 * 1000 * 1000
}; /* a larger layer must have flowed so long: each change of size costs
      the recording a discontinuity */

struct tap {
    struct router_fan fan;
    struct router *room;
    uint64_t id;
    int fd;
    bool gone;      /* the child closed its end: the owner closes the tap */
    unsigned moves; /* of its room, when it looked at them last */
    struct list sinks;
};
struct tap *tap_open(struct router *r, uint64_t id, int fd, int64_t now_us);
void tap_close(struct tap *p);
/* The fd is readable (or hung up). Sets `gone` at its end. */
void tap_on_readable(struct tap *p, int64_t now_us);

#endif
