/* The small parts under the web glue: limits, the pool, files of the web client, metrics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/hist.h"
#include "media/base/mem.h"
#include "media/base/selfsign.h"
#include "server/http/limit.h"
#include "server/http/metrics.h"
#include "server/http/pool.h"
#include "server/http/static.h"

static void test_limit_bucket(void **state) {
    (void)state;
    static const struct limit_class classes[] = {{10, 3}, {1, 1}};
    struct limit l;
    limit_init(&l, classes, countof(classes));
    for (int i = 0; i < 3; i++)
        assert_int_equal(limit_take(&l, STR("a"), 0, 0), 0);
    int64_t wait_ms = limit_take(&l, STR("a"), 0, 0);
    assert_in_range(wait_ms, 100, 102);
    assert_int_equal(limit_take(&l, STR("a"), 1, 0), 0); /* another class has its own bucket */
    assert_int_equal(limit_take(&l, STR("b"), 0, 0), 0); /* and so has another address */
    assert_int_equal(limit_take(&l, STR("a"), 0, wait_ms * 1000), 0);
    assert_true(limit_take(&l, STR("a"), 0, wait_ms * 1000) > 0);
    assert_int_equal(limit_take(&l, STR("a"), 7, 0), 0); /* no such class: no limit */
    limit_fini(&l);
}

static void test_limit_is_bounded(void **state) {
    (void)state;
    static const struct limit_class classes[] = {{1, 1}};
    struct limit l;
    limit_init(&l, classes, 1);
    char addr[32];
    for (int i = 0; i < LIMIT_ADDRS_MAX + 100; i++) {
        snprintf(addr, sizeof addr, "10.0.%d.%d", i / 256, i % 256);
        assert_int_equal(limit_take(&l, str_of(addr), 0, 0),
                         0); /* the last ones find no place, and go through */
    }
    assert_int_equal(l.by_addr.n, LIMIT_ADDRS_MAX);
    assert_int_equal(limit_take(&l, STR("new"), 0, 5000000), 0); /* by then all are full again and swept */
    assert_int_equal(l.by_addr.n, 1);
    limit_fini(&l);
}

struct job {
    struct pool_task task;
    int n;
    int *sum;
};
static _Atomic int contexts;
static void *open_ctx(void *arg) {
    atomic_fetch_add(&contexts, 1);
    return arg;
}
static void *open_nothing(void *arg) {
    (void)arg;
    return NULL;
}
static void close_ctx(void *ctx) {
    (void)ctx;
    atomic_fetch_sub(&contexts, 1);
}
static void run_job(struct pool_task *t, void *ctx) { container_of(t, struct job, task)->n *= *(int *)ctx; }
static void done_job(struct pool_task *t) {
    struct job *j = container_of(t, struct job, task);
    *j->sum += j->n;
    mem_free(j);
}

static void test_pool_runs_all(void **state) {
    (void)state;
    struct pool *p;
    int factor = 2, sum = 0, put = 0;
    struct pool_cfg cfg = {3, POOL_QUEUE_MAX, 0, {open_ctx, close_ctx, &factor}};
    assert_int_equal(pool_open(&p, &cfg), 0);
    assert_int_equal(atomic_load(&contexts), 3);
    for (int i = 1; i <= 500; i++) {
        struct job *j = mem_zalloc(sizeof *j);
        *j = (struct job){.task = {.run = run_job, .done = done_job}, .n = i, .sum = &sum};
        assert_int_equal(pool_put(p, &j->task), 0);
        put += 2 * i;
    }
    pool_close(p); /* finishes what waits */
    assert_int_equal(sum, put);
    assert_int_equal(atomic_load(&contexts), 0);
    cfg.ops = (struct pool_ctx_ops){open_nothing, close_ctx, NULL};
    assert_int_equal(pool_open(&p, &cfg), -ERR_IO);
}

static sem_t gate;
static void run_gate(struct pool_task *t, void *ctx) {
    sem_wait(&gate);
    run_job(t, ctx);
}

