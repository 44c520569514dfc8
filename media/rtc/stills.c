#include "media/rtc/stills.h"

enum { TURN_BYTES = (int)((int64_t)STILLS_BPS * (STILLS_EVERY_US / 1000000) / 8) };

void stills_set(struct stills *s, bool on) {
    if (s->on != on)
        *s = (struct stills){.on = on, .turn = -1};
}

void stills_turn(struct stills *s, uint64_t sent_bytes, int64_t now_us) {
    int64_t turn = now_us / STILLS_EVERY_US;
    if (turn == s->turn)
        return;
    /* The first turn owes nothing: what moved before was wanted. */
    int64_t rest = s->turn < 0 ? 0 : s->budget - (int64_t)(sent_bytes - s->sent);
    s->budget = s->left = (rest < 0 ? rest : 0) + TURN_BYTES;
    s->next = s->short_of ? s->then : s->next;
    s->short_of = false;
    s->taken = 0;
    s->turn = turn;
    s->sent = sent_bytes;
}

bool stills_take(struct stills *s, unsigned place) {
    uint64_t bit = (uint64_t)1 << place;
    if (s->taken & bit)
        return false;
    if (s->left <= 0) {
        s->then = s->short_of ? s->then : place;
        s->short_of = true;
        return false;
    }
    s->left -= STILLS_USUAL_BYTES;
    s->taken |= bit;
    return true;
}

int64_t stills_next_us(int64_t now_us) { return (now_us / STILLS_EVERY_US + 1) * STILLS_EVERY_US; }
