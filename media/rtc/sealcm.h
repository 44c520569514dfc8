/* sealcm — outgoing SRTP and SRTCP under AES128_CM_HMAC_SHA1_80 (RFC 3711, RFC 5764 4.1.2) for one peer, with
 * kept keys: Debian's libsrtp takes five times as long. What comes in under this profile is libsrtp's
 * (secure.c). Sans-IO. Thread: owner's. Heap: two contexts of 1 kB, and outidx's array. In place: a packet
 * grows by SEALCM_RTP_MORE or SEALCM_RTCP_MORE. A packet repeated under its old number must be bit for bit
 * the same, or the keystream gives both away. */
#ifndef SEALCM_H
#define SEALCM_H
#include "media/rtc/outidx.h"

enum { SEALCM_MASTER_BYTES = 30, SEALCM_RTP_MORE = 10, SEALCM_RTCP_MORE = 14 };

struct sealcm; /* opaque */

/* Master key, then master salt. */
struct sealcm *sealcm_open(const uint8_t master[SEALCM_MASTER_BYTES]);
void sealcm_close(struct sealcm *s); /* NULL is fine */
/* The caller has room for the growth. New length; -ERR_INVALID not a packet, -ERR_FULL too many SSRCs,
 * -ERR_EXPIRED the key has sealed all it may. */
int sealcm_protect(struct sealcm *s, uint8_t *pkt, size_t n);
int sealcm_protect_rtcp(struct sealcm *s, uint8_t *pkt, size_t n);

#endif
