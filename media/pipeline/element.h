/* element — a GStreamer element (or a chain of them without queues) driven like a function: push a buffer in,
 * and what comes out is given to a callback before element_push returns. No main loop, no thread of its own.
 * Thread: one at a time. Ownership: the caller's until element_close; data in callbacks is valid during the
 * call. */
#ifndef ELEMENT_H
#define ELEMENT_H
#include "media/base/str.h"

/* Loads the named plugins and no others (no registry scan: a child must start at once). Repeatable. -ERR_IO.
 */
int element_plugins(const char *const names[], size_t n);

struct element_out {
    struct bytes data;
    int64_t pts_us;         /* -1 if none */
    bool key;               /* not a delta unit */
    uint16_t width, height; /* video, else 0 */
    struct bytes config;    /* codec_data of the caps, if any */
};
typedef void (*element_fn)(void *arg, const struct element_out *out);

struct element;
/* `chain` in gst-launch words, `caps` of what is pushed. -ERR_UNSUPPORTED if GStreamer cannot build it. */
int element_open(struct element **out, const char *chain, const char *caps, element_fn fn, void *arg);
void element_close(struct element *e);
/* -ERR_INVALID when the element refused the data and has to be opened anew. */
int element_push(struct element *e, struct bytes data, int64_t pts_us, bool key);
void element_force_key(struct element *e); /* an encoder's next picture is a keyframe */
int element_drain(struct element *e); /* end of stream: gives out what was kept back; the element is done */

#endif
