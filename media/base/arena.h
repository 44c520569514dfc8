/* arena — memory with the lifetime of one request or message: allocate freely, free once.
 * Born with its maximum; past it arena_alloc returns NULL. Thread: its one owner's. */
#ifndef ARENA_H
#define ARENA_H
#include "media/base/str.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used, max;
};

void arena_init(struct arena *a, size_t max);
void arena_fini(struct arena *a);
void *arena_alloc(struct arena *a, size_t n);   /* zeroed, 16-byte aligned; NULL past max */
char *arena_str(struct arena *a, struct str s); /* NUL-terminated copy; NULL past max */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
