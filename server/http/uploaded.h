/* uploaded — what the API's handlers of uploads share: the upload in question, its document, the promise of a
 * new one. Thread: the api thread's. */
#ifndef UPLOADED_H
#define UPLOADED_H
#include "server/catalogue/upload.h"
#include "server/http/handler.h"

/* The upload of the path, for who leads its room: path parameters are the event and the upload. */
int uploaded_wanted(struct api *a, const struct req *q, enum upload_kind kind, struct upload *d);
int uploaded_answer(struct api *a, const struct upload *d, struct reply *r, int status); /* as it is now */
int uploaded_promise(struct api *a, const struct req *q, struct reply *r, const struct meeting *m,
                     enum upload_kind kind);
struct json *uploaded_captions(struct api *a,
                               const struct upload *d); /* of a video: [{"lang","url","file"}] */

#endif
