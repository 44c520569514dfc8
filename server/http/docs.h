/* docs — the documents of API.md section 2, made of catalogue values. The caller owns what is returned. */
#ifndef DOCS_H
#define DOCS_H
#include "server/catalogue/job.h"
#include "server/http/handler.h"

struct json *docs_user(const struct user *u, bool full); /* full: e-mail and state, for himself and staff */
struct json *docs_event(struct api *a, const struct meeting *m, const struct access *may);
struct json *docs_calendar(const struct api *a, const struct meeting *m); /* what a calendar shows of it */
struct json *docs_card(const struct meeting *m, bool with_position);
struct json *docs_captions(struct api *a, const struct meeting *m); /* languages and where they are */
struct json *docs_job(const struct job *job, bool with_text);
/* NULL on -ERR_IO. */
struct json *docs_lesson(struct api *a, const struct meeting *m, const struct access *may);
/* User, csrf and the server's face. */
struct json *docs_session(const struct api *a);

#endif
