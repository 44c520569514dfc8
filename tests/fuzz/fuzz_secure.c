/* Any datagram as SRTP and SRTCP of either profile: without the keys nothing is let in, and nothing is
 * remembered. */
#include <stdlib.h>

#include "media/rtc/secure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct secure *peers[2];

static void open_once(void) {
    static const struct secure_keys keys[2] = {{.profile = SECURE_AEAD_AES_128_GCM, .rx = {1, 2, 3}},
                                               {.profile = SECURE_AES128_CM_SHA1_80, .rx = {1, 2, 3}}};
    if (peers[0])
        return;
    if (secure_global_init() || secure_open(&peers[0], &keys[0]) || secure_open(&peers[1], &keys[1]))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum { DATAGRAM_MAX = 1500 };
    open_once();
    if (size > DATAGRAM_MAX)
        return 0;
    uint8_t *copy = malloc(size + SECURE_TRAILER_MAX); /* exact, so that a step past the end is seen */
    if (!copy)
        abort();
    for (int i = 0; i < 2; i++) {
        if (size)
            memcpy(copy, data, size);
        if (secure_unprotect(peers[i], copy, size) >= 0)
            abort();
        if (size)
            memcpy(copy, data, size);
        if (secure_unprotect_rtcp(peers[i], copy, size) >= 0)
            abort();
        if (size)
            memcpy(copy, data, size);
        int n = secure_protect(peers[i], copy, size, size + SECURE_TRAILER_MAX);
        if (n >= 0 && (size_t)n > size + SECURE_TRAILER_MAX)
            abort();
    }
    free(copy);
    return 0;
}
