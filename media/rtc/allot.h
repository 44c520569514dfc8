/* allot — what of each picture goes to one viewer within the bit rate his line carries. Pure: a budget and
 * what there is in, a rung of each slot's ladder out; the only memory is what is needed not to flap. Sound is
 * not here: the caller takes it off the budget first, for it always goes. The order: screens as sharp as they
 * are drawn, then the stage until it can be recognised, then everybody else small, then what is left over in
 * the same order. Thread: the worker's. Owner: the view's steering. Size about 0.2 kB. Limits:
 * ALLOT_SLOTS_MAX slots, ALLOT_RUNGS_MAX rungs each. */
#ifndef ALLOT_H
#define ALLOT_H
#include <stdbool.h>
#include <stdint.h>

enum {
    ALLOT_SLOTS_MAX = 12,
    ALLOT_RUNGS_MAX = 12, /* simulcast layers times temporal layers */
    ALLOT_PAUSED = -1,
    ALLOT_DECENT_HEIGHT = 360, /* a face on the stage can be read from here on: before others get anything */
    ALLOT_ENOUGH_PERCENT = 75, /* of the height drawn: a larger picture would not look better */
    ALLOT_KEEP_PERCENT = 110,  /* of the budget: what flows may cost so much and stays, for rates waver */
    ALLOT_RAISE_PERCENT = 90,  /* of the budget: all that may be taken by what is to be made better */
    ALLOT_HOLD_US = 2 * 1000 * 1000, /* nothing is raised so long after something had to be lowered */
    ALLOT_HOLD_MAX_US = 16 * 1000 * 1000,
    ALLOT_WIDER = 2,                   /* unless the line was shown to carry so many times as much */
    ALLOT_UNDONE_US = 6 * 1000 * 1000, /* lowered so soon after a raise: the next one waits twice as long */
};
#define ALLOT_UNLIMITED UINT64_MAX /* the budget of one about whose line nothing bad is known */

enum allot_kind { ALLOT_SCREEN, ALLOT_STAGE, ALLOT_OTHER }; /* also the order */

/* One thing a slot could show. */
struct allot_rung {
    uint32_t bps;
    uint16_t height;    /* pixels; 0 not known */
    uint8_t layer, tid; /* the caller's names, ascending: simulcast layer, highest temporal layer sent */
};
struct allot_slot {
    enum allot_kind kind;
    uint32_t source;                         /* not 0; tells a slot apart from call to call */
    uint16_t want;                           /* height in pixels as drawn; 0 not known: as good as there is */
    uint8_t rung_n;                          /* 0: nothing flows from this source yet */
    struct allot_rung rung[ALLOT_RUNGS_MAX]; /* worst first */
};
struct allot_out {
    int8_t pick[ALLOT_SLOTS_MAX]; /* index of a rung, or ALLOT_PAUSED */
    bool audio_only;              /* there are pictures, and not one of them fits */
    bool less;                    /* some picture is paused, or worse than it is drawn */
    uint64_t used_bps, full_bps;  /* what the picks cost; what everything as drawn would cost */
};

struct allot { /* private */
    struct allot_kept {
        uint32_t source;
        int8_t layer, tid; /* layer ALLOT_PAUSED: nothing */
    } kept[ALLOT_SLOTS_MAX];
    unsigned kept_n;
    bool audio_only;
    int64_t raised_us, raise_from_us, hold_us;
    uint64_t lowered_bps; /* the budget at which something was lowered last */
};

void allot_init(struct allot *a);
/* A probe went through at this rate: what had to be lowered at far less need not wait to be raised. */
void allot_proven(struct allot *a, uint64_t bps);
/* s[0..n) within a kind in order of importance; n at most ALLOT_SLOTS_MAX. */
void allot_run(struct allot *a, const struct allot_slot *s, unsigned n, uint64_t budget_bps, int64_t now_us,
               struct allot_out *out);

#endif
