/* metrics — the Prometheus text exposition format (version 0.0.4) of a table of values. Pure. */
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
void metrics_write(struct buf *out, const struct metric *rows, size_t n);

#endif
