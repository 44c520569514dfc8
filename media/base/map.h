/* map — open-addressing hash tables: `map` from uint64_t and `smap` from short byte strings (copied) to
 * pointers. Born with a maximum count; put past it answers -ERR_FULL. Hash is keyed with a per-process random
 * seed, so a stranger cannot choose collisions. Thread: owner's. Values are borrowed. */
#ifndef MAP_H
#define MAP_H
#include "media/base/str.h"

enum { SMAP_KEY_MAX = 64 };

struct map_slot;
struct map {
    struct map_slot *slots;
    size_t n, cap, max, tombs;
};
void map_init(struct map *m, size_t max);
void map_fini(struct map *m);
void *map_get(const struct map *m, uint64_t key);      /* NULL when absent */
int map_put(struct map *m, uint64_t key, void *value); /* replaces; value not NULL */
void *map_drop(struct map *m, uint64_t key);           /* the value that was there, or NULL */
/* Iterate in no order: start with *it = 0; NULL at the end. No put during iteration; dropping the current is
 * fine. */
void *map_next(const struct map *m, size_t *it, uint64_t *key);

struct smap_slot;
struct smap {
    struct smap_slot *slots;
    size_t n, cap, max, tombs;
};
void smap_init(struct smap *m, size_t max);
void smap_fini(struct smap *m);
void *smap_get(const struct smap *m, struct str key);
int smap_put(struct smap *m, struct str key, void *value); /* -ERR_TOO_LARGE for a key over SMAP_KEY_MAX */
void *smap_drop(struct smap *m, struct str key);
void *smap_next(const struct smap *m, size_t *it, struct str *key);

#endif
