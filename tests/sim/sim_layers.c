/* Forty viewers of one camera in three sizes, each behind a line of his own, half of them on another worker:
 * everybody gets the size his line carries, follows it down and up when it changes, and whatever forty lines
 * want, each size is asked for a key frame once a second at the most. And who does not look is not sent for:
 * across workers too. */
#include "media/rtc/cmd.h"
#include "tests/sim/hall.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { VIEWERS = 40, KINDS = 8, NOTHING = -1 };

static const struct net_cfg clean = {.delay_us = 15 * MS};
static struct hall hall;

/* Lines people have, and the layer that is right: it and the sound within nine tenths of the rate. */
static const struct line_kind {
    const char *name;
    uint64_t bps;
    unsigned queue_ms, delay_ms, bucket_bytes, loss_ppm;
    int layer;
} kinds[KINDS] = {
    {"20 Mbit/s", 20000000, 50, 10, 0, 0, 2},
    {"4 Mbit/s, far, 1 % lost", 4000000, 100, 70, 0, 10000, 2},
    {"2.5 Mbit/s", 2500000, 150, 20, 5000, 0, 2},
    {"1 Mbit/s", 1000000, 250, 20, 5000, 0, 1},
    {"1 Mbit/s, 2 % lost", 1000000, 400, 40, 0, 20000, 1},
    {"800 kbit/s", 800000, 100, 20, 0, 0, 1},
    {"300 kbit/s", 300000, 250, 20, 5000, 0, 0},
    {"80 kbit/s", 80000, 500, 30, 5000, 0, NOTHING},
};

/* What one viewer saw since his line was set. */
struct seen {
    const struct line_kind *kind;
    int layer;         /* shown; NOTHING: no picture for half a second */
    int64_t wrong_us;  /* when it was last another than the right one */
    int64_t stood_us;  /* longest time between two pictures, while pictures were shown */
    unsigned switches; /* between layers */
};
static struct seen seen[VIEWERS];

/* SIM_SHOW=v7 prints what the server knows of that line. */
static void show(void) {
    const char *name = getenv("SIM_SHOW");
    for (unsigned i = 0; name && i < hall.seats; i++) {
        const struct hall_seat *s = &hall.seat[i];
        struct peer *p = map_get(&hall.plane[s->plane]->peers, s->peer);
        if (strcmp(s->member, name) != 0 || !p || !p->view)
            continue;
        const struct steer *t = &p->view->steer;
        const struct bwe *b = &t->bwe;
        const struct endpoint_line *l = hall_screen(s, 0);
        const struct feed *d = slot_feed(&p->view->slot[p->view->audio_n]);
        printf("# %8.2f est %5d acked %5d flow %5d proven %5d link %5d line %d cuts %u wait %4d slope %5d "
               "loss %u/%u sent %5d sound %3d "
               "used %5d full %5d pick %d shows %d q %d h %d f %d probe %d%d %d for %d\n",
               (double)(hall.now_us % (1000 * (int64_t)SECOND)) / 1e6, (int)b->bps / 1000,
               (int)b->acked_bps / 1000, (int)b->flow_bps / 1000, (int)bwe_proven(b, hall.now_us) / 1000,
               (int)b->link_bps / 1000, b->line, b->cuts, (int)(delay_wait_us(&b->delay) / MS),
               (int)(delay_slope(&b->delay) / MS), b->loss_pm, b->chance_pm, (int)t->sent_bps / 1000,
               (int)t->audio_bps / 1000, (int)t->out.used_bps / 1000, (int)t->out.full_bps / 1000,
               t->out.pick[0],
               hall.now_us - l->shown_us < SECOND / 2 ? (int)(l->source / HALL_LAYER) : NOTHING,
               d ? (int)d->layer[0].bps[3] / 1000 : 0, d ? (int)d->layer[1].bps[3] / 1000 : 0,
               d ? (int)d->layer[2].bps[3] / 1000 : 0, t->probe.sending, t->probe.waiting,
               (int)t->probe.bps / 1000, (int)t->probe.long_us / 1000);
    }
}

