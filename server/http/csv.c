#include "server/http/csv.h"

#include <time.h>

void csv_text(struct buf *b, const char *z) {
    buf_z(b, "\"");
    if (z[0] && strchr("=+-@\t\r", z[0]))
        buf_z(b, "'");
    for (; *z; z++) {
        if (*z == '"')
            buf_z(b, "\"");
        buf_put(b, z, 1);
    }
    buf_z(b, "\"");
}

void csv_time(struct buf *b, int64_t at_ms) {
    time_t t = (time_t)(at_ms / 1000);
    struct tm tm;
    char text[32] = "";
    if (at_ms && localtime_r(&t, &tm))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    buf_z(b, text);
}
