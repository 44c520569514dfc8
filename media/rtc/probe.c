#include "media/rtc/probe.h"

void probe_init(struct probe *p, int64_t now_us) {
    *p = (struct probe){.next_us = now_us, .every_us = PROBE_EVERY_US};
}

/* Long enough to empty a bucket that what flows now had filled. */
static int64_t probe_long_us(uint64_t bps, uint64_t flow_bps) {
    uint64_t more = bps > flow_bps ? bps - flow_bps : 1, us = PROBE_BUCKET_BYTES * UINT64_C(8000000) / more;
    return us < PROBE_US ? PROBE_US : us > PROBE_MAX_US ? PROBE_MAX_US : (int64_t)us;
}

void probe_begin(struct probe *p, uint64_t bps, uint64_t flow_bps, int64_t now_us) {
    int64_t long_us = probe_long_us(bps, flow_bps);
    uint64_t bytes = bps * (uint64_t)long_us / 8000000;
    *p = (struct probe){.mark = (uint8_t)(p->mark % TWCC_PROBE_MAX + 1),
                        .sending = true,
                        .bps = bps,
                        .began_us = now_us,
                        .tick_us = now_us,
                        .next_us = now_us,
                        .every_us = p->every_us,
                        .carried = p->carried,
                        .long_us = long_us,
                        .bytes = (uint32_t)(bytes < PROBE_BYTES_MIN ? PROBE_BYTES_MIN : bytes)};
}

static void probe_end(struct probe *p, unsigned packets) {
    p->sent = packets;
    p->sending = false;
    p->waiting = true;
}

void probe_stop(struct probe *p, unsigned packets) {
    probe_end(p, packets);
    p->late = true;
}

uint32_t probe_due(struct probe *p, uint32_t left, unsigned packets, int64_t now_us) {
    if (!p->sending)
        return 0;
    p->left = left;
    if (left >= p->bytes && packets >= PROBE_PACKETS_MIN) {
        probe_end(p, packets);
        return 0;
    }
    if (now_us < p->tick_us)
        return 0;
    p->tick_us = now_us + PROBE_TICK_US;
    uint64_t by_now = p->bps * (uint64_t)(now_us - p->began_us + PROBE_TICK_US) / 8000000;
    return by_now > left ? (uint32_t)(by_now - left) : 0;
}

int64_t probe_next_us(const struct probe *p) { return p->sending ? p->tick_us : INT64_MAX; }

void probe_on_result(struct probe *p, const struct twcc_result *r) {
    if (!r->probe || r->probe != p->mark || !(p->sending || p->waiting))
        return;
    p->told++;
    if (!r->got)
        return;
    if (!p->got++)
        p->first_us = r->arrived_us;
    int64_t sent_us = r->sent_us - p->began_us, us = r->arrived_us - p->first_us,
            at = sent_us * PROBE_PARTS / p->long_us;
    if (sent_us < 0 || sent_us > INT32_MAX || us > INT32_MAX || us < INT32_MIN)
        return; /* its clock was set */
    struct probe_part *t = &p->part[at < PROBE_PARTS ? at : PROBE_PARTS - 1];
    if (!t->n++) {
        t->first_bytes = r->bytes;
        t->first_sent_us = (int32_t)sent_us;
        t->first_us = (int32_t)us;
        t->last_us = (int32_t)us;
    }
    t->bytes += r->bytes;
    t->last_sent_us = (int32_t)sent_us;
    t->last_us = us > t->last_us ? (int32_t)us : t->last_us;
}

void probe_failed(struct probe *p, int64_t now_us) {
    p->sending = p->waiting = false;
    p->carried = 0;
    p->next_us = now_us + p->every_us;
    p->every_us = p->every_us * 3 / 2 < PROBE_EVERY_MAX_US ? p->every_us * 3 / 2 : PROBE_EVERY_MAX_US;
}

void probe_renew(struct probe *p, int64_t now_us) {
    if (p->sending || p->waiting)
        probe_failed(p, now_us);
    p->every_us = PROBE_EVERY_US;
    p->next_us = now_us + p->every_us;
}

void probe_expire(struct probe *p, int64_t now_us) {
    if (p->waiting && now_us - p->began_us > p->long_us + PROBE_ANSWER_US)
        probe_failed(p, now_us);
}

struct probe_rates {
    uint64_t out, in; /* 0: too little to tell */
};

/* How fast the parts from this one on left, and came. The first packet opens both intervals: its own bytes do
 * not count. */
static struct probe_rates probe_rate(const struct probe *p, unsigned from) {
    const struct probe_part *first = NULL, *last = NULL;
    uint64_t bytes = 0;
    unsigned n = 0;
    for (unsigned i = from; i < PROBE_PARTS; i++) {
        const struct probe_part *t = &p->part[i];
        if (!t->n)
            continue;
        first = first ? first : t;
        last = t;
        bytes += t->bytes;
        n += t->n;
    }
    if (n < (from ? PROBE_PACKETS_TAIL : PROBE_PACKETS_MIN))
        return (struct probe_rates){0};
    int64_t sent_us = last->last_sent_us - first->first_sent_us, came_us = last->last_us - first->first_us;
    if (sent_us <= 0 || came_us < 0)
        return (struct probe_rates){0};
    struct probe_rates r = {.out = (bytes - first->first_bytes) * 8000000 / (uint64_t)sent_us};
    r.in = came_us ? (bytes - first->first_bytes) * 8000000 / (uint64_t)came_us : r.out;
    return r;
}

uint64_t probe_answer(struct probe *p, bool *full, int64_t now_us) {
    if (!p->waiting || p->told < p->sent)
        return 0;
    unsigned used = PROBE_PARTS;
    while (used && !p->part[used - 1].n)
        used--;
    struct probe_rates all = probe_rate(p, 0), end = probe_rate(p, used * 3 / 4);
    end = end.in ? end : probe_rate(p, used / 2);
    end = end.in ? end : all;
    if (!all.in || p->got * 10 < p->sent * 7) {
        probe_failed(p, now_us);
        return 0;
    }
    uint64_t asked = end.out < p->bps ? end.out : p->bps;
    *full = end.in * 100 < asked * (p->late ? 97 : 90);
    if (*full) {
        probe_failed(p, now_us);
        return (end.in < asked ? end.in : asked) * 95 / 100; /* that is all there is */
    }
    uint64_t bps = all.in < all.out ? all.in : all.out;
    bps = bps < p->bps ? bps : p->bps;
    if (p->late) {
        probe_failed(p, now_us);
        return bps;
    }
    p->waiting = false;
    p->carried = p->carried < UINT8_MAX ? p->carried + 1 : p->carried;
    p->next_us = now_us + PROBE_SOON_US;
    p->every_us = PROBE_EVERY_US;
    return bps;
}
