/* bench_sfu — what forwarding costs: one publisher and rising numbers of viewers, all of them on this
 * machine. Usage: bench_sfu PORT PID ROOM PUBLISHER-TICKET SECONDS LEVEL… < viewer tickets. Environment:
 * WINDOWS of SECONDS each a level (5); PROFILE=cm: viewers that know AES128_CM_SHA1_80 only. Prints a JSON
 * object; load_percent_of_core near 100: it was the load that gave out. */
#include "media/base/clock.h"
#include "media/base/json.h"
#include "tests/bench/crowd.h"
#include <stdlib.h>
#include <unistd.h>

enum { VIDEO_BPS = 1000000 };
struct bench {
    int pid;
    int64_t seconds, rss_alone;
    unsigned windows;
};
#define JOIN_EVERY_US INT64_C(20000)
#define PATIENCE_US INT64_C(30000000)
#define SETTLE_US INT64_C(2000000)

enum { WINDOWS_MAX = 15 };

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, unsigned n) {
    qsort(v, n, sizeof *v, by_size);
    return v[n / 2];
}

/* Of every thousand packets the server sent. */
static void put_work(struct json *row, const struct crowd_work *a, const struct crowd_work *b) {
    double sent = (b->tx_packets - a->tx_packets) / 1000;
    if (sent <= 0)
        return; /* another server, which does not tell */
    json_set_real(row, "syscalls_per_1000",
                  (b->turns - a->turns + b->rx_calls - a->rx_calls + b->tx_calls - a->tx_calls) / sent);
    json_set_real(row, "allocs_per_1000", (b->allocs - a->allocs) / sent);
    json_set_real(row, "messages_per_1000", (b->tx_messages - a->tx_messages) / sent);
    json_set_real(row, "received_per_1000", (b->rx_packets - a->rx_packets) / sent);
}

/* CPU per packet is the median of so many windows; loss and delay are over all of them. */
static struct json *measure(struct crowd *c, const struct bench *b, unsigned n) {
    double cost[WINDOWS_MAX], share[WINDOWS_MAX];
    struct json *row = json_object(), *all = json_array();
    crowd_join(c, n, JOIN_EVERY_US, PATIENCE_US);
    crowd_pump(c, SETTLE_US);
    crowd_count_anew(c);
    struct crowd_work before = crowd_work(c);
    struct crowd_sums s = crowd_sums(c);
    int64_t began_us = clock_mono_us(), stolen_us = crowd_stolen_us(), load_us = crowd_cpu_us(getpid());
    for (unsigned i = 0; i < b->windows; i++) {
        int64_t from_us = clock_mono_us(), cpu_us = crowd_cpu_us(b->pid);
        uint64_t had = s.got;
        crowd_pump(c, b->seconds * 1000000);
        cpu_us = crowd_cpu_us(b->pid) - cpu_us;
        s = crowd_sums(c);
        cost[i] = (double)cpu_us / (double)(s.got - had);
        share[i] = 100.0 * (double)cpu_us / (double)(clock_mono_us() - from_us);
        json_add_int(all, (int64_t)(cost[i] * 1000));
    }
    struct crowd_work after = crowd_work(c);
    int64_t seconds = b->seconds * b->windows;
    json_set_int(row, "viewers", n);
    json_set_int(row, "packets_per_s", (int64_t)s.got / seconds);
    json_set_int(row, "mbit_per_s", (int64_t)s.bytes * 8 / seconds / 1000000);
    json_set_real(row, "cpu_us_per_packet", median(cost, b->windows));
    json_set_real(row, "cpu_percent_of_core", median(share, b->windows));
    json_set_real(row, "load_percent_of_core",
                  100.0 * (double)(crowd_cpu_us(getpid()) - load_us) / (double)(clock_mono_us() - began_us));
    json_set_real(row, "stolen_percent",
                  100.0 * (double)(crowd_stolen_us() - stolen_us) / (double)(clock_mono_us() - began_us) /
                      (double)sysconf(_SC_NPROCESSORS_ONLN));
    json_set_int(row, "lost", (int64_t)s.expected - (int64_t)s.got);
    json_set_int(row, "expected", (int64_t)s.expected);
    json_set_int(row, "delay_p50_us", crowd_delay_us(c, 0.5));
    json_set_int(row, "delay_p99_us", crowd_delay_us(c, 0.99));
    json_set_int(row, "rss_kb_per_viewer", (crowd_rss_bytes(b->pid) - b->rss_alone) / n / 1024);
    put_work(row, &before, &after);
    json_set(row, "windows_ns_per_packet", all);
    fprintf(stderr, "bench_sfu: %u viewers measured\n", n);
    return row;
}

static int64_t number_of(const char *env, int64_t otherwise) {
    const char *v = getenv(env);
    return v && *v ? atoll(v) : otherwise;
}

int main(int argc, char **argv) {
    if (argc < 7)
        crowd_die("usage: bench_sfu PORT PID ROOM PUBLISHER-TICKET SECONDS LEVEL… < tickets");
    struct crowd_cfg cfg = {(uint16_t)atoi(argv[1]), atoi(argv[2]), argv[3], VIDEO_BPS};
    struct bench b = {.pid = cfg.pid, .seconds = atoi(argv[5])};
    int64_t windows = number_of("WINDOWS", 5);
    b.windows = (unsigned)(windows < 1 ? 1 : windows > WINDOWS_MAX ? WINDOWS_MAX : windows);
    const char *profile = getenv("PROFILE");
    struct crowd *c = crowd_open(&cfg);
    if (profile && !strcmp(profile, "cm"))
        dtls_global_profile(SECURE_AES128_CM_SHA1_80); /* of the context crowd_open made */
    crowd_tickets(c, stdin, (unsigned)atoi(argv[argc - 1]));
    crowd_publish(c, argv[4]);
    crowd_pump(c, SETTLE_US);
    b.rss_alone = crowd_rss_bytes(cfg.pid);
    struct json *all = json_object(), *levels = json_array();
    for (int i = 6; i < argc; i++)
        json_add(levels, measure(c, &b, (unsigned)atoi(argv[i])));
    json_set(all, "levels", levels);
    json_set_int(all, "seconds", b.seconds);
    json_set_int(all, "windows", b.windows);
    json_set_z(all, "profile", profile && *profile ? profile : "gcm");
    json_set_int(all, "video_bps", VIDEO_BPS);
    json_set_int(all, "rss_mb_alone", b.rss_alone >> 20);
    json_set_int(all, "keyframes_asked", (int64_t)crowd_camera(c)->asked);
    struct buf text;
    buf_init(&text, 65536);
    json_write(all, &text);
    puts((char *)text.p);
    buf_fini(&text);
    json_free(all);
    crowd_close(c);
    return 0;
}
