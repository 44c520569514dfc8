#include "media/pipeline/dirlock.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include "media/base/log.h"

void dirlock_take(const char *dir) {
    static int held = -1; /* a process writes one recording at a time */
    if (held >= 0)
        close(held);
    int fd = held = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || !flock(fd, LOCK_EX | LOCK_NB))
        return;
    LOG_INFO("waiting for another writer dir=%s", dir);
    while (flock(fd, LOCK_EX) && errno == EINTR)
        ;
}
