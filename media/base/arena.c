#include "media/base/arena.h"
#include "media/base/mem.h"
#include <stdarg.h>
#include <stdio.h>

enum { BLOCK = 4096, ALIGN = 16 };

struct arena_block {
    struct arena_block *next;
    size_t cap, used;
    _Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t max) { *a = (struct arena){.max = max}; }

void arena_fini(struct arena *a) {
    for (struct arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        mem_free(b);
    }
    *a = (struct arena){.max = a->max};
}

void *arena_alloc(struct arena *a, size_t n) {
    if (n > a->max)
        return NULL;
    n = (n ? n + ALIGN - 1 : ALIGN) / ALIGN * ALIGN;
    if (n > a->max || a->used > a->max - n)
        return NULL;
    struct arena_block *b = a->head;
    if (!b || b->cap - b->used < n) {
        size_t cap = n > BLOCK ? n : BLOCK;
        b = mem_zalloc(sizeof *b + cap);
        b->cap = cap;
        b->next = a->head;
        a->head = b;
    }
    void *p = b->bytes + b->used;
    b->used += n;
    a->used += n;
    return p;
}

char *arena_str(struct arena *a, struct str s) {
    char *z = arena_alloc(a, s.n + 1);
    if (z && s.n)
        memcpy(z, s.p, s.n);
    return z;
}

char *arena_printf(struct arena *a, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *z = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (z)
        vsnprintf(z, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return z;
}
