/* Files of a recording and of slides: the lesson's or the room's rights, then one plain file of its directory
 * by a name that cannot lead out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "server/catalogue/upload.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/shared.h"
#include "server/catalogue/transcript.h"
#include "server/http/endpoints.h"
#include "server/http/handler.h"
#include "server/http/range.h"
#include "server/http/urlquery.h"
#include "server/store/datadir.h"

static const char immutable[] = "private, max-age=31536000, immutable";
static const char must_ask[] = "private, no-cache";

/* By ending, first match. Names of segments carry their take and number: what one holds never changes. */
static const struct {
    const char *file, *ending, *type, *caching;
} kinds[] = {
    {LESSON_MP4, "", "video/mp4", must_ask},
    {"", ".m3u8", "application/vnd.apple.mpegurl", "no-cache"},
    {"", ".m4s", "video/mp4", immutable},
    {"", ".mp4", "video/mp4", immutable},
    {"", ".jpg", "image/jpeg", "private, max-age=300"},
    {"", ".jsonl", "application/x-ndjson; charset=utf-8", must_ask},
    {"", ".json", "application/json", must_ask},
    {"", ".vtt", "text/vtt; charset=utf-8", must_ask},
};

static int kind_of(struct str file) {
    bool ok = file.n > 0 && file.n <= LESSON_FILE_MAX && file.p[0] != '.' && file.p[0] != '-';
    for (size_t i = 0; ok && i < file.n; i++) {
        char c = file.p[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
             (c == '.' && !(i + 1 < file.n && file.p[i + 1] == '.'));
    }
    for (size_t i = 0; ok && i < countof(kinds); i++) {
        struct str end = str_of(kinds[i].ending);
        if (kinds[i].file[0] ? str_is(file, kinds[i].file)
                             : file.n > end.n && !memcmp(file.p + file.n - end.n, end.p, end.n))
            return (int)i;
    }
    return -ERR_MISSING;
}

static int open_file(const char *dir, struct str file, struct stat *st) {
    char path[DATADIR_PATH_MAX + 160];
    snprintf(path, sizeof path, "%s/" STR_FMT, dir, STR_ARG(file));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP ? -ERR_MISSING : -ERR_IO;
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    close(fd);
    return -ERR_MISSING;
}

/* RFC 6266: the name in UTF-8 (RFC 8187), and one every client understands beside it. */
static const char *attachment(const struct req *q, const struct meeting *m) {
    static const char hex[] = "0123456789ABCDEF";
    size_t n = strlen(m->title);
    char *name = arena_alloc(q->arena, 3 * n + 1), *p = name;
    if (!name)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)m->title[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (plain) {
            *p++ = (char)c;
        } else {
            *p++ = '%';
            *p++ = hex[c >> 4];
            *p++ = hex[c & 15];
        }
    }
    return arena_printf(q->arena, "attachment; filename=\"lesson-%s.mp4\"; filename*=UTF-8''%s.mp4", m->id,
                        name);
}

static int send_part(struct api *a, const struct req *q, struct reply *r, const struct stat *st,
                     const char *etag) {
    struct range range = {.length = st->st_size};
    struct range_headers h = {q->if_match, q->if_none_match, q->if_range, q->range};
    struct str wanted;
    switch (range_evaluate(&h, str_of(etag), &wanted)) {
    case RANGE_PRECONDITION:
        return -ERR_PRECONDITION;
    case RANGE_NOT_MODIFIED:
        r->type = NULL;
        return handler_empty(r, 304);
    case RANGE_SEND:
        break;
    }
    /* RFC 9110 14.2: a Range of anything but GET is ignored. */
    if (q->method == REQ_GET && range_parse(&range, wanted, st->st_size) < 0) {
        reply_header(r, "content-range", arena_printf(q->arena, "bytes */%lld", (long long)st->st_size));
        return handler_fail(a, -ERR_RANGE, NULL, NULL);
    }
    if (range.partial)
        reply_header(r, "content-range",
                     arena_printf(q->arena, "bytes %lld-%lld/%lld", (long long)range.offset,
                                  (long long)(range.offset + range.length - 1), (long long)st->st_size));
    r->file_offset = range.offset;
    r->file_length = range.length;
    return handler_empty(r, range.partial ? 206 : 200);
}

static const char *etag_of(const struct req *q, const struct stat *st) {
    return arena_printf(
        q->arena, "\"%llx-%llx-%llx\"", (unsigned long long)st->st_ino, (unsigned long long)st->st_size,
        (unsigned long long)st->st_mtim.tv_sec * 1000000000u + (unsigned long long)st->st_mtim.tv_nsec);
}

/* What is there as a reply, or the part of it that was asked for. Takes fd. */
static int send_file(struct api *a, const struct req *q, struct reply *r, int fd, const struct stat *st) {
    const char *etag = etag_of(q, st);
    int err = etag ? send_part(a, q, r, st, etag) : -ERR_FULL;
    if (err || r->status == 304)
        close(fd);
    else
        r->file_fd = fd;
    if (err)
        return err;
    reply_header(r, "etag", etag);
    reply_header(r, "accept-ranges", "bytes");
    return 0;
}

/* What was said is written down when somebody asks for it. */
static int fresh(struct api *a, const struct meeting *m, struct str file, bool is_cues) {
    bool is_live = m->rec == REC_LIVE, is_timeline = str_is(file, RECDIR_TIMELINE);
    if (is_cues ? !is_live && m->rec != REC_READY : !is_timeline || m->rec != REC_READY)
        return 0;
    return transcript_fresh(a->store, a->cfg->data_dir, m->id, is_cues ? REVISION_CUES : REVISION_TIMELINE,
                            is_live);
}

