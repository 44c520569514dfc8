/* decks — from an uploaded PDF to slides in the room: one thread makes the pages, one deck after the other,
 * and then the room is told by the server's own command. What a crash interrupts is taken up at the next
 * start: pages are made anew, a room that was not told is told. Thread: control; the work is a task of a pool
 * of one thread. */
#ifndef DECKS_H
#define DECKS_H
#include "server/http/pool.h"
#include "server/signaling/hub.h"

struct decks_cfg {
    const char *db, *data; /* borrowed */
};
struct decks;

int decks_open(struct decks **out, const struct decks_cfg *cfg); /* -ERR_IO */
void decks_set_hub(struct decks *d, struct hub *h); /* NULL: what comes back now finds no rooms */
void decks_wake(struct decks *d);                   /* there may be work */
void decks_sweep(struct decks *d);                  /* there may be files no event has any more */
struct pool *decks_pool(struct decks *d);           /* its fd is to be watched: pool_turn */
void decks_close(struct decks *d); /* a child at work is stopped; its deck waits for the next start */

#endif
