#include "media/base/buf.h"
#include "media/base/mem.h"
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAP = 256 };

void buf_init(struct buf *b, size_t max) { *b = (struct buf){.max = max}; }

void buf_fini(struct buf *b) {
    mem_free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_reset(struct buf *b) {
    b->n = 0;
    b->over = false;
    if (b->p)
        b->p[0] = 0;
}

/* Room for n more bytes and the NUL; false past the maximum. */
static bool grow(struct buf *b, size_t n) {
    if (b->over || n > b->max || b->n > b->max - n) {
        b->over = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : FIRST_CAP;
    while (cap < need)
        cap *= 2;
    if (cap > b->max + 1)
        cap = b->max + 1;
    b->p = mem_realloc(b->p, cap);
    b->cap = cap;
    return true;
}

void buf_put(struct buf *b, const void *p, size_t n) {
    if (!grow(b, n))
        return;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}

void buf_str(struct buf *b, struct str s) { buf_put(b, s.p, s.n); }

void buf_z(struct buf *b, const char *z) { buf_put(b, z, strlen(z)); }

void buf_printf(struct buf *b, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    if (n < 0)
        abort();
    if (grow(b, (size_t)n)) {
        vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}

char *buf_take(struct buf *b, size_t *n) {
    if (b->over || !b->n) {
        buf_fini(b);
        return NULL;
    }
    char *p = (char *)b->p;
    if (n)
        *n = b->n;
    *b = (struct buf){.max = b->max};
    return p;
}
