#include "media/pipeline/recover.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "media/pipeline/box.h"
#include "media/pipeline/lane.h"
#include "media/pipeline/mend.h"
#include "media/pipeline/sound.h"
#include "media/pipeline/takes.h"

const struct rendition_file rendition_files[RENDITION_COUNT] = {
    [RENDITION_PROGRAM] = {'p', "program.m3u8", "program", FMP4_VIDEO_HZ},
    [RENDITION_AUDIO] = {'a', "audio.m3u8", "audio", FMP4_AUDIO_HZ},
    [RENDITION_SCREEN] = {'s', "screen.m3u8", "screen", FMP4_VIDEO_HZ},
};

enum { TARGET_S_DEFAULT = 6, SEGMENT_US = 4000000, PART_US = 1000000 };

/* A segment file of the open take that no playlist names yet. */
struct tail {
    struct playlist_name name;
    uint64_t at, end; /* ticks */
    size_t last_dur;  /* file place of the last sample's duration, to stretch it */
};
struct side { /* one rendition of the open take */
    const struct rendition_file *file;
    struct playlist_name last; /* last listed segment of this take; n = 0: none */
    uint64_t listed_end;       /* its end in ticks */
    bool has_list, any, ended; /* the playlist exists; has segments of any take; has ENDLIST */
    unsigned target_s;
    struct tail tail[RECOVER_TAIL];
    size_t n;
};
struct job {
    const char *dir;
    struct take take;
    struct side sides[RENDITION_COUNT];
    struct disk *disk;
    struct slate slate;
};

