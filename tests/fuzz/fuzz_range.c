/* Any Range header and entity tags against files of many sizes: what is sent lies within the file. */
#include <stdlib.h>

#include "media/base/err.h"
#include "server/http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int64_t totals[] = {0, 1, 100, 4096, INT64_MAX};
    struct str text = {(const char *)data, size};
    for (size_t i = 0; i < countof(totals); i++) {
        struct range r;
        int err = range_parse(&r, text, totals[i]);
        if (err && err != -ERR_RANGE)
            abort();
        if (!err &&
            (r.offset < 0 || r.length < 0 || r.offset > totals[i] || r.length > totals[i] - r.offset ||
             (r.partial && !r.length) || (!r.partial && r.length != totals[i])))
            abort();
    }
    struct str etag = STR("\"5-a,b\"");
    if (range_etag_in(text, etag, false) && !range_etag_in(text, etag, true))
        abort();
    struct range_headers h = {text, text, text, text};
    struct str range;
    (void)range_evaluate(&h, etag, &range);
    return 0;
}
