/* takes — takes.jsonl, the log of a recording's takes: a line when one starts, a line when it ends, each
 * synced. A take is a stretch of recording without a pause. Torn or foreign lines are skipped. Thread: any,
 * one at a time. Limits: TAKES_MAX takes. */
#ifndef TAKES_H
#define TAKES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAKES_MAX = 4096, TAKES_BYTES_MAX = 1 << 20 };

struct take {
    uint32_t take;
    int64_t base_ms; /* media time at its start */
    int64_t end_ms;  /* media time at its end; -1 while it is open */
    int64_t wall_ms; /* Unix time at its start */
    bool torn;       /* it ended by a crash, of the recorder or of the server */
    bool gap;        /* the take before it is torn */
};
struct takes {
    struct take *v;
    size_t n;
};
int takes_read(struct takes *out, const char *dir); /* a missing file is no takes; -ERR_IO, -ERR_TOO_LARGE */
void takes_fini(struct takes *t);
int takes_start(const char *dir, const struct take *t); /* -ERR_IO */
int takes_end(const char *dir, uint32_t take, int64_t end_ms, bool torn);

/* A small file of a recording, whole, for whoever reads its text: *out is taken over by the caller
 * (mem_free). */
int takes_load(char **out, size_t *n, const char *dir, const char *name, size_t max); /* -ERR_MISSING … */

#endif
