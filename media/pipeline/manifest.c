#include "media/pipeline/manifest.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "media/pipeline/box.h"
#include "media/pipeline/disk.h"
#include "media/pipeline/mend.h"
#include "media/pipeline/playlist.h"
#include "media/pipeline/tonguename.h"

static int64_t file_bytes(const char *dir, struct str name) {
    char path[PATH_MAX];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/" STR_FMT, dir, STR_ARG(name)) >= (int)sizeof path || stat(path, &st))
        return 0;
    return st.st_size;
}
static int64_t first_tfdt_us(const char *dir, struct str name, uint32_t timescale) {
    char uri[PLAYLIST_URI_MAX], *p;
    size_t n, off = 0;
    struct box_part part;
    int64_t at = -1;
    enum { SEGMENT_MAX = 64 << 20 };
    if (!STR_COPY(uri, name) || takes_load(&p, &n, dir, uri, SEGMENT_MAX))
        return -1;
    if (!box_part(&part, (struct bytes){(uint8_t *)p, n}, &off))
        at = (int64_t)(part.tfdt * 1000000 / timescale);
    mem_free(p);
    return at;
}
static void begin_run(struct manifest *m, struct manifest_side *s, const char *dir, struct str init,
                      int64_t at_us) {
    char uri[PLAYLIST_URI_MAX], *p;
    size_t n;
    struct fmp4_track t;
    if (s->runs_n == MANIFEST_RUNS_MAX)
        return;
    struct manifest_run *r = &s->runs[s->runs_n++];
    *r = (struct manifest_run){.at_us = at_us, .end_us = at_us};
    if (!STR_COPY(uri, init) || takes_load(&p, &n, dir, uri, FMP4_INIT_MAX))
        return;
    if (!box_init(&t, (struct bytes){(uint8_t *)p, n})) {
        r->width = t.width;
        r->height = t.height;
        r->slate = str_is(t.name, "slate");
        if (s == &m->sides[RENDITION_PROGRAM])
            master_see(&m->master, t.config, t.width, t.height);
    }
    mem_free(p);
    s->sizes_changed |= r->width != s->runs[0].width || r->height != s->runs[0].height;
}
static int read_side(struct manifest *m, struct manifest_side *s, const char *dir,
                     const struct rendition_file *file) {
    char *text;
    size_t n;
    int err = takes_load(&text, &n, dir, file->list, RECOVER_LIST_MAX);
    if (err)
        return err == -ERR_MISSING ? 0 : err;
    struct playlist_rd r;
    struct playlist_entry e = {0};
    struct str init = {0};
    s->runs = mem_zalloc(MANIFEST_RUNS_MAX * sizeof *s->runs);
    playlist_open(&r, (struct str){text, n});
    while (playlist_next(&r, &e)) {
        if (!s->segments)
            s->at_us = s->end_us = first_tfdt_us(dir, e.uri, file->timescale);
        if (!s->segments++ || !str_eq(init, e.init))
            begin_run(m, s, dir, e.init, s->end_us);
        init = e.init;
        s->end_us += e.dur_us;
        if (s->runs_n)
            s->runs[s->runs_n - 1].end_us = s->end_us;
        uint64_t bytes = (uint64_t)file_bytes(dir, e.uri);
        uint64_t bps = e.dur_us > 500000 ? bytes * 8 * 1000000 / (uint64_t)e.dur_us : 0;
        s->bytes += bytes;
        s->peak_bps = bps > s->peak_bps ? bps : s->peak_bps;
    }
    s->ended = r.ended;
    s->present = s->segments > 0;
    mem_free(text);
    return 0;
}
static int read_tongue(struct manifest_tongue *t, const char *dir, const char *lang) {
    char file[PLAYLIST_URI_MAX], *text;
    size_t n;
    playlist_lang_file(file, lang);
    int err = takes_load(&text, &n, dir, file, RECOVER_LIST_MAX);
    if (err)
        return err;
    struct playlist_rd r;
    struct playlist_entry e = {0};
    struct playlist_name name;
    playlist_open(&r, (struct str){text, n});
    while (playlist_next(&r, &e))
        if (playlist_name_parse(&name, e.uri) && name.lang[0])
            t->bytes += (uint64_t)file_bytes(dir, e.uri);
    t->ended = r.ended;
    mem_free(text);
    return 0;
}
static int read_tongues(struct manifest *m, const char *dir) {
    struct master *all = &m->master;
    int err = mend_langs(all->langs, &all->langs_n, dir, false);
    for (unsigned i = 0; !err && i < all->langs_n; i++)
        err = read_tongue(&m->tongues[i], dir, all->langs[i]);
    return err;
}
int manifest_read(struct manifest *m, const char *dir) {
    *m = (struct manifest){0};
    master_init(&m->master);
    m->master.width = m->master.height = 2;
    int err = takes_read(&m->takes, dir);
    if (!err && !m->takes.n)
        err = -ERR_MISSING;
    for (size_t i = 0; !err && i < RENDITION_COUNT; i++)
        err = read_side(m, &m->sides[i], dir, &rendition_files[i]);
    if (!err)
        err = read_tongues(m, dir);
    if (err)
        manifest_fini(m);
    return err;
}
void manifest_fini(struct manifest *m) {
    takes_fini(&m->takes);
    for (size_t i = 0; i < RENDITION_COUNT; i++) {
        mem_free(m->sides[i].runs);
        m->sides[i].runs = NULL;
    }
}
int64_t manifest_duration_ms(const struct manifest *m) {
    int64_t end_ms = 0;
    for (size_t i = 0; i < m->takes.n; i++)
        end_ms = m->takes.v[i].end_ms > end_ms ? m->takes.v[i].end_ms : end_ms;
    return end_ms;
}

