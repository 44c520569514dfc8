/* recdir — what the server itself does in a recording's directory, DATA/rec/<id>/; all other files there are
 * somhub-pipe's. Thread: any with its own connection. */
#ifndef RECDIR_H
#define RECDIR_H
#include "media/base/json.h"
#include "server/store/store.h"

enum {
    RECDIR_LANGS_MAX = 16,
    RECDIR_LANG_MAX = 16,
    RECDIR_TAKES_MAX = 1000,
    RECDIR_FILE_MAX = 1 << 20,
    RECDIR_TIMELINE_MAX = 16 << 20
};
#define RECDIR_TIMELINE "timeline.jsonl"
#define RECDIR_MANIFEST "manifest.json"

/* timeline.jsonl: the lines of the log a viewer of the lesson may know (what was said and shown, not who came
 * and went), replaced whole by rename. Of more than RECDIR_TIMELINE_MAX bytes the last messages are left out:
 * nothing people write keeps a lesson from being published. A directory that is not there is made. */
int recdir_timeline(struct store *s, const char *data_dir, const char *id);
/* A file of it as a whole, by rename. */
int recdir_replace(const char *data_dir, const char *id, const char *file, struct str text);
/* takes.jsonl, merged to [{"take","base_ms","end_ms"?,"wall_ms","gap"}]; the caller frees. */
struct json *recdir_takes(const char *data_dir, const char *id);
/* The languages interpreted that have a playlist (audio-LANG.m3u8), by their codes; how many. */
#define RECDIR_LANG_FILE "audio-%.16s.m3u8"
unsigned recdir_langs(const char *data_dir, const char *id, char out[RECDIR_LANGS_MAX][RECDIR_LANG_MAX + 1]);
/* A small file's text, NUL-terminated; mem_free. NULL when absent, too large, or not a plain file. */
char *recdir_read(const char *data_dir, const char *id, const char *file, size_t *n);
int64_t recdir_size(const char *data_dir, const char *id, const char *file); /* -1 when absent */
/* Deletes the directory and what is in it. 0 also when there is none. */
int recdir_remove(const char *data_dir, const char *id);

#endif
