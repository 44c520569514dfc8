#include "server/rooms/poll.h"

#include "media/base/mem.h"
#include "server/rooms/parts.h"

/* ---- what a question and an answer must be ---- */

static size_t line_count(struct str list) {
    size_t n = 0;
    for (struct str line; str_until(&list, '\n', &line);)
        n++;
    return n;
}

static bool shape_ok(enum poll_kind kind, size_t options, uint32_t right, uint64_t steps) {
    switch (kind) {
    case POLL_SINGLE:
    case POLL_MULTIPLE:
        return options >= 2 && options <= ROOM_LINES_MAX && !(right >> options);
    case POLL_RANK:
        return options >= 2 && options <= POLL_RANK_MAX && !right;
    case POLL_SCALE:
        return (options == 0 || options == 2) && steps >= 2 && steps <= POLL_STEPS_MAX && !right;
    case POLL_WORDS:
        return options == 0 && !right;
    case POLL_KIND_COUNT:
        break;
    }
    return false;
}

static bool answer_ok(const struct poll *p, const struct numbers *picks, struct str words) {
    uint32_t seen = 0;
    if (p->kind == POLL_WORDS)
        return room_line_ok(words) && !picks->n;
    if (words.n || picks->n > ROOM_LINES_MAX)
        return false;
    for (unsigned i = 0; i < picks->n; i++) {
        if (p->kind == POLL_SCALE ? picks->v[i] < 1 || picks->v[i] > p->steps
                                  : picks->v[i] >= p->option_count)
            return false;
        if (seen & 1U << picks->v[i])
            return false;
        seen |= 1U << picks->v[i];
    }
    if (p->kind == POLL_RANK)
        return picks->n == p->option_count;
    return p->kind == POLL_MULTIPLE ? picks->n >= 1 : picks->n == 1;
}

/* One line, single blanks. The text is valid UTF-8 without controls; freed by the caller. */
static char *words_of(struct str text) {
    char *out = mem_zalloc(text.n + 1);
    size_t n = 0;
    for (struct str word; str_word(&text, &word);) {
        if (n)
            out[n++] = ' ';
        memcpy(out + n, word.p, word.n);
        n += word.n;
    }
    return out;
}

/* FNV-1a over the words in lower case: ASCII, and the two-byte Cyrillic of Ukrainian. Words that differ by
 * case only are one group. */
static uint64_t key_of(const char *z) {
    uint64_t h = 14695981039346656037ULL;
    for (const unsigned char *p = (const unsigned char *)z; *p;) {
        unsigned c = *p++;
        if (c >= 'A' && c <= 'Z') {
            c += 32;
        } else if (c >= 0xD0 && c <= 0xD2 && (*p & 0xC0) == 0x80) {
            unsigned u = (c & 0x1FU) << 6 | (*p++ & 0x3FU);
            u = u >= 0x410 && u <= 0x42F   ? u + 0x20
                : u >= 0x400 && u <= 0x40F ? u + 0x50
                : u == 0x490               ? 0x491
                                           : u;
            c = u;
        }
        h = (h ^ c) * 1099511628211ULL;
    }
    return h;
}

/* ---- looking ---- */

const struct poll *poll_find(const struct room *r, uint64_t n) {
    list_each (&r->polls, p, struct poll, link) {
        if (p->n == n)
            return p;
    }
    return NULL;
}

const struct poll_answer *poll_answer_of(const struct poll *p, const char *by) {
    return smap_get(&p->by_who, str_of(by));
}

void poll_tally_fini(struct poll_tally *t) {
    mem_free((char *)t->groups.p);
    *t = (struct poll_tally){0};
}

static void count_answer(const struct poll *p, const struct poll_answer *a, struct numbers *counts) {
    for (unsigned i = 0; i < a->picks.n; i++) {
        if (p->kind == POLL_SCALE)
            counts->v[a->picks.v[i] - 1]++;
        else
            counts->v[a->picks.v[i]] += p->kind == POLL_RANK ? p->option_count - i : 1;
    }
}

struct group {
    uint64_t key;
    const char *words; /* as written first */
    uint32_t count;
};

static bool is_hidden(const struct poll *p, uint64_t key) {
    for (size_t i = 0; i < p->hidden_count; i++)
        if (p->hidden[i] == key)
            return true;
    return false;
}

