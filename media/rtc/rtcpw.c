#include "media/rtc/rtcpw.h"

/* Every packet is begun, filled and ended; the end writes its length, or takes the whole packet back when it
 * did not fit, so a buffer never holds half a packet. */
static uint8_t *begin(struct wr *w, uint8_t type, unsigned count) {
    uint8_t *start = w->p;
    wr_u8(w, (uint8_t)(0x80 | (count & 31)));
    wr_u8(w, type);
    wr_u16(w, 0);
    return start;
}

static void end(struct wr *w, uint8_t *start) {
    if (w->bad) {
        w->p = start;
        return;
    }
    size_t words = (size_t)(w->p - start) / 4 - 1;
    start[2] = (uint8_t)(words >> 8);
    start[3] = (uint8_t)words;
}

static void reports(struct wr *w, const struct rtcp_report *b, unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        wr_u32(w, b[i].ssrc);
        wr_u8(w, b[i].fraction_lost);
        wr_u24(w, (uint32_t)b[i].lost & 0xffffff);
        wr_u32(w, b[i].highest_seq);
        wr_u32(w, b[i].jitter);
        wr_u32(w, b[i].lsr);
        wr_u32(w, b[i].dlsr);
    }
}

static unsigned capped(unsigned n, unsigned max) { return n < max ? n : max; }

void rtcpw_sr(struct wr *w, uint32_t ssrc, const struct rtcp_sr *sr, const struct rtcp_report *blocks,
              unsigned n) {
    n = capped(n, RTCP_SSRCS_MAX);
    uint8_t *start = begin(w, RTCP_SR, n);
    wr_u32(w, ssrc);
    wr_u64(w, sr->ntp);
    wr_u32(w, sr->ts);
    wr_u32(w, sr->packets);
    wr_u32(w, sr->octets);
    reports(w, blocks, n);
    end(w, start);
}

void rtcpw_rr(struct wr *w, uint32_t ssrc, const struct rtcp_report *blocks, unsigned n) {
    n = capped(n, RTCP_SSRCS_MAX);
    uint8_t *start = begin(w, RTCP_RR, n);
    wr_u32(w, ssrc);
    reports(w, blocks, n);
    end(w, start);
}

void rtcpw_cname(struct wr *w, uint32_t ssrc, struct str cname) {
    size_t n = cname.n < RTCPW_CNAME_MAX ? cname.n : RTCPW_CNAME_MAX;
    uint8_t *start = begin(w, RTCP_SDES, 1);
    wr_u32(w, ssrc);
    wr_u8(w, 1); /* CNAME */
    wr_u8(w, (uint8_t)n);
    wr_put(w, cname.p, n);
    wr_zero(w, 4 - ((n + 2) & 3)); /* RFC 3550 6.5: the list ends with "one or more null octets" */
    end(w, start);
}

void rtcpw_nack(struct wr *w, uint32_t ssrc, uint32_t media_ssrc, const uint16_t *seqs, unsigned n) {
    if (!n)
        return;
    uint8_t *start = begin(w, RTCP_RTPFB, RTCP_FMT_NACK);
    wr_u32(w, ssrc);
    wr_u32(w, media_ssrc);
    for (unsigned i = 0; i < n;) {
        uint16_t pid = seqs[i++], blp = 0;
        for (; i < n; i++) {
            uint16_t d = (uint16_t)(seqs[i] - pid - 1);
            if (d >= 16)
                break;
            blp |= (uint16_t)(1u << d);
        }
        wr_u16(w, pid);
        wr_u16(w, blp);
    }
    end(w, start);
}

void rtcpw_pli(struct wr *w, uint32_t ssrc, uint32_t media_ssrc) {
    uint8_t *start = begin(w, RTCP_PSFB, RTCP_FMT_PLI);
    wr_u32(w, ssrc);
    wr_u32(w, media_ssrc);
    end(w, start);
}

void rtcpw_fir(struct wr *w, uint32_t ssrc, uint32_t media_ssrc, uint8_t command_seq) {
    uint8_t *start = begin(w, RTCP_PSFB, RTCP_FMT_FIR);
    wr_u32(w, ssrc);
    wr_u32(w, 0);
    wr_u32(w, media_ssrc);
    wr_u8(w, command_seq);
    wr_u24(w, 0);
    end(w, start);
}

void rtcpw_remb(struct wr *w, uint32_t ssrc, uint64_t bitrate_bps, const uint32_t *ssrcs, unsigned n) {
    n = capped(n, RTCPW_REMB_SSRCS_MAX);
    unsigned exp = 0;
    while (bitrate_bps >> exp > 0x3ffff)
        exp++;
    uint8_t *start = begin(w, RTCP_PSFB, RTCP_FMT_REMB);
    wr_u32(w, ssrc);
    wr_u32(w, 0);
    wr_u32(w, 0x52454d42); /* "REMB" */
    wr_u8(w, (uint8_t)n);
    wr_u24(w, exp << 18 | (uint32_t)(bitrate_bps >> exp));
    for (unsigned i = 0; i < n; i++)
        wr_u32(w, ssrcs[i]);
    end(w, start);
}

void rtcpw_bye(struct wr *w, const uint32_t *ssrcs, unsigned n, struct str reason) {
    n = capped(n, RTCP_SSRCS_MAX);
    uint8_t *start = begin(w, RTCP_BYE, n);
    for (unsigned i = 0; i < n; i++)
        wr_u32(w, ssrcs[i]);
    if (reason.n) {
        size_t len = reason.n < 255 ? reason.n : 255;
        wr_u8(w, (uint8_t)len);
        wr_put(w, reason.p, len);
        wr_zero(w, -(len + 1) & 3);
    }
    end(w, start);
}
