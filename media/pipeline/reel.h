/* reel — a rendition read back from disk, sample by sample, across segments, runs and takes. Segments that
 * cannot be read are skipped. Thread: owner's. Ownership: heap, reel_close; samples are views that hold until
 * the next call. */
#ifndef REEL_H
#define REEL_H
#include "media/pipeline/box.h"
#include "media/pipeline/recover.h"

struct reel;
struct reel_sample {
    uint64_t at; /* ticks of media time */
    uint32_t dur;
    bool sync;
    bool new_run; /* the first of another run: reel_track has changed */
    struct bytes data;
};
int reel_open(struct reel **out, const char *dir, enum rendition which); /* -ERR_MISSING: no such rendition */
int reel_open_tongue(struct reel **out, const char *dir, const char *lang); /* a channel of interpreters */
void reel_close(struct reel *r);
bool reel_next(struct reel *r, struct reel_sample *out);
/* The run of the last sample given: its init segment. NULL before the first. */
const struct fmp4_track *reel_track(const struct reel *r);
uint32_t reel_timescale(const struct reel *r);

#endif
