#include "server/catalogue/transcript.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/catalogue/amend.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/revision.h"
#include "server/catalogue/roomlog.h"
#include "server/rooms/captions.h"
#include "server/store/datadir.h"
#include "server/store/query.h"

enum { FILE_NAME_MAX = 32 };

/* ---- typed in the room ---- */

struct gathering {
    const struct json *takes;
    const struct amends *amends;
    struct vtt v[VTT_LANGS_MAX];
    size_t n, left_out;
    size_t files; /* the first of v, which the log has no part in */
};

static struct vtt *of_lang(struct gathering *g, struct str lang) {
    for (size_t i = 0; i < g->n; i++)
        if (str_is(lang, g->v[i].lang))
            return &g->v[i];
    char z[VTT_LANG_MAX + 1];
    if (g->n == VTT_LANGS_MAX || !STR_COPY(z, lang))
        return NULL;
    vtt_begin(&g->v[g->n], z);
    return &g->v[g->n++];
}

/* A line of the log that is a caption: its language. */
static bool is_line(const struct json *j, struct str *lang) {
    struct str type = {"", 0};
    return json_get_str(j, "type", &type) && str_is(type, "caption") && json_get_str(j, "lang", lang) &&
           captions_lang_ok(*lang);
}

static void gather(struct gathering *g, const struct json *j, uint64_t seq) {
    struct str lang = {"", 0}, text = {"", 0};
    int64_t at = 0, ago = 0;
    const char *now = amend_of(g->amends, seq);
    (void)json_get_int(j, "ago", &ago);
    if (!is_line(j, &lang) || !json_get_str(j, "text", &text) || !json_get_int(j, "at", &at))
        return;
    int64_t end = vtt_media_ms(g->takes, at);
    if (end < 0 || (now && !now[0])) /* said before the recording; withdrawn */
        return;
    struct vtt *v = of_lang(g, lang);
    if (v && v < &g->v[g->files])
        return;
    if (v)
        vtt_add(v, seq, (struct vtt_span){vtt_media_ms(g->takes, at - ago), end}, now ? str_of(now) : text);
    else
        g->left_out++;
}

static int on_line(void *ctx, const struct roomlog_line *l) {
    struct json *j = NULL;
    if (json_parse(&j, l->json) < 0)
        return 0;
    gather(ctx, j, l->seq);
    json_free(j);
    return 0;
}

static int gather_log(struct store *s, const char *data_dir, const char *event, struct gathering *g) {
    struct json *takes = recdir_takes(data_dir, event);
    struct amends amends;
    int err = amend_typed(s, event, &amends);
    g->takes = takes;
    g->amends = &amends;
    if (!err)
        err = roomlog_captions(s, event, on_line, g);
    for (size_t i = 0; i < g->n; i++) {
        vtt_end(&g->v[i]);
        g->left_out += g->v[i].left_out;
    }
    if (g->left_out)
        LOG_WARN("captions are too many, lines left out room=%s lines=%zu", event, g->left_out);
    amend_free(&amends);
    json_free(takes);
    return err;
}

static void gathering_free(struct gathering *g) {
    for (size_t i = 0; i < g->n; i++)
        vtt_free(&g->v[i]);
}

/* ---- files ---- */

int transcript_files(struct store *s, const char *event, struct transcript_file out[VTT_LANGS_MAX]) {
    struct query *q = query_begin(s, Q_CAPTION_FILES);
    query_put_z(q, event);
    int n = 0, rc;
    while ((rc = query_row(q)) > 0 && n < VTT_LANGS_MAX) {
        (void)STR_COPY(out[n].lang, query_get_str(q));
        (void)STR_COPY(out[n++].name, query_get_str(q));
    }
    query_done(q);
    return rc < 0 ? rc : n;
}

/* The text of a file as it was brought; the caller frees. *out NULL: there is none. */
static int file_text(struct store *s, const char *event, const char *lang, char **out, size_t *n) {
    struct query *q = query_begin(s, Q_CAPTION_FILE_GET);
    query_put_z(q, event);
    query_put_z(q, lang);
    int rc = query_row(q);
    struct str text = rc > 0 ? query_get_str(q) : (struct str){"", 0};
    *out = rc > 0 ? mem_strndup(text.p, text.n) : NULL;
    *n = text.n;
    query_done(q);
    return rc < 0 ? rc : 0;
}

