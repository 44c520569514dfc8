/* metrics — the Prometheus text exposition format (version 0.0.4) of a table of values and of histograms.
 * Pure. */
#ifndef METRICS_H
#define METRICS_H
#include "media/base/buf.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };
struct metric {
    const char *name; /* without the "somhub_" prefix */
    enum metric_type type;
    const char *help;
    double value;
};
/* One series of a histogram a worker: name_bucket{worker="0",le="1"} … */
struct hist;
struct metric_hist {
    const char *name, *help;
    const struct hist *v; /* by worker */
    size_t n;
};
void metrics_hist(struct buf *out, const struct metric_hist *m);
void metrics_write(struct buf *out, const struct metric *rows, size_t n);

#endif
