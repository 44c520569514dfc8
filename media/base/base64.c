#include "media/base/base64.h"

#include <sodium.h>

#include "media/base/err.h"

int base64_write(char *dst, size_t cap, struct bytes b) {
    if (cap < sodium_base64_ENCODED_LEN(b.n, sodium_base64_VARIANT_ORIGINAL)) {
        if (cap)
            dst[0] = 0;
        return -ERR_TOO_LARGE;
    }
    sodium_bin2base64(dst, cap, b.p, b.n, sodium_base64_VARIANT_ORIGINAL);
    return 0;
}
