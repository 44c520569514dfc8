#include "media/pipeline/mend.h"
#include <dirent.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/pipeline/box.h"
#include "media/pipeline/recover.h"
#include "media/pipeline/takes.h"

enum { SEGMENT_MAX = 4 << 20 /* of sound: 96 kb/s would take five minutes */ };

static void add_lang(char langs[TONGUES_MAX][PLAYLIST_LANG_MAX + 1], unsigned *n, const char *lang) {
    unsigned i = *n;
    for (unsigned k = 0; k < *n; k++)
        if (!strcmp(langs[k], lang))
            return;
    if (i == TONGUES_MAX)
        return;
    for (; i && strcmp(langs[i - 1], lang) > 0; i--)
        memcpy(langs[i], langs[i - 1], sizeof langs[i]);
    str_copy(langs[i], PLAYLIST_LANG_MAX + 1, str_of(lang));
    (*n)++;
}
int mend_langs(char langs[TONGUES_MAX][PLAYLIST_LANG_MAX + 1], unsigned *n, const char *dir, bool files) {
    DIR *d = opendir(dir);
    struct dirent *e;
    *n = 0;
    if (!d)
        return -ERR_IO;
    while ((e = readdir(d)) != NULL) {
        struct playlist_name name;
        char lang[PLAYLIST_LANG_MAX + 1];
        if (playlist_lang_parse(lang, str_of(e->d_name)))
            add_lang(langs, n, lang);
        else if (files && playlist_name_parse(&name, str_of(e->d_name)) && name.lang[0])
            add_lang(langs, n, name.lang);
    }
    closedir(d);
    return 0;
}

static int load(struct bytes *out, const char *dir, const struct playlist_name *name) {
    char file[PLAYLIST_URI_MAX], *p;
    size_t n;
    playlist_name(file, name);
    int err = takes_load(&p, &n, dir, file, SEGMENT_MAX);
    *out = err ? (struct bytes){0} : (struct bytes){(uint8_t *)p, n};
    return err;
}
struct extent {
    uint64_t at, end;
    size_t size; /* of its whole parts */
};
/* Its whole parts, up to `limit`. False: there is none. */
static bool measure(struct extent *out, struct bytes file, uint64_t limit) {
    struct box_part part;
    size_t off = 0;
    *out = (struct extent){0};
    while (!box_part(&part, file, &off) && part.tfdt + part.dur <= limit) {
        if (!out->size)
            out->at = part.tfdt;
        out->end = part.tfdt + part.dur;
        out->size = off;
    }
    return out->size > 0;
}
/* The floor's frames from `from` on, as a part. */
static void borrow(struct buf *out, struct bytes floor, uint64_t from) {
    struct box_part part;
    struct fmp4_sample s, v[FRAG_PART_SAMPLES];
    struct buf data;
    size_t off = 0, n = 0;
    buf_init(&data, SEGMENT_MAX);
    while (!box_part(&part, floor, &off)) {
        uint64_t at = part.tfdt;
        size_t place = part.data;
        while (box_sample(&part, &s)) {
            if (at >= from && n < FRAG_PART_SAMPLES && place + s.size <= floor.n) {
                v[n++] = s;
                buf_put(&data, floor.p + place, s.size);
            }
            at += s.dur;
            place += s.size;
        }
    }
    fmp4_part(out, FMP4_AUDIO, 1, from, v, n);
    buf_put(out, data.p, data.n);
    buf_fini(&data);
}
/* What of the channel's file is good, and the floor behind it, in its place. */
static int lengthen(struct disk *disk, const char *file, struct bytes own, struct bytes floor,
                    const struct extent *is) {
    struct buf b;
    buf_init(&b, 2 * SEGMENT_MAX);
    buf_put(&b, own.p, is->size);
    struct extent whole;
    if (measure(&whole, floor, UINT64_MAX) && whole.end > is->end)
        borrow(&b, floor, is->end);
    if (b.over) {
        buf_fini(&b);
        return -ERR_TOO_LARGE;
    }
    disk_file(disk, file, &b);
    return 0;
}
/* Is there a segment of the channel in place of this one? A torn one is mended; what cannot be is left alone.
 */
static bool has_own(struct disk *disk, const char *dir, const struct playlist_name *name, bool torn) {
    struct bytes own, floor;
    struct extent has, whole;
    struct playlist_name of_floor = *name;
    char file[PLAYLIST_URI_MAX];
    of_floor.lang[0] = 0;
    if (load(&own, dir, name))
        return false;
    bool ok = true;
    if (torn) {
        ok = !load(&floor, dir, &of_floor) && measure(&whole, floor, UINT64_MAX) &&
             measure(&has, own, whole.end) && has.at == whole.at;
        playlist_name(file, name);
        if (ok && (has.end != whole.end || has.size != own.n))
            ok = !lengthen(disk, file, own, floor, &has);
        mem_free((void *)(uintptr_t)floor.p);
    }
    mem_free((void *)(uintptr_t)own.p);
    return ok;
}
/* The floor's list line by line: those that name a segment of it name the channel's, if there is one. */
static void put_list(struct buf *out, struct disk *disk, const char *dir, const char *lang, struct str list,
                     uint32_t take, unsigned *own) {
    struct str rest = list, line;
    char file[PLAYLIST_URI_MAX];
    while (str_line(&rest, &line)) {
        struct playlist_name name;
        if (playlist_name_parse(&name, line) && name.n && STR_COPY(name.lang, str_of(lang)) &&
            has_own(disk, dir, &name, name.take == take)) {
            playlist_name(file, &name);
            line = str_of(file);
            (*own)++;
        }
        buf_str(out, line);
        buf_z(out, "\n");
    }
}
int mend_tongue(struct disk *disk, const char *dir, const char *lang, uint32_t take) {
    char *text, file[PLAYLIST_URI_MAX];
    size_t n;
    struct buf b;
    unsigned own = 0;
    int err = takes_load(&text, &n, dir, rendition_files[RENDITION_AUDIO].list, RECOVER_LIST_MAX);
    if (err)
        return err == -ERR_MISSING ? 0 : err;
    buf_init(&b, 2 * RECOVER_LIST_MAX);
    put_list(&b, disk, dir, lang, (struct str){text, n}, take, &own);
    playlist_lang_file(file, lang);
    if (own && !b.over)
        disk_file(disk, file, &b);
    else
        buf_fini(&b);
    mem_free(text);
    return 0;
}
