/* capture — connections looked into for the administrator: what the media plane kept of one becomes a file in
 * DATA/captures, written by an api thread. Every use leaves a line in the log. Thread: control.
 * Limits: CAPTURE_AT_ONCE at a time. */
#ifndef CAPTURE_H
#define CAPTURE_H
#include "server/http/req.h"

enum { CAPTURE_AT_ONCE = 4 };

struct app;
struct media_event;
struct capture_job {
    uint64_t peer; /* 0 = free */
    char file[EFFECT_CAPTURE_FILE];
};
struct capture {
    struct capture_job jobs[CAPTURE_AT_ONCE];
};
void capture_begin(struct app *a, const struct effect *e);
void capture_end(struct app *a, struct media_event *e); /* MEDIA_EV_CAPTURE: takes its block */

#endif
