#include "server/rooms/ink.h"

#include "media/base/mem.h"
#include "server/rooms/parts.h"

/* ---- the text of a mark ---- */

static int digit(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Bytes of base64url as they are asked for. */
struct reader {
    struct str text;
    size_t at; /* characters read */
    uint32_t bits;
    unsigned n; /* of them */
    bool is_bad;
};

static bool next_byte(struct reader *r, uint8_t *out) {
    while (r->n < 8) {
        if (r->at == r->text.n)
            return false;
        int d = digit(r->text.p[r->at++]);
        if (d < 0) {
            r->is_bad = true;
            return false;
        }
        r->bits = r->bits << 6 | (uint32_t)d;
        r->n += 6;
    }
    r->n -= 8;
    *out = (uint8_t)(r->bits >> r->n);
    r->bits &= (1U << r->n) - 1;
    return true;
}

/* A difference on a page in zigzag form has 13 bits, on a board 21: NUMBER_BYTES always do. */
enum { NUMBER_BYTES = 3 };
static bool next_number(struct reader *r, unsigned *out) {
    uint8_t byte;
    *out = 0;
    for (unsigned i = 0; i < NUMBER_BYTES; i++) {
        if (!next_byte(r, &byte)) {
            r->is_bad |= i > 0;
            return false;
        }
        *out |= (unsigned)(byte & 0x7f) << 7 * i;
        if (byte & 0x80)
            continue;
        r->is_bad |= i > 0 && !byte; /* longer than it must be */
        return !r->is_bad;
    }
    r->is_bad = true;
    return false;
}

static int unzigzag(unsigned v) { return (int)(v >> 1) ^ -(int)(v & 1); }

/* The number of points, 0 when one is off the page or cut. */
static unsigned points(struct reader *r, bool is_board) {
    const int min = is_board ? -INK_BOARD_XY : 0, max = is_board ? INK_BOARD_XY : INK_MAX_XY;
    unsigned n = 0, x, y;
    int at_x = 0, at_y = 0;
    while (next_number(r, &x)) {
        if (!next_number(r, &y) || n == INK_POINTS_MAX)
            return 0;
        at_x = n || is_board ? at_x + unzigzag(x) : (int)x;
        at_y = n || is_board ? at_y + unzigzag(y) : (int)y;
        if (at_x < min || at_x > max || at_y < min || at_y > max)
            return 0;
        n++;
    }
    return r->is_bad || r->bits ? 0 : n; /* what is left over of the last character is zero */
}

bool ink_ok(struct str text) {
    struct reader r = {.text = text};
    uint8_t tool, colour, width;
    if (text.n > INK_CHARS_MAX || text.n % 4 == 1 || !next_byte(&r, &tool) || !next_byte(&r, &colour) ||
        !next_byte(&r, &width))
        return false;
    bool is_board = tool & INK_ON_BOARD;
    tool &= (uint8_t)~INK_ON_BOARD;
    if (tool >= INK_TOOL_COUNT || colour >= INK_COLOURS || !width || width > INK_WIDTH_MAX)
        return false;
    unsigned n = points(&r, is_board);
    return tool == INK_WORDS ? n == 1 : tool >= INK_LINE ? n == 2 : n > 0;
}

static uint8_t first_byte(struct str text) {
    struct reader r = {.text = text};
    uint8_t tool = 0;
    (void)next_byte(&r, &tool);
    return tool;
}

enum ink_tool ink_tool_of(struct str text) { return (enum ink_tool)(first_byte(text) & ~INK_ON_BOARD); }
bool ink_is_on_board(struct str text) { return first_byte(text) & INK_ON_BOARD; }

const struct mark *ink_find(const struct room *r, uint64_t n) {
    list_each (&r->ink.marks, m, struct mark, link) {
        if (m->n == n)
            return m;
    }
    return NULL;
}

/* ---- deciding ---- */

int ink_draw(struct decision *d) {
    const struct command *c = d->cmd;
    const struct deck *deck = slides_find(d->r, c->n);
    if (!deck || !c->amount || c->amount > deck->pages)
        return decision_refuse(d, -ERR_MISSING, "There is no such page.");
    if (d->me && !slides_may_draw(d->r, d->me, deck))
        return decision_refuse(d, -ERR_DENIED, "Your role may not draw here.");
    if (!ink_ok(c->list) || ink_is_on_board(c->list) != deck_is_board(deck))
        return decision_refuse(d, -ERR_INVALID, "This is no mark.");
    bool is_words = ink_tool_of(c->list) == INK_WORDS;
    if (is_words != (c->text.n > 0) || (is_words && !room_line_ok(c->text)))
        return decision_refuse(d, -ERR_INVALID, "Words are one line, and nothing else has any.");
    if (d->r->ink.count >= INK_MARKS_MAX || d->r->ink.bytes + c->list.n + c->text.n > INK_KEPT_MAX)
        return decision_refuse(d, -ERR_FULL, "So much is drawn already: clear a page first.");
    struct event *e = decision_put(d, EV_INK, "");
    e->n = c->n;
    e->amount = c->amount;
    e->list = room_dup(c->list);
    if (is_words)
        e->text = room_dup(c->text);
    return 0;
}

int ink_drop(struct decision *d) {
    const struct mark *m = ink_find(d->r, d->cmd->n);
    if (!m)
        return decision_refuse(d, -ERR_MISSING, "There is no such mark.");
    if (!decision_is_self(d, m->by) && !decision_may(d, CAN_MODERATE))
        return decision_refuse(d, -ERR_DENIED, "Somebody else drew this.");
    decision_put(d, EV_INK_DROPPED, "")->n = m->n;
    return 0;
}

/* Of one page: everything by who moderates, one's own by anybody who draws. */
int ink_clear(struct decision *d) {
    const struct command *c = d->cmd;
    const struct deck *deck = slides_find(d->r, c->n);
    bool is_all = decision_may(d, CAN_MODERATE), any = false;
    if (!deck)
        return decision_refuse(d, -ERR_MISSING, "There is no such page.");
    if (d->me && !slides_may_draw(d->r, d->me, deck))
        return decision_refuse(d, -ERR_DENIED, "Your role may not draw here.");
    list_each (&d->r->ink.marks, m, struct mark, link) {
        any |= m->deck == c->n && m->page == c->amount && (is_all || decision_is_self(d, m->by));
    }
    if (!any)
        return 0;
    struct event *e = decision_put(d, EV_INK_CLEARED, is_all ? "" : d->me->id);
    e->n = c->n;
    e->amount = c->amount;
    return 0;
}

/* ---- evolving ---- */

static void forget(struct room *r, struct mark *m) {
    r->ink.count--;
    r->ink.bytes -= strlen(m->ink) + strlen(m->words);
    list_drop(&m->link);
    mem_free(m->ink);
    mem_free(m->words);
    mem_free(m);
}

void ink_evolve(struct room *r, struct member *who, const struct event *e) {
    const struct deck *deck = slides_find(r, e->n);
    size_t bytes = e->list.n + e->text.n;
    (void)who;
    if (!e->seq || !deck || !e->amount || e->amount > deck->pages || !ink_ok(e->list) ||
        ink_is_on_board(e->list) != deck_is_board(deck) || r->ink.count >= INK_MARKS_MAX ||
        r->ink.bytes + bytes > INK_KEPT_MAX || ink_find(r, e->seq))
        return;
    struct mark *m = mem_zalloc(sizeof *m);
    *m = (struct mark){.n = e->seq, .deck = e->n, .page = e->amount};
    STR_COPY(m->by, str_of(e->by));
    m->ink = mem_strndup(e->list.p, e->list.n);
    m->words = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
    list_put(&r->ink.marks, &m->link);
    r->ink.count++;
    r->ink.bytes += strlen(m->ink) + strlen(m->words);
}

void ink_evolve_dropped(struct room *r, struct member *who, const struct event *e) {
    struct mark *m = (struct mark *)ink_find(r, e->n);
    (void)who;
    if (m)
        forget(r, m);
}

void ink_evolve_cleared(struct room *r, struct member *who, const struct event *e) {
    (void)who;
    list_each (&r->ink.marks, m, struct mark, link) {
        if (m->deck == e->n && m->page == e->amount && (!e->who[0] || !strcmp(m->by, e->who)))
            forget(r, m);
    }
}

void ink_forget_deck(struct room *r, uint64_t deck) {
    list_each (&r->ink.marks, m, struct mark, link) {
        if (m->deck == deck)
            forget(r, m);
    }
}

/* ---- as every feature ---- */

void ink_init(struct room *r) {
    r->ink = (struct ink){.count = 0};
    list_init(&r->ink.marks);
}

void ink_fini(struct room *r) {
    list_each (&r->ink.marks, m, struct mark, link) {
        forget(r, m);
    }
}

void ink_dump(const struct room *r, struct buf *b) {
    list_each (&r->ink.marks, m, struct mark, link) {
        buf_printf(b, "mark %llu %llu/%llu %s %s \"%s\"\n", (unsigned long long)m->n,
                   (unsigned long long)m->deck, (unsigned long long)m->page, m->by, m->ink, m->words);
    }
}

void ink_image(const struct image *i, const struct room *r) {
    list_each (&r->ink.marks, m, struct mark, link) {
        struct event e = {.seq = m->n,
                          .type = EV_INK,
                          .n = m->deck,
                          .amount = m->page,
                          .list = str_of(m->ink),
                          .text = str_of(m->words)};
        STR_COPY(e.by, str_of(m->by));
        image_put(i, &e);
    }
}
