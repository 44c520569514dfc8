/* post — one HTTP request to a server on this machine, blocking: enough of HTTP/1.1 for WHIP and WHEP.
 * Thread: any. Limits: an answer of POST_REPLY_MAX bytes, POST_TIMEOUT_S for each read. */
#ifndef POST_H
#define POST_H
#include "media/base/buf.h"

enum { POST_REPLY_MAX = 1 << 20, POST_LOCATION_MAX = 255, POST_TIMEOUT_S = 20 };

struct post {
    uint16_t port;
    const char *method, *path, *bearer, *type; /* bearer, type may be NULL */
    struct str body;
};
struct posted {
    int status;
    char location[POST_LOCATION_MAX + 1];
    struct buf body; /* caller's to buf_fini */
};
/* 0 when an answer came, whatever its status; -ERR_IO else. */
int post(const struct post *req, struct posted *out);

#endif