/* A file of ours as it is now. */
static int corrected(struct store *s, const char *event, const char *lang, struct vtt *v) {
    struct amends amends;
    struct subs_cue *c = mem_zalloc(sizeof *c);
    struct subs p;
    char *text = NULL;
    size_t n = 0;
    int err = file_text(s, event, lang, &text, &n), rc = 0;
    int amended = amend_file(s, event, lang, &amends);
    if (!err)
        err = amended;
    if (!err && text && !subs_open(&p, (struct str){text, n})) {
        while ((rc = subs_next(&p, c)) > 0) {
            const char *now = amend_of(&amends, p.cues);
            struct vtt_span at = {c->start_ms, c->end_ms};
            if (!now || now[0])
                vtt_put(v, p.cues, at, now ? str_of(now) : (struct str){c->text, c->n});
        }
    }
    vtt_end(v);
    amend_free(&amends);
    mem_free(text);
    mem_free(c);
    return err;
}

/* ---- on disk ---- */

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

bool transcript_lang(struct str file, char lang[VTT_LANG_MAX + 1]) {
    char z[FILE_NAME_MAX], same[FILE_NAME_MAX];
    if (!STR_COPY(z, file) || sscanf(z, "captions-%3[a-z].vtt", lang) != 1)
        return false;
    snprintf(same, sizeof same, TRANSCRIPT_FILE, lang);
    return !strcmp(same, z) && captions_lang_ok(str_of(lang));
}

size_t transcript_langs(const char *data_dir, const char *event, char out[VTT_LANGS_MAX][VTT_LANG_MAX + 1]) {
    char dir[DATADIR_PATH_MAX + 64];
    size_t n = 0;
    DIR *d = datadir_rec(data_dir, event, dir) ? NULL : opendir(dir);
    if (!d)
        return 0;
    for (struct dirent *e; n < VTT_LANGS_MAX && (e = readdir(d));)
        if (transcript_lang(str_of(e->d_name), out[n]))
            n++;
    closedir(d);
    qsort(out, n, sizeof *out, by_name);
    return n;
}

/* Who has it keeps it: a file of another language has not changed. */
static bool is_there(const char *data_dir, const char *event, const char *file, struct str text) {
    size_t n = 0;
    char *now = recdir_read(data_dir, event, file, &n);
    bool is = now && str_eq((struct str){now, n}, text);
    mem_free(now);
    return is;
}

static int write_one(const char *data_dir, const char *event, const struct vtt *v) {
    char file[FILE_NAME_MAX];
    snprintf(file, sizeof file, TRANSCRIPT_FILE, v->lang);
    if (!v->cues || is_there(data_dir, event, file, buf_view(&v->text)))
        return 0;
    return recdir_replace(data_dir, event, file, buf_view(&v->text));
}

static bool is_among(const struct vtt *v, size_t n, const char *lang) {
    for (size_t i = 0; i < n; i++)
        if (v[i].cues && !strcmp(v[i].lang, lang))
            return true;
    return false;
}

/* What is there of no language any more. */
static void sweep(const char *data_dir, const char *event, const struct gathering *g) {
    char langs[VTT_LANGS_MAX][VTT_LANG_MAX + 1], dir[DATADIR_PATH_MAX + 64], path[sizeof dir + FILE_NAME_MAX];
    size_t n = datadir_rec(data_dir, event, dir) ? 0 : transcript_langs(data_dir, event, langs);
    for (size_t i = 0; i < n; i++) {
        if (is_among(g->v, g->n, langs[i]))
            continue;
        snprintf(path, sizeof path, "%s/" TRANSCRIPT_FILE, dir, langs[i]);
        if (unlink(path) < 0)
            LOG_WARN("cannot delete path=%s", path);
    }
}

/* Files first: what was brought stands in the place of what was typed. */
static int write_all(struct store *s, const char *data_dir, const char *event) {
    struct transcript_file files[VTT_LANGS_MAX];
    struct gathering *g = mem_zalloc(sizeof *g);
    int n = transcript_files(s, event, files), err = n < 0 ? n : 0;
    for (int i = 0; !err && i < n; i++)
        err = corrected(s, event, files[i].lang, of_lang(g, str_of(files[i].lang)));
    g->files = g->n;
    if (!err)
        err = gather_log(s, data_dir, event, g);
    for (size_t i = 0; !err && i < g->n; i++)
        err = write_one(data_dir, event, &g->v[i]);
    if (!err)
        sweep(data_dir, event, g);
    gathering_free(g);
    mem_free(g);
    return err;
}

/* ---- one at a time ---- */

struct desk {
    int dir, lock;
};

