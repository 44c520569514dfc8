/* space — the houses of a centre: where events belong. Data of the staff, never names in code. */
#ifndef SPACE_H
#define SPACE_H
#include "server/store/store.h"

enum { SPACES_MAX = 100, SPACE_ID_MAX = 32 };

struct space {
    const char *id; /* short word for addresses */
    const char *name_uk, *name_en, *about_uk, *about_en;
    int64_t place;           /* in lists, from 1; put with 0: where it is, or last */
    int64_t events, lessons; /* announced and public ones; filled by space_list */
};

bool space_id_ok(struct str id);                        /* 1..SPACE_ID_MAX of [a-z0-9-] */
int space_put(struct store *s, const struct space *sp); /* adds or replaces; -ERR_FULL */
int space_drop(struct store *s, struct str id);         /* -ERR_CONFLICT: events belong to it; -ERR_MISSING */
/* Text is the arena's. The number, or -ERR_x. */
int space_list(struct store *s, struct arena *a, struct space *out, size_t max);
/* Both names into the arena; -ERR_MISSING. */
int space_names(struct store *s, struct str id, struct arena *a, const char **uk, const char **en);
bool space_has(struct store *s, struct str id);

#endif
