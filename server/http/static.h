/* static — the built web client in memory: read once at start, each text file also gzipped once, and packed
 * by Brotli where the build has put that beside it (x.js.br), unless x.js was changed since. Thread: written
 * at open, read-only afterwards. Limits: STATIC_FILES_MAX files, STATIC_BYTES_MAX in all. */
#ifndef STATIC_H
#define STATIC_H
#include "media/base/str.h"

enum { STATIC_FILES_MAX = 512, STATIC_BYTES_MAX = 64 << 20 };

struct static_file {
    char path[128]; /* from "/", e.g. "/assets/room-abc.js" */
    const char *type;
    char etag[36];  /* quoted, strong; the packed forms have their own */
    bool immutable; /* its name carries a hash */
    uint8_t *body, *gz, *br;
    size_t body_bytes, gz_bytes, br_bytes; /* 0: not worth it, not there */
};
/* What of a file is sent. */
struct static_form {
    const char *coding, *mark; /* of content-encoding, NULL: as it is; what tells its etag from the others' */
    const uint8_t *p;
    size_t n;
};
struct static_files;

/* A missing or empty directory is an error with a sentence. */
int static_open(struct static_files **out, const char *dir, char err[256]);
void static_close(struct static_files *s);
/* The file at path, the start page for a page path of the client (no dot in its last part), or NULL. */
const struct static_file *static_find(const struct static_files *s, struct str path);
/* The smallest form that the reader's accept-encoding names. */
struct static_form static_form(const struct static_file *f, struct str accepted);

#endif
