/* rtcp — reading compound and reduced-size RTCP (RFC 3550 6, RFC 5506): an iterator over packets, then typed
 * views. Pure, total, no allocation. Unknown types and formats are stepped over by their length. Limits:
 * RTCP_PACKETS_MAX packets a datagram, RTCP_NACK_SEQS_MAX sequence numbers taken from one NACK packet. */
#ifndef RTCP_H
#define RTCP_H
#include "media/base/rd.h"

enum rtcp_type {
    RTCP_SR = 200,
    RTCP_RR = 201,
    RTCP_SDES = 202,
    RTCP_BYE = 203,
    RTCP_APP = 204,
    RTCP_RTPFB = 205, /* RFC 4585 6.2 */
    RTCP_PSFB = 206,  /* RFC 4585 6.3 */
    RTCP_XR = 207
};
enum { RTCP_FMT_NACK = 1, RTCP_FMT_TWCC = 15 };                  /* of RTPFB */
enum { RTCP_FMT_PLI = 1, RTCP_FMT_FIR = 4, RTCP_FMT_REMB = 15 }; /* of PSFB */
enum {
    RTCP_PACKETS_MAX = 32,
    RTCP_NACK_SEQS_MAX = 512,
    RTCP_SSRCS_MAX = 31, /* 5-bit count field */
};

struct rtcp {
    uint8_t type;
    uint8_t count; /* RC, SC or FMT */
    uint32_t ssrc; /* of the sender; 0 for SDES and BYE, whose body holds their list */
    struct bytes
        body; /* after the header (and after the sender's SSRC where there is one), padding removed */
};
struct rtcp_iter {
    struct rd rd; /* private */
    unsigned n;
};
struct rtcp_sr {
    uint64_t ntp; /* 32.32 */
    uint32_t ts, packets, octets;
};
struct rtcp_report {
    uint32_t ssrc;
    uint8_t fraction_lost;
    int32_t lost; /* 24-bit signed */
    uint32_t highest_seq, jitter, lsr, dlsr;
};

struct rtcp_iter rtcp_iter(struct bytes datagram);
/* 1 and *out, 0 at the end, -ERR_SHORT/-ERR_INVALID when the rest cannot be read (what came before stands),
 * -ERR_FULL past RTCP_PACKETS_MAX. */
int rtcp_next(struct rtcp_iter *it, struct rtcp *out);

/* Typed views of one packet; each answers false/0 for another type or a short body. */
bool rtcp_sr(const struct rtcp *p, struct rtcp_sr *out);
bool rtcp_report(const struct rtcp *p, unsigned i, struct rtcp_report *out); /* block i of an SR or RR */
/* RFC 4585 6.2.1 generic NACK: PID + BLP expanded in order; returns how many, at most `max`. */
unsigned rtcp_nack(const struct rtcp *p, uint32_t *media_ssrc, uint16_t *seqs, unsigned max);
bool rtcp_pli(const struct rtcp *p, uint32_t *media_ssrc);
/* RFC 5104 4.3.1: entry i. False past the last. */
bool rtcp_fir(const struct rtcp *p, unsigned i, uint32_t *media_ssrc, uint8_t *command_seq);
bool rtcp_remb(const struct rtcp *p, uint64_t *bitrate_bps);
/* The FCI of a transport-wide feedback (for twcc_fb_open). */
bool rtcp_twcc(const struct rtcp *p, struct bytes *fci);
bool rtcp_bye(const struct rtcp *p, unsigned i, uint32_t *ssrc);
/* The CNAME of chunk i; *cname empty when the chunk has none. False past the last or when broken. */
bool rtcp_cname(const struct rtcp *p, unsigned i, uint32_t *ssrc, struct str *cname);

#endif
