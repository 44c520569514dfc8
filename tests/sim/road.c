#include "tests/sim/road.h"
#include "media/rtc/rtcp.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* What a packet is, in its tag above the 16 bits of its number. */
enum kind { KIND_VIDEO, KIND_SOUND, KIND_PROBE, KIND_RIVAL };
enum { PACKET = 1180, SOUND = 150, KEY_TIMES = 8, RIVAL_BYTES = 1200 };

void road_open(struct road *r, const struct net_cfg *cfg, uint64_t seed) {
    memset(r, 0, sizeof *r);
    r->cfg = *cfg;
    r->net = net_open(cfg, seed);
    struct net_cfg back = {.delay_us = cfg->delay_us, .jitter_us = cfg->jitter_us, .loss_ppm = cfg->loss_ppm};
    r->back = net_open(&back, seed + 1);
    r->now_us = r->frame_us = r->sound_us = 1000 * (int64_t)SECOND;
    r->feedback = r->paced = true;
    r->layer = r->goal = -1;
    r->key_delay_ms = 120;
    r->slot = (struct allot_slot){.kind = ALLOT_STAGE,
                                  .source = 1,
                                  .want = 720,
                                  .rung_n = ROAD_LAYERS,
                                  .rung = {{150000, 180, 0, 0}, {500000, 360, 1, 0}, {1500000, 720, 2, 0}}};
    steer_init(&r->steer, true, 4000, r->now_us);
    twcc_rx_init(&r->rx);
    r->window = 4;
}

void road_close(struct road *r) {
    net_close(r->net);
    net_close(r->back);
}

void road_set(struct road *r, uint64_t rate_bps) {
    r->cfg.rate_bps = rate_bps;
    net_set(r->net, &r->cfg);
}

void road_mark(struct road *r) {
    r->worst_us = 0;
    r->video_got = 0;
    r->switches = 0;
    r->rival_got = 0;
}

static void emit(struct road *r, enum kind kind, size_t bytes) {
    static const uint8_t none[NET_BYTES];
    uint64_t tag = (uint64_t)kind << 16 | r->steer.tx.next;
    twcc_tx_on(&r->steer.tx, bytes, r->now_us);
    r->sent_bytes += bytes;
    net_send(r->net, tag, none, bytes, r->now_us);
}

/* ---- the server ---- */

static void drain(struct road *r) {
    while (r->n && (!r->paced || pace_may(&r->steer.pace, r->now_us))) {
        size_t bytes = r->waiting[r->head];
        r->head = (r->head + 1) % ROAD_QUEUE;
        r->n--;
        pace_spend(&r->steer.pace, bytes);
        r->video_bytes += bytes;
        emit(r, KIND_VIDEO, bytes);
    }
}

static void picture(struct road *r, bool key) {
    size_t bytes = r->slot.rung[r->layer].bps / 8 / 30 * (key ? KEY_TIMES : 1);
    bytes += bytes * (size_t)(r->now_us / 33000 % 5) / 10 - bytes / 5;
    for (; bytes && r->n < ROAD_QUEUE; bytes -= bytes < PACKET ? bytes : PACKET)
        r->waiting[(r->head + r->n++) % ROAD_QUEUE] = (uint16_t)(bytes < PACKET ? bytes : PACKET);
}

static void choose(struct road *r) {
    steer_meter(&r->steer, r->sent_bytes, r->sound_sent * SOUND, r->now_us);
    steer_choose(&r->steer, &r->slot, 1, r->now_us);
    int pick = r->steer.out.pick[0];
    int goal = pick < 0 ? -1 : r->slot.rung[pick].layer;
    if (goal == r->goal)
        return;
    /* Upwards the old layer goes on until the key frame comes; a layer too dear is left at once. */
    if (goal < r->layer) {
        r->layer = -1;
        r->n = 0;
    }
    r->goal = goal;
    r->key_us = r->now_us + r->key_delay_ms * MS;
}

static void serve(struct road *r) {
    if (r->now_us >= r->steer.choose_us)
        choose(r);
    if (r->now_us >= r->sound_us) {
        r->sound_us += 20 * MS;
        r->sound_sent++;
        emit(r, KIND_SOUND, SOUND);
    }
    if (r->now_us >= r->frame_us) {
        r->frame_us += 33 * MS;
        bool key = r->goal != r->layer && r->now_us >= r->key_us;
        if (key) {
            r->layer = r->goal;
            r->switches++;
        }
        if (r->layer >= 0)
            picture(r, key);
    }
    drain(r);
    uint32_t due = steer_probe(&r->steer, r->sent_bytes, r->now_us);
    while (due) {
        size_t bytes = due < 250 ? 250 : due < PACKET ? due : PACKET;
        r->probe_bytes += bytes;
        emit(r, KIND_PROBE, bytes);
        due -= due < bytes ? due : (uint32_t)bytes;
    }
}

/* ---- the viewer ---- */

static void rival_step(struct road *r) {
    static const uint8_t none[RIVAL_BYTES];
    while (r->rival && r->flying < r->window) {
        uint64_t before = net_stats(r->net).dropped;
        net_send(r->net, (uint64_t)KIND_RIVAL << 16, none, RIVAL_BYTES, r->now_us);
        if (net_stats(r->net).dropped == before) {
            r->flying++;
            continue;
        }
        if (r->now_us > r->backoff_us) {
            r->window = r->window / 2 > 2 ? r->window / 2 : 2;
            r->backoff_us = r->now_us + 2 * r->cfg.delay_us + 100 * MS;
        }
        return;
    }
}

static void hear(struct road *r) {
    struct net_packet p;
    while (net_recv(r->net, r->now_us, &p)) {
        enum kind kind = (enum kind)(p.tag >> 16);
        if (kind == KIND_RIVAL) {
            r->flying--;
            r->rival_got += RIVAL_BYTES;
            r->window += 1 / r->window;
            continue;
        }
        if (r->feedback)
            twcc_rx_on(&r->rx, (uint16_t)p.tag, p.at_us);
        r->video_got += kind == KIND_VIDEO ? p.n : 0;
        r->sound_got += kind == KIND_SOUND;
        int64_t late_us = p.at_us - p.sent_us - r->cfg.delay_us;
        if (kind == KIND_SOUND && late_us > r->worst_us)
            r->worst_us = late_us;
    }
    uint8_t fb[TWCC_PACKET_MAX];
    for (int n; r->feedback && (n = twcc_rx_write(&r->rx, 1, 2, r->now_us, fb, sizeof fb)) > 0;)
        net_send(r->back, 0, fb, (size_t)n, r->now_us);
    while (net_recv(r->back, r->now_us, &p)) {
        struct rtcp_iter it = rtcp_iter((struct bytes){p.data, p.n});
        struct rtcp c;
        struct bytes fci;
        assert_int_equal(rtcp_next(&it, &c), 1);
        assert_true(rtcp_twcc(&c, &fci));
        steer_feedback(&r->steer, fci, r->now_us);
    }
}

void road_run(struct road *r, int64_t for_us) {
    for (int64_t end_us = r->now_us + for_us; r->now_us < end_us; r->now_us += MS) {
        hear(r);
        serve(r);
        rival_step(r);
    }
}

int64_t road_until(struct road *r, int layer, int64_t most_us) {
    for (int64_t t = 0; t < most_us; t += 10 * MS) {
        if (r->layer == layer && r->goal == layer)
            return t;
        road_run(r, 10 * MS);
    }
    return -1;
}
