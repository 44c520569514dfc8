/* vtt — writes captions as WebVTT (https://www.w3.org/TR/webvtt1/), each cue under its number. Lines of a
 * room's log become cues at moments of the recording, one after the other: a line shows from its first letter
 * until it can have been read, or the next one comes. Pure. Limits: enumerators below; what is over them is
 * left out. */
#ifndef VTT_H
#define VTT_H
#include "media/base/buf.h"
#include "media/base/json.h"

enum {
    VTT_LANGS_MAX = 8,
    VTT_LANG_MAX = 3,        /* letters */
    VTT_BYTES_MAX = 4 << 20, /* of a language: some fifty hours of talk */
    VTT_CUE_MAX = 4096,      /* of a cue: numbers, times, 500 characters that are all escaped */
    VTT_LEAST_MS = 1000,     /* a cue shows so long at least, if it has to the next one's cost */
    VTT_READ_MS = 2000,      /* and after its last letter so long, */
    VTT_READ_CHAR_MS = 50,   /* and so long for each, */
    VTT_READ_MAX_MS = 8000   /* but no longer than this, unless the next comes */
};

/* Cues of one language: vtt_add in the order of the log, or vtt_put; vtt_end; then text is the file. */
struct vtt {
    char lang[VTT_LANG_MAX + 1];
    struct buf text;
    uint64_t n;               /* of the cue that is not written yet: its number */
    int64_t start_ms, end_ms; /* its times */
    struct buf cue;           /* its text, escaped; empty = there is none */
    size_t cues, left_out;
};
struct vtt_span {
    int64_t start_ms, end_ms;
};
void vtt_begin(struct vtt *v, const char *lang);
/* A line typed in a room, and when that was. */
void vtt_add(struct vtt *v, uint64_t n, struct vtt_span at, struct str line);
/* A cue of one line or several that stands when it says. */
void vtt_put(struct vtt *v, uint64_t n, struct vtt_span at, struct str text);
void vtt_end(struct vtt *v);
void vtt_free(struct vtt *v);

/* Playing time of a moment (API.md "Media time"), -1 before the recording began; takes as of recdir_takes. */
int64_t vtt_media_ms(const struct json *takes, int64_t at_ms);

#endif
