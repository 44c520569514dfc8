#include "server/catalogue/upload.h"

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

static const char *const state_names[UPLOAD_STATE_COUNT] = {"uploading", "waiting", "working", "ready",
                                                            "failed"};
static const char *const why_names[UPLOAD_WHY_COUNT] = {
    "", "broken", "locked", "pages", "office", "heavy", "server", "cut", "codec", "picture", "long", "space"};
static const struct upload_rules rules[UPLOAD_KIND_COUNT] = {
    [UPLOAD_SLIDES] = {"slides", "decks", ".pdf", 100LL << 20, 500LL << 20, 256LL << 20},
    [UPLOAD_VIDEO] = {"video", "clips", ".src", 2LL << 30, 8LL << 30, 1LL << 30},
};

const struct upload_rules *upload_rules(enum upload_kind k) { return &rules[k]; }
const char *upload_state_name(enum upload_state s) { return state_names[s]; }
const char *upload_why_name(enum upload_why w) { return why_names[w]; }

/* ---- files ---- */

static bool is_plain(const char *id) {
    size_t n = strlen(id);
    return n && n <= 32 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == n;
}

int upload_dir(const char *data, const char *event, enum upload_kind k, char dst[UPLOAD_DIR_MAX]) {
    int n = is_plain(event) ? snprintf(dst, UPLOAD_DIR_MAX, "%s/%s/%s", data, rules[k].dir, event) : -1;
    return n > 0 && n < UPLOAD_DIR_MAX ? 0 : -ERR_INVALID;
}

static int make_dir(const char *data, const struct upload *d, char dst[UPLOAD_DIR_MAX]) {
    char parent[UPLOAD_DIR_MAX];
    int err = upload_dir(data, d->event, d->kind, dst);
    if (err)
        return err;
    snprintf(parent, sizeof parent, "%s/%s", data, rules[d->kind].dir);
    if ((mkdir(parent, 0700) && errno != EEXIST) || (mkdir(dst, 0700) && errno != EEXIST))
        return -ERR_IO;
    return 0;
}

int upload_path(const char *data, const struct upload *d, char dst[UPLOAD_PATH_MAX]) {
    char dir[UPLOAD_DIR_MAX];
    if (upload_dir(data, d->event, d->kind, dir) || !is_plain(d->id))
        return -ERR_INVALID;
    snprintf(dst, UPLOAD_PATH_MAX, "%s/%s%s", dir, d->id, rules[d->kind].ending);
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
            LOG_WARN("cannot delete an upload's file=%s errno=%d", e->d_name, errno);
    }
    closedir(d);
}

static void remove_of(const char *data, const char *event, enum upload_kind k, const char *prefix) {
    char dir[UPLOAD_DIR_MAX];
    int fd = upload_dir(data, event, k, dir) ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    remove_in(fd, prefix);
    (void)rmdir(dir); /* it was the last one's */
}

void upload_remove_files(const char *data, const struct upload *d) {
    remove_of(data, d->event, d->kind, d->id);
}

void upload_remove_work(const char *data, const struct upload *d) {
    static const char *const of_work[] = {".work", ".json", ".hls", "-"};
    char prefix[UPLOAD_ID_CHARS + 8];
    for (size_t i = 0; i < countof(of_work); i++) {
        snprintf(prefix, sizeof prefix, "%s%s", d->id, of_work[i]);
        remove_of(data, d->event, d->kind, prefix);
    }
}

void upload_drop_event(const char *data, const char *event) {
    for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
        remove_of(data, event, (enum upload_kind)k, "");
}

static int sweep(struct store *s, const char *data, enum upload_kind k) {
    char path[UPLOAD_DIR_MAX];
    snprintf(path, sizeof path, "%s/%s", data, rules[k].dir);
    DIR *d = opendir(path);
    if (!d)
        return errno == ENOENT ? 0 : -ERR_IO;
    int rc = 0;
    for (struct dirent *e; rc >= 0 && (e = readdir(d));) {
        if (!is_plain(e->d_name))
            continue;
        struct query *q = query_begin(s, Q_UPLOAD_ANY);
        query_put_z(q, e->d_name);
        query_put_z(q, rules[k].name);
        rc = query_row(q);
        query_done(q);
        if (rc == 0)
            remove_of(data, e->d_name, k, "");
    }
    closedir(d);
    return rc < 0 ? rc : 0;
}

