#include "server/catalogue/search.h"

#include <stdio.h>

#include "media/base/fold.h"

/* What the index's tokenizer (unicode61) treats as a word, as far as people here write: letters and digits.
 */
static bool is_word(uint32_t c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= 0xc0 && c < 0x2000 && c != 0xd7 && c != 0xf7) || (c >= 0x3040 && c < 0xfe00);
}

void search_text(struct buf *dst, struct str text) {
    uint32_t c;
    char utf8[4];
    while ((c = fold_next(&text)))
        if (!fold_is_apostrophe(c))
            buf_put(dst, utf8, fold_put(utf8, c));
}

struct word {
    uint32_t c[SEARCH_WORD_CHARS];
    size_t n;
};

static bool ends(const struct word *w, const char *with, size_t keep) {
    uint32_t tail[8];
    size_t n = 0;
    struct str s = str_of(with);
    for (uint32_t c; n < countof(tail) && (c = fold_next(&s));)
        tail[n++] = c;
    return w->n >= keep + n && !memcmp(w->c + w->n - n, tail, n * sizeof tail[0]);
}

static bool cut(struct word *w, const char *const endings[], size_t count, size_t keep) {
    for (size_t i = 0; i < count; i++) {
        if (!ends(w, endings[i], keep))
            continue;
        struct str s = str_of(endings[i]);
        while (fold_next(&s))
            w->n--;
        return true;
    }
    return false;
}

/* Longest first. Case endings of nouns and adjectives, the commonest of verbs. */
static const char *const uk_endings[] = {
    "ською", "ського", "ському", "ськими", "ських", "ські", "ська", "ський", "ями",  "ами", "ові", "еві",
    "єві",   "ого",    "ому",    "ими",    "ією",   "ння",  "нню",  "нням",  "тися", "ити", "ати", "ути",
    "ія",    "ії",     "ію",     "ій",     "ий",    "их",   "им",   "ої",    "ою",   "ею",  "єю",  "ях",
    "ах",    "ів",     "їв",     "ам",     "зі",    "ці",   "сі",   "ям",    "ом",   "ем",  "єм",  "ми",
    "а",     "я",      "у",      "ю",      "і",     "ї",    "е",    "є",     "о",    "и",   "й",   "ь"};
/* The last consonant may alternate (книга — книзі, педагогіка — педагогічний, учитель — учителька). */
static const char *const uk_derived[] = {"чн", "ок", "ек", "ец", "ьк", "ьн", "к", "ч",
                                         "ц",  "г",  "ж",  "з",  "х",  "ш",  "н"};
static const char *const en_endings[] = {"ings", "ing", "ies", "es", "ed", "s", "e", "y"};

static void stem(struct word *w) {
    enum { KEEP = 3, KEEP_DERIVED = 6 };
    bool cyrillic = w->n && w->c[w->n - 1] >= 0x400 && w->c[w->n - 1] < 0x530;
    if (!cyrillic) {
        (void)cut(w, en_endings, countof(en_endings), KEEP);
        return;
    }
    (void)cut(w, uk_endings, countof(uk_endings), KEEP);
    (void)cut(w, uk_derived, countof(uk_derived), KEEP_DERIVED);
}

/* The next word of *s, in lower case, without apostrophes. */
static bool next_word(struct str *s, struct word *w) {
    w->n = 0;
    for (;;) {
        uint32_t c = fold_next(s);
        if (fold_is_apostrophe(c))
            continue;
        if (is_word(c)) {
            if (w->n < SEARCH_WORD_CHARS)
                w->c[w->n++] = fold_lower(c);
        } else if (w->n || !c) {
            return w->n > 0;
        }
    }
}

void search_query(char dst[SEARCH_QUERY_MAX + 1], struct str typed) {
    size_t n = 0;
    struct word w;
    for (int words = 0; words < SEARCH_WORDS_MAX && next_word(&typed, &w); words++) {
        stem(&w);
        if (n + (size_t)4 * w.n + 8 > SEARCH_QUERY_MAX)
            break;
        if (n)
            dst[n++] = ' ';
        dst[n++] = '"';
        for (size_t i = 0; i < w.n; i++)
            n += fold_put(dst + n, w.c[i]);
        dst[n++] = '"';
        dst[n++] = '*';
    }
    dst[n] = 0;
}
