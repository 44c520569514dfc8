/* vtt — captions of a lesson as WebVTT (https://www.w3.org/TR/webvtt1/): lines of a room's log become cues at
 * moments of the recording, one after the other. A line shows from its first letter until it can have been
 * read, or the next one comes. Pure but for vtt_publish and vtt_langs. Thread: any with its own connection.
 * Limits: enumerators below; what is over them is left out. */
#ifndef VTT_H
#define VTT_H
#include "media/base/buf.h"
#include "media/base/json.h"
#include "server/store/store.h"

enum {
    VTT_LANGS_MAX = 8,
    VTT_LANG_MAX = 3,        /* letters */
    VTT_BYTES_MAX = 4 << 20, /* of a language: some fifty hours of talk */
    VTT_LEAST_MS = 1000,     /* a cue shows so long at least, if it has to the next one's cost */
    VTT_READ_MS = 2000,      /* and after its last letter so long, */
    VTT_READ_CHAR_MS = 50,   /* and so long for each, */
    VTT_READ_MAX_MS = 8000   /* but no longer than this, unless the next comes */
};

/* Cues of one language; vtt_add in the order of the log, vtt_end, then text is the file. */
struct vtt {
    char lang[VTT_LANG_MAX + 1];
    struct buf text;
    int64_t start_ms, end_ms; /* of the cue that is not written yet */
    struct buf cue;           /* its text, escaped; empty = there is none */
    size_t left_out;
};
void vtt_begin(struct vtt *v, const char *lang);
void vtt_add(struct vtt *v, int64_t start_ms, int64_t end_ms, struct str line);
void vtt_end(struct vtt *v);
void vtt_free(struct vtt *v);

/* Playing time of a moment (API.md "Media time"), -1 before the recording began; takes as of recdir_takes. */
int64_t vtt_media_ms(const struct json *takes, int64_t at_ms);

/* captions-<lang>.vtt for each language somebody wrote in, replaced by rename. 0 also when nobody did. */
int vtt_publish(struct store *s, const char *data_dir, const char *id);
/* The languages there are files for, sorted: how many. */
size_t vtt_langs(const char *data_dir, const char *id, char out[VTT_LANGS_MAX][VTT_LANG_MAX + 1]);
#define VTT_FILE "captions-%s.vtt"

#endif