static struct hall_seat *viewer(unsigned i) { return &hall.seat[1 + i]; }

static void look(struct seen *s, const struct endpoint_line *l, int64_t now_us) {
    int layer = l->shown && now_us - l->shown_us < SECOND / 2 ? (int)(l->source / HALL_LAYER) : NOTHING;
    if (layer != s->layer && layer != NOTHING && s->layer != NOTHING)
        s->switches++;
    s->layer = layer;
    if (layer != s->kind->layer)
        s->wrong_us = now_us;
    if (layer != NOTHING && l->longest_us > s->stood_us)
        s->stood_us = l->longest_us;
}

static void run(int64_t for_us) {
    for (int64_t end_us = hall.now_us + for_us; hall.now_us < end_us;) {
        hall_run(&hall, 50 * MS);
        if (!(hall.now_us / (50 * MS) % 2))
            show();
        for (unsigned i = 0; i < VIEWERS; i++)
            look(&seen[i], hall_screen(viewer(i), 0), hall.now_us);
    }
}

static void set_line(unsigned i, const struct line_kind *k) {
    struct net_cfg c = {.delay_us = k->delay_ms * MS,
                        .rate_bps = k->bps,
                        .queue_bytes = (unsigned)(k->bps / 8000 * k->queue_ms) + k->bucket_bytes,
                        .bucket_bytes = k->bucket_bytes,
                        .loss_ppm = k->loss_ppm};
    hall_line(&hall, viewer(i), &c);
    seen[i].kind = k;
    seen[i].wrong_us = hall.now_us;
    seen[i].stood_us = 0;
    seen[i].switches = 0;
    ((struct endpoint_line *)hall_screen(viewer(i), 0))->longest_us = 0;
}

/* Everybody came to the right layer in time and stayed there. A line that got thinner is followed within 3 s,
 * one that got wider within 8; who gets no picture is not looking at one that stands still. */
static unsigned judge(const char *what, int64_t since_us, const int was[VIEWERS]) {
    unsigned missed = 0;
    int64_t worst_us[KINDS] = {0}, stood_us[KINDS] = {0};
    for (unsigned i = 0; i < VIEWERS; i++) {
        const struct seen *s = &seen[i];
        const struct endpoint_line *l = hall_screen(viewer(i), 0);
        int64_t took_us = s->wrong_us - since_us,
                most_us = (s->kind->layer < was[i] ? 3 : 8) * (int64_t)SECOND;
        bool pictures = was[i] != NOTHING && s->kind->layer != NOTHING;
        bool ok = took_us <= most_us && (!pictures || s->stood_us <= SECOND) && !l->bad_ts && !l->bad_pid;
        if (!ok)
            printf("# %s: %s, %d -> %s (%d): right after %d ms, stood still %d ms, bad %u %u\n", what,
                   viewer(i)->member, was[i], s->kind->name, s->kind->layer, (int)(took_us / MS),
                   (int)(s->stood_us / MS), l->bad_ts, l->bad_pid);
        missed += !ok;
        unsigned k = (unsigned)(s->kind - kinds);
        worst_us[k] = took_us > worst_us[k] ? took_us : worst_us[k];
        stood_us[k] = pictures && s->stood_us > stood_us[k] ? s->stood_us : stood_us[k];
    }
    for (unsigned k = 0; k < KINDS; k++)
        printf("# %s: %-24s right after %5d ms at the most, stood still %4d ms\n", what, kinds[k].name,
               (int)(worst_us[k] / MS), (int)(stood_us[k] / MS));
    return missed;
}

