#include "media/rtc/codec_h264.h"
#include "media/base/err.h"
#include "media/base/rd.h"

enum {
    NAL_IDR = 5,
    NAL_SPS = 7,
    NAL_PPS = 8,
    NAL_SINGLE_MAX = 23,
    NAL_STAP_A = 24,
    NAL_FU_A = 28,
    NAL_FU_B = 29,
    SPS_BYTES = 256, /* the size stands in the first tens of bytes, after scaling lists at the very latest */
    SPS_REF_FRAMES_MAX = 255,
};

/* ---- bits of an SPS without its emulation prevention bytes ---- */
struct bits {
    const uint8_t *p;
    size_t n, at; /* in bits */
    bool bad;
};

static uint32_t bit(struct bits *b) {
    if (b->at >= b->n) {
        b->bad = true;
        return 0;
    }
    uint32_t v = b->p[b->at / 8] >> (7 - b->at % 8) & 1u;
    b->at++;
    return v;
}

static uint32_t bits(struct bits *b, unsigned n) {
    uint32_t v = 0;
    while (n--)
        v = v << 1 | bit(b);
    return v;
}

/* ITU-T H.264 9.1: leading zeros, a one, as many bits. 31 zeros are more than any field here may have. */
static uint32_t ue(struct bits *b) {
    unsigned zeros = 0;
    while (!bit(b)) {
        if (b->bad || ++zeros > 31) {
            b->bad = true;
            return 0;
        }
    }
    return (uint32_t)((1ull << zeros) - 1 + bits(b, zeros));
}

static int32_t se(struct bits *b) {
    uint32_t k = ue(b);
    return k & 1 ? (int32_t)(k / 2 + 1) : -(int32_t)(k / 2);
}

static void skip_scaling_list(struct bits *b, unsigned size) {
    int last = 8, next = 8;
    for (unsigned j = 0; j < size && !b->bad; j++) {
        if (next)
            next = (int)(((unsigned)last + (unsigned)se(b)) & 255); /* a stranger's delta may be any number */
        last = next ? next : last;
    }
}

/* Chroma format, bit depths and scaling matrices, which only the high profiles carry. Returns
 * ChromaArrayType. */
static uint32_t high_profile(struct bits *b) {
    uint32_t chroma = ue(b);
    if (chroma > 3)
        b->bad = true;
    bool separate = chroma == 3 && bit(b);
    ue(b);
    ue(b);
    bit(b);
    if (bit(b))
        for (unsigned i = 0; i < (chroma == 3 ? 12u : 8u) && !b->bad; i++)
            if (bit(b))
                skip_scaling_list(b, i < 6 ? 16 : 64);
    return separate ? 0 : chroma;
}

static void skip_order_count(struct bits *b) {
    uint32_t type = ue(b);
    if (type == 0) {
        ue(b);
    } else if (type == 1) {
        bit(b);
        se(b);
        se(b);
        uint32_t n = ue(b);
        if (n > SPS_REF_FRAMES_MAX)
            b->bad = true;
        for (uint32_t i = 0; i < n && !b->bad; i++)
            se(b);
    } else if (type > 2) {
        b->bad = true;
    }
}