int upload_sweep(struct store *s, const char *data) {
    int err = 0;
    for (int k = 0; !err && k < UPLOAD_KIND_COUNT; k++)
        err = sweep(s, data, (enum upload_kind)k);
    return err;
}

int64_t upload_received(const char *data, const struct upload *d) {
    char path[UPLOAD_PATH_MAX];
    struct stat st;
    if (upload_path(data, d, path) || lstat(path, &st) || !S_ISREG(st.st_mode))
        return 0;
    return st.st_size;
}

/* Bytes of the disk that may still be written; a disk that cannot be asked is taken for an empty one. */
static int64_t room_for(const char *path, enum upload_kind k) {
    struct statvfs disk;
    return statvfs(path, &disk) ? INT64_MAX : (int64_t)(disk.f_bavail * disk.f_frsize) - rules[k].disk_keep;
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

int upload_piece(struct store *s, const char *data, const struct upload *d, int64_t offset,
                 struct bytes piece, bool *whole) {
    char path[UPLOAD_PATH_MAX];
    struct stat st;
    *whole = false;
    if (d->state != UPLOAD_COMING)
        return -ERR_CONFLICT;
    if (offset < 0 || (int64_t)piece.n > d->bytes - offset)
        return -ERR_TOO_LARGE;
    int err = make_dir(data, d, path); /* upload_sweep may have come between the promise and this */
    if (!err)
        err = upload_path(data, d, path);
    int fd = err ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err ? err : -ERR_IO;
    if (flock(fd, LOCK_EX | LOCK_NB))
        err = -ERR_BUSY;
    else if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        err = -ERR_IO;
    else if (st.st_size != offset)
        err = -ERR_CONFLICT;
    else if (room_for(path, d->kind) < (int64_t)piece.n)
        err = -ERR_FULL; /* recordings and journals are written there, too */
    else
        err = write_all(fd, piece, offset);
    *whole = !err && offset + (int64_t)piece.n == d->bytes;
    if (*whole && fsync(fd))
        err = -ERR_IO;
    close(fd);
    if (err || !*whole)
        return err;
    struct query *q = query_begin(s, Q_UPLOAD_WHOLE);
    query_put_z(q, d->id);
    return query_exec(q);
}

/* ---- rows ---- */

static void read_row(struct query *q, struct upload *out) {
    *out = (struct upload){.bytes = 0};
    (void)STR_COPY(out->id, query_get_str(q));
    (void)STR_COPY(out->event, query_get_str(q));
    int kind = str_index(query_get_str(q), (const char *const[]){"slides", "video"}, UPLOAD_KIND_COUNT);
    out->kind = kind < 0 ? UPLOAD_SLIDES : (enum upload_kind)kind;
    (void)STR_COPY(out->title, query_get_str(q));
    out->bytes = query_get_int(q);
    int state = str_index(query_get_str(q), state_names, UPLOAD_STATE_COUNT);
    out->state = state < 0 ? UPLOAD_FAILED : (enum upload_state)state;
    out->percent = query_get_int(q);
    out->pages = query_get_int(q);
    out->length_ms = query_get_int(q);
    int why = str_index(query_get_str(q), why_names, UPLOAD_WHY_COUNT);
    out->why = why < 0 ? UPLOAD_BROKEN : (enum upload_why)why;
    out->created_at = query_get_int(q);
}

static int one_row(struct query *q, struct upload *out) {
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
    struct upload d;
    for (int rc = 1, left = UPLOAD_PER_EVENT_MAX; rc > 0 && left > 0; left--) {
        struct query *q = query_begin(s, Q_UPLOAD_STALE);
        query_put_int(q, now_ms - UPLOAD_STALE_MS);
        rc = one_row(q, &d);
        if (rc > 0 && upload_drop(s, data, &d))
            break;
    }
}

static void make_id(char id[UPLOAD_ID_CHARS + 1]) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t raw[UPLOAD_ID_CHARS];
    rnd_bytes(raw, sizeof raw);
    for (size_t i = 0; i < UPLOAD_ID_CHARS; i++)
        id[i] = letters[raw[i] & 31];
    id[UPLOAD_ID_CHARS] = 0;
}

