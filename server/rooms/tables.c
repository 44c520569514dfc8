#include "server/rooms/tables.h"
#include "media/base/mem.h"
#include "server/rooms/parts.h"

unsigned room_table(const struct room *r, const struct member *m) {
    bool is_at = r->tables.is_open && m->state == MEMBER_PRESENT && !m->table_out;
    return is_at ? m->table : 0;
}

bool room_table_hears(const struct room *r, const struct member *m, uint64_t table, uint64_t seq) {
    return m && table && m->table == table && seq > r->tables.made_seq;
}

/* ---- deciding ---- */

/* Who goes elsewhere takes no screen along, nor anything he may send at a table only. */
static void put_moved(struct decision *d, const struct member *m, unsigned to) {
    uint32_t keep =
        member_may_send(d->r, m, m->role, m->staged || to) & ~(1U << MEDIA_SCREEN | 1U << MEDIA_SCREEN_AUDIO);
    if (room_table(d->r, m) != to)
        source_put_off(d, m, m->sources & ~keep);
}

static void put_all_moved(struct decision *d, bool to_tables) {
    list_each (&d->r->members[MEMBER_PRESENT], m, struct member, link)
        put_moved(d, m, to_tables ? m->table : 0);
}

/* New tables: nobody sits anywhere, nothing lies on them. */
int tables_lay(struct decision *d) {
    const struct command *c = d->cmd;
    const struct tables *t = &d->r->tables;
    if (!d->r->cfg.format->tables)
        return decision_refuse(d, -ERR_DENIED, "This event has no tables.");
    if (c->size > TABLES_MAX)
        return decision_refuse(d, -ERR_INVALID, "There are 50 tables at most.");
    if (!c->size && !t->count)
        return 0;
    put_all_moved(d, false);
    struct event *e = decision_put(d, EV_TABLES, "");
    e->size = c->size;
    e->on = c->on;
    return 0;
}

static const struct table_card *find(struct decision *d, uint64_t n) {
    if (n && n <= d->r->tables.count)
        return &d->r->tables.v[n - 1];
    decision_refuse(d, -ERR_MISSING, "There is no such table.");
    return NULL;
}

int tables_card(struct decision *d) {
    const struct command *c = d->cmd;
    const struct table_card *t = find(d, c->n);
    if (!t)
        return -ERR_MISSING;
    if (c->text.n && (!room_text_ok(c->text) || room_chars(c->text) > TABLE_TEXT_CHARS))
        return decision_refuse(d, -ERR_INVALID, "A table's card has at most 500 characters.");
    if (!strcmp(c->name, t->name) && str_is(c->text, t->text))
        return 0;
    struct event *e = decision_put(d, EV_TABLE, "");
    e->n = c->n;
    STR_COPY(e->name, str_of(c->name));
    e->text = room_dup(c->text);
    return 0;
}

static void put_seated(struct decision *d, const struct member *m, unsigned table, bool is_out) {
    if (m->table == table && m->table_out == is_out)
        return;
    put_moved(d, m, d->r->tables.is_open && !is_out ? table : 0);
    struct event *e = decision_put(d, EV_SEATED, m->id);
    if (m->state == MEMBER_PRESENT) /* it introduces him to who was not told that he came */
        STR_COPY(e->name, str_of(m->name));
    e->n = table;
    e->on = is_out;
}

/* One of those named, in the room or gone for a while. */
static const struct member *guest(struct decision *d, struct str id) {
    char who[ROOM_ID_MAX + 1];
    const struct member *m = STR_COPY(who, id) ? room_member(d->r, who) : NULL;
    return m && (m->state == MEMBER_PRESENT || m->state == MEMBER_ABSENT) ? m : NULL;
}

/* Oneself: to one's own table and out of it, or anywhere when that is free, or to visit. */
static int seat_self(struct decision *d) {
    const struct command *c = d->cmd;
    const struct member *m = d->me;
    if (!m)
        return decision_refuse(d, -ERR_INVALID, "The server sits nowhere.");
    if (!d->r->tables.is_free && !decision_may(d, CAN_TABLES) && (!c->n || c->n != m->table))
        return decision_refuse(d, -ERR_DENIED, "The host says who sits where.");
    if (c->n && !find(d, c->n))
        return -ERR_MISSING;
    put_seated(d, m, (unsigned)c->n, c->on && c->n);
    return 0;
}

