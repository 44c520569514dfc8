/* gcm_mb — what gcm does, by intel-ipsec-mb: the whole of a packet in one call of code made for the processor
 * at hand, the key's powers laid out once. Where the library or the processor's AES and carry-less
 * multiplication are missing, gcm_mb_ready says no and nothing else may be called. Thread: owner's; the table
 * of functions is made once and only read. */
#ifndef GCM_MB_H
#define GCM_MB_H
#include "media/base/gcm.h"

bool gcm_mb_ready(void);
/* The schedule is aligned to 64 octets. */
void gcm_mb_expand(const uint8_t key[GCM_KEY_BYTES], uint8_t schedule[GCM_SCHEDULE_BYTES]);
void gcm_mb_seal(const uint8_t schedule[GCM_SCHEDULE_BYTES], const uint8_t nonce[GCM_NONCE_BYTES],
                 struct bytes aad, uint8_t *text, size_t n, uint8_t tag[GCM_TAG_BYTES]);
/* False: the tag is wrong, and the text is undefined. */
bool gcm_mb_unseal(const uint8_t schedule[GCM_SCHEDULE_BYTES], const uint8_t nonce[GCM_NONCE_BYTES],
                   struct bytes aad, uint8_t *text, size_t n, const uint8_t tag[GCM_TAG_BYTES]);

#endif
