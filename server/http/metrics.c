#include "server/http/metrics.h"

void metrics_write(struct buf *out, const struct metric *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct metric *m = &rows[i];
        const char *type = m->type == METRIC_COUNTER ? "counter" : "gauge";
        buf_printf(out, "# HELP somhub_%s %s\n# TYPE somhub_%s %s\nsomhub_%s %.17g\n", m->name, m->help,
                   m->name, type, m->name, m->value);
    }
}
