#include "media/pipeline/depay.h"
#include "media/base/av1.h"
#include "media/base/err.h"

void depay_init(struct depay *d, enum depay_codec codec) {
    *d = (struct depay){.codec = codec, .need_key = true};
    buf_init(&d->data, DEPAY_PICTURE_MAX);
    buf_init(&d->out, DEPAY_PICTURE_MAX + AVC_CONFIG_MAX);
    buf_init(&d->config, AVC_CONFIG_MAX);
    buf_init(&d->sets, AVC_SETS_MAX);
}
void depay_fini(struct depay *d) {
    buf_fini(&d->data);
    buf_fini(&d->out);
    buf_fini(&d->config);
    buf_fini(&d->sets);
}
static void drop(struct depay *d) {
    d->open = d->fragment = false;
    d->need_key = true;
    buf_reset(&d->data);
}
void depay_lost(struct depay *d) {
    drop(d);
    d->bad = true; /* what follows of this picture has no beginning */
}
static void open_picture(struct depay *d, uint32_t ts) {
    d->open = true;
    d->key = d->fragment = d->bad = d->new_sets = false;
    d->ts = ts;
    buf_reset(&d->data);
}

static bool has_set(const struct depay *d, struct bytes nal) {
    struct rd r = rd_init(d->sets.p, d->sets.n);
    struct bytes have;
    while (avc_next(&r, &have))
        if (have.n == nal.n && !memcmp(have.p, nal.p, nal.n))
            return true;
    return false;
}
/* Sets stay in force until the sender begins anew with an SPS. */
static void keep_set(struct depay *d, struct bytes nal) {
    bool begins = avc_type(nal) == AVC_SPS && !d->new_sets;
    if (begins || d->sets.n + nal.n + 4 > AVC_SETS_MAX)
        buf_reset(&d->sets);
    d->new_sets |= begins;
    if (nal.n + 4 <= AVC_SETS_MAX && !has_set(d, nal))
        avc_put(&d->sets, nal);
}
static void whole_nal(struct depay *d, struct bytes nal) {
    switch (avc_type(nal)) {
    case AVC_SPS:
    case AVC_PPS:
        keep_set(d, nal);
        break;
    case AVC_AUD:
    case AVC_FILLER:
    case 0:
        break;
    case AVC_IDR:
        d->key = true;
        avc_put(&d->data, nal);
        break;
    default:
        avc_put(&d->data, nal);
    }
}
static bool stap_a(struct depay *d, struct rd r) {
    while (rd_left(&r)) {
        struct bytes nal = rd_bytes(&r, rd_u16(&r));
        if (r.bad || !nal.n)
            return false;
        whole_nal(d, nal);
    }
    return true;
}
/* The NAL grows inside d->data; its length is put in at the end. Parameter sets in fragments are refused:
 * they are a few dozen bytes, and always come whole. */
static bool fu_a(struct depay *d, uint8_t indicator, struct rd r) {
    enum { START = 0x80, END = 0x40 };
    uint8_t head = rd_u8(&r), type = head & 0x1f;
    struct bytes rest = rd_rest(&r);
    if (r.bad || type == AVC_SPS || type == AVC_PPS || (head & START && head & END))
        return false;
    if (!(head & START) != d->fragment)
        return false;
    if (head & START) {
        uint8_t nal = (uint8_t)((indicator & 0xe0) | type);
        d->fragment = true;
        d->key |= type == AVC_IDR;
        d->nal_at = d->data.n;
        avc_put(&d->data, (struct bytes){&nal, 1});
    }
    buf_put(&d->data, rest.p, rest.n);
    if (head & END && !d->data.over) {
        d->fragment = false;
        size_t n = d->data.n - d->nal_at - 4;
        for (int i = 0; i < 4; i++)
            d->data.p[d->nal_at + (size_t)i] = (uint8_t)(n >> (24 - 8 * i));
    }
    return true;
}
static bool push_h264(struct depay *d, struct bytes payload) {
    enum { STAP_A = 24, FU_A = 28 }; /* RFC 6184 5.2 table 1 */
    if (!payload.n)
        return true;
    uint8_t type = avc_type(payload);
    struct rd r = rd_init(payload.p + 1, payload.n - 1);
    if (type == FU_A)
        return fu_a(d, payload.p[0], r);
    if (d->fragment || type > FU_A || (type > STAP_A && type < FU_A))
        return false;
    if (type == STAP_A)
        return stap_a(d, r);
    whole_nal(d, payload);
    return true;
}

