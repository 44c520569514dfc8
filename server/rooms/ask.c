#include "server/rooms/ask.h"

#include "media/base/mem.h"
#include "server/rooms/parts.h"

const struct question *ask_find(const struct room *r, uint64_t n) {
    list_each (&r->asks, q, struct question, link) {
        if (q->n == n)
            return q;
    }
    return NULL;
}

bool asks_wait(const struct room *r) {
    return r->ask_rule_given ? r->ask_rule : r->cfg.format->questions == QUESTIONS_APPROVED;
}

/* ---- deciding ---- */

static bool is_own(const struct decision *d, const struct question *q) {
    return decision_is_self(d, q->by) || (d->me && d->by->alias && !strcmp(d->by->alias, q->by));
}

static const struct question *wanted(struct decision *d) {
    const struct question *q = ask_find(d->r, d->cmd->n);
    if (q && q->is_unseen && !is_own(d, q) && !decision_may(d, CAN_MODERATE))
        q = NULL;
    if (!q)
        decision_refuse(d, -ERR_MISSING, "There is no such question.");
    return q;
}

int ask_ask(struct decision *d) {
    const struct command *c = d->cmd;
    if (!d->me || !room_text_ok(c->text) || room_chars(c->text) > ASK_CHARS)
        return decision_refuse(d, -ERR_INVALID, "A question has 1 to 500 characters of text.");
    if (c->on && (!decision_may(d, CAN_ANONYMOUS) || !d->by->alias))
        return decision_refuse(d, -ERR_DENIED, "Questions have names here.");
    if (d->r->ask_count >= ASKS_MAX)
        return decision_refuse(d, -ERR_FULL, "Too many questions.");
    bool waits = asks_wait(d->r) && !decision_may(d, CAN_MODERATE);
    struct event *e = decision_put(d, waits ? EV_ASK_WAITS : EV_ASKED, "");
    if (c->on)
        STR_COPY(e->by, str_of(d->by->alias));
    else
        STR_COPY(e->name, str_of(d->me->name));
    e->text = room_dup(c->text);
    return 0;
}

int ask_vote(struct decision *d) {
    const struct question *q = wanted(d);
    if (!q)
        return -ERR_MISSING;
    if (!d->me || q->state != ASK_OPEN || q->is_unseen || is_own(d, q))
        return decision_refuse(d, -ERR_CONFLICT, "This question takes no vote of yours.");
    if (d->cmd->on == (smap_get(&q->by_voter, str_of(d->me->id)) != NULL))
        return 0;
    if (d->cmd->on && d->r->votes_kept >= ASK_VOTES_KEPT)
        return decision_refuse(d, -ERR_FULL, "Too many votes.");
    struct event *e = decision_put(d, EV_ASK_VOTE, "");
    e->n = q->n;
    e->on = d->cmd->on;
    return 0;
}

static void put_passed(struct decision *d, const struct question *q) {
    struct event *e = decision_put(d, EV_ASK_PASSED, "");
    e->n = q->n;
    STR_COPY(e->name, str_of(q->name));
    e->text = room_dup(str_of(q->text));
}

/* One nobody has seen is let through, then answered if that was asked; or turned down, by who asked it too.
 */
static int set_unseen(struct decision *d, const struct question *q) {
    bool dismisses = d->cmd->ask == ASK_DISMISSED;
    if (!decision_may(d, CAN_MODERATE) && !dismisses)
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this.");
    if (!dismisses) {
        put_passed(d, q);
    } else if (q->state != ASK_DISMISSED) {
        struct event *e = decision_put(d, EV_ASK_TURNED, q->by);
        e->n = q->n;
        if (is_own(d, q))
            STR_COPY(e->by, str_of(q->by));
    }
    return 0;
}

int ask_rules(struct decision *d) {
    if (d->r->cfg.format->questions == QUESTIONS_CHAT)
        return decision_refuse(d, -ERR_DENIED, "This event has no list of questions.");
    if (d->cmd->on != asks_wait(d->r))
        decision_put(d, EV_ASK_RULES, "")->on = d->cmd->on;
    return 0;
}

