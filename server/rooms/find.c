#include "server/rooms/find.h"

#include "media/base/fold.h"
#include "media/base/mem.h"
#include "server/rooms/names.h"

static char deleted[] = ""; /* by its address */

bool find_text_ok(struct str text) { return room_text_ok(text) && room_chars(text) <= FIND_TEXT_CHARS; }

static void put_known(struct find_reader *out, const struct room *r, enum member_state state) {
    list_each (&r->members[state], m, struct member, link) {
        if (out->known_n < FIND_KNOWN_MAX && names_known(r, m->id))
            STR_COPY(out->known[out->known_n++], str_of(m->id));
    }
}

void find_reader_of(struct find_reader *out, const struct room *r, const struct member *m) {
    *out = (struct find_reader){
        .leads = (room_can(r, m) & CAN_MODERATE) != 0, .table = m->table, .table_after = r->tables.made_seq};
    STR_COPY(out->id, str_of(m->id));
    out->is_blind = names_blind(r, m) != NULL;
    if (!out->is_blind)
        return;
    put_known(out, r, MEMBER_PRESENT);
    put_known(out, r, MEMBER_ABSENT);
}

bool find_may_read(const struct find_reader *w, const struct found *f) {
    const struct room_chat *c = &f->c;
    if (!f->is_private)
        return true;
    if (c->table)
        return c->table == w->table && c->seq > w->table_after;
    return !strcmp(c->by, w->id) || (c->who[0] ? !strcmp(c->who, w->id) : w->leads);
}

static void put_words(struct buf *out, struct str text) {
    struct buf b;
    struct str rest, word;
    buf_init(&b, sizeof(((struct find_query *)0)->text));
    fold_text(&b, text);
    rest = buf_view(&b);
    for (int i = 0; i < FIND_WORDS_MAX && str_until(&rest, ' ', &word);) {
        if (!word.n)
            continue;
        buf_str(out, word);
        buf_z(out, "\n");
        i++;
    }
    buf_fini(&b);
}

void find_init(struct find *f, const struct find_query *q) {
    *f = (struct find){.q = q, .cap = q->around ? 2 * FIND_AROUND + 1 : FIND_RESULTS};
    buf_init(&f->words, 2 * sizeof q->text);
    map_init(&f->changes, FIND_CHANGES_MAX);
    f->v = mem_zalloc(f->cap * sizeof *f->v);
    put_words(&f->words, str_of(q->text));
}

void find_fini(struct find *f) {
    size_t it = 0;
    for (char *text; (text = map_next(&f->changes, &it, NULL));)
        if (text != deleted)
            mem_free(text);
    for (size_t i = 0; i < f->n; i++)
        mem_free(f->v[i].c.text);
    mem_free(f->v);
    map_fini(&f->changes);
    buf_fini(&f->words);
}

static bool is_known(const struct find_reader *w, const char *id) {
    bool is = !w->is_blind || !strcmp(w->id, id);
    for (size_t i = 0; i < w->known_n && !is; i++)
        is = !strcmp(w->known[i], id);
    return is;
}

/* All the words, each anywhere in what is written or in who wrote it, as far as the asker is told who. */
static bool has_words(const struct find *f, const struct room_chat *c) {
    struct buf b;
    char number[ROOM_NAME_MAX + 1];
    struct str rest = buf_view(&f->words), word;
    buf_init(&b, 2 * (ROOM_TEXT_MAX + ROOM_NAME_MAX));
    names_number(c->by, number);
    fold_text(&b, str_of(is_known(&f->q->reader, c->by) ? c->name : number));
    buf_z(&b, "\n");
    fold_text(&b, str_of(c->text));
    bool all = rest.n > 0;
    while (all && str_until(&rest, '\n', &word) && word.n)
        all = memmem(b.p, b.n, word.p, word.n) != NULL;
    buf_fini(&b);
    return all;
}

