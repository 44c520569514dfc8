/* ctrmac — AES-128 in counter mode and HMAC-SHA1 under kept keys: both key schedules are made once, a packet
 * costs its octets. Hides OpenSSL. Working allocates nothing (its EVP_MAC would, at every restart). Thread:
 * owner's. Heap: about 1 kB. */
#ifndef CTRMAC_H
#define CTRMAC_H
#include "media/base/hmac.h"

enum { CTRMAC_CIPHER_BYTES = 16, CTRMAC_AUTH_BYTES = 20 };

struct ctrmac; /* opaque */

struct ctrmac *ctrmac_open(const uint8_t cipher_key[CTRMAC_CIPHER_BYTES],
                           const uint8_t auth_key[CTRMAC_AUTH_BYTES]);
void ctrmac_close(struct ctrmac *m); /* NULL is fine; keys are wiped */
/* Encrypts (or decrypts: it is the same) text in place, the counter beginning at iv. */
void ctrmac_crypt(struct ctrmac *m, const uint8_t iv[16], uint8_t *text, size_t n);
/* Over a, then b. */
void ctrmac_tag(const struct ctrmac *m, struct bytes a, struct bytes b, uint8_t tag[HMAC_SHA1_BYTES]);

#endif