static bool path_of(char out[PATH_MAX], const char *dir, const char *name) {
    return snprintf(out, PATH_MAX, "%s/%s", dir, name) < PATH_MAX;
}
/* Maps a file for reading; an empty one is empty bytes. */
static int map_file(struct bytes *out, const char *dir, const char *name) {
    char path[PATH_MAX];
    struct stat st;
    int fd = path_of(path, dir, name) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return -ERR_IO;
    *out = (struct bytes){0};
    int err = fstat(fd, &st) ? -ERR_IO : 0;
    if (!err && st.st_size) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED)
            err = -ERR_IO;
        else
            *out = (struct bytes){p, (size_t)st.st_size};
    }
    close(fd);
    return err;
}
static void unmap(struct bytes b) {
    if (b.n)
        munmap((void *)(uintptr_t)b.p, b.n);
}
static int cut_file(const char *dir, const char *name, size_t size) {
    char path[PATH_MAX];
    int fd = path_of(path, dir, name) ? open(path, O_WRONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return -ERR_IO;
    int err = ftruncate(fd, (off_t)size) || fdatasync(fd) ? -ERR_IO : 0;
    close(fd);
    return err;
}
static int drop_file(const char *dir, const struct playlist_name *n) {
    char name[PLAYLIST_URI_MAX], path[PATH_MAX];
    playlist_name(name, n);
    return path_of(path, dir, name) && !unlink(path) ? 0 : -ERR_IO;
}

/* Whole parts of a segment file: where they begin and end in time; the torn rest is cut off. */
static int scan_segment(struct tail *t, const char *dir, const struct playlist_name *n) {
    char name[PLAYLIST_URI_MAX];
    struct bytes file;
    struct box_part part;
    size_t off = 0;
    playlist_name(name, n);
    int err = map_file(&file, dir, name);
    if (err)
        return err;
    *t = (struct tail){.name = *n};
    while (!(err = box_part(&part, file, &off))) {
        if (!t->end)
            t->at = part.tfdt;
        t->end = part.tfdt + part.dur;
        t->last_dur = part.last_dur;
    }
    size_t size = file.n;
    unmap(file);
    if (!off)
        return drop_file(dir, n) ? -ERR_IO : -ERR_MISSING;
    return off < size ? cut_file(dir, name, off) : 0;
}

static int read_list(struct side *s, const char *dir, uint32_t take) {
    char *text;
    size_t n;
    int err = takes_load(&text, &n, dir, s->file->list, RECOVER_LIST_MAX);
    if (err == -ERR_MISSING)
        return 0;
    if (err)
        return err;
    struct playlist_rd r;
    struct playlist_entry e = {0};
    struct playlist_name name;
    playlist_open(&r, (struct str){text, n});
    while (playlist_next(&r, &e)) {
        s->any = true;
        if (playlist_name_parse(&name, e.uri) && name.take == take)
            s->last = name;
    }
    s->has_list = r.head;
    s->ended = r.ended;
    s->target_s = r.target_s ? (unsigned)r.target_s : TARGET_S_DEFAULT;
    err = r.good < n ? cut_file(dir, s->file->list, r.good) : 0;
    mem_free(text);
    struct tail last;
    if (!err && s->last.n && !scan_segment(&last, dir, &s->last))
        s->listed_end = last.end;
    return err;
}
static int by_number(const void *a, const void *b) {
    const struct tail *x = a, *y = b;
    return x->name.n < y->name.n ? -1 : x->name.n > y->name.n;
}
/* Finds the unlisted segments of the take. */
static int find_tails(struct job *j) {
    DIR *d = opendir(j->dir);
    if (!d)
        return -ERR_IO;
    struct dirent *e;
    struct playlist_name name;
    int err = 0;
    while (!err && (e = readdir(d)) != NULL) {
        if (!playlist_name_parse(&name, str_of(e->d_name)) || name.take != j->take.take || !name.n ||
            name.lang[0])
            continue;
        for (size_t i = 0; i < RENDITION_COUNT; i++) {
            struct side *s = &j->sides[i];
            if (s->file->letter != name.letter || name.n <= s->last.n || s->n == RECOVER_TAIL)
                continue;
            int got = scan_segment(&s->tail[s->n], j->dir, &name);
            s->n += !got;
            err = got == -ERR_MISSING ? 0 : got;
        }
    }
    closedir(d);
    for (size_t i = 0; i < RENDITION_COUNT; i++)
        qsort(j->sides[i].tail, j->sides[i].n, sizeof(struct tail), by_number);
    return err;
}

static uint32_t last_run(const struct side *s) { return s->n ? s->tail[s->n - 1].name.run : s->last.run; }
static uint32_t last_n(const struct side *s) { return s->n ? s->tail[s->n - 1].name.n : s->last.n; }
static bool has_media(const struct side *s) { return s->n || s->last.n; }
static uint64_t end_ticks(const struct job *j, const struct side *s) {
    uint64_t base = (uint64_t)j->take.base_ms * s->file->timescale / 1000;
    return s->n ? s->tail[s->n - 1].end : s->last.n ? s->listed_end : base;
}
static int64_t to_us(const struct side *s, uint64_t ticks) {
    return (int64_t)(ticks * 1000000 / s->file->timescale);
}

/* The sound's runs follow the program's: a break that the program's part never reached is taken back. */
static int drop_orphan_runs(struct job *j) {
    struct side *a = &j->sides[RENDITION_AUDIO], *p = &j->sides[RENDITION_PROGRAM];
    while (has_media(p) && a->n && a->tail[a->n - 1].name.run > last_run(p))
        if (drop_file(j->dir, &a->tail[--a->n].name))
            return -ERR_IO;
    return 0;
}
static int64_t whole_units(const struct job *j, int64_t end_us) {
    int64_t quantum = SOUND_QUANTUM_MS * 1000, dur = end_us - j->take.base_ms * 1000;
    return j->take.base_ms + (dur + quantum - 1) / quantum * SOUND_QUANTUM_MS;
}
/* Media time at which all renditions shall end: behind the longest, whole in every unit. */
static int64_t common_end_ms(const struct job *j) {
    const struct side *a = &j->sides[RENDITION_AUDIO], *p = &j->sides[RENDITION_PROGRAM];
    int64_t longest = j->take.base_ms * 1000;
    for (size_t i = 0; i < RENDITION_COUNT; i++) {
        int64_t end = to_us(&j->sides[i], end_ticks(j, &j->sides[i]));
        longest = end > longest ? end : longest;
    }
    int64_t end_ms = whole_units(j, longest);
    /* A program that is filled begins a run there, and the sound needs a frame on either side of that. */
    bool is_filled = !p->n && to_us(p, end_ticks(j, p)) < end_ms * 1000;
    int64_t least = to_us(a, end_ticks(j, a) + 2 * SOUND_FRAME);
    return is_filled && has_media(a) && least > end_ms * 1000 ? whole_units(j, least) : end_ms;
}
static int stretch_last(const struct job *j, struct side *s, uint64_t end) {
    struct tail *t = &s->tail[s->n - 1];
    char name[PLAYLIST_URI_MAX], path[PATH_MAX];
    uint8_t dur[4];
    playlist_name(name, &t->name);
    int fd = path_of(path, j->dir, name) ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return -ERR_IO;
    int err = pread(fd, dur, 4, (off_t)t->last_dur) == 4 ? 0 : -ERR_IO;
    uint32_t v = (uint32_t)dur[0] << 24 | (uint32_t)dur[1] << 16 | (uint32_t)dur[2] << 8 | dur[3];
    v += (uint32_t)(end - t->end);
    for (int i = 0; i < 4; i++)
        dur[i] = (uint8_t)(v >> (24 - 8 * i));
    if (!err && (pwrite(fd, dur, 4, (off_t)t->last_dur) != 4 || fdatasync(fd)))
        err = -ERR_IO;
    close(fd);
    t->end = end;
    return err;
}
static int64_t wall_zero(const struct job *j) { return j->take.wall_ms - j->take.base_ms; }

static void list_tails(struct job *j, struct side *s) {
    uint32_t run = s->last.n ? s->last.run : 0;
    for (size_t i = 0; i < s->n; i++) {
        struct tail *t = &s->tail[i];
        struct playlist_name init = t->name;
        char uri[PLAYLIST_URI_MAX];
        struct buf b;
        buf_init(&b, 1024);
        if (!s->has_list)
            playlist_head(&b, s->target_s);
        init.n = 0;
        playlist_name(uri, &init);
        if (t->name.run != run)
            playlist_run(&b, uri, wall_zero(j) + to_us(s, t->at) / 1000, !s->any);
        playlist_name(uri, &t->name);
        playlist_segment(&b, uri, to_us(s, t->end) - to_us(s, t->at));
        disk_list(j->disk, 0, s->file->list, &b);
        s->has_list = s->any = true;
        run = t->name.run;
    }
}
static struct frag_cfg frag_of(const struct job *j, const struct side *s) {
    return (struct frag_cfg){.disk = j->disk,
                             .slot = 1,
                             .list = s->file->list,
                             .letter = s->file->letter,
                             .take = j->take.take,
                             .first_run = last_run(s) + 1,
                             .timescale = s->file->timescale,
                             .target_s = s->target_s,
                             .part_us = PART_US,
                             .wall_ms = wall_zero(j),
                             .listed = s->any};
}
static void ignore_run(void *arg, int64_t at_us, const struct picture *p, bool is_slate) {
    (void)arg, (void)at_us, (void)p, (void)is_slate;
}
/* A rendition without a segment that could be stretched ends in slate. */
static void fill_video(struct job *j, struct side *s, uint64_t from, int64_t end_ms) {
    struct lane_cfg cfg = {.frag = frag_of(j, s),
                           .name = s->file->name,
                           .base_us = to_us(s, from),
                           .segment_us = SEGMENT_US,
                           .frozen_us = SEGMENT_US,
                           .slate = &j->slate,
                           .on_run = ignore_run};
    struct lane l;
    lane_init(&l, &cfg);
    l.frag.name.n = last_n(s);
    lane_stop(&l, end_ms * 1000);
    s->tail[0] = (struct tail){.name = l.frag.name, .at = from, .end = l.frag.end};
    s->n = 1;
    s->any = s->has_list = true;
    lane_fini(&l);
}
/* Silence up to the end, with the program's breaks that the sound had not come to. */
static int fill_audio(struct job *j, int64_t end_ms) {
    struct side *s = &j->sides[RENDITION_AUDIO], *p = &j->sides[RENDITION_PROGRAM];
    uint64_t at = end_ticks(j, s), end = (uint64_t)end_ms * FMP4_AUDIO_HZ / 1000;
    struct playlist_name name = {.letter = 'a', .take = j->take.take, .run = last_run(s), .n = last_n(s)};
    struct fmp4_track track = aac_track();
    struct frag_cfg cfg = frag_of(j, s);
    struct frag f;
    struct buf quiet;
    buf_init(&quiet, FMP4_INIT_MAX);
    int err = aac_silence(&quiet);
    frag_init(&f, &cfg);
    if (has_media(s))
        frag_resume(&f, &name, FMP4_AUDIO, at);
    else
        frag_run(&f, at, &track);
    for (size_t i = 0; !err && at + SOUND_FRAME <= end; at += SOUND_FRAME) {
        while (i < p->n && p->tail[i].name.run <= f.name.run)
            i++;
        bool breaks = i < p->n && to_us(p, p->tail[i].at) <= to_us(s, at + SOUND_FRAME / 2);
        bool must = i < p->n && (last_run(p) - f.name.run) * SOUND_FRAME >= end - at;
        if ((breaks || must) && f.segment_open)
            frag_run(&f, at, &track);
        frag_sample(&f, SOUND_FRAME, true, (struct bytes){quiet.p, quiet.n});
        if (frag_segment_dur(&f) >= FMP4_AUDIO_HZ * 4)
            frag_cut(&f);
    }
    frag_cut(&f);
    frag_fini(&f);
    buf_fini(&quiet);
    return err;
}
/* The channels of interpreters, out of what the floor lists now. */
static int fill_tongues(const struct job *j) {
    char langs[TONGUES_MAX][PLAYLIST_LANG_MAX + 1];
    unsigned n = 0;
    int err = mend_langs(langs, &n, j->dir, true);
    for (unsigned i = 0; !err && i < n; i++)
        err = mend_tongue(j->disk, j->dir, langs[i], j->take.take);
    return err;
}
static int close_take(struct job *j, int64_t *end_ms) {
    int err = drop_orphan_runs(j);
    if (err)
        return err;
    *end_ms = common_end_ms(j);
    for (size_t i = 0; !err && i < RENDITION_COUNT; i++) {
        struct side *s = &j->sides[i];
        bool video = i != RENDITION_AUDIO, wanted = i != RENDITION_SCREEN || has_media(s) || s->any;
        uint64_t at = end_ticks(j, s), end = (uint64_t)*end_ms * s->file->timescale / 1000;
        if (!wanted || *end_ms == j->take.base_ms)
            continue;
        if (video && s->n && at < end)
            err = stretch_last(j, s, end);
        list_tails(j, s);
        if (video && !s->n && at < end)
            fill_video(j, s, at, *end_ms);
    }
    if (!err && *end_ms > j->take.base_ms)
        err = fill_audio(j, *end_ms);
    if (disk_flush(j->disk))
        err = -ERR_IO;
    if (!err)
        err = fill_tongues(j);
    if (disk_flush(j->disk))
        err = -ERR_IO;
    return err ? err : takes_end(j->dir, j->take.take, *end_ms, true);
}

static int64_t screen_offset(const char *dir, struct side *s) {
    char *text;
    size_t n;
    int64_t at_ms = -1;
    if (!s->any || takes_load(&text, &n, dir, s->file->list, RECOVER_LIST_MAX))
        return -1;
    struct playlist_rd r;
    struct playlist_entry e = {0};
    struct playlist_name name;
    struct tail first;
    playlist_open(&r, (struct str){text, n});
    if (playlist_next(&r, &e) && playlist_name_parse(&name, e.uri) && !scan_segment(&first, dir, &name))
        at_ms = to_us(s, first.at) / 1000;
    mem_free(text);
    return at_ms;
}
static int inspect(struct recovery *out, struct job *j, const struct takes *takes) {
    int err = 0;
    j->take = takes->v[takes->n - 1];
    for (size_t i = 0; !err && i < RENDITION_COUNT; i++) {
        j->sides[i].file = &rendition_files[i];
        j->sides[i].target_s = TARGET_S_DEFAULT;
        err = read_list(&j->sides[i], j->dir, j->take.take);
    }
    out->takes = j->take.take;
    out->end_ms = j->take.end_ms;
    out->last_torn = j->take.torn;
    out->finished = j->sides[RENDITION_PROGRAM].ended;
    if (err || j->take.end_ms >= 0)
        return err;
    LOG_INFO("recovering a torn take dir=%s take=%u", j->dir, j->take.take);
    out->repaired = out->last_torn = true;
    err = find_tails(j);
    if (err || disk_open(&j->disk, j->dir))
        return err ? err : -ERR_IO;
    slate_init(&j->slate);
    err = close_take(j, &out->end_ms);
    slate_fini(&j->slate);
    disk_close(j->disk);
    return err;
}
int recover_dir(struct recovery *out, const char *dir) {
    struct takes takes;
    *out = (struct recovery){.screen_offset_ms = -1};
    int err = takes_read(&takes, dir);
    if (!err && takes.n) {
        struct job *j = mem_zalloc(sizeof *j);
        j->dir = dir;
        err = inspect(out, j, &takes);
        for (size_t i = 0; i < RENDITION_COUNT; i++)
            out->listed[i] = j->sides[i].any;
        out->screen_offset_ms = screen_offset(dir, &j->sides[RENDITION_SCREEN]);
        if (!err)
            err = mend_langs(out->langs, &out->langs_n, dir, false);
        mem_free(j);
    }
    takes_fini(&takes);
    return err;
}