static struct hall_seat *lesson(uint64_t seed) {
    hall_open(&hall, 2, &clean, seed);
    hall_stage(&hall, (const char *const[]){"teacher"}, 1);
    hall.layers = 3;
    struct hall_seat *t = hall_publish(&hall, "teacher", CODEC_VP8);
    t->source = 0;
    t->level = 20;
    hall_run(&hall, 4 * SECOND);
    return t;
}

static unsigned phase(const char *what, unsigned step, int64_t for_us) {
    int was[VIEWERS];
    int64_t since_us = hall.now_us;
    for (unsigned i = 0; i < VIEWERS; i++) {
        was[i] = seen[i].kind ? seen[i].kind->layer : NOTHING;
        set_line(i, &kinds[(i + step) % KINDS]);
    }
    run(for_us);
    return judge(what, since_us, was);
}

static void test_forty_lines(void **state) {
    (void)state;
    struct hall_seat *t = lesson(31);
    for (unsigned i = 0; i < VIEWERS; i++) {
        char name[8];
        snprintf(name, sizeof name, "v%u", i);
        hall_view(&hall, i / KINDS % 2, name, CODEC_NONE, 1);
        seen[i] = (struct seen){.layer = NOTHING};
    }
    unsigned missed = phase("they come", 0, 20 * SECOND);
    missed += phase("thinner and wider", 3, 20 * SECOND);
    missed += phase("once more", 6, 20 * SECOND);
    int64_t seconds = hall.now_us / SECOND - 1000;
    for (unsigned k = 0; k < 3; k++) {
        const struct endpoint_line *l = endpoint_layer(t->end, k);
        printf("# layer %u: %u key frames asked in %d s\n", k, l->plis, (int)seconds);
        assert_true(l->plis <= seconds + 1);
        assert_true(l->pli_gap_us >= SECOND);
    }
    assert_int_equal(missed, 0);
    hall_close(&hall);
}

static void draw(const struct hall_seat *v, unsigned height) {
    struct cmd_draw *k = mem_zalloc(sizeof *k);
    k->n = 1;
    STR_COPY(k->draw[0].mid, str_of(v->end->line[3].mid));
    k->draw[0].height = height;
    struct cmd c = {.type = CMD_DRAW, .id = v->peer, .p = k};
    plane_command(hall.plane[v->plane], &c, hall.now_us);
}

/* Nobody at home looks, three do on the other worker, all in small: the larger sizes are switched off; one of
 * them makes his window large, and it is there; he makes it small again, and it goes. */
static void test_asleep_across(void **state) {
    (void)state;
    struct hall_seat *t = lesson(32), *v[3];
    for (unsigned i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "v%u", i);
        v[i] = hall_view(&hall, 1, name, CODEC_NONE, 1);
        draw(v[i], 150);
    }
    hall_run(&hall, 12 * SECOND);
    assert_string_equal(t->layers_off, "h,f");
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(hall_screen(v[i], 0)->source, 0);
    for (unsigned times = 0; times < 3; times++) {
        draw(v[1], 700);
        for (int i = 0; i < 15; i++) {
            hall_run(&hall, 100 * MS);
            show();
        }
        assert_null(strstr(t->layers_off, "f"));
        assert_int_equal(hall_screen(v[1], 0)->source, 2 * HALL_LAYER);
        assert_int_equal(hall_screen(v[0], 0)->source, 0);
        draw(v[1], 150);
        hall_run(&hall, 12 * SECOND);
        assert_string_equal(t->layers_off, "h,f");
        assert_int_equal(hall_screen(v[1], 0)->source, 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_true(hall_screen(v[i], 0)->longest_us < 300 * MS);
        assert_int_equal(hall_screen(v[i], 0)->bad_ts, 0);
        assert_int_equal(hall_screen(v[i], 0)->bad_pid, 0);
    }
    hall_close(&hall);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forty_lines),

        cmocka_unit_test(test_asleep_across),
    };
    if (getenv("SIM_TEST"))
        cmocka_set_test_filter(getenv("SIM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
