/* chat — messages, numbered by the event that carries them; the last ones are kept for those who come later.
 * Private ones (to the hosts, to one person, to those at one table) are events of their own kind and kept
 * apart, so that no part of what is for all can hold one by mistake. */
#include "media/base/mem.h"
#include "server/rooms/parts.h"

static struct room_chat *ring_at(struct room_chat *ring, size_t keep, size_t i) { return &ring[i % keep]; }

const struct room_chat *room_chat_at(const struct room *r, size_t i) {
    return i < r->chat_count ? ring_at(r->chat, ROOM_CHAT_KEEP, r->chat_first + i) : NULL;
}

const struct room_chat *room_direct_at(const struct room *r, size_t i) {
    return i < r->direct_count ? ring_at(r->direct, ROOM_DIRECT_KEEP, r->direct_first + i) : NULL;
}

/* ---- deciding ---- */

const struct room_chat *direct_find(const struct room *r, uint64_t n) {
    for (size_t i = 0; i < r->direct_count; i++)
        if (room_direct_at(r, i)->seq == n)
            return room_direct_at(r, i);
    return NULL;
}

const struct room_chat *chat_find(const struct room *r, uint64_t n) {
    for (size_t i = 0; i < r->chat_count; i++)
        if (room_chat_at(r, i)->seq == n)
            return room_chat_at(r, i);
    return NULL;
}

/* When this person wrote to all last, 0 = not lately. */
static int64_t last_ms(const struct decision *d) {
    for (size_t i = d->r->chat_count; i-- > 0;)
        if (decision_is_self(d, room_chat_at(d->r, i)->by))
            return room_chat_at(d->r, i)->at_ms;
    return 0;
}

static int may_write(struct decision *d) {
    if (decision_may(d, CAN_MODERATE))
        return 0;
    if (d->r->chat_hosts_only)
        return decision_refuse(d, -ERR_DENIED, "Only hosts write to all now.");
    int64_t last = last_ms(d);
    if (d->r->chat_slow_s && last && d->now_ms - last < (int64_t)d->r->chat_slow_s * 1000)
        return decision_refuse(d, -ERR_RATE, "The chat is slow: wait before the next message.");
    return 0;
}

/* To the hosts, or to one person. Who may write to hosts may answer one of them. */
static int may_tell(struct decision *d) {
    const struct member *to = d->cmd->who[0] ? decision_target(d) : NULL;
    if (d->cmd->who[0] && !to)
        return -ERR_MISSING;
    if (to == d->me)
        return decision_refuse(d, -ERR_INVALID, "A message to oneself is none.");
    if (to && names_blind(d->r, d->me) && !names_known(d->r, to->id))
        return decision_refuse(d, -ERR_DENIED,
                               "Names are hidden here: one writes privately to hosts and speakers.");
    bool leads = !to || (room_can(d->r, to) & CAN_MODERATE);
    if (!decision_may(d, CAN_MODERATE) &&
        !decision_may(d, leads ? CAN_DIRECT | CAN_DIRECT_ALL : CAN_DIRECT_ALL))
        return decision_refuse(d, -ERR_DENIED, "This event has no such private messages.");
    return 0;
}

/* Sent again after a cut that took the answer, not the message. */
static bool is_here(const struct decision *d) {
    for (size_t i = d->r->chat_count; d->cmd->n && i-- > 0;)
        if (room_chat_at(d->r, i)->once == d->cmd->n && decision_is_self(d, room_chat_at(d->r, i)->by))
            return true;
    for (size_t i = d->r->direct_count; d->cmd->n && i-- > 0;)
        if (room_direct_at(d->r, i)->once == d->cmd->n && decision_is_self(d, room_direct_at(d->r, i)->by))
            return true;
    for (size_t i = 0; d->cmd->n && i < d->r->gone_count; i++) /* what was deleted meanwhile stays so */
        if (d->r->gone[i].once == d->cmd->n && decision_is_self(d, d->r->gone[i].by))
            return true;
    return false;
}

