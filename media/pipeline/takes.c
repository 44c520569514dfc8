#include "media/pipeline/takes.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/mem.h"

static const char file_name[] = "takes.jsonl";

int takes_load(char **out, size_t *n, const char *dir, const char *name, size_t max) {
    char path[PATH_MAX];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return -ERR_TOO_LARGE;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ERR_MISSING : -ERR_IO;
    int err = fstat(fd, &st) ? -ERR_IO : (uint64_t)st.st_size > max ? -ERR_TOO_LARGE : 0;
    size_t size = err ? 0 : (size_t)st.st_size, got = 0;
    char *p = err ? NULL : mem_zalloc(size + 1);
    while (!err && got < size) {
        ssize_t k = read(fd, p + got, size - got);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            err = -ERR_IO;
        if (k <= 0)
            break;
        got += (size_t)k;
    }
    close(fd);
    if (err) {
        mem_free(p);
        return err;
    }
    *out = p;
    *n = got;
    return 0;
}
static void apply(struct takes *t, const struct json *j) {
    int64_t number, base, wall, end;
    if (!json_get_int(j, "take", &number) || number < 1 || number > UINT32_MAX)
        return;
    if (json_get_int(j, "base_ms", &base) && json_get_int(j, "wall_ms", &wall) && base >= 0 &&
        t->n < TAKES_MAX) {
        struct take *v = &t->v[t->n++];
        *v = (struct take){.take = (uint32_t)number, .base_ms = base, .wall_ms = wall, .end_ms = -1};
        json_get_bool(j, "gap", &v->gap);
    }
    for (size_t i = 0; i < t->n && json_get_int(j, "end_ms", &end); i++)
        if (t->v[i].take == number && end >= t->v[i].base_ms) {
            t->v[i].end_ms = end;
            json_get_bool(j, "torn", &t->v[i].torn);
        }
}
int takes_read(struct takes *out, const char *dir) {
    char *text;
    size_t n;
    *out = (struct takes){0};
    int err = takes_load(&text, &n, dir, file_name, TAKES_BYTES_MAX);
    if (err)
        return err == -ERR_MISSING ? 0 : err;
    out->v = mem_zalloc(TAKES_MAX * sizeof *out->v);
    struct str rest = {text, n}, line;
    struct json *j;
    while (str_line(&rest, &line))
        if (!json_parse(&j, line)) {
            apply(out, j);
            json_free(j);
        }
    mem_free(text);
    return 0;
}
void takes_fini(struct takes *t) {
    mem_free(t->v);
    *t = (struct takes){0};
}

static int append(const char *dir, struct json *j) {
    char path[PATH_MAX];
    struct buf b;
    struct stat st;
    char last = '\n';
    buf_init(&b, 1024);
    int fd = snprintf(path, sizeof path, "%s/%s", dir, file_name) < (int)sizeof path
                 ? open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)
                 : -1;
    int err = fd < 0 || fstat(fd, &st) ? -ERR_IO : 0;
    if (!err && st.st_size && pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n')
        buf_z(&b, "\n"); /* the line before was torn */
    json_write(j, &b);
    buf_z(&b, "\n");
    json_free(j);
    if (!err && (write(fd, b.p, b.n) != (ssize_t)b.n || fsync(fd)))
        err = -ERR_IO;
    if (fd >= 0)
        close(fd);
    buf_fini(&b);
    return err;
}
int takes_start(const char *dir, const struct take *t) {
    struct json *j = json_object();
    json_set_int(j, "take", t->take);
    json_set_int(j, "base_ms", t->base_ms);
    json_set_int(j, "wall_ms", t->wall_ms);
    if (t->gap)
        json_set_bool(j, "gap", true);
    return append(dir, j);
}
int takes_end(const char *dir, uint32_t take, int64_t end_ms, bool torn) {
    struct json *j = json_object();
    json_set_int(j, "take", take);
    json_set_int(j, "end_ms", end_ms);
    if (torn)
        json_set_bool(j, "torn", true);
    return append(dir, j);
}
