/* buf — a growable run of bytes, born with its maximum. Past the maximum it keeps nothing and
 * `over` stays true: write all, then check once. Heap; owner calls buf_fini. */
#ifndef BUF_H
#define BUF_H
#include "media/base/str.h"
#include <stdarg.h>

struct buf {
    uint8_t *p; /* always NUL-terminated after the first put, for handing to C strings */
    size_t n, cap, max;
    bool over;
};

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b); /* safe on a zeroed or finished buf */
void buf_reset(struct buf *b);
void buf_put(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, struct str s);
void buf_z(struct buf *b, const char *z);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Hand the bytes to the caller, who frees with mem_free; the buf is empty again. NULL if empty or over. */
char *buf_take(struct buf *b, size_t *n);
static inline struct str buf_view(const struct buf *b) { return (struct str){(const char *)b->p, b->n}; }

#endif