static struct json *takes_json(const struct takes *t) {
    struct json *all = json_array();
    for (size_t i = 0; i < t->n; i++) {
        struct json *j = json_object();
        json_set_int(j, "take", t->v[i].take);
        json_set_int(j, "base_ms", t->v[i].base_ms);
        json_set_int(j, "end_ms", t->v[i].end_ms);
        json_set_int(j, "wall_ms", t->v[i].wall_ms);
        json_set_bool(j, "gap", t->v[i].gap);
        json_add(all, j);
    }
    return all;
}
/* The stretches that show something: where a screen was shared, where a camera was on. */
static struct json *spans_json(const struct manifest_side *s) {
    struct json *all = json_array();
    for (size_t i = 0; i < s->runs_n; i++) {
        if (s->runs[i].slate)
            continue;
        size_t last = i;
        while (last + 1 < s->runs_n && !s->runs[last + 1].slate)
            last++;
        struct json *span = json_array();
        json_add_int(span, s->runs[i].at_us / 1000);
        json_add_int(span, s->runs[last].end_us / 1000);
        json_add(all, span);
        i = last;
    }
    return all;
}
static struct json *side_json(const struct manifest_side *s, const struct rendition_file *file) {
    struct json *j = json_object();
    json_set_z(j, "playlist", file->list);
    json_set_int(j, "offset_ms", s->at_us / 1000);
    json_set_int(j, "duration_ms", (s->end_us - s->at_us) / 1000);
    json_set_int(j, "segments", s->segments);
    json_set_int(j, "bytes", (int64_t)s->bytes);
    if (file->letter == 'a')
        return j;
    uint16_t width = 0, height = 0;
    bool has_slate = false;
    for (size_t i = 0; i < s->runs_n; i++) {
        has_slate |= s->runs[i].slate;
        if ((uint32_t)s->runs[i].width * s->runs[i].height > (uint32_t)width * height) {
            width = s->runs[i].width;
            height = s->runs[i].height;
        }
    }
    json_set_int(j, "width", width);
    json_set_int(j, "height", height);
    json_set_bool(j, "sizes_changed", s->sizes_changed);
    json_set_bool(j, "has_slate", has_slate);
    json_set(j, "spans", spans_json(s));
    return j;
}
static struct json *tongues_json(const struct manifest *m, uint64_t *bytes) {
    struct json *all = json_array();
    for (unsigned i = 0; i < m->master.langs_n; i++) {
        struct json *j = json_object();
        char file[PLAYLIST_URI_MAX];
        playlist_lang_file(file, m->master.langs[i]);
        json_set_z(j, "lang", m->master.langs[i]);
        json_set_z(j, "name", tongue_name(m->master.langs[i]));
        json_set_z(j, "playlist", file);
        json_set_int(j, "bytes", (int64_t)m->tongues[i].bytes);
        json_add(all, j);
        *bytes += m->tongues[i].bytes;
    }
    return all;
}
static int write_file(const char *dir, const char *name, struct buf *b) {
    struct disk *d;
    int err = b->over ? -ERR_TOO_LARGE : disk_open(&d, dir);
    if (err) {
        buf_fini(b);
        return err;
    }
    disk_file(d, name, b);
    err = disk_flush(d);
    disk_close(d);
    return err;
}
int manifest_write(const struct manifest *m, const char *dir) {
    struct json *j = json_object(), *renditions = json_object();
    struct buf b;
    uint64_t bytes = 0;
    for (size_t i = 0; i < RENDITION_COUNT; i++) {
        bytes += m->sides[i].bytes;
        if (m->sides[i].present)
            json_set(renditions, rendition_files[i].name, side_json(&m->sides[i], &rendition_files[i]));
    }
    struct json *languages = tongues_json(m, &bytes);
    json_set_int(j, "version", 1);
    json_set_int(j, "duration_ms", manifest_duration_ms(m));
    json_set_int(j, "started_at_ms", m->takes.v[0].wall_ms);
    json_set_int(j, "bytes", (int64_t)bytes);
    json_set(j, "takes", takes_json(&m->takes));
    json_set(j, "renditions", renditions);
    json_set(j, "languages", languages);
    buf_init(&b, 8 << 20);
    json_write(j, &b);
    json_free(j);
    return write_file(dir, "manifest.json", &b);
}

