/* pdfout — what poppler's programs say of a PDF, read out of their lines: how many pages of what size, what
 * is written on each, how far the pictures are. The programs read hostile files, so what they say is hostile,
 * too. Pure. Thread: any. Limits: DECK_PAGES_MAX pages; longer texts are cut. */
#ifndef PDFOUT_H
#define PDFOUT_H
#include "media/base/json.h"
#include "server/rooms/slides.h"

enum { PDFOUT_TEXT_MAX = 8000 /* bytes of a page's text */, PDFOUT_POINTS_MAX = 20000 };

struct pdfout {
    uint64_t pages; /* as said: may be more than there are sizes */
    bool is_locked; /* it wants a password */
    struct pdfout_size {
        unsigned w, h; /* points, 1/72 inch, as the page is turned; 0 = not said */
    } size[DECK_PAGES_MAX];
};

void pdfout_info(struct pdfout *p, struct str line);   /* one line of pdfinfo -f 1 -l DECK_PAGES_MAX */
bool pdfout_progress(struct str line, uint64_t *page); /* of pdftoppm -progress: this page is under way */
/* The document of a deck's pages, sizes and texts: {"pages":[{"w","h","text"},…]}. `text` is what pdftotext
 * wrote, pages ended by a form feed. The caller frees. */
struct json *pdfout_document(const struct pdfout *p, struct str text);

#endif
