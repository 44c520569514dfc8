#include "server/http/metrics.h"

#include "media/base/hist.h"

void metrics_write(struct buf *out, const struct metric *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct metric *m = &rows[i];
        const char *type = m->type == METRIC_COUNTER ? "counter" : "gauge";
        buf_printf(out, "# HELP somhub_%s %s\n# TYPE somhub_%s %s\nsomhub_%s %.17g\n", m->name, m->help,
                   m->name, type, m->name, m->value);
    }
}

static void put_series(struct buf *out, const char *name, size_t worker, const struct hist *h) {
    unsigned long long sum = 0, w = worker;
    for (unsigned i = 0; i + 1 < HIST_BUCKETS; i++) {
        sum += h->n[i];
        buf_printf(out, "somhub_%s_bucket{worker=\"%llu\",le=\"%llu\"} %llu\n", name, w,
                   (unsigned long long)hist_bound(i), sum);
    }
    sum += h->n[HIST_BUCKETS - 1];
    buf_printf(out, "somhub_%s_bucket{worker=\"%llu\",le=\"+Inf\"} %llu\n", name, w, sum);
    buf_printf(out, "somhub_%s_sum{worker=\"%llu\"} %llu\nsomhub_%s_count{worker=\"%llu\"} %llu\n", name, w,
               (unsigned long long)h->sum, name, w, sum);
}

void metrics_hist(struct buf *out, const struct metric_hist *m) {
    buf_printf(out, "# HELP somhub_%s %s\n# TYPE somhub_%s histogram\n", m->name, m->help, m->name);
    for (size_t i = 0; i < m->n; i++)
        put_series(out, m->name, i, &m->v[i]);
}
