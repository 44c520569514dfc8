#include "media/rtc/twcc.h"
#include "media/base/err.h"
#include "media/base/rd.h"
#include "media/base/wr.h"
#include "media/rtc/rtcp.h"

/* Draft section 3.1: "reference time ... in multiples of 64ms", deltas "in multiples of 250us". */
enum {
    REFERENCE_US = 64000,
    TICK_US = 250,
    TICKS_PER_REFERENCE = 256,
    RUN_MAX = 0x1fff,
    SMALL_MAX = 255,
    ONE_BIT_SYMBOLS = 14,
    TWO_BIT_SYMBOLS = 7,
};
enum symbol { SYMBOL_LOST = 0, SYMBOL_SMALL = 1, SYMBOL_LARGE = 2 };

/* ---- receiver ---- */
void twcc_rx_init(struct twcc_rx *r) { memset(r, 0, sizeof *r); }

static int64_t *arrival(struct twcc_rx *r, uint64_t seq) { return &r->at_us[seq % TWCC_RX_RING]; }

void twcc_rx_on(struct twcc_rx *r, uint16_t seq, int64_t now_us) {
    bool idle = twcc_rx_next_us(r) == INT64_MAX;
    uint64_t s = seq_unwrap(&r->unwrap, seq);
    if (!r->top)
        r->next = r->top = s;
    if (s + TWCC_RX_RING <= r->top)
        return;
    uint64_t from = r->top + 1;
    if (s >= from + TWCC_RX_RING)
        from = s - TWCC_RX_RING + 1;
    for (; from <= s; from++)
        *arrival(r, from) = 0;
    if (s > r->top)
        r->top = s;
    if (*arrival(r, s))
        return;
    *arrival(r, s) = now_us;
    /* A packet from before the last feedback is reported late: the next feedback begins at it. */
    if (s < r->next)
        r->next = s;
    if (r->next + TWCC_RX_RING <= r->top)
        r->next = r->top - TWCC_RX_RING + 1;
    if (idle)
        r->due_us = now_us + TWCC_EVERY_US;
}

int64_t twcc_rx_next_us(const struct twcc_rx *r) {
    return r->top && r->next <= r->top ? r->due_us : INT64_MAX;
}

/* The statuses of one feedback being made. */
struct draft {
    uint8_t symbol[TWCC_WRITE_MAX];
    int16_t delta[TWCC_WRITE_MAX];
    unsigned n;
    int64_t reference;
};

/* Collects statuses from r->next on, until the top, the limit, or a delta that does not fit 16 bits. */
static void collect(struct twcc_rx *r, struct draft *d) {
    int64_t prev = 0;
    d->n = 0;
    d->reference = -1;
    for (uint64_t s = r->next; s <= r->top && d->n < TWCC_WRITE_MAX; s++) {
        int64_t at = *arrival(r, s), delta = 0;
        if (at) {
            if (d->reference < 0) {
                d->reference = at / REFERENCE_US;
                prev = d->reference * TICKS_PER_REFERENCE;
            }
            delta = at / TICK_US - prev;
            if (delta < INT16_MIN || delta > INT16_MAX)
                return;
            prev += delta;
        }
        d->symbol[d->n] = !at ? SYMBOL_LOST : delta >= 0 && delta <= SMALL_MAX ? SYMBOL_SMALL : SYMBOL_LARGE;
        d->delta[d->n++] = (int16_t)delta;
    }
}

/* |0| S |   run length    |   |1|0|  14 symbols of a bit  |   |1|1|  7 symbols of two bits  | */
static unsigned write_chunk(struct wr *w, const uint8_t *sym, unsigned n) {
    unsigned run = 1, small = 0;
    while (run < n && run < RUN_MAX && sym[run] == sym[0])
        run++;
    while (small < n && small < ONE_BIT_SYMBOLS && sym[small] != SYMBOL_LARGE)
        small++;
    bool one_bit = small == ONE_BIT_SYMBOLS || small == n;
    if (run == n || run >= (one_bit ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS)) {
        wr_u16(w, (uint16_t)(sym[0] << 13 | run));
        return run;
    }
    unsigned bits = one_bit ? 1 : 2, cap = one_bit ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS, v = 0;
    for (unsigned i = 0; i < cap; i++)
        v = v << bits | (i < n ? sym[i] : 0u);
    wr_u16(w, (uint16_t)((one_bit ? 0x8000u : 0xc000u) | v));
    return n < cap ? n : cap;
}

