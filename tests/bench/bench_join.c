/* bench_join — a class comes in at once: so many viewers within so many seconds, each from its offer to the
 * first packet, what that asks of the publisher, and what those lose who were there already (JOIN_HERE).
 * Usage: bench_join PORT PID ROOM PUBLISHER-TICKET VIEWERS SECONDS < viewer tickets. Prints a JSON object. */
#include "media/base/clock.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "tests/bench/crowd.h"
#include <stdlib.h>
#include <unistd.h>

enum { VIDEO_BPS = 1000000, JOIN_HERE = 40 };
#define HERE_EVERY_US INT64_C(25000)
#define PATIENCE_US INT64_C(30000000)
#define SETTLE_US INT64_C(3000000)

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void put_quantiles(struct json *out, const char *name, int64_t *us, unsigned n) {
    char key[64];
    qsort(us, n, sizeof *us, by_value);
    snprintf(key, sizeof key, "%s_p50_ms", name);
    json_set_int(out, key, us[n / 2] / 1000);
    snprintf(key, sizeof key, "%s_p99_ms", name);
    json_set_int(out, key, us[n * 99 / 100] / 1000);
    snprintf(key, sizeof key, "%s_max_ms", name);
    json_set_int(out, key, us[n - 1] / 1000);
}

/* What those who were there before the rush did not get of it. */
static int64_t lost_before(const struct crowd *c) {
    int64_t lost = 0;
    for (unsigned i = 0; i < JOIN_HERE; i++) {
        const struct client_stream *s;
        for (unsigned k = client_streams(crowd_viewer(c, i)->client, &s); k--;)
            lost += (int64_t)(client_expected(&s[k]) - s[k].got);
    }
    return lost;
}

int main(int argc, char **argv) {
    if (argc != 7)
        crowd_die("usage: bench_join PORT PID ROOM PUBLISHER-TICKET VIEWERS SECONDS < tickets");
    const char *bps = getenv("VIDEO_BPS");
    struct crowd_cfg cfg = {(uint16_t)atoi(argv[1]), atoi(argv[2]), argv[3],
                            bps ? (unsigned)atoi(bps) : VIDEO_BPS};
    unsigned all_n = (unsigned)atoi(argv[5]), n = all_n - JOIN_HERE;
    int64_t seconds = atoi(argv[6]);
    struct crowd *c = crowd_open(&cfg);
    if (all_n <= JOIN_HERE)
        crowd_die("more than %d viewers, please", JOIN_HERE);
    crowd_tickets(c, stdin, all_n);
    crowd_publish(c, argv[4]);
    crowd_join(c, JOIN_HERE, HERE_EVERY_US, PATIENCE_US);
    crowd_pump(c, SETTLE_US);
    crowd_count_anew(c);
    uint64_t asked_before = crowd_camera(c)->asked;
    int64_t began_us = clock_mono_us(), stolen_us = crowd_stolen_us();
    struct crowd_work before = crowd_work(c);
    int64_t server_us = crowd_cpu_us(cfg.pid), load_us = crowd_cpu_us(getpid());
    crowd_join(c, all_n, seconds * 1000000 / n, PATIENCE_US);
    int64_t took_us = clock_mono_us() - began_us;
    server_us = crowd_cpu_us(cfg.pid) - server_us;
    load_us = crowd_cpu_us(getpid()) - load_us;
    stolen_us = crowd_stolen_us() - stolen_us;
    crowd_pump(c, SETTLE_US);
    int64_t *any = mem_zalloc(n * sizeof *any), *video = mem_zalloc(n * sizeof *video), last_us = 0;
    for (unsigned i = 0; i < n; i++) {
        const struct viewer *v = crowd_viewer(c, JOIN_HERE + i);
        any[i] = (v->audio_us < v->video_us ? v->audio_us : v->video_us) - v->asked_us;
        video[i] = v->video_us - v->asked_us;
        int64_t late_us = v->video_us - crowd_viewer(c, JOIN_HERE)->asked_us;
        last_us = late_us > last_us ? late_us : last_us;
    }
    const struct camera *camera = crowd_camera(c);
    struct json *all = json_object();
    json_set_int(all, "viewers", n);
    json_set_int(all, "within_ms", last_us / 1000);
    /* Of one core, until the last one saw: which side was full. */
    json_set_real(all, "server_percent_of_core", 100.0 * (double)server_us / (double)took_us);
    json_set_real(all, "load_percent_of_core", 100.0 * (double)load_us / (double)took_us);
    json_set_real(all, "stolen_percent",
                  100.0 * (double)stolen_us / (double)took_us / (double)sysconf(_SC_NPROCESSORS_ONLN));
    put_quantiles(all, "first_packet", any, n);
    put_quantiles(all, "first_video", video, n);
    struct crowd_work after = crowd_work(c);
    json_set_int(all, "lost_before", lost_before(c));
    json_set_int(all, "rx_lost", (int64_t)(after.rx_lost - before.rx_lost));
    json_set_int(all, "tx_dropped", (int64_t)(after.tx_dropped - before.tx_dropped));
    json_set_int(all, "keyframes_asked", (int64_t)(camera->asked - asked_before));
    /* Each request but the first came a gap after another. */
    double asking_s = (double)(camera->last_ask_us - camera->first_ask_us) / 1e6;
    json_set_real(all, "keyframes_asked_per_s", asking_s > 0 ? (double)(camera->asked - 1) / asking_s : 0);
    struct buf b;
    buf_init(&b, 65536);
    json_write(all, &b);
    puts((char *)b.p);
    buf_fini(&b);
    json_free(all);
    mem_free(any);
    mem_free(video);
    crowd_close(c);
    return 0;
}
