#include "server/rooms/captions.h"

#include "media/base/mem.h"
#include "server/rooms/parts.h"

bool captions_lang_ok(struct str lang) {
    bool ok = lang.n >= 2 && lang.n <= CAPTION_LANG_MAX;
    for (size_t i = 0; ok && i < lang.n; i++)
        ok = lang.p[i] >= 'a' && lang.p[i] <= 'z';
    return ok;
}

bool captions_may(const struct room *r, const struct member *m) {
    return m->is_captioner || (room_can(r, m) & CAN_CAPTION);
}

const struct caption *captions_at(const struct captions *c, size_t i) {
    return &c->v[(c->first + i) % CAPTIONS_KEEP];
}

static const struct caption *find(const struct room *r, uint64_t seq) {
    for (size_t i = r->captions.count; i-- > 0;)
        if (captions_at(&r->captions, i)->seq == seq)
            return captions_at(&r->captions, i);
    return NULL;
}

/* ---- deciding ---- */

int captions_captioner(struct decision *d) {
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if (m->is_captioner != d->cmd->on)
        decision_put(d, EV_CAPTIONER, m->id)->on = d->cmd->on;
    return 0;
}

/* Sent again after a cut that took the answer, not the line; what was taken back meanwhile stays so. */
static bool is_here(const struct decision *d) {
    for (size_t i = d->r->captions.count; d->cmd->n && i-- > 0;) {
        const struct caption *c = captions_at(&d->r->captions, i);
        if (c->once == d->cmd->n && decision_is_self(d, c->by))
            return true;
    }
    return false;
}

int captions_caption(struct decision *d) {
    const struct command *c = d->cmd;
    if (d->me && !captions_may(d->r, d->me))
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this, or not just now.");
    if (d->me && room_table(d->r, d->me)) /* captions are read by all, and not all are at this table */
        return decision_refuse(d, -ERR_CONFLICT, "There are no captions at a table.");
    if (!room_line_ok(c->text) || !captions_lang_ok(str_of(c->name)) || c->amount > CAPTION_AGO_MAX_MS)
        return decision_refuse(d, -ERR_INVALID,
                               "A caption is one line in a language, begun a minute ago at most.");
    if (is_here(d))
        return 0;
    struct event *e = decision_put(d, EV_CAPTION, "");
    e->text = room_dup(c->text);
    e->amount = c->amount;
    e->n = c->n;
    STR_COPY(e->name, str_of(c->name));
    return 0;
}

/* The line in question, if the actor may change it. */
static int changeable(struct decision *d, const struct caption **out) {
    const struct caption *c = *out = find(d->r, d->cmd->n);
    if (!c)
        return decision_refuse(d, -ERR_MISSING, "There is no such line any more.");
    if (!decision_may(d, CAN_MODERATE) && !(decision_is_self(d, c->by) && captions_may(d->r, d->me)))
        return decision_refuse(d, -ERR_DENIED, "Only who wrote a line, or a moderator, may change it.");
    return 0;
}

int captions_edit(struct decision *d) {
    const struct caption *c;
    int err = changeable(d, &c);
    if (err)
        return err;
    if (!c->text)
        return decision_refuse(d, -ERR_MISSING, "There is no such line any more.");
    if (!room_line_ok(d->cmd->text))
        return decision_refuse(d, -ERR_INVALID, "A caption is one line of 1 to 200 characters.");
    if (str_is(d->cmd->text, c->text))
        return 0;
    struct event *e = decision_put(d, EV_CAPTION_EDIT, "");
    e->n = c->seq;
    e->text = room_dup(d->cmd->text);
    return 0;
}

int captions_drop(struct decision *d) {
    const struct caption *c;
    int err = changeable(d, &c);
    if (!err && c->text)
        decision_put(d, EV_CAPTION_DROPPED, "")->n = c->seq;
    return err;
}

/* ---- evolving ---- */

void captions_evolve_captioner(struct room *r, struct member *m, const struct event *e) {
    (void)r;
    if (m && (m->state == MEMBER_PRESENT || m->state == MEMBER_ABSENT))
        m->is_captioner = e->on;
}

void captions_evolve(struct room *r, struct member *m, const struct event *e) {
    struct captions *s = &r->captions;
    (void)m;
    if (!room_line_ok(e->text) || !captions_lang_ok(str_of(e->name)) || e->amount > CAPTION_AGO_MAX_MS)
        return;
    struct caption *c = &s->v[(s->first + s->count) % CAPTIONS_KEEP];
    if (s->count == CAPTIONS_KEEP) {
        s->first = (s->first + 1) % CAPTIONS_KEEP;
        mem_free(c->text);
    } else {
        s->count++;
    }
    *c = (struct caption){.seq = e->seq, .at_ms = e->at_ms, .ago_ms = e->amount, .once = e->n};
    STR_COPY(c->by, str_of(e->by));
    STR_COPY(c->lang, str_of(e->name));
    c->text = mem_strndup(e->text.p, e->text.n);
}

void captions_evolve_edited(struct room *r, struct member *m, const struct event *e) {
    struct caption *c = (struct caption *)find(r, e->n);
    (void)m;
    if (!c || !c->text || !room_line_ok(e->text))
        return;
    mem_free(c->text);
    c->text = mem_strndup(e->text.p, e->text.n);
}

void captions_evolve_dropped(struct room *r, struct member *m, const struct event *e) {
    struct caption *c = (struct caption *)find(r, e->n);
    (void)m;
    if (!c)
        return;
    mem_free(c->text);
    c->text = NULL;
}

/* ---- as every feature ---- */

void captions_init(struct room *r) { r->captions.v = mem_zalloc(CAPTIONS_KEEP * sizeof *r->captions.v); }

void captions_fini(struct room *r) {
    for (size_t i = 0; i < CAPTIONS_KEEP; i++)
        mem_free(r->captions.v[i].text);
    mem_free(r->captions.v);
}

void captions_dump(const struct room *r, struct buf *b) {
    for (size_t i = 0; i < r->captions.count; i++) {
        const struct caption *c = captions_at(&r->captions, i);
        buf_printf(b, "caption %llu %lld-%llu %s %s once=%llu \"%s\"%s\n", (unsigned long long)c->seq,
                   (long long)c->at_ms, (unsigned long long)c->ago_ms, c->by, c->lang,
                   (unsigned long long)c->once, c->text ? c->text : "", c->text ? "" : " gone");
    }
}

void captions_image(const struct image *i, const struct room *r) {
    for (size_t n = 0; n < r->captions.count; n++) {
        const struct caption *c = captions_at(&r->captions, n);
        struct event e = {.seq = c->seq,
                          .at_ms = c->at_ms,
                          .type = EV_CAPTION,
                          .amount = c->ago_ms,
                          .n = c->once,
                          .text = c->text ? str_of(c->text) : STR("-")};
        STR_COPY(e.by, str_of(c->by));
        STR_COPY(e.name, str_of(c->lang));
        image_put(i, &e);
        if (!c->text)
            image_put(i, &(struct event){.seq = 1, .type = EV_CAPTION_DROPPED, .n = c->seq});
    }
}
