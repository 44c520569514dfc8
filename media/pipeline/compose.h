/* compose — the program, and the screen where one was shared, drawn into one picture of COMPOSE_WIDTH x
 * COMPOSE_HEIGHT and encoded anew: the screen large with the camera in a corner, else the program with
 * borders. The result is a program.m3u8 of one run in another directory, for mp4 to take. Thread: owner's.
 * Blocking, slow. */
#ifndef COMPOSE_H
#define COMPOSE_H
#include <stdint.h>

enum { COMPOSE_WIDTH = 1280, COMPOSE_HEIGHT = 720, COMPOSE_FPS = 25 };

struct compose_job {
    const char *dir, *out_dir;
    int64_t duration_ms;
    void *arg;
    void (*on_progress)(void *arg, int64_t done_ms, int64_t all_ms);
};
int compose_run(const struct compose_job *job); /* -ERR_UNSUPPORTED, -ERR_IO, -ERR_MISSING */

/* For the poster: the picture at a sync sample, decoded and scaled; I420 of exactly width x height. */
struct fmp4_track;
struct reel_sample;
struct buf;
int compose_still(struct buf *out, const struct fmp4_track *track, const struct reel_sample *s,
                  uint16_t width, uint16_t height);

#endif