static int desk_open(struct desk *d, const char *data_dir, const char *event) {
    char path[DATADIR_PATH_MAX + 64];
    *d = (struct desk){-1, -1};
    if (datadir_rec(data_dir, event, path) || (mkdir(path, 0700) < 0 && errno != EEXIST))
        return -ERR_IO;
    d->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    d->lock =
        d->dir < 0 ? -1 : openat(d->dir, "captions.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return d->lock >= 0 && flock(d->lock, LOCK_EX) == 0 ? 0 : -ERR_IO;
}

static void desk_close(struct desk *d) {
    if (d->dir >= 0)
        close(d->dir);
    if (d->lock >= 0)
        close(d->lock);
}

/* The mark is on disk after what it says: without it the file is made again. */
static int make(struct store *s, const char *data_dir, const char *event, const struct desk *d,
                enum revision_part part) {
    struct revision r;
    int err = revision_read(s, data_dir, event, &r);
    if (!err)
        err = part == REVISION_CUES ? write_all(s, data_dir, event) : recdir_timeline(s, data_dir, event);
    if (!err && fsync(d->dir) < 0)
        err = -ERR_IO;
    return err ? err : revision_mark(s, event, part, r.now);
}

int transcript_publish(struct store *s, const char *data_dir, const char *event) {
    struct desk d;
    int err = desk_open(&d, data_dir, event);
    for (int part = 0; !err && part < REVISION_PARTS; part++)
        err = make(s, data_dir, event, &d, (enum revision_part)part);
    desk_close(&d);
    return err;
}

static int is_old(struct store *s, const char *data_dir, const char *event, enum revision_part part,
                  bool is_live) {
    struct revision r;
    int err = revision_read(s, data_dir, event, &r);
    return err ? err : (r.is_marked || is_live) && !revision_is_made(&r, part);
}

/* Whoever waited for another to make it has it made. */
int transcript_fresh(struct store *s, const char *data_dir, const char *event, enum revision_part part,
                     bool is_live) {
    struct desk d;
    int old = is_old(s, data_dir, event, part, is_live);
    if (old <= 0)
        return old;
    int err = desk_open(&d, data_dir, event);
    if (!err)
        err = is_old(s, data_dir, event, part, is_live);
    if (err > 0)
        err = make(s, data_dir, event, &d, part);
    desk_close(&d);
    return err;
}

/* A file so large has cues left, however many of those changes took one back. */
int transcript_settle(struct store *s, const char *data_dir, const char *event, const char *lang,
                      bool is_gone) {
    char file[FILE_NAME_MAX];
    struct revision r;
    int err = revision_read(s, data_dir, event, &r);
    snprintf(file, sizeof file, TRANSCRIPT_FILE, lang);
    int64_t least = is_gone ? (r.changes - r.changes_made) * VTT_CUE_MAX : 0;
    if (err || recdir_size(data_dir, event, file) > least)
        return err;
    return transcript_fresh(s, data_dir, event, REVISION_CUES, false);
}

/* ---- what editors do ---- */

struct typed {
    const char *lang;
    struct transcript_cue *out;
};

static int is_typed(void *ctx, const struct roomlog_line *l) {
    const struct typed *t = ctx;
    struct json *j = NULL;
    struct str lang = {"", 0}, text = {"", 0};
    if (json_parse(&j, l->json) < 0)
        return 0;
    bool is = is_line(j, &lang) && str_is(lang, t->lang) && json_get_str(j, "text", &text) &&
              STR_COPY(t->out->text, text);
    json_free(j);
    return is;
}

/* 1: the cue is a file's; 0: a line typed in the room; -ERR_MISSING. Its text as it was at first. */
static int whose(struct store *s, const char *event, const char *lang, uint64_t n,
                 struct transcript_cue *out) {
    char *text = NULL;
    size_t bytes = 0;
    int err = file_text(s, event, lang, &text, &bytes);
    if (err || !text) {
        struct typed t = {lang, out};
        err = err ? err : roomlog_caption(s, event, n, is_typed, &t);
        return err < 0 ? err : err ? 0 : -ERR_MISSING;
    }
    struct subs p;
    struct subs_cue *c = mem_zalloc(sizeof *c);
    if (!subs_open(&p, (struct str){text, bytes}))
        while (p.cues < n && subs_next(&p, c) > 0)
            ;
    bool is_there = n && p.cues == n && STR_COPY(out->text, ((struct str){c->text, c->n}));
    mem_free(c);
    mem_free(text);
    return is_there ? 1 : -ERR_MISSING;
}

/* FNV-1a: two texts of one line that meet in it would have to be looked for. */
void transcript_tag(struct str text, char tag[TRANSCRIPT_TAG_MAX]) {
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < text.n; i++)
        h = (h ^ (uint8_t)text.p[i]) * 0x100000001b3u;
    snprintf(tag, TRANSCRIPT_TAG_MAX, "\"%016llx\"", (unsigned long long)h);
}

