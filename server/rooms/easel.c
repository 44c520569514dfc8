/* easel — whiteboards: a deck of one endless page and no file. Everybody may draw on one that is open to all.
 */
#include "media/base/mem.h"
#include "server/rooms/parts.h"

bool slides_may_draw(const struct room *r, const struct member *m, const struct deck *deck) {
    return (room_can(r, m) & CAN_SLIDES) || deck->is_open;
}

int easel_make(struct decision *d) {
    if (!room_line_ok(d->cmd->text))
        return decision_refuse(d, -ERR_INVALID, "A board has a title in one line.");
    if (d->r->slides.deck_count >= DECKS_MAX)
        return decision_refuse(d, -ERR_FULL, "There are 20 decks already.");
    decision_put(d, EV_BOARD, "")->text = room_dup(d->cmd->text);
    return 0;
}

int easel_open(struct decision *d) {
    const struct deck *deck = slides_find(d->r, d->cmd->n);
    if (!deck || !deck_is_board(deck))
        return decision_refuse(d, -ERR_MISSING, "There is no such board.");
    if (deck->is_open == d->cmd->on)
        return 0;
    struct event *e = decision_put(d, EV_BOARD_OPEN, "");
    e->n = deck->n;
    e->on = d->cmd->on;
    return 0;
}

void easel_evolve_made(struct room *r, struct member *m, const struct event *e) {
    (void)m;
    slides_put(r, &(struct deck){.n = e->seq, .pages = 1}, e->text);
}

void easel_evolve_open(struct room *r, struct member *m, const struct event *e) {
    struct deck *deck = (struct deck *)slides_find(r, e->n);
    (void)m;
    if (deck && deck_is_board(deck))
        deck->is_open = e->on;
}
