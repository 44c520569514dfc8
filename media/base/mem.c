#include "media/base/mem.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t allocs;
static _Thread_local size_t allocs_here;

static void *must(void *p) {
    if (!p) {
        fputs("out of memory\n", stderr);
        abort();
    }
    atomic_fetch_add_explicit(&allocs, 1, memory_order_relaxed);
    allocs_here++;
    return p;
}

void *mem_zalloc(size_t n) { return must(calloc(1, n ? n : 1)); }

void *mem_aligned(size_t align, size_t n) {
    size_t whole = (n + align - 1) & ~(align - 1); /* C11 7.22.3.1: a multiple of the alignment */
    return memset(must(aligned_alloc(align, whole)), 0, whole);
}

void *mem_realloc(void *p, size_t n) { return must(realloc(p, n ? n : 1)); }

char *mem_strdup(const char *z) { return mem_strndup(z, strlen(z)); }

char *mem_strndup(const char *p, size_t n) {
    char *z = mem_zalloc(n + 1);
    if (n)
        memcpy(z, p, n);
    return z;
}

void mem_free(void *p) { free(p); }

size_t mem_allocs(void) { return atomic_load_explicit(&allocs, memory_order_relaxed); }

size_t mem_allocs_here(void) { return allocs_here; }
