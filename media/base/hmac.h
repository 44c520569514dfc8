/* hmac — the digests of STUN and DTLS: HMAC-SHA1, HMAC-SHA256 (keys of DTLS records), SHA-256 (certificate
 * fingerprints), MD5 (keys of long-term credentials, RFC 8489 9.2.2), and comparison of secrets in constant
 * time. Hides OpenSSL. Pure. Thread: any.
 */
#ifndef HMAC_H
#define HMAC_H
#include "media/base/str.h"

enum { HMAC_SHA1_BYTES = 20, HMAC_SHA256_BYTES = 32, HMAC_MD5_BYTES = 16 };

void hmac_sha1(uint8_t out[HMAC_SHA1_BYTES], struct bytes key, struct bytes msg);
void hmac_sha256(uint8_t out[HMAC_SHA256_BYTES], struct bytes key, struct bytes msg);
void hmac_digest_sha256(uint8_t out[HMAC_SHA256_BYTES], struct bytes msg);
void hmac_digest_md5(uint8_t out[HMAC_MD5_BYTES], struct bytes msg);
bool hmac_same(const void *a, const void *b, size_t n); /* time depends on n only */

#endif