static int append_end(const char *dir, const char *list) {
    char path[PATH_MAX];
    struct buf b;
    int fd = snprintf(path, sizeof path, "%s/%s", dir, list) < (int)sizeof path
                 ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
                 : -1;
    if (fd < 0)
        return -ERR_IO;
    buf_init(&b, 64);
    playlist_end(&b);
    int err = write(fd, b.p, b.n) == (ssize_t)b.n && !fdatasync(fd) ? 0 : -ERR_IO;
    close(fd);
    buf_fini(&b);
    return err;
}
int manifest_finish(const char *dir, int64_t *duration_ms) {
    struct manifest m;
    struct buf b;
    int err = manifest_read(&m, dir);
    if (err)
        return err;
    for (size_t i = 0; !err && i < RENDITION_COUNT; i++)
        if (m.sides[i].present && !m.sides[i].ended)
            err = append_end(dir, rendition_files[i].list);
    for (unsigned i = 0; !err && i < m.master.langs_n; i++) {
        char file[PLAYLIST_URI_MAX];
        playlist_lang_file(file, m.master.langs[i]);
        if (!m.tongues[i].ended)
            err = append_end(dir, file);
    }
    m.master.bandwidth_bps =
        (int64_t)(m.sides[RENDITION_PROGRAM].peak_bps + m.sides[RENDITION_AUDIO].peak_bps);
    buf_init(&b, 4096);
    master_write(&b, &m.master);
    if (!err)
        err = write_file(dir, "index.m3u8", &b);
    else
        buf_fini(&b);
    if (!err)
        err = manifest_write(&m, dir);
    *duration_ms = manifest_duration_ms(&m);
    manifest_fini(&m);
    return err;
}
