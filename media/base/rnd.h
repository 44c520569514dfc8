/* rnd — unpredictable bytes (getrandom). Thread: any. Aborts if the kernel cannot give any. */
#ifndef RND_H
#define RND_H
#include <stddef.h>
#include <stdint.h>

void rnd_bytes(void *p, size_t n);
uint32_t rnd_u32(void);
uint64_t rnd_u64(void);
/* n characters of lower-case base32 without look-alikes (5 bits each) and a NUL: dst needs n + 1. */
void rnd_id(char *dst, size_t n);

#endif
