/* endpoints — every handler of the table in route.c; what they do is API.md. Thread: an api thread. */
#ifndef ENDPOINTS_H
#define ENDPOINTS_H
#include "server/http/route.h"

#define ENDPOINT(name) int name(struct api *a, const struct req *q, struct reply *r)

/* api_session.c */
ENDPOINT(api_session_get);
ENDPOINT(api_session_post);
ENDPOINT(api_session_delete);
ENDPOINT(api_register);
ENDPOINT(api_me_patch);
/* api_users.c */
ENDPOINT(api_users_get);
ENDPOINT(api_users_post);
ENDPOINT(api_user_patch);
/* api_places.c */
ENDPOINT(api_spaces_get);
ENDPOINT(api_space_put);
ENDPOINT(api_space_delete);
ENDPOINT(api_formats_get);
/* api_events.c */
ENDPOINT(api_events_get);
ENDPOINT(api_events_post);
ENDPOINT(api_event_get);
ENDPOINT(api_event_patch);
ENDPOINT(api_event_delete);
ENDPOINT(api_event_end);
/* api_join.c */
ENDPOINT(api_event_join);
/* api_people.c */
ENDPOINT(api_people_get);
ENDPOINT(api_people_post);
ENDPOINT(api_person_delete);
ENDPOINT(api_attendance_get);
ENDPOINT(api_attendance_csv);
/* api_lessons.c */
ENDPOINT(api_catalogue_get);
ENDPOINT(api_lesson_get);
ENDPOINT(api_lesson_patch);
ENDPOINT(api_position_get);
ENDPOINT(api_position_put);
ENDPOINT(api_lesson_job);
/* api_debug.c */
ENDPOINT(api_event_capture);
/* api_media.c */
ENDPOINT(api_media_get);

#endif
