/* seal — SRTP and SRTCP under AEAD_AES_128_GCM (RFC 7714), both ways, for one peer. Here and not in libsrtp
 * because Debian builds that one on NSS: its four sessions hold 36 kB a peer, and its locks and lookups take
 * many times as long as the cipher. Sans-IO. Thread: owner's. Heap: the contexts at seal_open, one small
 * array of streams a direction, grown at the first packet of an SSRC, SEAL_OUT_MAX and SEAL_IN_MAX at most.
 * In place: a packet grows by SEAL_RTP_MORE or SEAL_RTCP_MORE. Nothing inbound changes before the tag is
 * found right. A packet repeated outward under its old number must be bit for bit the same, or the key's
 * secrecy is at stake. */
#ifndef SEAL_H
#define SEAL_H
#include "media/rtc/outidx.h"

enum {
    SEAL_MASTER_BYTES = 28,
    SEAL_RTP_MORE = 16,
    SEAL_RTCP_MORE = 20,
    SEAL_OUT_MAX = OUTIDX_MAX,
    SEAL_IN_MAX = 64
};

struct seal; /* opaque */

/* Master key, then master salt, of each direction. */
struct seal *seal_open(const uint8_t tx[SEAL_MASTER_BYTES], const uint8_t rx[SEAL_MASTER_BYTES]);
void seal_close(struct seal *s); /* NULL is fine */
/* Tells the processor that packets will be protected soon, small ones (of sound) or any; that a report will
 * be opened. */
void seal_warm(const struct seal *s, bool small);
void seal_warm_rtcp(const struct seal *s);

/* The caller has room for the growth. New length; -ERR_INVALID not a packet, -ERR_FULL too many SSRCs,
 * -ERR_EXPIRED the key has sealed all it may. */
int seal_protect(struct seal *s, uint8_t *pkt, size_t n);
int seal_protect_rtcp(struct seal *s, uint8_t *pkt, size_t n);
/* New length; -ERR_FORGED, -ERR_CONFLICT a replay or older than the window, -ERR_FULL, -ERR_SHORT,
 * -ERR_INVALID. */
int seal_unprotect(struct seal *s, uint8_t *pkt, size_t n);
int seal_unprotect_rtcp(struct seal *s, uint8_t *pkt, size_t n);
void seal_drop(struct seal *s, uint32_t ssrc); /* inbound only */

#endif
