/* A crowd joins one lecture: each viewer is given the cached pictures when they are few, else waits for a key
 * frame out of the source's budget. Asserted: what the publisher is asked, and how long people look at
 * nothing. */
#include "media/base/mem.h"
#include "media/rtc/history.h"
#include "media/rtc/pli.h"
#include "media/rtc/rewrite.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum {
    MS = 1000,
    SECOND_US = 1000000,
    STEP_US = MS,
    FRAME_US = 33 * MS,
    KEY_PACKETS = 14, /* a 720p key frame at 1 Mb/s is some 15 kB */
    DELTA_PACKETS = 4,
};

struct publisher {
    uint64_t seq;
    uint32_t ts;
    int64_t frame_us, key_us; /* next frame; when a requested key frame is ready, or never */
    int64_t rtt_us;
    unsigned keyframes;
};
struct viewer {
    int64_t joins_us, first_us; /* first_us: when a decodable picture began to flow; -1 before */
    struct rewrite rewrite;
    unsigned packets;
    uint16_t last;
};
struct room {
    struct publisher pub;
    struct history history;
    struct pli pli;
    struct viewer *viewer;
    unsigned viewers, requests;
};

static void send_to(struct viewer *v, const struct history_pkt *h, int64_t now_us) {
    struct rewrite_out out;
    assert_true(rewrite_map(&v->rewrite, 1, h->seq, h->ts, NULL, now_us, &out));
    assert_true(!v->packets || out.seq == (uint16_t)(v->last + 1)); /* nothing is lost in this world */
    v->last = out.seq;
    v->packets++;
}

static void start_at(struct viewer *v, const struct history_pkt *h, uint32_t ts_now, int64_t now_us) {
    struct rewrite_start st = {.source = 1, .seq = h->seq, .ts = h->ts, .ts_now = ts_now};
    rewrite_switch(&v->rewrite, &st, now_us);
    v->first_us = now_us;
}

static void join(struct room *r, struct viewer *v, int64_t now_us) {
    uint64_t first, last;
    if (!history_replay(&r->history, &first, &last)) {
        pli_ask(&r->pli, now_us);
        return;
    }
    start_at(v, history_get(&r->history, first), history_get(&r->history, last)->ts, now_us);
    for (uint64_t s = first; s <= last; s++)
        send_to(v, history_get(&r->history, s), now_us);
}

static void frame(struct room *r, int64_t now_us) {
    struct publisher *p = &r->pub;
    bool key = now_us >= p->key_us;
    static const uint8_t body[1] = {0};
    if (key) {
        p->key_us = INT64_MAX;
        p->keyframes++;
        pli_on_keyframe(&r->pli, now_us);
    }
    unsigned n = key ? KEY_PACKETS : DELTA_PACKETS;
    for (unsigned i = 0; i < n; i++) {
        struct rtp pkt = {.marker = i == n - 1, .seq = (uint16_t)p->seq, .ts = p->ts, .payload = {body, 1}};
        struct codec_info info = {.keyframe = key && i == 0};
        const struct history_pkt *h = history_put(&r->history, p->seq++, &pkt, &info, now_us);
        for (unsigned k = 0; k < r->viewers; k++) {
            struct viewer *v = &r->viewer[k];
            if (v->first_us < 0 && now_us >= v->joins_us && info.keyframe)
                start_at(v, h, h->ts, now_us);
            if (v->first_us >= 0)
                send_to(v, h, now_us);
        }
    }
    p->ts += 2970;
}

static int by_wait(const void *a, const void *b) {
    const struct viewer *x = a, *y = b;
    int64_t wx = x->first_us - x->joins_us, wy = y->first_us - y->joins_us;
    return wx < wy ? -1 : wx > wy;
}

struct outcome {
    int64_t p50_us, p99_us, worst_us;
    unsigned requests, keyframes;
};

static struct outcome crowd(unsigned viewers, int64_t over_us, int64_t rtt_us) {
    struct room r = {.viewers = viewers};
    uint32_t x = viewers;
    r.viewer = mem_zalloc(viewers * sizeof *r.viewer);
    history_open(&r.history, HISTORY_VIDEO);
    pli_init(&r.pli);
    pli_rtt(&r.pli, rtt_us);
    r.pub = (struct publisher){.seq = 70000, .key_us = 0, .rtt_us = rtt_us};
    int64_t start_us = 10 * SECOND_US; /* the lecture has been going on for a while */
    for (unsigned i = 0; i < viewers; i++) {
        x = x * 1664525u + 1013904223u;
        r.viewer[i].joins_us = start_us + (int64_t)((x >> 8) % (uint64_t)over_us) / STEP_US * STEP_US;
        r.viewer[i].first_us = -1;
        rewrite_init(&r.viewer[i].rewrite, 90000, x);
    }
    for (int64_t now_us = 0; now_us < start_us + over_us + 3 * SECOND_US; now_us += STEP_US) {
        if (now_us % FRAME_US == 0)
            frame(&r, now_us);
        for (unsigned i = 0; i < viewers; i++)
            if (r.viewer[i].joins_us == now_us)
                join(&r, &r.viewer[i], now_us);
        if (pli_due(&r.pli, now_us)) {
            r.requests++;
            if (r.pub.key_us == INT64_MAX)
                r.pub.key_us = now_us + rtt_us;
        }
    }
    qsort(r.viewer, viewers, sizeof *r.viewer, by_wait);
    for (unsigned i = 0; i < viewers; i++)
        assert_true(r.viewer[i].first_us >= r.viewer[i].joins_us);
    struct outcome o = {
        .p50_us = r.viewer[viewers / 2].first_us - r.viewer[viewers / 2].joins_us,
        .p99_us = r.viewer[viewers * 99 / 100].first_us - r.viewer[viewers * 99 / 100].joins_us,
        .worst_us = r.viewer[viewers - 1].first_us - r.viewer[viewers - 1].joins_us,
        .requests = r.requests,
        .keyframes = r.pub.keyframes - 1,
    };
    history_close(&r.history);
    mem_free(r.viewer);
    return o;
}

static void a_crowd_joins(void **state) {
    (void)state;
    static const struct {
        unsigned viewers;
        int64_t over_us, rtt_us;
    } rows[] = {
        {1, SECOND_US, 40 * MS},
        {200, 4 * SECOND_US, 40 * MS},
        {2000, 4 * SECOND_US, 40 * MS},
        {200, 4 * SECOND_US, 250 * MS},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct outcome o = crowd(rows[i].viewers, rows[i].over_us, rows[i].rtt_us);
        printf(
            "# %4u joins in %d s, RTT %3d ms: picture after p50 %d ms, p99 %d ms, worst %d ms; %u requests\n",
            rows[i].viewers, (int)(rows[i].over_us / SECOND_US), (int)(rows[i].rtt_us / MS),
            (int)(o.p50_us / MS), (int)(o.p99_us / MS), (int)(o.worst_us / MS), o.requests);
        assert_true(o.requests >= 1 && o.requests <= rows[i].over_us / SECOND_US + 1);
        assert_true(o.keyframes <= o.requests);
        /* Nobody waits longer than the budget's second, a round trip and a frame. */
        assert_true(o.worst_us <= PLI_EVERY_US + rows[i].rtt_us + FRAME_US);
        assert_true(rows[i].viewers == 1 || o.p50_us <= 300 * MS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_crowd_joins)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
