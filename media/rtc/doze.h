/* doze — which layers of a publisher's picture are worth encoding: one that nobody follows for DOZE_IDLE_US
 * is switched off at the publisher, and on again at once when somebody wants it. It tells the whole wish each
 * time and repeats it while what flows disagrees, so a lost message costs nothing. A worker that mirrors the
 * room tells the same to the room's home, and sooner, for the home waits as well. Pure. Size ~0.1 kB. Limits:
 * DOZE_LAYERS_MAX layers; the first one is never switched off. */
#ifndef DOZE_H
#define DOZE_H
#include <stdbool.h>
#include <stdint.h>

enum {
    DOZE_LAYERS_MAX = 3,
    DOZE_IDLE_US = 8 * 1000 * 1000, /* people come and go, windows are resized: no key frame for each */
    DOZE_IDLE_MIRROR_US = 1000 * 1000,
    DOZE_AGAIN_US = 3 * 1000 * 1000, /* between two tellings of the same */
    DOZE_TRIES = 3,                  /* then it is what it is: a sender that does not listen, a thin line */
    DOZE_WAKE_US = 3 * 1000 * 1000,  /* a layer asked for that does not come in this time will not */
};

struct doze {
    unsigned n, told; /* layers; bits of those that are to be sent, as told last (at first all) */
    unsigned tries;
    int64_t idle_us;
    int64_t needed_us[DOZE_LAYERS_MAX], woken_us[DOZE_LAYERS_MAX];
    int64_t told_us;
};

void doze_init(struct doze *c, unsigned n, bool mirror, int64_t now_us);
/* There are more layers than was known; these flow. */
void doze_grow(struct doze *c, unsigned n, int64_t now_us);
/* needed, flowing: bits of layers. True: tell the publisher to send `told` and nothing else. */
bool doze_step(struct doze *c, unsigned needed, unsigned flowing, int64_t now_us);
/* A layer that does not flow may yet: it sleeps, or was woken just now. Else its sender cannot afford it. */
bool doze_can(const struct doze *c, unsigned layer, int64_t now_us);
bool doze_wakes(const struct doze *c, unsigned layer, int64_t now_us); /* it was woken just now */

#endif
