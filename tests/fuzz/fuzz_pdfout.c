/* What poppler's programs say of a hostile file: lines of pdfinfo and pdftoppm, then, behind a NUL, the text.
 */
#include <stdint.h>

#include "server/jobs/pdfout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct pdfout p;
    struct str all = {(const char *)data, size}, lines = {"", 0}, line;
    struct buf b;
    uint64_t page = 0;
    p = (struct pdfout){.pages = 0};
    (void)str_until(&all, 0, &lines);
    while (str_until(&lines, '\n', &line)) {
        pdfout_info(&p, line);
        if (pdfout_progress(line, &page) && (!page || page > DECK_PAGES_MAX))
            __builtin_trap();
    }
    struct json *j = pdfout_document(&p, all);
    buf_init(&b, 8 << 20);
    json_write(j, &b);
    if (b.over || json_len(json_get(j, "pages")) > DECK_PAGES_MAX)
        __builtin_trap();
    json_free(j);
    buf_fini(&b);
    return 0;
}
