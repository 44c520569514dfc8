/* frag — one rendition on its way to disk: samples gather into parts, parts into segments, segments into runs
 * that share an init segment; each finished segment is listed in the rendition's playlist. No clock. Thread:
 * owner's. Ownership: embedded value; the disk is borrowed and outlives it. Limits: FRAG_PART_BYTES and
 * FRAG_PART_SAMPLES a part: past either, the part is closed early. */
#ifndef FRAG_H
#define FRAG_H
#include "media/pipeline/disk.h"
#include "media/pipeline/fmp4.h"
#include "media/pipeline/playlist.h"

enum { FRAG_PART_BYTES = 32 << 20, FRAG_PART_SAMPLES = 512, FRAG_SYNC_US = 1000000 };

struct frag_cfg {
    struct disk *disk; /* borrowed */
    unsigned slot;
    const char *list; /* playlist's file name; static. NULL: the owner lists */
    struct buf *also; /* what is listed is appended here, too; may be NULL */
    char letter;
    uint32_t take, first_run; /* runs of this take are numbered from first_run */
    uint32_t timescale;
    unsigned target_s;
    int64_t part_us; /* a part is closed when it would grow past this */
    int64_t wall_ms; /* Unix time at media time 0, as this take sees it */
    bool listed;     /* the playlist exists and has segments */
};
struct frag {
    struct frag_cfg cfg;
    struct playlist_name name; /* of the open segment; n = 0: none in this run yet */
    enum fmp4_kind kind;
    bool in_run, new_run;              /* new_run: the run's first segment is not listed yet */
    uint64_t run_at;                   /* ticks */
    uint64_t segment_at, part_at, end; /* end: of the last sample */
    uint64_t synced_at, end_listed;
    bool segment_open;
    uint32_t seq;
    struct fmp4_sample samples[FRAG_PART_SAMPLES];
    size_t count;
    struct buf data;
};
void frag_init(struct frag *f, const struct frag_cfg *cfg);
void frag_fini(struct frag *f);
/* A run begins at tick `at` (>= the end of what was put): the open segment is closed, the init segment
 * written. */
void frag_run(struct frag *f, uint64_t at, const struct fmp4_track *t);
/* Go on in a run that exists already (recovery): the next segment is name->n + 1 and begins at tick `at`. */
void frag_resume(struct frag *f, const struct playlist_name *name, enum fmp4_kind kind, uint64_t at);
/* Samples follow each other without a gap from the run's start on. */
void frag_sample(struct frag *f, uint32_t dur, bool sync, struct bytes data);
void frag_cut(struct frag *f); /* close the open segment and list it */
static inline uint64_t frag_segment_dur(const struct frag *f) {
    return f->segment_open ? f->end - f->segment_at : 0;
}

#endif
