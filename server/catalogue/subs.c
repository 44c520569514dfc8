#include "server/catalogue/subs.h"

#include <string.h>

#include "media/base/err.h"
#include "server/rooms/event.h"

static const struct {
    const char *name, *text;
} faults[] = {{"", ""},
#define X(name, wire, text) {wire, text},
              SUBS_FAULTS(X)
#undef X
};

const char *subs_fault_name(enum subs_fault f) { return faults[f].name; }
const char *subs_fault_text(enum subs_fault f) { return faults[f].text; }

static int refuse(struct subs *p, enum subs_fault f) {
    p->fault = f;
    return -ERR_INVALID;
}

/* ---- lines ---- */

/* 1: the next line, ended by CR, LF, both, or the end (WebVTT 4.1); 0: there is none. */
static int next_line(struct subs *p, struct str *out) {
    size_t n = 0;
    if (!p->rest.n)
        return 0;
    while (n < p->rest.n && p->rest.p[n] != '\n' && p->rest.p[n] != '\r')
        n++;
    *out = (struct str){p->rest.p, n};
    size_t skip = n < p->rest.n ? n + 1 : n;
    if (n + 1 < p->rest.n && p->rest.p[n] == '\r' && p->rest.p[n + 1] == '\n')
        skip++;
    p->rest.p += skip;
    p->rest.n -= skip;
    p->line++;
    return str_utf8_ok(*out) ? 1 : refuse(p, SUBS_UTF8);
}

static bool is_blank(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' && s.p[i] != '\t')
            return false;
    return true;
}

/* An empty one ends a block; in SubRip, which people write by hand, spaces are as good as nothing. */
static bool is_end(const struct subs *p, struct str s) { return p->is_srt ? is_blank(s) : !s.n; }

static bool has_arrow(struct str s) { return memmem(s.p, s.n, "-->", 3) != NULL; }

/* The line begins with this word and then ends, or a space follows. */
static bool is_word(struct str s, struct str word) {
    return s.n >= word.n && !memcmp(s.p, word.p, word.n) &&
           (s.n == word.n || s.p[word.n] == ' ' || s.p[word.n] == '\t');
}

/* ---- times ---- */

