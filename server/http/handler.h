/* handler — what the API's handlers share: the caller, the body's fields, the event in question, the answer.
 * A helper that refuses leaves field and text for the error answer in struct api and returns the -ERR_x to
 * return. Thread: the api thread's. */
#ifndef HANDLER_H
#define HANDLER_H
#include "media/base/json.h"
#include "server/catalogue/signup.h"
#include "server/catalogue/signin.h"
#include "server/http/api.h"

struct api {
    struct store *store;
    const struct api_cfg *cfg; /* borrowed */
    /* of the request under way */
    struct signin in; /* in.user.id 0: not signed in */
    const char *field, *text;
    int64_t retry_ms;
};

int handler_fail(struct api *a, int err, const char *field, const char *text); /* returns err */

/* The body as an object (an empty body is {}); the caller frees. */
int handler_body(struct api *a, const struct req *q, struct json **out);
/* A member of the body into *out; absent leaves *out alone, or refuses when `must`. Views live as long as the
 * body. */
int handler_str(struct api *a, const struct json *j, const char *field, bool must, struct str *out);
int handler_int(struct api *a, const struct json *j, const char *field, int64_t min, int64_t max,
                int64_t *out);
int handler_bool(struct api *a, const struct json *j, const char *field, bool *out);
/* A word out of a fixed set: `of` answers its number or < 0. */
int handler_word(struct api *a, const struct json *j, const char *field, int (*of)(struct str), int *out);

/* Takes j over. */
int handler_answer(struct reply *r, int status, struct json *j);
int handler_empty(struct reply *r, int status);

/* Sets the cookie of a sign-in; an empty token deletes it. */
#define HANDLER_COOKIE "somhub_session"
void handler_set_cookie(struct reply *r, const struct req *q, const char *token);

/* How people reach this server, without a slash at the end, in the arena; NULL when that is full. */
const char *handler_url(const struct api *a, const struct req *q);

/* The event of the first path parameter and this caller's rights to it, with a guest's cookie and ?code=
 * taken into account. -ERR_MISSING unless he may know of it; -ERR_AUTH when signing in would help. */
int handler_event(struct api *a, const struct req *q, struct meeting *m, struct access *may);
int handler_event_edit(struct api *a, const struct req *q,
                       struct meeting *m); /* + may edit, else -ERR_DENIED */
/* + may bring slides and videos: who leads the room, by account, by code, or as a guest by the room's ticket.
 */
int handler_leads(struct api *a, const struct req *q, struct meeting *m);
int handler_lesson(struct api *a, const struct req *q, struct meeting *m,
                   struct access *may); /* + may watch */
/* The same for a code that came in a body ("" = none). */
int handler_access(struct api *a, const struct req *q, const struct meeting *m, struct str code,
                   struct access *may);
/* The registration of ?reg=, if it is one of this event. */
bool handler_registration(struct api *a, const struct req *q, const char *event, struct registration *out);
/* Makes a guest the same guest when he returns: the cookie of his member id, for this event's addresses. */
void handler_set_guest(struct api *a, const struct req *q, struct reply *r, const char *event,
                       const char *member);
/* This caller's member id as a guest of the event; false when he has none. */
bool handler_guest(struct api *a, const struct req *q, const char *event, char member[33]);
/* What a list of events or lessons is asked for: ?mine, space, format, q and page, as this caller. */
struct meeting_filter handler_filter(struct api *a, const struct req *q);
int64_t handler_page(const struct req *q); /* from 0 */
void handler_pages(struct json *j, int64_t page, int64_t total, int64_t per_page);

#endif