int chat_chat(struct decision *d) {
    const struct command *c = d->cmd;
    unsigned table = d->me && !c->who[0] && !c->on ? room_table(d->r, d->me) : 0;
    bool is_private = c->who[0] || c->on || table;
    if (!d->me)
        return decision_refuse(d, -ERR_INVALID, "The server does not chat.");
    if (!room_text_ok(c->text) || (c->who[0] && c->on))
        return decision_refuse(d, -ERR_INVALID, "A message has 1 to 2000 characters of text.");
    if (is_here(d))
        return 0;
    int err = table ? 0 : is_private ? may_tell(d) : may_write(d);
    if (err)
        return err;
    struct event *e = decision_put(d, is_private ? EV_DIRECT : EV_CHAT, c->who);
    STR_COPY(e->name, str_of(d->me->name));
    e->on = c->on;
    e->n = c->n;
    e->amount = c->amount;
    e->size = table;
    e->text = room_dup(c->text);
    return 0;
}

/* A private one is its author's to change and to take back, for those who have it. */
static int change_direct(struct decision *d, const struct room_chat *c, enum event_type type) {
    if (!decision_is_self(d, c->by))
        return decision_refuse(d, -ERR_MISSING, "There is no such message any more.");
    if (type == EV_DIRECT_EDIT && str_is(d->cmd->text, c->text))
        return 0;
    struct event *e = decision_put(d, type, c->who);
    e->n = c->seq;
    e->on = !c->who[0] && !c->table;
    e->size = c->table;
    if (type == EV_DIRECT_EDIT)
        e->text = room_dup(d->cmd->text);
    return 0;
}

int chat_unchat(struct decision *d) {
    const struct room_chat *c = chat_find(d->r, d->cmd->n), *direct = direct_find(d->r, d->cmd->n);
    if (!c && direct)
        return change_direct(d, direct, EV_UNDIRECT);
    if (!c)
        return decision_refuse(d, -ERR_MISSING, "There is no such message any more.");
    if (!decision_is_self(d, c->by) && !decision_may(d, CAN_MODERATE))
        return decision_refuse(d, -ERR_DENIED, "Only its author or a moderator may delete a message.");
    decision_put(d, EV_UNCHAT, "")->n = c->seq;
    return 0;
}

int chat_edit(struct decision *d) {
    const struct room_chat *c = chat_find(d->r, d->cmd->n), *direct = direct_find(d->r, d->cmd->n);
    if (!c && !direct)
        return decision_refuse(d, -ERR_MISSING, "There is no such message any more.");
    if (!room_text_ok(d->cmd->text))
        return decision_refuse(d, -ERR_INVALID, "A message has 1 to 2000 characters of text.");
    if (!c)
        return change_direct(d, direct, EV_DIRECT_EDIT);
    if (!decision_is_self(d, c->by))
        return decision_refuse(d, -ERR_DENIED, "Only its author may change a message.");
    if (str_is(d->cmd->text, c->text))
        return 0;
    struct event *e = decision_put(d, EV_CHAT_EDIT, "");
    e->n = c->seq;
    e->text = room_dup(d->cmd->text);
    return 0;
}

int chat_pin(struct decision *d) {
    const struct room_chat *c = chat_find(d->r, d->cmd->n);
    if (d->cmd->on && !c)
        return decision_refuse(d, -ERR_MISSING, "There is no such message any more.");
    if (d->cmd->on == (d->r->pin.n == d->cmd->n))
        return 0;
    struct event *e = decision_put(d, EV_CHAT_PIN, "");
    e->n = d->cmd->n;
    e->on = d->cmd->on;
    if (!e->on)
        return 0;
    STR_COPY(e->name, str_of(c->name));
    e->text = room_dup(str_of(c->text));
    return 0;
}

int chat_rules(struct decision *d) {
    const struct command *c = d->cmd;
    if (c->amount > ROOM_SLOW_MAX_S)
        return decision_refuse(d, -ERR_INVALID, "Slow is an hour at most.");
    if (c->on == d->r->chat_hosts_only && c->amount == d->r->chat_slow_s)
        return 0;
    struct event *e = decision_put(d, EV_CHAT_RULES, "");
    e->on = c->on;
    e->amount = c->amount;
    return 0;
}

