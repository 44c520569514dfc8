/* Any text: what parses is written, and the written form parses and writes the same again. */
#include "media/base/json.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct json *j, *again;
    if (json_parse(&j, (struct str){(const char *)data, size}))
        return 0;
    struct buf one, two;
    buf_init(&one, size * 8 + 4096);
    buf_init(&two, size * 8 + 4096);
    json_write(j, &one);
    if (one.over || json_parse(&again, buf_view(&one)))
        abort();
    json_write(again, &two);
    if (!str_eq(buf_view(&one), buf_view(&two)))
        abort();
    json_free(again);
    json_free(j);
    buf_fini(&one);
    buf_fini(&two);
    return 0;
}
