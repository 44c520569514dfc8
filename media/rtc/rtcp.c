#include "media/rtc/rtcp.h"
#include "media/base/err.h"

enum { RTCP_REPORT_BYTES = 24, RTCP_SR_BYTES = 20, RTCP_SDES_CNAME = 1 };

struct rtcp_iter rtcp_iter(struct bytes datagram) {
    return (struct rtcp_iter){rd_init(datagram.p, datagram.n), 0};
}

/* |V=2|P|  count  |      PT       |   length in words minus one   | */
int rtcp_next(struct rtcp_iter *it, struct rtcp *out) {
    memset(out, 0, sizeof *out);
    struct rd *r = &it->rd;
    if (!rd_left(r))
        return 0;
    if (it->n++ >= RTCP_PACKETS_MAX)
        return -ERR_FULL;
    uint8_t b0 = rd_u8(r);
    out->type = rd_u8(r);
    size_t n = (size_t)rd_u16(r) * 4;
    struct rd x = rd_sub(r, n);
    if (r->bad)
        return -ERR_SHORT;
    if (b0 >> 6 != 2)
        return -ERR_INVALID;
    out->count = b0 & 31;
    if (b0 & 0x20) {
        uint8_t pad = n ? x.end[-1] : 0;
        if (!pad || pad > n)
            return -ERR_INVALID;
        x.end -= pad;
    }
    if (out->type != RTCP_SDES && out->type != RTCP_BYE && rd_left(&x) >= 4)
        out->ssrc = rd_u32(&x);
    out->body = rd_rest(&x);
    return 1;
}

bool rtcp_sr(const struct rtcp *p, struct rtcp_sr *out) {
    if (p->type != RTCP_SR)
        return false;
    struct rd r = rd_init(p->body.p, p->body.n);
    out->ntp = rd_u64(&r);
    out->ts = rd_u32(&r);
    out->packets = rd_u32(&r);
    out->octets = rd_u32(&r);
    return !r.bad;
}

bool rtcp_report(const struct rtcp *p, unsigned i, struct rtcp_report *out) {
    if ((p->type != RTCP_SR && p->type != RTCP_RR) || i >= p->count)
        return false;
    struct rd r = rd_init(p->body.p, p->body.n);
    rd_skip(&r, (p->type == RTCP_SR ? RTCP_SR_BYTES : 0) + (size_t)i * RTCP_REPORT_BYTES);
    out->ssrc = rd_u32(&r);
    out->fraction_lost = rd_u8(&r);
    uint32_t lost = rd_u24(&r);
    out->lost = (int32_t)(lost ^ 0x800000) - 0x800000; /* sign of 24 bits */
    out->highest_seq = rd_u32(&r);
    out->jitter = rd_u32(&r);
    out->lsr = rd_u32(&r);
    out->dlsr = rd_u32(&r);
    return !r.bad;
}

/* A feedback packet of this format: its media SSRC read, the cursor at the FCI. */
static bool feedback(const struct rtcp *p, uint8_t type, uint8_t fmt, uint32_t *media_ssrc, struct rd *fci) {
    if (p->type != type || p->count != fmt)
        return false;
    *fci = rd_init(p->body.p, p->body.n);
    *media_ssrc = rd_u32(fci);
    return !fci->bad;
}

unsigned rtcp_nack(const struct rtcp *p, uint32_t *media_ssrc, uint16_t *seqs, unsigned max) {
    struct rd r;
    unsigned n = 0;
    if (!feedback(p, RTCP_RTPFB, RTCP_FMT_NACK, media_ssrc, &r))
        return 0;
    if (max > RTCP_NACK_SEQS_MAX)
        max = RTCP_NACK_SEQS_MAX;
    while (rd_left(&r) >= 4) {
        uint16_t pid = rd_u16(&r), blp = rd_u16(&r);
        if (n < max)
            seqs[n++] = pid;
        for (unsigned i = 0; i < 16 && n < max; i++)
            if (blp >> i & 1)
                seqs[n++] = (uint16_t)(pid + 1 + i);
    }
    return n;
}

bool rtcp_pli(const struct rtcp *p, uint32_t *media_ssrc) {
    struct rd r;
    return feedback(p, RTCP_PSFB, RTCP_FMT_PLI, media_ssrc, &r);
}

bool rtcp_fir(const struct rtcp *p, unsigned i, uint32_t *media_ssrc, uint8_t *command_seq) {
    struct rd r;
    uint32_t unused; /* RFC 5104 4.3.1.2: "the SSRC of media source ... is not used and SHALL be set to 0" */
    if (!feedback(p, RTCP_PSFB, RTCP_FMT_FIR, &unused, &r))
        return false;
    rd_skip(&r, (size_t)i * 8);
    *media_ssrc = rd_u32(&r);
    *command_seq = rd_u8(&r);
    rd_u24(&r);
    return !r.bad;
}

/* draft-alvestrand-rmcat-remb-03 2.2: 'R' 'E' 'M' 'B', count of SSRCs, 6 bits of exponent, 18 of mantissa. */
bool rtcp_remb(const struct rtcp *p, uint64_t *bitrate_bps) {
    struct rd r;
    uint32_t unused;
    if (!feedback(p, RTCP_PSFB, RTCP_FMT_REMB, &unused, &r))
        return false;
    uint32_t name = rd_u32(&r);
    rd_u8(&r);
    uint32_t v = rd_u24(&r);
    if (r.bad || name != 0x52454d42)
        return false;
    uint64_t mantissa = v & 0x3ffff;
    unsigned exp = v >> 18;
    *bitrate_bps = exp > 63 - 18 && mantissa ? INT64_MAX : mantissa << exp;
    return true;
}

bool rtcp_twcc(const struct rtcp *p, struct bytes *fci) {
    struct rd r;
    uint32_t media;
    if (!feedback(p, RTCP_RTPFB, RTCP_FMT_TWCC, &media, &r))
        return false;
    *fci = rd_rest(&r);
    return true;
}

bool rtcp_bye(const struct rtcp *p, unsigned i, uint32_t *ssrc) {
    if (p->type != RTCP_BYE || i >= p->count)
        return false;
    struct rd r = rd_init(p->body.p, p->body.n);
    rd_skip(&r, (size_t)i * 4);
    *ssrc = rd_u32(&r);
    return !r.bad;
}

/* One SDES chunk: SSRC, items {type, length, text}, a zero, padding to the next word (RFC 3550 6.5). */
static bool sdes_chunk(struct rd *r, uint32_t *ssrc, struct str *cname) {
    const uint8_t *start = r->p;
    *cname = (struct str){"", 0};
    *ssrc = rd_u32(r);
    for (uint8_t type; (type = rd_u8(r));) {
        struct bytes v = rd_bytes(r, rd_u8(r));
        if (r->bad)
            return false;
        if (type == RTCP_SDES_CNAME)
            *cname = (struct str){(const char *)v.p, v.n};
    }
    rd_skip(r, -(size_t)(r->p - start) & 3);
    return !r->bad;
}

bool rtcp_cname(const struct rtcp *p, unsigned i, uint32_t *ssrc, struct str *cname) {
    if (p->type != RTCP_SDES || i >= p->count)
        return false;
    struct rd r = rd_init(p->body.p, p->body.n);
    for (unsigned k = 0; k <= i; k++)
        if (!sdes_chunk(&r, ssrc, cname))
            return false;
    return true;
}