static size_t find_groups(const struct poll *p, struct group out[POLL_GROUPS_MAX]) {
    size_t n = 0;
    list_each (&p->answers, a, struct poll_answer, link) {
        size_t i = 0;
        while (i < n && out[i].key != a->key)
            i++;
        if (i == POLL_GROUPS_MAX || is_hidden(p, a->key))
            continue;
        if (i == n)
            out[n++] = (struct group){a->key, a->words, 0};
        out[i].count++;
    }
    return n;
}

/* The largest first; of equals, the one that came first. */
static void put_groups(const struct poll *p, struct poll_tally *out) {
    struct group *g = mem_zalloc(POLL_GROUPS_MAX * sizeof *g);
    struct buf b;
    size_t n = find_groups(p, g);
    buf_init(&b, ROOM_LINES_MAX * (4 * ROOM_LINE_CHARS + 1));
    while (out->counts.n < ROOM_LINES_MAX) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            if (g[i].count > g[best].count)
                best = i;
        if (!n || !g[best].count)
            break;
        out->counts.v[out->counts.n++] = g[best].count;
        buf_z(&b, g[best].words);
        buf_z(&b, "\n");
        g[best].count = 0;
    }
    out->groups = room_dup(buf_view(&b));
    buf_fini(&b);
    mem_free(g);
}

void poll_tally_get(const struct poll *p, struct poll_tally *out) {
    if (p->state == POLL_CLOSED) {
        *out = p->final;
        out->groups = room_dup(p->final.groups);
        return;
    }
    *out = (struct poll_tally){.answers = p->answer_count};
    if (p->kind == POLL_WORDS) {
        put_groups(p, out);
        return;
    }
    out->groups = room_dup((struct str){NULL, 0});
    out->counts.n = p->kind == POLL_SCALE ? (unsigned)p->steps : p->option_count;
    list_each (&p->answers, a, struct poll_answer, link) {
        count_answer(p, a, &out->counts);
    }
}

/* ---- deciding ---- */

/* The poll a command is about in one of these states, or NULL and refused. */
static const struct poll *wanted(struct decision *d, enum poll_state from, enum poll_state to) {
    const struct poll *p = poll_find(d->r, d->cmd->n);
    if (!p)
        decision_refuse(d, -ERR_MISSING, "There is no such poll.");
    else if (p->state < from || p->state > to)
        decision_refuse(d, -ERR_CONFLICT, "Not while the poll is as it is.");
    else
        return p;
    return NULL;
}

static int refused(const struct decision *d) {
    return poll_find(d->r, d->cmd->n) ? -ERR_CONFLICT : -ERR_MISSING;
}

int poll_poll(struct decision *d) {
    const struct command *c = d->cmd;
    size_t options = line_count(c->list);
    if ((unsigned)c->kind >= POLL_KIND_COUNT || !room_text_ok(c->text) ||
        room_chars(c->text) > POLL_QUESTION_CHARS || !room_lines_ok(c->list) || c->amount > POLL_POINTS_MAX ||
        !shape_ok(c->kind, options, c->set, c->size))
        return decision_refuse(d, -ERR_INVALID, "A poll of this kind does not look like that.");
    if (c->n && !wanted(d, POLL_DRAFT, POLL_DRAFT))
        return refused(d);
    if (!c->n && d->r->poll_count >= POLLS_MAX)
        return decision_refuse(d, -ERR_FULL, "Too many polls.");
    struct event *e = decision_put(d, EV_POLL, "");
    e->n = c->n ? c->n : e->seq;
    e->kind = c->kind;
    e->on = c->on;
    e->text = room_dup(c->text);
    e->list = room_dup(c->list);
    e->set = c->set;
    e->amount = c->set ? (c->amount ? c->amount : 1) : 0;
    e->size = c->kind == POLL_SCALE ? c->size : 0;
    return 0;
}

int poll_drop(struct decision *d) {
    if (!wanted(d, POLL_DRAFT, POLL_DRAFT))
        return refused(d);
    decision_put(d, EV_POLL_DROPPED, "")->n = d->cmd->n;
    return 0;
}

