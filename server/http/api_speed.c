#include "media/base/rnd.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"

/* So much is on its way for a second on the thinnest line a class can be followed on by eye. */
enum { SPEED_BYTES = 64 << 10 };

int api_speed_get(struct api *a, const struct req *q, struct reply *r) {
    (void)a;
    (void)q;
    uint8_t noise[256]; /* a proxy that packs would make a line look faster than it is */
    for (size_t n = 0; n < SPEED_BYTES; n += sizeof noise) {
        rnd_bytes(noise, sizeof noise);
        buf_put(&r->body, noise, sizeof noise);
    }
    r->type = "application/octet-stream";
    reply_header(r, "cache-control", "no-store");
    return handler_empty(r, 200);
}

int api_speed_post(struct api *a, const struct req *q, struct reply *r) {
    (void)a;
    (void)q;
    return handler_empty(r, 204);
}