/* What was promised is taken when nothing new is. */
static void test_pool_owes(void **state) {
    (void)state;
    struct pool *p;
    int factor = 1, sum = 0;
    struct pool_cfg cfg = {1, DOOR_QUEUE_MAX, DOOR_NICE, {open_ctx, close_ctx, &factor}};
    sem_init(&gate, 0, 0);
    assert_int_equal(pool_open(&p, &cfg), 0);
    int put = 0;
    for (;; put++) {
        struct job *j = mem_zalloc(sizeof *j);
        *j = (struct job){.task = {.run = run_gate, .done = done_job}, .n = 1, .sum = &sum};
        if (pool_put(p, &j->task)) {
            mem_free(j);
            break;
        }
    }
    assert_in_range(put, DOOR_QUEUE_MAX, DOOR_QUEUE_MAX + 1); /* one may be in the thread's hands */
    struct job *owed = mem_zalloc(sizeof *owed);
    *owed = (struct job){.task = {.run = run_gate, .done = done_job}, .n = 10000, .sum = &sum};
    assert_int_equal(pool_put_owed(p, &owed->task), 0);
    for (int i = 0; i <= put; i++)
        sem_post(&gate);
    pool_close(p);
    assert_int_equal(sum, put + 10000);
    sem_destroy(&gate);
}

