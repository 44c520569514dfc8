/* settings — the fields of an event that people may set, from a body into a meeting: for creating, for
 * changing, and for a lesson. Hides the rules about which field may change when. */
#ifndef SETTINGS_H
#define SETTINGS_H
#include "server/http/handler.h"

enum settings_scope {
    SETTINGS_NEW,   /* all fields; title is needed; defaults from the format */
    SETTINGS_EDIT,  /* all, before the opening; some after it */
    SETTINGS_LESSON /* what a lesson shows and who sees it */
};

/* What the body says into *m and into the database; a new one gets its id. Text of m is in the request's
 * arena. Nothing of *m is changed when it refuses. */
int settings_read(struct api *a, const struct req *q, const struct json *body, enum settings_scope scope,
                  struct meeting *m); /* without the database's part */
int settings_save(struct api *a, const struct req *q, enum settings_scope scope, struct meeting *m);

#endif