static void drop_newest(struct find *f) {
    mem_free(f->v[0].c.text);
    memmove(f->v, f->v + 1, --f->n * sizeof *f->v);
}

static bool is_asked(const struct find *f, uint64_t seq) { return !f->q->before || seq < f->q->before; }

/* Newer ones pass by until the one that is wanted comes; the last of them stay. */
static bool put_around(struct find *f, const struct found *one) {
    bool is_newer = one->c.seq > f->q->around;
    if (is_newer && f->n == FIND_AROUND)
        drop_newest(f);
    f->v[f->n++] = *one;
    f->after += !is_newer;
    return f->after <= FIND_AROUND;
}

static bool put_match(struct find *f, struct found *one) {
    if (!has_words(f, &one->c)) {
        mem_free(one->c.text);
        return true;
    }
    if (f->n == f->cap) { /* one more than an answer has */
        f->next = f->v[f->n - 1].c.seq;
        mem_free(one->c.text);
        return false;
    }
    f->v[f->n++] = *one;
    return true;
}

/* Takes one, whose text becomes ours. */
static bool put(struct find *f, struct found *one) {
    if (!is_asked(f, one->c.seq)) {
        mem_free(one->c.text);
        return true;
    }
    return f->q->around ? put_around(f, one) : put_match(f, one);
}

/* It is not looked through to its end: the next answer goes on from before `seq`, if it can. */
static bool stop(struct find *f, uint64_t seq) {
    f->next = f->q->around || !is_asked(f, seq) ? 0 : seq;
    return false;
}

/* False: no place to remember it, so what is older may not be told. */
static bool change(struct find *f, const struct event *e, bool is_gone) {
    if (!is_asked(f, e->n) || map_get(&f->changes, e->n)) /* or a later one is known */
        return true;
    char *text = is_gone ? deleted : mem_strndup(e->text.n ? e->text.p : "", e->text.n);
    bool is_put = !map_put(&f->changes, e->n, text);
    if (!is_put && !is_gone)
        mem_free(text);
    return is_put;
}

bool find_take(struct find *f, const struct event *e) {
    bool is_gone = e->type == EV_UNCHAT || e->type == EV_UNDIRECT;
    f->lines += is_asked(f, e->seq);
    if (f->lines > FIND_LINES_MAX)
        return stop(f, e->seq + 1);
    if (is_gone || e->type == EV_CHAT_EDIT || e->type == EV_DIRECT_EDIT)
        return change(f, e, is_gone) || stop(f, e->seq + 1);
    if (e->type != EV_CHAT && e->type != EV_DIRECT)
        return true;
    struct found one = {.is_private = e->type == EV_DIRECT,
                        .c = {.seq = e->seq, .at_ms = e->at_ms, .re = e->amount, .table = e->size}};
    const char *text = map_get(&f->changes, e->seq);
    STR_COPY(one.c.by, str_of(e->by));
    STR_COPY(one.c.name, str_of(e->name));
    STR_COPY(one.c.who, str_of(e->who));
    if (text == deleted || !find_may_read(&f->q->reader, &one))
        return true;
    one.c.is_edited = text != NULL;
    one.c.text = text ? mem_strdup(text) : mem_strndup(e->text.n ? e->text.p : "", e->text.n);
    return put(f, &one);
}

void find_in_room(struct find *f, const struct room *r) {
    size_t i = r->chat_count, k = r->direct_count;
    bool more = true;
    while (more && (i || k)) {
        const struct room_chat *open = i ? room_chat_at(r, i - 1) : NULL,
                               *own = k ? room_direct_at(r, k - 1) : NULL;
        struct found one = {.is_private = !open || (own && own->seq > open->seq)};
        one.c = one.is_private ? *own : *open;
        i -= !one.is_private;
        k -= one.is_private;
        if (!find_may_read(&f->q->reader, &one))
            continue;
        one.c.text = mem_strdup(one.c.text);
        more = put(f, &one);
    }
}
