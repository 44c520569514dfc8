/* gcm_mb — what gcm does, by intel-ipsec-mb: the whole of a packet in one call of code made for the processor
 * at hand, the key's powers laid out once. Where the library or the processor's AES and carry-less
 * multiplication are missing, gcm_mb_ready says no and nothing else may be called. Thread: owner's; the table
 * of functions is made once and only read. Heap: 1 kB a key. */
#ifndef GCM_MB_H
#define GCM_MB_H
#include "media/base/gcm.h"

struct gcm_mb; /* opaque */

bool gcm_mb_ready(void);
struct gcm_mb *gcm_mb_open(const uint8_t key[GCM_KEY_BYTES]);
void gcm_mb_close(struct gcm_mb *g); /* NULL is fine; the key is wiped */
void gcm_mb_seal(const struct gcm_mb *g, const uint8_t nonce[GCM_NONCE_BYTES], struct bytes aad,
                 uint8_t *text, size_t n, uint8_t tag[GCM_TAG_BYTES]);
/* False: the tag is wrong, and the text is undefined. */
bool gcm_mb_unseal(const struct gcm_mb *g, const uint8_t nonce[GCM_NONCE_BYTES], struct bytes aad,
                   uint8_t *text, size_t n, const uint8_t tag[GCM_TAG_BYTES]);

#endif
