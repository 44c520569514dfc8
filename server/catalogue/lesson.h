/* lesson — the recording of an event: its state, the transaction that publishes it, its timeline file, and
 * where people stopped watching. (Files: recdir.) Thread: the connection's. */
#ifndef LESSON_H
#define LESSON_H
#include "media/base/json.h"
#include "server/catalogue/meeting.h"

enum { LESSON_MANIFEST_MAX = 1 << 20, LESSON_DOWNLOADS_MAX = 4, LESSON_FILE_MAX = 64 };
#define LESSON_MP4 "lesson.mp4"
#define LESSON_POSTER "poster.jpg"

struct lesson_download {
    char kind[16], file[LESSON_FILE_MAX + 1];
    int64_t bytes;
};

/* The recorder runs (again) for this event. */
int lesson_started(struct store *s, const char *id, int64_t now_ms);
int lesson_progress(struct store *s, const char *id, int64_t duration_ms); /* of what is live */
/* The recorder could not be brought to an end; nothing is deleted. */
int lesson_failed(struct store *s, const char *id);
/* The recording is complete: writes the timeline beside it, then in one transaction the event is ended, the
 * recording ready (failed when it is empty), the poster and MP4 jobs wait. manifest: text of somhub-pipe's
 * manifest.json. -ERR_INVALID when it is not one; may be repeated. */
int lesson_publish(struct store *s, const char *data_dir, const char *id, struct str manifest,
                   int64_t now_ms);
/* Boot: recordings whose event is over but that were never published get a `finish` job, also those that were
 * given up: what was in the way may be gone. */
int lesson_recover(struct store *s, int64_t now_ms);

/* manifest.json as kept, {} when not published; the caller frees. NULL on -ERR_IO. */
struct json *lesson_manifest(struct store *s, const char *id);
int lesson_downloads(struct store *s, const char *id, struct lesson_download out[LESSON_DOWNLOADS_MAX]);
int lesson_add_download(struct store *s, const char *id, const struct lesson_download *d);
int lesson_put_position(struct store *s, const char *id, int64_t user, int64_t ms, int64_t now_ms);
int64_t lesson_position(struct store *s, const char *id, int64_t user); /* 0 when none, or -ERR_x */

#endif
