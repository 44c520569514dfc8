#include "media/base/fd.h"

#include <errno.h>
#include <unistd.h>

#include "media/base/err.h"

int fd_write_all(int fd, struct bytes b) {
    while (b.n) {
        ssize_t n = write(fd, b.p, b.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -ERR_IO;
        b = (struct bytes){b.p + n, b.n - (size_t)n};
    }
    return 0;
}
