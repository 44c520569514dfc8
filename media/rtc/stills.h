/* stills — what a viewer who saves data is shown in place of moving pictures: a key picture of each now and
 * then, within a rate. Turns begin at the same moments for everybody, so that one key frame serves all who
 * save. Pictures that do not fit a turn come first in the next one. Pure. Thread: the worker's. Owner: a
 * view. */
#ifndef STILLS_H
#define STILLS_H
#include <stdbool.h>
#include <stdint.h>

enum {
    STILLS_EVERY_US = 5 * 1000 * 1000,
    STILLS_BPS = 8 * 1000,
    STILLS_USUAL_BYTES = 4000, /* what a still of the smallest layer takes, about */
};

struct stills {
    bool on;
    unsigned next; /* the place that is first in this turn */
    /* private */
    uint64_t taken; /* by place, in this turn */
    bool short_of;  /* there was no room for the place `then` */
    unsigned then;
    int64_t turn;   /* number of the turn that goes on; -1 none */
    int64_t budget; /* bytes it may send; below 0: owed to the turns to come */
    int64_t left;   /* of it, as foreseen */
    uint64_t sent;  /* bytes of pictures at the beginning of the turn */
};

void stills_set(struct stills *s, bool on);
/* Has a new turn begun? Then the account is settled by what was sent in all. */
void stills_turn(struct stills *s, uint64_t sent_bytes, int64_t now_us);
/* May this place (of at most 64) be shown its still now? Once a turn. */
bool stills_take(struct stills *s, unsigned place);
/* When the next turn begins. */
int64_t stills_next_us(int64_t now_us);

#endif
