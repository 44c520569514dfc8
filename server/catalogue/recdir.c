#include "server/catalogue/recdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/catalogue/roomlog.h"
#include "server/store/datadir.h"

enum { PATH_MAX_BYTES = DATADIR_PATH_MAX + 160, RETRACTED_MAX = 100000 };

/* Who came and went, waited, raised a hand or was removed is the host's to know: see the attendance. */
static const char *const shown[] = {"opened",   "ended",  "recording", "staged",
                                    "unstaged", "source", "spotlight", "chat"};

struct retracted {
    uint64_t *seq;
    size_t n;
};
struct writer {
    const struct retracted *gone;
    struct buf text;
};

static int path_of(const char *data_dir, const char *id, const char *file, char dst[PATH_MAX_BYTES]) {
    char dir[DATADIR_PATH_MAX + 64];
    int err = datadir_rec_of(data_dir, id, dir);
    if (!err)
        snprintf(dst, PATH_MAX_BYTES, "%s/%.64s", dir, file);
    return err;
}

static int find_retracted(void *ctx, const struct roomlog_line *l) {
    struct retracted *gone = ctx;
    struct json *j = NULL;
    struct str type;
    int64_t n = 0;
    if (!memmem(l->json.p, l->json.n, "\"unchat\"", 8) || json_parse(&j, l->json) < 0)
        return 0;
    if (json_get_str(j, "type", &type) && str_is(type, "unchat") && json_get_int(j, "n", &n) &&
        gone->n < RETRACTED_MAX) {
        gone->seq = mem_realloc(gone->seq, (gone->n + 1) * sizeof *gone->seq);
        gone->seq[gone->n++] = (uint64_t)n;
    }
    json_free(j);
    return 0;
}

static bool is_retracted(const struct retracted *gone, uint64_t seq) {
    for (size_t i = 0; i < gone->n; i++)
        if (gone->seq[i] == seq)
            return true;
    return false;
}

static int write_line(void *ctx, const struct roomlog_line *l) {
    struct writer *w = ctx;
    struct json *j = NULL;
    struct str type = {"", 0};
    bool show = false;
    if (json_parse(&j, l->json) < 0)
        return 0;
    (void)json_get_str(j, "type", &type);
    for (size_t i = 0; i < countof(shown); i++)
        show |= str_is(type, shown[i]);
    json_free(j);
    if (show && !is_retracted(w->gone, l->seq)) {
        buf_str(&w->text, l->json);
        buf_put(&w->text, "\n", 1);
    }
    return 0;
}

static int replace_file(const char *path, struct str text) {
    char tmp[PATH_MAX_BYTES + 8];
    snprintf(tmp, sizeof tmp, "%s.part", path);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -ERR_IO;
    bool ok = true;
    for (size_t done = 0; ok && done < text.n;) {
        ssize_t n = write(fd, text.p + done, text.n - done);
        ok = n > 0 || (n < 0 && errno == EINTR);
        done += n > 0 ? (size_t)n : 0;
    }
    ok = ok && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (ok && rename(tmp, path) == 0)
        return 0;
    LOG_ERROR("cannot write path=%s errno=%d", path, errno);
    unlink(tmp);
    return -ERR_IO;
}

int recdir_timeline(struct store *s, const char *data_dir, const char *id) {
    char path[PATH_MAX_BYTES], dir[DATADIR_PATH_MAX + 64];
    int err = path_of(data_dir, id, RECDIR_TIMELINE, path);
    if (err)
        return err;
    (void)datadir_rec_of(data_dir, id, dir);
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return -ERR_IO;
    struct retracted gone = {NULL, 0};
    struct writer w = {.gone = &gone};
    buf_init(&w.text, RECDIR_TIMELINE_MAX);
    err = roomlog_read(s, id, 0, find_retracted, &gone);
    if (!err)
        err = roomlog_read(s, id, 0, write_line, &w);
    if (!err && w.text.over)
        err = -ERR_TOO_LARGE;
    if (!err)
        err = replace_file(path, buf_view(&w.text));
    buf_fini(&w.text);
    mem_free(gone.seq);
    return err;
}

char *recdir_read(const char *data_dir, const char *id, const char *file, size_t *n) {
    char path[PATH_MAX_BYTES];
    struct stat st;
    *n = 0;
    if (path_of(data_dir, id, file, path) < 0)
        return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    char *text = NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= RECDIR_FILE_MAX) {
        text = mem_zalloc((size_t)st.st_size + 1);
        for (ssize_t got; (got = read(fd, text + *n, (size_t)st.st_size - *n)) > 0;)
            *n += (size_t)got;
    }
    close(fd);
    return text;
}

int64_t recdir_size(const char *data_dir, const char *id, const char *file) {
    char path[PATH_MAX_BYTES];
    struct stat st;
    if (path_of(data_dir, id, file, path) < 0 || lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return -1;
    return st.st_size;
}

/* A line opens a take, or closes the one it names. */
static void merge_take(struct json *takes, const struct json *line) {
    int64_t take = 0, v = 0, known = 0;
    if (!json_get_int(line, "take", &take))
        return;
    struct json *t = NULL;
    for (size_t i = 0; i < json_len(takes); i++)
        if (json_get_int(json_at(takes, i), "take", &known) && known == take)
            t = json_at(takes, i);
    if (!t) {
        if (json_len(takes) >= RECDIR_TAKES_MAX)
            return;
        t = json_object();
        json_set_int(t, "take", take);
        json_set_bool(t, "gap", false);
        json_add(takes, t);
    }
    static const char *const numbers[] = {"base_ms", "end_ms", "wall_ms"};
    for (size_t i = 0; i < countof(numbers); i++)
        if (json_get_int(line, numbers[i], &v))
            json_set_int(t, numbers[i], v);
    bool gap = false;
    if (json_get_bool(line, "gap", &gap) && gap)
        json_set_bool(t, "gap", true);
}

struct json *recdir_takes(const char *data_dir, const char *id) {
    struct json *takes = json_array();
    size_t n = 0;
    char *text = recdir_read(data_dir, id, "takes.jsonl", &n);
    struct str rest = {text, n}, line;
    while (text && str_line(&rest, &line)) {
        struct json *j = NULL;
        if (json_parse(&j, line) < 0)
            continue; /* the last line may be torn */
        merge_take(takes, j);
        json_free(j);
    }
    mem_free(text);
    return takes;
}

int recdir_remove(const char *data_dir, const char *id) {
    char dir[DATADIR_PATH_MAX + 64];
    int err = datadir_rec_of(data_dir, id, dir);
    if (err)
        return err;
    DIR *d = opendir(dir);
    if (!d)
        return errno == ENOENT ? 0 : -ERR_IO;
    for (struct dirent *e; (e = readdir(d));)
        if (str_is(str_of(e->d_name), ".") || str_is(str_of(e->d_name), ".."))
            continue;
        else if (unlinkat(dirfd(d), e->d_name, 0) < 0)
            LOG_WARN("cannot delete dir=%s file=%s errno=%d", dir, e->d_name, errno);
    closedir(d);
    return rmdir(dir) == 0 ? 0 : -ERR_IO;
}