static bool is_high(uint32_t profile) {
    static const uint8_t high[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    for (size_t i = 0; i < sizeof high; i++)
        if (high[i] == profile)
            return true;
    return false;
}

/* Cropping in units of the chroma grid (H.264 7.4.2.1.1), from `side` luma samples; 0 when it leaves none. */
static uint16_t cropped(uint64_t side, uint64_t a, uint64_t b, unsigned unit) {
    uint64_t cut = (a + b) * unit;
    return side <= CODEC_H264_SIDE_MAX && cut < side ? (uint16_t)(side - cut) : 0;
}

static size_t unescape(uint8_t *dst, size_t cap, struct bytes nal) {
    size_t n = 0;
    unsigned zeros = 0;
    for (size_t i = 1; i < nal.n && n < cap; i++) {
        if (zeros >= 2 && nal.p[i] == 3) { /* H.264 7.3.1: emulation_prevention_three_byte */
            zeros = 0;
            continue;
        }
        zeros = nal.p[i] ? 0 : zeros + 1;
        dst[n++] = nal.p[i];
    }
    return n;
}

int codec_h264_sps(struct bytes nal, uint16_t *width, uint16_t *height) {
    uint8_t rbsp[SPS_BYTES];
    *width = *height = 0;
    if (nal.n < 5)
        return -ERR_SHORT;
    if ((nal.p[0] & 31) != NAL_SPS)
        return -ERR_UNSUPPORTED;
    struct bits b = {rbsp, unescape(rbsp, sizeof rbsp, nal) * 8, 0, false};
    uint32_t profile = bits(&b, 8), chroma = 1;
    bits(&b, 16); /* constraint flags, level */
    ue(&b);
    if (is_high(profile))
        chroma = high_profile(&b);
    ue(&b); /* log2_max_frame_num_minus4 */
    skip_order_count(&b);
    ue(&b); /* max_num_ref_frames */
    bit(&b);
    uint64_t w = ((uint64_t)ue(&b) + 1) * 16, h = ((uint64_t)ue(&b) + 1) * 16;
    bool frames_only = bit(&b);
    if (!frames_only)
        bit(&b);
    bit(&b);
    uint64_t crop[4] = {0};
    if (bit(&b))
        for (unsigned i = 0; i < 4; i++)
            crop[i] = ue(&b);
    if (b.bad)
        return b.at >= b.n ? -ERR_SHORT : -ERR_INVALID;
    unsigned fields = frames_only ? 1 : 2;
    *width = cropped(w, crop[0], crop[1], chroma == 1 || chroma == 2 ? 2 : 1);
    *height = cropped(h * fields, crop[2], crop[3], (chroma == 1 ? 2 : 1) * fields);
    if (*width && *height)
        return 0;
    *width = *height = 0;
    return -ERR_INVALID;
}

/* ---- packets ---- */
static void whole_unit(struct codec_h264 *out, struct bytes nal) {
    uint8_t type = nal.p[0] & 31;
    out->start = true;
    out->idr |= type == NAL_IDR;
    out->pps |= type == NAL_PPS;
    if (type == NAL_SPS) {
        out->sps = true;
        codec_h264_sps(nal, &out->width, &out->height); /* an unreadable size leaves 0 */
    }
}

static int aggregate(struct codec_h264 *out, struct rd r) {
    for (unsigned i = 0; i < CODEC_H264_NALS_MAX && rd_left(&r); i++) {
        struct bytes nal = rd_bytes(&r, rd_u16(&r));
        if (r.bad || !nal.n)
            return -ERR_INVALID;
        whole_unit(out, nal);
    }
    return out->start ? 0 : -ERR_SHORT;
}

int codec_h264_parse(struct codec_h264 *out, struct bytes payload) {
    memset(out, 0, sizeof *out);
    if (payload.n < 2)
        return -ERR_SHORT;
    struct rd r = rd_init(payload.p, payload.n);
    uint8_t type = rd_u8(&r) & 31;
    int err = 0;
    if (type >= 1 && type <= NAL_SINGLE_MAX) {
        whole_unit(out, payload);
    } else if (type == NAL_STAP_A) {
        err = aggregate(out, r);
    } else if (type == NAL_FU_A) { /* RFC 6184 5.8: |S|E|R|  Type   | */
        uint8_t fu = rd_u8(&r);
        out->start = fu >> 7;
        out->idr = out->start && (fu & 31) == NAL_IDR;
    } else {
        err = type > NAL_STAP_A && type <= NAL_FU_B ? -ERR_UNSUPPORTED : -ERR_INVALID;
    }
    if (err)
        memset(out, 0, sizeof *out);
    return err;
}
