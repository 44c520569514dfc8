#include "server/http/static.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "media/base/err.h"
#include "media/base/mem.h"

/* A build writes a file and its packed form within this, a copy of it by hand in whatever order. */
enum { TOGETHER_S = 60 };

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

static bool read_all(int fd, size_t bytes, uint8_t **out) {
    uint8_t *p = mem_zalloc(bytes + 1);
    for (size_t got = 0; got < bytes;) {
        ssize_t n = read(fd, p + got, bytes - got);
        if (n <= 0) {
            mem_free(p);
            return false;
        }
        got += (size_t)n;
    }
    *out = p;
    return true;
}

static struct static_file *add(struct static_files *s, const char *path, int fd, size_t bytes) {
    const char *dot = strrchr(path, '.');
    size_t t = 0;
    while (dot && t < countof(types) && strcmp(types[t].ext, dot) != 0)
        t++;
    if (!dot || t == countof(types) || s->n == STATIC_FILES_MAX || s->bytes + bytes > STATIC_BYTES_MAX)
        return NULL;
    struct static_file *f = &s->files[s->n];
    if (!STR_COPY(f->path, str_of(path)) || !read_all(fd, bytes, &f->body)) {
        memset(f, 0, sizeof *f);
        return NULL;
    }
    f->body_bytes = bytes;
    f->type = types[t].type;
    f->immutable = !strncmp(path, "/assets/", 8);
    snprintf(f->etag, sizeof f->etag, "\"%08lx-%zx\"", crc32(0, f->body, (uInt)bytes), bytes);
    if (types[t].text && bytes > 512)
        gzip(f);
    s->n++;
    s->bytes += bytes;
    return f;
}

static void add_packed(struct static_files *s, struct static_file *f, int dirfd, const char *name,
                       const struct stat *plain) {
    char packed[NAME_MAX + 4];
    struct stat st;
    snprintf(packed, sizeof packed, "%s.br", name);
    int fd = openat(dirfd, packed, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && (size_t)st.st_size < f->body_bytes &&
        st.st_mtime + TOGETHER_S >= plain->st_mtime && s->bytes + (size_t)st.st_size <= STATIC_BYTES_MAX &&
        read_all(fd, (size_t)st.st_size, &f->br)) {
        f->br_bytes = (size_t)st.st_size;
        s->bytes += f->br_bytes;
    }
    close(fd);
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
        struct static_file *f = S_ISREG(st.st_mode) ? add(s, path, fd, (size_t)st.st_size) : NULL;
        if (f)
            add_packed(s, f, dirfd, e->d_name, &st);
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
        mem_free(s->files[i].br);
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

static bool is_refused(struct str weight) { /* "q=0", "q=0.00" */
    if (!str_starts(weight, STR("q=0")))
        return false;
    for (size_t i = 3; i < weight.n; i++)
        if (weight.p[i] != '.' && weight.p[i] != '0')
            return false;
    return true;
}

/* RFC 9110 12.5.3: a list of codings, each perhaps with a weight. */
static bool names(struct str accepted, const char *coding) {
    for (struct str one, word; str_until(&accepted, ',', &one);)
        if (str_until(&one, ';', &word) && str_ieq(str_trim(word), str_of(coding)))
            return !is_refused(str_trim(one));
    return false;
}

struct static_form static_form(const struct static_file *f, struct str accepted) {
    if (f->br_bytes && names(accepted, "br"))
        return (struct static_form){"br", "-br", f->br, f->br_bytes};
    if (f->gz_bytes && names(accepted, "gzip"))
        return (struct static_form){"gzip", "-gz", f->gz, f->gz_bytes};
    return (struct static_form){NULL, "", f->body, f->body_bytes};
}
