/* bench_soak — hours of a class in minutes: a room full of viewers of whom one leaves and comes back every
 * so often, and what the server holds the while: memory, files, threads. Usage: bench_soak PORT PID ROOM
 * PUBLISHER-TICKET VIEWERS SECONDS CHANGES-A-SECOND < viewer tickets. Prints a JSON object. */
#include "media/base/clock.h"
#include "media/base/json.h"
#include "media/base/rnd.h"
#include "tests/bench/crowd.h"
#include <dirent.h>
#include <stdlib.h>

enum { VIDEO_BPS = 300000, SAMPLES_MAX = 4096, WARM_PERCENT = 20 };
#define JOIN_EVERY_US INT64_C(20000)
#define PATIENCE_US INT64_C(30000000)
#define SAMPLE_US INT64_C(2000000)
#define STAY_US INT64_C(3000000)

struct sample {
    int64_t rss_bytes;
    unsigned files, threads;
};

static unsigned entries(int pid, const char *what) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
    DIR *d = opendir(path);
    if (!d)
        crowd_die("the server is gone");
    unsigned n = 0;
    for (const struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static struct sample take(int pid) {
    return (struct sample){crowd_rss_bytes(pid), entries(pid, "fd"), entries(pid, "task")};
}

/* Everybody has come and gone many times before the counting begins: what grows after that grows for ever. */
static void put_samples(struct json *out, const struct sample *s, unsigned n) {
    unsigned warm = n * WARM_PERCENT / 100, half = (n - warm) / 2;
    int64_t low = INT64_MAX, high = 0, early = 0, late = 0;
    unsigned files_low = UINT32_MAX, files_high = 0, threads_low = UINT32_MAX, threads_high = 0;
    for (unsigned i = warm; i < n; i++) {
        low = s[i].rss_bytes < low ? s[i].rss_bytes : low;
        high = s[i].rss_bytes > high ? s[i].rss_bytes : high;
        files_low = s[i].files < files_low ? s[i].files : files_low;
        files_high = s[i].files > files_high ? s[i].files : files_high;
        threads_low = s[i].threads < threads_low ? s[i].threads : threads_low;
        threads_high = s[i].threads > threads_high ? s[i].threads : threads_high;
        *(i - warm < half ? &early : &late) += s[i].rss_bytes;
    }
    double first = (double)early / half, second = (double)late / (n - warm - half);
    json_set_int(out, "rss_kb_low", low >> 10);
    json_set_int(out, "rss_kb_high", high >> 10);
    json_set_real(out, "rss_growth_percent", (second - first) / first * 100);
    json_set_int(out, "files_low", files_low);
    json_set_int(out, "files_high", files_high);
    json_set_int(out, "threads_low", threads_low);
    json_set_int(out, "threads_high", threads_high);
}

/* Anybody but those who came a moment ago: they are given the time to see. */
static unsigned pick(const struct crowd *c, unsigned viewers, int64_t now_us) {
    for (;;) {
        unsigned i = rnd_u32() % viewers;
        if (crowd_viewer(c, i)->asked_us + STAY_US < now_us)
            return i;
    }
}

int main(int argc, char **argv) {
    static struct sample samples[SAMPLES_MAX];
    if (argc != 8)
        crowd_die(
            "usage: bench_soak PORT PID ROOM PUBLISHER-TICKET VIEWERS SECONDS CHANGES-A-SECOND < tickets");
    struct crowd_cfg cfg = {(uint16_t)atoi(argv[1]), atoi(argv[2]), argv[3], VIDEO_BPS};
    unsigned viewers = (unsigned)atoi(argv[5]), n = 0, changes = 0;
    int64_t for_us = atoi(argv[6]) * INT64_C(1000000), every_us = 1000000 / atoi(argv[7]);
    if (for_us / SAMPLE_US > SAMPLES_MAX || for_us / SAMPLE_US < 10)
        crowd_die("%s seconds cannot be sampled every %d", argv[6], (int)(SAMPLE_US / 1000000));
    struct crowd *c = crowd_open(&cfg);
    crowd_tickets(c, stdin, viewers);
    crowd_publish(c, argv[4]);
    crowd_join(c, viewers, JOIN_EVERY_US, PATIENCE_US);
    crowd_pump(c, STAY_US);
    int64_t from_us = clock_mono_us(), next_us = from_us;
    for (int64_t now_us = from_us; now_us < from_us + for_us; now_us = clock_mono_us()) {
        if (now_us >= from_us + (int64_t)n * SAMPLE_US) {
            samples[n++] = take(cfg.pid);
            if (n % 15 == 0)
                fprintf(stderr, "bench_soak: %u changes, %lld MB, %u files\n", changes,
                        (long long)(samples[n - 1].rss_bytes >> 20), samples[n - 1].files);
        }
        if (now_us >= next_us) {
            crowd_swap(c, pick(c, viewers, now_us));
            changes++;
            next_us += every_us;
        }
        crowd_pump(c, every_us / 4);
    }
    struct json *all = json_object();
    json_set_int(all, "viewers", viewers);
    json_set_int(all, "seconds", for_us / 1000000);
    json_set_int(all, "changes", changes);
    json_set_int(all, "never_saw_or_heard", crowd_blind(c));
    put_samples(all, samples, n);
    struct buf b;
    buf_init(&b, 65536);
    json_write(all, &b);
    puts((char *)b.p);
    buf_fini(&b);
    json_free(all);
    crowd_close(c);
    return 0;
}
