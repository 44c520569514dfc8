#include "media/pipeline/reorder.h"
#include "media/base/mem.h"

struct reorder_held {
    struct reorder_packet packet;
    uint8_t bytes[REORDER_PACKET_MAX];
};

void reorder_init(struct reorder *r, int64_t wait_us) {
    *r = (struct reorder){.wait_us = wait_us, .gap_us = INT64_MAX};
}
static void empty(struct reorder *r) {
    for (size_t i = 0; i < REORDER_SPAN; i++) {
        mem_free(r->held[i]);
        r->held[i] = NULL;
    }
    r->count = 0;
    r->gap_us = INT64_MAX;
}
void reorder_fini(struct reorder *r) {
    empty(r);
    mem_free(r->out);
    r->out = NULL;
}
void reorder_restart(struct reorder *r) {
    empty(r);
    r->lost = r->started;
    r->started = false;
}
static size_t place(uint64_t n) { return n % REORDER_SPAN; }
static bool deliver(struct reorder *r, struct reorder_packet *p) {
    p->lost_before = r->lost;
    r->lost = false;
    r->next++;
    r->gap_us = INT64_MAX;
    return true;
}

bool reorder_put(struct reorder *r, struct reorder_packet *p) {
    enum { BASE = 1 << 20 }; /* room below for packets older than the first */
    if (!r->started) {
        r->started = true;
        r->next = BASE + p->seq;
    }
    uint64_t n = r->next + (uint64_t)(int64_t)(int16_t)(uint16_t)(p->seq - (uint16_t)r->next);
    if (n < r->next && r->next - n < REORDER_SPAN) {
        r->late_packets++;
        return false;
    }
    if (n < r->next || n - r->next >= REORDER_SPAN) { /* numbers jumped: the source began anew */
        empty(r);
        r->lost = true;
        r->next = n;
    }
    if (n == r->next)
        return deliver(r, p);
    if (r->held[place(n)] || p->payload.n > REORDER_PACKET_MAX) {
        r->late_packets++;
        return false;
    }
    struct reorder_held *h = mem_zalloc(sizeof *h);
    h->packet = *p;
    memcpy(h->bytes, p->payload.p, p->payload.n);
    h->packet.payload.p = h->bytes;
    r->held[place(n)] = h;
    r->count++;
    return false;
}
bool reorder_next(struct reorder *r, int64_t now_us, struct reorder_packet *out) {
    if (!r->count)
        return false;
    uint64_t n = r->next;
    while (!r->held[place(n)])
        n++;
    struct reorder_held *h = r->held[place(n)];
    if (n != r->next) {
        r->gap_us = h->packet.arrival_us;
        if (now_us < r->gap_us + r->wait_us)
            return false;
        r->lost_packets += n - r->next;
        r->lost = true;
        r->next = n;
    }
    r->held[place(n)] = NULL;
    r->count--;
    mem_free(r->out);
    r->out = h;
    deliver(r, &h->packet);
    *out = h->packet;
    return true;
}
int64_t reorder_due_us(const struct reorder *r) {
    return r->gap_us == INT64_MAX ? INT64_MAX : r->gap_us + r->wait_us;
}
