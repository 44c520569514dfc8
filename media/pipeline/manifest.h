/* manifest — what a finished recording is, read from its directory alone: takes, renditions, runs, sizes;
 * written as manifest.json by rename. Thread: owner's. Blocking. Limits: MANIFEST_RUNS_MAX runs a rendition
 * are told apart. */
#ifndef MANIFEST_H
#define MANIFEST_H
#include "media/pipeline/master.h"
#include "media/pipeline/recover.h"
#include "media/pipeline/takes.h"

enum { MANIFEST_RUNS_MAX = 16384 };

struct manifest_run {      /* a stretch of a rendition with one init segment */
    int64_t at_us, end_us; /* media time */
    uint16_t width, height;
    bool slate;
};
struct manifest_side {
    bool present, sizes_changed, ended;
    uint32_t segments;
    uint64_t bytes, peak_bps;
    int64_t at_us, end_us;
    struct manifest_run *runs;
    size_t runs_n;
};
struct manifest_tongue {
    uint64_t bytes; /* of its own segments */
    bool ended;
};
struct manifest {
    struct takes takes;
    struct manifest_side sides[RENDITION_COUNT];
    struct manifest_tongue tongues[TONGUES_MAX]; /* of master.langs */
    struct master master;
};
int manifest_read(struct manifest *m, const char *dir); /* -ERR_MISSING: nothing was recorded */
void manifest_fini(struct manifest *m);
int64_t manifest_duration_ms(const struct manifest *m);
int manifest_write(const struct manifest *m, const char *dir);

/* Ends the recording: ENDLIST where it lacks, index.m3u8, manifest.json. Idempotent. */
int manifest_finish(const char *dir, int64_t *duration_ms);

#endif
