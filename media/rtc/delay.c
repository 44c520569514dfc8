#include "media/rtc/delay.h"
#include <string.h>

void delay_init(struct delay *d) { memset(d, 0, sizeof *d); }

static const struct delay_point *point(const struct delay *d, unsigned back) {
    return &d->point[(d->at + DELAY_POINTS - 1 - back) % DELAY_POINTS];
}

static void begin(struct delay *d, int64_t sent_us, int64_t arrived_us) {
    delay_init(d);
    d->open = true;
    d->burst_us = d->based_us = sent_us;
    d->zero_us = arrived_us - sent_us;
    d->base_us = d->base_next_us = INT32_MAX;
}

static void observe(struct delay *d) {
    d->point[d->at] = (struct delay_point){(uint32_t)d->burst_us, d->burst_way_us};
    d->at = (d->at + 1) % DELAY_POINTS;
    d->n += d->n < DELAY_POINTS;
    if (d->burst_us - d->based_us >= DELAY_BASE_US) {
        d->based_us = d->burst_us;
        d->base_us = d->base_next_us;
        d->base_next_us = INT32_MAX;
    }
    d->base_us = d->burst_way_us < d->base_us ? d->burst_way_us : d->base_us;
    d->base_next_us = d->burst_way_us < d->base_next_us ? d->burst_way_us : d->base_next_us;
}

void delay_on(struct delay *d, int64_t sent_us, int64_t arrived_us) {
    int64_t way_us = arrived_us - sent_us - d->zero_us;
    if (!d->open || way_us - d->burst_way_us > DELAY_JUMP_US || d->burst_way_us - way_us > DELAY_JUMP_US ||
        way_us > INT32_MAX / 2 || way_us < INT32_MIN / 2) {
        begin(d, sent_us, arrived_us);
        return;
    }
    if (sent_us < d->burst_us)
        return; /* reported late: that burst is over */
    if (sent_us - d->burst_us <= DELAY_BURST_US) {
        d->burst_way_us = (int32_t)(way_us < d->burst_way_us ? way_us : d->burst_way_us);
        return;
    }
    observe(d);
    d->burst_us = sent_us;
    d->burst_way_us = (int32_t)way_us;
}

int64_t delay_wait_us(const struct delay *d) {
    int32_t least = INT32_MAX;
    for (unsigned i = 0; i < d->n; i++) {
        const struct delay_point *p = point(d, i);
        uint32_t ago_us = point(d, 0)->sent_us - p->sent_us;
        if (i >= DELAY_LOOK_POINTS && ago_us > DELAY_LOOK_US)
            break;
        least = p->way_us < least ? p->way_us : least;
    }
    return d->n < DELAY_LOOK_POINTS ? 0 : (int64_t)least - d->base_us;
}

/* Least squares, in milliseconds to stay within 64 bits whatever the times are. */
int64_t delay_slope(const struct delay *d) {
    int64_t x = 0, y = 0, xx = 0, xy = 0, n = d->n;
    if (d->n < DELAY_POINTS / 2)
        return 0;
    const struct delay_point *zero = point(d, d->n - 1);
    for (unsigned i = 0; i < d->n; i++) {
        uint32_t since_us = point(d, i)->sent_us - zero->sent_us;
        int64_t xi = since_us / 1000, yi = (int64_t)point(d, i)->way_us - zero->way_us;
        xi = xi < DELAY_BASE_US / 1000 ? xi : DELAY_BASE_US / 1000;
        x += xi;
        y += yi;
        xx += xi * xi;
        xy += xi * yi;
    }
    int64_t under = n * xx - x * x;
    return under ? (n * xy - x * y) * 1000 / under : 0;
}

void delay_rebase(struct delay *d) {
    int32_t wait_us = (int32_t)delay_wait_us(d);
    d->base_us += wait_us;
    d->base_next_us = d->base_us;
}
