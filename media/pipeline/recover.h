/* recover — brings a recording's directory into a closed state after a crash: every whole part that reached
 * the disk is kept and listed, torn tails are cut off, the renditions are made equally long, the open take is
 * closed. Idempotent; touches nothing when nothing is torn. Blocking. Thread: owner's. Limits: RECOVER_TAIL
 * unlisted segments a rendition. */
#ifndef RECOVER_H
#define RECOVER_H
#include <stdbool.h>
#include <stdint.h>
#include "media/pipeline/tongue.h"

enum { RECOVER_TAIL = 64, RECOVER_LIST_MAX = 16 << 20 };
/* The renditions: file letter, playlist, disk slot. */
enum rendition { RENDITION_PROGRAM, RENDITION_AUDIO, RENDITION_SCREEN, RENDITION_COUNT };
extern const struct rendition_file {
    char letter;
    const char *list, *name;
    uint32_t timescale;
} rendition_files[RENDITION_COUNT];

struct recovery {
    bool repaired;                                  /* something was torn */
    bool finished;                                  /* the playlists are ended */
    bool listed[RENDITION_COUNT];                   /* the playlist has segments */
    uint32_t takes;                                 /* number of the last take, 0 if none */
    bool last_torn;                                 /* it ended by a crash */
    int64_t end_ms;                                 /* media time recorded so far */
    int64_t screen_offset_ms;                       /* -1 if there is no screen */
    char langs[TONGUES_MAX][PLAYLIST_LANG_MAX + 1]; /* channels of interpreters that have playlists */
    unsigned langs_n;
};
/* 0, -ERR_IO, -ERR_UNSUPPORTED (no encoder for the slate). */
int recover_dir(struct recovery *out, const char *dir);

#endif