static void put_file(const char *dir, const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void test_static_files(void **state) {
    (void)state;
    char dir[] = "/tmp/somhub-static-XXXXXX", path[256], err[256], big[4096];
    assert_non_null(mkdtemp(dir));
    struct static_files *s;
    assert_int_equal(static_open(&s, dir, err), -ERR_MISSING);
    assert_non_null(strstr(err, "index.html"));
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = 0;
    snprintf(path, sizeof path, "%s/assets", dir);
    mkdir(path, 0700);
    put_file(dir, "index.html", "<!doctype html>");
    put_file(dir, "assets/app-1.js", big);
    put_file(dir, "assets/app-1.js.br", "packed");
    put_file(dir, "assets/old-1.js", big);
    put_file(dir, "assets/old-1.js.br", "stale");
    snprintf(path, sizeof path, "%s/assets/old-1.js.br", dir);
    assert_int_equal(utimes(path, (struct timeval[2]){{1, 0}, {1, 0}}), 0);
    put_file(dir, ".hidden.js", "no");
    put_file(dir, "note.exe", "no");
    assert_int_equal(static_open(&s, dir, err), 0);
    const struct static_file *f = static_find(s, STR("/assets/app-1.js"));
    assert_non_null(f);
    assert_true(f->immutable && f->gz_bytes && f->gz_bytes < f->body_bytes);
    assert_string_equal(f->type, "text/javascript; charset=utf-8");
    static const struct {
        const char *accepted, *coding;
    } forms[] = {{"", NULL},         {"gzip", "gzip"},         {"gzip, deflate, br", "br"},
                 {"BR;q=0.5", "br"}, {"br;q=0, gzip", "gzip"}, {"gzip;q=1, br;q=0.00", "gzip"},
                 {"brotli", NULL},   {"identity,,", NULL},     {"xgzip ; gzip", NULL}};
    for (size_t i = 0; i < countof(forms); i++) {
        struct static_form form = static_form(f, str_of(forms[i].accepted));
        if (forms[i].coding)
            assert_string_equal(form.coding, forms[i].coding);
        else
            assert_true(!form.coding && form.n == f->body_bytes);
    }
    assert_memory_equal(static_form(f, STR("br")).p, "packed", 6);
    assert_null(static_form(static_find(s, STR("/assets/old-1.js")), STR("br")).coding);
    assert_null(static_find(s, STR("/assets/app-1.js.br")));
    assert_ptr_equal(static_find(s, STR("/e/abc/room")), static_find(s, STR("/index.html")));
    assert_ptr_equal(static_find(s, STR("/")), static_find(s, STR("/index.html")));
    assert_null(static_find(s, STR("/assets/none.js")));
    assert_null(static_find(s, STR("/.hidden.js")));
    assert_null(static_find(s, STR("/note.exe")));
    assert_null(static_find(s, STR("")));
    static_close(s);
    assert_int_equal(static_open(&s, "/nonexistent", err), -ERR_IO);
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", dir);
    assert_int_equal(system(command), 0);
}

static void test_metrics_text(void **state) {
    (void)state;
    const struct metric rows[] = {{"rooms", METRIC_GAUGE, "Rooms.", 3},
                                  {"bytes_total", METRIC_COUNTER, "Bytes.", 1e15}};
    struct buf b;
    buf_init(&b, 4096);
    metrics_write(&b, rows, countof(rows));
    assert_string_equal((char *)b.p, "# HELP somhub_rooms Rooms.\n# TYPE somhub_rooms gauge\nsomhub_rooms 3\n"
                                     "# HELP somhub_bytes_total Bytes.\n# TYPE somhub_bytes_total counter\n"
                                     "somhub_bytes_total 1000000000000000\n");
    buf_fini(&b);
}

static void test_metrics_histogram(void **state) {
    (void)state;
    struct hist h[2] = {{.sum = 0}};
    struct buf b;
    hist_add(&h[0], 1, 5);
    hist_add(&h[0], 3, 2);
    hist_add(&h[1], UINT64_C(1) << 30, 1);
    buf_init(&b, 16384);
    metrics_hist(&b, &(struct metric_hist){"turn_us", "Turns.", h, 2});
    const char *text = (char *)b.p;
    assert_non_null(strstr(text, "# TYPE somhub_turn_us histogram\n"
                                 "somhub_turn_us_bucket{worker=\"0\",le=\"1\"} 5\n"
                                 "somhub_turn_us_bucket{worker=\"0\",le=\"2\"} 5\n"
                                 "somhub_turn_us_bucket{worker=\"0\",le=\"4\"} 7\n"));
    assert_non_null(strstr(text,
                           "somhub_turn_us_bucket{worker=\"0\",le=\"+Inf\"} 7\n"
                           "somhub_turn_us_sum{worker=\"0\"} 11\nsomhub_turn_us_count{worker=\"0\"} 7\n"));
    assert_non_null(strstr(text, "somhub_turn_us_bucket{worker=\"1\",le=\"4194304\"} 0\n"
                                 "somhub_turn_us_bucket{worker=\"1\",le=\"+Inf\"} 1\n"));
    buf_fini(&b);
}

static void test_selfsign(void **state) {
    (void)state;
    char dir[] = "/tmp/somhub-cert-XXXXXX", cert[64], key[64], err[256] = "";
    assert_non_null(mkdtemp(dir));
    snprintf(cert, sizeof cert, "%s/c.pem", dir);
    snprintf(key, sizeof key, "%s/k.pem", dir);
    assert_int_equal(selfsign_files(cert, key, "192.168.1.5", err), 0);
    struct stat a, b;
    assert_int_equal(stat(key, &a), 0);
    assert_int_equal(a.st_mode & 0777, 0600);
    assert_int_equal(selfsign_files(cert, key, "192.168.1.5", err), 0); /* kept, not made again */
    assert_int_equal(stat(key, &b), 0);
    assert_int_equal(a.st_ino, b.st_ino);
    assert_int_equal(a.st_mtim.tv_nsec, b.st_mtim.tv_nsec);
    assert_int_equal(selfsign_files("/nonexistent/c", "/nonexistent/k", "h", err), -ERR_IO);
    assert_non_null(strstr(err, "/nonexistent/k"));
    unlink(cert);
    unlink(key);
    rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_bucket),      cmocka_unit_test(test_limit_is_bounded),
        cmocka_unit_test(test_pool_runs_all),     cmocka_unit_test(test_pool_owes),
        cmocka_unit_test(test_static_files),      cmocka_unit_test(test_metrics_text),
        cmocka_unit_test(test_metrics_histogram), cmocka_unit_test(test_selfsign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
