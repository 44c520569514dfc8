#include "media/base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 1024 };

enum log_level log_level = LOG_LV_INFO;

/* The module: the file's name without folder and extension. */
static int tag_of(const char *file, const char **tag) {
    const char *slash = strrchr(file, '/');
    *tag = slash ? slash + 1 : file;
    return (int)strcspn(*tag, ".");
}

void log_line(enum log_level level, const char *file, const char *fmt, ...) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    char line[LINE_BYTES];
    struct timespec t;
    struct tm tm;
    const char *tag;
    int tag_n = tag_of(file, &tag);
    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &tm);
    size_t head = strftime(line, sizeof line, "time=%Y-%m-%dT%H:%M:%S", &tm);
    head += (size_t)snprintf(line + head, sizeof line - head, ".%03ldZ level=%s mod=%.*s ",
                             t.tv_nsec / 1000000, names[level], tag_n, tag);
    va_list ap;
    va_start(ap, fmt);
    int body = vsnprintf(line + head, sizeof line - head - 1, fmt, ap);
    va_end(ap);
    size_t n = body < 0 ? head : head + (size_t)body;
    if (n > sizeof line - 2)
        n = sizeof line - 2;
    /* One event is one line, whatever the arguments hold. */
    for (size_t i = head; i < n; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = ' ';
    line[n++] = '\n';
    /* One write: lines of several threads do not mix. A closed stderr must not stop the program. */
    if (write(STDERR_FILENO, line, n) < 0)
        return;
}