int poll_open(struct decision *d) {
    const struct poll *p = wanted(d, POLL_DRAFT, POLL_DRAFT);
    if (!p)
        return refused(d);
    struct event *e = decision_put(d, EV_POLL_OPENED, "");
    e->n = p->n;
    e->kind = p->kind;
    e->on = p->is_anonymous;
    e->text = room_dup(str_of(p->question));
    e->list = room_dup(str_of(p->options));
    e->amount = p->points;
    e->size = p->steps;
    return 0;
}

int poll_close(struct decision *d) {
    const struct poll *p = wanted(d, POLL_OPEN, POLL_OPEN);
    if (!p)
        return refused(d);
    struct poll_tally t;
    poll_tally_get(p, &t);
    struct event *e = decision_put(d, EV_POLL_TALLY, "");
    e->n = p->n;
    e->numbers = t.counts;
    e->size = t.answers;
    e->list = t.groups; /* taken over */
    decision_put(d, EV_POLL_CLOSED, "")->n = p->n;
    return 0;
}

int poll_hide(struct decision *d) {
    const struct poll *p = wanted(d, POLL_OPEN, POLL_OPEN);
    if (!p)
        return refused(d);
    if (p->kind != POLL_WORDS || !room_line_ok(d->cmd->text))
        return decision_refuse(d, -ERR_INVALID, "Only words can be hidden.");
    char *words = words_of(d->cmd->text);
    int err = 0;
    if (!is_hidden(p, key_of(words)) && p->hidden_count >= POLL_HIDDEN_MAX) {
        err = decision_refuse(d, -ERR_FULL, "Too much is hidden already.");
    } else if (!is_hidden(p, key_of(words))) {
        struct event *e = decision_put(d, EV_POLL_HIDDEN, "");
        e->n = p->n;
        e->text = room_dup(str_of(words));
    }
    mem_free(words);
    return err;
}

int poll_show(struct decision *d) {
    const struct poll *p = wanted(d, POLL_CLOSED, POLL_CLOSED);
    if (!p)
        return refused(d);
    if (p->is_shown == d->cmd->on)
        return 0;
    struct event *e = decision_put(d, EV_POLL_SHOWN, "");
    e->n = p->n;
    e->on = d->cmd->on;
    if (!e->on)
        return 0;
    e->numbers = p->final.counts;
    e->size = p->final.answers;
    e->list = room_dup(p->final.groups);
    e->set = p->right;
    return 0;
}

int poll_scores_show(struct decision *d) {
    struct poll_tally t;
    poll_scores(d->r, &t);
    struct event *e = decision_put(d, EV_SCORES, "");
    e->numbers = t.counts;
    e->list = t.groups; /* taken over */
    return 0;
}

static bool is_same(const struct poll_answer *a, const struct numbers *picks, const char *words) {
    return a->picks.n == picks->n && !memcmp(a->picks.v, picks->v, picks->n * sizeof picks->v[0]) &&
           !strcmp(a->words ? a->words : "", words);
}

int poll_answer(struct decision *d) {
    const struct command *c = d->cmd;
    const struct poll *p = wanted(d, POLL_OPEN, POLL_OPEN);
    if (!p)
        return refused(d);
    const char *by = !d->me ? NULL : p->is_anonymous ? d->by->alias : d->me->id;
    if (!by || !by[0] || !answer_ok(p, &c->numbers, c->text))
        return decision_refuse(d, -ERR_INVALID, "This is no answer to the poll.");
    const struct poll_answer *old = poll_answer_of(p, by);
    char *words = words_of(c->text);
    int err = 0;
    if (!old && (p->answer_count >= POLL_ANSWERS_MAX || d->r->answers_kept >= POLL_ANSWERS_KEPT)) {
        err = decision_refuse(d, -ERR_FULL, "Too many answers.");
    } else if (!old || !is_same(old, &c->numbers, words)) {
        struct event *e = decision_put(d, EV_POLL_ANSWER, "");
        STR_COPY(e->by, str_of(by));
        e->n = p->n;
        e->numbers = c->numbers;
        e->text = room_dup(str_of(words));
    }
    mem_free(words);
    return err;
}

/* ---- evolving ---- */

static struct poll *find(struct room *r, uint64_t n) { return (struct poll *)poll_find(r, n); }

