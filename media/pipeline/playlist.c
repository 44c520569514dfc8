#include "media/pipeline/playlist.h"
#include <stdio.h>
#include <time.h>

void playlist_head(struct buf *b, unsigned target_s) {
    buf_printf(b,
               "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%u\n#EXT-X-PLAYLIST-TYPE:EVENT\n"
               "#EXT-X-MEDIA-SEQUENCE:0\n",
               target_s);
}
static void put_date(struct buf *b, int64_t wall_ms) {
    struct tm tm;
    time_t s = (time_t)(wall_ms / 1000);
    char text[32];
    gmtime_r(&s, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    buf_printf(b, "#EXT-X-PROGRAM-DATE-TIME:%s.%03dZ\n", text, (int)(wall_ms % 1000));
}
void playlist_run(struct buf *b, const char *init, int64_t wall_ms, bool first) {
    if (!first)
        buf_z(b, "#EXT-X-DISCONTINUITY\n");
    buf_printf(b, "#EXT-X-MAP:URI=\"%s\"\n", init);
    put_date(b, wall_ms);
}
void playlist_segment(struct buf *b, const char *uri, int64_t dur_us) {
    buf_printf(b, "#EXTINF:%lld.%06lld,\n%s\n", (long long)(dur_us / 1000000), (long long)(dur_us % 1000000),
               uri);
}
void playlist_end(struct buf *b) { buf_z(b, "#EXT-X-ENDLIST\n"); }

void playlist_open(struct playlist_rd *r, struct str text) {
    *r = (struct playlist_rd){.rest = text, .start = text.p};
}

/* A line that ends in LF; a torn one is none. */
static bool whole_line(struct str *s, struct str *line) {
    const char *lf = s->n ? memchr(s->p, '\n', s->n) : NULL;
    if (!lf)
        return false;
    *line = (struct str){s->p, (size_t)(lf - s->p)};
    s->n -= line->n + 1;
    s->p = lf + 1;
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}
static bool tagged(struct str line, const char *tag, struct str *value) {
    struct str t = str_of(tag);
    if (!str_starts(line, t))
        return false;
    *value = (struct str){line.p + t.n, line.n - t.n};
    return true;
}
/* "4.010667,title" */
static bool parse_dur(struct str s, int64_t *out_us) {
    struct str num, whole, frac;
    uint64_t sec, part = 0;
    if (!str_until(&s, ',', &num) || !str_until(&num, '.', &whole) || str_u64(whole, 1000000, &sec))
        return false;
    frac = num;
    if (frac.n > 6)
        frac.n = 6;
    if (frac.n && str_u64(frac, 999999, &part))
        return false;
    for (size_t i = frac.n; frac.n && i < 6; i++)
        part *= 10;
    *out_us = (int64_t)(sec * 1000000 + part);
    return true;
}
static bool parse_date(struct str s, int64_t *out_ms) {
    char text[40];
    int y, mo, d, h, mi, sec, ms;
    if (!STR_COPY(text, s) ||
        sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &y, &mo, &d, &h, &mi, &sec, &ms) != 7)
        return false;
    struct tm tm = {
        .tm_year = y - 1900, .tm_mon = mo - 1, .tm_mday = d, .tm_hour = h, .tm_min = mi, .tm_sec = sec};
    *out_ms = (int64_t)timegm(&tm) * 1000 + ms;
    return true;
}
static void parse_map(struct str v, struct playlist_entry *e) {
    struct str tail = v;
    if (!str_starts(tail, STR("URI=\"")))
        return;
    tail.p += 5;
    tail.n -= 5;
    str_until(&tail, '"', &e->init);
}
bool playlist_next(struct playlist_rd *r, struct playlist_entry *e) {
    struct str line, v;
    bool has_dur = false;
    uint64_t target;
    e->discontinuity = false;
    while (whole_line(&r->rest, &line)) {
        if (!r->head) {
            r->head = str_is(line, "#EXTM3U");
            if (!r->head)
                return false;
            r->good = (size_t)(r->rest.p - r->start);
        } else if (tagged(line, "#EXTINF:", &v)) {
            has_dur = parse_dur(v, &e->dur_us);
        } else if (tagged(line, "#EXT-X-MAP:", &v)) {
            parse_map(v, e);
            e->wall_ms = -1;
        } else if (tagged(line, "#EXT-X-PROGRAM-DATE-TIME:", &v)) {
            parse_date(v, &e->wall_ms);
        } else if (tagged(line, "#EXT-X-TARGETDURATION:", &v)) {
            if (!str_u64(v, 3600, &target))
                r->target_s = (int64_t)target;
        } else if (str_is(line, "#EXT-X-DISCONTINUITY")) {
            e->discontinuity = true;
        } else if (str_is(line, "#EXT-X-ENDLIST")) {
            r->ended = true;
            r->good = (size_t)(r->rest.p - r->start);
        } else if (line.n && line.p[0] != '#' && has_dur) {
            e->uri = line;
            r->good = (size_t)(r->rest.p - r->start);
            return true;
        }
        /* header lines belong to what is good; a run's lines only together with its first segment */
        if (!e->uri.p && !has_dur && !e->init.p && !e->discontinuity)
            r->good = (size_t)(r->rest.p - r->start);
    }
    return false;
}

