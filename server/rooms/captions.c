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

/* ---- deciding ---- */

int captions_captioner(struct decision *d) {
    const struct member *m = decision_target(d);
    if (!m)
        return -ERR_MISSING;
    if (m->is_captioner != d->cmd->on)
        decision_put(d, EV_CAPTIONER, m->id)->on = d->cmd->on;
    return 0;
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
    struct event *e = decision_put(d, EV_CAPTION, "");
    e->text = room_dup(c->text);
    e->amount = c->amount;
    STR_COPY(e->name, str_of(c->name));
    return 0;
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
    *c = (struct caption){.seq = e->seq, .at_ms = e->at_ms, .ago_ms = e->amount};
    STR_COPY(c->by, str_of(e->by));
    STR_COPY(c->lang, str_of(e->name));
    c->text = mem_strndup(e->text.p, e->text.n);
}

/* ---- as every feature ---- */

void captions_init(struct room *r) { (void)r; }

void captions_fini(struct room *r) {
    for (size_t i = 0; i < CAPTIONS_KEEP; i++)
        mem_free(r->captions.v[i].text);
}

void captions_dump(const struct room *r, struct buf *b) {
    for (size_t i = 0; i < r->captions.count; i++) {
        const struct caption *c = captions_at(&r->captions, i);
        buf_printf(b, "caption %llu %lld-%llu %s %s \"%s\"\n", (unsigned long long)c->seq,
                   (long long)c->at_ms, (unsigned long long)c->ago_ms, c->by, c->lang, c->text);
    }
}

void captions_image(const struct image *i, const struct room *r) {
    for (size_t n = 0; n < r->captions.count; n++) {
        const struct caption *c = captions_at(&r->captions, n);
        struct event e = {.seq = c->seq,
                          .at_ms = c->at_ms,
                          .type = EV_CAPTION,
                          .amount = c->ago_ms,
                          .text = str_of(c->text)};
        STR_COPY(e.by, str_of(c->by));
        STR_COPY(e.name, str_of(c->lang));
        image_put(i, &e);
    }
}
