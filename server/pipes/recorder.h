/* recorder — keeps one somhub-pipe child recording each room that should be recorded: starts it, tells it
 * which track is the program and which the screen, starts it again when it dies (the recording goes on as a
 * new take), and finishes the recording when the room has ended, whether the child still lives or not.
 * Thread: control. Ownership: everything inside; room ids are copied.
 * Limits: RECORDER_ROOMS_MAX recordings at once (a stopped one takes no place); RECORDER_TRACKS_MAX tracks of
 * one room are known at once; after RECORDER_TRIES failures in a row the recording waits RECORDER_REST_MS
 * before it is tried again, and one that should be finished is left to others (RECORDER_ABANDONED). */
#ifndef RECORDER_H
#define RECORDER_H
#include <stdbool.h>
#include <stdint.h>
#include "media/media.h"
#include "server/rooms/channels.h"

enum {
    RECORDER_ROOMS_MAX = 64,
    RECORDER_TRACKS_MAX = 256,
    RECORDER_TRIES = 5,
    RECORDER_RESTART_MS = 300, /* the class sees the gap, so it must be short */
    RECORDER_REST_MS = 10000,
    RECORDER_TELL_MS = 10000,
};

enum recorder_state {
    RECORDER_RUNNING,  /* ready to write */
    RECORDER_AT_WORK,  /* it has written for a second, and the disk took it: told once of each child */
    RECORDER_PROGRESS, /* told every RECORDER_TELL_MS of it: duration_ms has grown */
    RECORDER_GAP,      /* something is missing: the child died, or the server did before this start */
    RECORDER_FAILED,   /* cannot write (text says why); still being retried */
    RECORDER_STOPPED,  /* a take was closed; the recording may go on later */
    RECORDER_FINISHED, /* the playlists are ended and the manifest is there: the lesson can be published */
    RECORDER_ABANDONED /* should be finished, but cannot be now: nothing follows; a later `finish` may do it
                        */
};
struct recorder_ops {
    void (*on_state)(void *arg, const char *room_id, enum recorder_state state, int64_t duration_ms,
                     const char *text);
    /* A socket the recorder's child tells the sound to (media/pipeline/ear.h), taken over; -1 = nobody
     * listens. May be NULL. */
    int (*listen)(void *arg, const char *room_id);
    void *arg;
};

struct uv_loop_s;
struct recorder;
int recorder_open(struct recorder **out, struct uv_loop_s *loop, struct media *media, const char *pipe_path,
                  const char *rec_dir, struct recorder_ops ops);
void recorder_close(struct recorder *r);          /* only after every recording stopped */
size_t recorder_active(const struct recorder *r); /* children alive */

int recorder_start(struct recorder *r, const char *room_id, uint64_t media_room); /* -ERR_FULL */
/* Ends the take. With `final`, ends the recording: RECORDER_FINISHED or RECORDER_ABANDONED follows once. */
void recorder_stop(struct recorder *r, const char *room_id, bool final);
/* Whose camera is the program and whose screen is shown; "" or NULL for none. */
void recorder_program(struct recorder *r, const char *room_id, const char *member);
void recorder_screen(struct recorder *r, const char *room_id, const char *member, enum media_source source);
/* Who is on the air of which language. */
void recorder_channels(struct recorder *r, const char *room_id, const struct channels *c);
void recorder_on_media(struct recorder *r,
                       const struct media_event *e); /* MEDIA_EV_TAP_TRACK, MEDIA_EV_TAP_GONE */
/* Every take is closed (not final): for a clean stop of the server. */
void recorder_stop_all(struct recorder *r);

#endif
