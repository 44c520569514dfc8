/* repeat — events that repeat, as a request asks for them: a new series; a change or a calling-off of this
 * one, this and those after it, or all that are to come. Thread: the api thread's. */
#ifndef REPEAT_H
#define REPEAT_H
#include "server/catalogue/series.h"
#include "server/http/handler.h"

enum repeat_part { REPEAT_THIS, REPEAT_FOLLOWING, REPEAT_ALL, REPEAT_PART_COUNT };

/* A letter about it to whoever is registered. */
int repeat_tell(struct api *a, const struct req *q, const char *event, const char *kind);
int repeat_part_of(struct str name);                                            /* -ERR_INVALID */
int repeat_part(struct api *a, const struct json *body, enum repeat_part *out); /* member "scope" */
/* The event, and those of its series the part is about: planned and not called off. */
int repeat_ids(struct api *a, const struct req *q, const struct meeting *m, enum repeat_part part,
               struct series_ids *out);
/* `repeat`: {"rule"}; *m becomes the first of the series. */
int repeat_new(struct api *a, const struct req *q, const struct json *repeat, struct meeting *m);
/* *m, changed from old by the body, and what the body says into the others of the part. One that was moved
 * alone keeps its time. */
int repeat_change(struct api *a, const struct req *q, const struct json *body, enum repeat_part part,
                  const struct meeting *old, struct meeting *m);
int repeat_cancel(struct api *a, const struct req *q, enum repeat_part part, struct meeting *m);

#endif
