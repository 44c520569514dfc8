/* report — somebody says of a message or a question that it does not belong here; who moderates looks at it
 * and says done. What was reported is kept as it was then: a private message is shown to the hosts by who got
 * it. */
#include "media/base/mem.h"
#include "server/rooms/parts.h"

struct subject {
    const char *by, *name, *text;
};

static bool is_mine(const struct decision *d, const char *by) {
    return decision_is_self(d, by) || (d->me && d->by->alias && !strcmp(d->by->alias, by));
}

/* What d->me could read under this number. */
static bool find_subject(const struct decision *d, struct subject *s) {
    const struct room_chat *c = chat_find(d->r, d->cmd->n);
    const struct question *q = c ? NULL : ask_find(d->r, d->cmd->n);
    if (!c && !q) {
        c = direct_find(d->r, d->cmd->n);
        bool is_party = c && (decision_is_self(d, c->who) || decision_is_self(d, c->by) ||
                              (c->table ? room_table_hears(d->r, d->me, c->table, c->seq)
                                        : !c->who[0] && decision_may(d, CAN_MODERATE)));
        c = is_party ? c : NULL;
    }
    bool is_unseen = q && q->is_unseen && !is_mine(d, q->by) && !decision_may(d, CAN_MODERATE);
    if ((!c && !q) || is_unseen)
        return false;
    *s = c ? (struct subject){c->by, c->name, c->text} : (struct subject){q->by, q->name, q->text};
    return true;
}

int report_report(struct decision *d) {
    struct subject s;
    if (!d->me || !find_subject(d, &s))
        return decision_refuse(d, -ERR_MISSING, "There is no such message any more.");
    if (is_mine(d, s.by))
        return decision_refuse(d, -ERR_INVALID, "What is one's own can be taken back.");
    list_each (&d->r->reports, p, struct room_report, link) {
        if (p->n == d->cmd->n && decision_is_self(d, p->by))
            return 0;
    }
    if (d->r->report_count >= ROOM_REPORTS_MAX)
        return decision_refuse(d, -ERR_FULL, "Too many messages are reported already.");
    struct event *e = decision_put(d, EV_REPORTED, s.by[0] == '.' ? "" : s.by);
    e->n = d->cmd->n;
    STR_COPY(e->name, str_of(s.name));
    e->text = room_dup(str_of(s.text));
    return 0;
}

int report_done(struct decision *d) {
    list_each (&d->r->reports, p, struct room_report, link) {
        if (p->n == d->cmd->n) {
            decision_put(d, EV_REPORT_DONE, "")->n = p->n;
            return 0;
        }
    }
    return decision_refuse(d, -ERR_MISSING, "Nobody has reported this, or it is done.");
}

/* ---- evolving ---- */

static void forget(struct room *r, struct room_report *p) {
    list_drop(&p->link);
    r->report_count--;
    mem_free(p->text);
    mem_free(p);
}

void report_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (!e->n || r->report_count >= ROOM_REPORTS_MAX)
        return;
    struct room_report *p = mem_zalloc(sizeof *p);
    p->n = e->n;
    p->at_ms = e->at_ms;
    STR_COPY(p->by, str_of(e->by));
    STR_COPY(p->who, str_of(e->who));
    STR_COPY(p->name, str_of(e->name));
    p->text = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
    list_put(&r->reports, &p->link);
    r->report_count++;
}

void report_evolve_done(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    list_each (&r->reports, p, struct room_report, link) {
        if (p->n == e->n)
            forget(r, p);
    }
}

/* ---- as every feature ---- */

void report_init(struct room *r) { list_init(&r->reports); }

void report_fini(struct room *r) {
    list_each (&r->reports, p, struct room_report, link) {
        forget(r, p);
    }
}

void report_dump(const struct room *r, struct buf *b) {
    list_each (&r->reports, p, struct room_report, link) {
        buf_printf(b, "report %llu %lld %s>%s \"%s\" %s\n", (unsigned long long)p->n, (long long)p->at_ms,
                   p->by, p->who, p->name, p->text);
    }
}

void report_image(const struct image *i, const struct room *r) {
    list_each (&r->reports, p, struct room_report, link) {
        struct event e = {
            .seq = 1, .type = EV_REPORTED, .n = p->n, .at_ms = p->at_ms, .text = str_of(p->text)};
        STR_COPY(e.by, str_of(p->by));
        STR_COPY(e.who, str_of(p->who));
        STR_COPY(e.name, str_of(p->name));
        image_put(i, &e);
    }
}