int transcript_cue(struct store *s, const char *event, const char *lang, uint64_t n,
                   struct transcript_cue *out) {
    struct amends amends;
    int is_file = whose(s, event, lang, n, out);
    if (is_file < 0)
        return is_file;
    int err = is_file ? amend_file(s, event, lang, &amends) : amend_typed(s, event, &amends);
    const char *now = err ? NULL : amend_of(&amends, n);
    if (now)
        (void)STR_COPY(out->text, str_of(now));
    amend_free(&amends);
    transcript_tag(str_of(out->text), out->tag);
    return err;
}

/* The end of a transaction of an editor's: 0 or what went wrong. */
static int conclude(struct store *s, const char *event, int err) {
    if (!err)
        err = revision_changed(s, event);
    if (!err)
        return store_commit(s);
    store_rollback(s);
    return err;
}

int transcript_correct(struct store *s, const char *event, const char *lang, uint64_t n, struct str text,
                       const struct amend_by *by) {
    struct transcript_cue c;
    int err = store_begin(s);
    if (err)
        return err;
    int is_file = whose(s, event, lang, n, &c);
    err = is_file < 0 ? is_file : by->seen ? transcript_cue(s, event, lang, n, &c) : 0;
    if (!err && by->seen && strcmp(by->seen, c.tag) != 0)
        err = -ERR_PRECONDITION;
    if (!err)
        err = amend_put(s, event, is_file ? lang : "", n, text, *by);
    return conclude(s, event, err);
}

static int put_file(struct store *s, const char *event, const char *lang, const char *name,
                    const struct vtt *v, const struct amend_by *by) {
    struct query *q = query_begin(s, Q_CAPTION_CHANGE_DROP);
    query_put_z(q, event);
    query_put_z(q, lang);
    int err = query_exec(q);
    if (err)
        return err;
    q = query_begin(s, Q_CAPTION_FILE_PUT);
    query_put_z(q, event);
    query_put_z(q, lang);
    query_put_z(q, name);
    query_put_str(q, buf_view(&v->text));
    query_put_opt(q, by->user);
    query_put_int(q, by->now_ms);
    return query_exec(q);
}

static int room_for(struct store *s, const char *event, const char *lang) {
    struct transcript_file files[VTT_LANGS_MAX];
    int n = transcript_files(s, event, files);
    for (int i = 0; i < n; i++)
        if (!strcmp(files[i].lang, lang))
            return 0;
    return n < 0 ? n : n < VTT_LANGS_MAX ? 0 : -ERR_FULL;
}

int transcript_read(const char *lang, struct str file, struct subs *p, struct vtt *v) {
    struct subs_cue *c = mem_zalloc(sizeof *c);
    vtt_begin(v, lang);
    int rc = subs_open(p, file);
    if (file.n > SUBS_BYTES_MAX) {
        p->fault = SUBS_SIZE;
        rc = -ERR_INVALID;
    }
    while (!rc && (rc = subs_next(p, c)) > 0) {
        vtt_put(v, p->cues, (struct vtt_span){c->start_ms, c->end_ms}, (struct str){c->text, c->n});
        rc = 0;
    }
    vtt_end(v);
    mem_free(c);
    if (!rc && v->left_out) {
        p->fault = SUBS_SIZE;
        rc = -ERR_INVALID;
    }
    return rc;
}

int transcript_bring(struct store *s, const char *event, const char *lang, const char *name, struct str file,
                     const struct amend_by *by, struct subs *p) {
    struct vtt v;
    int rc = transcript_read(lang, file, p, &v);
    if (!rc)
        rc = store_begin(s);
    if (!rc) {
        rc = room_for(s, event, lang);
        rc = conclude(s, event, rc ? rc : put_file(s, event, lang, name, &v, by));
    }
    vtt_free(&v);
    return rc;
}

int transcript_drop(struct store *s, const char *event, const char *lang) {
    int err = store_begin(s);
    if (err)
        return err;
    struct query *q = query_begin(s, Q_CAPTION_FILE_DROP);
    query_put_z(q, event);
    query_put_z(q, lang);
    int n = query_run(q);
    err = n < 0 ? n : n ? 0 : -ERR_MISSING;
    if (!err) {
        q = query_begin(s, Q_CAPTION_CHANGE_DROP);
        query_put_z(q, event);
        query_put_z(q, lang);
        err = query_exec(q);
    }
    return conclude(s, event, err);
}
