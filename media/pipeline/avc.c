#include "media/pipeline/avc.h"
#include <stdio.h>
#include "media/base/err.h"

/* Bits of an RBSP; emulation prevention bytes (7.4.1) are skipped. After the end, zeros and `bad`. */
struct bits {
    const uint8_t *p, *end;
    unsigned bit, zeros;
    bool bad;
};
static unsigned bit(struct bits *b) {
    if (b->p >= b->end) {
        b->bad = true;
        return 0;
    }
    unsigned v = *b->p >> (7 - b->bit) & 1;
    if (++b->bit == 8) {
        b->bit = 0;
        b->zeros = *b->p++ ? 0 : b->zeros + 1;
        if (b->zeros >= 2 && b->p < b->end && *b->p == 3) {
            b->p++;
            b->zeros = 0;
        }
    }
    return v;
}
static uint32_t bits(struct bits *b, unsigned n) {
    uint32_t v = 0;
    while (n--)
        v = v << 1 | bit(b);
    return v;
}
static uint32_t ue(struct bits *b) { /* 9.1 */
    unsigned n = 0;
    while (!b->bad && !bit(b) && n < 31)
        n++;
    return b->bad ? 0 : (1u << n) - 1 + bits(b, n);
}
static void se(struct bits *b) { ue(b); }

