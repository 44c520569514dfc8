/* sealcm — SRTCP both ways and outgoing SRTP under AES128_CM_HMAC_SHA1_80 (RFC 3711, RFC 5764 4.1.2) for one
 * peer, with kept keys: Debian's libsrtp takes five times as long. A publisher's media under this profile is
 * libsrtp's (secure.c). Sans-IO. Thread: owner's. Heap: three contexts of 1.3 kB, outidx's array, and an SSRC
 * that reports. In place: a packet grows by SEALCM_RTP_MORE or SEALCM_RTCP_MORE. A packet repeated under its
 * old number must be bit for bit the same, or the keystream gives both away. Limits: SEALCM_IN_MAX SSRCs that
 * report; one is kept only after it authenticated. */
#ifndef SEALCM_H
#define SEALCM_H
#include "media/base/ctrmac.h"
#include "media/rtc/outidx.h"

enum { SEALCM_MASTER_BYTES = 30, SEALCM_RTP_MORE = 10, SEALCM_RTCP_MORE = 14, SEALCM_IN_MAX = 64 };

struct sealcm; /* opaque */

/* Master key, then master salt: of what we send, of what comes. */
struct sealcm *sealcm_open(const uint8_t tx[SEALCM_MASTER_BYTES], const uint8_t rx[SEALCM_MASTER_BYTES]);
void sealcm_close(struct sealcm *s); /* NULL is fine */
/* The caller has room for the growth. New length; -ERR_INVALID not a packet, -ERR_FULL too many SSRCs,
 * -ERR_EXPIRED the key has sealed all it may. later: sealed when that is worked off; until then neither the
 * packet nor this goes away. */
int sealcm_protect(struct sealcm *s, uint8_t *pkt, size_t n);
int sealcm_protect_later(struct sealcm *s, struct ctrmac_batch *later, uint8_t *pkt, size_t n);
int sealcm_protect_rtcp(struct sealcm *s, uint8_t *pkt, size_t n);
/* As secure_unprotect_rtcp. */
int sealcm_unprotect_rtcp(struct sealcm *s, uint8_t *pkt, size_t n);
void sealcm_drop(struct sealcm *s, uint32_t ssrc);

#endif
