/* farewell — the end of a connection whose last answer is on its way while the other end still sends: closing
 * it then is a reset, which may take the answer from who has not read it yet (RFC 9112 9.6). So a copy of its
 * descriptor is kept, and what comes is thrown away until the other end closes, or one of the limits below.
 * Thread: control. Ownership: the copies; the connection itself is its owner's, who closes it at once. */
#ifndef FAREWELL_H
#define FAREWELL_H
#include <stddef.h>
#include "media/base/list.h"

enum {
    FAREWELL_MS = 2000,
    FAREWELL_BYTES = 1 << 20,
    FAREWELL_MAX = 128 /* connections; one more, and the oldest is closed */
};

struct uv_loop_s;
struct farewell {
    struct uv_loop_s *loop; /* borrowed */
    struct list all;
    size_t n;
};
void farewell_init(struct farewell *l, struct uv_loop_s *loop);
void farewell_fini(struct farewell *l); /* the loop runs on until its handles are gone */
void farewell_copy(struct farewell *l, int fd);

#endif
