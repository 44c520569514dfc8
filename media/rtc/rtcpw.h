/* rtcpw — writing RTCP packets one after the other into a cursor; together they make a compound (RFC
 * 3550 6.1: an SR or RR first, an SDES with CNAME in it). Pure. After an overflow the cursor is bad and
 * nothing of the failing packet counts: test `w->bad` (or wr_len) once at the end. */
#ifndef RTCPW_H
#define RTCPW_H
#include "media/base/wr.h"
#include "media/rtc/rtcp.h"

enum { RTCPW_CNAME_MAX = 64, RTCPW_REMB_SSRCS_MAX = 16 };

void rtcpw_sr(struct wr *w, uint32_t ssrc, const struct rtcp_sr *sr, const struct rtcp_report *blocks,
              unsigned n);
void rtcpw_rr(struct wr *w, uint32_t ssrc, const struct rtcp_report *blocks,
              unsigned n); /* n <= RTCP_SSRCS_MAX */
void rtcpw_cname(struct wr *w, uint32_t ssrc, struct str cname);
/* Sequence numbers in ascending (wrapping) order are packed into PID + BLP pairs. */
void rtcpw_nack(struct wr *w, uint32_t ssrc, uint32_t media_ssrc, const uint16_t *seqs, unsigned n);
void rtcpw_pli(struct wr *w, uint32_t ssrc, uint32_t media_ssrc);
void rtcpw_fir(struct wr *w, uint32_t ssrc, uint32_t media_ssrc, uint8_t command_seq);
void rtcpw_remb(struct wr *w, uint32_t ssrc, uint64_t bitrate_bps, const uint32_t *ssrcs, unsigned n);
void rtcpw_bye(struct wr *w, const uint32_t *ssrcs, unsigned n, struct str reason);

#endif
