#include "server/http/route.h"

#include <stdio.h>

#include "media/base/err.h"
#include "server/http/endpoints.h"

enum { NO_BODY = 0, SMALL_BODY = 65536, SDP_BODY = 131072 };

#define API(method, path, need, rate, body, handler)                                                         \
    { REQ_##method, path, ROUTE_POOL, ROUTE_API, NEED_##need, PACE_##rate, body, NULL, handler }
#define DOOR(method, path, need, rate, handler)                                                              \
    { REQ_##method, path, ROUTE_DOOR, ROUTE_API, NEED_##need, PACE_##rate, SMALL_BODY, NULL, handler }
#define BYTES(method, path, need, rate, handler)                                                             \
    {                                                                                                        \
        REQ_##method, path, ROUTE_POOL, ROUTE_API, NEED_##need, PACE_##rate, REQ_BODY_MAX,                   \
            "application/octet-stream", handler                                                              \
    }
#define OWN(method, path, name, rate, body)                                                                  \
    { REQ_##method, path, ROUTE_CONTROL, name, NEED_NONE, rate, body, NULL, NULL }

static const struct route routes[] = {
    API(GET, "/api/session", NONE, READ, NO_BODY, api_session_get),
    DOOR(POST, "/api/session", NONE, LOGIN, api_session_post),
    API(DELETE, "/api/session", NONE, WRITE, SMALL_BODY, api_session_delete),
    API(GET, "/api/me", NONE, READ, NO_BODY, api_session_get),
    DOOR(PATCH, "/api/me", USER, LOGIN, api_me_patch),
    DOOR(POST, "/api/register", NONE, LOGIN, api_register),
    API(GET, "/api/users", STAFF, READ, NO_BODY, api_users_get),
    DOOR(POST, "/api/users", STAFF, WRITE, api_users_post),
    DOOR(PATCH, "/api/users/:id", STAFF, WRITE, api_user_patch),
    API(GET, "/api/spaces", NONE, READ, NO_BODY, api_spaces_get),
    API(PUT, "/api/spaces/:id", STAFF, WRITE, SMALL_BODY, api_space_put),
    API(DELETE, "/api/spaces/:id", STAFF, WRITE, SMALL_BODY, api_space_delete),
    API(GET, "/api/formats", NONE, READ, NO_BODY, api_formats_get),
    API(GET, "/api/formats/:id", STAFF, READ, NO_BODY, api_format_get),
    API(PUT, "/api/formats/:id", STAFF, WRITE, SMALL_BODY, api_format_put),
    API(PATCH, "/api/formats/:id", STAFF, WRITE, SMALL_BODY, api_format_patch),
    API(DELETE, "/api/formats/:id", STAFF, WRITE, SMALL_BODY, api_format_delete),
    API(GET, "/api/events", NONE, READ, NO_BODY, api_events_get),
    API(POST, "/api/events", TEACHER, WRITE, SMALL_BODY, api_events_post),
    API(GET, "/api/events/:id", NONE, READ, NO_BODY, api_event_get),
    API(PATCH, "/api/events/:id", USER, WRITE, SMALL_BODY, api_event_patch),
    API(DELETE, "/api/events/:id", USER, WRITE, SMALL_BODY, api_event_delete),
    API(POST, "/api/events/:id/join", NONE, JOIN, SMALL_BODY, api_event_join),
    API(POST, "/api/events/:id/end", USER, WRITE, SMALL_BODY, api_event_end),
    API(POST, "/api/events/:id/capture", STAFF, WRITE, SMALL_BODY, api_event_capture),
    API(POST, "/api/events/:id/cancel", USER, WRITE, SMALL_BODY, api_event_cancel),
    API(GET, "/api/events/:id/event.ics", NONE, READ, NO_BODY, api_event_ics),
    API(GET, "/api/events/:id/qr.svg", NONE, READ, NO_BODY, api_event_qr),
    API(GET, "/api/calendar", NONE, READ, NO_BODY, api_calendar_get),
    API(GET, "/api/spaces/:id/calendar.ics", NONE, READ, NO_BODY, api_space_ics),
    API(GET, "/api/me/feed", USER, READ, NO_BODY, api_feed_get),
    API(POST, "/api/me/feed", USER, WRITE, SMALL_BODY, api_feed_post),
    API(DELETE, "/api/me/feed", USER, WRITE, SMALL_BODY, api_feed_delete),
    API(GET, "/ical/:file", NONE, READ, NO_BODY, api_person_ics),
    API(PUT, "/api/events/:id/signup", USER, WRITE, SMALL_BODY, api_signup_put),
    API(DELETE, "/api/events/:id/signup", USER, WRITE, SMALL_BODY, api_signup_delete),
    API(POST, "/api/events/:id/register", NONE, JOIN, SMALL_BODY, api_register_post),
    API(GET, "/api/events/:id/registrations", USER, READ, NO_BODY, api_roster_get),
    API(POST, "/api/events/:id/registrations", USER, WRITE, SMALL_BODY, api_roster_post),
    API(GET, "/api/events/:id/registrations.csv", USER, READ, NO_BODY, api_roster_csv),
    API(PATCH, "/api/events/:id/registrations/:n", USER, WRITE, SMALL_BODY, api_roster_patch),
    API(POST, "/api/events/:id/interpreters", USER, WRITE, SMALL_BODY, api_interpreter_post),
    API(DELETE, "/api/events/:id/interpreters/:n", USER, WRITE, SMALL_BODY, api_interpreter_delete),
    API(GET, "/api/registrations/:code", NONE, JOIN, NO_BODY, api_registration_get),
    API(PATCH, "/api/registrations/:code", NONE, JOIN, SMALL_BODY, api_registration_patch),
    API(GET, "/api/registrations/:code/event.ics", NONE, JOIN, NO_BODY, api_registration_ics),
    API(POST, "/api/registrations/:code/quiet", NONE, JOIN, SMALL_BODY, api_registration_quiet),
    API(GET, "/api/events/:id/people", USER, READ, NO_BODY, api_people_get),
    API(POST, "/api/events/:id/people", USER, WRITE, SMALL_BODY, api_people_post),
    API(DELETE, "/api/events/:id/people/:user", USER, WRITE, SMALL_BODY, api_person_delete),
    API(GET, "/api/events/:id/attendance", USER, READ, NO_BODY, api_attendance_get),
    API(GET, "/api/events/:id/attendance/me", NONE, READ, NO_BODY, api_attendance_me),
    API(GET, "/api/events/:id/attendance.csv", USER, READ, NO_BODY, api_attendance_csv),
    API(GET, "/api/events/:id/moderation", USER, READ, NO_BODY, api_moderation_get),
    API(GET, "/api/events/:id/moderation.csv", USER, READ, NO_BODY, api_moderation_csv),
    API(GET, "/api/catalogue", NONE, READ, NO_BODY, api_catalogue_get),
    API(GET, "/api/lessons/:id", NONE, READ, NO_BODY, api_lesson_get),
    API(PATCH, "/api/lessons/:id", USER, WRITE, SMALL_BODY, api_lesson_patch),
    API(GET, "/api/lessons/:id/position", USER, READ, NO_BODY, api_position_get),
    API(PUT, "/api/lessons/:id/position", USER, READ, SMALL_BODY, api_position_put),
    API(POST, "/api/lessons/:id/jobs", USER, WRITE, SMALL_BODY, api_lesson_job),
    BYTES(PUT, "/api/lessons/:id/captions/:lang", USER, WRITE, api_captions_put),
    API(DELETE, "/api/lessons/:id/captions/:lang", USER, WRITE, SMALL_BODY, api_captions_delete),
    API(GET, "/api/lessons/:id/captions/:lang/:n", USER, READ, NO_BODY, api_caption_get),
    API(PATCH, "/api/lessons/:id/captions/:lang/:n", USER, WRITE, SMALL_BODY, api_caption_patch),
    API(DELETE, "/api/lessons/:id/captions/:lang/:n", USER, WRITE, SMALL_BODY, api_caption_delete),
    API(GET, "/api/events/:id/decks", NONE, READ, NO_BODY, api_decks_get),
    API(POST, "/api/events/:id/decks", NONE, WRITE, SMALL_BODY, api_decks_post),
    API(GET, "/api/events/:id/decks/:deck", NONE, READ, NO_BODY, api_deck_get),
    BYTES(PUT, "/api/events/:id/decks/:deck", NONE, MEDIA, api_deck_put),
    API(DELETE, "/api/events/:id/decks/:deck", NONE, WRITE, SMALL_BODY, api_deck_delete),
    API(GET, "/api/events/:id/clips", NONE, READ, NO_BODY, api_clips_get),
    API(POST, "/api/events/:id/clips", NONE, WRITE, SMALL_BODY, api_clips_post),
    API(GET, "/api/events/:id/clips/:clip", NONE, READ, NO_BODY, api_clip_get),
    BYTES(PUT, "/api/events/:id/clips/:clip", NONE, MEDIA, api_clip_put),
    API(DELETE, "/api/events/:id/clips/:clip", NONE, WRITE, SMALL_BODY, api_clip_delete),
    BYTES(PUT, "/api/events/:id/clips/:clip/captions/:lang", NONE, WRITE, api_clip_captions_put),
    API(DELETE, "/api/events/:id/clips/:clip/captions/:lang", NONE, WRITE, SMALL_BODY,
        api_clip_captions_delete),
    API(GET, "/media/:id/video/:lesson/:file", NONE, MEDIA, NO_BODY, api_video_get),
    API(GET, "/media/:id/clips/:clip/:file", NONE, MEDIA, NO_BODY, api_clip_media_get),
    API(GET, "/media/:id/slides/:file", NONE, MEDIA, NO_BODY, api_slides_get),
    API(GET, "/media/:id/:file", NONE, MEDIA, NO_BODY, api_media_get),
    OWN(GET, "/healthz", ROUTE_HEALTH, PACE_READ, NO_BODY),
    OWN(GET, "/metrics", ROUTE_METRICS, PACE_READ, NO_BODY),
    API(GET, "/api/speed", NONE, PROBE, NO_BODY, api_speed_get),
    {REQ_POST, "/api/speed", ROUTE_POOL, ROUTE_API, NEED_NONE, PACE_PROBE, SMALL_BODY,
     "application/octet-stream", api_speed_post},
    OWN(GET, "/api/probe", ROUTE_PROBE, PACE_READ, NO_BODY),
    OWN(POST, "/api/probe", ROUTE_PROBE, PACE_PROBE, SDP_BODY),
    OWN(POST, "/whip/:room", ROUTE_WHIP, PACE_JOIN, SDP_BODY),
    OWN(OPTIONS, "/whip/:room", ROUTE_WHIP, PACE_READ, NO_BODY),
    OWN(PATCH, "/whip/:room/:id", ROUTE_WHIP_PEER, PACE_WRITE, SDP_BODY),
    OWN(DELETE, "/whip/:room/:id", ROUTE_WHIP_PEER, PACE_WRITE, SDP_BODY),
    OWN(OPTIONS, "/whip/:room/:id", ROUTE_WHIP_PEER, PACE_READ, NO_BODY),
    OWN(POST, "/whep/:room", ROUTE_WHEP, PACE_JOIN, SDP_BODY),
    OWN(OPTIONS, "/whep/:room", ROUTE_WHEP, PACE_READ, NO_BODY),
    OWN(PATCH, "/whep/:room/:id", ROUTE_WHEP_PEER, PACE_WRITE, SDP_BODY),
    OWN(DELETE, "/whep/:room/:id", ROUTE_WHEP_PEER, PACE_WRITE, SDP_BODY),
    OWN(OPTIONS, "/whep/:room/:id", ROUTE_WHEP_PEER, PACE_READ, NO_BODY),
};

const struct route *route_table(size_t *n) {
    *n = countof(routes);
    return routes;
}

static bool matches(const char *pattern, struct str path, struct str params[REQ_PARAMS_MAX]) {
    struct str p = str_of(pattern), want, have;
    size_t n = 0;
    if (!path.n || path.p[path.n - 1] == '/')
        return false;
    while (str_until(&p, '/', &want)) {
        if (!str_until(&path, '/', &have))
            return false;
        if (want.n && want.p[0] == ':')
            params[n++] = have;
        else if (!str_eq(want, have))
            return false;
    }
    return !path.n;
}

static const char *method_name(enum req_method m) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", ""};
    return names[m];
}

static void allow_add(char allow[64], enum req_method m) {
    size_t n = strlen(allow);
    snprintf(allow + n, 64 - n, "%s%s%s", n ? ", " : "", method_name(m), m == REQ_GET ? ", HEAD" : "");
}

const struct route *route_find(struct req *req, int *err, char allow[64]) {
    struct str params[REQ_PARAMS_MAX];
    *err = -ERR_MISSING;
    allow[0] = 0;
    for (size_t i = 0; i < countof(routes); i++) {
        if (!matches(routes[i].pattern, req->path, params))
            continue;
        enum req_method m = req->method == REQ_HEAD ? REQ_GET : req->method;
        if (routes[i].method == m) {
            memcpy(req->params, params, sizeof params);
            *err = 0;
            return &routes[i];
        }
        *err = -ERR_METHOD;
        allow_add(allow, routes[i].method);
    }
    return NULL;
}
