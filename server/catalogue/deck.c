#include "server/catalogue/deck.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/rnd.h"
#include "server/store/query.h"

static const char *const state_names[DECK_STATE_COUNT] = {"uploading", "waiting", "working", "ready",
                                                          "failed"};
static const char *const why_names[DECK_WHY_COUNT] = {"",       "broken", "locked", "pages",
                                                      "office", "heavy",  "server"};

const char *deck_state_name(enum deck_state s) { return state_names[s]; }
const char *deck_why_name(enum deck_why w) { return why_names[w]; }

/* ---- files ---- */

static bool is_plain(const char *id) {
    size_t n = strlen(id);
    return n && n <= 32 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == n;
}

int deck_dir(const char *data, const char *event, char dst[DECK_DIR_MAX]) {
    int n = is_plain(event) ? snprintf(dst, DECK_DIR_MAX, "%s/decks/%s", data, event) : -1;
    return n > 0 && n < DECK_DIR_MAX ? 0 : -ERR_INVALID;
}

static int make_dir(const char *data, const char *event, char dst[DECK_DIR_MAX]) {
    char parent[DECK_DIR_MAX];
    int err = deck_dir(data, event, dst);
    if (err)
        return err;
    snprintf(parent, sizeof parent, "%s/decks", data);
    if ((mkdir(parent, 0700) && errno != EEXIST) || (mkdir(dst, 0700) && errno != EEXIST))
        return -ERR_IO;
    return 0;
}

static int pdf_path(const char *data, const char *event, const char *id, char dst[DECK_PATH_MAX]) {
    char dir[DECK_DIR_MAX];
    if (deck_dir(data, event, dir) || !is_plain(id))
        return -ERR_INVALID;
    snprintf(dst, DECK_PATH_MAX, "%s/%s.pdf", dir, id);
    return 0;
}

/* What begins with `prefix` in a directory, and in the directories among it. */
static void remove_in(int fd, const char *prefix) {
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.' || !str_starts(str_of(e->d_name), str_of(prefix)))
            continue;
        int in = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (in >= 0)
            remove_in(in, "");
        if (unlinkat(dirfd(d), e->d_name, in >= 0 ? AT_REMOVEDIR : 0) < 0)
            LOG_WARN("cannot delete a deck's file=%s errno=%d", e->d_name, errno);
    }
    closedir(d);
}

void deck_remove_files(const char *data, const char *event, const char *id) {
    char dir[DECK_DIR_MAX];
    int fd = deck_dir(data, event, dir) ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    remove_in(fd, id);
    (void)rmdir(dir); /* it was the last one's */
}

void deck_remove_work(const char *data, const struct deck_row *d) {
    static const char *const of_work[] = {".work", ".json", "-"};
    char dir[DECK_DIR_MAX], prefix[DECK_ID_CHARS + 8];
    for (size_t i = 0; i < countof(of_work); i++) {
        int fd = deck_dir(data, d->event, dir) ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        snprintf(prefix, sizeof prefix, "%s%s", d->id, of_work[i]);
        if (fd >= 0)
            remove_in(fd, prefix);
    }
}

void deck_drop_event(const char *data, const char *event) { deck_remove_files(data, event, ""); }

int deck_sweep(struct store *s, const char *data) {
    char path[DECK_DIR_MAX];
    snprintf(path, sizeof path, "%s/decks", data);
    DIR *d = opendir(path);
    if (!d)
        return errno == ENOENT ? 0 : -ERR_IO;
    int rc = 0;
    for (struct dirent *e; rc >= 0 && (e = readdir(d));) {
        if (!is_plain(e->d_name))
            continue;
        struct query *q = query_begin(s, Q_DECK_ANY);
        query_put_z(q, e->d_name);
        rc = query_row(q);
        query_done(q);
        if (rc == 0)
            deck_drop_event(data, e->d_name);
    }
    closedir(d);
    return rc < 0 ? rc : 0;
}

int64_t deck_received(const char *data, const struct deck_row *d) {
    char path[DECK_PATH_MAX];
    struct stat st;
    if (pdf_path(data, d->event, d->id, path) || lstat(path, &st) || !S_ISREG(st.st_mode))
        return 0;
    return st.st_size;
}