static void write_draft(struct wr *w, const struct draft *d) {
    for (unsigned i = 0; i < d->n;)
        i += write_chunk(w, d->symbol + i, d->n - i);
    for (unsigned i = 0; i < d->n; i++) {
        if (d->symbol[i] == SYMBOL_SMALL)
            wr_u8(w, (uint8_t)d->delta[i]);
        else if (d->symbol[i] == SYMBOL_LARGE)
            wr_u16(w, (uint16_t)d->delta[i]);
    }
}

int twcc_rx_write(struct twcc_rx *r, uint32_t ssrc, uint32_t media_ssrc, int64_t now_us, uint8_t *dst,
                  size_t cap) {
    struct draft d;
    if (cap < TWCC_PACKET_MAX)
        return -ERR_TOO_LARGE;
    if (now_us < twcc_rx_next_us(r))
        return 0;
    collect(r, &d);
    struct wr w = wr_init(dst, cap);
    wr_u8(&w, 0x80 | RTCP_FMT_TWCC);
    wr_u8(&w, RTCP_RTPFB);
    wr_u16(&w, 0);
    wr_u32(&w, ssrc);
    wr_u32(&w, media_ssrc);
    wr_u16(&w, (uint16_t)r->next);
    wr_u16(&w, (uint16_t)d.n);
    wr_u24(&w, (uint32_t)d.reference & 0xffffff);
    wr_u8(&w, r->count++);
    write_draft(&w, &d);
    size_t pad = -wr_len(&w) & 3;
    if (pad) { /* RFC 3550 6.4.1: P set, the last octet counts */
        wr_zero(&w, pad - 1);
        wr_u8(&w, (uint8_t)pad);
        dst[0] |= 0x20;
    }
    size_t words = wr_len(&w) / 4 - 1;
    dst[2] = (uint8_t)(words >> 8);
    dst[3] = (uint8_t)words;
    r->next += d.n;
    return (int)wr_len(&w);
}

/* ---- reading feedback ---- */
static unsigned chunk_run(uint16_t c) {
    return !(c >> 15) ? c & RUN_MAX : c >> 14 == 2 ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS;
}

/* Symbol i of a chunk. */
static unsigned chunk_symbol(uint16_t c, unsigned i) {
    if (!(c >> 15))
        return c >> 13 & 3;
    return c >> 14 == 2 ? c >> (ONE_BIT_SYMBOLS - 1 - i) & 1u : c >> 2 * (TWO_BIT_SYMBOLS - 1 - i) & 3u;
}

static size_t delta_bytes(uint16_t c, unsigned n) {
    size_t sum = 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned s = chunk_symbol(c, i);
        sum += s <= SYMBOL_LARGE ? s : SIZE_MAX / 65536; /* 3 is reserved: makes the packet too short */
    }
    return sum;
}

int twcc_fb_open(struct twcc_fb *f, struct bytes fci) {
    memset(f, 0, sizeof *f);
    struct rd r = rd_init(fci.p, fci.n);
    f->base = rd_u16(&r);
    f->count = rd_u16(&r);
    uint32_t ref = rd_u24(&r);
    f->number = rd_u8(&r);
    if (r.bad)
        return -ERR_SHORT;
    if (!f->count)
        return -ERR_INVALID;
    if (f->count > TWCC_STATUS_MAX)
        return -ERR_TOO_LARGE;
    f->reference = (int32_t)(ref ^ 0x800000) - 0x800000;
    f->clock_us = (int64_t)f->reference * REFERENCE_US;
    f->chunks.p = r.p;
    size_t deltas = 0;
    for (unsigned n = 0; n < f->count;) {
        uint16_t c = rd_u16(&r);
        unsigned run = chunk_run(c), left = f->count - n;
        if (r.bad || !run)
            return r.bad ? -ERR_SHORT : -ERR_INVALID;
        deltas += delta_bytes(c, run < left ? run : left);
        n += run;
    }
    f->chunks.n = (size_t)(r.p - f->chunks.p);
    f->deltas = rd_bytes(&r, deltas);
    return r.bad ? -ERR_SHORT : 0;
}

/* n bytes off a view that twcc_fb_open has measured. */
static int64_t take(struct bytes *b, size_t n) {
    int64_t v = n == 2 ? (int16_t)(b->p[0] << 8 | b->p[1]) : b->p[0];
    b->p += n;
    b->n -= n;
    return v;
}

bool twcc_fb_next(struct twcc_fb *f, uint16_t *seq, bool *got, int64_t *at_us) {
    if (f->i >= f->count)
        return false;
    if (!f->run) {
        f->chunk = (uint16_t)take(&f->chunks, 2);
        f->run = chunk_run(f->chunk);
    }
    unsigned s = chunk_symbol(f->chunk, chunk_run(f->chunk) - f->run--);
    *seq = (uint16_t)(f->base + f->i++);
    *got = s != SYMBOL_LOST;
    if (*got)
        f->clock_us += take(&f->deltas, s) * TICK_US;
    *at_us = f->clock_us;
    return true;
}

