/* intake — what a library reads from its sockets, shown before the library gets it. For libraries with a
 * parser of their own and no way to look in front of it: recv and SSL_read are defined here, for the whole
 * program, and do what they always do, but for the descriptors told of on this thread. Hides that, and TLS.
 * Thread: the one that opened it; on all others nothing is looked at. Ownership: `who` is the caller's. */
#ifndef INTAKE_H
#define INTAKE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: the library gets none of these bytes; what follows on this socket is shown likewise. */
typedef bool intake_fn(void *who, const uint8_t *p, size_t n);

void intake_open(intake_fn *see, size_t sockets_max);
void intake_close(void);
int intake_add(int fd, void *who); /* -ERR_FULL: it is not looked at */
void intake_drop(int fd);

#endif