static void forget_answers(struct room *r, struct poll *p) {
    list_each (&p->answers, a, struct poll_answer, link) {
        list_drop(&a->link);
        mem_free(a->words);
        mem_free(a);
    }
    r->answers_kept -= p->answer_count;
    p->answer_count = 0;
    smap_fini(&p->by_who);
    smap_init(&p->by_who, POLL_ANSWERS_MAX);
}

static void forget(struct room *r, struct poll *p) {
    forget_answers(r, p);
    smap_fini(&p->by_who);
    for (size_t i = 0; i < p->hidden_count; i++)
        mem_free(p->hidden_words[i]);
    poll_tally_fini(&p->final);
    mem_free(p->question);
    mem_free(p->options);
    list_drop(&p->link);
    r->poll_count--;
    mem_free(p);
}

static struct poll *make(struct room *r, uint64_t n) {
    struct poll *p = mem_zalloc(sizeof *p);
    p->n = n;
    list_init(&p->answers);
    smap_init(&p->by_who, POLL_ANSWERS_MAX);
    list_put(&r->polls, &p->link);
    r->poll_count++;
    return p;
}

void poll_evolve_made(struct room *r, struct member *m, const struct event *e) {
    size_t options = line_count(e->list);
    struct poll *p = find(r, e->n);
    (void)m;
    if (!e->n || !shape_ok(e->kind, options, e->set, e->size) || !room_lines_ok(e->list) ||
        (p ? p->state != POLL_DRAFT : r->poll_count >= POLLS_MAX))
        return;
    if (!p)
        p = make(r, e->n);
    mem_free(p->question);
    mem_free(p->options);
    p->question = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
    p->options = mem_strndup(e->list.n ? e->list.p : "", e->list.n);
    p->kind = e->kind;
    p->is_anonymous = e->on;
    p->option_count = (unsigned)options;
    p->right = e->set;
    p->points = e->amount;
    p->steps = e->size;
}

void poll_evolve_dropped(struct room *r, struct member *m, const struct event *e) {
    struct poll *p = find(r, e->n);
    (void)m;
    if (p && p->state == POLL_DRAFT)
        forget(r, p);
}

void poll_evolve_opened(struct room *r, struct member *m, const struct event *e) {
    struct poll *p = find(r, e->n);
    (void)m;
    if (p && p->state == POLL_DRAFT)
        p->state = POLL_OPEN;
}

void poll_evolve_answer(struct room *r, struct member *m, const struct event *e) {
    struct poll *p = find(r, e->n);
    (void)m;
    if (!p || p->state != POLL_OPEN || !e->by[0] || !answer_ok(p, &e->numbers, e->text))
        return;
    struct poll_answer *a = smap_get(&p->by_who, str_of(e->by));
    if (!a && (p->answer_count >= POLL_ANSWERS_MAX || r->answers_kept >= POLL_ANSWERS_KEPT))
        return;
    if (!a) {
        a = mem_zalloc(sizeof *a);
        STR_COPY(a->by, str_of(e->by));
        list_put(&p->answers, &a->link);
        smap_put(&p->by_who, str_of(a->by), a);
        p->answer_count++;
        r->answers_kept++;
    }
    a->picks = e->numbers;
    mem_free(a->words);
    a->words = p->kind == POLL_WORDS ? words_of(e->text) : NULL;
    a->key = a->words ? key_of(a->words) : 0;
}

void poll_evolve_hidden(struct room *r, struct member *m, const struct event *e) {
    struct poll *p = find(r, e->n);
    (void)m;
    if (!p || p->state != POLL_OPEN || !room_line_ok(e->text) || p->hidden_count == POLL_HIDDEN_MAX)
        return;
    char *words = words_of(e->text);
    if (is_hidden(p, key_of(words))) {
        mem_free(words);
        return;
    }
    p->hidden[p->hidden_count] = key_of(words);
    p->hidden_words[p->hidden_count++] = words;
}

void poll_evolve_tally(struct room *r, struct member *m, const struct event *e) {
    struct poll *p = find(r, e->n);
    (void)m;
    if (!p || p->state != POLL_OPEN || e->numbers.n > ROOM_LINES_MAX)
        return;
    poll_tally_fini(&p->final);
    p->final = (struct poll_tally){e->size, e->numbers, room_dup(e->list)};
}

