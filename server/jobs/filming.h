/* filming — makes of an uploaded video what browsers play: HLS of fragmented MP4, H.264 and AAC, by ffprobe
 * and ffmpeg, each a child of its own in a box (server/jobs/box.h), of the lowest priority and on one core at
 * most. What is in the file stays as it is where browsers play that. All or nothing: what failed leaves no
 * file. Blocks the calling thread. Files: <id>.hls/index.m3u8, program.m3u8, audio.m3u8 and what those name;
 * the file that was brought is of no more use then (upload_spent). Limits: enumerators. */
#ifndef FILMING_H
#define FILMING_H
#include "server/catalogue/upload.h"

enum {
    FILMING_SILENCE_MS = 60000,
    FILMING_CPU_S = 600,    /* of the child, and for each second of the video … */
    FILMING_SECOND_CPU = 6, /* … so much more */
    FILMING_SEGMENT_S = 4,
    FILMING_SEGMENT_MAX_MS = 12000, /* pictures to begin at are no farther apart, or it is made anew */
    FILMING_CUT_MS = 2000           /* a video that ends so much before its end is cut off */
};

struct filming {
    const char *data, *bin; /* bin: where ffmpeg and ffprobe are, "/usr/bin" */
    const struct upload *clip;
    int stop_fd;    /* readable: give up for now */
    int silence_ms; /* FILMING_SILENCE_MS */
    void (*progress)(void *arg, int64_t percent);
    void *arg;
};

/* 0 with *length_ms; -ERR_BUSY: asked to stop; -ERR_INVALID with *why: it is the file's fault; -ERR_IO: the
 * server's. */
int filming_make(const struct filming *p, int64_t *length_ms, enum upload_why *why);

#endif