static bool digits(struct str *s, size_t least, size_t most, int64_t *out) {
    size_t n = 0;
    for (*out = 0; n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        *out = *out * 10 + (s->p[n] - '0');
    s->p += n;
    s->n -= n;
    return n >= least;
}

static bool sign(struct str *s, const char *any) {
    if (!s->n || !s->p[0] || !strchr(any, s->p[0]))
        return false;
    s->p++;
    s->n--;
    return true;
}

static size_t spaces(struct str *s) {
    size_t n = 0;
    while (sign(s, " \t"))
        n++;
    return n;
}

/* hh:mm:ss.mmm; in WebVTT hours may be missing (4.2.1), in SubRip the point is a comma. */
static bool time_of(struct str *s, bool is_srt, int64_t *ms) {
    int64_t h = 0, m, sec, frac;
    if (!digits(s, is_srt ? 1 : 2, 2, &m) || !sign(s, ":") || !digits(s, 2, 2, &sec))
        return false;
    if (sign(s, ":")) {
        h = m;
        m = sec;
        if (!digits(s, 2, 2, &sec))
            return false;
    } else if (is_srt) {
        return false;
    }
    if (!sign(s, is_srt ? ",." : ".") || !digits(s, 3, 3, &frac) || m > 59 || sec > 59)
        return false;
    *ms = ((h * 60 + m) * 60 + sec) * 1000 + frac;
    return true;
}

/* What comes behind the second time says where a cue stands: not kept. */
static int times(struct subs *p, struct str s, struct subs_cue *out) {
    (void)spaces(&s);
    bool ok = time_of(&s, p->is_srt, &out->start_ms) && spaces(&s) && sign(&s, "-") && sign(&s, "-") &&
              sign(&s, ">") && spaces(&s) && time_of(&s, p->is_srt, &out->end_ms);
    if (!ok || (s.n && !spaces(&s)))
        return refuse(p, SUBS_TIMES);
    if (out->end_ms <= out->start_ms)
        return refuse(p, SUBS_ENDS);
    if (out->start_ms < p->start_ms)
        return refuse(p, SUBS_ORDER);
    p->start_ms = out->start_ms;
    return 0;
}

/* ---- words ---- */

static bool put(struct subs_cue *c, const char *p, size_t n) {
    if (c->n + n > sizeof c->text)
        return false;
    memcpy(c->text + c->n, p, n);
    c->n += n;
    return true;
}

/* How long the tag is that begins here, 0: none does. In SubRip also "{\an8}". */
static size_t tag_of(struct str s, bool is_srt) {
    bool is_brace = is_srt && s.n > 1 && s.p[0] == '{' && s.p[1] == '\\';
    bool is_angle = s.n > 1 && s.p[0] == '<' &&
                    (s.p[1] == '/' || (s.p[1] >= '0' && s.p[1] <= '9') ||
                     ((s.p[1] | 0x20) >= 'a' && (s.p[1] | 0x20) <= 'z'));
    const char *end = is_brace ? memchr(s.p, '}', s.n) : is_angle ? memchr(s.p, '>', s.n) : NULL;
    return end ? (size_t)(end - s.p) + 1 : 0;
}

/* WebVTT 4.2.2; what else begins with "&" is meant as it is. */
static size_t escape_of(struct str s, struct str *out) {
    static const struct {
        struct str name, is;
    } all[] = {{{"&amp;", 5}, {"&", 1}},         {{"&lt;", 4}, {"<", 1}}, {{"&gt;", 4}, {">", 1}},
               {{"&nbsp;", 6}, {"\xc2\xa0", 2}}, {{"&lrm;", 5}, {"", 0}}, {{"&rlm;", 5}, {"", 0}}};
    for (size_t i = 0; i < countof(all); i++) {
        if (s.n >= all[i].name.n && !memcmp(s.p, all[i].name.p, all[i].name.n)) {
            *out = all[i].is;
            return all[i].name.n;
        }
    }
    return 0;
}

/* One line of a cue, without its tags; one of which nothing is left is none. */
static int words(struct subs *p, struct str s, struct subs_cue *c) {
    size_t from = c->n;
    bool ok = !from || put(c, "\n", 1);
    size_t begin = c->n;
    for (size_t i = 0, n; ok && i < s.n; i += n) {
        struct str here = {s.p + i, s.n - i}, is = {s.p + i, 1};
        n = tag_of(here, p->is_srt);
        if (n)
            continue;
        if (!p->is_srt && s.p[i] == '<')
            return refuse(p, SUBS_TAG);
        n = p->is_srt ? 0 : escape_of(here, &is);
        if (s.p[i] == '\t')
            is = STR(" ");
        ok = put(c, is.p, is.n);
        n = n ? n : 1;
    }
    while (c->n > begin && c->text[c->n - 1] == ' ')
        c->n--;
    size_t lead = begin;
    while (lead < c->n && c->text[lead] == ' ')
        lead++;
    memmove(c->text + begin, c->text + lead, c->n - lead);
    c->n -= lead - begin;
    if (c->n == begin)
        c->n = from;
    return ok ? 0 : refuse(p, SUBS_WORDS);
}

/* ---- the file ---- */

/* What stands above the first cue; leaves the reader at the first line that is none of it. */
static int header(struct subs *p) {
    struct subs at;
    struct str line = {"", 0};
    int rc;
    do {
        at = *p;
    } while ((rc = next_line(p, &line)) > 0 && is_blank(line));
    if (rc < 0)
        return rc;
    if (at.line == 0 && is_word(line, STR("WEBVTT"))) {
        while ((rc = next_line(p, &line)) > 0 && line.n)
            if (has_arrow(line))
                return refuse(p, SUBS_TIMES);
        return rc < 0 ? rc : 0;
    }
    int64_t number;
    struct str head = line;
    bool is_number = digits(&head, 1, 9, &number) && is_blank(head);
    if (!is_number && !has_arrow(line))
        return refuse(p, SUBS_KIND);
    *p = at;
    p->is_srt = true;
    return 0;
}

int subs_open(struct subs *p, struct str file) {
    *p = (struct subs){.rest = file};
    if (!file.n)
        return refuse(p, SUBS_SIZE);
    if (file.n >= 3 && !memcmp(file.p, "\xef\xbb\xbf", 3)) {
        p->rest.p += 3;
        p->rest.n -= 3;
    }
    return header(p);
}

/* Comments and styles of WebVTT (4.1). */
static bool is_aside(const struct subs *p, struct str line) {
    return !p->is_srt && !has_arrow(line) &&
           (is_word(line, STR("NOTE")) || is_word(line, STR("STYLE")) || is_word(line, STR("REGION")));
}

static int skip_block(struct subs *p) {
    struct str line;
    int rc;
    while ((rc = next_line(p, &line)) > 0 && line.n)
        ;
    return rc;
}

/* From its first line: perhaps a name, times, words. */
static int cue(struct subs *p, struct str line, struct subs_cue *out) {
    int rc = 1;
    if (!has_arrow(line))
        rc = next_line(p, &line);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return refuse(p, SUBS_TIMES);
    int err = times(p, line, out);
    size_t at = p->line;
    while (!err && (rc = next_line(p, &line)) > 0 && !is_end(p, line)) {
        if (has_arrow(line))
            return refuse(p, SUBS_TIMES); /* the empty line between two cues is missing */
        err = words(p, line, out);
    }
    if (err || rc < 0)
        return err ? err : rc;
    struct str text = {out->text, out->n};
    if (!text.n || (room_text_ok(text) && room_chars(text) <= SUBS_CUE_CHARS))
        return 0;
    p->line = at;
    return refuse(p, SUBS_WORDS);
}

int subs_next(struct subs *p, struct subs_cue *out) {
    struct str line;
    int rc, err;
    while ((rc = next_line(p, &line)) > 0) {
        if (is_blank(line))
            continue;
        out->n = 0;
        err = is_aside(p, line) ? skip_block(p) : cue(p, line, out);
        if (err < 0)
            return err;
        if (!out->n)
            continue;
        if (++p->cues > SUBS_CUES_MAX)
            return refuse(p, SUBS_MANY);
        return 1;
    }
    if (!rc && !p->cues)
        return refuse(p, SUBS_NONE);
    return rc;
}
