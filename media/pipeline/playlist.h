/* playlist — the media playlists (RFC 8216) that grow while a lesson goes on: EVENT type, fixed target
 * duration, one run of segments per init segment with a discontinuity in front, appended and never changed.
 * Pure text. Reading is total over any bytes and tolerates a torn last line. Thread: any. */
#ifndef PLAYLIST_H
#define PLAYLIST_H
#include "media/base/buf.h"

enum { PLAYLIST_URI_MAX = 64, PLAYLIST_LANG_MAX = 16 };

void playlist_head(struct buf *b, unsigned target_s);
/* In front of the first segment of a run. `first`: of the whole playlist (then it is no discontinuity). */
void playlist_run(struct buf *b, const char *init, int64_t wall_ms, bool first);
void playlist_segment(struct buf *b, const char *uri, int64_t dur_us);
void playlist_end(struct buf *b);

struct playlist_rd {
    struct str rest;
    const char *start;
    size_t good;      /* bytes up to the end of the last whole entry */
    bool ended, head; /* saw ENDLIST; saw the first line */
    int64_t target_s;
};
struct playlist_entry {
    struct str uri, init;    /* views; init stays that of the run */
    int64_t dur_us, wall_ms; /* wall_ms of the run's start, -1 if not said */
    bool discontinuity;
};
void playlist_open(struct playlist_rd *r, struct str text);
/* *e must be zeroed before the first call and kept between calls. False at the end. */
bool playlist_next(struct playlist_rd *r, struct playlist_entry *e);

/* The names of files in a recording's directory: letter, take, run, number: "p1-2-0007.m4s", "p1-2-init.mp4".
 * What an interpreter's channel has in place of a segment of the sound has its language behind the number:
 * "a1-2-0007-en.m4s"; what begins them all is the sound's own init segment. */
struct playlist_name {
    char letter;
    uint32_t take, run, n;            /* n = 0: the init segment */
    char lang[PLAYLIST_LANG_MAX + 1]; /* "" = of the room */
};
void playlist_name(char out[PLAYLIST_URI_MAX], const struct playlist_name *name);
bool playlist_name_parse(struct playlist_name *out, struct str name);

/* The shape of a BCP 47 code in small letters, in which it is written on disk. */
bool playlist_lang_ok(struct str lang);
/* A channel's playlist: "audio-en.m3u8". */
void playlist_lang_file(char out[PLAYLIST_URI_MAX], const char *lang);
bool playlist_lang_parse(char out[PLAYLIST_LANG_MAX + 1], struct str file);

#endif