int ask_set(struct decision *d) {
    const struct command *c = d->cmd;
    const struct question *q = wanted(d);
    bool withdraws = q && c->ask == ASK_DISMISSED && is_own(d, q);
    if (!q)
        return -ERR_MISSING;
    if (!withdraws && !decision_may(d, CAN_ANSWER))
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this.");
    bool was_unseen = q->is_unseen;
    if ((unsigned)c->ask >= ASK_STATE_COUNT ||
        (c->text.n && (!room_text_ok(c->text) || c->ask != ASK_ANSWERED)))
        return decision_refuse(d, -ERR_INVALID, "Only an answer has words.");
    int err = was_unseen ? set_unseen(d, q) : 0;
    if (err || (was_unseen && (c->ask == ASK_OPEN || c->ask == ASK_DISMISSED)) ||
        (q->state == c->ask && !c->text.n))
        return err;
    struct event *e = decision_put(d, EV_ASK_STATE, "");
    if (withdraws)
        STR_COPY(e->by, str_of(q->by)); /* by the name it was asked with */
    e->n = q->n;
    e->ask = c->ask;
    e->text = room_dup(c->text);
    return 0;
}

int ask_merge(struct decision *d) {
    const struct question *q = wanted(d), *into = ask_find(d->r, d->cmd->amount);
    if (!q || !into)
        return decision_refuse(d, -ERR_MISSING, "There is no such question.");
    if (q == into)
        return decision_refuse(d, -ERR_INVALID, "A question is merged into another one.");
    if (into->is_unseen)
        return decision_refuse(d, -ERR_CONFLICT, "Nobody sees that question yet.");
    struct event *e = decision_put(d, EV_ASK_MERGED, "");
    e->n = q->n;
    e->amount = into->n;
    return 0;
}

/* ---- evolving ---- */

static struct question *find(struct room *r, uint64_t n) { return (struct question *)ask_find(r, n); }

static void drop_vote(struct room *r, struct question *q, struct vote *v) {
    smap_drop(&q->by_voter, str_of(v->by));
    list_drop(&v->link);
    mem_free(v);
    q->vote_count--;
    r->votes_kept--;
}

static void put_vote(struct room *r, struct question *q, const char *by) {
    if (!by[0] || smap_get(&q->by_voter, str_of(by)) || r->votes_kept >= ASK_VOTES_KEPT)
        return;
    struct vote *v = mem_zalloc(sizeof *v);
    STR_COPY(v->by, str_of(by));
    list_put(&q->votes, &v->link);
    smap_put(&q->by_voter, str_of(v->by), v);
    q->vote_count++;
    r->votes_kept++;
}

static void forget(struct room *r, struct question *q) {
    list_each (&q->votes, v, struct vote, link) {
        drop_vote(r, q, v);
    }
    smap_fini(&q->by_voter);
    mem_free(q->text);
    mem_free(q->answer);
    list_drop(&q->link);
    r->ask_count--;
    mem_free(q);
}

static struct question *put_question(struct room *r, const struct event *e) {
    if (!e->seq || r->ask_count >= ASKS_MAX || ask_find(r, e->seq))
        return NULL;
    struct question *q = mem_zalloc(sizeof *q);
    q->n = e->seq;
    q->at_ms = e->at_ms;
    STR_COPY(q->by, str_of(e->by));
    STR_COPY(q->name, str_of(e->name));
    q->text = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
    q->answer = mem_strdup("");
    list_init(&q->votes);
    smap_init(&q->by_voter, ROOM_MEMBERS_MAX + ROOM_ABSENT_MAX);
    list_put(&r->asks, &q->link);
    r->ask_count++;
    return q;
}

void ask_evolve_asked(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    (void)put_question(r, e);
}

void ask_evolve_waits(struct room *r, struct member *m, const struct event *e) {
    struct question *q = put_question(r, e);
    (void)m;
    if (q)
        q->is_unseen = true;
}

void ask_evolve_passed(struct room *r, struct member *m, const struct event *e) {
    struct question *q = find(r, e->n);
    (void)m;
    if (!q || !q->is_unseen)
        return;
    q->is_unseen = false;
    q->state = ASK_OPEN;
}

