#include "server/http/static.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "media/base/err.h"
#include "media/base/mem.h"

struct static_files {
    struct static_file *files;
    size_t n, bytes;
};

static const struct {
    const char *ext, *type;
    bool text;
} types[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".svg", "image/svg+xml", true},
    {".json", "application/json", true},
    {".webmanifest", "application/manifest+json", true},
    {".map", "application/json", true},
    {".png", "image/png", false},
    {".jpg", "image/jpeg", false},
    {".webp", "image/webp", false},
    {".woff2", "font/woff2", false},
    {".ico", "image/x-icon", false},
    {".mp3", "audio/mpeg", false},
    {".wav", "audio/wav", false},
    {".txt", "text/plain; charset=utf-8", true},
};

static void gzip(struct static_file *f) {
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return;
    size_t cap = deflateBound(&z, f->body_bytes);
    f->gz = mem_zalloc(cap);
    z.next_in = f->body;
    z.avail_in = (uInt)f->body_bytes;
    z.next_out = f->gz;
    z.avail_out = (uInt)cap;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out < f->body_bytes)
        f->gz_bytes = z.total_out;
    deflateEnd(&z);
}

static bool add(struct static_files *s, const char *path, int fd, size_t bytes) {
    const char *dot = strrchr(path, '.');
    size_t t = 0;
    while (dot && t < countof(types) && strcmp(types[t].ext, dot) != 0)
        t++;
    if (!dot || t == countof(types) || s->n == STATIC_FILES_MAX || s->bytes + bytes > STATIC_BYTES_MAX)
        return false;
    struct static_file *f = &s->files[s->n];
    if (!STR_COPY(f->path, str_of(path)))
        return false;
    f->body = mem_zalloc(bytes + 1);
    f->body_bytes = bytes;
    for (size_t got = 0; got < bytes;) {
        ssize_t n = read(fd, f->body + got, bytes - got);
        if (n <= 0) {
            mem_free(f->body);
            memset(f, 0, sizeof *f);
            return false;
        }
        got += (size_t)n;
    }
    f->type = types[t].type;
    f->immutable = !strncmp(path, "/assets/", 8);
    snprintf(f->etag, sizeof f->etag, "\"%08lx-%zx\"", crc32(0, f->body, (uInt)bytes), bytes);
    if (types[t].text && bytes > 512)
        gzip(f);
    s->n++;
    s->bytes += bytes;
    return true;
}

static void walk(struct static_files *s, int dirfd, const char *prefix, int depth) {
    DIR *d = fdopendir(dirfd);
    if (!d) {
        close(dirfd);
        return;
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char path[128];
        if (e->d_name[0] == '.' ||
            (size_t)snprintf(path, sizeof path, "%s/%s", prefix, e->d_name) >= sizeof path)
            continue;
        int fd = openat(dirfd, e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        struct stat st;
        if (fd < 0)
            continue;
        if (!fstat(fd, &st) && S_ISDIR(st.st_mode) && depth < 4) {
            walk(s, fd, path, depth + 1);
            continue;
        }
        if (S_ISREG(st.st_mode))
            add(s, path, fd, (size_t)st.st_size);
        close(fd);
    }
    closedir(d);
}

int static_open(struct static_files **out, const char *dir, char err[256]) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(err, 256, "the web client is not at %.120s (%s): build it with `make web` or set web.dir",
                 dir, strerror(errno));
        return -ERR_IO;
    }
    struct static_files *s = mem_zalloc(sizeof *s);
    s->files = mem_zalloc(STATIC_FILES_MAX * sizeof *s->files);
    walk(s, fd, "", 0);
    *out = s;
    if (!static_find(s, STR("/index.html"))) {
        snprintf(err, 256, "there is no index.html in %.120s: build the web client with `make web`", dir);
        static_close(s);
        *out = NULL;
        return -ERR_MISSING;
    }
    return 0;
}

void static_close(struct static_files *s) {
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++) {
        mem_free(s->files[i].body);
        mem_free(s->files[i].gz);
    }
    mem_free(s->files);
    mem_free(s);
}

const struct static_file *static_find(const struct static_files *s, struct str path) {
    for (size_t i = 0; i < s->n; i++)
        if (str_is(path, s->files[i].path))
            return &s->files[i];
    const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
    if (!slash || memchr(slash, '.', path.n - (size_t)(slash - path.p)))
        return NULL;
    return str_is(path, "/index.html") ? NULL : static_find(s, STR("/index.html"));
}
