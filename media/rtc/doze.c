#include "media/rtc/doze.h"

void doze_init(struct doze *c, unsigned n, bool mirror, int64_t now_us) {
    *c = (struct doze){.told_us = INT64_MIN / 2, .idle_us = mirror ? DOZE_IDLE_MIRROR_US : DOZE_IDLE_US};
    doze_grow(c, n, now_us);
}

void doze_grow(struct doze *c, unsigned n, int64_t now_us) {
    for (; c->n < n; c->n++) {
        c->told |= 1u << c->n;
        c->needed_us[c->n] = now_us;
        c->woken_us[c->n] = INT64_MIN / 2;
    }
}

static unsigned doze_wish(struct doze *c, unsigned needed, int64_t now_us) {
    unsigned wish = 1;
    for (unsigned i = 0; i < c->n; i++) {
        if (needed & 1u << i)
            c->needed_us[i] = now_us;
        if (now_us - c->needed_us[i] < c->idle_us)
            wish |= 1u << i;
    }
    return wish;
}

bool doze_step(struct doze *c, unsigned needed, unsigned flowing, int64_t now_us) {
    if (c->n < 2)
        return false;
    unsigned wish = doze_wish(c, needed, now_us), woken = wish & ~c->told;
    for (unsigned i = 0; i < c->n; i++) {
        if (woken & 1u << i)
            c->woken_us[i] = now_us;
    }
    /* Only a layer that flows unasked, or is needed and does not, is worth a repetition. */
    bool odd = (flowing & ~wish) || (needed & wish & ~flowing);
    bool again = odd && c->tries < DOZE_TRIES && now_us - c->told_us >= DOZE_AGAIN_US;
    if (wish == c->told && !again)
        return false;
    c->tries = wish == c->told ? c->tries + 1 : 0;
    c->told = wish;
    c->told_us = now_us;
    return true;
}

bool doze_wakes(const struct doze *c, unsigned layer, int64_t now_us) {
    return c->told & 1u << layer && now_us - c->woken_us[layer] < DOZE_WAKE_US;
}

bool doze_can(const struct doze *c, unsigned layer, int64_t now_us) {
    return !(c->told & 1u << layer) || doze_wakes(c, layer, now_us);
}