int tables_seat(struct decision *d) {
    const struct command *c = d->cmd;
    struct str rest = c->list, id;
    if (!c->list.n)
        return seat_self(d);
    if (!decision_may(d, CAN_TABLES))
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this.");
    if (c->n && !find(d, c->n))
        return -ERR_MISSING;
    while (str_until(&rest, '\n', &id)) {
        const struct member *m = guest(d, id);
        if (!m)
            return decision_refuse(d, -ERR_MISSING, "This person is not in the room.");
        put_seated(d, m, (unsigned)c->n, c->on && c->n);
    }
    return 0;
}

/* Another number for each moment and person (FNV-1a): who sits with whom is by chance. */
static uint32_t lot(int64_t now_ms, const char *id) {
    uint32_t h = 2166136261U ^ (uint32_t)now_ms;
    for (; *id; id++)
        h = (h ^ (uint8_t)*id) * 16777619U;
    return h ^ h >> 15;
}

/* Of the tables with the fewest people, one by lot. */
static unsigned draw(const unsigned *taken, unsigned count, uint32_t by) {
    unsigned least = taken[0], n = 0;
    for (unsigned i = 0; i < count; i++)
        least = taken[i] < least ? taken[i] : least;
    for (unsigned i = 0; i < count; i++)
        n += taken[i] == least;
    by %= n;
    for (unsigned i = 0; i < count; i++)
        if (taken[i] == least && by-- == 0)
            return i;
    return 0;
}

/* Whoever has no seat gets one; those who lead go round. */
int tables_deal(struct decision *d) {
    const struct room *r = d->r;
    unsigned taken[TABLES_MAX] = {0};
    if (!r->tables.count)
        return decision_refuse(d, -ERR_CONFLICT, "There are no tables.");
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if (m->table && !(room_can(r, m) & CAN_TABLES))
            taken[m->table - 1]++;
    }
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if (m->table || (room_can(r, m) & CAN_TABLES))
            continue;
        unsigned i = draw(taken, r->tables.count, lot(d->now_ms, m->id));
        taken[i]++;
        put_seated(d, m, i + 1, false);
    }
    return 0;
}

int tables_open(struct decision *d) {
    const struct command *c = d->cmd;
    if (c->on == d->r->tables.is_open && (!c->on || c->amount == d->r->tables.seconds))
        return 0;
    if (c->on && (!d->r->tables.count || d->r->life != LIFE_OPEN))
        return decision_refuse(d, -ERR_CONFLICT, "There are no tables, or the event is not open yet.");
    if (c->amount > TABLES_SECONDS_MAX)
        return decision_refuse(d, -ERR_INVALID, "Tables are open for six hours at most.");
    if (c->on != d->r->tables.is_open)
        put_all_moved(d, c->on);
    struct event *e = decision_put(d, EV_TABLES_OPEN, "");
    e->on = c->on;
    e->amount = c->on ? c->amount : 0;
    return 0;
}

/* Calling is for who sits there; whoever comes to help says it is done. */
int tables_help(struct decision *d) {
    unsigned at = d->me ? room_table(d->r, d->me) : 0;
    if (at != d->cmd->n && (d->cmd->on || !decision_may(d, CAN_TABLES)))
        return decision_refuse(d, -ERR_DENIED, "You are not at this table.");
    const struct table_card *t = find(d, d->cmd->n);
    if (!t)
        return -ERR_MISSING;
    if (d->cmd->on == (t->help[0] != 0))
        return 0;
    struct event *e = decision_put(d, EV_TABLE_HELP, d->cmd->on ? d->me->id : "");
    e->n = d->cmd->n;
    e->on = d->cmd->on;
    return 0;
}

int tables_voice(struct decision *d) {
    if (!d->me)
        return decision_refuse(d, -ERR_INVALID, "The server has no voice.");
    if (d->cmd->on && !d->r->tables.is_open)
        return decision_refuse(d, -ERR_CONFLICT, "The tables are not open.");
    if (d->cmd->on != d->me->table_voice)
        decision_put(d, EV_TABLE_VOICE, d->me->id)->on = d->cmd->on;
    return 0;
}

/* ---- evolving ---- */

static void each_begins_anew(struct room *r, bool unseat) {
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_each (&r->members[s], m, struct member, link) {
            m->table = unseat ? 0 : m->table;
            m->table_out = m->table_voice = false;
        }
    for (unsigned i = 0; i < TABLES_MAX; i++)
        r->tables.v[i].help[0] = 0;
}

static void set_text(struct table_card *t, struct str text) {
    mem_free(t->text);
    t->text = mem_strndup(text.n ? text.p : "", text.n);
}

