#include "media/pipeline/reel.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/pipeline/playlist.h"
#include "media/pipeline/takes.h"

struct reel {
    const char *dir; /* borrowed */
    char *list, *init;
    struct str init_name; /* view into list */
    struct playlist_rd rd;
    struct playlist_entry entry;
    struct fmp4_track track;
    bool has_track, new_run;
    uint32_t timescale;
    struct bytes file; /* the mapped segment */
    size_t off;        /* next part */
    struct box_part part;
    bool in_part;
    size_t data; /* next sample's bytes */
    uint64_t at;
};

static int open_list(struct reel **out, const char *dir, const char *file, uint32_t timescale) {
    char *list;
    size_t n;
    int err = takes_load(&list, &n, dir, file, RECOVER_LIST_MAX);
    if (err)
        return err;
    struct reel *r = mem_zalloc(sizeof *r);
    r->dir = dir;
    r->list = list;
    r->timescale = timescale;
    playlist_open(&r->rd, (struct str){list, n});
    *out = r;
    return 0;
}
int reel_open(struct reel **out, const char *dir, enum rendition which) {
    return open_list(out, dir, rendition_files[which].list, rendition_files[which].timescale);
}
int reel_open_tongue(struct reel **out, const char *dir, const char *lang) {
    char file[PLAYLIST_URI_MAX];
    playlist_lang_file(file, lang);
    return open_list(out, dir, file, FMP4_AUDIO_HZ);
}
static void unmap(struct reel *r) {
    if (r->file.n)
        munmap((void *)(uintptr_t)r->file.p, r->file.n);
    r->file = (struct bytes){0};
    r->off = 0;
    r->in_part = false;
}
void reel_close(struct reel *r) {
    if (!r)
        return;
    unmap(r);
    mem_free(r->list);
    mem_free(r->init);
    mem_free(r);
}
static bool map_segment(struct reel *r, struct str uri) {
    char path[PATH_MAX];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/" STR_FMT, r->dir, STR_ARG(uri)) >= (int)sizeof path)
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    void *p = !fstat(fd, &st) && st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
                                            : MAP_FAILED;
    close(fd);
    if (p == MAP_FAILED)
        return false;
    r->file = (struct bytes){p, (size_t)st.st_size};
    return true;
}
static bool load_init(struct reel *r, struct str name) {
    char uri[PLAYLIST_URI_MAX];
    size_t n;
    if (r->has_track && str_eq(name, r->init_name))
        return true;
    mem_free(r->init);
    r->init = NULL;
    r->has_track = STR_COPY(uri, name) && !takes_load(&r->init, &n, r->dir, uri, FMP4_INIT_MAX) &&
                   !box_init(&r->track, (struct bytes){(uint8_t *)r->init, n}) &&
                   r->track.timescale == r->timescale;
    r->init_name = name;
    r->new_run = true;
    return r->has_track;
}
static bool next_segment(struct reel *r) {
    unmap(r);
    while (playlist_next(&r->rd, &r->entry))
        if (playlist_name_parse(&(struct playlist_name){0}, r->entry.uri) && load_init(r, r->entry.init) &&
            map_segment(r, r->entry.uri))
            return true;
    return false;
}
bool reel_next(struct reel *r, struct reel_sample *out) {
    struct fmp4_sample s;
    for (;;) {
        if (r->in_part && box_sample(&r->part, &s)) {
            *out = (struct reel_sample){.at = r->at,
                                        .dur = s.dur,
                                        .sync = s.sync,
                                        .new_run = r->new_run,
                                        .data = {r->file.p + r->data, s.size}};
            r->data += s.size;
            r->at += s.dur;
            r->new_run = false;
            return true;
        }
        r->in_part = r->file.n && !box_part(&r->part, r->file, &r->off);
        if (r->in_part) {
            r->data = r->part.data;
            r->at = r->part.tfdt;
        } else if (!next_segment(r)) {
            return false;
        }
    }
}
const struct fmp4_track *reel_track(const struct reel *r) { return r->has_track ? &r->track : NULL; }
uint32_t reel_timescale(const struct reel *r) { return r->timescale; }
