/* formats — reads config/formats/<id>.json, what is shipped, into struct format, so that a new format needs
 * no code. Strict (formatdoc): the first thing wrong is told in one sentence that names file, key and value.
 * Thread: any; called at start, the result is immutable; the server never writes these files. Limits:
 * FORMATS_MAX files of FORMATS_FILE_MAX bytes. */
#ifndef FORMATS_H
#define FORMATS_H
#include "server/rooms/format.h"

enum { FORMATS_MAX = 64, FORMATS_FILE_MAX = 65536, FORMATS_SENTENCE_MAX = 512 };

struct formats {
    struct format v[FORMATS_MAX]; /* by id */
    size_t n;
};

/* Every *.json of the directory. 0, or -ERR_x with the sentence; an empty directory is -ERR_MISSING. */
int formats_load(struct formats *out, const char *dir, char sentence[FORMATS_SENTENCE_MAX]);
/* One file's text; `file` is its name, which must be <id>.json. Pure. */
int formats_parse(struct format *out, struct str text, const char *file, char sentence[FORMATS_SENTENCE_MAX]);
const struct format *formats_find(const struct formats *f, struct str id); /* or NULL */

#endif
