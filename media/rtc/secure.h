/* secure — SRTP and SRTCP of one peer (RFC 3711, RFC 7714): AEAD_AES_128_GCM by seal.c, AES128_CM_SHA1_80 by
 * sealcm.c but for the media of a publisher, which is libsrtp's; this hides all three. Thread: owner's;
 * secure_global_init once before the threads. Heap: what either holds for its keys, and a stream an SSRC. In
 * place: packets grow by at most SECURE_TRAILER_MAX. Inbound streams are made only after a packet
 * authenticates, so strangers cost nothing; the peer itself could make many: past SECURE_SSRCS_MAX distinct
 * inbound SSRCs a new one is refused unread. SECURE_OUT_MAX outgoing SSRCs. The caller starts outgoing
 * sequence numbers in [1000, 2^15): a first packet lost near 2^16 would leave the receiver with the wrong
 * rollover counter and the whole stream undecryptable. An old outgoing packet may be repeated, bit for bit as
 * it was: another text under the same number would give the key away.
 */
#ifndef SECURE_H
#define SECURE_H
#include "media/base/ctrmac.h"

enum { SECURE_TRAILER_MAX = 24, SECURE_KEY_MAX = 30, SECURE_SSRCS_MAX = 64, SECURE_OUT_MAX = 96 };
enum secure_profile { SECURE_NONE, SECURE_AES128_CM_SHA1_80, SECURE_AEAD_AES_128_GCM };

struct secure_keys {
    enum secure_profile profile;
    uint8_t tx[SECURE_KEY_MAX], rx[SECURE_KEY_MAX]; /* master key, then master salt */
};
struct secure; /* opaque */

int secure_global_init(void); /* -ERR_IO. Idempotent */
int secure_open(struct secure **out, const struct secure_keys *keys);
void secure_close(struct secure *s); /* NULL is fine */

/* The new length, or: -ERR_FORGED wrong tag, -ERR_CONFLICT a replay or older than the window, -ERR_FULL too
 * many SSRCs, -ERR_SHORT/-ERR_INVALID not a packet. On failure the packet's bytes are undefined. */
int secure_unprotect(struct secure *s, uint8_t *pkt, size_t n);
int secure_unprotect_rtcp(struct secure *s, uint8_t *pkt, size_t n);
/* The index this SRTCP packet says it has (RFC 3711 3.4, RFC 7714 17.1), not verified; -1: too short. */
int64_t secure_rtcp_index(const struct secure *s, struct bytes pkt);
/* cap: room from pkt on. -ERR_TOO_LARGE when n + SECURE_TRAILER_MAX > cap. */
int secure_protect(struct secure *s, uint8_t *pkt, size_t n, size_t cap);
int secure_protect_rtcp(struct secure *s, uint8_t *pkt, size_t n, size_t cap);
/* As secure_protect, but perhaps only when `later` is worked off: until then neither pkt nor this goes away.
 */
int secure_protect_later(struct secure *s, struct ctrmac_batch *later, uint8_t *pkt, size_t n, size_t cap);
/* What will be done soon: the processor is told which memory that takes. SECURE_FIRST, then, when that memory
 * had time to come, one of the others. */
enum secure_use { SECURE_FIRST, SECURE_PACKET, SECURE_SOUND, SECURE_REPORT };
void secure_warm(const struct secure *s, enum secure_use use);
/* Forget an incoming SSRC (its track ended), making room for another. There is no such thing for outgoing
 * ones: a fresh stream under the same key would repeat the keystream, so an outgoing SSRC is never used for a
 * second stream. */
void secure_drop(struct secure *s, uint32_t ssrc);

#endif
