#include "server/app/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/base/str.h"
#include "server/store/datadir.h"

void paths_find(char *dst, size_t cap, const char *configured, const char *beside, const char *installed) {
    char self[DATADIR_PATH_MAX], tried[2 * DATADIR_PATH_MAX];
    if (configured && configured[0]) {
        str_copy(dst, cap, str_of(configured));
        return;
    }
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    const char *ways[] = {beside, installed};
    for (size_t i = 0; i < countof(ways); i++) {
        snprintf(tried, sizeof tried, "%s/%s", self, ways[i]);
        char *real = realpath(tried, NULL);
        if (real) {
            str_copy(dst, cap, str_of(real));
            free(real);
            return;
        }
    }
    str_copy(dst, cap, str_of(tried));
}