int api_media_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    struct stat st;
    char dir[DATADIR_PATH_MAX + 64];
    struct str file = q->params[1];
    int kind = kind_of(file);
    if (kind < 0)
        return kind;
    int err = handler_lesson(a, q, &m, &may);
    if (!err && datadir_rec(a->cfg->data_dir, m.id, dir) < 0)
        err = -ERR_MISSING;
    if (err)
        return err;
    bool is_cues = str_is((struct str){file.p + file.n - 4, 4}, ".vtt");
    err = fresh(a, &m, file, is_cues);
    int fd = err ? err : open_file(dir, file, &st);
    if (fd == -ERR_MISSING && is_cues)
        return api_captions_none(q, r, &m);
    if (fd < 0)
        return fd;
    bool audio = file.p[0] == 'a' && kinds[kind].caching == immutable;
    r->type = audio ? "audio/mp4" : kinds[kind].type;
    err = send_file(a, q, r, fd, &st);
    if (err)
        return err;
    reply_header(r, "cache-control", kinds[kind].caching);
    if (kinds[kind].file[0] && urlquery_int(q->query, "download", 1, 0))
        reply_header(r, "content-disposition", attachment(q, &m));
    return 0;
}

/* Pages of a deck: never changed once they are there. */
int api_slides_get(struct api *a, const struct req *q, struct reply *r) {
    static const char *const types[][2] = {
        {".jpg", "image/jpeg"}, {".json", "application/json"}, {".pdf", "application/pdf"}};
    struct meeting m;
    struct access may;
    struct stat st;
    char dir[UPLOAD_DIR_MAX];
    struct str file = q->params[1];
    bool ok = file.n > UPLOAD_ID_CHARS && file.n < UPLOAD_ID_CHARS + 16;
    for (size_t i = 0; ok && i < file.n; i++) {
        char c = file.p[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
             (i >= UPLOAD_ID_CHARS && (c == '-' || c == '.'));
    }
    for (size_t i = 0; ok && i < countof(types); i++) {
        struct str end = str_of(types[i][0]);
        if (!memcmp(file.p + file.n - end.n, end.p, end.n))
            r->type = types[i][1];
    }
    int err = ok && r->type ? handler_event(a, q, &m, &may) : -ERR_MISSING;
    if (err)
        return err == -ERR_AUTH ? -ERR_MISSING : err;
    if (!may.slides || upload_dir(a->cfg->data_dir, m.id, UPLOAD_SLIDES, dir))
        return -ERR_MISSING;
    int fd = open_file(dir, file, &st);
    if (fd < 0)
        return fd;
    err = send_file(a, q, r, fd, &st);
    if (!err)
        reply_header(r, "cache-control", immutable);
    return err;
}

/* What of a lesson a room plays: pictures and sound, and nothing of what was said there. */
static bool is_played(struct str file) {
    static const char *const endings[] = {".m3u8", ".m4s", ".mp4"};
    int kind = kind_of(file);
    for (size_t i = 0; kind >= 0 && !kinds[kind].file[0] && i < countof(endings); i++)
        if (!strcmp(kinds[kind].ending, endings[i]))
            return true;
    return false;
}

static int send_played(struct api *a, const struct req *q, struct reply *r, const char *dir) {
    struct str file = q->params[2];
    struct stat st;
    int kind = kind_of(file), fd = open_file(dir, file, &st);
    if (fd < 0)
        return fd;
    r->type = file.p[0] == 'a' && kinds[kind].caching == immutable ? "audio/mp4" : kinds[kind].type;
    int err = send_file(a, q, r, fd, &st);
    if (!err)
        reply_header(r, "cache-control", kinds[kind].caching);
    return err;
}

/* A lesson's files through a room that plays it: for who is in that room or prepares it, until its event ends
 * or is called off, whatever the lesson's visibility. */
int api_video_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    char dir[DATADIR_PATH_MAX + 64], lesson[MEETING_ID_CHARS + 1];
    struct str file = q->params[2];
    if (!is_played(file) || !STR_COPY(lesson, q->params[1]))
        return -ERR_MISSING;
    int err = handler_event(a, q, &m, &may);
    if (!err && (!may.inside || m.life == LIFE_ENDED || m.cancelled_at))
        err = -ERR_MISSING;
    if (!err)
        err = shared_check(a->store, m.id, str_of(lesson), q->now_ms);
    if (!err && datadir_rec(a->cfg->data_dir, lesson, dir) < 0)
        err = -ERR_MISSING;
    if (err)
        return err == -ERR_AUTH ? -ERR_MISSING : err;
    return send_played(a, q, r, dir);
}

/* An uploaded video: for who was let into its room, who leads it, and who may watch the lesson. */
int api_clip_media_get(struct api *a, const struct req *q, struct reply *r) {
    struct meeting m;
    struct access may;
    struct upload d;
    char dir[UPLOAD_DIR_MAX], hls[UPLOAD_PATH_MAX];
    struct str file = q->params[2];
    int err = handler_event(a, q, &m, &may);
    if (!err && !may.slides)
        err = -ERR_MISSING;
    if (!err)
        err = upload_get(a->store, m.id, UPLOAD_VIDEO, q->params[1], &d);
    if (!err && (d.state != UPLOAD_READY || upload_dir(a->cfg->data_dir, m.id, UPLOAD_VIDEO, dir)))
        err = -ERR_MISSING;
    if (err)
        return err == -ERR_AUTH ? -ERR_MISSING : err;
    if (!is_played(file))
        return api_clip_told(a, q, r, &d);
    snprintf(hls, sizeof hls, "%s/%s.hls", dir, d.id);
    return send_played(a, q, r, hls);
}
