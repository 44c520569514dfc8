/* web_rig — asks the API as browsers would, without sockets: cookies are kept per person, CSRF tokens sent.
 */
#ifndef WEB_RIG_H
#define WEB_RIG_H
#include "media/base/json.h"
#include "server/catalogue/formats.h"
#include "server/http/api.h"
#include "tests/unit/house_rig.h"

enum { WEB_GUEST = HOUSE_PEOPLE, WEB_GUEST_2, WEB_PEOPLE };

struct web_rig {
    struct house house;
    struct formats formats;
    struct api_cfg cfg;
    struct api *api;
    struct arena arena;
    char cookies[WEB_PEOPLE][1024], csrf[WEB_PEOPLE][64];
    struct reply reply; /* of the last request */
    struct json *json;  /* its body, or NULL */
    /* for the next request only; then cleared */
    const char *range, *if_none_match, *if_range, *if_match, *origin, *content_type, *bearer;
    bool without_csrf, tls;
    int64_t now_ms;
};

void web_open(struct web_rig *w); /* everybody of the house is signed in */
void web_close(struct web_rig *w);
/* "POST /api/events?x=1" by person, with a body or NULL; the status. */
int web_ask(struct web_rig *w, int person, const char *line, const char *body);
/* The same, and the test fails with what was answered unless it is this status. */
void web_expect(struct web_rig *w, int person, int status, const char *line, const char *body);
/* A request line put together; valid until the next 4 calls. */
const char *web_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *web_header(const struct web_rig *w, const char *name); /* or NULL */
const char *web_error(const struct web_rig *w);                    /* the wire name, "" = none */
bool web_flag(const struct json *j, const char *key);              /* false when absent */
int64_t web_number(const struct json *j, const char *key);         /* -12345 when absent */
const char *web_str(const struct json *j, const char *key); /* "" when absent; valid until the next 4 calls */

#endif
