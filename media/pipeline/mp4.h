/* mp4 — one downloadable file out of the program's reel, the floor's, and one a language interpreted: samples
 * are copied, never re-encoded; the index comes first (faststart). Written beside its name and renamed.
 * Thread: owner's. Blocking. Limits: MP4_SAMPLES_MAX samples a track (a day and more), MP4_ENTRIES_MAX
 * different codec configurations.
 */
#ifndef MP4_H
#define MP4_H
#include <stdint.h>
#include "media/pipeline/playlist.h"

enum { MP4_SAMPLES_MAX = 1 << 24, MP4_ENTRIES_MAX = 64 };

struct mp4_job {
    const char *video_dir, *audio_dir;          /* where program.m3u8 and audio.m3u8 are */
    const char (*langs)[PLAYLIST_LANG_MAX + 1]; /* channels of interpreters, in the audio's directory */
    unsigned langs_n;
    const char *out;
    void *arg;
    void (*on_progress)(void *arg, uint64_t done, uint64_t all); /* bytes; may be NULL */
};
int mp4_write(const struct mp4_job *job); /* -ERR_IO, -ERR_MISSING, -ERR_TOO_LARGE */

#endif
