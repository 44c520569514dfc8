#include "media/rtc/probe.h"

void probe_init(struct probe *p, int64_t now_us) {
    *p = (struct probe){.next_us = now_us, .every_us = PROBE_EVERY_US};
}

void probe_begin(struct probe *p, uint64_t bps, int64_t now_us) {
    uint64_t bytes = bps * PROBE_US / 8000000;
    *p = (struct probe){.mark = (uint8_t)(p->mark % TWCC_PROBE_MAX + 1),
                        .sending = true,
                        .bps = bps,
                        .began_us = now_us,
                        .tick_us = now_us,
                        .next_us = now_us,
                        .every_us = p->every_us,
                        .bytes = (uint32_t)(bytes < PROBE_BYTES_MIN ? PROBE_BYTES_MIN : bytes)};
}

uint32_t probe_due(struct probe *p, uint32_t left, unsigned packets, int64_t now_us) {
    if (!p->sending)
        return 0;
    p->left = left;
    p->sent = packets;
    if (left >= p->bytes && packets >= PROBE_PACKETS_MIN) {
        p->sending = false;
        p->waiting = true;
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
    if (!p->got++) {
        p->first_us = r->arrived_us;
        p->first_bytes = r->bytes;
        p->first_sent_us = r->sent_us;
    }
    p->got_bytes += r->bytes;
    p->last_bytes = r->bytes;
    p->last_sent_us = r->sent_us;
    p->last_us = r->arrived_us > p->last_us || p->got == 1 ? r->arrived_us : p->last_us;
}

void probe_failed(struct probe *p, int64_t now_us) {
    p->sending = p->waiting = false;
    p->next_us = now_us + p->every_us;
    p->every_us = p->every_us * 3 / 2 < PROBE_EVERY_MAX_US ? p->every_us * 3 / 2 : PROBE_EVERY_MAX_US;
}

void probe_expire(struct probe *p, int64_t now_us) {
    if (p->waiting && now_us - p->began_us > PROBE_ANSWER_US)
        probe_failed(p, now_us);
}

uint64_t probe_answer(struct probe *p, bool *full, int64_t now_us) {
    if (!p->waiting || p->told < p->sent)
        return 0;
    /* The first packet opens the interval and the last closes it: neither's own bytes count on that side. */
    int64_t sent_us = p->last_sent_us - p->first_sent_us, came_us = p->last_us - p->first_us;
    if (p->got < PROBE_PACKETS_MIN || p->got * 10 < p->sent * 7 || sent_us <= 0 || came_us < 0) {
        probe_failed(p, now_us);
        return 0;
    }
    uint64_t out = (uint64_t)(p->got_bytes - p->last_bytes) * 8000000 / (uint64_t)sent_us;
    uint64_t in = came_us ? (uint64_t)(p->got_bytes - p->first_bytes) * 8000000 / (uint64_t)came_us : out;
    uint64_t bps = in < out ? in : out;
    bps = bps < p->bps ? bps : p->bps;
    *full = bps * 10 < p->bps * 9;
    if (*full) {
        probe_failed(p, now_us);
        return bps * 95 / 100; /* that is all there is */
    }
    p->waiting = false;
    p->next_us = now_us + PROBE_SOON_US;
    p->every_us = PROBE_EVERY_US;
    return bps;
}