/* RFC 7741 4.2: X|R|N|S|R|PID, then I|L|T|K and what they announce. */
static bool push_vp8(struct depay *d, struct bytes payload) {
    enum { X = 0x80, S = 0x10, PID = 0x07, I = 0x80, L = 0x40, T = 0x20, K = 0x10, WIDE = 0x80, INTER = 1 };
    struct rd r = rd_init(payload.p, payload.n);
    uint8_t first = rd_u8(&r);
    if (first & X) {
        uint8_t ext = rd_u8(&r);
        if (ext & I && rd_u8(&r) & WIDE)
            rd_skip(&r, 1);
        if (ext & L)
            rd_skip(&r, 1);
        if (ext & (T | K))
            rd_skip(&r, 1);
    }
    struct bytes part = rd_rest(&r);
    if (r.bad || !part.n)
        return false;
    bool start = first & S && !(first & PID);
    if (!start != (d->data.n > 0))
        return false;
    if (start &&
        !(part.p[0] & INTER)) { /* RFC 6386 9.1: 3 bytes tag, start code 9d 01 2a, 14 bits of each side */
        struct rd k = rd_init(part.p, part.n);
        rd_skip(&k, 3);
        uint32_t code = rd_u24(&k);
        const uint8_t *size = rd_take(&k, 4);
        if (k.bad || code != 0x9d012a)
            return false;
        d->width = (uint16_t)((size[1] << 8 | size[0]) & 0x3fff);
        d->height = (uint16_t)((size[3] << 8 | size[2]) & 0x3fff);
        d->key = d->width && d->height;
    }
    buf_put(&d->data, part.p, part.n);
    return true;
}

/* RFC 9628 4.2: I|P|L|F|B|E|V|Z and what they announce, without the structure's sizes: the frame has them. */
static bool vp9_head(struct rd *r, uint8_t *first, bool *upon) {
    enum { I = 0x80, P = 0x40, L = 0x20, F = 0x10, V = 0x02, WIDE = 0x80, Y = 0x10, G = 0x08, MORE = 1 };
    *first = rd_u8(r);
    *upon = false;
    if (*first & I && rd_u8(r) & WIDE)
        rd_skip(r, 1);
    if (*first & L) {
        *upon = rd_u8(r) & 1;
        rd_skip(r, *first & F ? 0 : 1);
    }
    for (unsigned n = 0; (*first & (P | F)) == (P | F) && rd_u8(r) & MORE && n < 3; n++)
        ;
    if (*first & V) {
        uint8_t ss = rd_u8(r);
        rd_skip(r, ss & Y ? 4u * ((ss >> 5) + 1u) : 0);
        for (unsigned n = ss & G ? rd_u8(r) : 0; n && !r->bad; n--)
            rd_skip(r, rd_u8(r) >> 2 & 3);
    }
    return !r->bad && rd_left(r);
}
static bool push_vp9(struct depay *d, struct bytes payload) {
    enum { P = 0x40, B = 0x08 };
    struct rd r = rd_init(payload.p, payload.n);
    uint8_t first;
    bool upon;
    if (!payload.n)
        return true; /* a layer that is not recorded, or a probe */
    if (!vp9_head(&r, &first, &upon))
        return false;
    if (!d->data.n) {
        if (!(first & B))
            return false;
        d->key = !(first & P) && !upon;
    }
    struct bytes part = rd_rest(&r);
    buf_put(&d->data, part.p, part.n);
    return true;
}

/* One whole OBU of AV1 5.3.2: forbidden(1) type(4) extension(1) has_size(1) reserved(1), with its size put
 * in. av1-rtp-spec 5: temporal delimiters are not sent; one begins each unit for the decoder. */
