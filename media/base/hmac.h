/* hmac — the two digests of the media plane: HMAC-SHA1 (STUN) and SHA-256 (certificate fingerprints), and
 * comparison of secrets in constant time. Hides OpenSSL. Pure. Thread: any. */
#ifndef HMAC_H
#define HMAC_H
#include "media/base/str.h"

enum { HMAC_SHA1_BYTES = 20, HMAC_SHA256_BYTES = 32 };

void hmac_sha1(uint8_t out[HMAC_SHA1_BYTES], struct bytes key, struct bytes msg);
void hmac_digest_sha256(uint8_t out[HMAC_SHA256_BYTES], struct bytes msg);
bool hmac_same(const void *a, const void *b, size_t n); /* time depends on n only */

#endif
