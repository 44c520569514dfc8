/* box — reads what fmp4 wrote: init segments, and parts of a segment file whose tail may be torn. Total over
 * any bytes, pure, no allocation; results are views into the input. Thread: any. */
#ifndef BOX_H
#define BOX_H
#include "media/base/rd.h"
#include "media/pipeline/fmp4.h"

/* Reads an init segment. -ERR_SHORT, -ERR_INVALID, -ERR_UNSUPPORTED (another codec). */
int box_init(struct fmp4_track *out, struct bytes file);

struct box_part {
    uint64_t tfdt, dur; /* ticks: start, sum of the samples' durations */
    size_t at, end;     /* place of the moof in the file, and of the first byte after its mdat */
    size_t data;        /* place of the first sample's bytes */
    size_t last_dur;    /* place of the last sample's 32-bit duration, for recovery to stretch */
    uint32_t n, flags;  /* samples; trun flags */
    struct rd samples;  /* cursor for box_sample */
};
/* The next whole part at or after *off (which moves past it). -ERR_MISSING at a clean end, -ERR_SHORT when
 * the tail is torn, -ERR_INVALID when it is something else; *off then stays at the end of the last whole
 * part. */
int box_part(struct box_part *out, struct bytes file, size_t *off);
bool box_sample(struct box_part *p, struct fmp4_sample *out);

#endif
