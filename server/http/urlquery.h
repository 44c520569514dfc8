/* urlquery — one parameter out of a query string (application/x-www-form-urlencoded, WHATWG URL 5.1).
 * Pure; the value is decoded into the arena. Total: anything malformed reads as absent. */
#ifndef URLQUERY_H
#define URLQUERY_H
#include "media/base/arena.h"

enum { URLQUERY_VALUE_MAX = 2048 };

/* The first `name`: decoded, valid UTF-8 without NUL. False when absent or not decodable. */
bool urlquery_get(struct str query, const char *name, struct arena *a, struct str *out);
/* A decimal 0..max; `fallback` when absent or not one. */
int64_t urlquery_int(struct str query, const char *name, int64_t max, int64_t fallback);
/* Percent-decodes src into dst (at least src.n bytes): '+' is a blank when plus is set. The length, or
 * -ERR_INVALID for a '%' without two hex digits. */
int urlquery_decode(char *dst, struct str src, bool plus);

#endif
