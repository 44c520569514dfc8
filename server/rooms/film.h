/* film — films of a room that everybody watches in step: which there are, and of the one that is shown where
 * it stood, whether it plays and how fast, at a moment of the server's clock. Where it is at any other moment
 * follows from that. A film's number is that of the event that brought it; who may read its files is the
 * server's business (server/catalogue/shared). Pure. Ownership: the room's. Limits: enumerators below. */
#ifndef FILM_H
#define FILM_H
#include "media/base/list.h"
#include "server/rooms/event.h"

enum {
    CLIPS_MAX = 20,                        /* of a room */
    CLIP_LENGTH_MAX_MS = 48 * 3600 * 1000, /* a recording is no longer */
    VIDEO_RATE_MIN = 50,                   /* hundredths of the usual speed */
    VIDEO_RATE_MAX = 200,
    VIDEO_RATE = 100,
};

/* What a video's file begins with that was uploaded to the event. */
#define FILM_UPLOADED "clip-"

struct clip {
    struct list link; /* room->film.clips, in order of arrival */
    uint64_t n;
    char file[ROOM_NAME_MAX + 1]; /* whose files: "lesson-<id>", "clip-<id>" */
    char *title;                  /* heap */
    uint64_t length_ms;
};
struct film {
    struct list clips;
    size_t clip_count;
    uint64_t shown; /* clip.n, 0 = none; the rest is then as in a new room */
    bool is_playing;
    uint64_t position_ms; /* at at_ms */
    uint64_t rate;        /* hundredths */
    int64_t at_ms;
};

struct room;
const struct clip *film_find(const struct room *r, uint64_t n); /* or NULL */

#endif
