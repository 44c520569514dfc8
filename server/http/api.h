/* api — runs one request of the API: session, origin and CSRF checks, rights, handler, error text.
 * Synchronous C on an api thread with its own database connection. Ownership: api_open's caller; `cfg`
 * outlives all. */
#ifndef API_H
#define API_H
#include "server/http/route.h"

struct formats;
struct store;

struct api_live {
    int count;      /* people in it */
    bool recording; /* a recorder is at work this moment */
};
struct api_cfg {
    const char *data_dir;
    const char *server_name; /* shown to people; "" = SOM-hub Live */
    struct bytes key;        /* the server's secret, TICKET_KEY_BYTES */
    bool registration;
    bool capture;                  /* the administrator may look into connections */
    const struct formats *formats; /* borrowed, read-only */
    const char *zone;              /* the centre's, for times that name none */
    const char *public_url;        /* how people reach the server; "" = as the request says */
    const char *mail_from;         /* "" = no mail is sent */
    /* False: the room is not live here. Any thread. NULL: nobody knows. */
    bool (*live)(void *ctx, const char *room, struct api_live *out);
    void *live_ctx;
};

int api_open(struct api **out, const struct api_cfg *cfg); /* opens a connection; -ERR_IO */
void api_close(struct api *api);
/* Answers always. `route` must be a ROUTE_POOL row found for `req`. */
void api_run(struct api *api, const struct route *route, const struct req *req, struct reply *reply);
/* The same JSON error for refusals made outside handlers (404, 405, 413, 429, 503). field may be NULL. */
void api_error(struct reply *reply, int err, const char *field, const char *text, int64_t retry_ms);

#endif
