/* Any message on fd 3: what parses writes back the same bytes. */
#include "media/base/frame.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct frame f;
    uint8_t again[FRAME_MAX];
    if (frame_parse(&f, (struct bytes){data, size}))
        return 0;
    int n = frame_write(&f, again, sizeof again);
    if (n != (int)size || memcmp(again, data, size))
        abort();
    return 0;
}
