#include "server/rooms/slides.h"

#include "media/base/mem.h"
#include "server/rooms/parts.h"

const struct deck *slides_find(const struct room *r, uint64_t n) {
    list_each (&r->slides.decks, d, struct deck, link) {
        if (d->n == n)
            return d;
    }
    return NULL;
}

/* ---- deciding ---- */

/* The server's own: the pages are made. Told twice, it is in the room once. */
int slides_deck(struct decision *d) {
    const struct command *c = d->cmd;
    if (!c->name[0] || !room_line_ok(c->text) || !c->size || c->size > DECK_PAGES_MAX)
        return decision_refuse(d, -ERR_INVALID, "A deck has a file, a title in one line and 1 to 200 pages.");
    list_each (&d->r->slides.decks, deck, struct deck, link) {
        if (!strcmp(deck->file, c->name))
            return 0;
    }
    if (d->r->slides.deck_count >= DECKS_MAX)
        return decision_refuse(d, -ERR_FULL, "There are 20 decks already.");
    struct event *e = decision_put(d, EV_DECK, "");
    STR_COPY(e->name, str_of(c->name));
    e->text = room_dup(c->text);
    e->size = c->size;
    return 0;
}

int slides_drop(struct decision *d) {
    if (!slides_find(d->r, d->cmd->n))
        return decision_refuse(d, -ERR_MISSING, "There is no such deck.");
    decision_put(d, EV_DECK_DROPPED, "")->n = d->cmd->n;
    return 0;
}

int slides_slide(struct decision *d) {
    const struct slides *s = &d->r->slides;
    uint64_t n = d->cmd->n, page = d->cmd->amount;
    const struct deck *deck = n ? slides_find(d->r, n) : NULL;
    if (n && !deck)
        return decision_refuse(d, -ERR_MISSING, "There is no such deck.");
    if (deck && page > deck->pages)
        return decision_refuse(d, -ERR_INVALID, "The deck has no such page.");
    if (deck && !page)
        page = deck->page;
    if (s->shown == n && (!deck || deck->page == page))
        return 0;
    struct event *e = decision_put(d, EV_SLIDE, "");
    e->n = n;
    e->amount = deck ? page : 0;
    return 0;
}

/* ---- evolving ---- */

static struct deck *find(struct room *r, uint64_t n) { return (struct deck *)slides_find(r, n); }

static void forget(struct room *r, struct deck *d) {
    if (r->slides.shown == d->n)
        r->slides.shown = 0;
    list_drop(&d->link);
    r->slides.deck_count--;
    mem_free(d->title);
    mem_free(d);
}

void slides_put(struct room *r, const struct deck *deck, struct str title) {
    if (!deck->n || !deck->pages || r->slides.deck_count >= DECKS_MAX || find(r, deck->n))
        return;
    struct deck *d = mem_zalloc(sizeof *d);
    *d = *deck;
    d->title = mem_strndup(title.n ? title.p : "", title.n);
    d->page = 1;
    list_put(&r->slides.decks, &d->link);
    r->slides.deck_count++;
}

void slides_evolve_deck(struct room *r, struct member *m, const struct event *e) {
    struct deck d = {.n = e->seq, .pages = e->size > DECK_PAGES_MAX ? DECK_PAGES_MAX : e->size};
    (void)m;
    STR_COPY(d.file, str_of(e->name));
    if (d.file[0])
        slides_put(r, &d, e->text);
}

void slides_evolve_dropped(struct room *r, struct member *m, const struct event *e) {
    struct deck *d = find(r, e->n);
    (void)m;
    if (!d)
        return;
    ink_forget_deck(r, d->n);
    forget(r, d);
}

void slides_evolve_slide(struct room *r, struct member *m, const struct event *e) {
    struct deck *d = e->n ? find(r, e->n) : NULL;
    (void)m;
    if (e->n && !d)
        return;
    r->slides.shown = e->n;
    if (d && e->amount && e->amount <= d->pages)
        d->page = e->amount;
}

/* ---- as every feature ---- */

void slides_init(struct room *r) {
    r->slides = (struct slides){.deck_count = 0};
    list_init(&r->slides.decks);
}

void slides_fini(struct room *r) {
    list_each (&r->slides.decks, d, struct deck, link) {
        forget(r, d);
    }
}

void slides_dump(const struct room *r, struct buf *b) {
    list_each (&r->slides.decks, d, struct deck, link) {
        buf_printf(b, "deck %llu %s \"%s\" %llu/%llu%s%s\n", (unsigned long long)d->n, d->file, d->title,
                   (unsigned long long)d->page, (unsigned long long)d->pages, d->is_open ? " open" : "",
                   d->n == r->slides.shown ? " shown" : "");
    }
}

/* Where each was left, and last of all the one that is shown, if any is. */
void slides_image(const struct image *i, const struct room *r) {
    bool turned = false;
    list_each (&r->slides.decks, d, struct deck, link) {
        struct event e = {.seq = d->n,
                          .type = deck_is_board(d) ? EV_BOARD : EV_DECK,
                          .text = str_of(d->title),
                          .size = deck_is_board(d) ? 0 : d->pages};
        STR_COPY(e.name, str_of(d->file));
        image_put(i, &e);
        if (d->is_open)
            image_put(i, &(struct event){.seq = 1, .type = EV_BOARD_OPEN, .n = d->n, .on = true});
        if (d->page == 1 || d->n == r->slides.shown)
            continue;
        image_put(i, &(struct event){.seq = 1, .type = EV_SLIDE, .n = d->n, .amount = d->page});
        turned = true;
    }
    const struct deck *shown = slides_find(r, r->slides.shown);
    if (shown)
        image_put(i, &(struct event){.seq = 1, .type = EV_SLIDE, .n = shown->n, .amount = shown->page});
    else if (turned)
        image_put(i, &(struct event){.seq = 1, .type = EV_SLIDE});
}
