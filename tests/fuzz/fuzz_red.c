/* Whatever bytes: read totally; what was read can be written, and reads the same again. */
#include "media/rtc/red.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct red r, again;
    if (size > RTP_PACKET_MAX || red_parse(&r, (struct bytes){data, size}))
        return 0;
    size_t sum = 0;
    check(r.n >= 1 && r.n <= RED_BLOCKS_MAX);
    for (unsigned i = 0; i < r.n; i++) {
        check(r.block[i].data.n <= size && r.block[i].offset <= RED_OFFSET_MAX);
        sum += r.block[i].data.n;
    }
    uint8_t out[RTP_PACKET_MAX + 4];
    int n = red_write(&r, out, sizeof out);
    check(n > 0 && (size_t)n == size && sum + 4 * (r.n - 1) + 1 == size);
    check(!memcmp(out, data, size));
    red_patch(out, (size_t)n, 77);
    check(!red_parse(&again, (struct bytes){out, (size_t)n}) && again.n == r.n);
    for (unsigned i = 0; i < r.n; i++) {
        check(again.block[i].pt == 77 && again.block[i].offset == r.block[i].offset);
        check(again.block[i].data.n == r.block[i].data.n);
    }
    return 0;
}
