/* Any JSON as a format: what is refused says why; what is read is written and read the same, and keeps its
 * promises (nobody may record what is never recorded, somebody may open). */
#include <stdlib.h>
#include <string.h>

#include "server/catalogue/formatdoc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void promises(const struct format *f) {
    for (int r = 0; r < ROLE_COUNT; r++)
        if (f->record == RECORD_NEVER && (f->can[r] & CAN_RECORD))
            abort();
    if (f->keep == KEEP_COUNTS && f->record != RECORD_NEVER)
        abort();
    if (!(f->can[ROLE_HOST] & CAN_RUN) || (f->can[ROLE_ATTENDEE] & (CAN_RUN | CAN_GRANT)))
        abort();
    if (!f->stage_max || f->stage_max > FORMAT_STAGE_MAX || !f->name_uk[0] || !f->id[0])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct formatdoc_wrongs w;
    static struct format f, again;
    struct json *j;
    if (json_parse(&j, (struct str){(const char *)data, size}))
        return 0;
    if (formatdoc_read(&f, j, &w)) {
        for (size_t i = 0; i < w.n; i++)
            if (!w.v[i].why || !w.v[i].text[0] || !str_utf8_ok(str_of(w.v[i].text)))
                abort();
        if (!w.n)
            abort();
    } else {
        promises(&f);
        struct json *doc = formatdoc_json(&f);
        if (formatdoc_read(&again, doc, &w) || memcmp(&f, &again, sizeof f) != 0)
            abort();
        json_free(doc);
    }
    json_free(j);
    return 0;
}