static int write_all(int fd, struct bytes piece, int64_t offset) {
    for (size_t at = 0; at < piece.n;) {
        ssize_t n = pwrite(fd, piece.p + at, piece.n - at, offset + (int64_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            (void)!ftruncate(fd, offset); /* half a piece would be taken for more of the file */
            return errno == ENOSPC || errno == EDQUOT ? -ERR_FULL : -ERR_IO;
        }
        at += (size_t)n;
    }
    return 0;
}

int deck_piece(struct store *s, const char *data, const struct deck_row *d, int64_t offset,
               struct bytes piece, bool *whole) {
    char path[DECK_PATH_MAX];
    struct stat st;
    *whole = false;
    if (d->state != DECK_UPLOADING)
        return -ERR_CONFLICT;
    if (offset < 0 || (int64_t)piece.n > d->bytes - offset)
        return -ERR_TOO_LARGE;
    int err = make_dir(data, d->event, path); /* deck_sweep may have come between the promise and this */
    if (!err)
        err = pdf_path(data, d->event, d->id, path);
    int fd = err ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err ? err : -ERR_IO;
    if (flock(fd, LOCK_EX | LOCK_NB))
        err = -ERR_BUSY;
    else if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        err = -ERR_IO;
    else if (st.st_size != offset)
        err = -ERR_CONFLICT;
    else
        err = write_all(fd, piece, offset);
    *whole = !err && offset + (int64_t)piece.n == d->bytes;
    if (*whole && fsync(fd))
        err = -ERR_IO;
    close(fd);
    if (err || !*whole)
        return err;
    struct query *q = query_begin(s, Q_DECK_WHOLE);
    query_put_z(q, d->id);
    return query_exec(q);
}

/* ---- rows ---- */

static void read_row(struct query *q, struct deck_row *out) {
    *out = (struct deck_row){.bytes = 0};
    (void)STR_COPY(out->id, query_get_str(q));
    (void)STR_COPY(out->event, query_get_str(q));
    (void)STR_COPY(out->title, query_get_str(q));
    out->bytes = query_get_int(q);
    int state = str_index(query_get_str(q), state_names, DECK_STATE_COUNT);
    out->state = state < 0 ? DECK_FAILED : (enum deck_state)state;
    out->percent = query_get_int(q);
    out->pages = query_get_int(q);
    int why = str_index(query_get_str(q), why_names, DECK_WHY_COUNT);
    out->why = why < 0 ? DECK_BROKEN : (enum deck_why)why;
    out->created_at = query_get_int(q);
}

static int one_row(struct query *q, struct deck_row *out) {
    int rc = query_row(q);
    if (rc > 0)
        read_row(q, out);
    query_done(q);
    return rc;
}

static int change(struct store *s, enum query_name name, const char *id) {
    struct query *q = query_begin(s, name);
    query_put_z(q, id);
    return query_exec(q);
}

static void drop_stale(struct store *s, const char *data, int64_t now_ms) {
    struct deck_row d;
    for (int rc = 1, left = DECK_PER_EVENT_MAX; rc > 0 && left > 0; left--) {
        struct query *q = query_begin(s, Q_DECK_STALE);
        query_put_int(q, now_ms - DECK_STALE_MS);
        rc = one_row(q, &d);
        if (rc > 0 && deck_drop(s, data, &d))
            break;
    }
}

static void make_id(char id[DECK_ID_CHARS + 1]) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t raw[DECK_ID_CHARS];
    rnd_bytes(raw, sizeof raw);
    for (size_t i = 0; i < DECK_ID_CHARS; i++)
        id[i] = letters[raw[i] & 31];
    id[DECK_ID_CHARS] = 0;
}

int deck_add(struct store *s, const char *data, struct deck_row *d, int64_t now_ms) {
    char dir[DECK_DIR_MAX];
    struct statvfs disk;
    drop_stale(s, data, now_ms);
    int err = make_dir(data, d->event, dir);
    if (err)
        return err;
    /* The pages take about as much again. */
    if (!statvfs(dir, &disk) && (int64_t)(disk.f_bavail * disk.f_frsize) < 2 * d->bytes + DECK_DISK_KEEP)
        return -ERR_FULL;
    make_id(d->id);
    d->created_at = now_ms;
    d->state = DECK_UPLOADING;
    struct query *q = query_begin(s, Q_DECK_ADD);
    query_put_z(q, d->id);
    query_put_z(q, d->event);
    query_put_z(q, d->title);
    query_put_int(q, d->bytes);
    query_put_int(q, now_ms);
    query_put_int(q, DECK_PER_EVENT_MAX);
    query_put_int(q, DECK_EVENT_BYTES_MAX);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : -ERR_FULL;
}

int deck_get(struct store *s, const char *event, struct str id, struct deck_row *out) {
    struct query *q = query_begin(s, Q_DECK_GET);
    query_put_str(q, id);
    query_put_z(q, event);
    int rc = one_row(q, out);
    return rc > 0 ? 0 : rc == 0 ? -ERR_MISSING : rc;
}

int deck_list(struct store *s, const char *event, struct deck_row out[DECK_PER_EVENT_MAX]) {
    struct query *q = query_begin(s, Q_DECK_LIST);
    query_put_z(q, event);
    int n = 0, rc;
    while ((rc = query_row(q)) > 0 && n < DECK_PER_EVENT_MAX)
        read_row(q, &out[n++]);
    query_done(q);
    return rc < 0 ? rc : n;
}

int deck_drop(struct store *s, const char *data, const struct deck_row *d) {
    struct query *q = query_begin(s, Q_DECK_DROP);
    query_put_z(q, d->id);
    query_put_z(q, d->event);
    int n = query_run(q);
    if (n > 0)
        deck_remove_files(data, d->event, d->id);
    return n < 0 ? n : n ? 0 : -ERR_CONFLICT;
}

int deck_lease(struct store *s, struct deck_row *out) { return one_row(query_begin(s, Q_DECK_LEASE), out); }
int deck_untold(struct store *s, struct deck_row *out) { return one_row(query_begin(s, Q_DECK_UNTOLD), out); }

int deck_progress(struct store *s, const struct deck_row *d, int64_t percent) {
    struct query *q = query_begin(s, Q_DECK_PROGRESS);
    query_put_z(q, d->id);
    query_put_int(q, percent);
    return query_exec(q);
}

int deck_ready(struct store *s, const struct deck_row *d, int64_t pages) {
    struct query *q = query_begin(s, Q_DECK_READY);
    query_put_z(q, d->id);
    query_put_int(q, pages);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : -ERR_MISSING;
}

int deck_failed(struct store *s, const struct deck_row *d, enum deck_why why) {
    struct query *q = query_begin(s, Q_DECK_FAILED);
    query_put_z(q, d->id);
    query_put_z(q, why_names[why]);
    return query_exec(q);
}

int deck_return(struct store *s) { return query_exec(query_begin(s, Q_DECK_RETURN)); }
int deck_told(struct store *s, const struct deck_row *d) { return change(s, Q_DECK_TOLD, d->id); }