/* Who answered what in an anonymous poll is needed no more: an alias told one from the other until now. */
void poll_evolve_closed(struct room *r, struct member *m, const struct event *e) {
    struct poll *p = find(r, e->n);
    (void)m;
    if (!p || p->state != POLL_OPEN)
        return;
    p->state = POLL_CLOSED;
    if (p->is_anonymous)
        forget_answers(r, p);
}

void poll_evolve_shown(struct room *r, struct member *m, const struct event *e) {
    struct poll *p = find(r, e->n);
    (void)m;
    if (p && p->state == POLL_CLOSED)
        p->is_shown = e->on;
}

void poll_evolve_scores(struct room *r, struct member *m, const struct event *e) {
    (void)r, (void)m, (void)e; /* of the moment; what they are made of is kept */
}

/* ---- as every feature ---- */

void poll_init(struct room *r) { list_init(&r->polls); }

void poll_fini(struct room *r) {
    list_each (&r->polls, p, struct poll, link) {
        forget(r, p);
    }
}

static void dump_numbers(const struct numbers *v, struct buf *b) {
    for (unsigned i = 0; i < v->n; i++)
        buf_printf(b, "%s%u", i ? "," : " ", v->v[i]);
}

void poll_dump(const struct room *r, struct buf *b) {
    list_each (&r->polls, p, struct poll, link) {
        buf_printf(
            b, "poll %llu kind=%d state=%d anonymous=%d shown=%d \"%s\" right=%x points=%llu steps=%llu\n",
            (unsigned long long)p->n, (int)p->kind, (int)p->state, p->is_anonymous, p->is_shown, p->question,
            p->right, (unsigned long long)p->points, (unsigned long long)p->steps);
        buf_z(b, p->options);
        list_each (&p->answers, a, struct poll_answer, link) {
            buf_printf(b, "answer %s \"%s\"", a->by, a->words ? a->words : "");
            dump_numbers(&a->picks, b);
            buf_z(b, "\n");
        }
        for (size_t i = 0; i < p->hidden_count; i++)
            buf_printf(b, "hidden \"%s\"\n", p->hidden_words[i]);
        buf_printf(b, "final %llu", (unsigned long long)p->final.answers);
        dump_numbers(&p->final.counts, b);
        buf_z(b, "\n");
        buf_str(b, p->final.groups);
    }
}

static void put_about(const struct image *i, enum event_type type, const struct poll *p) {
    image_put(i, &(struct event){.seq = 1, .type = type, .n = p->n, .on = true});
}

static void put_answers(const struct image *i, const struct poll *p) {
    list_each (&p->answers, a, struct poll_answer, link) {
        struct event e = {.seq = 1, .type = EV_POLL_ANSWER, .n = p->n, .numbers = a->picks};
        STR_COPY(e.by, str_of(a->by));
        e.text = str_of(a->words);
        image_put(i, &e);
    }
    for (size_t k = 0; k < p->hidden_count; k++)
        image_put(i, &(struct event){
                         .seq = 1, .type = EV_POLL_HIDDEN, .n = p->n, .text = str_of(p->hidden_words[k])});
}

void poll_image(const struct image *i, const struct room *r) {
    list_each (&r->polls, p, struct poll, link) {
        image_put(i, &(struct event){.seq = 1,
                                     .type = EV_POLL,
                                     .n = p->n,
                                     .kind = p->kind,
                                     .on = p->is_anonymous,
                                     .text = str_of(p->question),
                                     .list = str_of(p->options),
                                     .set = p->right,
                                     .amount = p->points,
                                     .size = p->steps});
        if (p->state == POLL_DRAFT)
            continue;
        put_about(i, EV_POLL_OPENED, p);
        put_answers(i, p);
        if (p->state == POLL_OPEN)
            continue;
        image_put(i, &(struct event){.seq = 1,
                                     .type = EV_POLL_TALLY,
                                     .n = p->n,
                                     .numbers = p->final.counts,
                                     .size = p->final.answers,
                                     .list = p->final.groups});
        put_about(i, EV_POLL_CLOSED, p);
        if (p->is_shown)
            put_about(i, EV_POLL_SHOWN, p);
    }
}
