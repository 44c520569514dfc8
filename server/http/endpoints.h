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
ENDPOINT(api_format_get);
ENDPOINT(api_format_put);
ENDPOINT(api_format_patch);
ENDPOINT(api_format_delete);
ENDPOINT(api_speed_get);
ENDPOINT(api_speed_post);
/* api_events.c */
ENDPOINT(api_events_get);
ENDPOINT(api_events_post);
ENDPOINT(api_event_get);
ENDPOINT(api_event_patch);
ENDPOINT(api_event_delete);
ENDPOINT(api_event_end);
ENDPOINT(api_event_cancel);
/* api_calendar.c */
ENDPOINT(api_calendar_get);
ENDPOINT(api_event_ics);
ENDPOINT(api_space_ics);
ENDPOINT(api_person_ics);
ENDPOINT(api_feed_get);
ENDPOINT(api_feed_post);
ENDPOINT(api_feed_delete);
ENDPOINT(api_event_qr);
/* api_join.c */
ENDPOINT(api_event_join);
/* api_interpreters.c */
ENDPOINT(api_interpreter_post);
ENDPOINT(api_interpreter_delete);
/* api_signup.c */
ENDPOINT(api_signup_put);
ENDPOINT(api_signup_delete);
ENDPOINT(api_register_post);
ENDPOINT(api_registration_get);
ENDPOINT(api_registration_patch);
ENDPOINT(api_registration_ics);
ENDPOINT(api_registration_quiet);
/* api_roster.c */
ENDPOINT(api_roster_get);
ENDPOINT(api_roster_csv);
ENDPOINT(api_roster_post);
ENDPOINT(api_roster_patch);
/* api_people.c */
ENDPOINT(api_people_get);
ENDPOINT(api_people_post);
ENDPOINT(api_person_delete);
/* api_attendance.c */
ENDPOINT(api_attendance_get);
ENDPOINT(api_attendance_me);
ENDPOINT(api_attendance_csv);
/* api_moderation.c */
ENDPOINT(api_moderation_get);
ENDPOINT(api_moderation_csv);
/* api_lessons.c */
ENDPOINT(api_catalogue_get);
ENDPOINT(api_lesson_get);
ENDPOINT(api_lesson_patch);
ENDPOINT(api_position_get);
ENDPOINT(api_position_put);
ENDPOINT(api_lesson_job);
/* api_captions.c */
struct meeting;
/* A captions file of the path while the recording goes on; the caller has seen to the rights. */
int api_caption_get(struct api *a, const struct req *q, struct reply *r);
int api_captions_none(const struct req *q, struct reply *r, const struct meeting *m);
struct subs;
int api_captions_fault(struct reply *r,
                       const struct subs *p); /* what is wrong with a file that was brought */
ENDPOINT(api_captions_put);
ENDPOINT(api_captions_delete);
ENDPOINT(api_caption_patch);
ENDPOINT(api_caption_delete);
/* api_debug.c */
ENDPOINT(api_event_capture);
/* api_uploads.c */
ENDPOINT(api_decks_get);
ENDPOINT(api_decks_post);
ENDPOINT(api_deck_get);
ENDPOINT(api_deck_put);
ENDPOINT(api_deck_delete);
ENDPOINT(api_clips_get);
ENDPOINT(api_clip_get);
ENDPOINT(api_clip_put);
/* api_clips.c */
ENDPOINT(api_clips_post);
ENDPOINT(api_clip_delete);
ENDPOINT(api_clip_captions_put);
ENDPOINT(api_clip_captions_delete);
struct upload;
/* What of an uploaded video is no file; the caller has seen to the rights. -ERR_MISSING: it may be one. */
int api_clip_told(struct api *a, const struct req *q, struct reply *r, const struct upload *d);
/* api_media.c */
ENDPOINT(api_media_get);
ENDPOINT(api_slides_get);
ENDPOINT(api_video_get);
ENDPOINT(api_clip_media_get);

#endif
