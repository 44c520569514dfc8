/* Two hundred people and one camera: whatever way they come, lose packets and go, the camera is asked for a
 * key frame once a second at the most, and everybody has a picture soon. */
#include "tests/sim/hall.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { VIEWERS = 200, WAY = 20 * MS };

static struct hall hall;

/* The requests where they leave: on the wire to the camera they may come nearer to each other. */
static struct {
    track_pli_fn send;
    int64_t at_us, gap_us;
} asks;

static void on_ask(struct track *t, void *owner, int64_t now_us) {
    if (asks.at_us && now_us - asks.at_us < asks.gap_us)
        asks.gap_us = now_us - asks.at_us;
    asks.at_us = now_us;
    asks.send(t, owner, now_us);
}

static void watch_asks(struct hall *h) {
    struct router *r = map_get(&h->plane[0]->rooms, HALL_ROOM);
    asks.at_us = 0;
    asks.gap_us = INT64_MAX;
    list_each (&r->tracks, t, struct track, in_room) {
        if (!t->video)
            continue;
        asks.send = t->send_pli;
        t->send_pli = on_ask;
        return;
    }
    fail_msg("no picture");
}

struct storm {
    const char *name;
    struct net_cfg net;   /* each way; bursts only towards the viewers: they would silence the camera */
    int64_t over_us;      /* they come within this */
    unsigned leave_every; /* every so manieth leaves while the others come; 0 nobody */
    int64_t picture_us;   /* everybody has one after this */
    int64_t stands_us;    /* and it never stands still for longer */
};

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t next_random(uint32_t *x) { return (*x = *x * 1664525u + 1013904223u) >> 8; }

/* Comes and goes at times of chance, and what keeps a storm honest: some ask for key frames without need. */
static void rush(struct hall *h, const struct storm *s) {
    uint32_t x = 7;
    int64_t step_us = s->over_us / VIEWERS;
    for (unsigned i = 0; i < VIEWERS; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%u", i);
        hall_view(h, 0, name, CODEC_NONE, 1);
        hall_run(h, next_random(&x) % (uint64_t)(2 * step_us));
        struct hall_seat *other = &h->seat[1 + next_random(&x) % (i + 1)];
        if (s->leave_every && i % s->leave_every == 1 && endpoint_up(other->end))
            endpoint_leave(other->end, h->now_us);
        else if (i % 3 == 0)
            endpoint_pli(other->end, 3, h->now_us);
    }
}

/* True: it was as good as it has to be. */
static bool weather(const struct storm *s) {
    struct hall *h = &hall;
    hall_open(h, 1, &s->net, 11);
    hall_stage(h, (const char *const[]){"teacher"}, 1);
    if (s->net.burst)
        net_set(h->net_up, &(struct net_cfg){.delay_us = s->net.delay_us});
    struct hall_seat *t = hall_publish(h, "teacher", CODEC_H264);
    t->packets = 2;
    hall_run(h, 5 * SECOND); /* the lecture has been going on */
    watch_asks(h);
    unsigned before = t->end->line[1].plis;
    int64_t began_us = h->now_us;
    rush(h, s);
    hall_run(h, 4 * SECOND);
    unsigned asked = t->end->line[1].plis - before, n = 0;
    int64_t took[VIEWERS], stands_us = 0;
    for (unsigned i = 1; i < h->seats; i++) {
        const struct hall_seat *v = &h->seat[i];
        const struct endpoint_line *l = hall_screen(v, 0);
        if (v->down || v->end->failed)
            continue;
        if (!v->first_us)
            fail_msg("%s: %s has no picture", s->name, v->member);
        took[n++] = v->first_us - v->joined_us;
        stands_us = l->longest_us > stands_us ? l->longest_us : stands_us;
        assert_int_equal(l->bad_ts, 0);
    }
    qsort(took, n, sizeof *took, by_size);
    int64_t seconds = (h->now_us - began_us) / SECOND;
    printf("# %s: %u stay, picture after p50 %d ms, p99 %d ms, worst %d ms; stands still %d ms at the most; "
           "%u key "
           "frames asked in %d s\n",
           s->name, n, (int)(took[n / 2] / MS), (int)(took[n * 99 / 100] / MS), (int)(took[n - 1] / MS),
           (int)(stands_us / MS), asked, (int)seconds);
    assert_true(asked <= seconds + 1);
    assert_true(asks.gap_us >= SECOND); /* and never two within one */
    hall_close(h);
    return took[n - 1] <= s->picture_us && stands_us <= s->stands_us;
}

static void test_storms(void **state) {
    (void)state;
    static const struct storm storms[] = {
        {"all at once", {.delay_us = WAY}, SECOND / 2, 0, 1300 * MS, 200 * MS},
        {"in four seconds", {.delay_us = WAY}, 4 * SECOND, 0, 1300 * MS, 200 * MS},
        {"coming and going", {.delay_us = WAY}, 6 * SECOND, 2, 1300 * MS, 200 * MS},
        {"5 % lost", {.delay_us = WAY, .loss_ppm = 50000}, 4 * SECOND, 5, 2000 * MS, 1500 * MS},
        /* They are on one net: a burst takes a picture or two away from each of some seventy of them. */
        {"in bursts", {.delay_us = WAY, .loss_ppm = 300, .burst = 150}, 4 * SECOND, 5, 3000 * MS, 1500 * MS},
        {"far away", {.delay_us = 125 * MS, .loss_ppm = 10000}, 4 * SECOND, 5, 2500 * MS, 2000 * MS},
    };
    unsigned missed = 0;
    for (size_t i = 0; i < countof(storms); i++)
        missed += !weather(&storms[i]);
    assert_int_equal(missed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_storms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
