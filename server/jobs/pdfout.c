#include "server/jobs/pdfout.h"

#include "media/base/buf.h"

/* "612", "595.276": whole points, rounded down. */
static bool points(struct str word, unsigned *out) {
    struct str whole;
    uint64_t n;
    if (!str_until(&word, '.', &whole) || str_u64(whole, PDFOUT_POINTS_MAX, &n))
        return false;
    *out = n ? (unsigned)n : 1;
    return true;
}

static bool next_word(struct str *line, struct str *word) {
    *line = str_trim(*line);
    return str_until(line, ' ', word) && word->n;
}

/* "Page    3 size:  612 x 792 pts (letter)", "Page    3 rot:   90". */
static void of_page(struct pdfout *p, struct str rest) {
    struct str number, what, w, by, h;
    uint64_t page;
    if (!next_word(&rest, &number) || str_u64(number, DECK_PAGES_MAX, &page) || !page)
        return;
    struct pdfout_size *size = &p->size[page - 1], found;
    if (!next_word(&rest, &what) || !next_word(&rest, &w))
        return;
    if (str_is(what, "rot:")) {
        if (str_is(w, "90") || str_is(w, "270"))
            *size = (struct pdfout_size){size->h, size->w};
        return;
    }
    if (str_is(what, "size:") && next_word(&rest, &by) && next_word(&rest, &h) && points(w, &found.w) &&
        points(h, &found.h))
        *size = found;
}

void pdfout_info(struct pdfout *p, struct str line) {
    struct str rest = line, word;
    if (!next_word(&rest, &word))
        return;
    if (str_is(word, "Pages:") && next_word(&rest, &word))
        (void)str_u64(word, UINT32_MAX, &p->pages);
    else if (str_is(word, "Page"))
        of_page(p, rest);
    else if (str_starts(line, STR("Command Line Error: Incorrect password")))
        p->is_locked = true;
}

bool pdfout_progress(struct str line, uint64_t *page) {
    struct str word;
    return next_word(&line, &word) && !str_u64(word, DECK_PAGES_MAX, page) && *page;
}

/* Without control characters, and no longer than its limit. */
static void add_text(struct json *j, struct str text) {
    char clean[PDFOUT_TEXT_MAX];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < sizeof clean; i++) {
        unsigned char c = (unsigned char)text.p[i];
        clean[n++] = c == '\n' || c > 0x1f ? (c == 0x7f ? ' ' : (char)c) : ' ';
    }
    while (n && n == sizeof clean && !str_utf8_ok((struct str){clean, n}) &&
           ((unsigned char)clean[n - 1] & 0x80))
        n--; /* cut between two characters */
    json_set_str(j, "text", str_trim((struct str){clean, n}));
}

struct json *pdfout_document(const struct pdfout *p, struct str text) {
    struct json *j = json_object(), *pages = json_array();
    for (uint64_t i = 0; i < p->pages && i < DECK_PAGES_MAX; i++) {
        struct str page = {"", 0};
        struct json *one = json_object();
        (void)str_until(&text, '\f', &page);
        bool known = p->size[i].w && p->size[i].h;
        json_set_int(one, "w", known ? p->size[i].w : 960);
        json_set_int(one, "h", known ? p->size[i].h : 540);
        add_text(one, page);
        json_add(pages, one);
    }
    json_set(j, "pages", pages);
    return j;
}