/* What is still to come of all that was promised, and to be made of it: about as much again. */
static int64_t promised(struct store *s) {
    struct query *q = query_begin(s, Q_UPLOAD_PROMISED);
    int64_t bytes = query_row(q) > 0 ? query_get_int(q) : 0;
    query_done(q);
    return bytes;
}

int upload_add(struct store *s, const char *data, struct upload *d, int64_t now_ms) {
    char dir[UPLOAD_DIR_MAX];
    drop_stale(s, data, now_ms);
    int err = make_dir(data, d, dir);
    if (err)
        return err;
    if (room_for(dir, d->kind) - promised(s) < 2 * d->bytes)
        return -ERR_FULL;
    make_id(d->id);
    d->created_at = now_ms;
    d->state = UPLOAD_COMING;
    struct query *q = query_begin(s, Q_UPLOAD_ADD);
    query_put_z(q, d->id);
    query_put_z(q, d->event);
    query_put_z(q, rules[d->kind].name);
    query_put_z(q, d->title);
    query_put_int(q, d->bytes);
    query_put_int(q, now_ms);
    query_put_int(q, UPLOAD_PER_EVENT_MAX);
    query_put_int(q, rules[d->kind].event_bytes_max);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : -ERR_FULL;
}

int upload_get(struct store *s, const char *event, enum upload_kind k, struct str id, struct upload *out) {
    struct query *q = query_begin(s, Q_UPLOAD_GET);
    query_put_str(q, id);
    query_put_z(q, event);
    query_put_z(q, rules[k].name);
    int rc = one_row(q, out);
    return rc > 0 ? 0 : rc == 0 ? -ERR_MISSING : rc;
}

int upload_list(struct store *s, const char *event, enum upload_kind k,
                struct upload out[UPLOAD_PER_EVENT_MAX]) {
    struct query *q = query_begin(s, Q_UPLOAD_LIST);
    query_put_z(q, event);
    query_put_z(q, rules[k].name);
    int n = 0, rc;
    while ((rc = query_row(q)) > 0 && n < UPLOAD_PER_EVENT_MAX)
        read_row(q, &out[n++]);
    query_done(q);
    return rc < 0 ? rc : n;
}

int upload_drop(struct store *s, const char *data, const struct upload *d) {
    struct query *q = query_begin(s, Q_UPLOAD_DROP);
    query_put_z(q, d->id);
    query_put_z(q, d->event);
    int n = query_run(q);
    if (n > 0)
        upload_remove_files(data, d);
    return n < 0 ? n : n ? 0 : -ERR_CONFLICT;
}

static int first_of(struct store *s, enum query_name name, enum upload_kind k, struct upload *out) {
    struct query *q = query_begin(s, name);
    query_put_z(q, rules[k].name);
    return one_row(q, out);
}

int upload_lease(struct store *s, enum upload_kind k, struct upload *out) {
    return first_of(s, Q_UPLOAD_LEASE, k, out);
}
int upload_untold(struct store *s, enum upload_kind k, struct upload *out) {
    return first_of(s, Q_UPLOAD_UNTOLD, k, out);
}

int upload_progress(struct store *s, const struct upload *d, int64_t percent) {
    struct query *q = query_begin(s, Q_UPLOAD_PROGRESS);
    query_put_z(q, d->id);
    query_put_int(q, percent);
    return query_exec(q);
}

int upload_ready(struct store *s, const struct upload *d) {
    struct query *q = query_begin(s, Q_UPLOAD_READY);
    query_put_z(q, d->id);
    query_put_int(q, d->pages);
    query_put_int(q, d->length_ms);
    int n = query_run(q);
    return n < 0 ? n : n ? 0 : -ERR_MISSING;
}

int upload_failed(struct store *s, const struct upload *d, enum upload_why why) {
    struct query *q = query_begin(s, Q_UPLOAD_FAILED);
    query_put_z(q, d->id);
    query_put_z(q, why_names[why]);
    return query_exec(q);
}

int upload_return(struct store *s, enum upload_kind k) { return change(s, Q_UPLOAD_RETURN, rules[k].name); }
int upload_told(struct store *s, const struct upload *d) { return change(s, Q_UPLOAD_TOLD, d->id); }

void upload_spent(const char *data, const struct upload *d) {
    char path[UPLOAD_PATH_MAX];
    if (d->kind == UPLOAD_VIDEO && !upload_path(data, d, path))
        (void)unlink(path);
}
