/* paging — makes the pages of an uploaded PDF: two pictures of each and the document of their sizes and
 * texts, by poppler's programs, each a child of its own in a box (server/jobs/box.h). All or nothing: what
 * failed leaves no file. Blocks the calling thread. Files, beside <id>.pdf: <id>.json, <id>-t001.jpg (small),
 * <id>-p001.jpg (large). Limits: enumerators. */
#ifndef PAGING_H
#define PAGING_H
#include "server/catalogue/upload.h"

enum {
    PAGING_SMALL_PX = 320, /* the longer side */
    PAGING_LARGE_PX = 1600,
    PAGING_SILENCE_MS = 30000, /* for one page, and for what is no picture */
    PAGING_CPU_S = 20,         /* of a child, and for each page … */
    PAGING_PAGE_CPU_S = 4,     /* … so much more */
    PAGING_TEXT_MAX = 4 << 20, /* of all pages */
};

struct paging {
    const char *data, *bin; /* bin: where poppler's programs are, "/usr/bin" */
    const struct upload *deck;
    int stop_fd;    /* readable: give up for now */
    int silence_ms; /* PAGING_SILENCE_MS */
    void (*progress)(void *arg, int64_t percent);
    void *arg;
};

/* 0 with *pages; -ERR_BUSY: asked to stop; -ERR_INVALID with *why: it is the file's fault; -ERR_IO: the
 * server's. */
int paging_make(const struct paging *p, int64_t *pages, enum upload_why *why);

#endif