void playlist_name(char out[PLAYLIST_URI_MAX], const struct playlist_name *n) {
    if (n->n)
        snprintf(out, PLAYLIST_URI_MAX, "%c%u-%u-%04u%s%s.m4s", n->letter, n->take, n->run, n->n,
                 n->lang[0] ? "-" : "", n->lang);
    else
        snprintf(out, PLAYLIST_URI_MAX, "%c%u-%u-init.mp4", n->letter, n->take, n->run);
}
bool playlist_name_parse(struct playlist_name *out, struct str s) {
    struct str take, run, tail, number;
    uint64_t v[3] = {0};
    *out = (struct playlist_name){0};
    if (s.n < 2 || !memchr("aps", s.p[0], 3))
        return false;
    out->letter = s.p[0];
    s.p++;
    s.n--;
    if (!str_until(&s, '-', &take) || !str_until(&s, '-', &run) || !str_until(&s, '.', &tail) ||
        str_u64(take, UINT32_MAX, &v[0]) || str_u64(run, UINT32_MAX, &v[1]))
        return false;
    if (str_is(tail, "init") && str_is(s, "mp4"))
        v[2] = 0;
    else if (!str_is(s, "m4s") || !str_until(&tail, '-', &number) || str_u64(number, UINT32_MAX, &v[2]) ||
             !v[2])
        return false;
    if (v[2] && number.p + number.n != s.p - 1 && /* a language follows */
        (out->letter != 'a' || !playlist_lang_ok(tail) || !STR_COPY(out->lang, tail)))
        return false;
    out->take = (uint32_t)v[0];
    out->run = (uint32_t)v[1];
    out->n = (uint32_t)v[2];
    return out->take && out->run;
}

enum { SUBTAG_MAX = 8 }; /* RFC 5646 2.1 */

bool playlist_lang_ok(struct str lang) {
    struct str rest = lang, sub;
    bool ok = lang.n >= 2 && lang.n <= PLAYLIST_LANG_MAX && lang.p[lang.n - 1] != '-';
    for (bool first = true; ok && str_until(&rest, '-', &sub); first = false) {
        ok = sub.n >= (first ? 2 : 1) && sub.n <= SUBTAG_MAX;
        for (size_t i = 0; ok && i < sub.n; i++)
            ok = (sub.p[i] >= 'a' && sub.p[i] <= 'z') || (!first && sub.p[i] >= '0' && sub.p[i] <= '9');
    }
    return ok;
}
void playlist_lang_file(char out[PLAYLIST_URI_MAX], const char *lang) {
    snprintf(out, PLAYLIST_URI_MAX, "audio-%s.m3u8", lang);
}
bool playlist_lang_parse(char out[PLAYLIST_LANG_MAX + 1], struct str file) {
    struct str head = STR("audio-"), end = STR(".m3u8");
    if (file.n <= head.n + end.n || !str_starts(file, head) ||
        memcmp(file.p + file.n - end.n, end.p, end.n) != 0)
        return false;
    struct str lang = {file.p + head.n, file.n - head.n - end.n};
    return playlist_lang_ok(lang) && str_copy(out, PLAYLIST_LANG_MAX + 1, lang);
}
