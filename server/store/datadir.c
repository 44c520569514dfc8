#include "server/store/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/rnd.h"

static int fail(char *sentence, int err, const char *what, const char *path) {
    snprintf(sentence, DATADIR_SENTENCE_MAX, "%s %.300s: %s.", what, path, strerror(errno));
    return err;
}

/* The same where another directory, or another user, would do. */
static int fail_dir(char *sentence, const char *what, const char *path) {
    snprintf(sentence, DATADIR_SENTENCE_MAX,
             "%s %.300s: %s; choose another with --data, or run as who owns it.", what, path,
             strerror(errno));
    return -ERR_IO;
}

static int make_dir(const char *path, char *sentence) {
    struct stat st;
    if (mkdir(path, 0700) == 0)
        return 0;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    return fail_dir(sentence, "Cannot make the directory", path);
}

/* Made once, whole or not at all: written beside its name and linked to it, so that two first starts agree on
 * one. */
static int make_key(const char *dir, const char *path, char *sentence) {
    char tmp[DATADIR_PATH_MAX + 64];
    uint8_t key[DATADIR_KEY_BYTES];
    snprintf(tmp, sizeof tmp, "%s/secret.%08x", dir, rnd_u32());
    rnd_bytes(key, sizeof key);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(sentence, -ERR_IO, "Cannot write", tmp);
    bool ok = write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (ok && link(tmp, path) < 0 && errno != EEXIST)
        ok = false;
    int err = ok ? 0 : fail(sentence, -ERR_IO, "Cannot write", path);
    unlink(tmp);
    return err;
}

static int read_key(struct datadir *d, char *sentence) {
    char path[DATADIR_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/secret.key", d->path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT) {
        int err = make_key(d->path, path, sentence);
        if (err)
            return err;
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (fd < 0)
        return fail(sentence, -ERR_IO, "Cannot read", path);
    ssize_t n = read(fd, d->key, sizeof d->key);
    close(fd);
    if (n == (ssize_t)sizeof d->key)
        return 0;
    snprintf(sentence, DATADIR_SENTENCE_MAX, "%.300s is damaged: it must hold %d bytes.", path,
             DATADIR_KEY_BYTES);
    return -ERR_IO;
}

/* SQLite would make the file readable by all; its helpers (-wal, -shm) take after it. */
static int own_database(struct datadir *d, char *sentence) {
    struct stat st;
    int fd = open(d->db, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(sentence, -ERR_IO, "Cannot write", d->db);
    d->fresh = fstat(fd, &st) == 0 && st.st_size == 0;
    close(fd);
    return 0;
}

static int take_lock(struct datadir *d, char *sentence) {
    char path[DATADIR_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/lock", d->path);
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock_fd < 0)
        return fail(sentence, -ERR_IO, "Cannot write", path);
    if (flock(d->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    snprintf(sentence, DATADIR_SENTENCE_MAX,
             "Another server is using the data directory %.300s: stop it, or choose another with --data.",
             d->path);
    return -ERR_CONFLICT;
}

int datadir_open(struct datadir *out, const char *path, bool exclusive, char sentence[DATADIR_SENTENCE_MAX]) {
    struct datadir d = {.lock_fd = -1};
    sentence[0] = 0;
    if (!path[0] || !STR_COPY(d.path, str_of(path))) {
        snprintf(sentence, DATADIR_SENTENCE_MAX, "The path of the data directory is empty or too long.");
        return -ERR_INVALID;
    }
    char rec[DATADIR_PATH_MAX + 32];
    snprintf(d.db, sizeof d.db, "%s/somhub.db", path);
    snprintf(rec, sizeof rec, "%s/rec", path);
    int err = make_dir(path, sentence);
    if (!err && access(path, W_OK | X_OK) < 0)
        err = fail_dir(sentence, "Cannot write into the data directory", path);
    if (!err)
        err = make_dir(rec, sentence);
    if (!err && access(rec, W_OK | X_OK) < 0)
        err = fail_dir(sentence, "Cannot write recordings into", rec);
    if (!err && exclusive)
        err = take_lock(&d, sentence);
    if (!err)
        err = read_key(&d, sentence);
    if (!err)
        err = own_database(&d, sentence);
    if (err)
        datadir_close(&d);
    else
        *out = d;
    return err;
}

void datadir_close(struct datadir *d) {
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    d->lock_fd = -1;
    explicit_bzero(d->key, sizeof d->key);
}

int datadir_rec(const char *data, const char *room, char dst[DATADIR_PATH_MAX + 64]) {
    size_t n = strlen(room);
    if (!n || n > 32 || strspn(room, "abcdefghijklmnopqrstuvwxyz0123456789") != n)
        return -ERR_INVALID;
    int len = snprintf(dst, DATADIR_PATH_MAX + 64, "%s/rec/%s", data, room);
    return len > 0 && len < DATADIR_PATH_MAX + 64 ? 0 : -ERR_INVALID;
}
