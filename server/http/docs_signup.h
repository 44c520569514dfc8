/* docs_signup — registration as documents (API.md 5.2). The caller owns what is returned. */
#ifndef DOCS_SIGNUP_H
#define DOCS_SIGNUP_H
#include "server/http/handler.h"

/* The terms, how many are in, and the caller's own; JSON null when the event has no registration. */
struct json *docs_signup(struct api *a, const struct req *q, const struct meeting *m,
                         const struct access *may);
struct json *docs_registration(const struct registration *r, bool with_code);
/* For himself: with his code, and the dates of his pass. */
struct json *docs_own(struct api *a, const struct req *q, const struct registration *r);

#endif
