/* bench_sfu — what forwarding costs: one publisher, 50 / 200 / 500 viewers, all of them on this machine.
 * Usage: bench_sfu PORT PID ROOM PUBLISHER-TICKET SECONDS LEVEL… < viewer tickets. Prints a JSON object. */
#include "media/base/json.h"
#include "tests/bench/crowd.h"
#include <stdlib.h>

enum { VIDEO_BPS = 1000000 };
#define JOIN_EVERY_US INT64_C(20000)
#define PATIENCE_US INT64_C(30000000)
#define SETTLE_US INT64_C(2000000)

static struct json *measure(struct crowd *c, const struct crowd_cfg *cfg, unsigned n, int64_t seconds,
                            int64_t rss_alone) {
    crowd_join(c, n, JOIN_EVERY_US, PATIENCE_US);
    crowd_pump(c, SETTLE_US);
    int64_t cpu_us = crowd_cpu_us(cfg->pid);
    crowd_count_anew(c);
    crowd_pump(c, seconds * 1000000);
    struct crowd_sums s = crowd_sums(c);
    cpu_us = crowd_cpu_us(cfg->pid) - cpu_us;
    int64_t lost = (int64_t)s.expected - (int64_t)s.got;
    struct json *row = json_object();
    json_set_int(row, "viewers", n);
    json_set_int(row, "packets_per_s", (int64_t)s.got / seconds);
    json_set_int(row, "mbit_per_s", (int64_t)s.bytes * 8 / seconds / 1000000);
    json_set_real(row, "cpu_us_per_packet", (double)cpu_us / (double)s.got);
    json_set_real(row, "cpu_percent_of_core", (double)cpu_us / (double)seconds / 10000);
    json_set_int(row, "lost", lost);
    json_set_int(row, "expected", (int64_t)s.expected);
    json_set_int(row, "delay_p50_us", crowd_delay_us(c, 0.5));
    json_set_int(row, "delay_p99_us", crowd_delay_us(c, 0.99));
    json_set_int(row, "rss_kb_per_viewer", (crowd_rss_bytes(cfg->pid) - rss_alone) / n / 1024);
    fprintf(stderr, "bench_sfu: %u viewers measured\n", n);
    return row;
}

int main(int argc, char **argv) {
    if (argc < 7)
        crowd_die("usage: bench_sfu PORT PID ROOM PUBLISHER-TICKET SECONDS LEVEL… < tickets");
    struct crowd_cfg cfg = {(uint16_t)atoi(argv[1]), atoi(argv[2]), argv[3], VIDEO_BPS};
    int64_t seconds = atoi(argv[5]);
    struct crowd *c = crowd_open(&cfg);
    crowd_tickets(c, stdin, (unsigned)atoi(argv[argc - 1]));
    crowd_publish(c, argv[4]);
    crowd_pump(c, SETTLE_US);
    int64_t rss_alone = crowd_rss_bytes(cfg.pid);
    struct json *all = json_object(), *levels = json_array();
    for (int i = 6; i < argc; i++)
        json_add(levels, measure(c, &cfg, (unsigned)atoi(argv[i]), seconds, rss_alone));
    json_set(all, "levels", levels);
    json_set_int(all, "seconds", seconds);
    json_set_int(all, "video_bps", VIDEO_BPS);
    json_set_int(all, "rss_mb_alone", rss_alone >> 20);
    json_set_int(all, "keyframes_asked", (int64_t)crowd_camera(c)->asked);
    struct buf b;
    buf_init(&b, 65536);
    json_write(all, &b);
    puts((char *)b.p);
    buf_fini(&b);
    json_free(all);
    crowd_close(c);
    return 0;
}