static bool has_chroma_info(uint8_t profile) { /* 7.3.2.1.1 */
    static const uint8_t high[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return memchr(high, profile, sizeof high) != NULL;
}
static void skip_scaling(struct bits *b) {
    for (int i = 0; i < 8 && !b->bad; i++) {
        if (!bit(b))
            continue;
        uint32_t last = 8, next = 8;
        for (int j = 0; j < (i < 6 ? 16 : 64) && !b->bad; j++) {
            if (next) {
                uint32_t k = ue(b); /* 9.1.1: 1, -1, 2, -2, …; 7.4.2.1.1.1: sums modulo 256 */
                next = (last + (k & 1 ? k / 2 + 1 : 0U - k / 2)) & 255;
            }
            last = next ? next : last;
        }
    }
}
static int read_chroma(struct bits *b) {
    uint32_t chroma = ue(b);
    uint32_t luma_depth = ue(b), chroma_depth = ue(b);
    if (chroma != 1 || luma_depth || chroma_depth)
        return -ERR_UNSUPPORTED;
    bit(b);
    if (bit(b))
        skip_scaling(b);
    return 0;
}
static void skip_order_count(struct bits *b) {
    uint32_t type = ue(b);
    if (type == 0)
        ue(b);
    else if (type == 1) {
        bit(b);
        se(b);
        se(b);
        uint32_t n = ue(b);
        for (uint32_t i = 0; i < n && i < 255 && !b->bad; i++)
            se(b);
    }
}
int avc_sps_parse(struct avc_sps *out, struct bytes nal) {
    enum { MBS_MAX = 512 }; /* 8192 pixels a side */
    if (nal.n < 4 || nal.n > AVC_SPS_MAX)
        return -ERR_SHORT;
    if (avc_type(nal) != AVC_SPS)
        return -ERR_INVALID;
    *out = (struct avc_sps){.profile = nal.p[1], .compat = nal.p[2], .level = nal.p[3]};
    struct bits b = {.p = nal.p + 4, .end = nal.p + nal.n};
    ue(&b);
    int err = has_chroma_info(out->profile) ? read_chroma(&b) : 0;
    if (err)
        return err;
    ue(&b);
    skip_order_count(&b);
    ue(&b);
    bit(&b);
    uint32_t w = ue(&b) + 1, h = ue(&b) + 1;
    unsigned frames_only = bit(&b);
    if (!frames_only) {
        bit(&b);
        h *= 2;
    }
    bit(&b);
    uint32_t crop[4] = {0};
    if (bit(&b))
        for (size_t i = 0; i < countof(crop); i++)
            crop[i] = ue(&b);
    if (b.bad || w > MBS_MAX || h > MBS_MAX)
        return -ERR_INVALID;
    uint64_t off_x = 2 * ((uint64_t)crop[0] + crop[1]),
             off_y = (frames_only ? 2 : 4) * ((uint64_t)crop[2] + crop[3]);
    if (off_x >= w * 16 || off_y >= h * 16)
        return -ERR_INVALID;
    out->width = (uint16_t)(w * 16 - off_x);
    out->height = (uint16_t)(h * 16 - off_y);
    return 0;
}

static void put_sets(struct buf *out, struct bytes sets, enum avc_nal type) {
    struct rd r = rd_init(sets.p, sets.n);
    struct bytes nal;
    while (avc_next(&r, &nal))
        if (avc_type(nal) == type) {
            buf_put(out, (uint8_t[]){(uint8_t)(nal.n >> 8), (uint8_t)nal.n}, 2);
            buf_put(out, nal.p, nal.n);
        }
}
bool avc_config(struct buf *out, struct bytes sets) {
    struct rd r = rd_init(sets.p, sets.n);
    struct bytes nal, sps = {0};
    uint8_t sps_n = 0, pps_n = 0;
    while (avc_next(&r, &nal)) {
        if (avc_type(nal) == AVC_SPS && !sps_n++)
            sps = nal;
        pps_n += avc_type(nal) == AVC_PPS;
    }
    if (r.bad || sps.n < 4 || !pps_n || sets.n > AVC_SETS_MAX || sps_n + pps_n > AVC_SETS_COUNT)
        return false;
    uint8_t head[] = {1, sps.p[1], sps.p[2], sps.p[3], 0xff, (uint8_t)(0xe0 | sps_n)};
    buf_put(out, head, sizeof head);
    put_sets(out, sets, AVC_SPS);
    buf_put(out, &pps_n, 1);
    put_sets(out, sets, AVC_PPS);
    if (has_chroma_info(sps.p[1])) /* 5.3.3.1.2: chroma_format, bit depths, no SPS extension */
        buf_put(out, (uint8_t[]){0xfd, 0xf8, 0xf8, 0}, 4);
    return !out->over;
}
int avc_config_parse(struct bytes config, struct bytes *sps, struct bytes *pps) {
    struct rd r = rd_init(config.p, config.n);
    rd_skip(&r, 5);
    unsigned n = rd_u8(&r) & 0x1f;
    *sps = rd_bytes(&r, n ? rd_u16(&r) : 0);
    for (unsigned i = 1; i < n; i++)
        rd_skip(&r, rd_u16(&r));
    n = rd_u8(&r);
    *pps = rd_bytes(&r, n ? rd_u16(&r) : 0);
    if (r.bad)
        return -ERR_SHORT;
    return sps->n && pps->n ? 0 : -ERR_INVALID;
}
void avc_codec(char out[AVC_CODEC_MAX], struct bytes config) {
    if (config.n < 4)
        out[0] = 0;
    else
        snprintf(out, AVC_CODEC_MAX, "avc1.%02x%02x%02x", config.p[1], config.p[2], config.p[3]);
}

bool avc_next(struct rd *r, struct bytes *nal) {
    if (!rd_left(r) || r->bad)
        return false;
    *nal = rd_bytes(r, rd_u32(r));
    return !r->bad;
}
bool avc_next_annexb(struct rd *r, struct bytes *nal) {
    const uint8_t *p = r->p, *end = r->end;
    while (p + 3 <= end && !(p[0] == 0 && p[1] == 0 && p[2] == 1))
        p++;
    if (p + 3 >= end) {
        r->p = end;
        return false;
    }
    const uint8_t *start = p += 3;
    while (p + 3 <= end && !(p[0] == 0 && p[1] == 0 && p[2] <= 1))
        p++;
    if (p + 3 > end)
        p = end;
    r->p = p;
    while (p > start && !p[-1]) /* trailing_zero_8bits */
        p--;
    *nal = (struct bytes){start, (size_t)(p - start)};
    return true;
}
void avc_put(struct buf *out, struct bytes nal) {
    uint8_t head[4] = {(uint8_t)(nal.n >> 24), (uint8_t)(nal.n >> 16), (uint8_t)(nal.n >> 8), (uint8_t)nal.n};
    buf_put(out, head, sizeof head);
    buf_put(out, nal.p, nal.n);
}