void tables_evolve_laid(struct room *r, struct member *m, const struct event *e) {
    struct tables *t = &r->tables;
    (void)m;
    each_begins_anew(r, true);
    for (unsigned i = 0; i < TABLES_MAX; i++) {
        t->v[i].name[0] = 0;
        set_text(&t->v[i], (struct str){NULL, 0});
    }
    *t = (struct tables){.made_seq = e->seq,
                         .count = e->size > TABLES_MAX ? TABLES_MAX : (unsigned)e->size,
                         .is_free = e->on,
                         .v = t->v};
}

static struct table_card *at(struct room *r, uint64_t n) {
    return n && n <= r->tables.count ? &r->tables.v[n - 1] : NULL;
}

void tables_evolve_card(struct room *r, struct member *m, const struct event *e) {
    struct table_card *t = at(r, e->n);
    (void)m;
    if (!t)
        return;
    STR_COPY(t->name, str_of(e->name));
    set_text(t, e->text);
}

void tables_evolve_seated(struct room *r, struct member *m, const struct event *e) {
    if (!m || (m->state != MEMBER_PRESENT && m->state != MEMBER_ABSENT) || (e->n && !at(r, e->n)))
        return;
    m->table = (unsigned)e->n;
    m->table_out = e->on && e->n;
}

void tables_evolve_open(struct room *r, struct member *m, const struct event *e) {
    struct tables *t = &r->tables;
    (void)m;
    if (e->on != t->is_open)
        each_begins_anew(r, false);
    t->is_open = e->on && t->count;
    t->opened_ms = t->is_open ? e->at_ms : 0;
    t->seconds = t->is_open ? e->amount : 0;
}

void tables_evolve_help(struct room *r, struct member *m, const struct event *e) {
    struct table_card *t = at(r, e->n);
    (void)m;
    if (t)
        STR_COPY(t->help, str_of(e->on ? e->who : ""));
}

void tables_evolve_voice(struct room *r, struct member *m, const struct event *e) {
    if (m && m->state == MEMBER_PRESENT)
        m->table_voice = e->on && r->tables.is_open;
}

/* ---- as every feature ---- */

void tables_init(struct room *r) {
    r->tables = (struct tables){.v = mem_zalloc(TABLES_MAX * sizeof *r->tables.v)};
    for (unsigned i = 0; i < TABLES_MAX; i++)
        r->tables.v[i].text = mem_strdup("");
}

void tables_fini(struct room *r) {
    for (unsigned i = 0; i < TABLES_MAX; i++)
        mem_free(r->tables.v[i].text);
    mem_free(r->tables.v);
}

void tables_dump(const struct room *r, struct buf *b) {
    const struct tables *t = &r->tables;
    buf_printf(b, "tables %u at %llu free=%d open=%d %lld %llu\n", t->count, (unsigned long long)t->made_seq,
               t->is_free, t->is_open, (long long)t->opened_ms, (unsigned long long)t->seconds);
    for (unsigned i = 0; i < t->count; i++)
        buf_printf(b, "table %u \"%s\" help=%s %s\n", i + 1, t->v[i].name, t->v[i].help, t->v[i].text);
}

static void put_seats(const struct image *i, const struct room *r) {
    const enum member_state states[] = {MEMBER_PRESENT, MEMBER_ABSENT};
    for (unsigned k = 0; k < countof(states); k++)
        list_each (&r->members[states[k]], m, struct member, link) {
            struct event e = {.seq = 1, .type = EV_SEATED, .n = m->table, .on = m->table_out};
            STR_COPY(e.who, str_of(m->id));
            if (m->table)
                image_put(i, &e);
            e = (struct event){.seq = 1, .type = EV_TABLE_VOICE, .on = true};
            STR_COPY(e.who, str_of(m->id));
            if (m->table_voice)
                image_put(i, &e);
        }
}

void tables_image(const struct image *i, const struct room *r) {
    const struct tables *t = &r->tables;
    if (!t->made_seq)
        return;
    image_put(i, &(struct event){.seq = t->made_seq, .type = EV_TABLES, .size = t->count, .on = t->is_free});
    if (t->is_open)
        image_put(
            i,
            &(struct event){
                .seq = 1, .type = EV_TABLES_OPEN, .on = true, .at_ms = t->opened_ms, .amount = t->seconds});
    for (unsigned n = 1; n <= t->count; n++) {
        const struct table_card *one = &t->v[n - 1];
        struct event e = {.seq = 1, .type = EV_TABLE, .n = n, .text = str_of(one->text)};
        STR_COPY(e.name, str_of(one->name));
        if (one->name[0] || one->text[0])
            image_put(i, &e);
        e = (struct event){.seq = 1, .type = EV_TABLE_HELP, .n = n, .on = true};
        STR_COPY(e.who, str_of(one->help));
        if (one->help[0])
            image_put(i, &e);
    }
    put_seats(i, r);
}