/* ---- sender ---- */
enum { SENT_FREE, SENT_FLYING, SENT_LOST, SENT_ARRIVED };
enum {
    SENT_BYTES_MAX = 2047,
    SENT_OLD_US = 60 * 1000 * 1000, /* nobody speaks of an older one; low bits of the clock turn later */
};

void twcc_tx_init(struct twcc_tx *t, uint16_t first) {
    memset(t, 0, sizeof *t);
    t->next = t->told = first;
}

void twcc_tx_on(struct twcc_tx *t, size_t bytes, int64_t now_us) {
    uint16_t seq = t->next++;
    t->sent[seq % TWCC_TX_RING] = (struct twcc_sent){.at_us = (uint32_t)now_us,
                                                     .seq = seq,
                                                     .bytes = bytes < SENT_BYTES_MAX ? bytes : SENT_BYTES_MAX,
                                                     .state = SENT_FLYING,
                                                     .probe = t->probe & TWCC_PROBE_MAX};
}

/* The record of a number that was sent and is not forgotten, or NULL; *age_us since it left. */
static struct twcc_sent *sent_of(struct twcc_tx *t, uint16_t seq, int64_t now_us, int64_t *age_us) {
    struct twcc_sent *s = &t->sent[seq % TWCC_TX_RING];
    *age_us = (uint32_t)now_us - s->at_us;
    return s->seq == seq && s->state != SENT_FREE && *age_us < SENT_OLD_US ? s : NULL;
}

/* True when this status says something new. */
static bool settle(struct twcc_tx *t, struct twcc_sent *s, bool got) {
    if (s->state == SENT_ARRIVED || (!got && s->state == SENT_LOST))
        return false;
    t->lost -= s->state == SENT_LOST; /* reported lost, then came late */
    t->lost += !got;
    t->acked += got;
    s->state = got ? SENT_ARRIVED : SENT_LOST;
    return true;
}

/* Numbers between the end of the last feedback and the base of this one: their feedback is lost. */
static void note_missed(struct twcc_tx *t, const struct twcc_fb *f, int64_t now_us) {
    uint16_t end = (uint16_t)(f->base + f->count);
    int16_t gap = (int16_t)(f->base - t->told);
    for (uint16_t i = 0; t->any && gap > 0 && gap < TWCC_TX_RING && i < gap; i++) {
        int64_t age_us;
        const struct twcc_sent *s = sent_of(t, (uint16_t)(t->told + i), now_us, &age_us);
        t->missed_bytes += s && s->state == SENT_FLYING ? s->bytes : 0;
    }
    int16_t ahead = (int16_t)(t->next - end); /* it may not speak of what was not sent */
    if (ahead >= 0 && (!t->any || (int16_t)(end - t->told) > 0))
        t->told = end;
}

enum { REFERENCE_JUMP = 600 * 1000000 / REFERENCE_US }; /* ten minutes: no clock runs so, it was set */

/* The reference time counts 24 bits; what to add makes the times of this feedback those of an endless clock.
 */
static int64_t unwrap_reference(struct twcc_tx *t, const struct twcc_fb *f) {
    int32_t step = (int32_t)((uint32_t)(f->reference - (int32_t)(t->reference & 0xffffff)) << 8) >> 8;
    bool jump = step > REFERENCE_JUMP || step < -REFERENCE_JUMP;
    t->reference = t->any && !jump ? t->reference + step : f->reference;
    return (t->reference - f->reference) * REFERENCE_US;
}

int twcc_tx_feedback(struct twcc_tx *t, struct bytes fci, int64_t now_us, struct twcc_result *out,
                     unsigned max) {
    struct twcc_fb f;
    int err = twcc_fb_open(&f, fci), n = 0;
    if (err)
        return err;
    note_missed(t, &f, now_us);
    int64_t add_us = unwrap_reference(t, &f), at_us, age_us, least_us = INT64_MAX;
    t->any = true;
    uint16_t seq;
    bool got;
    while ((unsigned)n < max && twcc_fb_next(&f, &seq, &got, &at_us)) {
        struct twcc_sent *s = sent_of(t, seq, now_us, &age_us);
        if (!s || !settle(t, s, got))
            continue;
        out[n++] = (struct twcc_result){seq, s->bytes, got, s->probe, now_us - age_us, at_us + add_us};
        if (got && age_us < least_us)
            least_us = age_us;
    }
    if (least_us != INT64_MAX)
        t->rtt_us = t->rtt_us ? t->rtt_us + (least_us - t->rtt_us) / 8 : least_us + !least_us;
    return n;
}
