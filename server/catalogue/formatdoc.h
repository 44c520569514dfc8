/* formatdoc — a format as a JSON document (a file of config/formats, what the staff saves) and back. Strict,
 * by one code for both: unknown keys, values out of range and combinations that would break a promise are
 * refused, all at once, each naming its key, its value and what is allowed. Pure. Thread: any. Limits:
 * enumerators. */
#ifndef FORMATDOC_H
#define FORMATDOC_H
#include "media/base/json.h"
#include "server/rooms/format.h"

enum {
    FORMATDOC_WRONG_MAX = 32, /* further ones are not told */
    FORMATDOC_FIELD_MAX = 47,
    FORMATDOC_VALUE_MAX = 63,
    FORMATDOC_TEXT_MAX = 319
};

struct formatdoc_wrong {
    char field[FORMATDOC_FIELD_MAX + 1]; /* "record", "name.uk", "roles.host"; "" = the whole */
    const char *why;                     /* a word for programs, static (API.md 4) */
    char value[FORMATDOC_VALUE_MAX + 1]; /* what was there, shortened; "" = nothing */
    char text[FORMATDOC_TEXT_MAX + 1];   /* a sentence without the full stop */
};
struct formatdoc_wrongs {
    struct formatdoc_wrong v[FORMATDOC_WRONG_MAX];
    size_t n;
};

/* 0, or -ERR_INVALID with what is wrong in *w (its n > 0). */
int formatdoc_read(struct format *out, const struct json *doc, struct formatdoc_wrongs *w);
struct json *formatdoc_json(const struct format *f); /* the caller's; reads as the same format */
bool formatdoc_id_ok(struct str id);

#endif
