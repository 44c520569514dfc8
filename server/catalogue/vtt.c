#include "server/catalogue/vtt.h"

#include "media/base/err.h"
#include "server/rooms/captions.h"

enum { CUE_MAX_BYTES = 5 * ROOM_TEXT_MAX + 128 };

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
    buf_printf(&b, "\n%llu\n", (unsigned long long)v->n);
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
    v->cues++;
}

void vtt_put(struct vtt *v, uint64_t n, struct vtt_span at, struct str text) {
    struct str line;
    flush(v, INT64_MAX);
    v->n = n;
    v->start_ms = at.start_ms;
    v->end_ms = at.end_ms;
    while (str_until(&text, '\n', &line)) {
        if (line.n && v->cue.n)
            buf_z(&v->cue, "\n");
        put_escaped(&v->cue, line);
    }
    flush(v, INT64_MAX);
}

void vtt_add(struct vtt *v, uint64_t n, struct vtt_span at, struct str line) {
    int64_t start_ms = at.start_ms, end_ms = at.end_ms;
    if (start_ms < 0)
        start_ms = 0;
    if (v->cue.n && start_ms < v->start_ms + VTT_LEAST_MS)
        start_ms = v->start_ms + VTT_LEAST_MS; /* two at once are read one after the other */
    if (end_ms < start_ms)
        end_ms = start_ms;
    int64_t read_ms = VTT_READ_MS + VTT_READ_CHAR_MS * (int64_t)room_chars(line);
    flush(v, start_ms);
    v->n = n;
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