/* ---- evolving ---- */

static void clear(struct room_chat *c) {
    mem_free(c->text);
    *c = (struct room_chat){0};
}

/* The next place of a ring that forgets its oldest. */
static struct room_chat *next(struct room_chat *ring, size_t keep, size_t *first, size_t *count) {
    if (*count == keep) {
        clear(&ring[*first]);
        *first = (*first + 1) % keep;
        --*count;
    }
    return ring_at(ring, keep, *first + (*count)++);
}

static void fill(struct room_chat *c, const struct event *e) {
    c->seq = e->seq;
    c->at_ms = e->at_ms;
    c->re = e->amount;
    c->once = e->n;
    STR_COPY(c->by, str_of(e->by));
    STR_COPY(c->name, str_of(e->name));
    c->text = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
}

void chat_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    fill(next(r->chat, ROOM_CHAT_KEEP, &r->chat_first, &r->chat_count), e);
}

void chat_evolve_direct(struct room *r, struct member *m, const struct event *e) {
    struct room_chat *c = next(r->direct, ROOM_DIRECT_KEEP, &r->direct_first, &r->direct_count);
    (void)m;
    fill(c, e);
    c->table = e->size;
    STR_COPY(c->who, str_of(e->who));
}

static void unpin(struct room *r) {
    mem_free(r->pin.text);
    r->pin = (struct room_pin){0};
}

/* The oldest first, so that the place is the age. */
static void put_gone(struct room *r, const struct room_chat *c) {
    if (!c || !c->once)
        return;
    if (r->gone_count == ROOM_ONCE_KEEP)
        memmove(r->gone, r->gone + 1, --r->gone_count * sizeof *r->gone);
    struct room_once *o = &r->gone[r->gone_count++];
    *o = (struct room_once){.once = c->once};
    STR_COPY(o->by, str_of(c->by));
}

/* Takes message n out of a ring; the later ones move up. */
static void take_out(struct room_chat *ring, size_t keep, size_t first, size_t *count, uint64_t n) {
    size_t i = 0;
    while (i < *count && ring_at(ring, keep, first + i)->seq != n)
        i++;
    if (i == *count)
        return;
    clear(ring_at(ring, keep, first + i));
    for (; i + 1 < *count; i++)
        *ring_at(ring, keep, first + i) = *ring_at(ring, keep, first + i + 1);
    --*count;
    *ring_at(ring, keep, first + *count) = (struct room_chat){0};
}

void chat_evolve_deleted(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (r->pin.n == e->n)
        unpin(r);
    put_gone(r, chat_find(r, e->n));
    take_out(r->chat, ROOM_CHAT_KEEP, r->chat_first, &r->chat_count, e->n);
}

void chat_evolve_undirect(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    put_gone(r, direct_find(r, e->n));
    take_out(r->direct, ROOM_DIRECT_KEEP, r->direct_first, &r->direct_count, e->n);
}

static void set_text(char **text, const struct event *e) {
    mem_free(*text);
    *text = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
}

void chat_evolve_edited(struct room *r, struct member *m, const struct event *e) {
    struct room_chat *c = (struct room_chat *)chat_find(r, e->n);
    (void)m;
    if (r->pin.n && r->pin.n == e->n)
        set_text(&r->pin.text, e);
    if (!c)
        return;
    set_text(&c->text, e);
    c->is_edited = true;
}

void chat_evolve_direct_edited(struct room *r, struct member *m, const struct event *e) {
    struct room_chat *c = (struct room_chat *)direct_find(r, e->n);
    (void)m;
    if (!c)
        return;
    set_text(&c->text, e);
    c->is_edited = true;
}

void chat_evolve_pinned(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (!e->on && r->pin.n != e->n)
        return;
    unpin(r);
    if (!e->on || !e->n)
        return;
    r->pin.n = e->n;
    STR_COPY(r->pin.name, str_of(e->name));
    set_text(&r->pin.text, e);
}

void chat_evolve_rules(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    r->chat_hosts_only = e->on;
    r->chat_slow_s = e->amount;
}