static bool put_obu(struct depay *d, struct bytes obu) {
    enum { EXTENSION = 4, HAS_SIZE = 2, DELIMITER = 2, TILE_LIST = 8, PADDING = 15 };
    static const uint8_t delimiter[] = {DELIMITER << 3 | HAS_SIZE, 0};
    struct rd r = rd_init(obu.p, obu.n);
    uint8_t head = rd_u8(&r), type = head >> 3 & 15, ext = head & EXTENSION ? rd_u8(&r) : 0, size[5];
    if (head & HAS_SIZE) {
        uint32_t n = av1_leb128(&r);
        r = rd_sub(&r, n);
    }
    struct bytes body = rd_rest(&r);
    if (r.bad || !obu.n || head & 0x80)
        return false;
    if (type == DELIMITER || type == TILE_LIST || type == PADDING)
        return true;
    if (!d->data.n)
        buf_put(&d->data, delimiter, sizeof delimiter);
    size_t n = 0;
    for (size_t left = body.n; n < sizeof size; left >>= 7) {
        size[n++] = (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
        if (left <= 0x7f)
            break;
    }
    head |= HAS_SIZE;
    buf_put(&d->data, &head, 1);
    buf_put(&d->data, &ext, head & EXTENSION ? 1 : 0);
    buf_put(&d->data, size, n);
    buf_put(&d->data, body.p, body.n);
    return true;
}
static bool push_av1(struct depay *d, struct bytes payload) {
    struct av1_payload a;
    if (!payload.n)
        return true;
    if (av1_payload_parse(&a, payload) || a.goes_on != d->fragment)
        return false;
    d->key |= a.sequence && !d->data.n && !d->fragment;
    for (unsigned i = 0; i < a.n; i++) {
        bool last = i + 1 == a.n, whole = !last || !a.unended;
        if (!d->fragment)
            buf_reset(&d->out);
        buf_put(&d->out, a.element[i].p, a.element[i].n);
        d->fragment = !whole;
        if (whole && (d->out.over || !put_obu(d, (struct bytes){d->out.p, d->out.n})))
            return false;
    }
    return true;
}

static bool push(struct depay *d, struct bytes payload) {
    switch (d->codec) {
    case DEPAY_H264:
        return push_h264(d, payload);
    case DEPAY_VP8:
        return push_vp8(d, payload);
    case DEPAY_VP9:
        return push_vp9(d, payload);
    case DEPAY_AV1:
        return push_av1(d, payload);
    }
    return false;
}

static bool finish_h264_key(struct depay *d, struct picture *out) {
    struct bytes sets = {d->sets.p, d->sets.n}, sps;
    struct rd r = rd_init(sets.p, sets.n);
    struct avc_sps info;
    buf_reset(&d->config);
    if (!avc_next(&r, &sps) || avc_sps_parse(&info, sps) || !avc_config(&d->config, sets))
        return false;
    buf_reset(&d->out);
    buf_put(&d->out, sets.p, sets.n);
    buf_put(&d->out, d->data.p, d->data.n);
    out->width = info.width;
    out->height = info.height;
    out->config = (struct bytes){d->config.p, d->config.n};
    out->data = (struct bytes){d->out.p, d->out.n};
    return !d->out.over;
}
static bool close_picture(struct depay *d, struct picture *out) {
    bool whole = d->open && !d->bad && !d->fragment && d->data.n && !d->data.over;
    bool was_open = d->open;
    d->open = false;
    if (!whole) {
        if (was_open && (d->bad || d->fragment || d->data.over))
            drop(d);
        return false; /* parameter sets alone are no picture, and no loss */
    }
    *out = (struct picture){.ts = d->ts, .key = d->key, .data = {d->data.p, d->data.n}};
    if (d->key && d->codec != DEPAY_H264) {
        out->width = d->width;
        out->height = d->height;
    } else if (d->key && !finish_h264_key(d, out)) {
        drop(d);
        return false;
    }
    if (d->need_key && !d->key)
        return false;
    d->need_key = false;
    return true;
}
bool depay_turn(struct depay *d, uint32_t ts, struct picture *out) {
    if (d->ts == ts)
        return false;
    bool whole = d->open && close_picture(d, out);
    d->bad = false;
    return whole;
}
bool depay_push(struct depay *d, uint32_t ts, bool marker, struct bytes payload, struct picture *out) {
    if (!d->open && !(d->bad && d->ts == ts))
        open_picture(d, ts);
    bool good = !d->bad && push(d, payload);
    if (!good && !d->bad) {
        d->malformed++;
        d->need_key = d->bad = true;
    }
    if (!marker)
        return false;
    bool whole = close_picture(d, out);
    d->bad = false;
    return whole;
}
bool depay_annexb(struct depay *d, struct bytes stream, struct picture *out) {
    struct rd r = rd_init(stream.p, stream.n);
    struct bytes nal;
    open_picture(d, 0);
    while (avc_next_annexb(&r, &nal))
        whole_nal(d, nal);
    return close_picture(d, out);
}
