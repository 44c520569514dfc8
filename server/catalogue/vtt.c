#include "server/catalogue/vtt.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/roomlog.h"
#include "server/rooms/captions.h"
#include "server/store/datadir.h"

enum { CUE_MAX_BYTES = 5 * ROOM_TEXT_MAX + 128, FILE_NAME_MAX = 32 };

/* ---- the file ---- */

void vtt_begin(struct vtt *v, const char *lang) {
    *v = (struct vtt){.start_ms = 0};
    STR_COPY(v->lang, str_of(lang));
    buf_init(&v->text, VTT_BYTES_MAX);
    buf_init(&v->cue, CUE_MAX_BYTES);
    buf_z(&v->text, "WEBVTT\n");
}

void vtt_free(struct vtt *v) {
    buf_fini(&v->text);
    buf_fini(&v->cue);
}

static void put_time(struct buf *b, int64_t ms) {
    buf_printf(b, "%02lld:%02lld:%02lld.%03lld", (long long)(ms / 3600000), (long long)(ms / 60000 % 60),
               (long long)(ms / 1000 % 60), (long long)(ms % 1000));
}

/* WebVTT 4.2.2: cue text has no "&" and "<" but as escapes, and no "-->"; a line break ends a line, two of
 * them the cue. */
static void put_escaped(struct buf *b, struct str text) {
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '&')
            buf_z(b, "&amp;");
        else if (c == '<')
            buf_z(b, "&lt;");
        else if (c == '>')
            buf_z(b, "&gt;");
        else
            buf_put(b, c < 0x20 ? " " : &text.p[i], 1);
    }
}

/* The cue that waits, no longer than until `until_ms`. */
static void flush(struct vtt *v, int64_t until_ms) {
    if (!v->cue.n)
        return;
    struct buf b;
    buf_init(&b, CUE_MAX_BYTES);
    buf_z(&b, "\n");
    put_time(&b, v->start_ms);
    buf_z(&b, " --> ");
    put_time(&b, v->end_ms < until_ms ? v->end_ms : until_ms);
    buf_z(&b, "\n");
    buf_str(&b, buf_view(&v->cue));
    buf_z(&b, "\n");
    if (b.over || v->text.n + b.n > VTT_BYTES_MAX)
        v->left_out++;
    else
        buf_str(&v->text, buf_view(&b));
    buf_fini(&b);
    buf_reset(&v->cue);
}

void vtt_add(struct vtt *v, int64_t start_ms, int64_t end_ms, struct str line) {
    if (start_ms < 0)
        start_ms = 0;
    if (v->cue.n && start_ms < v->start_ms + VTT_LEAST_MS)
        start_ms = v->start_ms + VTT_LEAST_MS; /* two at once are read one after the other */
    if (end_ms < start_ms)
        end_ms = start_ms;
    int64_t read_ms = VTT_READ_MS + VTT_READ_CHAR_MS * (int64_t)room_chars(line);
    flush(v, start_ms);
    v->start_ms = start_ms;
    v->end_ms = end_ms + (read_ms < VTT_READ_MAX_MS ? read_ms : VTT_READ_MAX_MS);
    put_escaped(&v->cue, line);
}

void vtt_end(struct vtt *v) { flush(v, INT64_MAX); }

int64_t vtt_media_ms(const struct json *takes, int64_t at_ms) {
    int64_t best = -1, t = -1;
    for (size_t i = 0; i < json_len(takes); i++) {
        const struct json *take = json_at(takes, i);
        int64_t wall = 0, base = 0, end = 0;
        if (!json_get_int(take, "wall_ms", &wall) || !json_get_int(take, "base_ms", &base) || wall > at_ms ||
            wall <= best)
            continue;
        best = wall;
        t = base + (at_ms - wall);
        if (json_get_int(take, "end_ms", &end) && t > end)
            t = end;
    }
    return t;
}

/* ---- out of the log ---- */

struct gathering {
    const struct json *takes;
    struct vtt v[VTT_LANGS_MAX];
    size_t n, left_out;
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

static void gather(struct gathering *g, const struct json *j) {
    struct str type = {"", 0}, lang = {"", 0}, text = {"", 0};
    int64_t at = 0, ago = 0;
    (void)json_get_str(j, "type", &type);
    (void)json_get_int(j, "ago", &ago);
    if (!str_is(type, "caption") || !json_get_str(j, "lang", &lang) || !captions_lang_ok(lang) ||
        !json_get_str(j, "text", &text) || !json_get_int(j, "at", &at))
        return;
    int64_t end = vtt_media_ms(g->takes, at);
    if (end < 0) /* said before the recording */
        return;
    struct vtt *v = of_lang(g, lang);
    if (v)
        vtt_add(v, vtt_media_ms(g->takes, at - ago), end, text);
    else
        g->left_out++;
}

static int on_line(void *ctx, const struct roomlog_line *l) {
    struct json *j = NULL;
    if (!memmem(l->json.p, l->json.n, "\"caption\"", 9) || json_parse(&j, l->json) < 0)
        return 0;
    gather(ctx, j);
    json_free(j);
    return 0;
}

int vtt_publish(struct store *s, const char *data_dir, const char *id) {
    struct json *takes = recdir_takes(data_dir, id);
    struct gathering g = {.takes = takes};
    int err = roomlog_read(s, id, 0, on_line, &g);
    for (size_t i = 0; i < g.n; i++) {
        char file[FILE_NAME_MAX];
        vtt_end(&g.v[i]);
        g.left_out += g.v[i].left_out;
        snprintf(file, sizeof file, VTT_FILE, g.v[i].lang);
        if (!err)
            err = recdir_replace(data_dir, id, file, buf_view(&g.v[i].text));
        vtt_free(&g.v[i]);
    }
    if (g.left_out)
        LOG_WARN("captions are too many, lines left out room=%s lines=%zu", id, g.left_out);
    json_free(takes);
    return err;
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

size_t vtt_langs(const char *data_dir, const char *id, char out[VTT_LANGS_MAX][VTT_LANG_MAX + 1]) {
    char dir[DATADIR_PATH_MAX + 64];
    size_t n = 0;
    DIR *d = datadir_rec(data_dir, id, dir) ? NULL : opendir(dir);
    if (!d)
        return 0;
    for (struct dirent *e; n < VTT_LANGS_MAX && (e = readdir(d));) {
        char lang[VTT_LANG_MAX + 1], file[FILE_NAME_MAX];
        if (sscanf(e->d_name, "captions-%3[a-z].vtt", lang) != 1)
            continue;
        snprintf(file, sizeof file, VTT_FILE, lang);
        if (!strcmp(file, e->d_name))
            STR_COPY(out[n++], str_of(lang));
    }
    closedir(d);
    qsort(out, n, sizeof *out, by_name);
    return n;
}