/* ---- as every feature ---- */

void chat_init(struct room *r) {
    r->chat = mem_zalloc(ROOM_CHAT_KEEP * sizeof *r->chat);
    r->direct = mem_zalloc(ROOM_DIRECT_KEEP * sizeof *r->direct);
}

void chat_fini(struct room *r) {
    for (size_t i = 0; i < ROOM_CHAT_KEEP; i++)
        mem_free(r->chat[i].text);
    for (size_t i = 0; i < ROOM_DIRECT_KEEP; i++)
        mem_free(r->direct[i].text);
    mem_free(r->chat);
    mem_free(r->direct);
    unpin(r);
}

static void dump_one(struct buf *b, const char *kind, const struct room_chat *c) {
    buf_printf(b, "%s %llu %lld %s>%s@%llu \"%s\" re=%llu once=%llu%s %s\n", kind, (unsigned long long)c->seq,
               (long long)c->at_ms, c->by, c->who, (unsigned long long)c->table, c->name,
               (unsigned long long)c->re, (unsigned long long)c->once, c->is_edited ? " edited" : "",
               c->text);
}

void chat_dump(const struct room *r, struct buf *b) {
    buf_printf(b, "chat hosts_only=%d slow=%llu pin=%llu \"%s\" %s\n", r->chat_hosts_only,
               (unsigned long long)r->chat_slow_s, (unsigned long long)r->pin.n, r->pin.name,
               r->pin.text ? r->pin.text : "");
    for (size_t i = 0; i < r->chat_count; i++)
        dump_one(b, "chat", room_chat_at(r, i));
    for (size_t i = 0; i < r->direct_count; i++)
        dump_one(b, "direct", room_direct_at(r, i));
    for (size_t i = 0; i < r->gone_count; i++)
        buf_printf(b, "gone %s once=%llu\n", r->gone[i].by, (unsigned long long)r->gone[i].once);
}

static void put_one(const struct image *i, enum event_type type, const struct room_chat *c) {
    struct event e = {.seq = c->seq,
                      .type = type,
                      .at_ms = c->at_ms,
                      .n = c->once,
                      .amount = c->re,
                      .text = str_of(c->text)};
    STR_COPY(e.by, str_of(c->by));
    STR_COPY(e.name, str_of(c->name));
    STR_COPY(e.who, str_of(c->who));
    e.size = c->table;
    e.on = type == EV_DIRECT && !c->who[0] && !c->table;
    image_put(i, &e);
    type = type == EV_DIRECT ? EV_DIRECT_EDIT : EV_CHAT_EDIT;
    if (c->is_edited)
        image_put(i, &(struct event){.seq = 1, .type = type, .n = c->seq, .text = str_of(c->text)});
}

/* A message without its words, and its deletion. */
static void put_gone_ones(const struct image *i, const struct room *r) {
    for (size_t k = 0; k < r->gone_count; k++) {
        struct event e = {.seq = 1, .type = EV_CHAT, .n = r->gone[k].once, .name = "-", .text = STR("-")};
        STR_COPY(e.by, str_of(r->gone[k].by));
        image_put(i, &e);
        image_put(i, &(struct event){.seq = 1, .type = EV_UNCHAT, .n = 1});
    }
}

void chat_image(const struct image *i, const struct room *r) {
    struct event e = {.seq = 1, .type = EV_CHAT_PIN, .n = r->pin.n, .on = true, .text = str_of(r->pin.text)};
    put_gone_ones(i, r);
    for (size_t k = 0; k < r->chat_count; k++)
        put_one(i, EV_CHAT, room_chat_at(r, k));
    for (size_t k = 0; k < r->direct_count; k++)
        put_one(i, EV_DIRECT, room_direct_at(r, k));
    STR_COPY(e.name, str_of(r->pin.name));
    if (r->pin.n)
        image_put(i, &e);
    if (r->chat_hosts_only || r->chat_slow_s)
        image_put(i,
                  &(struct event){
                      .seq = 1, .type = EV_CHAT_RULES, .on = r->chat_hosts_only, .amount = r->chat_slow_s});
}
