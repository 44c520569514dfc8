/* A mark as a client tells it: what is taken for one has points on the page only, counted here in another
 * way. */
#include <stdint.h>

#include "server/rooms/ink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str s = {(const char *)data, size};
    if (!ink_ok(s))
        return 0;
    /* Three bytes and a point of two take seven characters; whatever passes is no longer than it may be. */
    if (size < 7 || size > INK_CHARS_MAX || ink_tool_of(s) >= INK_TOOL_COUNT)
        __builtin_trap();
    for (size_t i = 0; i < size; i++)
        if (!((data[i] | 32) >= 'a' && (data[i] | 32) <= 'z') && !(data[i] >= '0' && data[i] <= '9') &&
            data[i] != '-' && data[i] != '_')
            __builtin_trap();
    return 0;
}
