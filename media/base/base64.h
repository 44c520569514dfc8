/* base64 — the alphabet of RFC 4648 4 with padding, encoding only. Hides libsodium. Pure. Thread: any. */
#ifndef BASE64_H
#define BASE64_H
#include "media/base/str.h"

#define BASE64_BYTES(n) (((n) + 2) / 3 * 4 + 1) /* what n bytes need as text, NUL included */

/* -ERR_TOO_LARGE when it does not fit; then dst is "". */
int base64_write(char *dst, size_t cap, struct bytes b);

#endif
