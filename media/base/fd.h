/* fd — whole writes to a blocking descriptor. Thread: any. */
#ifndef FD_H
#define FD_H
#include "media/base/str.h"

int fd_write_all(int fd, struct bytes b); /* 0, or -ERR_IO: errno tells why, and some of it may be there */

#endif
