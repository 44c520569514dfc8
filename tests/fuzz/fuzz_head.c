/* The bytes of a connection, whole and cut at a place the first byte names: the same is found either way, a
 * fault stays, and what lies within the limits is never called too long. */
#include <stdlib.h>
#include <string.h>

#include "server/http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct head_names names = {{"get ", "host:", "x-real-ip:", "accept:", "accept-language:"},
                                            5};
    struct head whole, cut, once;
    if (!size)
        return 0;
    size_t n = size - 1, at = n * data[0] / UINT8_MAX;
    const uint8_t *p = data + 1;
    head_init(&whole, &names);
    head_init(&cut, &names);
    head_init(&once, &names);
    enum head_fault f = head_feed(&whole, p, n);
    head_feed(&cut, p, at);
    head_feed(&cut, p + at, n - at);
    for (size_t i = 0; i < n; i++)
        head_feed(&once, p + i, 1);
    if (cut.fault != f || once.fault != f || whole.state != cut.state || whole.state != once.state ||
        whole.left != cut.left || whole.left != once.left ||
        head_has_request(&whole) != head_has_request(&cut))
        abort();
    if (f && head_feed(&whole, (const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18) != f)
        abort();
    if ((f == HEAD_ADDRESS_LONG || f == HEAD_FIELDS_LONG) && n < HEAD_PARTS_MAX)
        abort();
    return 0;
}
