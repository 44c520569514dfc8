/* cookie — reads one cookie of a Cookie header (RFC 6265 4.2) and writes Set-Cookie lines (4.1). Pure. */
#ifndef COOKIE_H
#define COOKIE_H
#include "media/base/arena.h"

/* The first cookie of that name; the value as it stands, quotes off. False when there is none. */
bool cookie_get(struct str header, const char *name, struct str *out);
/* max_age_s 0 deletes it. Always HttpOnly, SameSite=Lax. NULL when the arena is full. */
struct cookie {
    const char *name, *value, *path;
    int64_t max_age_s;
    bool secure;
};
const char *cookie_set(struct arena *a, const struct cookie *c);

#endif
