#include "media/rtc/red.h"
#include "media/base/err.h"
#include "media/base/rd.h"
#include "media/base/wr.h"

enum { RED_MORE = 0x80, RED_HEAD = 4, RED_LENGTH_BITS = 10 };

int red_parse(struct red *out, struct bytes payload) {
    struct rd r = rd_init(payload.p, payload.n);
    size_t length[RED_BLOCKS_MAX];
    *out = (struct red){0};
    for (bool more = true; more;) {
        uint8_t first = rd_u8(&r);
        more = first & RED_MORE;
        if (more && out->n == RED_BLOCKS_MAX - 1)
            return -ERR_INVALID;
        uint32_t v = more ? rd_u24(&r) : 0;
        if (r.bad)
            return -ERR_SHORT;
        length[out->n] = v & RED_BLOCK_MAX;
        out->block[out->n++] =
            (struct red_block){.pt = first & 127, .offset = (uint16_t)(v >> RED_LENGTH_BITS)};
    }
    for (unsigned i = 0; i + 1 < out->n; i++) {
        struct rd block = rd_sub(&r, length[i]);
        out->block[i].data = rd_rest(&block);
    }
    out->block[out->n - 1].data = rd_rest(&r);
    return r.bad ? -ERR_SHORT : 0;
}

int red_write(const struct red *in, uint8_t *dst, size_t cap) {
    struct wr w = wr_init(dst, cap);
    if (!in->n || in->n > RED_BLOCKS_MAX)
        return -ERR_TOO_LARGE;
    for (unsigned i = 0; i + 1 < in->n; i++) {
        const struct red_block *b = &in->block[i];
        if (b->data.n > RED_BLOCK_MAX || b->offset > RED_OFFSET_MAX)
            return -ERR_TOO_LARGE;
        wr_u8(&w, RED_MORE | (b->pt & 127));
        wr_u24(&w, (uint32_t)b->offset << RED_LENGTH_BITS | (uint32_t)b->data.n);
    }
    wr_u8(&w, in->block[in->n - 1].pt & 127);
    for (unsigned i = 0; i < in->n; i++)
        wr_put(&w, in->block[i].data.p, in->block[i].data.n);
    return w.bad ? -ERR_TOO_LARGE : (int)wr_len(&w);
}

void red_patch(uint8_t *payload, size_t n, uint8_t pt) {
    for (size_t at = 0; at < n; at += RED_HEAD) {
        bool more = payload[at] & RED_MORE;
        payload[at] = (uint8_t)((more ? RED_MORE : 0) | (pt & 127));
        if (!more)
            return;
    }
}

/* ---- made once ---- */

/* The block a packet makes within p's: false when it is not there, has no sound, or its time does not fit. */
static bool red_block_of(const struct history_pkt *q, const struct history_pkt *p, struct red_block *out) {
    if (!q || q->n == RTP_HEAD || q->n - RTP_HEAD > RED_BLOCK_MAX || p->ts - q->ts > RED_OFFSET_MAX)
        return false;
    *out = (struct red_block){.offset = (uint16_t)(p->ts - q->ts), .data = history_payload(q)};
    return true;
}

static int red_make(const struct history *h, const struct history_pkt *p, unsigned depth, uint8_t *dst) {
    struct red r = {0};
    unsigned k = 1;
    /* Only what lies right before it: a receiver reckons a repeated packet's number by counting blocks. */
    struct red_block found[RED_DEPTH_MAX];
    while (k <= depth && p->seq > k && red_block_of(history_get(h, p->seq - k), p, &found[k - 1]))
        k++;
    while (--k)
        r.block[r.n++] = found[k - 1];
    r.block[r.n++] = (struct red_block){.data = history_payload(p)};
    return red_write(&r, dst, RED_BYTES_MAX);
}

struct bytes red_out_of(struct red_out *o, const struct history *h, const struct history_pkt *p,
                        unsigned depth) {
    unsigned i = depth > RED_DEPTH_MAX ? RED_DEPTH_MAX - 1 : depth - 1;
    if (o->seq[i] != p->seq) {
        int n = -1;
        for (unsigned d = i + 2; n < 0 && d--;) /* less when it does not fit */
            n = red_make(h, p, d, o->bytes[i]);
        o->seq[i] = n < 0 ? 0 : p->seq;
        o->n[i] = n < 0 ? 0 : (uint16_t)n;
    }
    return (struct bytes){o->bytes[i], o->n[i]};
}

/* ---- who needs it ---- */

void red_need_on(struct red_need *d, uint8_t fraction_lost, int64_t now_us) {
    static const uint8_t from[RED_DEPTH_MAX] = {RED_LOSS, RED_LOSS_HIGH};
    for (unsigned i = 0; i < RED_DEPTH_MAX; i++)
        if (fraction_lost >= from[i])
            d->until_us[i] = now_us + RED_KEEP_US;
}

unsigned red_need_depth(const struct red_need *d, int64_t now_us) {
    unsigned depth = RED_DEPTH_MAX;
    while (depth && now_us >= d->until_us[depth - 1])
        depth--;
    return depth;
}
