#include "media/rtc/nack.h"
#include <string.h>

void nack_init(struct nack *n) {
    memset(n, 0, sizeof *n);
    n->rtt_us = NACK_RTT_US;
}

void nack_rtt(struct nack *n, int64_t rtt_us) {
    n->rtt_us = rtt_us;
    n->measured = true;
}

/* Only of gaps asked for once: after a second request nobody knows which of them was answered (Karn). */
static void measure(struct nack *n, const struct nack_gap *g, int64_t now_us) {
    if (g->tries != 1)
        return;
    int64_t us = now_us - g->asked_us;
    nack_rtt(n, n->measured ? n->rtt_us + (us - n->rtt_us) / 8 : us);
}

/* A quarter more than the round trip, so that an answer under way is not asked for twice; and a quarter more
 * each time, so that on a short path the tries outlast an outage (ten take half a second at least). */
static int64_t retry_us(const struct nack *n, int tries) {
    int64_t us = n->rtt_us + n->rtt_us / 4;
    us = us < NACK_RETRY_MIN_US ? NACK_RETRY_MIN_US : us > NACK_RETRY_MAX_US ? NACK_RETRY_MAX_US : us;
    return us + us * (tries - 1) / 4;
}

static void drop_first(struct nack *n, unsigned k) {
    n->n -= k;
    memmove(n->gap, n->gap + k, n->n * sizeof n->gap[0]);
}

static void give_up(struct nack *n, uint64_t count) {
    n->given_up += count;
    n->keyframe = true;
}

/* Everything between the top and seq is missing. */
static void open_gap(struct nack *n, uint64_t seq, int64_t now_us) {
    uint64_t missing = seq - n->top - 1;
    if (missing > NACK_MAX) {
        give_up(n, missing + n->n);
        n->n = 0;
        return;
    }
    if (n->n + missing > NACK_MAX) {
        unsigned over = (unsigned)(n->n + missing - NACK_MAX);
        give_up(n, over);
        drop_first(n, over);
    }
    for (uint64_t s = n->top + 1; s < seq; s++)
        n->gap[n->n++] = (struct nack_gap){s, now_us + NACK_REORDER_US, now_us, 0, 0};
}

/* Index of the first gap at or after seq. */
static unsigned lower(const struct nack *n, uint64_t seq) {
    unsigned lo = 0, hi = n->n;
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if (n->gap[mid].seq < seq)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool nack_seen(struct nack *n, uint64_t seq, int64_t now_us) {
    if (!n->top || seq > n->top) {
        if (n->top)
            open_gap(n, seq, now_us);
        n->top = seq;
        return false;
    }
    unsigned i = lower(n, seq);
    if (i == n->n || n->gap[i].seq != seq)
        return false;
    n->recovered += n->gap[i].tries > 0;
    measure(n, &n->gap[i], now_us);
    n->n--;
    memmove(n->gap + i, n->gap + i + 1, (n->n - i) * sizeof n->gap[0]);
    return true;
}

void nack_keyframe(struct nack *n, uint64_t seq) { drop_first(n, lower(n, seq)); }

unsigned nack_due(struct nack *n, int64_t now_us, uint16_t out[NACK_BATCH], bool *keyframe) {
    unsigned asked = 0, kept = 0;
    for (unsigned i = 0; i < n->n; i++) {
        struct nack_gap *g = &n->gap[i];
        if (g->due_us <= now_us && asked < NACK_BATCH) {
            if (g->tries >= NACK_TRIES || now_us - g->born_us > NACK_AGE_US) {
                give_up(n, 1);
                continue;
            }
            out[asked++] = (uint16_t)g->seq;
            g->tries++;
            g->asked_us = now_us;
            g->due_us = now_us + retry_us(n, g->tries);
        }
        n->gap[kept++] = *g;
    }
    n->n = kept;
    n->asked += asked;
    *keyframe = n->keyframe;
    n->keyframe = false;
    return asked;
}

int64_t nack_next_us(const struct nack *n) {
    int64_t next = INT64_MAX;
    if (n->keyframe)
        return 0;
    for (unsigned i = 0; i < n->n; i++)
        if (n->gap[i].due_us < next)
            next = n->gap[i].due_us;
    return next;
}
