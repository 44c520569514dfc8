#include "media/pipeline/tsmap.h"

enum {
    JUMP_US = 2000000,   /* timestamps further than this from their arrival have begun anew … */
    LATE_US = 1500000,   /* … if earlier than they can be, or later for this long */
    SNAP_US = 250000,    /* differences too large to slew */
    YOUNG_US = 10000000, /* a source settles faster in its first seconds */
    REPORT_TRUST_US = 1000000
};
enum { SLEW_DIV = 200, SLEW_YOUNG_DIV = 50 }; /* 5 ms and 20 ms a second */

static void min_put(struct tsmap_min *m, int64_t v, int64_t now_us) {
    if (!m->any || now_us - m->at_us >= TSMAP_WINDOW_US) {
        for (unsigned i = 0; i < TSMAP_BUCKETS; i++)
            m->v[i] = INT64_MAX;
        m->any = true;
        m->at_us = now_us;
    }
    while (now_us - m->at_us >= TSMAP_BUCKET_US) {
        m->newest = (m->newest + 1) % TSMAP_BUCKETS;
        m->v[m->newest] = INT64_MAX;
        m->at_us += TSMAP_BUCKET_US;
    }
    if (v < m->v[m->newest])
        m->v[m->newest] = v;
}
static int64_t min_get(const struct tsmap_min *m) {
    int64_t least = INT64_MAX;
    for (unsigned i = 0; i < TSMAP_BUCKETS; i++)
        if (m->v[i] < least)
            least = m->v[i];
    return least;
}

void tsmap_init(struct tsmap *m, uint32_t hz) { *m = (struct tsmap){.hz = hz ? hz : 1}; }
void tsmap_restart(struct tsmap *m) {
    m->started = m->has_report = false;
    m->late_us = 0;
    m->own.any = false;
}
static int64_t rtp_us(const struct tsmap *m, int64_t wide) { return wide * 1000000 / m->hz; }
static int64_t unwrap(const struct tsmap *m, uint32_t ts) { return m->wide + (int32_t)(ts - m->ts); }

static void restart_at(struct tsmap *m, uint32_t ts, int64_t arrival_us) {
    m->started = true;
    m->late_us = 0;
    m->ts = ts;
    m->wide = (int64_t)ts + (INT64_C(1) << 33); /* keeps sums positive */
    m->first_us = arrival_us;
    m->own.any = false;
    m->offset_us = arrival_us - rtp_us(m, m->wide);
    m->slewed_us = rtp_us(m, m->wide);
}
/* Did the sender's timestamps begin anew? A burst after a stall is late only for as long as it lasts. */
static bool has_jumped(struct tsmap *m, int64_t late_by_us, int64_t arrival_us) {
    if (late_by_us < -JUMP_US)
        return true;
    if (late_by_us <= JUMP_US) {
        m->late_us = 0;
        return false;
    }
    if (!m->late_us)
        m->late_us = arrival_us;
    return arrival_us - m->late_us > LATE_US;
}
static int64_t target_us(struct tsmap *m, struct tsmap_member *member, int64_t rtp, int64_t arrival_us) {
    min_put(&m->own, arrival_us - rtp, arrival_us);
    int64_t own = min_get(&m->own);
    if (!m->has_report || !member)
        return own;
    min_put(&member->ntp, arrival_us - rtp - m->report_us, arrival_us);
    int64_t shared = m->report_us + min_get(&member->ntp);
    int64_t diff = shared - own;
    return diff < REPORT_TRUST_US && diff > -REPORT_TRUST_US ? shared : own;
}
int64_t tsmap_put(struct tsmap *m, struct tsmap_member *member, uint32_t ts, int64_t arrival_us) {
    if (!m->started)
        restart_at(m, ts, arrival_us);
    int64_t wide = unwrap(m, ts);
    if (has_jumped(m, arrival_us - rtp_us(m, wide) - m->offset_us, arrival_us)) {
        m->jumps++;
        m->has_report = false;
        restart_at(m, ts, arrival_us);
        wide = m->wide;
    }
    int64_t rtp = rtp_us(m, wide);
    if (wide > m->wide) {
        m->wide = wide;
        m->ts = ts;
    }
    if (m->late_us)
        return rtp + m->offset_us;
    int64_t diff = target_us(m, member, rtp, arrival_us) - m->offset_us;
    int64_t passed = rtp > m->slewed_us ? rtp - m->slewed_us : 0;
    int64_t step = passed / (arrival_us - m->first_us < YOUNG_US ? SLEW_YOUNG_DIV : SLEW_DIV);
    if (diff > SNAP_US || diff < -SNAP_US)
        step = SNAP_US + (diff < 0 ? -diff : diff);
    if (step > 0) {
        m->slewed_us = rtp > m->slewed_us ? rtp : m->slewed_us;
        m->offset_us += diff > step ? step : diff < -step ? -step : diff;
    }
    return rtp + m->offset_us;
}
void tsmap_report(struct tsmap *m, uint64_t ntp, uint32_t ts) {
    if (!m->started)
        return;
    int64_t ntp_us = (int64_t)(ntp >> 32) * 1000000 + (int64_t)(((ntp & 0xffffffff) * 1000000) >> 32);
    m->report_us = ntp_us - rtp_us(m, unwrap(m, ts));
    m->has_report = true;
}
