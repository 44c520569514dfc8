/* route — the table of the HTTP API: one row a method and path, with where it runs, who may, and its limits.
 * Pure. Thread: any. */
#ifndef ROUTE_H
#define ROUTE_H
#include "server/http/req.h"

struct api;

enum route_where {
    ROUTE_POOL,   /* api_run on an api thread */
    ROUTE_DOOR,   /* the same on a thread of the door, where passwords are hashed */
    ROUTE_CONTROL /* the web glue's own: WHIP, WHEP, the connection check, health, metrics */
};
enum route_need {
    NEED_NONE,
    NEED_USER,
    NEED_TEACHER,
    NEED_STAFF
}; /* least account role; finer rights: handlers */
enum route_rate { PACE_READ, PACE_WRITE, PACE_LOGIN, PACE_JOIN, PACE_MEDIA, PACE_PROBE };
enum route_name { /* what the glue tells apart among ROUTE_CONTROL rows */
                  ROUTE_API,
                  ROUTE_HEALTH,
                  ROUTE_METRICS,
                  ROUTE_PROBE,
                  ROUTE_WHIP,      /* params: room */
                  ROUTE_WHIP_PEER, /* params: room, id */
                  ROUTE_WHEP,
                  ROUTE_WHEP_PEER
};

struct route {
    enum req_method method;
    const char *pattern; /* ":" parts are parameters */
    enum route_where where;
    enum route_name name;
    enum route_need need;
    enum route_rate rate;
    uint32_t body_max;
    const char *type; /* of a body; NULL: application/json */
    int (*run)(struct api *api, const struct req *req,
               struct reply *reply); /* 0 or -ERR_x; NULL for control */
};

/* The row for req->method and req->path; fills req->params. GET rows serve HEAD. NULL with *err =
 * -ERR_MISSING (no such path here: perhaps a file of the web client) or -ERR_METHOD (and *allow lists what
 * would do). */
const struct route *route_find(struct req *req, int *err, char allow[64]);
const struct route *route_table(size_t *n);

#endif
