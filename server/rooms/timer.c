/* timer — a countdown everybody sees: for whom or for what, and when it is over. The page counts. */
#include "media/base/mem.h"
#include "server/rooms/parts.h"

enum { SECONDS_MIN = 5, SECONDS_MAX = 86400 };

int timer_timer(struct decision *d) {
    const struct command *c = d->cmd;
    const struct member *m = c->who[0] ? room_present(d->r, c->who) : NULL;
    if (c->who[0] && !m)
        return decision_refuse(d, -ERR_MISSING, "This person is not in the room.");
    if (c->on && (c->amount < SECONDS_MIN || c->amount > SECONDS_MAX))
        return decision_refuse(d, -ERR_INVALID, "A timer runs for 5 seconds to a day.");
    if (c->text.n && !room_line_ok(c->text))
        return decision_refuse(d, -ERR_INVALID, "A timer has one line of text.");
    if (!c->on && !d->r->timer.is_on)
        return 0;
    struct event *e = decision_put(d, EV_TIMER, c->on ? c->who : "");
    e->on = c->on;
    if (!c->on)
        return 0;
    e->amount = c->amount;
    e->text = room_dup(c->text);
    if (m)
        STR_COPY(e->name, str_of(m->name));
    return 0;
}

void timer_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    mem_free(r->timer.text);
    r->timer =
        (struct room_timer){.is_on = e->on, .at_ms = e->on ? e->at_ms : 0, .seconds = e->on ? e->amount : 0};
    r->timer.text = mem_strndup(e->on && e->text.n ? e->text.p : "", e->on ? e->text.n : 0);
    STR_COPY(r->timer.who, str_of(e->on ? e->who : ""));
    STR_COPY(r->timer.name, str_of(e->on ? e->name : ""));
}

void timer_init(struct room *r) { r->timer.text = mem_strdup(""); }
void timer_fini(struct room *r) { mem_free(r->timer.text); }

void timer_dump(const struct room *r, struct buf *b) {
    if (r->timer.is_on)
        buf_printf(b, "timer %lld %llu %s \"%s\" \"%s\"\n", (long long)r->timer.at_ms,
                   (unsigned long long)r->timer.seconds, r->timer.who, r->timer.name, r->timer.text);
}

void timer_image(const struct image *i, const struct room *r) {
    struct event e = {.seq = 1,
                      .type = EV_TIMER,
                      .at_ms = r->timer.at_ms,
                      .on = true,
                      .amount = r->timer.seconds,
                      .text = str_of(r->timer.text)};
    STR_COPY(e.who, str_of(r->timer.who));
    STR_COPY(e.name, str_of(r->timer.name));
    if (r->timer.is_on)
        image_put(i, &e);
}
