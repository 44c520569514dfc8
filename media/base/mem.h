/* mem — allocation that aborts instead of failing; nothing a peer sends may size it past a named cap.
 * mem_allocs() lets the bench and tests show that a path allocates nothing. Thread: any. */
#ifndef MEM_H
#define MEM_H
#include <stddef.h>

void *mem_zalloc(size_t n);
void *mem_aligned(size_t align, size_t n); /* align: a power of two; zeroed */
void *mem_realloc(void *p, size_t n);
char *mem_strdup(const char *z);
char *mem_strndup(const char *p, size_t n);
void mem_free(void *p);       /* NULL is fine */
size_t mem_allocs(void);      /* number of allocations ever made through here, for the bench */
size_t mem_allocs_here(void); /* of these, the calling thread's */

#endif
