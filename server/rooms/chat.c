/* chat — messages, numbered by the event that carries them; the last ones are kept for those who come later.
 */
#include "media/base/mem.h"
#include "server/rooms/parts.h"

int chat_chat(struct decision *d) {
    if (!d->me)
        return decision_refuse(d, -ERR_INVALID, "The server does not chat.");
    if (!room_text_ok(d->cmd->text))
        return decision_refuse(d, -ERR_INVALID, "A message has 1 to 2000 characters of text.");
    struct event *e = decision_put(d, EV_CHAT, "");
    STR_COPY(e->name, str_of(d->me->name));
    e->text = (struct str){mem_strndup(d->cmd->text.p, d->cmd->text.n), d->cmd->text.n};
    return 0;
}

int chat_unchat(struct decision *d) {
    for (size_t i = 0; i < d->r->chat_count; i++) {
        const struct room_chat *c = room_chat_at(d->r, i);
        if (c->seq != d->cmd->n)
            continue;
        if (!decision_is_self(d, c->by) && !decision_may(d, CAN_MODERATE))
            return decision_refuse(d, -ERR_DENIED, "Only its author or a moderator may delete a message.");
        decision_put(d, EV_UNCHAT, "")->n = c->seq;
        return 0;
    }
    return decision_refuse(d, -ERR_MISSING, "There is no such message any more.");
}

static void clear(struct room_chat *c) {
    mem_free(c->text);
    *c = (struct room_chat){0};
}

void chat_evolve(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    if (r->chat_count == ROOM_CHAT_KEEP) {
        clear(&r->chat[r->chat_first]);
        r->chat_first = (r->chat_first + 1) % ROOM_CHAT_KEEP;
        r->chat_count--;
    }
    struct room_chat *c = &r->chat[(r->chat_first + r->chat_count++) % ROOM_CHAT_KEEP];
    c->seq = e->seq;
    c->at_ms = e->at_ms;
    STR_COPY(c->by, str_of(e->by));
    STR_COPY(c->name, str_of(e->name));
    c->text = mem_strndup(e->text.n ? e->text.p : "", e->text.n);
}

void chat_evolve_deleted(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    size_t i = 0;
    while (i < r->chat_count && room_chat_at(r, i)->seq != e->n)
        i++;
    if (i == r->chat_count)
        return;
    clear(&r->chat[(r->chat_first + i) % ROOM_CHAT_KEEP]);
    for (; i + 1 < r->chat_count; i++)
        r->chat[(r->chat_first + i) % ROOM_CHAT_KEEP] = r->chat[(r->chat_first + i + 1) % ROOM_CHAT_KEEP];
    r->chat_count--;
    r->chat[(r->chat_first + r->chat_count) % ROOM_CHAT_KEEP] = (struct room_chat){0};
}