void ask_evolve_turned(struct room *r, struct member *m, const struct event *e) {
    struct question *q = find(r, e->n);
    (void)m;
    if (q && q->is_unseen)
        q->state = ASK_DISMISSED;
}

void ask_evolve_rules(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    r->ask_rule_given = true;
    r->ask_rule = e->on;
}

void ask_evolve_vote(struct room *r, struct member *m, const struct event *e) {
    struct question *q = find(r, e->n);
    struct vote *v = q ? smap_get(&q->by_voter, str_of(e->by)) : NULL;
    (void)m;
    if (q && e->on)
        put_vote(r, q, e->by);
    else if (v)
        drop_vote(r, q, v);
}

void ask_evolve_state(struct room *r, struct member *m, const struct event *e) {
    struct question *q = find(r, e->n);
    (void)m;
    if (!q || (unsigned)e->ask >= ASK_STATE_COUNT)
        return;
    q->state = e->ask;
    if (!e->text.n)
        return;
    mem_free(q->answer);
    q->answer = mem_strndup(e->text.p, e->text.n);
}

/* Who asked the same counts as who votes for it. */
void ask_evolve_merged(struct room *r, struct member *m, const struct event *e) {
    struct question *q = find(r, e->n), *into = find(r, e->amount);
    (void)m;
    if (!q || !into || q == into)
        return;
    list_each (&q->votes, v, struct vote, link) {
        char by[ROOM_ID_MAX + 1];
        STR_COPY(by, str_of(v->by));
        drop_vote(r, q, v);
        if (strcmp(by, into->by) != 0)
            put_vote(r, into, by);
    }
    if (strcmp(q->by, into->by) != 0)
        put_vote(r, into, q->by);
    forget(r, q);
}

/* ---- as every feature ---- */

void ask_init(struct room *r) { list_init(&r->asks); }

void ask_fini(struct room *r) {
    list_each (&r->asks, q, struct question, link) {
        forget(r, q);
    }
}

void ask_dump(const struct room *r, struct buf *b) {
    if (r->ask_rule_given)
        buf_printf(b, "asks wait=%d\n", r->ask_rule);
    list_each (&r->asks, q, struct question, link) {
        buf_printf(b, "ask %llu %lld %s \"%s\" state=%d%s \"%s\" \"%s\"\n", (unsigned long long)q->n,
                   (long long)q->at_ms, q->by, q->name, (int)q->state, q->is_unseen ? " unseen" : "", q->text,
                   q->answer);
        list_each (&q->votes, v, struct vote, link) {
            buf_printf(b, "vote %s\n", v->by);
        }
    }
}

static void put_state(const struct image *i, const struct question *q) {
    struct event e = {.seq = 1, .type = EV_ASK_STATE, .n = q->n, .ask = q->state, .text = str_of(q->answer)};
    if (q->is_unseen && q->state == ASK_DISMISSED) {
        e = (struct event){.seq = 1, .type = EV_ASK_TURNED, .n = q->n};
        STR_COPY(e.who, str_of(q->by));
        image_put(i, &e);
    } else if (q->state != ASK_OPEN || q->answer[0]) {
        image_put(i, &e);
    }
}

void ask_image(const struct image *i, const struct room *r) {
    if (r->ask_rule_given)
        image_put(i, &(struct event){.seq = 1, .type = EV_ASK_RULES, .on = r->ask_rule});
    list_each (&r->asks, q, struct question, link) {
        struct event e = {.seq = q->n,
                          .type = q->is_unseen ? EV_ASK_WAITS : EV_ASKED,
                          .at_ms = q->at_ms,
                          .text = str_of(q->text)};
        STR_COPY(e.by, str_of(q->by));
        STR_COPY(e.name, str_of(q->name));
        image_put(i, &e);
        list_each (&q->votes, v, struct vote, link) {
            e = (struct event){.seq = 1, .type = EV_ASK_VOTE, .n = q->n, .on = true};
            STR_COPY(e.by, str_of(v->by));
            image_put(i, &e);
        }
        put_state(i, q);
    }
}
