#include "media/pipeline/say.h"
#include <errno.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 16384 };

struct json *say_new(const char *type) {
    struct json *j = json_object();
    json_set_z(j, "type", type);
    return j;
}
void say(struct json *message) {
    struct buf b;
    buf_init(&b, LINE_MAX_BYTES);
    json_write(message, &b);
    buf_z(&b, "\n");
    json_free(message);
    for (size_t at = 0; !b.over && at < b.n;) {
        ssize_t k = write(STDOUT_FILENO, b.p + at, b.n - at);
        if (k < 0 && errno != EINTR)
            break;
        at += k > 0 ? (size_t)k : 0;
    }
    buf_fini(&b);
}
void say_text(const char *type, const char *text) {
    struct json *j = say_new(type);
    json_set_z(j, "text", text);
    say(j);
}
void say_duration(const char *type, int64_t duration_ms) {
    struct json *j = say_new(type);
    json_set_int(j, "duration_ms", duration_ms);
    say(j);
}
