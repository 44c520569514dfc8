/* uploads — from an uploaded file to what the room shows: one thread for each kind makes slides of PDFs, or
 * of videos what browsers play, one after the other, and then the room is told by the server's own command.
 * What a crash interrupts is taken up at the next start: it is made anew, a room that was not told is told.
 * Thread: control; the work is a task of a pool of one thread. */
#ifndef UPLOADS_H
#define UPLOADS_H
#include "server/catalogue/upload.h"
#include "server/http/pool.h"
#include "server/signaling/hub.h"

struct uploads_cfg {
    const char *db, *data; /* borrowed */
    enum upload_kind kind;
};
struct uploads;

int uploads_open(struct uploads **out, const struct uploads_cfg *cfg); /* -ERR_IO */
void uploads_set_hub(struct uploads *d, struct hub *h); /* NULL: what comes back now finds no rooms */
void uploads_wake(struct uploads *d);                   /* there may be work */
void uploads_sweep(struct uploads *d);                  /* there may be files no event has any more */
struct pool *uploads_pool(struct uploads *d);           /* its fd is to be watched: pool_turn */
void uploads_close(struct uploads *d); /* a child at work is stopped; its upload waits for the next start */

#endif
